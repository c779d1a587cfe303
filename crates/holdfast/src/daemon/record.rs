//! The thread of one volume: opens it, records its streams on its beat, and ends them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use api::operations::VolumeState;
use archive::{ArchiveKey, Expect, OpenVolumeError, Volume};
use base::{MonoTime, StreamId, limits};
use catalog::{Catalog, VolumeRow};
use control::RecordedStream;
use control::lives::Lives;
use recorder::VolumeRecorder;
use recorder::{Alarm, Before, Now, Settings, Site, Standing, StepReport, StreamJob};
use stream::EndCause;

use super::health::Health;
use super::keep::{self, Keeper};
use super::machine::Machine;
use super::repairing::Repair;
use super::standings::Standings;
use super::today::Today;
use super::volumes::{Collected, OpenVolumes};
use crate::pool::Pool;
use crate::rows::{Rows, nobody_waits};
use crate::vital::Vital;

/// How often a volume that is not there is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Commands that may wait for a thread that is busy with its disk.
const COMMANDS_MAX: usize = 4096;

/// What a volume's thread is told.
pub enum Command {
    /// Record a stream, going on where its recording stands.
    Record(Box<RecordedStream>, Arc<Standing>),
    /// Let a stream go at its next key frame: it is recorded behind that door from then on.
    Release(StreamId, Door),
    /// Another volume has taken the stream over.
    Cut(StreamId),
    /// Write what a stream has, and end it.
    Forget(StreamId),
    /// Repair what a check has found.
    Repair(Repair),
    /// New settings.
    Set(Settings),
    /// Write everything, seal, report, and end.
    Finish(Collected),
}

/// What the thread of a volume is made of.
pub struct Recording {
    /// The volume.
    pub row: VolumeRow,
    /// Questions about rows, and the tail.
    pub catalog: Catalog,
    /// The catalog's writer.
    pub rows: Rows,
    /// The archive's key.
    pub key: Arc<ArchiveKey>,
    /// The real world.
    pub machine: Machine,
    /// How segments are cut and synced.
    pub settings: Settings,
    /// Where it says how it is.
    pub health: Health,
    /// Where an open volume is found by readers.
    pub open: OpenVolumes,
    /// What all volumes know in common of the streams.
    pub standings: Standings,
    /// How the process ended before.
    pub lives: Arc<Lives>,
    /// What ages of footage count to.
    pub today: Today,
    /// Bytes a second that the background check reads; 0: none.
    pub scrub_rate: u64,
}

/// Starts the thread; commands go through the door.
pub fn start(recording: Recording) -> std::io::Result<SyncSender<Command>> {
    let (door, commands) = sync_channel(COMMANDS_MAX);
    let name = format!("record-{}", recording.row.name);
    let work = move || {
        let _vital = Vital::new("records a volume");
        Thread::new(recording).run(&commands);
    };
    std::thread::Builder::new().name(name).spawn(work)?;
    Ok(door)
}

struct Thread {
    with: Recording,
    pool: Pool,
    /// Streams to record, also while the volume is not open.
    streams: BTreeMap<StreamId, Recorded>,
    /// Those that are let go at their next key frame, and where they go.
    releasing: BTreeMap<StreamId, Door>,
    at_work: Option<AtWork>,
    look_again: MonoTime,
}

/// A stream, and where its recording stands.
struct Recorded {
    stream: RecordedStream,
    standing: Arc<Standing>,
}

/// What there is while the volume is open.
struct AtWork {
    recorder: VolumeRecorder,
    keeper: Keeper,
    before: HashMap<StreamId, Before>,
}

impl Thread {
    fn new(with: Recording) -> Self {
        let pool = Pool::new(&format!("sync-{}", with.row.name), limits::SYNC_THREADS_MAX);
        let look_again = with.machine.mono();
        let (streams, releasing) = (BTreeMap::new(), BTreeMap::new());
        Self { with, pool, streams, releasing, at_work: None, look_again }
    }

