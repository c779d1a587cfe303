//! Whether the system's clock can be believed. Pure.

use base::{MonoTime, WallTime, limits};

/// A clock that reads less than the newest footage by more than this is behind it. A restart after
/// a small correction is none.
const BEHIND_MICROS: i64 = 10_000_000;

/// Watches the system's clock.
#[derive(Debug)]
pub struct ClockWatch {
    last: (MonoTime, WallTime),
    /// The end of the newest footage that there was at the start.
    newest: Option<WallTime>,
}

/// What is wrong with the system's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It reads a time before this program was made: it was never set.
    Unset,
    /// It reads a time this many microseconds before the end of the newest footage: it is behind,
    /// or was ahead when that was recorded.
    Behind(i64),
}

impl ClockWatch {
    /// Begins to watch. `newest` is the end of the newest footage of any stream.
    pub fn new(mono: MonoTime, wall: WallTime, newest: Option<WallTime>) -> Self {
        Self { last: (mono, wall), newest }
    }

    /// By how many microseconds the clock was set since the last look, where it was.
    pub fn stepped(&mut self, mono: MonoTime, wall: WallTime) -> Option<i64> {
        let (then, was) = std::mem::replace(&mut self.last, (mono, wall));
        let step = wall.micros_since(was) - mono.micros_since(then);
        (step.abs() > limits::CLOCK_ERROR_MAX_MICROS).then_some(step)
    }

    /// Why `wall` cannot be right, where that can be told.
    pub fn doubt(&self, wall: WallTime) -> Option<Doubt> {
        if wall < limits::CLOCK_EARLIEST {
            return Some(Doubt::Unset);
        }
        let behind = self.newest?.micros_since(wall);
        (behind > BEHIND_MICROS).then_some(Doubt::Behind(behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> (MonoTime, WallTime) {
        let wall = limits::CLOCK_EARLIEST.plus_micros(1_000_000_000_000);
        (MonoTime::from_micros(second * 1_000_000), wall.plus_micros(second * 1_000_000))
    }

    #[test]
    fn a_clock_that_is_set_is_seen_once_and_one_that_drifts_is_not() {
        let (mono, wall) = second(0);
        let mut watch = ClockWatch::new(mono, wall, None);
        let mut look = |at: i64, by: i64| {
            let (mono, wall) = second(at);
            watch.stepped(mono, wall.plus_micros(by))
        };
        assert_eq!(look(2, 100_000), None);
        assert_eq!(look(4, -3_600_000_000), Some(-3_600_100_000));
        assert_eq!(look(6, -3_600_000_000), None);
        assert_eq!(look(8, 0), Some(3_600_000_000));
    }

    #[test]
    fn a_clock_that_was_never_set_or_reads_before_the_footage_is_doubted() {
        let (mono, wall) = second(0);
        let watch = ClockWatch::new(mono, wall, Some(wall));
        assert_eq!(watch.doubt(wall.plus_micros(-5_000_000)), None);
        assert_eq!(watch.doubt(wall.plus_micros(-60_000_000)), Some(Doubt::Behind(60_000_000)));
        assert_eq!(watch.doubt(WallTime::from_micros(1_000_000)), Some(Doubt::Unset));
        let fresh = ClockWatch::new(mono, wall, None);
        assert_eq!(fresh.doubt(wall), None);
        assert_eq!(fresh.doubt(WallTime::EPOCH), Some(Doubt::Unset));
    }
}
