//! Where segments begin and end: what a lane does next with the entries that wait. Pure.
//!
//! A segment begins at a key frame of the lead track and ends before the one that begins its
//! successor, so nothing is lost or doubled between them. It is replaced at the first IDR picture
//! after its time is up, at a mere recovery point only when none came for twice as long, and at
//! once when the run or its parameters change or frames are missing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use base::{RunId, StreamId, WallTime};
use media::{Access, Frame};
use stream::{EndCause, Entry, Epoch, Lost};

/// What waits to be written, in the stream's order.
#[derive(Clone, Debug)]
pub enum Item {
    /// A frame, or the end of a run.
    Entry(Entry),
    /// Frames that are missing here because memory was used up.
    Lost(Lost),
}

impl Item {
    /// The frame, where it is one.
    pub fn frame(&self) -> Option<(&Arc<Epoch>, &Frame)> {
        match self {
            Self::Entry(Entry::Frame(epoch, frame)) => Some((epoch, frame)),
            _ => None,
        }
    }

    /// Bytes of media it holds.
    pub fn size(&self) -> usize {
        match self {
            Self::Entry(entry) => entry.size(),
            Self::Lost(_) => 0,
        }
    }
}

/// When segments of one stream are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    duration: i64,
    phase: i64,
}

impl Rotation {
    /// Segments of about `duration`, replaced at an offset within it that `stream` chooses, so
    /// that streams which began together are not all replaced together.
    pub fn new(duration: Duration, stream: StreamId) -> Self {
        let duration = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX).max(1);
        let [.., a, b, c, d] = *stream.as_bytes();
        let phase = i64::from(u32::from_be_bytes([a, b, c, d])).wrapping_mul(1_000_003);
        Self { duration, phase: phase.rem_euclid(duration) }
    }

    /// Segments that are replaced at the next frame where that can be.
    pub fn at_once() -> Self {
        Self { duration: 1, phase: 0 }
    }

    /// From when on a segment that began at `start` is to be replaced: it lasts between half and
    /// one and a half of the duration, and exactly the duration once the stagger is reached.
    pub fn due(&self, start: WallTime) -> WallTime {
        let earliest = start.as_micros().saturating_add(self.duration / 2);
        let since_beat = (earliest - self.phase).rem_euclid(self.duration);
        let wait = if since_beat == 0 { 0 } else { self.duration - since_beat };
        WallTime::from_micros(earliest.saturating_add(wait))
    }

    /// Whether the segment begun at `start` ends before the frame of `access` at `at`.
    fn replaces(&self, start: WallTime, access: Access, at: WallTime) -> bool {
        match access {
            Access::None => false,
            Access::Idr => at >= self.due(start),
            Access::Recovery => at.micros_since(start) >= self.duration.saturating_mul(2),
        }
    }
}

/// The segment that grows.
#[derive(Clone, Copy, Debug)]
pub struct Growing<'a> {
    /// The epoch that all its frames belong to.
    pub epoch: &'a Epoch,
    /// Its start.
    pub start: WallTime,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to do.
    Idle,
    /// Pass over this many items at the front, which are frames that nothing can be decoded from.
    Skip(usize),
    /// The growing segment is complete: what follows goes to another one, in the same run.
    Rotate,
    /// The growing segment, if any, is complete, and so is the run's footage; pass over one item
    /// at the front.
    End(EndCause),
    /// Frames are missing: the growing segment, if any, is complete; pass over one item.
    Gap,
    /// Write this many frames at the front, to a new segment where `begin` says so.
    Write {
        /// Whether they begin a segment.
        begin: bool,
        /// How many frames; at least one.
        frames: usize,
    },
}

/// Decides what happens to the front of `items`. `resume` names the run and epoch of a segment
/// whose file failed: its frames go on in a new file even without a key frame, for its reader
/// has the predecessor. `wall` gives the wall time of a frame of the growing segment's run.
pub fn next(
    items: &VecDeque<Item>,
    growing: Option<Growing<'_>>,
    resume: Option<(RunId, u32)>,
    rotation: Rotation,
    wall: impl Fn(&Frame) -> WallTime,
) -> Step {
    let (epoch, first) = match items.front() {
        None => return Step::Idle,
        Some(Item::Lost(_)) => return Step::Gap,
        Some(Item::Entry(Entry::End { cause, .. })) => return Step::End(*cause),
        Some(Item::Entry(Entry::Frame(epoch, first))) => (epoch, first),
    };
    let cuts = |start: WallTime, frame: &Frame| {
        epoch.starts_at(frame) && rotation.replaces(start, frame.access, wall(frame))
    };
    let start = match growing {
        Some(growing) if same(growing.epoch, epoch) => {
            if cuts(growing.start, first) {
                return Step::Rotate;
            }
            growing.start
        }
        _ => {
            let resumes = growing.is_none() && resume == Some((epoch.run, epoch.number));
            if !resumes && !epoch.starts_at(first) {
                return Step::Skip(undecodable(items, epoch));
            }
            if growing.is_some() {
                return Step::Rotate;
            }
            wall(first)
        }
    };
    let fits = |item: &&Item| {
        item.frame().is_some_and(|(of, frame)| same(of, epoch) && !cuts(start, frame))
    };
    let frames = 1 + items.iter().skip(1).take_while(fits).count();
    Step::Write { begin: growing.is_none(), frames }
}

/// How many frames of `epoch` at the front come before its first key frame.
fn undecodable(items: &VecDeque<Item>, epoch: &Epoch) -> usize {
    let before_key = |item: &&Item| {
        item.frame().is_some_and(|(of, frame)| same(of, epoch) && !of.starts_at(frame))
    };
    items.iter().take_while(before_key).count()
}

/// Whether two epochs are the same one.
pub(crate) fn same(a: &Epoch, b: &Epoch) -> bool {
    a.run == b.run && a.number == b.number
}

#[cfg(test)]
mod tests;
