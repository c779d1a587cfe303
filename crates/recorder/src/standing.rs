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
use stream::{EndCause, RecorderCursor, StreamReader};

use crate::batch::Committed;
use crate::clock::RunClock;

/// So many segments' ends are remembered, for those who have to finish what they were cut off from,
/// when their disk answers: while it does not, every session that ends is one.
const FOLLOWED_MAX: usize = 64;

/// Where the recording of one stream stands. Guards memory only.
#[derive(Default)]
pub struct Standing(Mutex<State>);

#[derive(Default)]
struct State {
    /// Counts recorders: only the last one may publish.
    owner: u64,
    /// The volume of that one; `None` while the stream is nobody's.
    volume: Option<VolumeId>,
    /// Who may record it.
    assigned: Assigned,
    stand: Stand,
    /// What recovery found to be recorded last, on whatever volume.
    found: Option<Before>,
    /// By segment, what follows it.
    followed: VecDeque<(SegmentId, Next)>,
}

/// Who may record a stream. Orders that were given before may still be on their way to whoever
/// reads them late.
#[derive(Default)]
enum Assigned {
    /// Whoever takes it: nobody has said.
    #[default]
    Anybody,
    /// This volume, from this memory; and the one that is to let go of it first.
    Volume { to: VolumeId, from: Option<VolumeId>, reader: StreamReader },
    /// Nobody: it has left.
    Nobody,
}

/// What follows a segment that its recorder could not end itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Its run goes on in a segment that begins then.
    GoesOn(WallTime),
    /// Nothing of its run, for that cause.
    Nothing(EndCause),
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
    /// The last segment after which nothing followed in its run, and why.
    pub(crate) broken_off: Option<(SegmentId, EndCause)>,
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

    /// From now on `volume` is to record what waits in the memory of `reader`. Whoever was told so
    /// before and hears of it only now, because its disk held it up, cannot take the stream any
    /// more: see [`Standing::is_for`].
    pub fn assign(&self, volume: VolumeId, reader: &StreamReader) {
        let (to, from, reader) = (volume, None, reader.clone());
        self.state().assigned = Assigned::Volume { to, from, reader };
    }

    /// The same of `to`, once `from` has let the stream go, which records it until then.
    pub fn assign_after(&self, from: VolumeId, to: VolumeId, reader: &StreamReader) {
        let (from, reader) = (Some(from), reader.clone());
        self.state().assigned = Assigned::Volume { to, from, reader };
    }

    /// Whether `volume` may record what waits in the memory of `reader`.
    pub fn is_for(&self, volume: VolumeId, reader: &StreamReader) -> bool {
        self.state().is_for(volume, reader)
    }

    /// The stream has left, unless a recorder has it: until it is assigned again none can take it.
    /// Whether it has left.
    pub fn retire(&self) -> bool {
        let mut state = self.state();
        let free = state.volume.is_none();
        if free {
            state.assigned = Assigned::Nobody;
        }
        free
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

    /// Takes the stream over for a recorder of `volume`; `None` where it is not to record it.
    pub(crate) fn take(&self, reader: &StreamReader, volume: VolumeId) -> Option<Taken> {
        let mut state = self.state();
        if !state.is_for(volume, reader) {
            return None;
        }
        state.owner += 1;
        state.volume = Some(volume);
        let (owner, stand) = (state.owner, state.stand.clone());
        Some(Taken { cursor: reader.recorder_cursor(), owner, stand })
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
        if let Some((segment, cause)) = state.stand.broken_off {
            state.follow(segment, Next::Nothing(cause));
        }
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

    /// What follows `segment` in its run begins at `start`; `false` where it is known that nothing
    /// does.
    pub(crate) fn succeeded(&self, segment: SegmentId, start: WallTime) -> bool {
        matches!(self.state().follow(segment, Next::GoesOn(start)), Next::GoesOn(_))
    }

    /// What follows `segment`, if that is known.
    pub(crate) fn next_of(&self, segment: SegmentId) -> Option<Next> {
        self.state().next_of(segment)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_for(&self, volume: VolumeId, reader: &StreamReader) -> bool {
        match &self.assigned {
            Assigned::Anybody => true,
            Assigned::Volume { to, from, reader: of } => {
                (*to == volume || *from == Some(volume)) && of.is_same(reader)
            }
            Assigned::Nobody => false,
        }
    }

    /// Notes what follows a segment, unless that is known already; what it is.
    fn follow(&mut self, segment: SegmentId, next: Next) -> Next {
        if let Some(known) = self.next_of(segment) {
            return known;
        }
        while self.followed.len() >= FOLLOWED_MAX {
            self.followed.pop_front();
        }
        self.followed.push_back((segment, next));
        next
    }

    fn next_of(&self, segment: SegmentId) -> Option<Next> {
        self.followed.iter().find(|(of, _)| *of == segment).map(|(_, next)| *next)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_the_last_recorder_says_where_a_stream_stands() {
        let (standing, (_writer, reader)) = (Standing::default(), stream::stream());
        let volume = |n| VolumeId::from_bytes([n; 16]);
        let at = |second: i64| WallTime::from_micros(second * 1_000_000);
        let stand = |second| Stand { ended: Some(at(second)), ..Stand::default() };
        let first = standing.take(&reader, volume(1)).unwrap();
        assert!(standing.settle(first.owner, || stand(5)));
        let second = standing.take(&reader, volume(2)).unwrap();
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
    fn an_old_order_takes_nothing_and_one_that_has_left_is_nobodys() {
        let (standing, (_writer, reader)) = (Standing::default(), stream::stream());
        let volume = |n| VolumeId::from_bytes([n; 16]);
        standing.assign(volume(1), &reader);
        assert!(standing.take(&reader, volume(2)).is_none());
        standing.assign_after(volume(1), volume(2), &reader);
        assert!(standing.is_for(volume(1), &reader), "it records on until it lets go");
        assert!(standing.is_for(volume(2), &reader) && !standing.is_for(volume(3), &reader));
        let taken = standing.take(&reader, volume(1)).unwrap();
        assert!(!standing.retire(), "it is recorded");
        assert!(standing.release(taken.owner) && standing.retire());
        assert!(standing.take(&reader, volume(1)).is_none());
        // It comes back, with a memory of its own; an order of before knows the old one.
        let (_writer, again) = stream::stream();
        standing.assign(volume(1), &again);
        assert!(standing.take(&reader, volume(1)).is_none());
        assert!(standing.take(&again, volume(1)).is_some());
    }

    #[test]
    fn what_follows_a_segment_is_remembered_for_a_while_and_does_not_change() {
        let (standing, (_writer, reader)) = (Standing::default(), stream::stream());
        let (segment, at) = (|n| SegmentId::from_bytes([n; 16]), WallTime::from_micros);
        for n in 0..76u8 {
            assert!(standing.succeeded(segment(n), at(n.into())));
        }
        assert_eq!(standing.next_of(segment(11)), None);
        assert_eq!(standing.next_of(segment(12)), Some(Next::GoesOn(at(12))));
        let taken = standing.take(&reader, VolumeId::from_bytes([1; 16])).unwrap();
        let broken_off = Some((segment(90), EndCause::Overload));
        standing.settle(taken.owner, || Stand { broken_off, ..Stand::default() });
        assert!(!standing.succeeded(segment(90), at(90)), "frames are missing there");
        assert_eq!(standing.next_of(segment(90)), Some(Next::Nothing(EndCause::Overload)));
    }
}
