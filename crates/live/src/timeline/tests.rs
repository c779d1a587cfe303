//! Frames of made-up clocks, as viewers see their times.

use super::*;
use base::{MonoTime, WallTime};
use media::{Access, AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
use std::sync::Arc;

fn epoch(run: u8, number: u32) -> Epoch {
    let video = TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 640,
        height: 480,
        pixel_aspect: (1, 1),
        config: bytes::Bytes::new(),
        reorder_depth: 0,
    });
    let audio = TrackParams::Audio(AudioParams {
        codec: AudioCodec::Aac,
        sample_rate: 8000,
        channels: 1,
        config: bytes::Bytes::new(),
    });
    Epoch {
        run: RunId::from_bytes([run; 16]),
        number,
        tracks: vec![Arc::new(video), Arc::new(audio)],
        begun: WallTime::EPOCH,
    }
}

fn frame(track: usize, ticks: i64) -> Frame {
    Frame {
        track,
        pts: Ticks(ticks),
        dts: Ticks(ticks),
        duration: if track == 0 { 3600 } else { 1024 },
        access: Access::Idr,
        data: bytes::Bytes::new(),
        received: MonoTime::default(),
        received_wall: WallTime::from_micros(1_000_000_000),
    }
}

fn clock(video: i64, audio: Option<i64>) -> ClockEstimate {
    ClockEstimate { offsets: vec![Some(video), audio], settled: true }
}

/// One whose media time 0 is there.
fn scale(zero: i64) -> Scale {
    let scale = Scale::since(WallTime::EPOCH);
    scale.learn(zero);
    scale
}

/// Media time in milliseconds.
fn place(t: &mut Timeline, e: &Epoch, f: Frame, c: &ClockEstimate) -> Option<i64> {
    t.place(e, f, Some(c)).map(|placed| placed.start_micros / 1000)
}

#[test]
fn the_first_frame_stands_one_second_in_and_tells_the_wall_time() {
    let (mut timeline, epoch) = (Timeline::default(), epoch(1, 0));
    let placed = timeline.place(&epoch, frame(0, 90_000), Some(&clock(500_000_000, None)));
    let placed = placed.expect("it has a clock");
    assert_eq!(placed.start_micros, 1_000_000);
    assert_eq!(placed.zero + placed.start_micros, 501_000_000);
}

#[test]
fn streams_have_one_scale_unless_the_clock_was_set_back() {
    let epoch = epoch(1, 0);
    let first = |wall: i64| {
        let mut timeline = Timeline::on(scale(499_000_000));
        place(&mut timeline, &epoch, frame(0, 0), &clock(wall, None))
    };
    assert_eq!(first(500_000_000), Some(1000));
    assert_eq!(first(560_000_000), Some(61_000), "a minute later");
    assert_eq!(first(400_000_000), Some(1000), "before there was anything");
}

#[test]
fn a_scale_is_ahead_of_all_that_began_before_it() {
    let begun = 1_795_377_600_000_000;
    let at = |begun: i64, wall: i64| wall - Scale::since(WallTime::from_micros(begun)).zero();
    assert!((0..1 << 52).contains(&at(begun, begun)), "exact where it is a floating-point number");
    // Two seconds later; after a day in which the first one was watched.
    for later in [begun + 2_000_000, begun + 86_400_000_000] {
        assert!(at(later, later) - at(begun, later) >= 6 * (later - begun));
    }
    // Before there was a clock: whatever comes is not placed before zero.
    let mut timeline = Timeline::on(Scale::since(WallTime::EPOCH));
    let placed = place(&mut timeline, &epoch(1, 0), frame(0, 0), &clock(0, None));
    assert_eq!(placed, Some(1000));
}

#[test]
fn audio_waits_for_its_clock_and_then_stands_beside_the_picture() {
    let (mut timeline, epoch) = (Timeline::default(), epoch(1, 0));
    assert_eq!(place(&mut timeline, &epoch, frame(0, 0), &clock(5_000_000, None)), Some(1000));
    assert_eq!(place(&mut timeline, &epoch, frame(1, 800), &clock(5_000_000, None)), None);
    // Audio tick 0 is 200 ms before video tick 0.
    let both = clock(5_000_000, Some(4_800_000));
    assert_eq!(place(&mut timeline, &epoch, frame(1, 1600), &both), Some(1000));
    // A little off is left alone, more is put right.
    let slewed = clock(5_000_000, Some(4_810_000));
    assert_eq!(place(&mut timeline, &epoch, frame(1, 2400), &slewed), Some(1100));
    let jumped = clock(5_000_000, Some(4_900_000));
    assert_eq!(place(&mut timeline, &epoch, frame(1, 3200), &jumped), Some(1300));
}

