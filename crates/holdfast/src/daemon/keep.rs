//! The slow thread of a volume: seals what recovery found, removes what retention says, repairs
//! what a check found, and reads old footage in the background.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use base::MonoTime;
use catalog::{Change, VolumeRow};
use recorder::recover::{FinishError, Held, Older, Retries};
use recorder::{Now, Scrub, Site, Unfinished, recover};

use super::bringing::Bringing;
use super::health::Health;
use super::noting::Notes;
use super::repairing::Repair;
use super::retaining::Retaining;
use super::standings::Standings;
use super::today::Today;
use crate::rows::Rows;
use crate::vital::Vital;

mod damage;

pub use damage::Damage;

/// How often space is looked at.
const PERIOD: Duration = Duration::from_secs(5);
/// Other volumes are waited for no longer than this.
const OTHERS_MAX: Duration = Duration::from_secs(10);
/// How often it is looked whether they are there.
const OTHERS_LOOK: Duration = Duration::from_millis(200);
/// Files that may wait to be sealed.
const UNFINISHED_MAX: usize = 65_536;
/// Jobs that may wait for the thread.
const JOBS_MAX: usize = 1024;
/// A channel has a place for each from its beginning, and touches all of them.
const _: () = assert!(JOBS_MAX * size_of::<Job>() <= 256 << 10);

/// What the thread is made of.
pub struct Keeping {
    /// The volume and what goes with it.
    pub site: Site,
    /// The catalog's writer.
    pub rows: Rows,
    /// Where the volume says how it is.
    pub health: Health,
    /// The volume's row.
    pub row: VolumeRow,
    /// What all volumes know in common of the streams.
    pub standings: Standings,
    /// What the start did not look at.
    pub older: Vec<Older>,
    /// What ages of footage count to.
    pub today: Today,
    /// Bytes a second that the background check reads; 0: none.
    pub scrub_rate: u64,
    /// Files whose sealing failed: they are tried again, ever later.
    pub retries: Retries,
    /// Files that wait for a volume which was not looked at.
    pub held: Vec<Unfinished>,
    /// When it is asked what is damaged.
    pub damage: Damage,
}

/// The door to the thread; it ends when the door is dropped.
pub struct Keeper {
    door: SyncSender<Job>,
}

/// What the thread is told to do.
enum Job {
    /// Seal files.
    Finish(Vec<Unfinished>),
    /// Repair what somebody waits for.
    Repair(Repair),
    /// Write notes that somebody waits for.
    Bring(Bringing),
}

impl Keeper {
    /// Starts the thread, with what is noted on the volume.
    pub fn start(keeping: Keeping, notes: Notes) -> std::io::Result<Self> {
        let (door, unfinished) = sync_channel(JOBS_MAX);
        let name = format!("keep-{}", keeping.row.name);
        let work = move || {
            let _vital = Vital::new("seals and removes footage");
            keeping.run(&unfinished, notes);
        };
        std::thread::Builder::new().name(name).spawn(work)?;
        Ok(Self { door })
    }

    /// Files that are to be sealed when there is time.
    pub fn finish(&self, unfinished: Vec<Unfinished>) {
        if !unfinished.is_empty() && self.door.try_send(Job::Finish(unfinished)).is_err() {
            too_many_wait();
        }
    }

    /// A repair; where it cannot be taken, whoever waits hears that.
    pub fn repair(&self, repair: Repair) {
        let _ = self.door.try_send(Job::Repair(repair));
    }

    /// Notes; where they cannot be taken, whoever waits hears that.
    pub fn bring(&self, bringing: Bringing) {
        let _ = self.door.try_send(Job::Bring(bringing));
    }
}

fn too_many_wait() {
    tracing::warn!("too many files wait to be sealed: the next start sees to them");
}

impl Keeping {
    fn run(mut self, door: &Receiver<Job>, notes: Notes) {
        let mut waiting = VecDeque::new();
        let began = self.site.clock.mono();
        let mut look = began;
        let (rows, health) = (self.rows.clone(), self.health.clone());
        let today = self.today.clone();
        let mut retaining = Retaining::new(&self.site, rows, health, today, &self.row.name, notes);
        let Site { volume, catalog, .. } = &self.site;
        let mut scrub = Scrub::new(volume.clone(), catalog.clone(), self.scrub_rate, look);
        loop {
            let now = Now::of(&*self.site.clock);
            self.scrub(&mut scrub, now);
            if now.mono >= look {
                self.probe();
                self.count_damage(now.mono);
                let more = retaining.look(now);
                waiting.extend(self.retries.due(now.mono));
                waiting.extend(self.held.drain(..));
                // In small steps, with whatever else waits between them.
                look = if more { now.mono } else { now.mono + PERIOD };
            }
            let idle = waiting.is_empty() && self.older.is_empty();
            // Where the disk is gone, what there is to do waits for it.
            let idle = idle || self.site.volume.is_there().is_err();
            // Where another volume holds what follows a file, that has to be known first.
            let early = !self.standings.is_complete() && now.mono.since(began) < OTHERS_MAX;
            let look = if early { look.min(now.mono + OTHERS_LOOK) } else { look };
            let idle = idle || early;
            let next = scrub.due().map_or(look, |due| due.min(look));
            let patience = if idle { next.since(now.mono) } else { Duration::ZERO };
            match door.recv_timeout(patience) {
                Ok(Job::Finish(files)) => {
                    let room = UNFINISHED_MAX.saturating_sub(waiting.len());
                    if files.len() > room {
                        too_many_wait();
                    }
                    waiting.extend(files.into_iter().take(room));
                    continue;
                }
                Ok(Job::Repair(repair)) => {
                    repair.carry_out(&self.site, &self.rows, &self.standings);
                    self.damage.changed();
                    continue;
                }
                Ok(Job::Bring(bringing)) => {
                    bringing.carry_out(&self.site, &mut retaining);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) if idle => continue,
                Err(RecvTimeoutError::Timeout) => {}
            }
            match waiting.pop_front() {
                Some(mut file) => match self.standings.settle(&mut file) {
                    true => self.seal(&file),
                    false => self.hold(file),
                },
                None => waiting.extend(self.next_orphans()),
            }
        }
    }

