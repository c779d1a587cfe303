//! Where the recording of one stream stands, for whoever records it next.
//!
//! Every recorder of the stream, on whatever volume, shares one [`Standing`]. What a recorder lets
//! go of in the stream's memory and what it writes here happen under one lock, so that another one
//! can take over at any instant, even while the first is stuck in a sync: it begins with the first
//! frame that is not durable, names the last commit that is, and goes on with the same clock. From
//! then on the first one owns nothing: whatever its sync says in the end, it publishes nothing.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{RunId, SegmentId, VolumeId, WallTime};
use media::Predecessor;
use stream::{RecorderCursor, StreamReader};

use crate::batch::Committed;
use crate::clock::RunClock;

/// Successors that are remembered for those who have to finish what they were cut off from.
const SUCCESSORS_MAX: usize = 8;

/// Where the recording of one stream stands. Guards memory only.
#[derive(Default)]
pub struct Standing(Mutex<State>);

#[derive(Default)]
struct State {
    /// Counts recorders: only the last one may publish.
    owner: u64,
    /// The volume of that one; `None` while the stream is nobody's.
    volume: Option<VolumeId>,
    stand: Stand,
    /// What recovery found to be recorded last, on whatever volume.
    found: Option<Before>,
    /// By segment, when the one that goes on after it begins.
    successors: VecDeque<(SegmentId, WallTime)>,
}

/// The last footage of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// Its last durable commit.
    pub last: Predecessor,
    /// When the segment of that commit begins.
    pub start: WallTime,
    /// Where it ends: what comes next must not begin earlier.
    pub end: WallTime,
}

/// How far a stream is recorded.
#[derive(Clone, Default)]
pub(crate) struct Stand {
    /// The last durable commit, and the start of its segment.
    pub(crate) before: Option<(Predecessor, WallTime)>,
    /// Where the footage so far ends, as far as can be told.
    pub(crate) ended: Option<WallTime>,
    /// Where a segment was said to end: its successor must not begin earlier.
    pub(crate) met: Option<WallTime>,
    /// The run that is being committed.
    pub(crate) run: Option<Run>,
    /// Run and epoch of the segment that grew: its frames go on in another file at once.
    pub(crate) resume: Option<(RunId, u32)>,
}

/// The run that is being committed.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) clock: RunClock,
    /// What was committed last, once something was.
    pub(crate) last: Option<Committed>,
}

/// The right to record a stream.
pub(crate) struct Taken {
    pub(crate) cursor: RecorderCursor,
    pub(crate) owner: u64,
    pub(crate) stand: Stand,
}

impl Standing {
    /// The volume whose recorder has the stream; `None` while none has.
    pub fn volume(&self) -> Option<VolumeId> {
        self.state().volume
    }

    /// The stream's footage was found to end at `end`: no run that is yet to come begins earlier.
    pub fn footage_ends(&self, end: WallTime) {
        let mut state = self.state();
        state.stand.ended = state.stand.ended.max(Some(end));
    }

    /// Recovery found this to be recorded before this process began.
    pub fn found(&self, before: Before) {
        let mut state = self.state();
        let newest =
            |before: &Before| (before.start, before.last.segment, before.last.commit.number);
        let end = state.found.map_or(before.end, |known| known.end.max(before.end));
        let newer = state.found.is_none_or(|known| newest(&known) < newest(&before));
        let known = if newer { before } else { state.found.unwrap_or(before) };
        state.found = Some(Before { end, ..known });
    }

    /// What recovery found.
    pub(crate) fn known_before(&self) -> Option<Before> {
        self.state().found
    }

    /// Takes the stream over for a recorder of `volume`.
    pub(crate) fn take(&self, reader: &StreamReader, volume: VolumeId) -> Taken {
        let mut state = self.state();
        state.owner += 1;
        state.volume = Some(volume);
        Taken { cursor: reader.recorder_cursor(), owner: state.owner, stand: state.stand.clone() }
    }

    /// Lets `owner` change things and say where the stream stands then; `false`, and nothing is
    /// done, where another recorder has taken over.
    pub(crate) fn settle(&self, owner: u64, change: impl FnOnce() -> Stand) -> bool {
        let mut state = self.state();
        if state.owner != owner {
            return false;
        }
        let ended = state.stand.ended;
        state.stand = change();
        state.stand.ended = state.stand.ended.max(ended);
        true
    }

    /// Whether `owner` still records the stream.
    pub(crate) fn is_owner(&self, owner: u64) -> bool {
        self.state().owner == owner
    }

    /// `owner` records the stream no more, and nobody does; whether it did.
    pub(crate) fn release(&self, owner: u64) -> bool {
        let mut state = self.state();
        if state.owner != owner {
            return false;
        }
        state.owner += 1;
        state.volume = None;
        true
    }

    /// Where the footage so far ends.
    pub(crate) fn ended(&self) -> Option<WallTime> {
        let state = self.state();
        state.stand.ended.max(state.found.map(|before| before.end))
    }

    /// What follows `segment` begins at `start`.
    pub(crate) fn succeeded(&self, segment: SegmentId, start: WallTime) {
        let mut state = self.state();
        while state.successors.len() >= SUCCESSORS_MAX {
            state.successors.pop_front();
        }
        state.successors.push_back((segment, start));
    }

    /// When what follows `segment` begins, if that was recorded.
    pub(crate) fn successor_of(&self, segment: SegmentId) -> Option<WallTime> {
        let state = self.state();
        let mut known = state.successors.iter().rev();
        known.find(|(of, _)| *of == segment).map(|(_, start)| *start)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_recorder_says_where_a_stream_stands() {
        let (standing, (_writer, reader)) = (Standing::default(), stream::stream());
        let volume = |n| VolumeId::from_bytes([n; 16]);
        let at = |second: i64| WallTime::from_micros(second * 1_000_000);
        let stand = |second| Stand { ended: Some(at(second)), ..Stand::default() };
        let first = standing.take(&reader, volume(1));
        assert!(standing.settle(first.owner, || stand(5)));
        let second = standing.take(&reader, volume(2));
        assert_eq!((second.stand.ended, standing.volume()), (Some(at(5)), Some(volume(2))));
        assert!(!standing.settle(first.owner, || panic!("it is cut off")));
        assert!(!standing.release(first.owner) && !standing.is_owner(first.owner));
        standing.footage_ends(at(9));
        assert!(standing.settle(second.owner, || stand(7)));
        assert_eq!(standing.ended(), Some(at(9)), "what recovery found is not forgotten");
        assert!(standing.release(second.owner));
        assert_eq!(standing.volume(), None);
    }

    #[test]
    fn successors_are_remembered_for_a_while() {
        let standing = Standing::default();
        let segment = |n| SegmentId::from_bytes([n; 16]);
        for n in 0..20u8 {
            standing.succeeded(segment(n), WallTime::from_micros(n.into()));
        }
        assert_eq!(standing.successor_of(segment(3)), None);
        assert_eq!(standing.successor_of(segment(19)), Some(WallTime::from_micros(19)));
    }
}
