//! What the catalog does not take, and how long the thread sleeps.

#![allow(clippy::unwrap_used)]

use std::time::Instant;

use base::{ArchiveId, CameraId, VolumeId, WallTime, limits};
use camera::StreamSource;
use catalog::{CameraRow, Catalog, Change, DemandRow, Options, StreamRow};
use control::switch::{Demand, Rules};
use control::{CameraTask, Known, Machinery, RecordedStream, Wanted};
use live::LiveHub;
use stream::EndCause;
use world::sim::{SeededEntropy, SimClock};

use super::*;

const STREAM: StreamId = StreamId::from_bytes([1; 16]);
const CAMERA: CameraId = CameraId::from_bytes([2; 16]);
const MINUTE: Duration = Duration::from_secs(60);

/// Carries nothing out.
struct Idle;

impl Machinery for Idle {
    fn connect(&self, _: CameraTask) {}
    fn record(&self, _: RecordedStream) {}
    fn wants(&self, _: StreamId, _: Option<VolumeId>) {}
    fn volume_of(&self, _: StreamId) -> Option<VolumeId> {
        None
    }
    fn forget(&self, _: StreamId, _: EndCause) {}
}

fn control(clock: &SimClock) -> Control {
    let live = LiveHub::new(Arc::new(clock.clone()), Arc::new(SeededEntropy::new(1)));
    Control::new(Arc::new(Idle), live, Arc::new(clock.clone()), jiff::tz::TimeZone::UTC, 1 << 20)
}

/// A stream that is only watched, save for what somebody asked for.
fn wanted(demand: Option<Demand>) -> Wanted {
    Wanted {
        stream: STREAM,
        stream_name: "main".into(),
        camera: CAMERA,
        camera_slug: "door".into(),
        camera_name: "Door".into(),
        source: StreamSource::new("door/main", "rtsp://192.0.2.1/").unwrap(),
        rules: Rules { record: false, schedule: None, demand },
        volume: None,
    }
}

fn rows() -> (Catalog, Rows) {
    let options = Options {
        time_zone: jiff::tz::TimeZone::UTC,
        index_cache_bytes: 0,
        new_archive: ArchiveId::from_bytes([2; 16]),
        note: "test".into(),
    };
    let (catalog, writer) = Catalog::memory(&options).unwrap();
    (catalog, Rows::start(writer, Shutdown::new()).unwrap())
}

/// The camera and its stream, which the catalog does not know at first.
fn known() -> Vec<Change> {
    let camera = CameraRow {
        id: CAMERA,
        slug: "door".into(),
        name: "Door".into(),
        managed_by_file: false,
        paused: false,
        removed: false,
        username: None,
        password: None,
    };
    let stream = StreamRow {
        id: STREAM,
        camera: CAMERA,
        name: "main".into(),
        url: "rtsp://192.0.2.1/".into(),
        transport: config::Transport::Auto,
        schedule: None,
        record: false,
        paused: false,
        volume: None,
        keep: config::Keep::default(),
    };
    vec![Change::PutCamera(camera), Change::PutStream(stream)]
}

#[test]
fn what_the_catalog_refuses_is_said_once_and_tried_again_until_it_is_taken() {
    let (start, (catalog, rows)) = (limits::CLOCK_EARLIEST, rows());
    let clock = SimClock::new(start);
    let control = control(&clock);
    let until = start.plus_micros(600_000_000);
    let demand = Some(Demand { asked: start, until });
    control.reconcile(Known::default(), vec![wanted(demand)], Vec::new());
    let mut ledger = Ledger::default();
    let look = |ledger: &mut Ledger| {
        let said = ledger.look(&control, &rows);
        rows.flush();
        said
    };
    assert!(look(&mut ledger).is_empty() && ledger.is_clear());
    clock.step_wall(3_600_000_000);
    assert!(look(&mut ledger).is_empty() && !ledger.is_clear());
    let said = look(&mut ledger);
    assert!(
        matches!(&*said, [Said::NotTaken(stream, why)]
            if stream == "door/main" && why.contains("there is no stream")),
        "{said:?}"
    );
    assert!(look(&mut ledger).is_empty() && look(&mut ledger).is_empty(), "once");
    let asked_for = DemandRow { stream: STREAM, asked: start, until };
    rows.apply([known(), vec![Change::PutDemand(asked_for)]].concat()).unwrap();
    assert!(look(&mut ledger).is_empty() && ledger.is_clear());
    let moved = |at: WallTime| at.plus_micros(3_600_000_000);
    let row = DemandRow { stream: STREAM, asked: moved(start), until: moved(until) };
    assert_eq!(catalog.demands().unwrap(), [row]);
    assert_eq!(look(&mut ledger), [Said::Taken(STREAM)]);
    clock.advance(10 * MINUTE);
    look(&mut ledger);
    assert!(catalog.demands().unwrap().is_empty(), "it is over");
}

#[test]
fn the_thread_sleeps_until_something_may_turn_or_somebody_rings() {
    let clock = SimClock::new(limits::CLOCK_EARLIEST);
    let control = control(&clock);
    let look = || {
        control.look();
        patience(control.rest(), true)
    };
    assert_eq!(look(), LOOK_LEAST, "nothing is there");
    control.reconcile(Known::default(), vec![wanted(None)], Vec::new());
    assert_eq!(look(), LOOK_LEAST, "nobody has asked for anything");
    let asked = limits::CLOCK_EARLIEST;
    let demand = Some(Demand { asked, until: asked.plus_micros(90_000_000) });
    control.reconcile(Known::default(), vec![wanted(demand)], Vec::new());
    assert_eq!(look(), LOOK_LEAST);
    clock.advance(MINUTE);
    assert_eq!(look(), MINUTE / 2);
    assert_eq!(patience(control.rest(), false), RETRY, "the catalog has to hear something");
    clock.step_wall(1_000_000_000);
    assert_eq!(patience(control.rest(), true), LOOK_MOST, "the clock was set");
    assert_eq!(look(), MINUTE / 2);
    let bell = Bell::default();
    let began = Instant::now();
    bell.ring();
    bell.wait(MINUTE);
    std::thread::scope(|scope| {
        scope.spawn(|| bell.wait(MINUTE));
        bell.ring();
    });
    assert!(began.elapsed() < MINUTE / 2);
}
