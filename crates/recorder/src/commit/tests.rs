//! What others may do on a volume while its recorder works there.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use archive::{Expect, ReadGate, Urgency, Volume, VolumeIdentity};
use base::{ArchiveId, CameraId, RunId, StreamId, Ticks, VolumeId, WallTime, limits};
use catalog::{Catalog, Options};
use media::{Access, Frame, TrackParams, VideoCodec, VideoParams};
use stream::{ClockEstimate, Epoch, StreamReader, StreamWriter};
use world::Clock;
use world::sim::{SeededEntropy, SimClock, SimDisk};

use super::*;
use crate::parallel::{InOrder, Job};
use crate::site::StreamJob;

const BEGUN: i64 = 1_800_000_000_000_000;

/// The recorder of one volume with one stream.
fn recorder(clock: &SimClock, reader: StreamReader) -> (VolumeRecorder, ReadGate) {
    let (disk, root) = (SimDisk::new(), Path::new("/volume"));
    let archive = ArchiveId::from_bytes([1; 16]);
    let volume = VolumeId::from_bytes([2; 16]);
    Volume::init(&disk, root, &VolumeIdentity { volume, archive, public_key: [0; 32] }).unwrap();
    let expect = Expect { volume: Some(volume), archive };
    let volume = Arc::new(Volume::open(Arc::new(disk), root, expect, "test").unwrap());
    let options = Options {
        time_zone: jiff::tz::TimeZone::UTC,
        index_cache_bytes: 1 << 20,
        new_archive: archive,
        note: "test".to_owned(),
    };
    let (catalog, _writer) = Catalog::memory(&options).unwrap();
    let gate = volume.gate().clone();
    let (clock, entropy) = (Arc::new(clock.clone()), Arc::new(SeededEntropy::new(3)));
    let now = Now::of(&*clock);
    let site = Site { volume, key: None, catalog, clock, entropy };
    let settings = Settings {
        sync_interval: Duration::from_secs(1),
        segment_duration: Duration::from_secs(300),
    };
    let mut recorder = VolumeRecorder::new(site, settings, now);
    recorder.add(StreamJob {
        camera: CameraId::from_bytes([3; 16]),
        camera_slug: "yard".to_owned(),
        camera_name: "Yard".to_owned(),
        stream: StreamId::from_bytes([4; 16]),
        stream_name: "main".to_owned(),
        reader,
        standing: Arc::default(),
    });
    (recorder, gate)
}

/// Begins a run at the beginning of the clock.
fn begin(writer: &mut StreamWriter) {
    let video = TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 640,
        height: 360,
        pixel_aspect: (1, 1),
        config: bytes::Bytes::new(),
        reorder_depth: 0,
    });
    let begun = WallTime::from_micros(BEGUN);
    let run = RunId::new(begun, [5; 10]);
    let tracks = vec![Arc::new(video)];
    writer.begin_epoch(Arc::new(Epoch { run, number: 0, tracks, begun }));
    writer.set_clock(ClockEstimate { offsets: vec![Some(BEGUN)], settled: true });
}

fn send(writer: &mut StreamWriter, clock: &SimClock, number: i64) {
    let at = Ticks(number * 9_000);
    assert!(writer.push(Frame {
        track: 0,
        pts: at,
        dts: at,
        duration: 9_000,
        access: if number % 10 == 0 { Access::Idr } else { Access::None },
        data: vec![0; 1000].into(),
        received: clock.mono(),
        received_wall: clock.wall(),
    }));
}

/// Runs syncs, and sees that nobody gets in to read meanwhile.
struct Watched {
    gate: ReadGate,
    syncs: AtomicU32,
}

impl Parallel for Watched {
    fn run(&self, jobs: Vec<Job>) {
        let (began, told) = (Instant::now(), reader(&self.gate));
        InOrder.run(jobs);
        let entered = told.recv_timeout(Duration::from_millis(100));
        // A reader who has waited so long goes on beside a sync; but only then.
        let is_out = entered == Err(RecvTimeoutError::Timeout);
        assert!(is_out || began.elapsed() >= limits::READ_YIELDS_MAX, "somebody reads meanwhile");
        self.syncs.fetch_add(1, Ordering::Relaxed);
    }
}

/// Comes to read, on a thread of its own; tells once it has.
fn reader(gate: &ReadGate) -> Receiver<()> {
    let (tell, told) = channel();
    let gate = gate.clone();
    std::thread::spawn(move || {
        let _entered = gate.enter(Urgency::Soon);
        tell.send(())
    });
    told
}

#[test]
fn nobody_begins_to_read_while_it_syncs() {
    let clock = SimClock::held(WallTime::from_micros(BEGUN));
    let (mut writer, reader_of_stream) = stream::stream();
    let (mut recorder, gate) = recorder(&clock, reader_of_stream);
    let watched = Watched { gate: gate.clone(), syncs: AtomicU32::new(0) };
    begin(&mut writer);
    for number in 0..50 {
        send(&mut writer, &clock, number);
        clock.advance(Duration::from_millis(100));
        let now = Now::of(&clock);
        if recorder.comes_due(now.mono) {
            recorder.step(now, &watched);
            reader(&gate).recv_timeout(Duration::from_secs(20)).expect("it is over");
        }
    }
    recorder.finish(Now::of(&clock), &watched);
    // Batches, and the stages of sealing.
    assert!(watched.syncs.into_inner() >= 4);
}
