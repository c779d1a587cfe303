//! Whether somebody else fills the disk, so that footage goes earlier than it would. Pure.

use base::MonoTime;
use world::Space;

/// What others have taken counts from this part of the disk on …
const PART: u64 = 100;
/// … and from this many bytes on.
const BYTES: u64 = 64 << 20;
/// After so long it is no news: the disk is that much smaller.
const NEWS_MICROS: i64 = 24 * 3600 * 1_000_000;

/// What others had on the disk when they had least.
#[derive(Clone, Copy, Debug, Default)]
pub struct Others {
    least: Option<u64>,
    since: Option<MonoTime>,
}

impl Others {
    /// Takes in that `footage` bytes of what is used on the disk are ours. How many more others
    /// have than they had, while that is much and it costs footage: `in_need` says that there is
    /// less free than there should be.
    pub fn look(
        &mut self,
        now: MonoTime,
        space: Space,
        footage: u64,
        in_need: bool,
    ) -> Option<u64> {
        let used = space.total.saturating_sub(space.available);
        let theirs = used.saturating_sub(footage);
        let least = *self.least.get_or_insert(theirs);
        if theirs <= least {
            (self.least, self.since) = (Some(theirs), None);
            return None;
        }
        let more = theirs - least;
        let much = more > (space.total / PART).max(BYTES.min(space.total / 20));
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
        Space { total: 100 * GB, available }
    }

    fn at(hours: i64) -> MonoTime {
        MonoTime::from_micros(hours * 3_600_000_000)
    }

    #[test]
    fn others_who_take_much_are_told_until_they_give_it_back() {
        let mut others = Others::default();
        // Five reserved, eighty of footage: that is how it is.
        assert_eq!(others.look(at(0), space(15 * GB), 80 * GB, false), None);
        assert_eq!(others.look(at(1), space(5 * GB), 90 * GB, true), None, "ours grew");
        assert_eq!(others.look(at(2), space(0), 80 * GB, true), Some(15 * GB));
        assert_eq!(others.look(at(3), space(10 * GB), 70 * GB, false), Some(15 * GB), "it lasts");
        assert_eq!(others.look(at(4), space(24 * GB), 71 * GB, false), None, "they gave it back");
        assert_eq!(others.look(at(5), space(10 * GB), 80 * GB, false), None, "and nobody needs it");
        assert_eq!(others.look(at(6), space(0), 80 * GB, true), Some(15 * GB));
        assert_eq!(others.look(at(31), space(0), 80 * GB, true), None, "it is no news any more");
    }
}
