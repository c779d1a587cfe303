//! A clock that is set by hand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{MonoTime, Shutdown, WallTime};

use crate::clock::Clock;

/// A simulated clock; clones share it. Waiting for an instant makes it that instant, at once, so
/// nothing ever sleeps; a clock made by [`SimClock::held`] leaves that to whoever moves it.
#[derive(Debug, Clone)]
pub struct SimClock {
    now: Arc<Mutex<Now>>,
    /// By how much a fork is ahead of everybody else.
    ahead: Option<Arc<Mutex<Duration>>>,
}

#[derive(Debug)]
struct Now {
    wall: WallTime,
    mono: MonoTime,
    held: bool,
    /// By how many parts in a million the wall clock is fast.
    drift_ppm: i64,
    /// What of that is not a whole microsecond yet, in millionths of one.
    drift_rest: i64,
}

impl SimClock {
    /// A clock that reads `wall`, and 0 on its monotonic side. A wait moves it.
    pub fn new(wall: WallTime) -> Self {
        Self::made(wall, false)
    }

    /// A clock that only [`SimClock::advance`] moves: a wait blocks its thread until then.
    pub fn held(wall: WallTime) -> Self {
        Self::made(wall, true)
    }

    fn made(wall: WallTime, held: bool) -> Self {
        let mono = MonoTime::default();
        let now = Now { wall, mono, held, drift_ppm: 0, drift_rest: 0 };
        Self { now: Arc::new(Mutex::new(now)), ahead: None }
    }

    /// The clock of one thread of many that are simulated in one: it shows the same time, but
    /// [`SimClock::advance`] moves it alone, ahead of the others, until
    /// [`SimClock::take_ahead`]. So a call that takes long holds up nobody but its own thread.
    pub fn fork(&self) -> Self {
        Self { now: self.now.clone(), ahead: Some(Arc::default()) }
    }

    /// How far a fork is ahead, which it is no more from now on.
    pub fn take_ahead(&self) -> Duration {
        self.ahead.as_ref().map_or(Duration::ZERO, |ahead| std::mem::take(&mut *lock(ahead)))
    }

    /// Lets `time` pass on both sides.
    pub fn advance(&self, time: Duration) {
        if let Some(ahead) = &self.ahead {
            *lock(ahead) += time;
            return;
        }
        let mut now = self.now();
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        now.drift_rest += micros.saturating_mul(now.drift_ppm);
        let drift = now.drift_rest / 1_000_000;
        now.drift_rest %= 1_000_000;
        now.wall = now.wall.plus_micros(micros.saturating_add(drift));
        now.mono = now.mono + time;
    }

    /// Steps the wall clock alone, as setting the system's clock does.
    pub fn step_wall(&self, micros: i64) {
        let mut now = self.now();
        now.wall = now.wall.plus_micros(micros);
    }

    /// From now on the wall clock is fast by so many parts in a million, as a system's clock is
    /// that nobody sets.
    pub fn set_drift(&self, ppm: i64) {
        self.now().drift_ppm = ppm;
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        lock(&self.now)
    }

    fn lead(&self) -> Duration {
        self.ahead.as_ref().map_or(Duration::ZERO, |ahead| *lock(ahead))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Clock for SimClock {
    fn wall(&self) -> WallTime {
        self.now().wall + self.lead()
    }

    fn mono(&self) -> MonoTime {
        self.now().mono + self.lead()
    }

    fn wait(&self, signal: &Shutdown, until: MonoTime) -> bool {
        while !signal.is_requested() {
            let (left, held) = {
                let held = self.now().held;
                (until.since(self.mono()), held)
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

    #[test]
    fn a_fork_runs_ahead_alone_and_is_caught_up_with() {
        let clock = SimClock::new(WallTime::EPOCH);
        let fork = clock.fork();
        fork.advance(Duration::from_secs(3));
        clock.advance(Duration::from_secs(1));
        assert_eq!((clock.mono().as_micros(), fork.mono().as_micros()), (1_000_000, 4_000_000));
        assert_eq!(fork.clone().take_ahead(), Duration::from_secs(3));
        assert_eq!((fork.mono(), clock.take_ahead()), (clock.mono(), Duration::ZERO));
    }

    #[test]
    fn a_drifting_clock_gains_its_share_however_small_the_steps() {
        let clock = SimClock::new(WallTime::EPOCH);
        clock.set_drift(-50);
        (0..1_000_000).for_each(|_| clock.advance(Duration::from_micros(1)));
        assert_eq!((clock.wall().as_micros(), clock.mono().as_micros()), (999_950, 1_000_000));
    }
}
