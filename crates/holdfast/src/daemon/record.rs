//! The thread of one volume: opens it, records its streams on its beat, and ends them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use api::operations::VolumeState;
use archive::{ArchiveKey, Expect, OpenVolumeError, Volume};
use base::{MonoTime, StreamId, VolumeId, limits};
use catalog::{Catalog, Change, VolumeRow};
use control::alarms::Board;
use control::lives::Lives;
use control::roster::HandedOn;
use control::{Roster, guests};
use recorder::VolumeRecorder;
use recorder::retain::KeptFiles;
use recorder::{Alarm, DiskFault, Now, Settings, Site, StepReport};

use super::bringing::Bringing;
use super::finishing::Finishing;
use super::health::{Health, state_in};
use super::keep::{self, Keeper};
use super::machine::Machine;
use super::noting::{self, Notes};
use super::repairing::Repair;
use super::standings::Standings;
use super::today::Today;
use super::volumes::OpenVolumes;
use crate::pool::Pool;
use crate::rows::{Done, Rows, nobody_waits};
use crate::vital::Vital;

/// How often a volume that is not there is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// A volume that is not there for so long after a start is not waited for at the next one, where no
/// file waits for it.
const LEFT_OUT_AFTER: Duration = Duration::from_secs(600);
/// The longest time that a volume waits for the catalog before it is recorded on.
const NOTED_WITHIN: Duration = Duration::from_secs(5);
/// Commands that may wait for a thread that is busy with its disk.
const COMMANDS_MAX: usize = 4096;

/// What a volume's thread is told.
pub enum Command {
    /// What placement says of a stream; with it, the door of the volume that it is released to.
    Stream(guests::Command, Option<Door>),
    /// Repair what a check has found.
    Repair(Repair),
    /// Write notes beside footage.
    Bring(Bringing),
    /// New settings.
    Set(Settings),
    /// Write everything, seal and report; and then what comes from other volumes, at once.
    Finish(Finishing),
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
    /// Where it is put up that the catalog is older than what lies on the volume.
    pub board: Board,
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
pub fn start(recording: Recording) -> std::io::Result<Door> {
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
    roster: Roster,
    /// The doors of volumes that streams are released to.
    doors: BTreeMap<VolumeId, Door>,
    at_work: Option<AtWork>,
    look_again: MonoTime,
    /// When to say that it is not there, unless it is by then; `None`: it was said.
    left_out_at: Option<MonoTime>,
    /// That was said, and may not have reached the catalog yet.
    left_out: bool,
    /// Once everything ends.
    finishing: Option<Finishing>,
}

/// What there is while the volume is open.
struct AtWork {
    recorder: VolumeRecorder,
    keeper: Keeper,
}

impl Thread {
    fn new(with: Recording) -> Self {
        let pool = Pool::new(&format!("sync-{}", with.row.name), limits::SYNC_THREADS_MAX);
        let look_again = with.machine.mono();
        let (roster, doors) = (Roster::new(with.row.id), BTreeMap::new());
        let left_out_at = Some(look_again + LEFT_OUT_AFTER);
        let (at_work, finishing) = (None, None);
        let left_out = false;
        Self { with, pool, roster, doors, at_work, look_again, left_out_at, left_out, finishing }
    }

