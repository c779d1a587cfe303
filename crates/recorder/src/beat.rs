//! The beat of a volume: when all its streams write and sync next. Pure.
//!
//! A frame is durable at the end of the round that wrote it. So that none is older than the sync
//! interval by then, rounds start early enough: the interval less the time of a round, the read
//! tick and a margin; about 0.7 s for an interval of 1 s.

use std::time::Duration;

use base::{MonoTime, limits};

/// The least time from the start of one round to the start of the next.
const PERIOD_MIN: Duration = Duration::from_millis(50);
/// What is kept free for jitter of the scheduler, the network and one frame's length.
const MARGIN_MAX: Duration = Duration::from_millis(150);
/// What a round is taken to last before it was measured.
const ROUND_MIN: Duration = Duration::from_millis(25);

/// Decides when the next round of a volume is due.
#[derive(Debug, Clone)]
pub struct Beat {
    interval: Duration,
    /// What a round takes: rises at once, falls slowly.
    round: Duration,
    due: MonoTime,
}

impl Beat {
    /// A beat whose first round is due at `now`. `interval` is the greatest age of a frame that
    /// is not yet on the platter.
    pub fn new(interval: Duration, now: MonoTime) -> Self {
        Self { interval, round: ROUND_MIN, due: now }
    }

    /// Changes the interval from the next round on.
    pub fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// When the next round is due.
    pub fn due(&self) -> MonoTime {
        self.due
    }

    /// The next round is due at once: more is waiting than one round takes.
    pub fn hurry(&mut self, now: MonoTime) {
        self.due = now;
    }

    /// A round began and ended.
    pub fn round_done(&mut self, began: MonoTime, ended: MonoTime) {
        let took = ended.since(began);
        let fallen = self.round.mul_f64(0.9) + took.mul_f64(0.1);
        self.round = took.max(fallen).max(ROUND_MIN);
        self.due = began + self.period();
        if self.due < ended {
            self.due = ended;
        }
    }

    /// The time from the start of one round to the start of the next.
    pub fn period(&self) -> Duration {
        let margin = self.interval.mul_f64(0.15).min(MARGIN_MAX);
        let reserve = limits::READ_TICK + self.round * 2 + margin;
        // A disk that is busy all the time would never let anyone read.
        let least = PERIOD_MIN.max(self.round + self.round / 4);
        self.interval.saturating_sub(reserve).max(least)
    }

    /// The age that frames reach before they are durable, where that is more than the interval:
    /// the disk is too slow for it.
    pub fn stretched(&self) -> Option<Duration> {
        let age = self.period() + self.round + limits::READ_TICK;
        (age > self.interval).then_some(age)
    }
}

/// How many bytes a second are written.
#[derive(Debug, Clone)]
pub struct Rate {
    per_second: f64,
    at: MonoTime,
}

impl Rate {
    const MEMORY_SECONDS: f64 = 120.0;

    /// Nothing was written yet.
    pub fn new(now: MonoTime) -> Self {
        Self { per_second: 0.0, at: now }
    }

    /// Bytes a second as of the last minutes.
    pub fn bytes_per_second(&self) -> u64 {
        self.per_second as u64
    }

    /// So many bytes were written since the last call.
    pub fn add(&mut self, bytes: u64, now: MonoTime) {
        let seconds = now.since(self.at).as_secs_f64();
        if seconds <= 0.0 {
            return;
        }
        self.at = now;
        let share = 1.0 - (-seconds / Self::MEMORY_SECONDS).exp();
        self.per_second += (bytes as f64 / seconds - self.per_second) * share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(n: i64) -> MonoTime {
        MonoTime::from_micros(n * 1000)
    }

    #[test]
    fn one_second_on_a_healthy_disk_gives_about_0_7_s() {
        let mut beat = Beat::new(Duration::from_secs(1), millis(0));
        assert_eq!(beat.due(), millis(0));
        for n in 0..20 {
            beat.round_done(millis(n * 1000), millis(n * 1000 + 25));
        }
        assert_eq!(beat.period(), Duration::from_millis(700));
        assert_eq!(beat.due(), millis(19_700));
        assert_eq!(beat.stretched(), None);
    }

    #[test]
    fn a_slow_disk_stretches_the_beat_and_says_so() {
        let mut beat = Beat::new(Duration::from_secs(1), millis(0));
        beat.round_done(millis(0), millis(2000));
        assert_eq!(beat.due(), millis(2500));
        assert!(beat.stretched() > Some(Duration::from_secs(4)));
        for n in 1..60 {
            beat.round_done(millis(n * 3000), millis(n * 3000 + 20));
        }
        assert_eq!(beat.stretched(), None);
    }

    #[test]
    fn short_and_long_intervals_keep_their_promise() {
        for (interval, period) in [(200, 50), (500, 275), (30_000, 29_700)] {
            let mut beat = Beat::new(Duration::from_millis(interval), millis(0));
            beat.round_done(millis(0), millis(10));
            assert_eq!(beat.period(), Duration::from_millis(period), "interval {interval} ms");
            assert_eq!(beat.stretched(), None, "interval {interval} ms");
        }
    }
}
