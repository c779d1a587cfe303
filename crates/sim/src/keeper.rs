//! What the slow thread of a volume does: seals what was cut off, adopts what has no row, removes
//! what retention says.

use std::time::Duration;

use base::MonoTime;
use catalog::Change;
use recorder::recover::{self, FinishError, Held};
use recorder::retain::KeptFiles;
use recorder::{Now, Unfinished};

use crate::machine::{AtWork, Place};
use crate::rows::describe;
use crate::scenario::retention;
use crate::scene::World;

/// How often space is looked at, and what failed is tried again.
const PERIOD: Duration = Duration::from_secs(5);
/// The longest time until recovery takes its next file.
const RECOVERY_DELAY_MICROS: u64 = 1_000_000;

impl Place {
    /// When its keeping thread has something to do.
    pub(crate) fn keeps(&self) -> Option<MonoTime> {
        let at_work = self.at_work.as_ref()?;
        let idle = at_work.unfinished.is_empty() && at_work.older.is_empty();
        let due = if idle { at_work.look_due } else { at_work.finish_due.min(at_work.look_due) };
        Some(due.max(self.keeping_until))
    }
}

impl World {
    /// What the keeping thread of a volume does now; whether something failed.
    pub(crate) fn keep(&mut self, number: usize, now: Now) -> bool {
        let Some(machine) = &mut self.machine else { return false };
        let place = &mut machine.places[number];
        if place.keeps().is_none_or(|due| due > now.mono) {
            return false;
        }
        place.disk.set_clock(place.clocks[1].clone());
        let Some(at_work) = &mut place.at_work else { return false };
        let looks = at_work.look_due <= now.mono;
        let failed = if looks {
            at_work.look_due = now.mono + PERIOD;
            let again = at_work.retries.due(now.mono);
            at_work.unfinished.extend(again.into_iter().chain(at_work.held.drain(..)));
            let settled = self.settle_left().inspect_err(|error| self.warn(error.clone()));
            self.look_at_space(number) | settled.is_err()
        } else {
            let delay = self.random.below(RECOVERY_DELAY_MICROS) as i64;
            at_work.finish_due = now.mono.plus_micros(delay);
            !self.finish_one(number)
        };
        if let Some(machine) = &mut self.machine {
            let place = &mut machine.places[number];
            place.keeping_until = now.mono + place.clocks[1].take_ahead();
        }
        failed
    }

    /// The next file of recovery on a volume; whether that went well.
    pub(crate) fn finish_one(&mut self, number: usize) -> bool {
        let Some(machine) = &mut self.machine else { return true };
        let Some(at_work) = &mut machine.places[number].at_work else { return true };
        if at_work.volume.is_there().is_err() {
            // Where the disk is gone, what there is to do waits for it.
            return true;
        }
        let Some(mut job) = at_work.unfinished.pop_front() else {
            return self.next_orphans(number);
        };
        // The thread waits for the rows of one file before it takes the next.
        self.take_all_changes();
        let Some(machine) = &mut self.machine else { return true };
        let Some(at_work) = &mut machine.places[number].at_work else { return true };
        if !machine.claims.settle(&mut job) {
            let (volume, catalog) = (&at_work.volume, &machine.catalog);
            match recover::hold(volume, catalog, &job) {
                Ok(Held::Shown | Held::Before) => {
                    at_work.held.push(job);
                    return true;
                }
                Err(error) if error.may_pass() => return self.not_recovered(number, job, &error),
                Ok(Held::Sealed) | Err(_) => {}
            }
        }
        match recover::finish(&at_work.volume, &machine.catalog, Some(&self.key), &job) {
            Ok(finished) => {
                at_work.retries.finished(&job);
                if let Some((stream, end)) = finished.footage {
                    at_work.recorder.footage_ends(stream, end);
                }
                for change in &finished.changes {
                    self.say(format!("finished: {}", describe(change)));
                }
                for note in &finished.notes {
                    self.say(format!("finished: {note}"));
                }
                self.queue(finished.changes);
                true
            }
            Err(error) => self.not_recovered(number, job, &error),
        }
    }

    fn not_recovered(&mut self, number: usize, job: Unfinished, error: &FinishError) -> bool {
        let now = Now::of(&self.clock);
        let Some(at_work) = self.at_work(number) else { return false };
        let known = at_work.retries.failed(job, error, now);
        self.queue(known.into_iter().collect());
        self.warn(format!("not recovered: {error}"));
        false
    }

    /// Files without a row in the newest of what was not looked at yet.
    fn next_orphans(&mut self, number: usize) -> bool {
        let Some(machine) = &mut self.machine else { return true };
        let Some(at_work) = &mut machine.places[number].at_work else { return true };
        let Some(older) = at_work.older.pop() else { return true };
        match recover::orphans(&at_work.volume, &machine.catalog, &older) {
            Ok(found) => {
                at_work.unfinished.extend(found);
                true
            }
            Err(error) => {
                self.warn(error.to_string());
                false
            }
        }
    }

