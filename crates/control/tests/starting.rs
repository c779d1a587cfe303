//! What a stream that begins keeps for its recorder, through the handles of the whole.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use base::{CameraId, MonoTime, RunId, StreamId, Ticks, VolumeId, WallTime};
use bytes::Bytes;
use camera::{FrameSink, StreamSource};
use control::{CameraTask, Control, Known, Machinery, RecordedStream, Wanted};
use live::LiveHub;
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams};
use world::sim::SimClock;

/// Keeps what it is given.
#[derive(Default)]
struct Kept {
    tasks: Mutex<Vec<CameraTask>>,
    streams: Mutex<Vec<RecordedStream>>,
    /// What happens elsewhere while a stream begins.
    meanwhile: Mutex<Option<Meanwhile>>,
}

type Meanwhile = Box<dyn FnOnce() + Send>;

impl Machinery for Kept {
    fn connect(&self, task: CameraTask) {
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        self.tasks.lock().unwrap().push(task);
    }

    fn record(&self, stream: RecordedStream) {
        self.streams.lock().unwrap().push(stream);
    }

    fn wants(&self, _: StreamId, _: Option<VolumeId>) {}

    fn volume_of(&self, _: StreamId) -> Option<VolumeId> {
        None
    }

    fn forget(&self, _: StreamId, _: stream::EndCause) {}
}

fn wanted() -> Wanted {
    Wanted {
        stream: StreamId::new(WallTime::EPOCH, [1; 10]),
        stream_name: "main".to_owned(),
        camera: CameraId::new(WallTime::EPOCH, [2; 10]),
        camera_slug: "door".to_owned(),
        camera_name: "Door".to_owned(),
        source: StreamSource::new("door/main", "rtsp://192.0.2.1/").unwrap(),
        record: true,
        volume: Some(VolumeId::new(WallTime::EPOCH, [3; 10])),
    }
}

fn sound(number: i64) -> Frame {
    Frame {
        track: 0,
        pts: Ticks(number * 1600),
        dts: Ticks(number * 1600),
        duration: 1600,
        access: Access::Idr,
        data: Bytes::from_static(&[0; 16]),
        received: MonoTime::from_micros(number * 200_000),
        received_wall: WallTime::from_micros(number * 200_000),
    }
}

#[test]
fn frames_from_the_first_on_wait_for_a_disk_that_is_opened_late() {
    let kept = Arc::new(Kept::default());
    let clock = Arc::new(SimClock::new(WallTime::EPOCH));
    let control = Control::new(kept.clone(), LiveHub::new(), clock, 1 << 20);
    assert_eq!(control.reconcile(Known::default(), vec![wanted()], Vec::new()), (0, 1));
    let mut task = kept.tasks.lock().unwrap().pop().unwrap();
    let params = AudioParams {
        codec: AudioCodec::Alaw,
        sample_rate: 8000,
        channels: 1,
        config: Bytes::new(),
    };
    task.sink.begin_epoch(camera::Epoch {
        run: RunId::new(WallTime::EPOCH, [4; 10]),
        number: 0,
        tracks: vec![Arc::new(TrackParams::Audio(params))],
        begun: WallTime::EPOCH,
    });
    (0..500).for_each(|number| task.sink.frame(sound(number)));
    let stream = kept.streams.lock().unwrap().pop().unwrap();
    let mut cursor = stream.reader.recorder_cursor();
    assert_eq!(cursor.take(usize::MAX).entries.len(), 500);
}

#[test]
fn a_stream_that_begins_while_everything_ends_is_told_to_end_too() {
    let kept = Arc::new(Kept::default());
    let clock = Arc::new(SimClock::new(WallTime::EPOCH));
    let control = Arc::new(Control::new(kept.clone(), LiveHub::new(), clock, 1 << 20));
    let ends = control.clone();
    *kept.meanwhile.lock().unwrap() = Some(Box::new(move || ends.stop_receiving()));
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let task = kept.tasks.lock().unwrap().pop().unwrap();
    assert!(task.shutdown.is_requested(), "nobody else would tell it");
}
