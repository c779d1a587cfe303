//! The beat of a volume: when all its streams write and sync next. Pure.
//!
//! A frame is durable at the end of the round that wrote it. So that none is older than the sync
//! interval by then, a round starts early enough after the first frame that came since the last
//! one: the interval less the time of a round, the read tick and a margin; about 0.7 s for an
//! interval of 1 s.

use std::time::Duration;

use base::{MonoTime, limits};

/// The least time from the start of one round to the start of the next.
const PERIOD_MIN: Duration = Duration::from_millis(50);
/// What is kept free for jitter of the scheduler and the network, and one frame's length: a camera
/// may end a picture only with the next one.
const MARGIN_MAX: Duration = Duration::from_millis(75);
/// What a round is taken to last before it was measured, and at least.
const ROUND_MIN: Duration = Duration::from_millis(10);

/// Decides when the next round of a volume is due.
#[derive(Debug, Clone)]
pub struct Beat {
    interval: Duration,
    /// What a round is expected to take: rises at once, falls slowly, never beyond the interval.
    round: Duration,
    /// What the last round took.
    last: Duration,
    due: MonoTime,
    /// It stays at that, whatever waits.
    fixed: bool,
}

impl Beat {
    /// A beat whose first round is due at `now`. `interval` is the greatest age of a frame that
    /// is not yet on the platter.
    pub fn new(interval: Duration, now: MonoTime) -> Self {
        Self { interval, round: ROUND_MIN, last: ROUND_MIN, due: now, fixed: true }
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
        (self.due, self.fixed) = (now, true);
    }

    /// Nothing waits that was read before `oldest`: the next round need not come before that is
    /// old. What came since the last round may have been read up to a tick after it; the round is
    /// put off by that at most, and once. The oldest frame may be so young because memory is short
    /// and older ones are gone: then nothing would be written any more.
    pub fn put_off(&mut self, oldest: MonoTime) {
        if !self.fixed {
            let latest = self.due + self.tick();
            self.due = self.due.max(oldest + self.period()).min(latest);
            self.fixed = true;
        }
    }

    /// A round began and ended.
    pub fn round_done(&mut self, began: MonoTime, ended: MonoTime) {
        self.last = ended.since(began);
        let fallen = self.round.mul_f64(0.9) + self.last.mul_f64(0.1);
        self.round = self.last.max(fallen).min(self.interval).max(ROUND_MIN);
        // A disk that is busy all the time would never let anyone read.
        let breath = (self.last / 4).min(self.interval / 2);
        self.due = (began + self.period()).max(ended + breath);
        self.fixed = false;
    }

    /// How long a frame may wait for the start of its round from when it was read, on a disk that
    /// keeps up; so the least time from one round to the next.
    pub fn period(&self) -> Duration {
        let margin = self.interval.mul_f64(0.15).min(MARGIN_MAX);
        let reserve = self.tick() + self.round * 2 + margin;
        self.interval.saturating_sub(reserve).max(PERIOD_MIN)
    }

    /// How long a frame may lie in the kernel before it is read.
    fn tick(&self) -> Duration {
        limits::read_tick(self.interval)
    }

    /// The age that frames reached before they were durable in the last round, where that is more
    /// than the interval: the disk is too slow for it.
    pub fn stretched(&self) -> Option<Duration> {
        let age = self.period() + self.last + self.tick();
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
        assert_eq!(beat.period(), Duration::from_millis(675));
        assert_eq!(beat.due(), millis(19_675));
        assert_eq!(beat.stretched(), None);
    }

    #[test]
    fn what_came_later_can_wait_later() {
        let mut beat = Beat::new(Duration::from_secs(1), millis(0));
        // The first round comes at once.
        beat.put_off(millis(0));
        assert_eq!(beat.due(), millis(0));
        beat.round_done(millis(0), millis(10));
        assert_eq!(beat.due(), millis(705));
        beat.put_off(millis(195));
        assert_eq!(beat.due(), millis(900));
        // Once a round.
        beat.put_off(millis(500));
        assert_eq!(beat.due(), millis(900));
        beat.round_done(millis(900), millis(910));
        // What still waits from before hurries nobody: the disk needs to breathe.
        beat.put_off(millis(-3000));
        assert_eq!(beat.due(), millis(1605));
        beat.round_done(millis(1605), millis(1615));
        // By a tick, for older ones may be gone.
        beat.put_off(millis(2400));
        assert_eq!(beat.due(), millis(2510));
        beat.round_done(millis(2510), millis(2520));
        beat.hurry(millis(2520));
        beat.put_off(millis(2515));
        assert_eq!(beat.due(), millis(2520));
    }

    #[test]
    fn no_frame_is_older_than_the_interval_when_it_is_durable() {
        // Read in ticks, written when it is due, for some disks.
        for (interval, round) in
            [(1000, 0), (1000, 10), (1000, 40), (1000, 90), (200, 10), (500, 40), (30_000, 90)]
        {
            let mut beat = Beat::new(Duration::from_millis(interval), millis(0));
            let tick = beat.tick().as_millis() as i64;
            let (mut oldest, mut begins, mut worst) = (0, 0, 0);
            for _ in 0..200 {
                beat.round_done(millis(begins), millis(begins + round));
                // What came just after a tick is read at the next one.
                worst = worst.max(begins + round - (oldest - tick));
                oldest = (begins / tick + 1) * tick;
                beat.put_off(millis(oldest));
                begins = beat.due().as_micros() / 1000;
            }
            assert!(worst <= interval as i64, "{round} of {interval} ms: {worst} ms old");
        }
    }

    #[test]
    fn a_slow_disk_stretches_the_beat_and_says_so() {
        let mut beat = Beat::new(Duration::from_secs(1), millis(0));
        beat.round_done(millis(0), millis(2000));
        assert_eq!(beat.due(), millis(2500));
        assert_eq!(beat.stretched(), Some(Duration::from_millis(2250)));
        // One stall is no reason to wait longer ever after.
        beat.round_done(millis(3000), millis(25_000));
        assert_eq!(beat.due(), millis(25_500));
        beat.round_done(millis(25_500), millis(25_520));
        assert_eq!(beat.due(), millis(25_550));
        assert_eq!(beat.stretched(), None);
        for n in 30..90 {
            beat.round_done(millis(n * 1000), millis(n * 1000 + 20));
        }
        assert!(beat.period().abs_diff(Duration::from_millis(685)) < Duration::from_millis(5));
    }

    #[test]
    fn short_and_long_intervals_keep_their_promise() {
        for (interval, period) in [(200, 110), (500, 305), (30_000, 29_705)] {
            let mut beat = Beat::new(Duration::from_millis(interval), millis(0));
            beat.round_done(millis(0), millis(10));
            assert_eq!(beat.period(), Duration::from_millis(period), "interval {interval} ms");
            assert_eq!(beat.stretched(), None, "interval {interval} ms");
        }
    }
}
