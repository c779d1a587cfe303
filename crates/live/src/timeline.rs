//! From the camera's time to the viewers': one scale that never restarts, however many runs a
//! stream has while it is watched.

use base::{RunId, Ticks, Timescale};
use media::Frame;
use stream::{ClockEstimate, Epoch};

/// Media time starts this long after its zero, so that audio that leads video is not negative.
const LEAD_IN_MICROS: i64 = 1_000_000;
/// Between two runs media time goes on by at least this much.
const RUN_GAP_MICROS: i64 = 100_000;
/// Audio is moved against video when they are found to be apart by more than this.
const SKEW_MICROS_MAX: i64 = 40_000;

/// Maps one stream's frames to viewers' time.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// The wall time of media time 0, fixed by the first frame.
    origin: Option<i64>,
    run: Option<RunState>,
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
        if frame.track != lead {
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
        let origin = *self.origin.get_or_insert(at.saturating_sub(LEAD_IN_MICROS));
        let earliest = if self.end == 0 { 0 } else { self.end.saturating_add(RUN_GAP_MICROS) };
        let media = at.saturating_sub(origin).max(earliest);
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
mod tests {
    use super::*;
    use base::{MonoTime, WallTime};
    use media::{Access, AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
    use std::sync::Arc;

    fn epoch(run: u8, number: u32) -> Epoch {
        let video = TrackParams::Video(VideoParams {
            codec: VideoCodec::H264,
            width: 640,
            height: 480,
            pixel_aspect: (1, 1),
            config: bytes::Bytes::new(),
            reorder_depth: 0,
        });
        let audio = TrackParams::Audio(AudioParams {
            codec: AudioCodec::Aac,
            sample_rate: 8000,
            channels: 1,
            config: bytes::Bytes::new(),
        });
        Epoch {
            run: RunId::from_bytes([run; 16]),
            number,
            tracks: vec![Arc::new(video), Arc::new(audio)],
            begun: WallTime::EPOCH,
        }
    }

    fn frame(track: usize, ticks: i64) -> Frame {
        Frame {
            track,
            pts: Ticks(ticks),
            dts: Ticks(ticks),
            duration: if track == 0 { 3600 } else { 1024 },
            access: Access::Idr,
            data: bytes::Bytes::new(),
            received: MonoTime::default(),
            received_wall: WallTime::from_micros(1_000_000_000),
        }
    }

    fn clock(video: i64, audio: Option<i64>) -> ClockEstimate {
        ClockEstimate { offsets: vec![Some(video), audio], settled: true }
    }

    /// Media time in milliseconds.
    fn place(t: &mut Timeline, e: &Epoch, f: Frame, c: &ClockEstimate) -> Option<i64> {
        t.place(e, f, Some(c)).map(|placed| placed.start_micros / 1000)
    }

    #[test]
    fn the_first_frame_stands_one_second_in_and_tells_the_wall_time() {
        let (mut timeline, epoch) = (Timeline::default(), epoch(1, 0));
        let placed = timeline.place(&epoch, frame(0, 90_000), Some(&clock(500_000_000, None)));
        let placed = placed.expect("it has a clock");
        assert_eq!(placed.start_micros, 1_000_000);
        assert_eq!(placed.zero + placed.start_micros, 501_000_000);
    }

    #[test]
    fn audio_waits_for_its_clock_and_then_stands_beside_the_picture() {
        let (mut timeline, epoch) = (Timeline::default(), epoch(1, 0));
        assert_eq!(place(&mut timeline, &epoch, frame(0, 0), &clock(5_000_000, None)), Some(1000));
        assert_eq!(place(&mut timeline, &epoch, frame(1, 800), &clock(5_000_000, None)), None);
        // Audio tick 0 is 200 ms before video tick 0.
        let both = clock(5_000_000, Some(4_800_000));
        assert_eq!(place(&mut timeline, &epoch, frame(1, 1600), &both), Some(1000));
        // A little off is left alone, more is put right.
        let slewed = clock(5_000_000, Some(4_810_000));
        assert_eq!(place(&mut timeline, &epoch, frame(1, 2400), &slewed), Some(1100));
        let jumped = clock(5_000_000, Some(4_900_000));
        assert_eq!(place(&mut timeline, &epoch, frame(1, 3200), &jumped), Some(1300));
    }

    #[test]
    fn a_new_run_goes_on_later_never_earlier() {
        let mut timeline = Timeline::default();
        let (first, second, third) = (epoch(1, 0), epoch(2, 0), epoch(3, 0));
        place(&mut timeline, &first, frame(0, 0), &clock(0, None));
        assert_eq!(place(&mut timeline, &first, frame(0, 90_000), &clock(0, None)), Some(2000));
        // Ten seconds on by the wall clock.
        let later = clock(10_000_000, None);
        assert_eq!(place(&mut timeline, &second, frame(0, 0), &later), Some(11_000));
        // The wall clock was set back.
        let back = clock(-50_000_000, None);
        assert_eq!(place(&mut timeline, &third, frame(0, 0), &back), Some(11_140));
    }

    #[test]
    fn new_parameters_within_a_run_do_not_move_time() {
        let mut timeline = Timeline::default();
        place(&mut timeline, &epoch(1, 0), frame(0, 0), &clock(0, None));
        let moved = clock(2_000_000, None);
        assert_eq!(place(&mut timeline, &epoch(1, 1), frame(0, 3600), &moved), Some(1040));
    }

    #[test]
    fn time_that_goes_back_is_not_placed() {
        let (mut timeline, epoch) = (Timeline::default(), epoch(1, 0));
        let clock = clock(0, None);
        assert_eq!(place(&mut timeline, &epoch, frame(0, 3600), &clock), Some(1000));
        assert_eq!(place(&mut timeline, &epoch, frame(0, 3600), &clock), None);
        assert_eq!(place(&mut timeline, &epoch, frame(0, 0), &clock), None);
        assert_eq!(place(&mut timeline, &epoch, frame(0, 7200), &clock), Some(1040));
    }
}
