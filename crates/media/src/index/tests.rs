//! The index by hand, and packed.

#![allow(clippy::unwrap_used)]

use proptest::strategy::Strategy;

use super::*;
use crate::params::{AudioCodec, AudioParams};

const SECOND: i64 = 1_000_000;

fn telephone() -> Arc<TrackParams> {
    Arc::new(TrackParams::Audio(AudioParams::g711(AudioCodec::Alaw, 8000, 1)))
}

/// A track of 8,000 ticks a second whose samples are (duration, composition offset).
fn track(samples: &[(u32, i32)], anchors: &[(u32, i64, i64)]) -> TrackIndex {
    let sample = |(duration, composition_offset): &(u32, i32)| Sample {
        size: 100,
        duration: *duration,
        composition_offset: *composition_offset,
        key: true,
    };
    let anchor = |(first_sample, media, wall): &(u32, i64, i64)| Anchor {
        first_sample: *first_sample,
        media: Ticks(*media),
        wall: WallTime::from_micros(*wall),
    };
    TrackIndex {
        params: telephone(),
        start: Ticks(0),
        samples: samples.iter().map(sample).collect(),
        chunks: vec![Chunk { first_sample: 0, offset: 1000 }],
        anchors: anchors.iter().map(anchor).collect(),
    }
}

#[test]
fn a_sample_stands_for_its_anchor_and_the_camera_time_since() {
    let track = track(&[(4000, 0); 4], &[(0, 0, SECOND), (2, 8000, 2 * SECOND + 500)]);
    let walls: Vec<_> = track.times().map(|time| time.wall.as_micros()).collect();
    assert_eq!(walls, [1_000_000, 1_500_000, 2_000_500, 2_500_500]);
    assert_eq!(track.wall_of(3), Some(WallTime::from_micros(2_500_500)));
    assert_eq!(track.wall_of(4), None);
    let (start, end) = track.span().unwrap();
    assert_eq!((start.as_micros(), end.as_micros()), (1_000_000, 3_000_500));
}

#[test]
fn a_span_ends_after_the_picture_presented_last() {
    // Decoded I P B B, presented I B B P: 0, 3, 1, 2 with a depth of one.
    let samples = [(100, 100), (100, 300), (100, 0), (100, 0)];
    let track = track(&samples, &[(0, 100, SECOND)]);
    let (start, end) = track.span().unwrap();
    assert_eq!(end.micros_since(start), 400 * SECOND / 8000);
    assert_eq!(track.last_decode(), Some(Ticks(300)));
}

#[test]
fn durations_on_the_grid_take_in_what_the_clock_was_slewed() {
    // The second commit is 1 ms (8 ticks) later than the camera's time says.
    let samples = [(4000, 0); 4];
    let anchors = [(0, 0, SECOND), (2, 8000, 2 * SECOND + 1000)];
    let grid: Vec<_> = track(&samples, &anchors).times().map(|time| time.grid_dts).collect();
    assert_eq!(grid, [8000, 12_000, 16_008, 20_008]);
    let totals = track(&samples, &anchors).totals();
    // 4000, 4008, 4000 and the last one for itself.
    assert_eq!((totals.duration_runs, totals.composition_runs), (4, 1));
    assert_eq!((totals.samples, totals.bytes, totals.key_frames, totals.chunks), (4, 400, 4, 1));
    assert_eq!(track(&samples, &anchors[..1]).totals().duration_runs, 2);
}

#[test]
fn the_grid_never_falls() {
    let samples = [(1, 0); 4];
    let anchors = [(0, 0, SECOND), (2, 2, SECOND - 1000)];
    let grid: Vec<_> = track(&samples, &anchors).times().map(|time| time.grid_dts).collect();
    assert_eq!(grid, [8000, 8001, 8001, 8001]);
}

proptest::proptest! {
    #[test]
    fn strides_say_of_every_sample_what_its_times_say(
        samples in proptest::collection::vec((0u32..50, -20i32..60), 1..60),
        anchors in proptest::collection::vec((1u32..20, -9000i64..90_000), 0..12),
        from in 0usize..70,
        len in 0usize..70,
    ) {
        let mut all = vec![(0, 0, SECOND)];
        for (step, micros) in anchors {
            let (first, _, wall) = all[all.len() - 1];
            let decode = samples.iter().take((first + step) as usize).map(|(d, _)| i64::from(*d));
            if ((first + step) as usize) < samples.len() {
                all.push((first + step, decode.sum(), wall + micros));
            }
        }
        let track = track(&samples, &all);
        let columns = TrackColumns::of(&track);
        let (mut told, mut walls) = (Vec::new(), columns.walls());
        for stride in columns.strides(from..from + len) {
            assert!(stride.behind == 0 || stride.samples.len() == 1);
            let mut decode = stride.grid_dts;
            for sample in &track.samples[stride.samples] {
                let offset = i64::from(sample.composition_offset) - stride.behind;
                told.push((decode, decode + offset));
                decode += i64::from(sample.duration);
            }
        }
        let times = track.times().skip(from).take(len);
        let times: Vec<_> = times.map(|time| (time.grid_dts, time.grid_pts)).collect();
        assert_eq!(told, times);
        // The wall times of all of them, or of some.
        for (sample, time) in track.times().enumerate().skip(from).step_by(len % 5 + 1) {
            assert_eq!(walls.of(sample), Some(time.wall));
        }
        assert_eq!(walls.of(track.samples.len()), None);
    }
}

