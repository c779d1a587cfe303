//! Frames that are about to be written as one batch.

use std::sync::Arc;

use base::{MonoTime, Ticks, Timescale};
use media::{Frame, TrackParams};
use stream::Epoch;

use crate::clock::RunClock;

/// A frame whose length nobody knows yet is taken to last this part of a second.
const USUAL_RATE: u32 = 25;

/// How far a run is committed.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    /// When its newest frame came.
    pub(crate) received: MonoTime,
    /// By track: decode time and length of its last frame.
    pub(crate) tracks: Vec<Option<(Ticks, u32)>>,
}

/// Frames that are about to be written as one batch.
pub(crate) struct Prepared {
    /// The segment's parameters.
    pub(crate) epoch: Arc<Epoch>,
    /// Whether they begin a segment.
    pub(crate) begin: bool,
    /// In the stream's order.
    pub(crate) frames: Vec<Frame>,
    /// The mapping that they are committed with.
    pub(crate) clock: RunClock,
    /// How far the run is committed once they are.
    pub(crate) committed: Committed,
}

pub(crate) fn scales(tracks: &[Arc<TrackParams>]) -> Vec<Timescale> {
    tracks.iter().map(|track| track.timescale()).collect()
}

/// By track, the time in µs from its last committed frame to the first of `frames`.
pub(crate) fn gaps(
    tracks: &[Arc<TrackParams>],
    last: &Committed,
    frames: &[Frame],
) -> Vec<Option<i64>> {
    let gap = |(track, params): (usize, &Arc<TrackParams>)| {
        let (dts, _) = (*last.tracks.get(track)?)?;
        let first = frames.iter().find(|frame| frame.track == track)?;
        Some(params.timescale().to_micros(first.dts - dts))
    };
    tracks.iter().enumerate().map(gap).collect()
}

/// Gives frames of unknown length the length of the one before, and notes the last ones.
pub(crate) fn fill_durations(
    tracks: &[Arc<TrackParams>],
    committed: &mut Committed,
    frames: &mut [Frame],
) {
    for frame in frames {
        let Some(last) = committed.tracks.get_mut(frame.track) else { continue };
        if frame.duration == 0 {
            let scale = tracks[frame.track].timescale();
            frame.duration = last.map_or(scale.hertz() / USUAL_RATE, |(_, length)| length);
        }
        *last = Some((frame.dts, frame.duration));
    }
}
