//! Scenes made of sizes: what is told of them.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use base::Ticks;
use proptest::prelude::*;

use super::*;
use crate::index::{Anchor, Chunk, Sample};
use crate::params::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};

const START: i64 = 1_795_377_600;

/// Numbers that look random, the same each time.
struct Noise(u64);

impl Noise {
    /// From `-spread` to `spread`.
    fn within(&mut self, spread: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) as i64 % (2 * spread + 1) - spread
    }
}

/// A camera of a still scene in which something moves now and then.
#[derive(Clone)]
struct Camera {
    /// Pictures a second.
    rate: u32,
    /// Pictures from key frame to key frame.
    gop: u32,
    key: i64,
    picture: i64,
    /// In percent of a picture.
    noise: i64,
}

const DAY: Camera = Camera { rate: 25, gop: 50, key: 60_000, picture: 900, noise: 20 };

impl Camera {
    /// So many seconds; each picture of second n is `times(n)` percent of the usual size.
    fn film(&self, seconds: u32, times: impl Fn(u32) -> i64) -> SegmentIndex {
        let mut noise = Noise(7);
        let mut film = Film::default();
        for number in 0..seconds * self.rate {
            let key = number.is_multiple_of(self.gop);
            let size = if key { self.key } else { self.picture * times(number / self.rate) / 100 };
            let spread = self.noise * if key { 1 } else { 5 };
            let size = size + size * noise.within(spread) / 500;
            film.add(size, 90_000 / self.rate, key);
        }
        film.index()
    }
}

#[derive(Default)]
struct Film(Vec<Sample>);

impl Film {
    fn add(&mut self, size: i64, duration: u32, key: bool) {
        let size = u32::try_from(size).unwrap();
        self.0.push(Sample { size, duration, composition_offset: 0, key });
    }

    fn index(self) -> SegmentIndex {
        let video = TrackParams::Video(VideoParams {
            codec: VideoCodec::H264,
            width: 1920,
            height: 1080,
            pixel_aspect: (1, 1),
            config: vec![1].into(),
            reorder_depth: 0,
        });
        let wall = WallTime::from_micros(START * SECOND_MICROS);
        let track = TrackIndex {
            params: Arc::new(video),
            start: Ticks(0),
            samples: self.0,
            chunks: vec![Chunk { first_sample: 0, offset: 0 }],
            anchors: vec![Anchor { first_sample: 0, media: Ticks(0), wall }],
        };
        SegmentIndex { tracks: vec![track] }
    }
}

fn values(index: &SegmentIndex, seconds: i64) -> Vec<u8> {
    let activity = Activity::of(index);
    (START..START + seconds).map(|second| activity.at(second)).collect()
}

/// The first and the last second with a value of `least` or more, and how many there are.
fn active(index: &SegmentIndex, least: u8) -> Option<(i64, i64, usize)> {
    let activity = Activity::of(index);
    let found: Vec<i64> =
        activity.iter().filter(|(_, value)| *value >= least).map(|(at, _)| at - START).collect();
    Some((*found.first()?, *found.last()?, found.len()))
}

#[test]
fn a_still_scene_is_still_whatever_its_key_frames() {
    for gop in [25, 50, 60, 250, 7500] {
        let camera = Camera { gop, ..DAY };
        assert_eq!(active(&camera.film(300, |_| 100), 1), None, "a key frame each {gop}");
    }
}

#[test]
fn the_pictures_behind_a_key_frame_are_no_motion_at_the_edge_of_a_segment() {
    // As x264 makes them of a wall with noise at ten pictures a second: the first that build on a
    // key frame are the largest. The segment begins at each tenth of a second.
    let sizes = [202, 123, 106, 65, 71, 41, 60, 36, 47, 45, 47, 36, 46, 30, 154, 58, 37, 28, 37];
    for tenth in 0..10 {
        let mut film = Film::default();
        for _ in 0..6 {
            film.add(4724, 9_000, true);
            sizes.iter().for_each(|size| film.add(*size, 9_000, false));
        }
        let mut index = film.index();
        index.tracks[0].anchors[0].wall =
            WallTime::from_micros(START * SECOND_MICROS + tenth * 100_000);
        assert_eq!(active(&index, 32), None, "{tenth} tenths into a second");
    }
}

