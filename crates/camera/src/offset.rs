//! Which wall time a media time stands for: pure.
//!
//! A frame cannot arrive before it was taken, so the least delayed frame of the last minute tells
//! most: its arrival less its media time is the offset of the track. Camera clocks run a little
//! fast or slow, so what is older than that minute is forgotten. RTCP sender reports (RFC 3550
//! section 6.4.1) tell how tracks lie to one another; what they say of the time of day is not
//! believed, for few cameras know it.

use std::collections::VecDeque;

use base::{MonoTime, WallTime, limits};

use crate::sink::ClockEstimate;

/// The least delays of one second each are remembered for this long.
const MEMORY_SECONDS: usize = 60;
const SECOND_MICROS: i64 = 1_000_000;
/// Sender reports that move a track by more than this are not believed.
const REPORT_SHIFT_MAX_MICROS: i64 = 500_000;

/// The offsets of all tracks of one run.
#[derive(Clone, Debug)]
pub struct Offsets {
    tracks: Vec<Track>,
    lead: usize,
    first: Option<MonoTime>,
}

#[derive(Clone, Debug, Default)]
struct Track {
    /// Arrival less media time, the least of each second, oldest first.
    least: VecDeque<(i64, i64)>,
    /// The camera's time of day at media time 0, as last reported.
    reported: Option<i64>,
}

impl Offsets {
    /// For `tracks` tracks, of which `lead` leads.
    pub fn new(tracks: usize, lead: usize) -> Self {
        Self { tracks: vec![Track::default(); tracks], lead, first: None }
    }

    /// A frame that ended at `media` µs arrived.
    pub fn arrived(&mut self, track: usize, media: i64, at: MonoTime) {
        self.first.get_or_insert(at);
        let (second, delay) = (at.as_micros().div_euclid(SECOND_MICROS), at.as_micros() - media);
        let least = &mut self.tracks[track].least;
        match least.back_mut() {
            Some((last, value)) if *last == second => *value = delay.min(*value),
            _ => {
                if least.len() == MEMORY_SECONDS {
                    least.pop_front();
                }
                least.push_back((second, delay));
            }
        }
    }

    /// The track's line was moved: what was known of it no longer holds.
    pub fn moved(&mut self, track: usize) {
        self.tracks[track] = Track::default();
    }

    /// A sender report gives `ntp` (µs in the camera's time of day) for `media` µs.
    pub fn reported(&mut self, track: usize, media: i64, ntp: i64) {
        self.tracks[track].reported = Some(ntp - media);
    }

    /// Monotonic µs of the track's media time 0.
    pub fn offset(&self, track: usize) -> Option<i64> {
        let own = self.tracks[track].by_arrival()?;
        let (lead, of) = (&self.tracks[self.lead], &self.tracks[track]);
        let by_report = || Some(lead.by_arrival()? + of.reported? - lead.reported?);
        let close = |by_report: &i64| (by_report - own).abs() <= REPORT_SHIFT_MAX_MICROS;
        Some(by_report().filter(close).unwrap_or(own))
    }

    /// Whether enough was seen to be committed to.
    pub fn is_settled(&self, now: MonoTime) -> bool {
        let lead = self.tracks[self.lead].by_arrival().is_some();
        lead && self.first.is_some_and(|first| now.since(first) >= limits::CLOCK_SETTLE)
    }

    /// What is known now, when the clocks read `mono` and `wall`; `shifts` are the µs by which each
    /// track's line lies after the run's.
    pub fn estimate(
        &self,
        mono: MonoTime,
        wall: WallTime,
        shifts: &[Option<i64>],
    ) -> ClockEstimate {
        let difference = wall.as_micros() - mono.as_micros();
        let of = |(track, shift): (usize, &Option<i64>)| {
            Some(self.offset(track)? - (*shift)? + difference)
        };
        let offsets = shifts.iter().enumerate().map(of).collect();
        ClockEstimate { offsets, settled: self.is_settled(mono) }
    }
}

impl Track {
    fn by_arrival(&self) -> Option<i64> {
        self.least.iter().map(|(_, delay)| *delay).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: i64 = 40_000;
    const ORIGIN: i64 = 5_000_000;

    fn mono(micros: i64) -> MonoTime {
        MonoTime::from_micros(micros)
    }

    #[test]
    fn the_least_delayed_frame_gives_the_offset() {
        let mut offsets = Offsets::new(1, 0);
        for (i, delay) in [30_000, 9000, 2000, 60_000].into_iter().enumerate() {
            let media = i as i64 * FRAME;
            offsets.arrived(0, media, mono(ORIGIN + media + delay));
        }
        assert_eq!(offsets.offset(0), Some(ORIGIN + 2000));
        assert!(!offsets.is_settled(mono(ORIGIN + 100_000)));
        assert!(offsets.is_settled(mono(ORIGIN + 1_100_000)));
        let (now, wall) = (mono(ORIGIN + 1_100_000), WallTime::from_micros(ORIGIN + 2_000_000));
        let estimate = offsets.estimate(now, wall, &[Some(0)]);
        assert_eq!(estimate.offsets, [Some(ORIGIN + 2000 + 900_000)]);
    }

    #[test]
    fn a_slow_camera_clock_is_followed() {
        let mut offsets = Offsets::new(1, 0);
        for i in 0..25 * 600 {
            let media = i * FRAME;
            offsets.arrived(0, media, mono(ORIGIN + media + media / 10_000 + (i % 7) * 3000));
        }
        let behind = offsets.offset(0).expect("frames came") - (ORIGIN + 60_000);
        assert!((-10_000..=0).contains(&behind), "{behind} µs after ten minutes at 100 ppm");
    }

    #[test]
    fn sender_reports_set_tracks_to_one_another_when_they_make_sense() {
        let mut offsets = Offsets::new(2, 0);
        offsets.arrived(0, 0, mono(ORIGIN));
        offsets.arrived(1, 0, mono(ORIGIN + 120_000));
        offsets.reported(0, 0, 1_000_000_000);
        offsets.reported(1, 0, 1_000_080_000);
        assert_eq!(offsets.offset(1), Some(ORIGIN + 80_000));
        offsets.reported(1, 0, 7_000_000_000);
        assert_eq!(offsets.offset(1), Some(ORIGIN + 120_000));
    }

    proptest! {
        #[test]
        fn the_offset_is_never_before_the_true_one_nor_after_the_least_delay(
            delays in prop::collection::vec(0i64..200_000, 1..400)
        ) {
            let mut offsets = Offsets::new(1, 0);
            for (i, delay) in delays.iter().enumerate() {
                let media = i as i64 * FRAME;
                offsets.arrived(0, media, mono(ORIGIN + media + delay));
            }
            let least = delays.iter().min().copied().unwrap_or(0);
            prop_assert_eq!(offsets.offset(0), Some(ORIGIN + least));
        }
    }
}
