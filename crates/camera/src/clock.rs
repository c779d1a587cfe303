//! What is measured of a camera's clock: how far its time of day is off, how fast it runs, and how
//! often it jumped. For people to see: no footage is dated by it.

use std::collections::VecDeque;

use base::{MonoTime, WallTime};

/// Seconds from 1900, where NTP begins, to 1970 (RFC 5905 section 6).
const NTP_TO_UNIX_SECONDS: i64 = 2_208_988_800;
/// A camera that reports less (2000-01-01) counts from its own start, and tells no time of day.
const TIME_OF_DAY_MIN_MICROS: i64 = 946_684_800_000_000;
/// A time of day that moves by more from one report to the next was set.
const JUMP_MICROS: i64 = 500_000;
/// The least delays of one minute each are remembered for this long.
const MINUTES_MAX: usize = 60;
/// Fewer tell no drift.
const MINUTES_MIN: usize = 5;
const MINUTE_MICROS: i64 = 60_000_000;

/// How a camera's clock stands to ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockStatus {
    /// Whether it sends sender reports (RTCP); without them only its speed can be measured.
    pub reports: bool,
    /// Its time of day less ours in microseconds, as last reported.
    pub offset_micros: Option<i64>,
    /// How much faster than ours it runs, in parts per billion; `None` until minutes have passed.
    pub drift_ppb: Option<i64>,
    /// How often it jumped since the stream's task started: timestamps or time of day.
    pub jumps: u64,
    /// By how much it jumped last, in microseconds.
    pub last_jump_micros: i64,
    /// Since when it is measured without a break.
    pub since: Option<WallTime>,
}

/// Measures the clock of one track over all runs of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClockMeasure {
    status: ClockStatus,
    /// Arrival less media time, the least of each minute, oldest first.
    minutes: VecDeque<(i64, i64)>,
}

impl ClockMeasure {
    /// Goes on where the session before ended.
    pub(crate) fn going_on(status: ClockStatus) -> Self {
        Self { status, minutes: VecDeque::new() }
    }

    /// Another run began at `wall`: its media time begins anew.
    pub(crate) fn begin(&mut self, wall: WallTime) {
        self.minutes.clear();
        self.status.since = Some(wall);
    }

    /// A frame that ended at `media` µs arrived.
    pub(crate) fn arrived(&mut self, media: i64, at: MonoTime) {
        let (minute, delay) = (at.as_micros().div_euclid(MINUTE_MICROS), at.as_micros() - media);
        match self.minutes.back_mut() {
            Some((last, least)) if *last == minute => *least = delay.min(*least),
            _ => {
                // The minute that ended is complete: it counts from now on.
                self.status.drift_ppb = self.drift_ppb().or(self.status.drift_ppb);
                if self.minutes.len() == MINUTES_MAX {
                    self.minutes.pop_front();
                }
                self.minutes.push_back((minute, delay));
            }
        }
    }

    /// Timestamps jumped by `micros`.
    pub(crate) fn jumped(&mut self, micros: i64) {
        self.status.jumps += 1;
        self.status.last_jump_micros = micros;
        self.minutes.clear();
    }

    /// A sender report gave `ntp` (µs since 1900) for an instant that was `wall` by our clock.
    pub(crate) fn reported(&mut self, ntp: i64, wall: WallTime) {
        self.status.reports = true;
        let time_of_day = ntp - NTP_TO_UNIX_SECONDS * 1_000_000;
        if time_of_day < TIME_OF_DAY_MIN_MICROS {
            self.status.offset_micros = None;
            return;
        }
        let offset = time_of_day - wall.as_micros();
        if let Some(before) = self.status.offset_micros
            && (offset - before).abs() > JUMP_MICROS
        {
            self.status.jumps += 1;
            self.status.last_jump_micros = offset - before;
        }
        self.status.offset_micros = Some(offset);
    }

    /// What is known.
    pub(crate) fn status(&self) -> ClockStatus {
        self.status
    }

    /// The slope of the line through the least delays: when the camera's clock is fast, media time
    /// runs ahead of arrival and delays shrink.
    fn drift_ppb(&self) -> Option<i64> {
        let (first, _) = *self.minutes.front()?;
        if self.minutes.len() < MINUTES_MIN {
            return None;
        }
        let (origin, count) = (self.minutes[0].1, self.minutes.len() as f64);
        // Minutes and microseconds: small numbers, which doubles hold exactly.
        let points =
            self.minutes.iter().map(|(at, delay)| ((at - first) as f64, (delay - origin) as f64));
        let (mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0);
        for (x, y) in points {
            (sx, sy, sxx, sxy) = (sx + x, sy + y, sxx + x * x, sxy + x * y);
        }
        let slope = (count * sxy - sx * sy) / (count * sxx - sx * sx);
        // µs a minute are parts in 60 million.
        Some((-slope * 1000.0 / 60.0).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wall(second: i64) -> WallTime {
        WallTime::from_micros(1_795_377_600_000_000 + second * 1_000_000)
    }

    fn ntp(wall: WallTime) -> i64 {
        wall.as_micros() + NTP_TO_UNIX_SECONDS * 1_000_000
    }

    #[test]
    fn the_time_of_day_is_compared_and_a_jump_of_it_is_counted() {
        let mut clock = ClockMeasure::default();
        assert_eq!(clock.status(), ClockStatus::default());
        clock.reported(ntp(wall(10)) + 1_500_000, wall(10));
        clock.reported(ntp(wall(15)) + 1_501_000, wall(15));
        let status = clock.status();
        assert_eq!(
            (status.reports, status.offset_micros, status.jumps),
            (true, Some(1_501_000), 0)
        );
        clock.reported(ntp(wall(20)) - 7_000_000, wall(20));
        let status = clock.status();
        assert_eq!((status.jumps, status.last_jump_micros), (1, -8_501_000));
        clock.reported(5_000_000, wall(25));
        assert_eq!(clock.status().offset_micros, None, "it counts from its own start");
    }

    proptest! {
        #[test]
        fn drift_is_measured_within_a_few_ppm_under_jitter(
            ppm in -250i64..250,
            jitter in prop::collection::vec(0i64..60_000, 600),
        ) {
            let mut clock = ClockMeasure::default();
            clock.begin(wall(0));
            for second in 0..1800i64 {
                // The camera's clock counts more than we do when it is fast.
                let media = second * (1_000_000 + ppm);
                // Once a minute sockets are read on arrival.
                let late = if second % 60 == 0 { 0 } else { jitter[(second % 600) as usize] };
                let late = late + jitter[(second % 7) as usize] % 1500;
                clock.arrived(media, MonoTime::from_micros(second * 1_000_000 + late));
            }
            let drift = clock.status().drift_ppb.unwrap_or(i64::MAX);
            prop_assert!((drift - ppm * 1000).abs() < 6000, "{} ppb for {} ppm", drift, ppm);
        }
    }

    #[test]
    fn a_jump_of_timestamps_does_not_look_like_drift() {
        let mut clock = ClockMeasure::default();
        for minute in 0..20i64 {
            let jumped = if minute >= 10 { 90_000_000 } else { 0 };
            if minute == 10 {
                clock.jumped(jumped);
            }
            clock.arrived(
                minute * MINUTE_MICROS + jumped,
                MonoTime::from_micros(minute * MINUTE_MICROS),
            );
        }
        let status = clock.status();
        assert_eq!((status.drift_ppb, status.jumps), (Some(0), 1));
    }
}
