//! What a lane does with what a camera sends at once.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use base::{CameraId, MonoTime, RunId, StreamId, Ticks, VolumeId, WallTime, limits};
use bytes::Bytes;
use media::{Access, Frame, TrackParams, VideoCodec, VideoParams};
use stream::{ClockEstimate, Epoch, StreamWriter};

use super::{Lane, Next};
use crate::Now;
use crate::cut::Rotation;
use crate::report::{Alarm, StepReport};
use crate::site::StreamJob;
use crate::standing::Standing;

const BEGUN: i64 = 1_800_000_000_000_000;

fn at(micros: i64) -> Now {
    Now { wall: WallTime::from_micros(BEGUN + micros), mono: MonoTime::from_micros(micros) }
}

/// A camera whose run has begun, and the lane that records it.
fn camera() -> (StreamWriter, Lane) {
    let budget = stream::Budget::new(8 * limits::BATCH_BYTES_MAX);
    let (mut writer, reader) = stream::stream_within(&budget);
    let job = StreamJob {
        camera: CameraId::from_bytes([1; 16]),
        camera_slug: "yard".to_owned(),
        camera_name: "Yard".to_owned(),
        stream: StreamId::from_bytes([2; 16]),
        stream_name: "main".to_owned(),
        reader,
        standing: Arc::new(Standing::default()),
    };
    let lane = Lane::new(job, VolumeId::from_bytes([3; 16])).unwrap();
    let video = TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 640,
        height: 360,
        pixel_aspect: (1, 1),
        config: Bytes::new(),
        reorder_depth: 0,
    });
    writer.begin_epoch(Arc::new(Epoch {
        run: RunId::new(at(0).wall, [4; 10]),
        number: 0,
        tracks: vec![Arc::new(video)],
        begun: at(0).wall,
    }));
    writer.set_clock(ClockEstimate { offsets: vec![Some(BEGUN)], settled: false });
    (writer, lane)
}

/// Sends one frame of `len` bytes that arrives `micros` after the beginning, where it is a key
/// frame.
fn send(writer: &mut StreamWriter, micros: i64, len: usize) {
    send_with(writer, micros, len, if micros == 0 { Access::Idr } else { Access::None });
}

fn send_with(writer: &mut StreamWriter, micros: i64, len: usize, access: Access) {
    let Now { wall, mono } = at(micros);
    let ticks = micros * 9 / 100;
    assert!(writer.push(Frame {
        track: 0,
        pts: Ticks(ticks),
        dts: Ticks(ticks),
        duration: 3600,
        access,
        data: vec![0; len].into(),
        received: mono,
        received_wall: wall,
    }));
}

fn next(lane: &mut Lane, micros: i64) -> Next {
    let mut report = StepReport::default();
    lane.take_in(&mut report);
    let hour = Rotation::new(Duration::from_secs(3600), StreamId::from_bytes([2; 16]));
    let next = lane.next(hour, at(micros), &mut report);
    assert!(report.alarms.is_empty(), "{:?}", report.alarms);
    next
}

#[test]
fn as_much_as_fits_at_once_is_not_waited_with_for_a_clock_that_settles() {
    let (mut writer, mut lane) = camera();
    let third = limits::BATCH_BYTES_MAX / 3;
    for n in 0..2 {
        send(&mut writer, n * 10_000, third);
        assert!(matches!(next(&mut lane, n * 10_000), Next::Nothing), "too early");
    }
    for n in 2..5 {
        send(&mut writer, n * 10_000, third);
    }
    let Next::Write(batch) = next(&mut lane, 50_000) else { panic!("it writes nothing") };
    assert!(batch.frames.len() >= 3, "{}", batch.frames.len());
}

#[test]
fn a_clock_that_settles_is_seen_though_nothing_more_is_taken_in() {
    let (mut writer, mut lane) = camera();
    send(&mut writer, 0, limits::BATCH_BYTES_MAX);
    lane.take_in(&mut StepReport::default());
    let truth = ClockEstimate { offsets: vec![Some(BEGUN + 70_000)], settled: true };
    writer.set_clock(truth.clone());
    lane.take_in(&mut StepReport::default());
    assert_eq!(lane.estimate.as_ref().map(|(_, estimate)| estimate), Some(&truth));
}

#[test]
fn times_that_do_not_fit_any_more_are_told_once_and_not_with_every_batch_until_the_run_ends() {
    let (mut writer, mut lane) = camera();
    let hour = Rotation::new(Duration::from_secs(3600), StreamId::from_bytes([2; 16]));
    let mut told = Vec::new();
    for second in 0..8 {
        let micros = second * 1_000_000;
        send_with(&mut writer, micros, 1000, Access::Idr);
        send_with(&mut writer, micros + 900_000, 1000, Access::Idr);
        if second == 2 {
            let offsets = vec![Some(BEGUN + 2 * limits::CLOCK_ERROR_MAX_MICROS)];
            writer.set_clock(ClockEstimate { offsets, settled: true });
        }
        let mut report = StepReport::default();
        lane.take_in(&mut report);
        while let Next::Write(batch) = lane.next(hour, at(micros + 950_000), &mut report) {
            lane.written(*batch);
        }
        told.extend(report.alarms.into_iter().map(|alarm| (second, alarm)));
    }
    let [(2, Alarm::Clock { error_micros, .. })] = told.as_slice() else { panic!("{told:?}") };
    assert!(*error_micros > limits::CLOCK_ERROR_MAX_MICROS, "{error_micros}");
    assert!(writer.end_requested().is_some(), "the run is to end");
}
