//! What runs: every stream's camera task, memory and recorder, started and stopped by difference.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{MonoTime, Shutdown, StreamId, VolumeId};
use camera::StatusHandle;
use catalog::{CameraRow, StreamRow};
use live::LiveHub;
use media::TrackParams;
use stream::{Budget, EndCause, StreamReader, StreamWriter};
use world::Clock;

use crate::gate::Gate;
use crate::rates::{Meter, Rate};
use crate::rows::Known;
use crate::session::{CameraTask, Turns};
use crate::sink::{Farewell, StreamSink};
use crate::wanted::{self, Action, Unusable, Wanted};

/// The threads and loops that carry things out: `holdfast`'s, or a test's.
pub trait Machinery: Send + Sync {
    /// Connects a camera once its turn has come, until the task's shutdown is requested.
    fn connect(&self, task: CameraTask);

    /// Records a stream, where it wants to be or there is room: what waits in its memory, and what
    /// comes. One that is recorded already, or was just to be forgotten, goes on as it says now.
    fn record(&self, stream: RecordedStream);

    /// A stream that is recorded wants to be on that volume from now on.
    fn wants(&self, stream: StreamId, volume: Option<VolumeId>);

    /// Where a stream is recorded now, if it is.
    fn volume_of(&self, stream: StreamId) -> Option<VolumeId>;

    /// Writes what is in memory of a stream, on whatever volume can, and then records it no more;
    /// that is why.
    fn forget(&self, stream: StreamId, cause: EndCause);
}

/// A stream to record.
#[derive(Clone)]
pub struct RecordedStream {
    /// What it is called everywhere.
    pub wanted: Wanted,
    /// Its frames.
    pub reader: StreamReader,
}

/// One camera and its streams, at one moment.
#[derive(Clone, Debug)]
pub struct CameraView {
    /// Its row.
    pub row: CameraRow,
    /// Its streams, the main one first.
    pub streams: Vec<StreamView>,
}

/// One stream, at one moment.
#[derive(Clone, Debug)]
pub struct StreamView {
    /// Its row.
    pub row: StreamRow,
    /// How the camera's task is; `None` where none runs.
    pub status: Option<camera::Status>,
    /// What went through memory; zeros where nothing runs.
    pub stats: stream::Stats,
    /// What it carries; of the last run where none is under way.
    pub tracks: Vec<Arc<TrackParams>>,
    /// What flows.
    pub rate: Option<Rate>,
    /// Where it is recorded, if it is.
    pub volume: Option<VolumeId>,
    /// Why it cannot run, in words.
    pub problem: Option<String>,
}

struct Running {
    wanted: Wanted,
    status: StatusHandle,
    reader: StreamReader,
    shutdown: Shutdown,
    farewell: Farewell,
    meter: Meter,
    tracks: Vec<Arc<TrackParams>>,
}

#[derive(Default)]
struct State {
    known: Known,
    running: BTreeMap<StreamId, Running>,
    /// Streams that run no more, of which frames still wait to be written, and why they ended.
    waiting: BTreeMap<StreamId, (StreamReader, EndCause)>,
    /// Sessions that are to end before another one of their stream connects.
    turns: Turns,
    unusable: Vec<Unusable>,
    ended: bool,
}

/// Keeps what runs in step with what should.
pub struct Control {
    machinery: Arc<dyn Machinery>,
    live: LiveHub,
    clock: Arc<dyn Clock>,
    memory: Budget,
    gate: Gate,
    state: Mutex<State>,
}

impl Control {
    /// Nothing runs yet. `memory_max` bytes of frames may wait for the disk, all streams together.
    pub fn new(
        machinery: Arc<dyn Machinery>,
        live: LiveHub,
        clock: Arc<dyn Clock>,
        memory_max: usize,
    ) -> Self {
        let (gate, state) = (Gate::default(), Mutex::default());
        Self { machinery, live, clock, memory: Budget::new(memory_max), gate, state }
    }

    /// Makes what runs what `wanted` says; how many streams were stopped and started. One call at a
    /// time: what a second one wants must have been read after the first one's was made to run.
    pub fn reconcile(
        &self,
        known: Known,
        wanted: Vec<Wanted>,
        unusable: Vec<Unusable>,
    ) -> (usize, usize) {
        let actions = {
            let state = self.state();
            match state.ended {
                true => return (0, 0),
                false => wanted::difference(state.running.values().map(|r| &r.wanted), &wanted),
            }
        };
        let (mut stopped, mut started) = (0, 0);
        for action in actions {
            match action {
                Action::Stop(stream) => {
                    stopped += 1;
                    self.stop(stream, wanted::cause_of_stop(stream, &known));
                }
                Action::Start(wanted) => {
                    started += 1;
                    self.start(*wanted);
                }
            }
        }
        let mut state = self.state();
        for new in wanted.into_iter().filter(|wanted| wanted.record) {
            let running = state.running.get_mut(&new.stream);
            if let Some(running) = running.filter(|r| r.wanted.volume != new.volume) {
                running.wanted.volume = new.volume;
                self.machinery.wants(new.stream, new.volume);
            }
        }
        state.known = known;
        state.unusable = unusable;
        (stopped, started)
    }