    /// One round of retention on a volume, where there are rules; whether something failed.
    fn look_at_space(&mut self, number: usize) -> bool {
        let Some(mut rules) = self.keep.clone() else { return false };
        self.take_all_changes();
        if !self.take_in_what_is_kept(number) {
            return true;
        }
        let now = Now::of(&self.clock);
        let Some(at_work) = self.at_work(number) else { return false };
        match at_work.retention.forget_what_is_to_come(now.wall) {
            Ok(changes) => self.told(&changes),
            Err(error) => return self.retention_failed(&error.to_string()),
        }
        let Some(at_work) = self.at_work(number) else { return false };
        rules.bytes_per_second = at_work.recorder.bytes_per_second();
        match at_work.retention.decide(&rules, now) {
            Ok(decision) => {
                if decision.futile {
                    self.warn("what is removed does not become free".to_owned());
                } else if decision.short > 0 {
                    self.warn(format!("the disk is {} bytes short", decision.short));
                }
                let judged = retention::judge(self, &decision, &rules);
                self.broken.extend(judged.err());
                self.told(&decision.changes);
            }
            Err(error) => return self.retention_failed(&error.to_string()),
        }
        let Some(at_work) = self.at_work(number) else { return false };
        let swept = at_work.retention.sweep();
        self.note_what_is_kept(number);
        match swept {
            Ok(swept) => {
                let failed = !swept.failed.is_empty();
                let words = swept.failed.into_iter().chain(swept.unsaid);
                words.for_each(|error| self.warn(error));
                self.told(&swept.changes);
                failed
            }
            Err(error) => self.retention_failed(&error.to_string()),
        }
    }

    fn at_work(&mut self, number: usize) -> Option<&mut AtWork> {
        self.machine.as_mut()?.places[number].at_work.as_mut()
    }

    /// What notes know and the catalog does not; whether all were read.
    fn take_in_what_is_kept(&mut self, number: usize) -> bool {
        let Some(mut kept) = self.kept_files(number) else { return false };
        let followed = match kept.take_in() {
            Ok(followed) => followed,
            Err(error) => {
                self.warn(error.to_string());
                return false;
            }
        };
        for taken in followed.taken {
            self.warn(format!("the catalog did not know what is kept of {}", taken.stream));
            self.told(&taken.changes);
        }
        followed.failed.into_iter().for_each(|error| self.warn(error));
        !followed.unread
    }

    /// What is protected is noted beside the footage.
    fn note_what_is_kept(&mut self, number: usize) {
        let Some(mut kept) = self.kept_files(number) else { return };
        match kept.follow() {
            Ok(followed) => followed.failed.into_iter().for_each(|error| self.warn(error)),
            Err(error) => self.warn(error.to_string()),
        }
    }

    fn kept_files(&self, number: usize) -> Option<KeptFiles> {
        let machine = self.machine.as_ref()?;
        let volume = machine.places[number].at_work.as_ref()?.volume.clone();
        Some(KeptFiles::new(volume, machine.catalog.clone()))
    }

    fn retention_failed(&mut self, error: &str) -> bool {
        self.warn(format!("retention: {error}"));
        true
    }

    /// Makes changes durable at once.
    fn told(&mut self, changes: &[Change]) {
        for change in changes {
            self.say(describe(change));
        }
        self.take_changes(changes);
    }

    /// Everything that waits for the catalog is taken now.
    pub(crate) fn take_all_changes(&mut self) {
        let Some(machine) = &mut self.machine else { return };
        let waiting = std::mem::take(&mut machine.changes);
        waiting.into_iter().for_each(|(_, changes)| self.take_changes(&changes));
    }

    /// The files that recovery has not finished, on all volumes.
    pub fn unfinished(&self) -> Vec<&Unfinished> {
        let places = self.machine.iter().flat_map(|machine| machine.at_work());
        places
            .flat_map(|it| it.unfinished.iter().chain(it.retries.waiting()).chain(&it.held))
            .collect()
    }

    /// Whether footage is shown that waits for a volume which is not there.
    pub fn held_is_shown(&self) -> Result<(), String> {
        let machine = self.machine.as_ref().ok_or("nothing runs")?;
        let shown = |file: &&Unfinished| machine.catalog.tail().segment(file.place.id).is_some();
        match machine.at_work().flat_map(|it| &it.held).find(|file| !shown(file)) {
            Some(file) => Err(format!("{} waits and is not shown", file.place.id)),
            None => Ok(()),
        }
    }

    /// A volume that is not there is taken out of the archive: nothing waits for it any more.
    pub fn give_up(&mut self, number: usize) {
        let volume = self.volume_id(number);
        let Some(machine) = &self.machine else { return };
        let standing = |stream| {
            let number = self.cameras.iter().position(|camera| camera.stream == stream)?;
            machine.standings.get(number).cloned()
        };
        machine.claims.heard(volume, &standing);
        self.say(format!("volume {number} is given up"));
    }
}