    fn run(mut self, commands: &Receiver<Command>) {
        loop {
            let now = self.now();
            match &self.at_work {
                None if self.look_again <= now.mono => self.try_open(now),
                Some(at_work) if at_work.recorder.due() <= now.mono => self.step(now),
                _ => {}
            }
            let due = self.at_work.as_ref().map_or(self.look_again, |a| a.recorder.due());
            match commands.recv_timeout(due.since(self.now().mono)) {
                Ok(Command::Record(stream, standing)) => {
                    self.record(Recorded { stream: *stream, standing });
                }
                Ok(Command::Release(stream, to)) => self.release(stream, to),
                Ok(Command::Cut(stream)) => self.cut_off(stream),
                Ok(Command::Forget(stream)) => self.forget(stream),
                Ok(Command::Repair(repair)) => {
                    // Whoever waits hears that the volume is not open.
                    if let Some(at_work) = &self.at_work {
                        at_work.keeper.repair(repair);
                    }
                }
                Ok(Command::Set(settings)) => self.set(settings),
                Ok(Command::Finish(ended)) => return self.finish(&ended),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn now(&self) -> Now {
        Now::of(&*self.with.machine.clock)
    }

    fn try_open(&mut self, now: Now) {
        let row = &self.with.row;
        let expect = Expect { volume: Some(row.id), archive: self.with.catalog.archive() };
        let disk = self.with.machine.disk.clone();
        let opened = Volume::open(disk, &row.path, expect, &crate::note());
        self.look_again = now.mono + LOOK_AGAIN;
        match opened {
            Ok(volume) => {
                self.take_key(&volume);
                self.open(Arc::new(volume), now);
            }
            Err(error) => {
                self.with.standings.looked_at(self.with.row.id);
                self.refused(&error);
            }
        }
    }

    /// Where the archive's key was lost, the volume names the one that signs since, too.
    fn take_key(&self, volume: &Volume) {
        let key = self.with.key.public_key();
        let digits = || key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let volume_name = &self.with.row.name;
        match volume.take_key(key) {
            Ok(false) => {}
            Ok(true) => tracing::warn!(
                volume = volume_name,
                "the archive's key is another than before: footage is signed with {} from now \
                 on; if nobody lost the old key, find out who exchanged it",
                digits()
            ),
            // It is tried again with the next start; until then checks name what it signs.
            Err(error) => tracing::error!(
                volume = volume_name,
                "the archive's new key {} was not written down: {error}",
                digits()
            ),
        }
    }

    fn refused(&self, error: &OpenVolumeError) {
        let told = self.with.health.snapshot().problem == Some(error.to_string());
        self.with.health.refused(error);
        if !told {
            tracing::error!(volume = self.with.row.name, "not recording here: {error}");
        }
    }

    fn open(&mut self, volume: Arc<Volume>, now: Now) {
        let site = Site {
            volume: volume.clone(),
            key: Some(self.with.key.clone()),
            catalog: self.with.catalog.clone(),
            clock: self.with.machine.clock.clone(),
            entropy: self.with.machine.entropy.clone(),
        };
        let mut survey = match recorder::recover::survey(&volume, &self.with.catalog, now.wall) {
            Ok(survey) => survey,
            Err(error) => return self.cannot_start(&error.to_string()),
        };
        let again = self.with.health.snapshot().open;
        survey.explain(|begun| self.with.lives.cut_off(begun, again));
        self.with.standings.learn(self.with.row.id, &survey);
        for file in &survey.unreadable {
            tracing::error!(volume = self.with.row.name, "{file}");
        }
        let keeper = Keeper::start(keep::Keeping {
            site: site.clone(),
            rows: self.with.rows.clone(),
            health: self.with.health.clone(),
            row: self.with.row.clone(),
            standings: self.with.standings.clone(),
            today: self.with.today.clone(),
            scrub_rate: self.with.scrub_rate,
            older: survey.older,
            retries: recorder::recover::Retries::default(),
        });
        let keeper = match keeper {
            Ok(keeper) => keeper,
            Err(error) => return self.cannot_start(&format!("cannot start a thread: {error}")),
        };
        keeper.finish(survey.unfinished);
        let recorder = VolumeRecorder::new(site, self.with.settings, now);
        let mut at_work = AtWork { recorder, keeper, before: survey.before };
        self.streams.values().for_each(|stream| add(&mut at_work, stream));
        self.at_work = Some(at_work);
        self.with.open.add(self.with.row.id, volume.clone());
        self.with.health.update(|health| {
            (health.open, health.tried) = (true, true);
            health.state = VolumeState::Ok;
            health.problem = None;
            health.id = Some(self.with.row.id);
            health.space = volume.space().ok();
        });
        tracing::info!(volume = self.with.row.name, path = %volume.root().display(), "recording");
    }

    fn cannot_start(&self, problem: &str) {
        tracing::error!(volume = self.with.row.name, "{problem}");
        self.with.health.update(|health| {
            health.state = VolumeState::Failing;
            health.problem = Some(problem.to_owned());
        });
    }

    fn record(&mut self, recorded: Recorded) {
        // While the volume is not there, what comes waits in memory, as far as that goes.
        let stream = recorded.stream.wanted.stream;
        self.releasing.remove(&stream);
        if let Some(at_work) = &mut self.at_work {
            add(at_work, &recorded);
        }
        self.streams.insert(stream, recorded);
    }

    /// A stream is to go on elsewhere, from its next key frame on.
    fn release(&mut self, stream: StreamId, to: Door) {
        let at_work = self.at_work.as_mut();
        if at_work.is_some_and(|at_work| at_work.recorder.release(stream)) {
            self.releasing.insert(stream, to);
        } else {
            self.hand_on(stream, &to);
        }
    }

    /// Nothing of a stream grows here any more: it goes on behind that door.
    fn hand_on(&mut self, stream: StreamId, to: &Door) {
        let Some(Recorded { stream: recorded, standing }) = self.streams.remove(&stream) else {
            return;
        };
        self.with.health.update(|health| {
            health.trouble.remove(&stream);
        });
        if to.try_send(Command::Record(Box::new(recorded), standing)).is_err() {
            tracing::error!(%stream, "the volume that it moves to is stuck: its frames wait");
        }
    }

    /// Another volume records it.
    fn cut_off(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
        self.releasing.remove(&stream);
        self.with.health.update(|health| {
            health.trouble.remove(&stream);
        });
    }

    fn forget(&mut self, stream: StreamId) {
        self.cut_off(stream);
        if let Some(at_work) = &mut self.at_work {
            at_work.recorder.remove(stream, EndCause::Reconfigured);
        }
    }

    fn set(&mut self, settings: Settings) {
        self.with.settings = settings;
        if let Some(at_work) = &mut self.at_work {
            at_work.recorder.set(settings);
        }
    }

    fn step(&mut self, now: Now) {
        let Some(at_work) = &mut self.at_work else { return };
        self.with.health.update(|health| health.round_began = Some(now.mono));
        let report = at_work.recorder.step(now, &self.pool);
        self.took_in(report, now);
    }

    /// Hands a step's rows to the catalog and its alarms to whoever looks.
    fn took_in(&mut self, report: StepReport, began: Now) {
        let took = self.now().mono.since(began.mono);
        let failed = report.alarms.iter().any(|alarm| matches!(alarm, Alarm::Disk { .. }));
        for alarm in &report.alarms {
            self.tell(alarm);
        }
        let rate = self.at_work.as_ref().map_or(0, |at| at.recorder.bytes_per_second());
        let streams = self.streams.len();
        self.with.health.update(|health| {
            health.round_began = None;
            health.last_round = Some(took);
            health.rounds += 1;
            health.failures += u64::from(failed);
            if failed {
                health.full = report.alarms.iter().any(is_full);
            }
            health.bytes_per_second = rate;
            health.streams = streams;
            health.dated_late = report.dated_late.iter().copied().collect();
            for (stream, _) in &report.durable {
                health.trouble.remove(stream);
            }
            let slow = report.alarms.iter().find(|alarm| matches!(alarm, Alarm::Slow { .. }));
            // A stream in trouble is tried again in seconds: until it succeeds the disk fails.
            (health.state, health.problem) = match (health.trouble.values().next(), slow) {
                (Some(trouble), _) => (VolumeState::Failing, Some(trouble.clone())),
                (None, Some(slow)) => (VolumeState::Degraded, Some(slow.to_string())),
                (None, None) => (VolumeState::Ok, None),
            };
        });
        self.submit(report.changes);
        if let Some(at_work) = &self.at_work {
            at_work.keeper.finish(report.unfinished);
        }
        report.cut_off.into_iter().for_each(|stream| self.cut_off(stream));
        for stream in report.released {
            if let Some(to) = self.releasing.remove(&stream) {
                self.hand_on(stream, &to);
            }
        }
    }

    fn tell(&self, alarm: &Alarm) {
        let volume = &self.with.row.name;
        let name = |stream: &StreamId| {
            self.streams
                .get(stream)
                .map_or_else(|| stream.to_string(), |s| s.stream.wanted.source.label.clone())
        };
        match alarm {
            Alarm::Disk { stream, .. } => {
                // The list of alarms says it, once.
                tracing::debug!(volume, stream = name(stream), "{alarm}");
                let words = alarm.to_string();
                self.with.health.update(|health| {
                    health.last_failure = Some(words.clone());
                    health.trouble.insert(*stream, words);
                });
            }
            Alarm::Lost { stream, lost, .. } => {
                tracing::debug!(volume, stream = name(stream), "{alarm}");
                self.with.health.update(|health| {
                    *health.lost.entry(*stream).or_default() += lost.frames;
                });
            }
            Alarm::Clock { stream, .. } | Alarm::Held { stream, .. } => {
                tracing::warn!(volume, stream = name(stream), "{alarm}");
            }
            _ => tracing::debug!(volume, "{alarm}"),
        }
    }

    fn submit(&self, changes: Vec<catalog::Change>) {
        if changes.is_empty() {
            return;
        }
        // A catalog that does not take rows must not stop recording: files without rows are
        // adopted at the next start.
        if self.with.rows.submit(changes, nobody_waits()).is_err() {
            tracing::error!(
                "the catalog does not keep up: rows of segments are left to the next start"
            );
        }
    }

    fn finish(mut self, ended: &Collected) {
        let now = self.now();
        let Some(mut at_work) = self.at_work.take() else {
            // Without its volume, what came was never recorded.
            return ended.ended(self.streams.is_empty());
        };
        let report = at_work.recorder.finish(now, &self.pool);
        let committed = report.all_committed();
        for (stream, lost) in &report.uncommitted {
            tracing::error!(%stream, "{} frames could not be committed", lost.frames);
        }
        self.took_in(report.step, now);
        ended.ended(committed);
    }
}

fn add(at_work: &mut AtWork, recorded: &Recorded) {
    let Recorded { stream, standing } = recorded;
    let wanted = &stream.wanted;
    at_work.recorder.add(StreamJob {
        camera: wanted.camera,
        camera_slug: wanted.camera_slug.clone(),
        camera_name: wanted.camera_name.clone(),
        stream: wanted.stream,
        stream_name: wanted.stream_name.clone(),
        reader: stream.reader.clone(),
        standing: standing.clone(),
        before: at_work.before.remove(&wanted.stream),
    });
}

fn is_full(alarm: &Alarm) -> bool {
    matches!(alarm, Alarm::Disk { full: true, .. })
}

/// The door to a volume's thread.
pub type Door = SyncSender<Command>;