    fn start(&self, wanted: Wanted) {
        let (writer, reader) = self.memory_for(&wanted);
        let (status, shutdown, farewell) =
            (StatusHandle::new(), Shutdown::new(), Farewell::default());
        let task = CameraTask {
            source: wanted.source.clone(),
            sink: StreamSink::new(writer, self.clock.clone(), farewell.clone(), self.gate.clone()),
            status: status.clone(),
            shutdown: shutdown.clone(),
            turn: self.state().turns.next(wanted.stream),
        };
        if wanted.record {
            // From the first frame on, however long its disk takes to be ready.
            reader.retain();
            let stream = RecordedStream { wanted: wanted.clone(), reader: reader.clone() };
            self.machinery.record(stream);
        }
        self.live.add(wanted.stream, reader.clone());
        self.machinery.connect(task);
        let (meter, tracks) = (Meter::default(), Vec::new());
        let running = Running { wanted, status, reader, shutdown, farewell, meter, tracks };
        let mut state = self.state();
        if state.ended {
            // Everything was told to end while it began.
            running.shutdown.request();
        }
        state.running.insert(running.wanted.stream, running);
    }

    /// The memory of a stream: that of its earlier session while anything waits there, which is
    /// then recorded before what comes. What is not to be recorded has one of its own.
    fn memory_for(&self, wanted: &Wanted) -> (StreamWriter, StreamReader) {
        let earlier = match wanted.record {
            true => self.state().waiting.remove(&wanted.stream),
            false => None,
        };
        match earlier.filter(|(reader, _)| !reader.is_idle()) {
            Some((reader, ended)) => (reader.writer(ended), reader),
            None => stream::stream_within(&self.memory),
        }
    }

    fn stop(&self, stream: StreamId, cause: EndCause) {
        let Some(running) = self.state().running.remove(&stream) else { return };
        running.farewell.set(cause);
        running.shutdown.request();
        self.live.remove(stream);
        if running.wanted.record {
            self.machinery.forget(stream, cause);
            let mut state = self.state();
            state.forget_idle();
            state.waiting.insert(stream, (running.reader, cause));
        }
    }

    /// Tells every camera task to end, and starts none any more. Recorders go on.
    pub fn stop_receiving(&self) {
        let mut state = self.state();
        state.ended = true;
        state.running.values().for_each(|running| running.shutdown.request());
    }

    /// The runs that are open.
    pub fn open_runs(&self) -> &Gate {
        &self.gate
    }

    /// Reads all counters, for rates.
    pub fn measure(&self, now: MonoTime) {
        let mut state = self.state();
        state.forget_idle();
        for running in state.running.values_mut() {
            running.meter.read(now, running.reader.stats());
            if let Some(epoch) = running.reader.epoch() {
                running.tracks.clone_from(&epoch.tracks);
            }
        }
    }

    /// All cameras that are known and not removed, by name.
    pub fn cameras(&self) -> Vec<CameraView> {
        let state = self.state();
        let rows = state.known.cameras.iter().filter(|row| !row.removed);
        let view = |row: &CameraRow| {
            let streams = state.known.streams.iter().filter(|stream| stream.camera == row.id);
            let mut streams: Vec<_> =
                streams.map(|row| state.view(row, &*self.machinery)).collect();
            streams.sort_by(|a, b| order(&a.row.name).cmp(&order(&b.row.name)));
            CameraView { row: row.clone(), streams }
        };
        let mut cameras: Vec<_> = rows.map(view).collect();
        cameras.sort_by(|a, b| a.row.name.cmp(&b.row.name));
        cameras
    }

    /// A stream's frames, while it runs.
    pub fn reader(&self, stream: StreamId) -> Option<StreamReader> {
        self.state().running.get(&stream).map(|running| running.reader.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `main` first, then by name.
fn order(name: &str) -> (bool, &str) {
    (name != "main", name)
}

impl State {
    /// Forgets streams that run no more and of which everything is written.
    fn forget_idle(&mut self) {
        self.waiting.retain(|_, (reader, _)| !reader.is_idle());
    }

    fn view(&self, row: &StreamRow, machinery: &dyn Machinery) -> StreamView {
        let running = self.running.get(&row.id);
        let problem = self.unusable.iter().find(|unusable| unusable.stream == row.id);
        let now = running.and_then(|r| r.reader.epoch()).map(|epoch| epoch.tracks.clone());
        StreamView {
            row: row.clone(),
            status: running.map(|r| r.status.snapshot()),
            stats: running.map(|r| r.reader.stats()).unwrap_or_default(),
            tracks: now.or(running.map(|r| r.tracks.clone())).unwrap_or_default(),
            rate: running.and_then(|r| r.meter.rate()),
            volume: running.and_then(|r| machinery.volume_of(r.wanted.stream)),
            problem: problem.map(|unusable| unusable.problem.clone()),
        }
    }
}