    fn run(mut self, commands: &Receiver<Box<Command>>) {
        while self.finishing.is_none() {
            let now = self.now();
            let due = self.at_work.as_mut().map(|at_work| at_work.recorder.comes_due(now.mono));
            match due {
                None if self.look_again <= now.mono => self.try_open(now),
                Some(true) => self.step(now),
                None | Some(false) => {}
            }
            let due = self.at_work.as_ref().map_or(self.look_again, |a| a.recorder.due());
            match commands.recv_timeout(due.since(self.now().mono)) {
                Ok(command) => self.obey(*command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        // From now on it writes what comes as soon as it comes.
        while let Ok(command) = commands.recv() {
            self.obey(*command);
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Stream(command, door) => {
                let records = command.records();
                if let (guests::Command::Release(_, to), Some(door)) = (&command, door) {
                    self.doors.insert(*to, door);
                }
                let opened = self.at_work.as_mut().map(|at_work| &mut at_work.recorder);
                let handed_on = self.roster.obey(command, opened);
                self.hand_on(handed_on);
                if records && self.finishing.is_some() {
                    self.finish();
                }
            }
            Command::Repair(repair) => {
                // Whoever waits hears that the volume is not open.
                if let Some(at_work) = &self.at_work {
                    at_work.keeper.repair(repair);
                }
            }
            Command::Bring(bringing) => {
                if let Some(at_work) = &self.at_work {
                    at_work.keeper.bring(bringing);
                }
            }
            Command::Set(settings) => self.set(settings),
            Command::Finish(finishing) => {
                self.finishing = Some(finishing);
                self.finish();
                // Nothing is handed on any more.
                self.doors.clear();
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
                self.looked_at(false);
                self.leave_out(now);
                self.refused(&error);
            }
        }
    }

    /// Notes that nothing which is written from now on can be followed by something here, for the
    /// start after a crash.
    fn leave_out(&mut self, now: Now) {
        let due = self.left_out_at.is_some_and(|at| at <= now.mono);
        if due && self.with.standings.can_do_without(self.with.row.id) {
            (self.left_out_at, self.left_out) = (None, true);
            self.note_at_work(false, nobody_waits());
            self.with.standings.heard(self.with.row.id);
        }
    }

    fn note_at_work(&self, at_work: bool, done: Done) {
        let change = Change::VolumeAtWork { volume: self.with.row.id, at_work };
        // One that is not taken leaves it as it was: more than necessary is waited for.
        let _ = self.with.rows.submit(vec![change], done);
    }

    /// A volume that was left out may hold what follows a file again, once streams come here: the
    /// catalog knows that first, unless it is stuck.
    fn take_in_again(&mut self) {
        self.left_out_at = None;
        let id = self.with.row.id;
        let known = self.with.catalog.volumes_at_work().is_ok_and(|all| all.contains(&id));
        // What was said here may wait for a catalog that is stuck, and would come later than this.
        if known && !self.left_out {
            return;
        }
        let (done, noted) = sync_channel(1);
        let done: Done = Box::new(move |result| {
            if result.is_ok() {
                let _ = done.try_send(());
            }
        });
        self.note_at_work(true, done);
        self.left_out &= noted.recv_timeout(NOTED_WITHIN).is_err();
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

    /// The volume was looked at, or cannot be: others need not wait for what it would tell.
    fn looked_at(&self, is_there: bool) {
        self.with.standings.looked_at(self.with.row.id);
        self.with.catalog.tail().looked_at(self.with.row.id, is_there);
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
        self.take_in_again();
        let again = self.with.health.snapshot().open;
        survey.explain(|begun| self.with.lives.cut_off(begun, again));
        self.with.standings.learn(self.with.row.id, &survey);
        self.looked_at(true);
        for file in &survey.unreadable {
            tracing::error!(volume = self.with.row.name, "{file}");
        }
        let (id, open) = (self.with.row.id, self.with.open.clone());
        let notes = Notes::read(
            KeptFiles::new(volume.clone(), self.with.catalog.clone()),
            self.with.rows.clone(),
            self.with.board.clone(),
            &self.with.row.name,
            noting::Door { open, id, volume: volume.clone() },
        );
        let keeping = keep::Keeping {
            site: site.clone(),
            rows: self.with.rows.clone(),
            health: self.with.health.clone(),
            row: self.with.row.clone(),
            standings: self.with.standings.clone(),
            today: self.with.today.clone(),
            scrub_rate: self.with.scrub_rate,
            older: survey.older,
            retries: recorder::recover::Retries::default(),
            held: Vec::new(),
            damage: keep::Damage::default(),
        };
        let keeper = match Keeper::start(keeping, notes) {
            Ok(keeper) => keeper,
            Err(error) => return self.cannot_start(&format!("cannot start a thread: {error}")),
        };
        keeper.finish(survey.unfinished);
        let recorder = VolumeRecorder::new(site, self.with.settings, now);
        let mut at_work = AtWork { recorder, keeper };
        self.roster.open(&mut at_work.recorder);
        self.at_work = Some(at_work);
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
        self.looked_at(false);
        tracing::error!(volume = self.with.row.name, "{problem}");
        self.with.health.update(|health| {
            health.state = VolumeState::Failing;
            health.problem = Some(problem.to_owned());
        });
    }

    /// Passes on what goes on on other volumes, and forgets what was wrong with whatever is not
    /// here any more.
    fn hand_on(&mut self, handed_on: impl IntoIterator<Item = HandedOn>) {
        for (to, command) in handed_on {
            let command = Box::new(Command::Stream(command, None));
            if self.doors.get(&to).is_none_or(|door| door.try_send(command).is_err()) {
                // Placement sees that nobody has it.
                tracing::error!("the volume that a stream moves to is stuck: its frames wait");
            }
        }
        self.doors.retain(|to, _| self.roster.releases_to(*to));
        let roster = &self.roster;
        self.with.health.update(|health| health.trouble.retain(|stream, _| roster.has(*stream)));
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
        let streams = self.roster.len();
        self.with.health.update(|health| {
            health.round_began = None;
            health.last_round = Some(took);
            health.rounds += 1;
            health.failures += u64::from(failed);
            health.fault = worst_fault(&report.alarms).unwrap_or(health.fault);
            health.bytes_per_second = rate;
            health.streams = streams;
            health.dated_late = report.dated_late.iter().copied().collect();
            for (stream, _) in &report.durable {
                health.trouble.remove(stream);
            }
            let slow = report.alarms.iter().find(|alarm| matches!(alarm, Alarm::Slow { .. }));
            // A stream in trouble is tried again in seconds: until it succeeds the disk fails.
            (health.state, health.problem) = match (health.trouble.values().next(), slow) {
                (Some(trouble), _) => (state_in(health.fault), Some(trouble.clone())),
                (None, Some(slow)) => (VolumeState::Degraded, Some(slow.to_string())),
                (None, None) => (VolumeState::Ok, None),
            };
        });
        if let Some(at_work) = &self.at_work {
            let handed_on = self.roster.took_in(&report, &at_work.recorder);
            self.hand_on(handed_on);
        }
        self.submit(report.changes);
        if let Some(at_work) = &self.at_work {
            at_work.keeper.finish(report.unfinished);
        }
    }

    fn tell(&self, alarm: &Alarm) {
        let volume = &self.with.row.name;
        let name = |stream: &StreamId| {
            let label = self.roster.label(*stream);
            label.map_or_else(|| stream.to_string(), ToOwned::to_owned)
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

    /// Writes everything now, as far as the disk lets it.
    fn finish(&mut self) {
        let now = self.now();
        let report = self.at_work.as_mut().map(|at| at.recorder.finish(now, &self.pool));
        let well = report.as_ref().is_some_and(|report| report.all_committed());
        if let Some(report) = report {
            self.took_in(report.step, now);
        }
        if let Some(finishing) = &self.finishing {
            finishing.ended(self.with.row.id, well);
        }
    }
}

/// Why the disk fails, where it does: a full or read-only one says so for each file.
fn worst_fault(alarms: &[Alarm]) -> Option<DiskFault> {
    let faults = alarms.iter().filter_map(|alarm| match alarm {
        Alarm::Disk { fault, .. } => Some(*fault),
        _ => None,
    });
    faults.reduce(|all, one| if all == DiskFault::Other { one } else { all })
}

/// The door to a volume's thread. Boxed, for a channel touches all of its places when it is made.
pub type Door = SyncSender<Box<Command>>;
