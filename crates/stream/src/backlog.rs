//! What the recorder has not made durable yet. Pure; its owner locks it.

use std::collections::VecDeque;

use base::MonoTime;

use crate::budget::{Budget, Held};
use crate::run::{Entry, Lost};

/// Entries kept until they are acknowledged. Where memory is used up whole GOPs go, oldest first,
/// and a mark stays where they were.
pub(crate) struct Backlog {
    /// The first `taken` of these are with the recorder.
    slots: VecDeque<Slot>,
    taken: usize,
    held: Held,
    /// After an overflow nothing is kept before the next key frame.
    skipping: bool,
}

enum Slot {
    Entry(Entry),
    /// Frames are missing here. Whoever takes over must learn that too, but count them only once.
    Lost {
        lost: Lost,
        told: bool,
    },
}

impl Slot {
    fn is_frame(&self) -> bool {
        matches!(self, Self::Entry(Entry::Frame(..)))
    }

    fn is_start(&self) -> bool {
        matches!(self, Self::Entry(entry) if entry.is_start())
    }
}

/// What is taken at once.
#[derive(Default)]
pub(crate) struct Part {
    /// Missing before the first entry, or before what comes later where there is none.
    pub lost: Lost,
    /// Whether an earlier cursor was told of it.
    pub told: bool,
    pub entries: Vec<Entry>,
}

impl Backlog {
    /// Nothing waits; what will takes memory of `budget`.
    pub(crate) fn new(budget: Budget) -> Self {
        let (slots, held) = (VecDeque::new(), Held::none(budget));
        Self { slots, taken: 0, held, skipping: false }
    }

    /// Keeps `entry`; what is lost where it cannot be decoded because of what was dropped before.
    pub(crate) fn push(&mut self, entry: Entry) -> Lost {
        let mut dropped = Lost::default();
        self.skipping &= !entry.is_start();
        if self.skipping && matches!(entry, Entry::Frame(..)) {
            dropped.add(entry.size());
            self.mark(self.slots.len(), dropped);
        } else {
            self.held.add(entry.size());
            self.slots.push_back(Slot::Entry(entry));
        }
        dropped
    }

    /// Drops the oldest frames that were not taken, up to the next key frame; what that was.
    pub(crate) fn drop_oldest_gop(&mut self) -> Lost {
        let mut lost = Lost::default();
        let waiting = self.slots.range(self.taken..).position(Slot::is_frame);
        let Some(begin) = waiting.map(|at| self.taken + at) else { return lost };
        let next = self.slots.range(begin + 1..).position(Slot::is_start);
        let next = next.map(|at| begin + 1 + at);
        self.skipping = next.is_none();
        let end = next.unwrap_or(self.slots.len());
        // An end is kept: whoever reads on must learn that another run follows.
        let mut kept = Vec::new();
        for slot in self.slots.drain(begin..end) {
            match slot {
                Slot::Entry(entry @ Entry::Frame(..)) => {
                    self.held.sub(entry.size());
                    lost.add(entry.size());
                }
                other => kept.push(other),
            }
        }
        for slot in kept.into_iter().rev() {
            self.slots.insert(begin, slot);
        }
        self.mark(begin, lost);
        lost
    }

    /// Notes that frames are missing before what stands at `at`.
    fn mark(&mut self, at: usize, more: Lost) {
        let beside = [at.checked_sub(1), Some(at)].into_iter().flatten();
        for beside in beside.filter(|beside| *beside >= self.taken) {
            if let Some(Slot::Lost { lost, told: false }) = self.slots.get_mut(beside) {
                return lost.add_all(more);
            }
        }
        self.slots.insert(at, Slot::Lost { lost: more, told: false });
    }

    /// What was not taken yet: up to about `max_bytes` (at least one entry, if any), and only up
    /// to where frames are missing.
    pub(crate) fn take(&mut self, max_bytes: usize) -> Part {
        let (mut part, mut bytes, mut count) = (Part::default(), 0, 0);
        for slot in self.slots.range_mut(self.taken..) {
            match slot {
                Slot::Lost { lost, told } if count == 0 => {
                    (part.lost, part.told) = (*lost, std::mem::replace(told, true));
                }
                Slot::Entry(entry) if bytes < max_bytes => {
                    bytes += entry.size();
                    part.entries.push(entry.clone());
                }
                _ => break,
            }
            count += 1;
        }
        self.taken += count;
        part
    }

    /// The first `count` of what was taken (losses count as one each) need not be kept any longer.
    pub(crate) fn acknowledge(&mut self, count: usize) {
        let count = count.min(self.taken);
        for slot in self.slots.drain(..count) {
            if let Slot::Entry(entry) = slot {
                self.held.sub(entry.size());
            }
        }
        self.taken -= count;
    }

    pub(crate) fn rewind(&mut self) {
        self.taken = 0;
    }

