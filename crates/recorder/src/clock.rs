//! The mapping of one run's camera time to wall time. Pure.
//!
//! The first commit of a run fixes it; from then on it may only be slewed. An estimate that
//! moves away by more than [`limits::CLOCK_ERROR_MAX_MICROS`] means that the mapping cannot be
//! kept: the run must end.

use base::{Ticks, Timescale, WallTime, limits};
use media::Frame;
use stream::ClockEstimate;

/// However long no commit was possible, one commit moves the mapping by no more than this long
/// may: the step between two frames must stay below the distance of any two frames.
/// The longest sync interval sets it, or else a camera whose clock drifts could not be followed.
pub(crate) const SLEW_MICROS_MAX: i64 = 30 * limits::CLOCK_SLEW_MICROS_PER_SECOND;

/// The committed mapping of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunClock {
    scales: Vec<Timescale>,
    lead: usize,
    /// By track: the wall time of tick 0 in µs as last committed, without `held`.
    offsets: Vec<Option<i64>>,
    /// How far the whole run is held ahead of the clock, so that it does not overlap what came
    /// before it (a clock that was set back, a camera that sends again what it sent before).
    /// It only ever goes down, by slewing.
    held: i64,
}

/// What became of a commit's mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It follows the estimate.
    Steady,
    /// The estimate is away by this many microseconds: the run must end.
    Wrong(i64),
}

impl RunClock {
    /// The mapping for a run's first commit. `frames` are the first frames of the run, at least
    /// one of the lead track among them; where `estimate` knows nothing of a track, the least
    /// delayed of them gives its offset. No frame of the lead track will stand before
    /// `not_before`.
    pub fn settle<'a>(
        scales: Vec<Timescale>,
        lead: usize,
        estimate: Option<&ClockEstimate>,
        frames: impl Iterator<Item = &'a Frame> + Clone,
        not_before: Option<WallTime>,
    ) -> Self {
        let mut clock = Self { offsets: vec![None; scales.len()], scales, lead, held: 0 };
        clock.complete(estimate, frames.clone());
        let first = frames.filter(|f| f.track == lead).map(|f| clock.wall(lead, f.pts)).min();
        if let (Some(first), Some(not_before)) = (first, not_before) {
            clock.held = not_before.micros_since(first).max(0);
        }
        clock
    }

    /// Takes on the tracks of another epoch of the run; those of another timescale get a new
    /// offset.
    pub fn fit(&mut self, scales: Vec<Timescale>, lead: usize) {
        self.offsets.resize(scales.len(), None);
        for (track, scale) in scales.iter().enumerate() {
            if self.scales.get(track) != Some(scale) {
                self.offsets[track] = None;
            }
        }
        (self.scales, self.lead) = (scales, lead);
    }

    /// Gives tracks that appear only now their offset.
    pub fn complete<'a>(
        &mut self,
        estimate: Option<&ClockEstimate>,
        frames: impl Iterator<Item = &'a Frame> + Clone,
    ) {
        for track in 0..self.offsets.len() {
            if self.offsets[track].is_none() {
                self.offsets[track] =
                    known(estimate, track).or_else(|| self.least_delayed(track, frames.clone()));
            }
        }
    }

    /// The next commit, `elapsed` µs of data after the last: moves every track's offset towards
    /// `estimate` as far as is allowed. `gaps` holds by track the distance in µs from its last
    /// committed frame to its next one; no move takes back more than half of it.
    pub fn slew(
        &mut self,
        estimate: &ClockEstimate,
        elapsed: i64,
        gaps: &[Option<i64>],
    ) -> Verdict {
        let most = elapsed.max(0).saturating_mul(limits::CLOCK_SLEW_MICROS_PER_SECOND) / 1_000_000;
        let most = most.min(SLEW_MICROS_MAX);
        let mut verdict = Verdict::Steady;
        let mut release = self.held.min(most);
        for track in 0..self.offsets.len() {
            let Some(offset) = self.offsets[track] else { continue };
            let back = gaps.get(track).copied().flatten().map_or(most, |gap| (gap / 2).max(0));
            let back = back.min(most);
            let error = known(Some(estimate), track).map_or(0, |target| target - offset);
            if track == self.lead && error.abs() > limits::CLOCK_ERROR_MAX_MICROS {
                verdict = Verdict::Wrong(error);
            }
            let moved = error.clamp(-back, most);
            self.offsets[track] = Some(offset + moved);
            release = release.min(back + moved);
        }
        self.held -= release;
        verdict
    }

    /// Holds the run `micros` further ahead of the clock, where that is more than nothing.
    pub fn hold(&mut self, micros: i64) {
        self.held += micros.max(0);
    }

    /// The wall time of `pts` on `track` as committed now; by the lead track's mapping when the
    /// track has none yet.
    pub fn wall(&self, track: usize, pts: Ticks) -> WallTime {
        let offset = self.offsets.get(track).copied().flatten();
        let offset = offset.or_else(|| self.offsets.get(self.lead).copied().flatten());
        let scale = self.scales.get(track).copied().unwrap_or(Timescale::VIDEO);
        let micros = offset.unwrap_or(0).saturating_add(scale.to_micros(pts));
        WallTime::from_micros(micros.saturating_add(self.held))
    }

    /// By how many microseconds the run stands ahead of the clock, so that it does not overlap
    /// what came before it.
    pub fn held_micros(&self) -> i64 {
        self.held
    }

    fn least_delayed<'a>(
        &self,
        track: usize,
        frames: impl Iterator<Item = &'a Frame>,
    ) -> Option<i64> {
        let scale = *self.scales.get(track)?;
        let of_track = frames.filter(|frame| frame.track == track);
        of_track.map(|f| f.received_wall.as_micros() - scale.to_micros(f.dts)).min()
    }
}

