//! What files that were cut off say of one another, over all volumes. The power may have gone right
//! after a stream went on on another volume, with no row of that yet: then only the file there
//! tells where the one before it ends. Every volume's survey is taken in here, and whatever is to
//! be finished is held against it. Until every volume that may hold what follows a file was looked
//! at, such a file is not finished, and new footage does not follow it: where it ends is not known.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{RunId, SegmentId, StreamId, VolumeId, WallTime};
use catalog::SegmentRow;
use media::{CommitRef, Predecessor};

use super::survey::TWINS_APART_MICROS_MAX;
use super::{Successor, Survey, Unfinished};
use crate::standing::{Before, Standing};

/// Who a file that awaits recovery is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) segment: SegmentId,
    pub(crate) stream: StreamId,
    pub(crate) run: RunId,
    pub(crate) start: WallTime,
    pub(crate) predecessor: Option<Predecessor>,
    pub(crate) has_row: bool,
}

impl Head {
    /// Who the file of an open row is, as the row says.
    pub(crate) const fn of_row(row: &SegmentRow) -> Self {
        Self {
            segment: row.id,
            stream: row.stream,
            run: row.run,
            start: row.start,
            predecessor: row.predecessor,
            has_row: true,
        }
    }
}

/// Where a stream's recording stands.
pub type StandingOf<'a> = &'a dyn Fn(StreamId) -> Option<Arc<Standing>>;

/// What the files that await recovery say of one another, on all volumes. Guards memory only.
#[derive(Debug, Default)]
pub struct Claims(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    heads: HashMap<SegmentId, Head>,
    /// Volumes that may hold what follows a file, and were not looked at.
    silent: BTreeSet<VolumeId>,
    /// What was found to be recorded last, while that may yet turn out not to count.
    unsure: Vec<(StreamId, Before)>,
    /// Files that were not finished for that.
    held: BTreeSet<SegmentId>,
}

impl Claims {
    /// A volume may hold what follows a file on another one: see
    /// [`catalog::Catalog::volumes_at_work`].
    pub fn await_volume(&self, volume: VolumeId) {
        self.state().silent.insert(volume);
    }

    /// Takes in what a volume's survey found, and lets streams know what new footage follows.
    pub fn learn(&self, volume: VolumeId, survey: &Survey, standing: StandingOf<'_>) {
        for (stream, before) in &survey.before {
            standing(*stream).iter().for_each(|standing| standing.found(*before));
        }
        for (stream, before) in &survey.found {
            // However it turns out, what is yet to come does not begin earlier.
            standing(*stream).iter().for_each(|standing| standing.footage_ends(before.end));
        }
        let mut state = self.state();
        state.heads.extend(survey.heads.iter().map(|head| (head.segment, *head)));
        let found = survey.found.iter();
        state.unsure.extend(found.map(|(stream, before)| (*stream, *before)));
        drop(state);
        self.heard(volume, standing);
    }

    /// A volume was looked at, or is none of the archive's any more: nobody waits for it.
    pub fn heard(&self, volume: VolumeId, standing: StandingOf<'_>) {
        let mut state = self.state();
        state.silent.remove(&volume);
        let sure = match state.silent.is_empty() {
            true => std::mem::take(&mut state.unsure),
            false => Vec::new(),
        };
        drop(state);
        for (stream, before) in sure {
            standing(stream).iter().for_each(|standing| standing.found(before));
        }
    }

    /// Says of a file what those of other volumes know: where it ends, and whether it counts;
    /// `false` while a volume that may know was not looked at: it is not to be finished yet.
    pub fn settle(&self, job: &mut Unfinished) -> bool {
        let mut state = self.state();
        state.settle(job);
        let known = job.superseded || job.up_to.is_some();
        if known || state.silent.is_empty() {
            state.held.remove(&job.place.id);
            return true;
        }
        state.held.insert(job.place.id);
        false
    }

    /// Whether a volume that was not looked at may be left out at the next start: no file waits,
    /// and every other volume was looked at.
    pub fn can_do_without(&self, volume: VolumeId) -> bool {
        let state = self.state();
        state.held.is_empty() && state.silent.iter().all(|silent| *silent == volume)
    }

