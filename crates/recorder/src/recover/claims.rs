//! What the files of all volumes say of one another.
//!
//! A stream can have gone on on another volume just before the power went, with no row of that yet:
//! then only the file there tells where the one before it ends. Every volume's survey is taken in
//! here, and whatever is to be finished is held against it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{RunId, SegmentId, StreamId, WallTime};
use media::{CommitRef, Predecessor};

use super::survey::TWINS_APART_MICROS_MAX;
use super::{Successor, Survey, Unfinished};

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

/// What the files that await recovery say of one another, on all volumes. Guards memory only.
#[derive(Debug, Default)]
pub struct Claims(Mutex<HashMap<SegmentId, Head>>);

impl Claims {
    /// Takes in what a volume's survey found.
    pub fn learn(&self, survey: &Survey) {
        self.heads().extend(survey.heads.iter().map(|head| (head.segment, *head)));
    }

    /// Says of a file what those of other volumes know: where it ends, and whether it counts.
    pub fn settle(&self, job: &mut Unfinished) {
        let heads = self.heads();
        let Some(own) = heads.get(&job.place.id) else { return };
        let others = || heads.values().filter(|head| head.segment != own.segment);
        let next = others().find(|head| named(head).is_some_and(|(id, _)| id == own.segment));
        if let (Some(next), None) = (next, job.up_to) {
            let goes_on = next.run == own.run;
            job.up_to = next.predecessor.map(|named| -> CommitRef { named.commit });
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

    /// A file is finished: nobody asks for it any more.
    pub fn forget(&self, segment: SegmentId) {
        self.heads().remove(&segment);
    }

    fn heads(&self) -> MutexGuard<'_, HashMap<SegmentId, Head>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named(head: &Head) -> Option<(SegmentId, u32)> {
    head.predecessor.map(|named| (named.segment, named.commit.number))
}