proptest::proptest! {
    #[test]
    fn ticks_are_the_nearest(micros in -(1i64 << 62)..1 << 62, hertz in 1u32..400_000) {
        let exact = i128::from(micros) * i128::from(hertz) + 500_000;
        let ticks = nearest_ticks(Timescale::new(hertz).unwrap(), micros);
        assert_eq!(i128::from(ticks.0), exact.div_euclid(1_000_000));
    }
}

#[test]
fn an_empty_track_has_no_totals_and_no_span() {
    let empty = TrackIndex::new(telephone());
    assert_eq!((empty.totals(), empty.span()), (TrackTotals::default(), None));
    assert!(empty.is_sound());
}

#[test]
fn a_batch_gives_the_sample_before_it_its_true_duration() {
    let mut index = SegmentIndex::new(&[telephone()]);
    let sample = Sample { size: 1, duration: 160, composition_offset: 0, key: true };
    for first_decode in [0, 200] {
        let first_sample = index.tracks[0].samples.len() as u32;
        let part = TrackPart {
            first_decode: Ticks(first_decode),
            samples: vec![sample],
            chunks: vec![Chunk { first_sample, offset: first_decode as u64 }],
            anchor: Some(Anchor {
                first_sample,
                media: Ticks(first_decode),
                wall: WallTime::EPOCH,
            }),
        };
        index.extend(&IndexPart { tracks: vec![part] });
    }
    let durations: Vec<_> = index.tracks[0].samples.iter().map(|s| s.duration).collect();
    assert_eq!(durations, [200, 160]);
}

#[test]
fn instants_that_cannot_be_counted_with_are_refused() {
    for (media, wall, is_sound) in [
        (0, 1_795_378_500 * SECOND, true),
        (0, -SECOND, true),
        (0, i64::MAX, true),
        (0, i64::MIN, true),
        (i64::MAX, 0, false),
        (i64::MIN, 0, false),
    ] {
        let track = track(&[(3000, i32::MIN), (u32::MAX, i32::MAX)], &[(0, media, wall)]);
        assert_eq!(track.is_sound(), is_sound, "media {media}, wall {wall}");
        if is_sound {
            assert_eq!(track.totals().samples, 2);
        }
    }
}

#[test]
fn a_steady_hour_packs_to_two_bytes_a_sample() {
    let count = 30 * 300;
    let samples = (0..count).map(|at| Sample {
        size: if at % 60 == 0 { 90_000 } else { 14_000 + at * 7919 % 4000 },
        duration: 3000,
        composition_offset: 0,
        key: at % 60 == 0,
    });
    let chunks =
        (0..300).map(|at| Chunk { first_sample: at * 30, offset: u64::from(at) * 500_000 });
    let anchors = (0..300).map(|at| Anchor {
        first_sample: at * 30,
        media: Ticks(i64::from(at) * 90_000),
        wall: WallTime::from_micros(1_795_378_500_000_000 + i64::from(at) * SECOND),
    });
    let track = TrackIndex {
        params: telephone(),
        start: Ticks(0),
        samples: samples.collect(),
        chunks: chunks.collect(),
        anchors: anchors.collect(),
    };
    let index = SegmentIndex { tracks: vec![track] };
    let packed = index.pack();
    assert!(packed.len() < count as usize * 5 / 2, "{} bytes", packed.len());
    assert_eq!(SegmentIndex::unpack(&packed, &[telephone()]), Some(index));
}

proptest::proptest! {
    /// Whichever form each column takes, wherever key frames are, however much sizes differ.
    #[test]
    fn columns_and_sizes_alone_are_those_of_the_whole_index(
        tracks in proptest::collection::vec((0u32..25).prop_flat_map(|bits| {
            let size = 1u32..(1 << bits) + 1;
            proptest::collection::vec((size, 0u32..3, -1i32..2, 0u8..40), 0..80)
        }), 0..3),
        batch in 1usize..20,
    ) {
        let track = |samples: &Vec<(u32, u32, i32, u8)>| {
            let sample = |(size, duration, composition_offset, key): &(u32, u32, i32, u8)| Sample {
                size: *size,
                duration: *duration,
                composition_offset: *composition_offset,
                key: key % 8 == 0,
            };
            let firsts = (0..samples.len() as u32).step_by(batch);
            let chunk = |first| Chunk { first_sample: first, offset: u64::from(first) << 20 };
            let anchor = |first_sample| Anchor {
                first_sample,
                media: Ticks(first_sample.into()),
                wall: WallTime::from_micros(i64::from(first_sample) * SECOND),
            };
            TrackIndex {
                params: telephone(),
                start: Ticks(0),
                samples: samples.iter().map(sample).collect(),
                chunks: firsts.clone().map(chunk).collect(),
                anchors: firsts.map(anchor).collect(),
            }
        };
        let index = SegmentIndex { tracks: tracks.iter().map(track).collect() };
        let sizes = |track: &TrackIndex| track.samples.iter().map(|sample| sample.size).collect();
        let sizes: Vec<Vec<u32>> = index.tracks.iter().map(sizes).collect();
        let packed = index.pack();
        for wanted in [[true, true], [true, false], [false, true]] {
            let wanted = &wanted[..index.tracks.len()];
            let own = sizes.iter().zip(wanted);
            let own = own.map(|(own, wanted)| own.iter().filter(|_| *wanted).copied().collect());
            proptest::prop_assert_eq!(
                SegmentIndex::unpack_sizes(&packed, wanted), Some(own.collect()));
        }
        let params = vec![telephone(); index.tracks.len()];
        let columns = SegmentColumns::unpack(&packed, &params);
        proptest::prop_assert_eq!(columns, Some(SegmentColumns::of(&index)));
        proptest::prop_assert_eq!(SegmentIndex::unpack(&packed, &params), Some(index));
    }
}