#[test]
fn what_moves_for_some_seconds_shows_in_just_these() {
    let index = DAY.film(300, |second| if (100..108).contains(&second) { 400 } else { 100 });
    assert_eq!(active(&index, 60), Some((100, 107, 8)));
    assert_eq!(active(&index, 1), Some((100, 107, 8)));
    let more = DAY.film(300, |second| if second == 100 { 2000 } else { 100 });
    assert!(values(&more, 300)[100] > values(&index, 300)[100], "more that moves is more");
}

#[test]
fn noise_at_night_is_no_motion_and_motion_is_seen_in_it() {
    // Pictures are a quarter of a key frame, and differ by half.
    let night = Camera { picture: 12_000, key: 50_000, noise: 50, ..DAY };
    assert_eq!(active(&night.film(300, |_| 100), 1), None);
    let moved = night.film(300, |second| if (200..205).contains(&second) { 250 } else { 100 });
    assert_eq!(active(&moved, 40), Some((200, 204, 5)));
}

#[test]
fn a_step_of_the_bit_rate_is_the_new_usual_within_five_minutes() {
    let step = |at: u32, seconds: u32| {
        DAY.film(seconds, move |second| if second < at { 100 } else { 500 })
    };
    // Where the step is early, what follows it is most of the window.
    assert_eq!(active(&step(30, 300), 1), None);
    let (first, last, _) = active(&step(200, 1500), 1).unwrap();
    assert!(first == 200 && last < 500, "{first} to {last}");
    // The next segment knows of nothing else.
    assert_eq!(active(&step(0, 300), 1), None);
}

#[test]
fn other_rates_of_pictures_are_no_motion() {
    let mut film = Film::default();
    for number in 0..300 * 25 {
        // Half of the pictures from the middle on, each twice as long.
        let (late, odd) = (number > 150 * 25, number % 2 == 1);
        if !(late && odd) {
            let key = number % 50 == 0;
            film.add(if key { 60_000 } else { 900 }, if late { 7200 } else { 3600 }, key);
        }
    }
    assert_eq!(active(&film.index(), 1), None);
}

#[test]
fn a_lone_large_picture_is_what_an_encoder_does() {
    let mut film = Film::default();
    for number in 0..300 * 25 {
        let size = if number == 0 {
            60_000
        } else if number % 100 == 50 {
            30_000
        } else {
            900
        };
        film.add(size, 3600, number == 0);
    }
    assert_eq!(active(&film.index(), 1), None);
}

#[test]
fn where_the_bit_rate_is_held_key_frames_that_shrink_show_motion() {
    let mut film = Film::default();
    let mut noise = Noise(3);
    for number in 0..300 * 25 {
        let moves = (100 * 25..110 * 25).contains(&number);
        let (key, picture) = if moves { (25_000, 10_500) } else { (60_000, 9000) };
        let is_key = number % 25 == 0;
        let size = if is_key { key } else { picture };
        film.add(size + size * noise.within(50) / 1000, 3600, is_key);
    }
    let (first, last, count) = active(&film.index(), 30).unwrap();
    assert!((99..=100).contains(&first) && (109..=110).contains(&last) && count >= 10);
}

#[test]
fn a_key_frame_that_is_smaller_than_others_is_no_motion_where_pictures_are_small() {
    let mut film = Film::default();
    for number in 0..300 * 25 {
        let key = if number == 50 * 30 { 10_000 } else { 60_000 };
        film.add(if number % 50 == 0 { key } else { 600 }, 3600, number % 50 == 0);
    }
    assert_eq!(active(&film.index(), 1), None);
}

#[test]
fn pictures_that_last_for_seconds_stand_for_all_of_them() {
    let mut film = Film::default();
    // One picture in two seconds.
    for number in 0..150 {
        let size = if (50..53).contains(&number) { 20_000 } else { 900 };
        film.add(if number % 30 == 0 { 60_000 } else { size }, 180_000, number % 30 == 0);
    }
    assert_eq!(active(&film.index(), 60), Some((100, 105, 6)));
}

#[test]
fn key_frames_alone_are_held_against_their_usual_size() {
    let mut film = Film::default();
    for number in 0..300i64 * 5 {
        let moves = (100 * 5..110 * 5).contains(&number);
        film.add(if moves { 75_000 } else { 60_000 + number % 7 * 100 }, 18_000, true);
    }
    assert_eq!(active(&film.index(), 60), Some((100, 109, 10)));
}

