//! What a scenario may do to a world: stop it, take cameras away, bring them back, check it.

use std::time::Duration;

use base::WallTime;
use catalog::Change;
use config::Keep;
use recorder::{CheckReport, Now, check};
use stream::EndCause;

use archive::Depth;

use crate::machine;
use crate::rows::describe;
use crate::scene::World;

impl World {
    /// Stops as the program does: cameras first, then everything is written, synced and sealed.
    /// Whether all footage is committed.
    pub fn stop(&mut self) -> bool {
        if self.setup.placed {
            return self.stop_placed();
        }
        let now = Now::of(&self.clock);
        let Some(machine) = &mut self.machine else { return false };
        for fake in &mut machine.cameras {
            fake.disconnect(EndCause::Shutdown, now.wall, now.mono);
        }
        let (mut complete, mut took, lost) = (true, Duration::ZERO, self.lost);
        for number in 0..self.disks.len() {
            let Some(machine) = &mut self.machine else { return false };
            let place = &mut machine.places[number];
            if let Some(stepping) = place.stepping.take() {
                self.take_report(number, stepping.report);
            }
            let Some(machine) = &mut self.machine else { return false };
            let place = &mut machine.places[number];
            let report = machine::finish(place, now);
            took = took.max(place.clocks[0].take_ahead());
            let homeless = report.is_none() && self.cameras.iter().any(|c| c.home == number);
            complete &= !homeless && report.as_ref().is_none_or(|r| r.all_committed());
            if let Some(report) = report {
                self.take_report(number, report.step);
            }
        }
        self.clock.advance(took);
        if complete && self.lost == lost {
            self.model.promised_all();
        }
        self.leave_the_rest();
        self.say(format!("stopped, all committed: {complete}"));
        complete
    }

    /// What an end does after everything is written. What fails is left to the next start.
    pub(crate) fn leave_the_rest(&mut self) {
        let _ = self.finish_recovery();
        if self.disks.iter().any(|disk| disk.is_off()) {
            self.lose_some_changes();
        }
        self.take_all_changes();
    }

    /// The power went while changes were on their way to the catalog.
    fn lose_some_changes(&mut self) {
        let Some(machine) = &mut self.machine else { return };
        let kept = self.random.below(machine.changes.len() as u64 + 1) as usize;
        machine.changes.truncate(kept);
    }

    /// Finishes all files that recovery has left, and applies all changes. `Err` when a disk
    /// fails.
    pub fn finish_recovery(&mut self) -> Result<(), String> {
        let mut failed = None;
        for number in 0..self.disks.len() {
            while self.has_unfinished(number) {
                if !self.finish_one(number) {
                    failed = self.alarms.last().map(|(_, what)| what.clone());
                }
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Whether there is a file that can be finished now.
    fn has_unfinished(&self, number: usize) -> bool {
        let Some(machine) = &self.machine else { return false };
        let at_work = machine.places[number].at_work.as_ref();
        at_work.is_some_and(|at_work| {
            let idle = at_work.unfinished.is_empty() && at_work.older.is_empty();
            !idle && at_work.volume.is_there().is_ok()
        })
    }

    /// A camera goes away and comes back, after the least back-off.
    pub fn reconnect(&mut self, number: usize) {
        self.disconnect(number, EndCause::CameraGone);
        self.run_on(base::limits::BACK_OFF_MIN);
        self.connect(number);
    }

    /// A camera goes away.
    pub fn disconnect(&mut self, number: usize, cause: EndCause) {
        let now = Now::of(&self.clock);
        let Some(machine) = &mut self.machine else { return };
        machine.cameras[number].disconnect(cause, now.wall, now.mono);
        self.say(format!("camera {number} is gone"));
    }

    /// A camera that was away comes back.
    pub fn connect(&mut self, number: usize) {
        let now = Now::of(&self.clock);
        if let Some(machine) = &mut self.machine {
            machine.cameras[number].connect(now.wall, now.mono);
            self.say(format!("camera {number} is back"));
        }
    }

    /// A camera's next sound has the time of the one before.
    pub fn stutter(&mut self, number: usize) {
        if let Some(machine) = &mut self.machine {
            machine.cameras[number].stutter();
        }
    }

    /// A stream is no longer to be recorded; its camera sends on for `linger`.
    pub fn take_away(&mut self, number: usize, linger: Duration) {
        let (cause, camera) = (EndCause::Reconfigured, &self.cameras[number]);
        let (stream, home) = (camera.stream, camera.home);
        let Some(machine) = &mut self.machine else { return };
        if let Some(at_work) = &mut machine.places[home].at_work {
            at_work.recorder.remove(stream, cause);
        }
        self.run(linger);
        self.disconnect(number, cause);
    }

    /// Makes changes durable at once.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.say(describe(change));
        }
        self.take_changes(changes);
    }

    /// Bytes a second that are recorded, on all volumes.
    pub fn bytes_per_second(&self) -> u64 {
        let places = self.machine.iter().flat_map(|machine| machine.at_work());
        places.map(|at_work| at_work.recorder.bytes_per_second()).sum()
    }

    /// Compares catalog and files as of `now`, reading every byte.
    pub fn check(&self, now: WallTime) -> Result<CheckReport, String> {
        let machine = self.machine.as_ref().ok_or("nothing runs that could be checked")?;
        let mut whole = CheckReport::default();
        let all = machine.volumes();
        for at_work in machine.at_work() {
            let catalog = &machine.catalog;
            let depth = Depth::Everything;
            let report = check(&at_work.volume, &all, catalog, depth, now, &mut |_| {});
            let report = report.map_err(|error| error.to_string())?;
            whole.findings.extend(report.findings);
        }
        Ok(whole)
    }

    /// Makes a change durable at once, if the catalog does not refuse it.
    pub fn try_apply(&mut self, change: Change) {
        self.take_all_changes();
        let Some(machine) = &mut self.machine else { return };
        let said = match machine.writer.apply(std::slice::from_ref(&change)) {
            Ok(()) => describe(&change),
            Err(error) => format!("refused: {error}"),
        };
        self.say(said);
    }

    /// Retention keeps at most so many bytes of each stream.
    pub fn keep_bytes(&mut self, bytes_max: u64) {
        let max_bytes = (bytes_max < u64::MAX).then_some(bytes_max);
        let keep = Keep { max_bytes, ..Keep::default() };
        let streams = self.cameras.iter().map(|camera| (camera.stream, keep)).collect();
        self.keep.get_or_insert_default().streams = streams;
    }

    /// Retention keeps so many bytes free on each disk.
    pub fn keep_free(&mut self, bytes: u64) {
        self.keep.get_or_insert_default().keep_free = bytes;
    }

    /// Forgets segments whose files were removed by the rules, as a repair does after a backup of
    /// the catalog has come back.
    pub fn forget_missing(&mut self) -> Result<(), String> {
        let checked = self.check(world::Clock::wall(&self.clock))?;
        let missing = checked.findings.iter().filter(|f| f.damage == recorder::Damage::Missing);
        let missing = missing.filter_map(|finding| finding.segment);
        let garbage: Vec<_> = missing.map(Change::SegmentGarbage).collect();
        self.apply(&garbage);
        Ok(())
    }
}
