//! A clock that is set by hand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{MonoTime, Shutdown, WallTime};

use crate::clock::Clock;

/// A simulated clock; clones share it. Waiting for an instant makes it that instant, at once, so
/// nothing ever sleeps; a clock made by [`SimClock::held`] leaves that to whoever moves it.
#[derive(Debug, Clone)]
pub struct SimClock(Arc<Mutex<Now>>);

#[derive(Debug)]
struct Now {
    wall: WallTime,
    mono: MonoTime,
    held: bool,
}

impl SimClock {
    /// A clock that reads `wall`, and 0 on its monotonic side. A wait moves it.
    pub fn new(wall: WallTime) -> Self {
        Self(Arc::new(Mutex::new(Now { wall, mono: MonoTime::default(), held: false })))
    }

    /// A clock that only [`SimClock::advance`] moves: a wait blocks its thread until then.
    pub fn held(wall: WallTime) -> Self {
        Self(Arc::new(Mutex::new(Now { wall, mono: MonoTime::default(), held: true })))
    }

    /// Lets `time` pass on both sides.
    pub fn advance(&self, time: Duration) {
        let mut now = self.now();
        now.wall = now.wall + time;
        now.mono = now.mono + time;
    }

    /// Steps the wall clock alone, as setting the system's clock does.
    pub fn step_wall(&self, micros: i64) {
        let mut now = self.now();
        now.wall = now.wall.plus_micros(micros);
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SimClock {
    fn wall(&self) -> WallTime {
        self.now().wall
    }

    fn mono(&self) -> MonoTime {
        self.now().mono
    }

    fn wait(&self, signal: &Shutdown, until: MonoTime) -> bool {
        while !signal.is_requested() {
            let (left, held) = {
                let now = self.now();
                (until.since(now.mono), now.held)
            };
            match (left.is_zero(), held) {
                (true, _) => break,
                (false, false) => self.advance(left),
                // Real time only paces the look at the simulated one.
                (false, true) => {
                    signal.wait_timeout(Duration::from_millis(1));
                }
            }
        }
        signal.is_requested()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_takes_simulated_time_only() {
        let clock = SimClock::new(WallTime::EPOCH);
        let until = clock.mono() + Duration::from_secs(3600);
        assert!(!clock.wait(&Shutdown::new(), until));
        assert_eq!(clock.mono(), until);
        assert_eq!(clock.wall(), WallTime::EPOCH + Duration::from_secs(3600));
    }

    #[test]
    fn a_held_clock_waits_for_its_mover_or_the_signal() {
        let (clock, signal) = (SimClock::held(WallTime::EPOCH), Shutdown::new());
        let (theirs, until) = (clock.clone(), MonoTime::from_micros(10));
        let waiting = std::thread::spawn(move || theirs.wait(&Shutdown::new(), until));
        clock.advance(Duration::from_micros(10));
        assert!(!waiting.join().expect("the waiter does not panic"));
        signal.request();
        assert!(clock.wait(&signal, until + Duration::from_secs(1)));
    }

    #[test]
    fn stepping_the_wall_leaves_monotonic_time_alone() {
        let clock = SimClock::new(WallTime::EPOCH);
        clock.step_wall(-5);
        assert_eq!((clock.wall().as_micros(), clock.mono().as_micros()), (-5, 0));
    }
}
