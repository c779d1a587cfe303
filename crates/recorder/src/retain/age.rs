//! The instant that ages of footage are counted to. A system clock that jumps ahead must not make
//! all footage too old at once: for a day a jump does not count. Pure.

use crate::Now;

/// A jump by more than this is none that a clock that is kept right makes.
const JUMP_MICROS: i64 = 3600 * 1_000_000;
/// So long a jump does not count: whoever set the clock wrong has a day to set it right.
const HOLD_MICROS: i64 = 24 * 3600 * 1_000_000;

/// How the system clock went, as far as it was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ages {
    last: Option<Now>,
    /// What the clock is taken to be ahead, and since when.
    ahead: Option<(i64, base::MonoTime)>,
}

impl Ages {
    /// The instant that ages count to when the clocks show `now`.
    pub fn now(&mut self, now: Now) -> base::WallTime {
        if let Some(last) = self.last.replace(now) {
            let jump = now.wall.micros_since(last.wall) - now.mono.micros_since(last.mono);
            let held = self.ahead.map_or(0, |(micros, _)| micros);
            if jump > JUMP_MICROS || (jump < -JUMP_MICROS && held > 0) {
                let ahead = held + jump;
                self.ahead = (ahead > JUMP_MICROS).then_some((ahead, now.mono));
            }
        }
        self.ahead = self.ahead.filter(|(_, since)| now.mono.micros_since(*since) < HOLD_MICROS);
        now.wall.plus_micros(-self.ahead.map_or(0, |(micros, _)| micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{MonoTime, WallTime};

    const HOUR: i64 = 3600 * 1_000_000;

    #[test]
    fn a_clock_that_jumps_ahead_makes_nothing_older_for_a_day() {
        let mut ages = Ages::default();
        let mut at = |mono: i64, wall: i64| {
            let now = Now {
                wall: WallTime::from_micros(wall * HOUR),
                mono: MonoTime::from_micros(mono * HOUR),
            };
            ages.now(now).as_micros() / HOUR
        };
        assert_eq!(at(0, 1000), 1000);
        assert_eq!(at(5, 1005), 1005);
        assert_eq!(at(6, 9006), 1006, "a year ahead");
        assert_eq!(at(9, 1009), 1009, "and set right again");
        assert_eq!(at(10, 9010), 1010);
        assert_eq!(at(33, 9033), 1033);
        assert_eq!(at(34, 9034), 9034, "nobody set it right: it is right");
        assert_eq!(at(35, 35), 35, "a clock that is set back makes nothing too old");
    }
}
