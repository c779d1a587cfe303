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
use control::switch::Rules;
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

fn control_at(kept: &Arc<Kept>, clock: &SimClock) -> Control {
    let clock = Arc::new(clock.clone());
    let live = LiveHub::new(clock.clone(), Arc::new(SeededEntropy::new(1)));
    Control::new(kept.clone(), live, clock, jiff::tz::TimeZone::UTC, 1 << 20)
}

fn control(kept: &Arc<Kept>) -> Control {
    control_at(kept, &SimClock::new(WallTime::EPOCH))
}

/// Whether a stream is recorded, without a schedule.
fn recorded(record: bool) -> Rules {
    Rules { record, ..Rules::default() }
}

fn wanted() -> Wanted {
    Wanted {
        stream: StreamId::new(WallTime::EPOCH, [1; 10]),
        stream_name: "main".to_owned(),
        camera: CameraId::new(WallTime::EPOCH, [2; 10]),
        camera_slug: "door".to_owned(),
        camera_name: "Door".to_owned(),
        source: StreamSource::new("door/main", "rtsp://192.0.2.1/").unwrap(),
        rules: recorded(true),
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
        schedule: None,
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
fn recording_is_turned_off_and_on_while_the_session_goes_on() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let (mut task, stream) = (kept.task(), kept.stream());
    task.sink.begin_epoch(epoch(4));
    task.sink.frame(sound(0));
    let watched = Wanted { rules: recorded(false), ..wanted() };
    assert_eq!(control.reconcile(Known::default(), vec![watched], Vec::new()), (0, 0));
    (1..4).for_each(|number| task.sink.frame(sound(number)));
    assert_eq!(waiting(&stream), [Ok(0), Err(EndCause::Off)]);
    assert_eq!(control.reconcile(Known::default(), vec![wanted()], Vec::new()), (0, 0));
    task.sink.frame(sound(4));
    assert_eq!(waiting(&stream), [Ok(0), Err(EndCause::Off), Ok(3), Ok(4)]);
    assert!(!task.shutdown.is_requested() && kept.tasks.lock().unwrap().is_empty());
    assert!(kept.forgotten.lock().unwrap().is_empty());
}

#[test]
fn what_an_earlier_session_has_left_is_recorded_where_the_next_one_is_not() {
    let kept = Arc::new(Kept::default());
    let control = control(&kept);
    control.reconcile(Known::default(), vec![wanted()], Vec::new());
    let (mut old, first) = (kept.task(), kept.stream());
    old.sink.begin_epoch(epoch(4));
    old.sink.frame(sound(0));
    let watched = Wanted { rules: recorded(false), ..elsewhere() };
    control.reconcile(Known::default(), vec![watched], Vec::new());
    let (mut new, stream) = (kept.task(), kept.stream());
    assert!(stream.reader.is_same(&first.reader));
    new.sink.begin_epoch(epoch(5));
    new.sink.frame(sound(10));
    old.sink.end_run(camera::EndCause::Shutdown, WallTime::EPOCH);
    assert_eq!(waiting(&stream), [Ok(0), Err(EndCause::Reconfigured)]);
}

#[test]
fn a_schedule_turns_recording_on_and_off_by_the_clock() {
    let (kept, noon) = (Arc::new(Kept::default()), "2026-11-23T12:00:00Z");
    let noon: jiff::Timestamp = noon.parse().unwrap();
    let clock = SimClock::new(WallTime::from_micros(noon.as_microsecond()));
    let control = control_at(&kept, &clock);
    let schedule = config::Schedule::of(&["12:01-12:02"]).unwrap();
    let rules = Rules { schedule: Some(schedule), ..recorded(true) };
    control.reconcile(Known::default(), vec![Wanted { rules, ..wanted() }], Vec::new());
    let (mut task, stream) = (kept.task(), kept.stream());
    task.sink.begin_epoch(epoch(4));
    for number in 0..4 {
        task.sink.frame(sound(number));
        clock.advance(std::time::Duration::from_secs(30));
        assert!(control.look().is_empty());
    }
    task.sink.frame(sound(4));
    assert_eq!(waiting(&stream), [Ok(1), Ok(2), Ok(3), Err(EndCause::NotScheduled)]);
}

#[test]
fn what_is_never_recorded_gets_its_recorder_when_somebody_asks_and_is_told_that_it_is_over() {
    let start = base::limits::CLOCK_EARLIEST;
    let (kept, clock) = (Arc::new(Kept::default()), SimClock::new(start));
    let control = control_at(&kept, &clock);
    let watched = Wanted { rules: recorded(false), ..wanted() };
    control.reconcile(Known::default(), vec![watched.clone()], Vec::new());
    let mut task = kept.task();
    assert!(kept.streams.lock().unwrap().is_empty(), "nobody records it");
    task.sink.begin_epoch(epoch(4));
    task.sink.frame(sound(0));
    let until = start.plus_micros(10_000_000);
    let demand = Some(control::switch::Demand { asked: start, until });
    let rules = Rules { demand, ..recorded(false) };
    control.reconcile(Known::default(), vec![Wanted { rules, ..watched }], Vec::new());
    let stream = kept.stream();
    task.sink.frame(sound(1));
    clock.advance(std::time::Duration::from_secs(10));
    let told = control.look();
    let over = |change: catalog::Change| {
        let row = catalog::DemandRow { stream: wanted().stream, asked: start, until };
        matches!(change, catalog::Change::DemandOver(rows) if rows == [row])
    };
    assert!(told.len() == 1 && over(told[0].change()), "{told:?}");
    assert_eq!((&*told[0].label, control.look()), ("door/main", Vec::new()), "it is told once");
    control.not_taken(told[0].clone());
    assert_eq!(control.look(), told, "what the catalog does not take is told again");
    control.not_taken(told[0].clone());
    let longer = control::switch::Demand { asked: until, until: until.plus_micros(9_000_000) };
    let rules = Rules { demand: Some(longer), ..recorded(false) };
    control.reconcile(Known::default(), vec![Wanted { rules, ..wanted() }], Vec::new());
    assert_eq!(control.look(), Vec::new(), "somebody has asked for more meanwhile");
    assert_eq!(control.rest(), Some(std::time::Duration::from_secs(9)));
    clock.advance(std::time::Duration::from_secs(9));
    assert_eq!(control.look().len(), 1);
    assert_eq!(control.rest(), None, "nothing turns by itself any more");
    task.sink.frame(sound(2));
    assert_eq!(waiting(&stream), [Ok(0), Ok(1), Err(EndCause::Off)]);
    assert!(!task.shutdown.is_requested());
}

#[test]
fn what_the_catalog_has_to_hear_is_told_also_while_the_stream_begins_anew() {
    let start = base::limits::CLOCK_EARLIEST;
    let (kept, clock) = (Arc::new(Kept::default()), SimClock::new(start));
    let control = Arc::new(control_at(&kept, &clock));
    let demand =
        Some(control::switch::Demand { asked: start, until: start.plus_micros(9_000_000) });
    let rules = Rules { demand, ..recorded(false) };
    let known = Known {
        demands: vec![catalog::DemandRow {
            stream: wanted().stream,
            asked: start,
            until: start.plus_micros(9_000_000),
        }],
        ..Known::default()
    };
    let first = Wanted { rules: rules.clone(), ..wanted() };
    control.reconcile(known.clone(), vec![first], Vec::new());
    clock.step_wall(3_600_000_000);
    let told = control.look();
    assert_eq!(told.len(), 1, "it is called otherwise");
    control.not_taken(told[0].clone());
    let (looks, heard) = (control.clone(), Arc::new(Mutex::new(Vec::new())));
    let hears = heard.clone();
    let meanwhile = move || hears.lock().unwrap().extend(looks.look());
    *kept.meanwhile.lock().unwrap() = Some(Box::new(meanwhile));
    control.reconcile(known, vec![Wanted { rules, ..elsewhere() }], Vec::new());
    let heard: Vec<_> = heard.lock().unwrap().iter().map(|owed| owed.turn.clone()).collect();
    assert_eq!(heard, [told[0].turn.clone()]);
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