#[test]
fn a_new_run_goes_on_later_never_earlier() {
    let mut timeline = Timeline::default();
    let (first, second, third) = (epoch(1, 0), epoch(2, 0), epoch(3, 0));
    place(&mut timeline, &first, frame(0, 0), &clock(0, None));
    assert_eq!(place(&mut timeline, &first, frame(0, 90_000), &clock(0, None)), Some(2000));
    // Ten seconds on by the wall clock.
    let later = clock(10_000_000, None);
    assert_eq!(place(&mut timeline, &second, frame(0, 0), &later), Some(11_000));
    // The wall clock was set back.
    let back = clock(-50_000_000, None);
    assert_eq!(place(&mut timeline, &third, frame(0, 0), &back), Some(11_140));
}

#[test]
fn new_parameters_within_a_run_do_not_move_time() {
    let mut timeline = Timeline::default();
    place(&mut timeline, &epoch(1, 0), frame(0, 0), &clock(0, None));
    let moved = clock(2_000_000, None);
    assert_eq!(place(&mut timeline, &epoch(1, 1), frame(0, 3600), &moved), Some(1040));
}

#[test]
fn time_that_goes_back_is_not_placed() {
    let (mut timeline, epoch) = (Timeline::default(), epoch(1, 0));
    let clock = clock(0, None);
    assert_eq!(place(&mut timeline, &epoch, frame(0, 3600), &clock), Some(1000));
    assert_eq!(place(&mut timeline, &epoch, frame(0, 3600), &clock), None);
    assert_eq!(place(&mut timeline, &epoch, frame(0, 0), &clock), None);
    assert_eq!(place(&mut timeline, &epoch, frame(0, 7200), &clock), Some(1040));
}

/// The media time, in milliseconds, of the picture that `epoch` takes at `wall`: its tick 0 is at
/// `zero`, as its camera's clock has it.
fn at(t: &mut Timeline, e: &Epoch, wall: i64, zero: i64) -> Option<i64> {
    place(t, e, frame(0, (wall - zero) * 9 / 100), &clock(zero, None))
}

const HOUR: i64 = 3_600_000_000;

#[test]
fn streams_have_one_scale_however_long_one_of_them_was_watched() {
    let scale = scale(-1_000_000);
    let [mut main, mut sub] = [(); 2].map(|()| Timeline::on(scale.clone()));
    // Its camera's clock is 200 ppm fast: tick 0 of the run seems to be ever earlier.
    let zero = |wall: i64| -wall / 5000;
    for hour in 0..=48 {
        let wall = hour * HOUR;
        assert!(at(&mut main, &epoch(1, 0), wall, zero(wall)).is_some());
    }
    let now = 48 * HOUR + 40_000;
    let of_main = at(&mut main, &epoch(1, 0), now, zero(now)).expect("it goes on");
    assert_eq!(of_main, 48 * HOUR / 1000 + 34_560 + 1040, "35 seconds by its clock");
    assert_eq!(at(&mut sub, &epoch(2, 0), now, now - 5_000_000), Some(of_main));
    // So is another session of either, while the other one runs.
    for hour in 49..=96 {
        let wall = hour * HOUR;
        assert!(at(&mut sub, &epoch(2, 0), wall, 48 * HOUR + zero(wall - 48 * HOUR)).is_some());
    }
    let now = 96 * HOUR + 40_000;
    let of_sub = at(&mut sub, &epoch(2, 0), now, 48 * HOUR + zero(now - 48 * HOUR));
    assert_eq!(at(&mut main, &epoch(3, 0), now, now - 1_000_000), of_sub);
}

#[test]
fn streams_have_one_scale_when_the_clock_is_set_back() {
    let scale = scale(-1_000_000);
    let [mut main, mut sub] = [(); 2].map(|()| Timeline::on(scale.clone()));
    assert_eq!(at(&mut main, &epoch(1, 0), 2 * HOUR, 0), Some(7_201_000));
    // To before there was anything: what the clock's time of tick 0 is goes with it.
    let back = -3 * HOUR;
    assert_eq!(at(&mut main, &epoch(1, 0), back + 2 * HOUR + 40_000, back), Some(7_201_040));
    let of_sub = at(&mut sub, &epoch(2, 0), back + 2 * HOUR + 80_000, back + 2 * HOUR);
    assert_eq!(of_sub, Some(7_201_080));
}
