//! What runs: every stream's camera task, memory and recorder, started and stopped by difference.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{MonoTime, Shutdown, StreamId, VolumeId, WallTime};
use camera::StatusHandle;
use catalog::{CameraRow, StreamRow};
use jiff::tz::TimeZone;
use live::LiveHub;
use media::TrackParams;
use stream::{Budget, EndCause, StreamReader, StreamWriter};
use world::Clock;

use crate::gate::Gate;
use crate::rates::{Meter, Rate};
use crate::rows::Known;
use crate::session::{CameraTask, Turns};
use crate::sink::{Farewell, StreamSink};
use crate::switch::{Decision, DemandTurn, Outlasting, Switch};
use crate::wanted::{self, Action, Unchanged, Unusable, Wanted};

mod turning;

pub use turning::Owed;

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
    /// Where it is recorded, if it is or may be.
    pub volume: Option<VolumeId>,
    /// Whether it is recorded, of one that runs; and since when it stands so.
    pub recording: Option<(Decision, WallTime)>,
    /// Why it cannot run, in words.
    pub problem: Option<String>,
}

struct Running {
    wanted: Wanted,
    /// Turns its recording on and off.
    switch: Switch,
    /// The machinery records it, while it is on.
    has_recorder: bool,
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
    /// How long lasts what was asked for of streams of which no session runs.
    outlasting: BTreeMap<StreamId, Outlasting>,
    /// What has come of what was asked for, by stream, for the catalog.
    demands_turned: BTreeMap<StreamId, DemandTurn>,
    unusable: Vec<Unusable>,
    ended: bool,
}

/// Keeps what runs in step with what should.
pub struct Control {
    machinery: Arc<dyn Machinery>,
    live: LiveHub,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    memory: Budget,
    gate: Gate,
    state: Mutex<State>,
}

impl Control {
    /// Nothing runs yet. Schedules are of clocks on walls in `zone`; `memory_max` bytes of frames
    /// may wait for the disk, all streams together.
    pub fn new(
        machinery: Arc<dyn Machinery>,
        live: LiveHub,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
        memory_max: usize,
    ) -> Self {
        let (gate, state) = (Gate::default(), Mutex::default());
        Self { machinery, live, clock, zone, memory: Budget::new(memory_max), gate, state }
    }

    /// What runs and is in `known` as it was when it was begun: the same address and login.
    pub fn unchanged(&self, known: &Known) -> Unchanged {
        let state = self.state();
        let same = |running: &&Running| {
            let id = running.wanted.stream;
            matches!((state.known.login(id), known.login(id)), (Some(was), Some(is)) if was == is)
        };
        let running = state.running.values().filter(same);
        running.map(|it| (it.wanted.stream, it.wanted.source.clone())).collect()
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
        self.take_over(known, wanted, unusable);
        (stopped, started)
    }

    /// Takes over what may change while streams run.
    fn take_over(&self, known: Known, wanted: Vec<Wanted>, unusable: Vec<Unusable>) {
        let mut begun = Vec::new();
        let mut state = self.state();
        for new in wanted {
            let Some(running) = state.running.get_mut(&new.stream) else { continue };
            let moves = running.wanted.volume != new.volume && running.has_recorder;
            if moves {
                self.machinery.wants(new.stream, new.volume);
            }
            running.wanted.volume = new.volume;
            running.switch.set(new.rules.clone());
            running.wanted.rules = new.rules;
            // What it asks for may be over by now; one that rests costs nothing.
            if running.wanted.is_ever_recorded() && !running.has_recorder {
                running.has_recorder = true;
                begun.push(running.to_record());
            }
        }
        let demanded = |stream: &StreamId| known.demands.iter().any(|row| row.stream == *stream);
        state.outlasting.retain(|stream, _| demanded(stream));
        state.known = known;
        state.unusable = unusable;
        // Before anything waits for a disk: what comes from now on is kept.
        self.turn(&mut state);
        drop(state);
        begun.into_iter().for_each(|stream| self.machinery.record(stream));
    }