    /// One piece of the background check, where it is due.
    fn scrub(&mut self, scrub: &mut Scrub, now: Now) {
        let done = match scrub.step(now) {
            Ok(done) => done,
            Err(error) => {
                return tracing::error!(volume = self.row.name, "background check: {error}");
            }
        };
        if done.read > 0 {
            self.health.update(|health| health.scrubbed += done.read);
        }
        // The alarm lasts as long as the damage is known; the log has each once a pass.
        for finding in &done.findings {
            tracing::error!(
                volume = self.row.name,
                file = finding.file,
                "footage is damaged: {}; `holdfast check --repair --hashes` does what can be done",
                finding.damage
            );
        }
        self.apply(done.changes);
    }

    /// A disk that was in trouble shows that it is well.
    fn probe(&self) {
        if !self.health.snapshot().suspect {
            return;
        }
        match self.site.volume.probe() {
            Ok(()) => {
                tracing::info!(volume = self.row.name, "the disk takes footage again");
                self.health.update(|health| health.suspect = false);
            }
            Err(error) => {
                self.health.update(|health| health.last_failure = Some(error.to_string()));
            }
        }
    }

    /// What checks have found, for the list of alarms.
    fn count_damage(&mut self, now: MonoTime) {
        if !self.damage.is_due(now) {
            return;
        }
        // A catalog that cannot be read says so elsewhere; what was known stays.
        if let Ok(damaged) = self.site.catalog.damaged(self.row.id) {
            self.health.update(|health| health.damaged = damaged.len());
        }
    }

    /// Files without a row in the newest of what was not looked at yet.
    fn next_orphans(&mut self) -> Vec<Unfinished> {
        let Some(older) = self.older.pop() else { return Vec::new() };
        let found = recover::orphans(&self.site.volume, &self.site.catalog, &older);
        found.unwrap_or_else(|error| {
            tracing::error!(volume = self.row.name, "{error}");
            Vec::new()
        })
    }

    /// What follows a file may lie on a volume that is not there: until it is, or is taken out of
    /// the archive, the file is shown as if it still grew.
    fn hold(&mut self, file: Unfinished) {
        match recover::hold(&self.site.volume, &self.site.catalog, &file) {
            Ok(Held::Sealed) => return self.seal(&file),
            Ok(Held::Before) => {}
            Ok(Held::Shown) => tracing::warn!(
                volume = self.row.name,
                file = file.place.relative(),
                "cut off, and not sealed before all volumes are there: what follows it may lie on \
                 one that is missing"
            ),
            // Nothing of it counts, or it stays as it is: others cannot change that.
            Err(error) if !error.may_pass() => return self.seal(&file),
            Err(error) => return self.not_recovered(&file, &error),
        }
        if self.held.len() < UNFINISHED_MAX {
            self.held.push(file);
        }
    }

    fn not_recovered(&mut self, file: &Unfinished, error: &FinishError) {
        tracing::error!(volume = self.row.name, "not recovered: {error}");
        let now = Now::of(&*self.site.clock);
        let known = self.retries.failed(file.clone(), error, now);
        if known.is_some() {
            // It may be read some day, and is not waited for any more.
            self.site.catalog.tail().is_read(file.place.id);
        }
        self.apply(known.into_iter().collect());
    }

    fn seal(&mut self, file: &Unfinished) {
        let Site { volume, catalog, key, .. } = &self.site;
        let finished = match recover::finish(volume, catalog, key.as_deref(), file) {
            Ok(finished) => finished,
            Err(error) => return self.not_recovered(file, &error),
        };
        self.retries.finished(file);
        self.standings.forget(file);
        for note in &finished.notes {
            tracing::warn!(volume = self.row.name, "{note}");
        }
        if let Some((stream, end)) = finished.footage {
            self.standings.of(stream).footage_ends(end);
        }
        if !self.apply(finished.changes) {
            self.site.catalog.tail().is_read(file.place.id);
        }
    }

    /// Makes rows durable; whether they are.
    fn apply(&mut self, changes: Vec<Change>) -> bool {
        self.damage.changed_by(&changes);
        let applied = self.rows.apply(changes);
        if let Err(error) = &applied {
            tracing::error!(volume = self.row.name, "{error}");
        }
        applied.is_ok()
    }
}
