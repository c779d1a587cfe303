//! Whether somebody else fills the disk, so that footage goes earlier than it would. Pure.

use base::MonoTime;
use world::Space;

/// What others have taken counts from this part of the disk on …
const PART: u64 = 100;
/// … and from this many bytes on.
const BYTES: u64 = 64 << 20;
/// After so long it is no news: the disk is that much smaller.
const NEWS_MICROS: i64 = 24 * 3600 * 1_000_000;

/// How the disk stands.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Its space.
    pub space: Space,
    /// Bytes on it that are this archive's footage.
    pub footage: u64,
    /// So many more may be: space is reserved ahead of what grows.
    pub unsure: u64,
    /// Whether less is free than should be.
    pub in_need: bool,
}

/// What others had on the disk when they had least.
#[derive(Clone, Copy, Debug, Default)]
pub struct Others {
    least: Option<u64>,
    since: Option<MonoTime>,
}

impl Others {
    /// Takes in how the disk stands. How many more bytes others have than they had, while that is
    /// much and it costs footage.
    pub fn look(&mut self, now: MonoTime, seen: Seen) -> Option<u64> {
        let Seen { space, footage, unsure, in_need } = seen;
        let used = space.total.saturating_sub(space.available);
        let theirs = used.saturating_sub(footage);
        let least = *self.least.get_or_insert(theirs);
        if theirs <= least {
            (self.least, self.since) = (Some(theirs), None);
            return None;
        }
        let more = theirs - least;
        let much = more > (space.total / PART).max(BYTES.min(space.total / 20)) + unsure;
        if !much || (!in_need && self.since.is_none()) {
            self.since = self.since.filter(|_| much);
            return None;
        }
        let since = *self.since.get_or_insert(now);
        if now.micros_since(since) > NEWS_MICROS {
            (self.least, self.since) = (Some(theirs), None);
            return None;
        }
        Some(more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;

    fn space(available: u64) -> Space {
        Space { total: 100 * GB, available, free: available }
    }

    fn at(hours: i64) -> MonoTime {
        MonoTime::from_micros(hours * 3_600_000_000)
    }

    #[test]
    fn others_who_take_much_are_told_until_they_give_it_back() {
        let mut others = Others::default();
        let mut look = |hours, free, footage, in_need| {
            let (space, footage) = (space(free * GB), footage * GB);
            others.look(at(hours), Seen { space, footage, unsure: GB, in_need })
        };
        // Five reserved, eighty of footage: that is how it is.
        assert_eq!(look(0, 15, 80, false), None);
        assert_eq!(look(1, 5, 90, true), None, "ours grew");
        assert_eq!(look(1, 3, 90, true), None, "or was reserved ahead");
        assert_eq!(look(2, 0, 80, true), Some(15 * GB));
        assert_eq!(look(3, 10, 70, false), Some(15 * GB), "it lasts");
        assert_eq!(look(4, 24, 71, false), None, "they gave it back");
        assert_eq!(look(5, 10, 80, false), None, "and nobody needs it");
        assert_eq!(look(6, 0, 80, true), Some(15 * GB));
        assert_eq!(look(31, 0, 80, true), None, "it is no news any more");
    }
}
