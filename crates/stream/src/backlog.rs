//! What the recorder has not made durable yet. Pure; its owner locks it.

use std::collections::VecDeque;

use base::limits;

use crate::run::{Entry, Lost};

/// Entries kept until they are acknowledged, within a budget of bytes; beyond it whole GOPs go,
/// oldest first, and are counted.
pub(crate) struct Backlog {
    /// The first `taken` of these are with the recorder.
    entries: VecDeque<Entry>,
    taken: usize,
    bytes: usize,
    taken_bytes: usize,
    budget: usize,
    /// After an overflow nothing is kept before the next key frame.
    skipping: bool,
    lost: Lost,
}

impl Backlog {
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            taken: 0,
            bytes: 0,
            taken_bytes: 0,
            budget,
            skipping: false,
            lost: Lost::default(),
        }
    }

    pub(crate) fn set_budget(&mut self, bytes: usize) {
        self.budget = bytes;
    }

    /// Keeps `entry`; what was dropped to make room.
    pub(crate) fn push(&mut self, entry: Entry) -> Lost {
        let mut dropped = Lost::default();
        self.skipping &= !entry.is_start();
        if self.skipping && matches!(entry, Entry::Frame(..)) {
            dropped.add(entry.size());
        } else {
            self.bytes += entry.size();
            self.entries.push_back(entry);
        }
        while self.bytes > self.budget && self.drop_oldest_gop(&mut dropped) {}
        self.lost.add_all(dropped);
        dropped
    }

    /// Drops what was not taken up to the next key frame; whether there was anything to drop.
    fn drop_oldest_gop(&mut self, dropped: &mut Lost) -> bool {
        let waiting = self.entries.range(self.taken..);
        let next = waiting.skip(1).position(Entry::is_start).map(|at| self.taken + 1 + at);
        self.skipping = next.is_none();
        let end = next.unwrap_or(self.entries.len());
        let before = dropped.frames;
        // An end is kept: whoever reads on must learn that another run follows.
        let mut kept = Vec::new();
        for entry in self.entries.drain(self.taken..end) {
            match entry {
                Entry::Frame(..) => {
                    self.bytes -= entry.size();
                    dropped.add(entry.size());
                }
                Entry::End { .. } => kept.push(entry),
            }
        }
        for entry in kept.into_iter().rev() {
            self.entries.insert(self.taken, entry);
        }
        dropped.frames > before
    }

    /// Entries not taken yet, up to about `max_bytes` (at least one, if any), and what was lost
    /// since the last call. Loss is before the first entry returned, or before what comes later
    /// where none is.
    pub(crate) fn take(&mut self, max_bytes: usize) -> (Vec<Entry>, Lost) {
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for entry in self.entries.range(self.taken..) {
            if bytes >= max_bytes {
                break;
            }
            bytes += entry.size();
            entries.push(entry.clone());
        }
        self.taken += entries.len();
        self.taken_bytes += bytes;
        (entries, std::mem::take(&mut self.lost))
    }

    pub(crate) fn acknowledge(&mut self) {
        self.entries.drain(..self.taken);
        self.bytes -= self.taken_bytes;
        (self.taken, self.taken_bytes) = (0, 0);
    }

    pub(crate) fn rewind(&mut self) {
        (self.taken, self.taken_bytes) = (0, 0);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Default for Backlog {
    fn default() -> Self {
        Self::new(limits::RETAIN_BYTES_DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{delta, end, epoch, key, numbers};

    #[test]
    fn entries_stay_until_acknowledged_and_come_again_after_a_rewind() {
        let (mut backlog, epoch) = (Backlog::default(), epoch());
        backlog.push(key(&epoch, 0, 10));
        backlog.push(delta(&epoch, 1, 10));
        assert_eq!(numbers(&backlog.take(1).0), [0]);
        assert_eq!(numbers(&backlog.take(100).0), [1]);
        backlog.rewind();
        assert_eq!(numbers(&backlog.take(100).0), [0, 1]);
        backlog.acknowledge();
        assert_eq!(backlog.bytes(), 0);
        assert!(backlog.take(100).0.is_empty());
    }

    #[test]
    fn over_the_budget_the_oldest_gops_go_and_are_counted() {
        let (mut backlog, epoch) = (Backlog::new(100), epoch());
        for n in 0..30 {
            let entry = if n % 5 == 0 { key(&epoch, n, 10) } else { delta(&epoch, n, 10) };
            backlog.push(entry);
        }
        let (entries, lost) = backlog.take(usize::MAX);
        assert_eq!(numbers(&entries), (20..30).collect::<Vec<_>>());
        assert_eq!(lost, Lost { frames: 20, bytes: 200 });
        assert!(backlog.take(usize::MAX).1.is_none());
    }

    #[test]
    fn after_dropping_the_only_gop_nothing_is_kept_before_a_key_frame() {
        let (mut backlog, epoch) = (Backlog::new(25), epoch());
        backlog.push(key(&epoch, 0, 10));
        for n in 1..6 {
            backlog.push(delta(&epoch, n, 10));
        }
        backlog.push(end());
        backlog.push(key(&epoch, 6, 10));
        let (entries, lost) = backlog.take(usize::MAX);
        assert_eq!((numbers(&entries), entries.len()), (vec![6], 2));
        assert_eq!(lost.frames, 6);
    }

    #[test]
    fn what_the_recorder_has_taken_is_never_dropped() {
        let (mut backlog, epoch) = (Backlog::new(25), epoch());
        backlog.push(key(&epoch, 0, 10));
        backlog.push(delta(&epoch, 1, 10));
        assert_eq!(backlog.take(usize::MAX).0.len(), 2);
        backlog.push(key(&epoch, 2, 10));
        backlog.push(key(&epoch, 3, 10));
        backlog.rewind();
        assert_eq!(numbers(&backlog.take(usize::MAX).0), [0, 1]);
    }
}