fn known(estimate: Option<&ClockEstimate>, track: usize) -> Option<i64> {
    estimate?.offsets.get(track).copied().flatten()
}

#[cfg(test)]
mod weeks;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use base::MonoTime;
    use bytes::Bytes;
    use media::Access;
    use proptest::prelude::*;

    fn frame(track: usize, ticks: i64, received: i64) -> Frame {
        Frame {
            track,
            pts: Ticks(ticks),
            dts: Ticks(ticks),
            duration: 3600,
            access: Access::Idr,
            data: Bytes::new(),
            received: MonoTime::from_micros(received),
            received_wall: WallTime::from_micros(received),
        }
    }

    fn scales() -> Vec<Timescale> {
        vec![Timescale::VIDEO, Timescale::new(8000).unwrap()]
    }

    fn estimate(video: i64, audio: i64) -> ClockEstimate {
        ClockEstimate { offsets: vec![Some(video), Some(audio)], settled: true }
    }

    #[test]
    fn without_an_estimate_the_least_delayed_frame_decides() {
        let frames = [frame(0, 0, 9_000_000), frame(0, 90_000, 9_200_000), frame(1, 0, 8_400_000)];
        let clock = RunClock::settle(scales(), 0, None, frames.iter(), None);
        assert_eq!(clock.wall(0, Ticks(0)).as_micros(), 8_200_000);
        assert_eq!(clock.wall(1, Ticks(8000)).as_micros(), 9_400_000);
    }

    #[test]
    fn a_run_never_begins_before_the_end_of_the_last_one() {
        let frames = [frame(0, 0, 9_000_000)];
        let end = Some(WallTime::from_micros(10_000_000));
        let known = estimate(9_000_000, 9_000_000);
        let mut clock = RunClock::settle(scales(), 0, Some(&known), frames.iter(), end);
        assert_eq!(clock.wall(0, Ticks(0)), WallTime::from_micros(10_000_000));
        assert_eq!(clock.held_micros(), 1_000_000);
        // Held ahead is not an error of the clock, and goes away slowly.
        assert_eq!(clock.slew(&known, 1_000_000, &[]), Verdict::Steady);
        assert_eq!(clock.held_micros(), 999_500);
        assert_eq!(clock.wall(0, Ticks(0)), WallTime::from_micros(9_999_500));
    }

    #[test]
    fn small_errors_are_slewed_and_large_ones_end_the_run() {
        let frames = [frame(0, 0, 0), frame(1, 0, 0)];
        let mut clock = RunClock::settle(scales(), 0, Some(&estimate(0, 0)), frames.iter(), None);
        assert_eq!(clock.slew(&estimate(100_000, -100_000), 700_000, &[]), Verdict::Steady);
        assert_eq!(clock.wall(0, Ticks(0)).as_micros(), 350);
        assert_eq!(clock.wall(1, Ticks(0)).as_micros(), -350);
        assert_eq!(clock.slew(&estimate(300_350, 0), 700_000, &[]), Verdict::Wrong(300_000));
        let audio_only = estimate(700, 5_000_000);
        assert_eq!(clock.slew(&audio_only, 700_000, &[]), Verdict::Steady);
    }

    proptest! {
        #[test]
        fn no_commit_moves_more_than_allowed_nor_frames_past_one_another(
            steps in prop::collection::vec(
                (-400_000i64..400_000, 0i64..5_000_000, 0i64..2_000),
                1..40,
            ),
            held in 0i64..3_000_000,
        ) {
            let frames = [frame(0, 0, 0), frame(1, 0, 0)];
            let end = Some(WallTime::from_micros(held));
            let mut clock =
                RunClock::settle(scales(), 0, Some(&estimate(0, 0)), frames.iter(), end);
            for (target, elapsed, gap) in steps {
                let before = [clock.wall(0, Ticks(0)), clock.wall(1, Ticks(0))];
                clock.slew(&estimate(target, -target), elapsed, &[Some(gap), Some(gap)]);
                for (track, before) in before.into_iter().enumerate() {
                    let moved = clock.wall(track, Ticks(0)).micros_since(before);
                    prop_assert!(moved.abs() <= elapsed * 500 / 1_000_000);
                    prop_assert!(moved.abs() <= SLEW_MICROS_MAX);
                    prop_assert!(moved >= -(gap / 2));
                }
                prop_assert!(clock.held_micros() >= 0);
            }
        }
    }
}