    fn turn(&self, state: &mut State) {
        let (now, mono) = (self.clock.wall(), self.clock.mono());
        for (stream, running) in &mut state.running {
            if let Some(demand) = running.turn(&self.zone, now, mono) {
                state.demands_turned.insert(*stream, demand);
            }
        }
    }

    fn start(&self, wanted: Wanted) {
        let earlier = self.earlier_memory(wanted.stream);
        // What an earlier session has left is recorded all the same.
        let has_recorder = wanted.is_ever_recorded() || earlier.is_some();
        let (writer, reader) = earlier.unwrap_or_else(|| stream::stream_within(&self.memory));
        let (status, shutdown, farewell) =
            (StatusHandle::new(), Shutdown::new(), Farewell::default());
        let task = CameraTask {
            source: wanted.source.clone(),
            sink: StreamSink::new(writer, self.clock.clone(), farewell.clone(), self.gate.clone()),
            status: status.clone(),
            shutdown: shutdown.clone(),
            turn: self.state().turns.next(wanted.stream),
        };
        let (meter, tracks) = (Meter::default(), Vec::new());
        let outlasting = self.state().outlasting.get(&wanted.stream).cloned();
        let switch = Switch::after(outlasting, wanted.rules.clone());
        let mut running = Running {
            wanted,
            switch,
            has_recorder,
            status,
            reader,
            shutdown,
            farewell,
            meter,
            tracks,
        };
        // From the first frame on, however long its disk takes to be ready.
        let demand = running.turn(&self.zone, self.clock.wall(), self.clock.mono());
        if has_recorder {
            self.machinery.record(running.to_record());
        }
        let Wanted { camera, stream, .. } = running.wanted;
        self.live.add(camera, stream, running.reader.clone());
        self.machinery.connect(task);
        let mut state = self.state();
        let stream = running.wanted.stream;
        state.demands_turned.extend(demand.map(|demand| (stream, demand)));
        if state.ended {
            // Everything was told to end while it began.
            running.shutdown.request();
        }
        // Until now whoever asked what outlasts has found it there.
        state.outlasting.remove(&stream);
        state.running.insert(stream, running);
    }

    /// The memory of a stream's earlier session, while anything waits there, which is then recorded
    /// before what comes.
    fn earlier_memory(&self, stream: StreamId) -> Option<(StreamWriter, StreamReader)> {
        let earlier = self.state().waiting.remove(&stream);
        let (reader, ended) = earlier.filter(|(reader, _)| !reader.is_idle())?;
        Some((reader.writer(ended), reader))
    }

    fn stop(&self, stream: StreamId, cause: EndCause) {
        let Some(running) = self.state().take_out(stream) else { return };
        running.farewell.set(cause);
        running.shutdown.request();
        self.live.remove(stream);
        if running.has_recorder {
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

impl Running {
    /// What the machinery is told to record it.
    fn to_record(&self) -> RecordedStream {
        RecordedStream { wanted: self.wanted.clone(), reader: self.reader.clone() }
    }

    /// Carries out what its switch says; what has come of what somebody asked for.
    fn turn(&mut self, zone: &TimeZone, now: WallTime, mono: MonoTime) -> Option<DemandTurn> {
        let turned = self.switch.look(zone, now, mono);
        match turned.to {
            None => {}
            Some(Ok(())) => self.reader.retain(),
            Some(Err(cause)) => self.reader.rest(cause, mono),
        }
        turned.demand
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

    /// Takes a stream out of what runs.
    fn take_out(&mut self, stream: StreamId) -> Option<Running> {
        let running = self.running.remove(&stream)?;
        let outlasting = running.switch.outlasting();
        self.outlasting.extend(outlasting.map(|outlasting| (stream, outlasting)));
        Some(running)
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
            recording: running.and_then(|r| Some((r.switch.decision()?, r.switch.since()))),
            problem: problem.map(|unusable| unusable.problem.clone()),
        }
    }
}
