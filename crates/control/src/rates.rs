//! Frames and bits a second of a stream, from its counters. Pure.

use base::MonoTime;
use stream::Stats;

/// Two readings of a stream's counters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    last: Option<(MonoTime, Stats)>,
    rate: Option<Rate>,
}

/// What flows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Frames of the lead track a second.
    pub frames: f64,
    /// Bits of all tracks a second.
    pub bits: u64,
}

impl Meter {
    /// Takes a reading.
    pub fn read(&mut self, now: MonoTime, stats: Stats) {
        if let Some((then, before)) = self.last {
            let seconds = now.since(then).as_secs_f64();
            if seconds <= 0.0 {
                return;
            }
            let per_second = |new: u64, old: u64| new.saturating_sub(old) as f64 / seconds;
            let now = Rate {
                frames: per_second(stats.lead_frames, before.lead_frames),
                bits: (per_second(stats.bytes, before.bytes) * 8.0) as u64,
            };
            self.rate = (now.bits > 0).then(|| self.rate.map_or(now, |old| smoothed(old, now)));
        }
        self.last = Some((now, stats));
    }

    /// What flows now; `None` while nothing does.
    pub fn rate(&self) -> Option<Rate> {
        self.rate
    }
}

/// A GOP longer than the distance of two readings makes them jump; the eye wants a calm number.
fn smoothed(old: Rate, new: Rate) -> Rate {
    Rate {
        frames: old.frames * 0.6 + new.frames * 0.4,
        bits: (old.bits as f64 * 0.6 + new.bits as f64 * 0.4) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(lead_frames: u64, bytes: u64) -> Stats {
        Stats { lead_frames, bytes, ..Stats::default() }
    }

    #[test]
    fn a_steady_stream_reads_steadily_and_a_silent_one_reads_nothing() {
        let mut meter = Meter::default();
        for second in 0..5 {
            let now = MonoTime::from_micros(second * 2_000_000);
            meter.read(now, stats(second as u64 * 60, second as u64 * 1_000_000));
        }
        assert_eq!(meter.rate(), Some(Rate { frames: 30.0, bits: 4_000_000 }));
        meter.read(MonoTime::from_micros(10_000_000), stats(240, 4_000_000));
        assert_eq!(meter.rate(), None);
    }
}
