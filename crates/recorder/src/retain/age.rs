//! The instant that ages of footage are counted to. A system clock that jumps ahead must not make
//! all footage too old at once: for a day a jump does not count, whether it came while the process
//! ran or between two lives of it. Pure.

use base::{MonoTime, WallTime, limits};

use crate::Now;

/// A jump by more than this is none that a clock that is kept right makes.
const JUMP_MICROS: i64 = 3600 * 1_000_000;
/// So long a jump does not count: whoever set the clock wrong has a day to set it right.
const HOLD_MICROS: i64 = 24 * 3600 * 1_000_000;
/// Jumps of one day that are told apart; those beyond are taken for one.
const JUMPS_MAX: usize = 64;

/// How the system clock went, as far as it was seen.
#[derive(Clone, Debug, Default)]
pub struct Ages {
    last: Option<Now>,
    /// Jumps ahead that do not count yet, the oldest first.
    jumps: Vec<Jump>,
}

/// A jump ahead, and when it was.
#[derive(Clone, Copy, Debug)]
struct Jump {
    micros: i64,
    at: MonoTime,
}

/// A jump that does not count yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// By how much ages are counted to an earlier instant, in microseconds.
    pub micros: i64,
    /// For how long at most, in microseconds.
    pub left: i64,
}

impl Ages {
    /// Goes on at a start, where the clocks show `now` and a life before last saw the time `seen`;
    /// `noted` are jumps that lives before noted, the oldest first: the time after each, and by how
    /// much. How long the machine was off nobody knows, so that all of that time is a jump, too; it
    /// is given where it is one.
    pub fn resume(
        seen: Option<WallTime>,
        noted: impl IntoIterator<Item = (WallTime, i64)>,
        now: Now,
    ) -> (Self, Option<i64>) {
        let mut ages = Self::default();
        let from_set = |&(at, micros): &(WallTime, i64)| was_set(at.plus_micros(-micros.max(0)));
        for (at, micros) in noted.into_iter().filter(from_set) {
            ages.jump(micros, now.mono.plus_micros(-now.wall.micros_since(at)));
        }
        let seen = seen.filter(|seen| was_set(*seen));
        ages.last = seen.map(|wall| Now { wall, ..now });
        ages.now(now);
        let jump = seen.filter(|_| was_set(now.wall)).map(|seen| now.wall.micros_since(seen));
        (ages, jump.filter(|micros| is_jump(*micros)))
    }

    /// The instant that ages count to when the clocks show `now`. A clock that was never set makes
    /// nothing old, and that it is set is no jump.
    pub fn now(&mut self, now: Now) -> WallTime {
        if !was_set(now.wall) {
            return now.wall;
        }
        if let Some(last) = self.last.replace(now) {
            let jump = now.wall.micros_since(last.wall) - now.mono.micros_since(last.mono);
            self.jump(jump, now.mono);
        }
        self.jumps.retain(|jump| now.mono.micros_since(jump.at) < HOLD_MICROS);
        now.wall.plus_micros(-self.held_micros())
    }

    /// What does not count at `now`, if anything.
    pub fn held(&self, now: MonoTime) -> Option<Held> {
        let last = self.jumps.last()?;
        let left = HOLD_MICROS - now.micros_since(last.at);
        Some(Held { micros: self.held_micros(), left: left.max(0) })
    }

    fn held_micros(&self) -> i64 {
        self.jumps.iter().fold(0, |sum, jump| sum.saturating_add(jump.micros))
    }

    fn jump(&mut self, micros: i64, at: MonoTime) {
        if micros < -JUMP_MICROS {
            return self.set_back(-micros);
        }
        if micros <= JUMP_MICROS {
            return;
        }
        self.jumps.retain(|jump| at.micros_since(jump.at) < HOLD_MICROS);
        let full = self.jumps.len() >= JUMPS_MAX;
        match self.jumps.last_mut().filter(|_| full) {
            Some(last) => *last = Jump { micros: last.micros.saturating_add(micros), at },
            None => self.jumps.push(Jump { micros, at }),
        }
    }

    /// A clock that is set back takes back what it had jumped ahead.
    fn set_back(&mut self, mut micros: i64) {
        while micros > 0
            && let Some(last) = self.jumps.pop()
        {
            let left = last.micros - micros;
            micros -= last.micros;
            if left > JUMP_MICROS {
                self.jumps.push(Jump { micros: left, ..last });
            }
        }
    }
}

fn was_set(wall: WallTime) -> bool {
    wall >= limits::CLOCK_EARLIEST
}

