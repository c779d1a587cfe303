//! What a stream that begins, ends or begins anew keeps for its recorder, and when its sessions
//! connect, through the handles of the whole.

#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use base::{CameraId, MonoTime, RunId, StreamId, Ticks, VolumeId, WallTime};
use bytes::Bytes;
use camera::{FrameSink, StreamSource};
use catalog::StreamRow;
use control::{CameraTask, Control, Known, Machinery, RecordedStream, Wanted};
use live::LiveHub;
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams};
use stream::{EndCause, Entry};
use world::sim::{SeededEntropy, SimClock};

/// Keeps what it is given.
#[derive(Default)]
struct Kept {
    tasks: Mutex<Vec<CameraTask>>,
    streams: Mutex<Vec<RecordedStream>>,
    forgotten: Mutex<Vec<EndCause>>,
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

    fn forget(&self, _: StreamId, cause: EndCause) {
        self.forgotten.lock().unwrap().push(cause);
    }
}

impl Kept {
    /// The session that was connected last.
    fn task(&self) -> CameraTask {
        self.tasks.lock().unwrap().pop().unwrap()
    }

    /// The stream that was to be recorded last.
    fn stream(&self) -> RecordedStream {
        self.streams.lock().unwrap().pop().unwrap()
    }
}

fn control(kept: &Arc<Kept>) -> Control {
    let clock = Arc::new(SimClock::new(WallTime::EPOCH));
    let live = LiveHub::new(clock.clone(), Arc::new(SeededEntropy::new(1)));
    Control::new(kept.clone(), live, clock, 1 << 20)
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

fn epoch(run: u8) -> camera::Epoch {
    let params = AudioParams {
        codec: AudioCodec::Alaw,
        sample_rate: 8000,
        channels: 1,
        config: Bytes::new(),
    };
    camera::Epoch {
        run: RunId::new(WallTime::EPOCH, [run; 10]),
        number: 0,
        tracks: vec![Arc::new(TrackParams::Audio(params))],
        begun: WallTime::EPOCH,
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
    let control = control(&kept);
    assert_eq!(control.reconcile(Known::default(), vec![wanted()], Vec::new()), (0, 1));
    let mut task = kept.task();
    task.sink.begin_epoch(epoch(4));
    (0..500).for_each(|number| task.sink.frame(sound(number)));
    let mut cursor = kept.stream().reader.recorder_cursor();
    assert_eq!(cursor.take(usize::MAX).entries.len(), 500);
}

/// The stream at another address.
fn elsewhere() -> Wanted {
    Wanted { source: StreamSource::new("door/main", "rtsp://192.0.2.2/").unwrap(), ..wanted() }
}

/// The frames that wait, and the ends of runs among them.
fn waiting(stream: &RecordedStream) -> Vec<Result<i64, EndCause>> {
    let entries = stream.reader.recorder_cursor().take(usize::MAX).entries.into_iter();
    let short = |entry| match entry {
        Entry::Frame(_, frame) => Ok(frame.pts.0 / 1600),
        Entry::End { cause, .. } => Err(cause),
    };
    entries.map(short).collect()
}

#[test]
fn what_the_old_session_of_a_reconfigured_camera_has_sent_waits_before_what_the_new_one_sends() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let mut old = kept.task();
    old.sink.begin_epoch(epoch(4));
    (0..3).for_each(|number| old.sink.frame(sound(number)));
    assert_eq!(control.reconcile(Known::default(), vec![elsewhere()], Vec::new()), (1, 1));
    assert!(old.shutdown.is_requested());
    let (mut new, stream) = (kept.task(), kept.stream());
    // It has not heard of it yet.
    old.sink.frame(sound(3));
    new.sink.begin_epoch(epoch(5));
    new.sink.frame(sound(10));
    old.sink.frame(sound(4));
    old.sink.end_run(camera::EndCause::Shutdown, WallTime::EPOCH);
    let all = [Ok(0), Ok(1), Ok(2), Ok(3), Err(EndCause::Reconfigured), Ok(10)];
    assert_eq!(waiting(&stream), all);
    drop(old);
    assert!(!stream.reader.is_closed());
    assert_eq!(*kept.forgotten.lock().unwrap(), [EndCause::Reconfigured]);
}

/// The stream as it is known while it is paused.
fn paused() -> Known {
    let wanted = wanted();
    let row = StreamRow {
        id: wanted.stream,
        camera: wanted.camera,
        name: wanted.stream_name,
        url: "rtsp://192.0.2.1/".to_owned(),
        transport: config::Transport::Auto,
        record: true,
        paused: true,
        volume: None,
        keep: config::Keep::default(),
    };
    Known { streams: vec![row], ..Known::default() }
}

#[test]
fn a_pause_that_is_over_before_its_session_has_ended_is_the_cause_of_the_gap_all_the_same() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let mut old = kept.task();
    old.sink.begin_epoch(epoch(4));
    old.sink.frame(sound(0));
    control.reconcile(paused(), Vec::new(), Vec::new());
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let (mut new, stream) = (kept.task(), kept.stream());
    new.sink.begin_epoch(epoch(5));
    new.sink.frame(sound(10));
    old.sink.end_run(camera::EndCause::Shutdown, WallTime::EPOCH);
    assert_eq!(waiting(&stream), [Ok(0), Err(EndCause::Paused), Ok(10)]);
    assert_eq!(*kept.forgotten.lock().unwrap(), [EndCause::Paused]);
}

