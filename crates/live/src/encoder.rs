//! From a stream's entries to the fragments that viewers share: pure, entry by entry.

use std::sync::Arc;

use base::limits;
use media::{Frame, LiveMuxer, TrackParams};
use stream::{ClockEstimate, Epoch};

use crate::cuts::{Cut, Cutter, LeadFrame, Opens, Step};
use crate::message::{Clock, Fragment, Init};
use crate::scale::Scale;
use crate::timeline::{Placed, Timeline};

/// A viewer is told of a clock that moved by this much.
const CLOCK_STEP_MICROS: i64 = 5_000;

/// A fragment with what must be known to play it.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub fragment: Arc<Fragment>,
    pub init: Arc<Init>,
    pub clock: Clock,
    pub cut: Cut,
    /// Whether its times are on a scale of its own, and not on that of the camera's streams.
    pub is_apart: bool,
}

/// Encodes one stream. Frames gather until [`Encoder::flush`], a key frame, a cut, or a bound.
#[derive(Default)]
pub(crate) struct Encoder {
    timeline: Timeline,
    epoch: Option<Current>,
    pending: Vec<Placed>,
    pending_bytes: usize,
    /// Of what is pending.
    cut: Cut,
    cutter: Cutter,
    clock: Option<Clock>,
}

struct Current {
    epoch: Arc<Epoch>,
    muxer: LiveMuxer,
    /// `None` when nothing in it can be played.
    init: Option<Arc<Init>>,
    /// Whether a key frame of it was seen.
    started: bool,
}

impl Encoder {
    /// One on the scale that the camera's streams have in common.
    pub fn on(scale: Scale) -> Self {
        Self { timeline: Timeline::on(scale), ..Self::default() }
    }

    /// Takes the next frame; what became complete by it.
    pub fn frame(
        &mut self,
        epoch: &Arc<Epoch>,
        frame: Frame,
        clock: Option<&ClockEstimate>,
    ) -> Option<Encoded> {
        let same = self.epoch.as_ref().is_some_and(|current| Arc::ptr_eq(&current.epoch, epoch));
        let mut done = None;
        if !same {
            done = self.flush();
            self.cutter.interrupt();
            self.epoch = Some(Current::new(epoch.clone()));
        }
        let starts = epoch.starts_at(&frame);
        let current = self.epoch.as_mut()?;
        current.started |= starts;
        if !current.started || current.init.is_none() {
            return done;
        }
        let is_video = epoch.tracks.get(frame.track).is_some_and(|track| track.is_video());
        if (starts && is_video) || self.is_full() {
            done = done.or_else(|| self.flush());
        }
        match self.timeline.place(epoch, frame, clock) {
            Some(placed) => done = done.or(self.gather(epoch, placed)),
            // What follows cannot be decoded without it.
            None if starts => self.epoch.iter_mut().for_each(|current| current.started = false),
            None => {}
        }
        done
    }

    /// Adds a frame to what is pending; what was complete before it.
    fn gather(&mut self, epoch: &Epoch, placed: Placed) -> Option<Encoded> {
        let mut done = None;
        if epoch.lead_track() == Some(placed.frame.track) {
            let at = placed.decoded_micros;
            let (key, bytes) = (placed.frame.access.is_key(), placed.frame.data.len());
            let Step { opens, closes, to } = self.cutter.step(LeadFrame { at, key, bytes });
            if opens != Opens::Nothing {
                done = self.flush();
                self.cut.opens = opens;
            }
            let from = self.cut.lead.map_or(at, |(from, _)| from);
            self.cut.lead = Some((from, to));
            self.cut.closes = closes;
        } else {
            self.cutter.pass(placed.frame.data.len());
        }
        self.pending_bytes += placed.frame.data.len();
        self.pending.push(placed);
        done
    }

    /// The frames gathered so far as one fragment.
    pub fn flush(&mut self) -> Option<Encoded> {
        let pending = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let cut = Cut { part_target: self.cutter.part_target(), ..std::mem::take(&mut self.cut) };
        let (first, current) = (pending.first()?, self.epoch.as_mut()?);
        let clock = self.clock.filter(|clock| {
            let zero = clock.wall.as_micros().saturating_sub(clock.media_micros);
            zero.abs_diff(first.zero) < CLOCK_STEP_MICROS.unsigned_abs()
        });
        let clock = clock.unwrap_or_else(|| Clock {
            media_micros: first.start_micros,
            wall: base::WallTime::from_micros(first.zero.saturating_add(first.start_micros)),
        });
        let key = current.epoch.starts_at(&first.frame);
        let start_micros = pending.iter().map(|p| p.start_micros).min().unwrap_or_default();
        let end_micros = pending.iter().map(|p| p.end_micros).max().unwrap_or_default();
        let frames: Vec<Frame> = pending.into_iter().map(|placed| placed.frame).collect();
        let bytes = current.muxer.fragment(&frames)?;
        let init = current.init.clone()?;
        self.clock = Some(clock);
        let fragment = Arc::new(Fragment { bytes, key, start_micros, end_micros });
        Some(Encoded { fragment, init, clock, cut, is_apart: self.timeline.is_apart() })
    }

    /// Frames are missing here: nothing is encoded until the next key frame.
    pub fn interrupt(&mut self) -> Option<Encoded> {
        let done = self.flush();
        self.cutter.interrupt();
        if let Some(current) = &mut self.epoch {
            current.started = false;
        }
        done
    }

    /// Whether the current epoch has nothing that browsers play.
    pub fn is_unplayable(&self) -> bool {
        self.epoch.as_ref().is_some_and(|current| current.init.is_none())
    }

    fn is_full(&self) -> bool {
        let time = match (self.pending.first(), self.pending.last()) {
            (Some(first), Some(last)) => last.end_micros.saturating_sub(first.start_micros),
            _ => 0,
        };
        self.cut.closes
            || self.pending_bytes >= limits::LIVE_FRAGMENT_BYTES_MAX
            || i128::from(time) >= limits::LIVE_FRAGMENT_TIME_MAX.as_micros().cast_signed()
    }
}

impl Current {
    fn new(epoch: Arc<Epoch>) -> Self {
        // Times are moved by `Timeline`, so the muxer leaves them as they are.
        let scale = media::SegmentScale::identity(epoch.tracks.len());
        let muxer = LiveMuxer::new(&epoch.tracks, scale);
        let init = muxer.init().map(|bytes| {
            let (tracks, left_out): (Vec<Arc<TrackParams>>, _) =
                epoch.tracks.iter().cloned().partition(|track| track.rfc6381().is_some());
            Arc::new(Init { bytes, mime: muxer.mime(), run: epoch.run, tracks, left_out })
        });
        Self { epoch, muxer, init, started: false }
    }
}
