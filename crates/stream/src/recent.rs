//! What live viewers may still want: the newest GOP and the last second. Pure; its owner locks it.

use std::collections::VecDeque;

use base::{MonoTime, limits};

use crate::run::Entry;

struct Slot {
    number: u64,
    received: MonoTime,
    entry: Entry,
}

/// The newest entries, numbered without a hole, held by age and bytes.
#[derive(Default)]
pub(crate) struct Recent {
    slots: VecDeque<Slot>,
    next: u64,
    newest_start: Option<u64>,
    bytes: usize,
}

impl Recent {
    pub(crate) fn push(&mut self, entry: Entry, now: MonoTime) {
        if entry.is_start() {
            self.newest_start = Some(self.next);
        }
        self.bytes += entry.size();
        self.slots.push_back(Slot { number: self.next, received: now, entry });
        self.next += 1;
        self.trim(now);
    }

    fn trim(&mut self, now: MonoTime) {
        while let Some(front) = self.slots.front() {
            let young = front.received + limits::RECENT_TIME > now;
            let newest_gop = self.newest_start.is_some_and(|start| front.number >= start);
            if (young || newest_gop) && self.bytes <= limits::RECENT_BYTES_MAX {
                return;
            }
            self.bytes -= front.entry.size();
            self.slots.pop_front();
        }
    }

    /// Where a new viewer begins: the newest key frame, or what comes next.
    pub(crate) fn start(&self) -> u64 {
        let first = self.next - self.slots.len() as u64;
        self.newest_start.filter(|start| *start >= first).unwrap_or(self.next)
    }

    /// The number that the next entry gets.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The entry `number`, or the first one after it that is still here.
    pub(crate) fn at_or_after(&self, number: u64) -> Option<(u64, &Entry)> {
        let first = self.slots.front()?.number;
        let slot = self.slots.get(usize::try_from(number.saturating_sub(first)).ok()?)?;
        Some((slot.number, &slot.entry))
    }

    /// The newest GOP, oldest entry first.
    pub(crate) fn newest_gop(&self) -> impl Iterator<Item = &Entry> {
        let start = self.start();
        self.slots.iter().filter(move |slot| slot.number >= start).map(|slot| &slot.entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{delta, end, epoch, key};

    #[test]
    fn the_newest_gop_stays_and_older_ones_go_with_age() {
        let (mut recent, epoch) = (Recent::default(), epoch());
        for n in 0..100i64 {
            let entry = if n % 10 == 0 { key(&epoch, n, 10) } else { delta(&epoch, n, 10) };
            recent.push(entry, MonoTime::from_micros(n * 500_000));
        }
        assert_eq!(recent.start(), 90);
        assert_eq!(recent.bytes(), 100);
        assert_eq!(recent.at_or_after(0).map(|(number, _)| number), Some(90));
        assert_eq!(recent.at_or_after(95).map(|(number, _)| number), Some(95));
        assert!(recent.at_or_after(100).is_none());
    }

    #[test]
    fn a_gop_without_end_is_held_by_bytes() {
        let (mut recent, epoch) = (Recent::default(), epoch());
        recent.push(key(&epoch, 0, 10), MonoTime::default());
        for n in 1..40 {
            recent.push(delta(&epoch, n, 1 << 20), MonoTime::default());
        }
        assert!(recent.bytes() <= limits::RECENT_BYTES_MAX);
        assert_eq!(recent.start(), 40, "its key frame is gone, so a viewer waits for the next");
        recent.push(end(), MonoTime::default());
        assert_eq!(recent.next(), 41);
    }
}
