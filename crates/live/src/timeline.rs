//! From the camera's time to the viewers': one scale that never restarts, however many runs a
//! stream has while it is watched.

use base::{RunId, Ticks, Timescale};
use media::Frame;
use stream::{ClockEstimate, Epoch};

use crate::scale::Scale;

/// Without a clock to go by, media time starts so late that audio before it is not negative.
const LEAD_IN_MICROS: i64 = 1_000_000;
/// Between two runs media time goes on by at least this much.
const RUN_GAP_MICROS: i64 = 100_000;
/// A run that begins further than this from where the common scale has it is not on that.
const APART_MICROS: u64 = 1_000_000;
/// Audio is moved against video when they are found to be apart by more than this.
const SKEW_MICROS_MAX: i64 = 40_000;

/// Maps one stream's frames to viewers' time.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// What the camera's streams have in common, where there is one.
    scale: Option<Scale>,
    /// The wall time of media time 0, fixed by the first frame of a run.
    origin: Option<i64>,
    run: Option<RunState>,
    /// Whether the run is on a scale of its own.
    is_apart: bool,
    /// Where the newest frame ends, over all runs.
    end: i64,
}

#[derive(Debug)]
struct RunState {
    run: RunId,
    epoch: u32,
    /// By track: what is added to its ticks; the decode time that the next frame must exceed.
    tracks: Vec<Option<Shift>>,
}

#[derive(Clone, Copy, Debug)]
struct Shift {
    ticks: i64,
    decoded: i64,
}

/// A frame on the viewers' scale.
pub(crate) struct Placed {
    /// With `pts` and `dts` moved.
    pub frame: Frame,
    /// Its decode time in microseconds.
    pub decoded_micros: i64,
    /// Its presentation time in microseconds.
    pub start_micros: i64,
    /// Where it ends.
    pub end_micros: i64,
    /// The wall time of media time 0 as known now.
    pub zero: i64,
}

impl Timeline {
    /// One on the scale that the camera's streams have in common.
    pub fn on(scale: Scale) -> Self {
        Self { scale: Some(scale), ..Self::default() }
    }

    /// Whether what is placed now is on a scale of its own: the wall clock was set back, and no
    /// sibling ran that knew of it.
    pub fn is_apart(&self) -> bool {
        self.is_apart
    }

    /// Moves a frame of `epoch`; `None` for one that cannot be placed (no clock for its track yet,
    /// or it would go back in time).
    pub fn place(
        &mut self,
        epoch: &Epoch,
        mut frame: Frame,
        clock: Option<&ClockEstimate>,
    ) -> Option<Placed> {
        let lead = epoch.lead_track()?;
        let scale = epoch.tracks.get(frame.track)?.timescale();
        let offset = |track: usize| clock.and_then(|c| c.offsets.get(track).copied().flatten());
        self.enter(epoch);
        if frame.track == lead {
            let wall = offset(lead).unwrap_or_else(|| arrival(scale, &frame));
            self.start_lead(lead, scale, &frame, wall);
        }
        let lead_scale = epoch.tracks.get(lead)?.timescale();
        let lead_shift = self.shift(lead)?;
        let lead_micros = lead_scale.to_micros(Ticks(lead_shift.ticks));
        let zero = offset(lead).map_or(self.origin?, |wall| wall.saturating_sub(lead_micros));
        if frame.track == lead {
            self.scale.iter().for_each(|common| common.learn(zero));
        } else {
            let wall = match clock {
                Some(_) => offset(frame.track)?,
                None => arrival(scale, &frame),
            };
            self.align(frame.track, scale, wall.saturating_sub(zero));
        }
        let shift = self.run.as_mut()?.tracks.get_mut(frame.track)?.as_mut()?;
        frame.pts = Ticks(frame.pts.0.saturating_add(shift.ticks));
        frame.dts = Ticks(frame.dts.0.saturating_add(shift.ticks));
        if frame.dts.0 < 0 || frame.dts.0 <= shift.decoded {
            return None;
        }
        shift.decoded = frame.dts.0;
        let decoded_micros = scale.to_micros(frame.dts);
        let start_micros = scale.to_micros(frame.pts);
        let end = Ticks(frame.pts.0.saturating_add(i64::from(frame.duration)));
        let end_micros = scale.to_micros(end);
        self.end = self.end.max(end_micros);
        Some(Placed { frame, decoded_micros, start_micros, end_micros, zero })
    }

    /// Forgets the shifts when another run, or other tracks, begin.
    fn enter(&mut self, epoch: &Epoch) {
        let tracks = epoch.tracks.len();
        match &mut self.run {
            Some(run) if run.run == epoch.run && run.epoch == epoch.number => {}
            Some(run) if run.run == epoch.run && run.tracks.len() == tracks => {
                run.epoch = epoch.number;
            }
            other => {
                let tracks = vec![None; tracks];
                *other = Some(RunState { run: epoch.run, epoch: epoch.number, tracks });
            }
        }
    }

    /// Fixes the shift of the leading track with its first frame of a run.
    fn start_lead(&mut self, lead: usize, scale: Timescale, frame: &Frame, wall: i64) {
        if self.shift(lead).is_some() {
            return;
        }
        let decoded = scale.to_micros(frame.dts);
        let at = wall.saturating_add(decoded);
        let known = self.scale.as_ref().map(Scale::zero).or(self.origin);
        // Time does not begin below zero, and never goes back: where the wall clock was set back
        // and no sibling runs that knows of it, the stream has a scale of its own.
        let earliest = match self.end {
            0 => LEAD_IN_MICROS,
            end => end.saturating_add(RUN_GAP_MICROS),
        };
        let common = known.map_or(earliest, |zero| at.saturating_sub(zero));
        let media = common.max(earliest);
        self.is_apart = media.abs_diff(common) > APART_MICROS;
        self.origin = Some(at.saturating_sub(media));
        let ticks = scale.from_micros(media).0.saturating_sub(frame.dts.0);
        self.set_shift(lead, ticks);
    }

    /// Keeps another track beside the leading one: `micros` is where its tick 0 belongs.
    fn align(&mut self, track: usize, scale: Timescale, micros: i64) {
        let now = self.shift(track).map(|shift| scale.to_micros(Ticks(shift.ticks)));
        if now.is_none_or(|now| now.abs_diff(micros) > SKEW_MICROS_MAX.unsigned_abs()) {
            self.set_shift(track, scale.from_micros(micros).0);
        }
    }

    fn shift(&self, track: usize) -> Option<Shift> {
        *self.run.as_ref()?.tracks.get(track)?
    }

    fn set_shift(&mut self, track: usize, ticks: i64) {
        let slot = self.run.as_mut().and_then(|run| run.tracks.get_mut(track));
        if let Some(slot) = slot {
            let decoded = slot.map_or(-1, |shift| shift.decoded);
            *slot = Some(Shift { ticks, decoded });
        }
    }
}

/// The wall time of tick 0 when nothing but the arrival of one frame is known.
fn arrival(scale: Timescale, frame: &Frame) -> i64 {
    frame.received_wall.as_micros().saturating_sub(scale.to_micros(frame.pts))
}

#[cfg(test)]
mod tests;