#[test]
fn sound_alone_and_nothing_have_none() {
    let sound = TrackParams::Audio(AudioParams {
        codec: AudioCodec::Aac,
        sample_rate: 48_000,
        channels: 1,
        config: vec![0x11, 0x88].into(),
    });
    let mut index = Film::default().index();
    assert!(Activity::of(&index).is_still());
    let mut film = DAY.film(20, |_| 100);
    film.tracks[0].params = Arc::new(sound);
    assert!(Activity::of(&film).is_still());
    index.tracks.clear();
    assert_eq!(Activity::of(&index), Activity::default());
}

#[test]
fn a_still_hour_is_one_byte_and_an_event_a_few() {
    let still = Activity::of(&DAY.film(300, |_| 100));
    assert_eq!(still.pack(), [1]);
    let moved = DAY.film(300, |second| if (100..103).contains(&second) { 400 } else { 100 });
    let activity = Activity::of(&moved);
    let packed = activity.pack();
    assert_eq!((packed.len(), &packed[..3]), (6, &[1, 100, 3][..]));
    let start = WallTime::from_micros(START * SECOND_MICROS + 999_999);
    assert_eq!(Activity::unpack(&packed, start), Some(activity));
    assert_eq!(Activity::unpack(&[2], start), None, "another version");
    assert_eq!(Activity::unpack(&[1, 0], start), None, "cut off");
    assert_eq!(Activity::unpack(&[], start), None);
    let endless = [1, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 9];
    assert_eq!(Activity::unpack(&endless, start), None, "longer than any segment is judged");
}

proptest! {
    #[test]
    fn values_survive_being_packed(
        runs in prop::collection::vec((0usize..9, prop::collection::vec(any::<u8>(), 0..6)), 0..40),
    ) {
        let mut seconds = Vec::new();
        for (zeros, some) in runs {
            seconds.resize(seconds.len() + zeros, 0);
            seconds.extend(some);
        }
        let activity = Activity { first: START, seconds };
        let start = WallTime::from_micros(START * SECOND_MICROS);
        let back = Activity::unpack(&activity.pack(), start).unwrap();
        let all = START - 2..START + 500;
        prop_assert!(all.clone().all(|at| activity.at(at) == back.at(at)));
        prop_assert!(activity.pack().len() <= 4 + activity.seconds.len());
    }

    #[test]
    fn nothing_that_a_file_says_ends_in_a_panic(
        samples in prop::collection::vec(
            (any::<u32>(), any::<u32>(), any::<i32>(), any::<bool>()), 0..80),
        wall in -(1i64 << 40)..1 << 60,
    ) {
        let mut index = Film::default().index();
        let track = &mut index.tracks[0];
        for (size, duration, composition_offset, key) in samples {
            track.samples.push(Sample { size, duration, composition_offset, key });
        }
        track.anchors[0].wall = WallTime::from_micros(wall);
        let activity = Activity::of(&index);
        prop_assert!(activity.seconds.len() <= ACTIVITY_SECONDS_MAX);
        prop_assert_eq!(Activity::of(&index), activity);
    }

    #[test]
    fn a_still_scene_is_still_at_any_rate_size_and_noise(
        rate in 4u32..31, picture in 40i64..20_000, noise in 0i64..60, gop in 1u32..8,
    ) {
        let camera = Camera { rate, gop: gop * rate, key: 60_000, picture, noise };
        // What a search takes unless it is told otherwise; noise of three pictures a second may
        // reach that once or twice in five minutes.
        let found = active(&camera.film(300, |_| 100), 64).map_or(0, |(_, _, seconds)| seconds);
        prop_assert!(found <= if rate < 8 { 2 } else { 0 }, "{} seconds", found);
    }

    #[test]
    fn a_minute_that_moves_is_found_in_it(
        rate in 8u32..31, picture in 40i64..3000, at in 10u32..230, noise in 0i64..30,
    ) {
        let camera = Camera { rate, gop: 2 * rate, key: 60_000, picture, noise };
        let lasts = at..at + 60;
        let index = camera.film(300, |second| {
            if lasts.contains(&second) { 300 + 600_000 / picture } else { 100 }
        });
        let (first, last, count) = active(&index, 30).unwrap();
        prop_assert_eq!((first, last, count), (i64::from(at), i64::from(at) + 59, 60));
    }
}
