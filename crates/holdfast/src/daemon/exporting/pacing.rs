//! How fast exports are written and read: no faster than recording does not notice.

use std::time::Duration;

use base::{MonoTime, limits};

/// Bytes between two pauses.
const STRETCH_BYTES: u64 = 4 << 20;

/// Says when to pause.
pub(super) struct Pacing {
    /// When the stretch under way began, and its bytes.
    began: MonoTime,
    bytes: u64,
}

impl Pacing {
    pub fn new(now: MonoTime) -> Self {
        Self { began: now, bytes: 0 }
    }

    /// So many bytes more are done. `Some`: a stretch is over, and was done so much too early;
    /// after that time the next one is to be [begun](Self::begin).
    pub fn done(&mut self, bytes: u64, now: MonoTime) -> Option<Duration> {
        self.bytes += bytes;
        let is_over = self.bytes >= STRETCH_BYTES;
        is_over.then(|| time_of(self.bytes).saturating_sub(now.since(self.began)))
    }

    /// Begins a stretch. Each is for itself: after a slow one the next is no faster.
    pub fn begin(&mut self, now: MonoTime) {
        *self = Self::new(now);
    }
}

/// How long so many bytes take at the least.
fn time_of(bytes: u64) -> Duration {
    Duration::from_micros(bytes.saturating_mul(1_000_000) / limits::EXPORT_BYTES_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes per second of slices of 64 KiB, each of which takes so long by itself.
    fn rate(slice_takes: impl Fn(u64) -> Duration) -> u64 {
        let (slice, slices) = (64 << 10, 4096);
        let start = MonoTime::default();
        let (mut now, mut pacing) = (start, Pacing::new(start));
        for number in 0..slices {
            now = now + slice_takes(number);
            if let Some(pause) = pacing.done(slice, now) {
                now = now + pause;
                pacing.begin(now);
            }
        }
        let micros = now.since(start).as_micros() as u64;
        slice * slices * 1_000_000 / micros
    }

    #[test]
    fn no_stretch_is_faster_than_the_bound_and_a_slow_disk_waits_for_nothing() {
        let bound = limits::EXPORT_BYTES_PER_SECOND;
        let at_once = rate(|_| Duration::ZERO);
        assert!(at_once.abs_diff(bound) < bound / 10_000, "{at_once}");
        // After a slow half nothing is made up for.
        let slow = rate(|number| Duration::from_millis(if number < 2048 { 10 } else { 0 }));
        let expected = rate(|number| {
            let bytes_takes = Duration::from_micros((64 << 10) * 1_000_000 / bound);
            if number < 2048 { Duration::from_millis(10) } else { bytes_takes }
        });
        assert!(slow.abs_diff(expected) < expected / 100, "{slow}, {expected}");
        let slow = rate(|_| Duration::from_millis(10));
        assert_eq!(slow, 6_553_600, "no pause beside");
    }
}
