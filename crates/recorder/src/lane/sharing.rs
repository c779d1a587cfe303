//! What a lane says of its stream to recorders of other volumes, and hears of them.

use base::{MonoTime, SegmentId, WallTime};
use catalog::Change;
use media::Predecessor;
use stream::EndCause;

use super::Lane;
use crate::ghost::Ghost;
use crate::report::StepReport;
use crate::standing::Stand;

impl Lane {
    /// Nothing follows the last durable segment in its run, for that cause: what tells the catalog,
    /// for it may be sealed by now. One that grows here tells so itself, and where nothing of the
    /// run is durable there is none.
    pub(super) fn break_off(&mut self, cause: EndCause) -> Option<Change> {
        self.run.as_ref().filter(|run| run.last.is_some() && self.growing.is_none())?;
        let segment = self.before?.0.segment;
        if self.broken_off.is_some_and(|(known, _)| known == segment) {
            return None;
        }
        self.broken_off = Some((segment, cause));
        Some(Change::SegmentBreaksOff { segment, cause: cause.as_str().to_owned() })
    }

    /// Passes over what is at the front for whoever records the stream next, too; `false`, and
    /// nothing is done, where another recorder has taken over.
    pub(super) fn pass_over(
        &mut self,
        pass: impl FnOnce(&mut Self) -> Option<Change>,
        report: &mut StepReport,
    ) -> bool {
        let mut told = None;
        let done = self.settled(|lane| told = pass(lane));
        report.changes.extend(told);
        done
    }

    /// Makes `change`, which lets go of frames or says where the stream stands, for whoever records
    /// it next to see; `false`, and nothing is done, where another recorder has taken over.
    pub(crate) fn settled(&mut self, change: impl FnOnce(&mut Self)) -> bool {
        let standing = self.job.standing.clone();
        let done = standing.settle(self.owner, || {
            change(self);
            self.stand()
        });
        self.cut_off |= !done;
        done
    }

    /// Where the stream stands as far as it is durable.
    fn stand(&self) -> Stand {
        let grows = self.growing.as_ref().and_then(|s| Some((s, s.as_predecessor()?)));
        Stand {
            before: grows.map(|(s, last)| (last, s.row.start)).or(self.before),
            ended: self.ended.max(grows.map(|(s, _)| s.row.end)),
            met: self.met.max(self.said_end),
            run: self.run.clone(),
            resume: grows.map(|(s, _)| (s.epoch.run, s.epoch.number)).or(self.resume),
            broken_off: self.broken_off,
        }
    }

    /// Whether another recorder has taken the stream over.
    pub(crate) fn is_cut_off(&mut self) -> bool {
        self.cut_off |= !self.job.standing.is_owner(self.owner);
        self.cut_off
    }

    /// The stream is to be recorded elsewhere from the next key frame on, unless it leaves from
    /// here.
    pub(crate) fn move_away(&mut self) {
        self.moving = self.leaving.is_none();
    }

    /// It stays after all.
    pub(crate) fn stay(&mut self) {
        if std::mem::take(&mut self.moving) && self.growing.is_none() {
            // What it has closed to go may be sealed by now, as ending there.
            self.met = self.met.max(self.said_end);
        }
    }

    /// Lets go of a stream that is to move and has no segment here any more; whether it did.
    pub(crate) fn release(&mut self) -> bool {
        let free = self.moving && self.growing.is_none() && self.leaving.is_none();
        free && self.job.standing.release(self.owner)
    }

    /// Lets go of a stream that was to leave and whose session has not ended in time: its run may
    /// go on elsewhere, or here, and then says itself why it ends. Only after a round, which has
    /// taken in what came: before it, nobody knows yet what has ended since the last one.
    pub(crate) fn leave_open(&mut self, now: MonoTime) {
        let late = self.leaving.is_some_and(|leaving| !leaving.at_once() && leaving.by <= now);
        let ended = self.drained || self.job.reader.is_closed();
        if late && !ended && self.growing.is_some() && self.waiting.is_empty() {
            self.cut_off |= self.job.standing.release(self.owner);
        }
    }

    /// What remains of a lane that is cut off or let go: its files, which stay with this volume.
    pub(crate) fn into_ghost(mut self, until: MonoTime, volume: &archive::Volume) -> Ghost {
        let standing = self.job.standing.clone();
        if let Some(segment) = self.growing.take() {
            match segment.abandon() {
                Some(unfinished) => self.abandoned.push(unfinished),
                // Nobody knows of it.
                None => self.abandoned.extend(segment.discard(volume)),
            }
        }
        // Whoever records the stream next begins with what waits.
        drop(self.waiting);
        Ghost { standing, files: self.abandoned, until }
    }

    /// The last durable commit of the stream. What recovery found on another volume may have come
    /// to light only after this lane began.
    pub(crate) fn newest_before(&self) -> Option<Predecessor> {
        let found = self.job.standing.known_before().map(|before| (before.last, before.start));
        self.before.into_iter().chain(found).max_by_key(age).map(|(last, _)| last)
    }
}

/// What is recorded later is greater, within a segment too: a survey may have seen it while it
/// grew.
fn age((last, start): &(Predecessor, WallTime)) -> (WallTime, SegmentId, u32) {
    (*start, last.segment, last.commit.number)
}