    /// Whether nothing waits, not even the end of a run.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// When the oldest frame that waits was read.
    pub(crate) fn since(&self) -> Option<MonoTime> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Entry(Entry::Frame(_, frame)) => Some(frame.received),
            Slot::Entry(Entry::End { .. }) | Slot::Lost { .. } => None,
        })
    }

    /// The frames that wait.
    pub(crate) fn frames(&self) -> Lost {
        let mut frames = Lost::default();
        for slot in self.slots.iter().filter(|slot| slot.is_frame()) {
            if let Slot::Entry(entry) = slot {
                frames.add(entry.size());
            }
        }
        frames
    }

    pub(crate) fn bytes(&self) -> usize {
        self.held.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{delta, end, epoch, key, numbers};

    /// Pushes `entry`, and then drops what exceeds `max` bytes.
    fn push(backlog: &mut Backlog, entry: Entry, max: usize) {
        backlog.push(entry);
        while backlog.bytes() > max && !backlog.drop_oldest_gop().is_none() {}
    }

    fn new() -> Backlog {
        Backlog::new(Budget::default())
    }

    #[test]
    fn entries_stay_until_acknowledged_and_come_again_after_a_rewind() {
        let (mut backlog, epoch) = (new(), epoch());
        backlog.push(key(&epoch, 0, 10));
        backlog.push(delta(&epoch, 1, 10));
        backlog.push(delta(&epoch, 2, 10));
        assert_eq!(numbers(&backlog.take(1).entries), [0]);
        assert_eq!(numbers(&backlog.take(100).entries), [1, 2]);
        backlog.acknowledge(1);
        backlog.rewind();
        assert_eq!(numbers(&backlog.take(100).entries), [1, 2]);
        assert_eq!(backlog.bytes(), 20);
        backlog.acknowledge(5);
        assert_eq!(backlog.bytes(), 0);
        assert!(backlog.take(100).entries.is_empty());
    }

    #[test]
    fn over_the_budget_the_oldest_gops_go_and_are_counted() {
        let (mut backlog, epoch) = (new(), epoch());
        for n in 0..30 {
            let entry = if n % 5 == 0 { key(&epoch, n, 10) } else { delta(&epoch, n, 10) };
            push(&mut backlog, entry, 100);
        }
        let part = backlog.take(usize::MAX);
        assert_eq!(numbers(&part.entries), (20..30).collect::<Vec<_>>());
        assert_eq!((part.lost, part.told), (Lost { frames: 20, bytes: 200 }, false));
        assert!(backlog.take(usize::MAX).lost.is_none());
    }

    #[test]
    fn whoever_takes_over_learns_of_the_loss_that_was_told_before() {
        let (mut backlog, epoch) = (new(), epoch());
        for n in 0..6 {
            push(
                &mut backlog,
                if n % 2 == 0 { key(&epoch, n, 10) } else { delta(&epoch, n, 10) },
                40,
            );
        }
        let first = backlog.take(usize::MAX);
        assert_eq!((first.lost.frames, first.told), (2, false));
        assert_eq!(numbers(&first.entries), [2, 3, 4, 5]);
        backlog.rewind();
        let again = backlog.take(15);
        assert_eq!((again.lost.frames, again.told), (2, true));
        assert_eq!(numbers(&again.entries), [2, 3]);
        // The loss is one of what is acknowledged.
        backlog.acknowledge(2);
        backlog.rewind();
        assert_eq!(numbers(&backlog.take(usize::MAX).entries), [3, 4, 5]);
    }

    #[test]
    fn a_loss_in_the_middle_is_taken_by_itself() {
        let (mut backlog, epoch) = (new(), epoch());
        push(&mut backlog, key(&epoch, 0, 10), 40);
        assert_eq!(numbers(&backlog.take(usize::MAX).entries), [0]);
        for n in 1..6 {
            push(&mut backlog, if n < 4 { delta(&epoch, n, 10) } else { key(&epoch, n, 10) }, 40);
        }
        backlog.rewind();
        assert_eq!(numbers(&backlog.take(usize::MAX).entries), [0]);
        let rest = backlog.take(usize::MAX);
        assert_eq!((rest.lost.frames, numbers(&rest.entries)), (3, vec![4, 5]));
    }

    #[test]
    fn after_dropping_the_only_gop_nothing_is_kept_before_a_key_frame() {
        let (mut backlog, epoch) = (new(), epoch());
        push(&mut backlog, key(&epoch, 0, 10), 25);
        for n in 1..6 {
            push(&mut backlog, delta(&epoch, n, 10), 25);
        }
        push(&mut backlog, end(), 25);
        push(&mut backlog, key(&epoch, 6, 10), 25);
        let part = backlog.take(usize::MAX);
        assert_eq!((numbers(&part.entries), part.entries.len()), (vec![6], 2));
        assert_eq!(part.lost.frames, 6);
    }

    #[test]
    fn the_budget_holds_over_the_ends_of_runs() {
        let (mut backlog, epoch) = (new(), epoch());
        for run in 0..20 {
            for n in 0..5 {
                push(&mut backlog, key(&epoch, run * 5 + n, 10), 50);
            }
            push(&mut backlog, end(), 50);
            assert!(backlog.bytes() <= 50, "{} bytes after run {run}", backlog.bytes());
        }
    }

    #[test]
    fn what_the_recorder_has_taken_is_never_dropped() {
        let (mut backlog, epoch) = (new(), epoch());
        push(&mut backlog, key(&epoch, 0, 10), 25);
        push(&mut backlog, delta(&epoch, 1, 10), 25);
        assert_eq!(backlog.take(usize::MAX).entries.len(), 2);
        push(&mut backlog, key(&epoch, 2, 10), 25);
        push(&mut backlog, key(&epoch, 3, 10), 25);
        backlog.rewind();
        assert_eq!(numbers(&backlog.take(usize::MAX).entries), [0, 1]);
    }
}