/// Whether a clock that is kept right does not go on by so much more, or less, than time did.
pub const fn is_jump(micros: i64) -> bool {
    micros.saturating_abs() > JUMP_MICROS
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600 * 1_000_000;

    fn wall(hour: i64) -> WallTime {
        limits::CLOCK_EARLIEST.plus_micros(hour * HOUR)
    }

    fn hours(at: WallTime) -> i64 {
        at.micros_since(limits::CLOCK_EARLIEST) / HOUR
    }

    fn clocks(mono: i64, hour: i64) -> Now {
        Now { wall: wall(hour), mono: MonoTime::from_micros(mono * HOUR) }
    }

    #[test]
    fn a_clock_that_jumps_ahead_makes_nothing_older_for_a_day() {
        let mut ages = Ages::default();
        let mut at = |mono: i64, hour: i64| hours(ages.now(clocks(mono, hour)));
        assert_eq!(at(0, 1000), 1000);
        assert_eq!(at(5, 1005), 1005);
        assert_eq!(at(6, 9006), 1006, "a year ahead");
        assert_eq!(at(9, 1009), 1009, "and set right again");
        assert_eq!(at(10, 9010), 1010);
        assert_eq!(at(33, 9033), 1033);
        assert_eq!(at(34, 9034), 9034, "nobody set it right: it is right");
        assert_eq!(at(35, 35), 35, "a clock that is set back makes nothing too old");
    }

    #[test]
    fn a_start_with_a_clock_that_is_ahead_makes_nothing_older_for_a_day() {
        let (mut ages, jump) = Ages::resume(Some(wall(1000)), [], clocks(7, 9000));
        assert_eq!(jump, Some(8000 * HOUR));
        assert_eq!(ages.now(clocks(8, 9001)), wall(1001));
        let held = Held { micros: 8000 * HOUR, left: 23 * HOUR };
        assert_eq!(ages.held(clocks(8, 9001).mono), Some(held));
        assert_eq!(ages.clone().now(clocks(9, 1002)), wall(1002), "it is set right");
        assert_eq!(ages.now(clocks(31, 9024)), wall(9024), "nobody set it right: it is right");
        assert_eq!(ages.held(clocks(31, 9024).mono), None);
    }

    #[test]
    fn another_start_does_not_make_a_jump_count_earlier_nor_twice() {
        let noted = [(wall(9000), 8000 * HOUR)];
        let resume = |seen, now| {
            let (mut ages, jump) = Ages::resume(Some(seen), noted, now);
            (ages.now(now), jump)
        };
        // The monotonic clock begins anew with each boot.
        let now = clocks(0, 9012);
        assert_eq!(resume(wall(9012), now), (wall(1012), None));
        let now = clocks(0, 1013);
        assert_eq!(resume(wall(9013), now), (wall(1013), Some(-8000 * HOUR)), "set right between");
        let now = clocks(0, 9024);
        assert_eq!(resume(wall(9023), now), (wall(9024), None), "the day is over");
    }

    #[test]
    fn a_machine_that_is_off_every_night_is_late_by_no_more_than_a_day() {
        let mut noted = Vec::new();
        for day in 0..99 {
            // Off from midnight to ten.
            let now = clocks(0, day * 24 + 10);
            let (mut ages, jump) = Ages::resume(Some(wall(day * 24)), noted.clone(), now);
            noted.extend(jump.map(|micros| (now.wall, micros)));
            let late = now.wall.micros_since(ages.now(now));
            assert!(late <= 10 * HOUR, "{} h on day {day}", late / HOUR);
        }
    }

    #[test]
    fn the_first_start_and_a_restart_hold_nothing() {
        let now = clocks(0, 5000);
        let (mut ages, jump) = Ages::resume(None, [], now);
        assert_eq!((ages.now(now), jump, ages.held(now.mono)), (now.wall, None, None));
        let (mut ages, jump) = Ages::resume(Some(wall(4999)), [], now);
        assert_eq!((ages.now(now), jump, ages.held(now.mono)), (now.wall, None, None));
    }

    #[test]
    fn a_machine_without_a_clock_is_set_without_a_jump() {
        let unset = |mono| Now { wall: WallTime::from_micros(9), ..clocks(mono, 0) };
        let (mut ages, jump) = Ages::resume(Some(wall(1000)), [], unset(0));
        assert_eq!((ages.now(unset(0)), jump), (unset(0).wall, None));
        assert_eq!(ages.now(clocks(1, 1001)), wall(1001));
        assert_eq!(ages.held(clocks(1, 1001).mono), None);
        let step = wall(1001).micros_since(unset(1).wall);
        let (mut ages, _) = Ages::resume(Some(wall(1001)), [(wall(1001), step)], clocks(0, 1001));
        assert_eq!(ages.now(clocks(0, 1001)), wall(1001), "nor is that later");
    }

    #[test]
    fn jumps_are_bounded() {
        let mut ages = Ages::default();
        for micro in 0..JUMPS_MAX as i64 * 2 {
            ages.jump(2 * HOUR, MonoTime::from_micros(micro));
        }
        assert_eq!(ages.jumps.len(), JUMPS_MAX);
        assert_eq!(ages.held_micros(), JUMPS_MAX as i64 * 4 * HOUR);
    }
}