#[test]
fn a_session_connects_once_those_before_it_of_its_stream_have_ended() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    let comes = |task: &CameraTask| {
        let mut context = Context::from_waker(Waker::noop());
        pin!(task.turn.comes()).poll(&mut context).is_ready()
    };
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let first = kept.task();
    assert!(comes(&first), "nobody is before it");
    control.reconcile(Known::default(), vec![elsewhere()], Vec::new());
    let second = kept.task();
    assert!(first.shutdown.is_requested() && !comes(&second));
    // It is paused, and resumed at once.
    control.reconcile(paused(), Vec::new(), Vec::new());
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let third = kept.task();
    drop(second);
    assert!(!comes(&third), "the second one has never begun, but the first one has not ended");
    drop(first);
    assert!(comes(&third));
}

#[test]
fn what_is_not_to_be_recorded_any_more_does_not_join_what_is_yet_to_be_written() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let (mut old, stream) = (kept.task(), kept.stream());
    old.sink.begin_epoch(epoch(4));
    old.sink.frame(sound(0));
    let watched = Wanted { record: false, ..wanted() };
    control.reconcile(Known::default(), vec![watched], Vec::new());
    old.sink.end_run(camera::EndCause::Shutdown, WallTime::EPOCH);
    drop(old);
    let mut unrecorded = kept.task();
    unrecorded.sink.begin_epoch(epoch(5));
    unrecorded.sink.frame(sound(1));
    assert_eq!(waiting(&stream), [Ok(0), Err(EndCause::Reconfigured)]);
    // It is to be recorded again before that is written.
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let (mut new, again) = (kept.task(), kept.stream());
    new.sink.begin_epoch(epoch(6));
    new.sink.frame(sound(2));
    assert_eq!(waiting(&again), [Ok(0), Err(EndCause::Reconfigured), Ok(2)]);
}

#[test]
fn a_stream_of_which_nothing_waits_begins_with_a_memory_of_its_own() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let (mut old, stream) = (kept.task(), kept.stream());
    old.sink.begin_epoch(epoch(4));
    old.sink.frame(sound(0));
    control.reconcile(Known::default(), Vec::new(), Vec::new());
    old.sink.end_run(camera::EndCause::Shutdown, WallTime::EPOCH);
    drop(old);
    let mut cursor = stream.reader.recorder_cursor();
    assert_eq!(cursor.take(usize::MAX).entries.len(), 2);
    cursor.acknowledge(2);
    cursor.end();
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    assert!(!kept.stream().reader.is_same(&stream.reader));
}

#[test]
fn a_stream_that_begins_while_everything_ends_is_told_to_end_too() {
    let kept = Arc::new(Kept::default());
    let control = Arc::new(control(&kept));
    let ends = control.clone();
    *kept.meanwhile.lock().unwrap() = Some(Box::new(move || ends.stop_receiving()));
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    assert!(kept.task().shutdown.is_requested(), "nobody else would tell it");
}