    /// A file is finished: nobody asks for it any more.
    pub fn forget(&self, segment: SegmentId) {
        self.state().heads.remove(&segment);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn settle(&self, job: &mut Unfinished) {
        let id = job.place.id;
        let others = || self.heads.values().filter(|head| head.segment != id);
        let next = others().find(|head| named(head).is_some_and(|(named, _)| named == id));
        let next = next.filter(|_| job.up_to.is_none());
        if let Some(next) = next {
            job.up_to = next.predecessor.map(|named| -> CommitRef { named.commit });
        }
        // What could not be read yet has no head: its successor is told by rows, once it is read.
        let Some(own) = self.heads.get(&id) else { return };
        if let Some(next) = next {
            let goes_on = next.run == own.run;
            job.successor = Some(Successor { start: next.start, goes_on });
            job.cause = job.cause.filter(|_| !goes_on);
        }
        // The younger of two that hold the same frames counts.
        let is_twin = |head: &&Head| {
            (head.stream, head.run, named(head)) == (own.stream, own.run, named(own))
                && head.start.micros_since(own.start).abs() <= TWINS_APART_MICROS_MAX
                && (head.has_row, head.segment) > (own.has_row, own.segment)
        };
        job.superseded |= !own.has_row && others().any(|head| is_twin(&head));
    }
}

fn named(head: &Head) -> Option<(SegmentId, u32)> {
    head.predecessor.map(|named| (named.segment, named.commit.number))
}

#[cfg(test)]
mod tests {
    use archive::SegmentPlace;

    use super::*;

    const fn volume(n: u8) -> VolumeId {
        VolumeId::from_bytes([n; 16])
    }

    fn job(n: u8) -> Unfinished {
        let place = SegmentPlace {
            camera_slug: "door".to_owned(),
            stream: "main".to_owned(),
            start: WallTime::EPOCH,
            id: SegmentId::from_bytes([n; 16]),
        };
        Unfinished { place, up_to: None, cause: None, successor: None, superseded: false }
    }

    #[test]
    fn a_file_waits_until_all_were_heard_who_may_know_where_it_ends() {
        let claims = Claims::default();
        let nobody = |_| None;
        assert!(claims.settle(&mut job(1)), "there is nobody to hear");
        [1, 2, 3].into_iter().for_each(|n| claims.await_volume(volume(n)));
        claims.learn(volume(1), &Survey::default(), &nobody);
        assert!(!claims.settle(&mut job(1)));
        let commit = CommitRef { number: 4, hash: [0; 32] };
        assert!(claims.settle(&mut Unfinished { up_to: Some(commit), ..job(2) }), "it is known");
        assert!(claims.settle(&mut Unfinished { superseded: true, ..job(3) }), "it goes");
        claims.heard(volume(2), &nobody);
        assert!(!claims.can_do_without(volume(3)), "a file waits for it");
        claims.heard(volume(3), &nobody);
        assert!(claims.settle(&mut job(1)));
    }

    #[test]
    fn a_volume_is_left_out_only_where_nobody_may_need_it() {
        let claims = Claims::default();
        [1, 2].into_iter().for_each(|n| claims.await_volume(volume(n)));
        assert!(!claims.can_do_without(volume(2)), "what the first has is not known");
        claims.heard(volume(1), &|_| None);
        assert!(claims.can_do_without(volume(2)));
        assert!(!claims.settle(&mut job(1)));
        assert!(!claims.can_do_without(volume(2)));
    }

    #[test]
    fn new_footage_follows_what_was_found_only_once_that_is_sure() {
        let (claims, stream) = (Claims::default(), StreamId::from_bytes([5; 16]));
        let standing: Arc<Standing> = Arc::default();
        let of = |_| Some(standing.clone());
        [1, 2].into_iter().for_each(|n| claims.await_volume(volume(n)));
        let before = |n: u8| {
            let commit = CommitRef { number: 0, hash: [n; 32] };
            let last = Predecessor { segment: SegmentId::from_bytes([n; 16]), commit };
            let at = WallTime::from_micros(n.into());
            Before { last, start: at, end: at.plus_micros(1) }
        };
        let mut survey = Survey::default();
        survey.before.insert(stream, before(1));
        survey.found.insert(stream, before(2));
        claims.learn(volume(1), &survey, &of);
        assert_eq!(standing.known_before().map(|it| it.last), Some(before(1).last));
        assert_eq!(standing.ended(), Some(before(2).end), "it begins no earlier all the same");
        claims.heard(volume(2), &of);
        assert_eq!(standing.known_before().map(|it| it.last), Some(before(2).last));
    }
}
