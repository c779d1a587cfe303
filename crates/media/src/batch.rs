//! What is written to a segment at once: fragments of samples on the segment's scale, and the
//! wall times they stand for.

use std::sync::Arc;

use base::{Ticks, WallTime};
use bytes::Bytes;

use crate::frame::Frame;
use crate::index::Sample;
use crate::params::{TrackParams, lead_track};

/// One sample that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSample {
    /// Decode time of the next sample less its own, in ticks; a guess for the last one of a batch
    /// (the next batch's first decode time decides).
    pub duration: u32,
    /// Presentation time less decode time, in ticks.
    pub composition_offset: i32,
    /// Whether decoding can start here.
    pub key: bool,
    /// The sample's bytes.
    pub data: Bytes,
}

impl From<&BatchSample> for Sample {
    fn from(sample: &BatchSample) -> Self {
        Self {
            // An access unit has at most 16 MiB (`base::limits::ACCESS_UNIT_BYTES_MAX`).
            size: u32::try_from(sample.data.len()).unwrap_or(u32::MAX),
            duration: sample.duration,
            composition_offset: sample.composition_offset,
            key: sample.key,
        }
    }
}

/// Samples of one track that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackRun {
    /// Index of the track.
    pub track: usize,
    /// Decode time of the first sample on the segment's scale; at least 0, and later than that
    /// of the track's last sample so far.
    pub first_decode: Ticks,
    /// In decode order, at least one.
    pub samples: Vec<BatchSample>,
}

/// One `moof` and its `mdat`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Fragment {
    /// At most one for each track, tracks in order.
    pub runs: Vec<TrackRun>,
}

/// What wall time a track's first sample in a batch stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchAnchor {
    /// Index of the track.
    pub track: usize,
    /// Presentation time of the track's first sample in the batch, on the segment's scale.
    pub media: Ticks,
    /// The wall time of that instant.
    pub wall: WallTime,
}

/// What one commit record closes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Batch {
    /// In file order, at least one.
    pub fragments: Vec<Fragment>,
    /// One for each track that has samples here, tracks in order.
    pub anchors: Vec<BatchAnchor>,
}

impl Batch {
    /// The batch of `frames` (of one epoch, in the stream's order), cut before every key frame of
    /// the lead track, but not where all its pictures are key frames: a fragment a picture would
    /// serve nobody. `wall_of` gives the wall time of a track's tick on the run's scale; it is
    /// asked once a track, for the presentation time of its first frame. A frame before the
    /// scale's origin is left out and counted in the second value.
    pub fn assemble(
        tracks: &[Arc<TrackParams>],
        scale: &SegmentScale,
        frames: &[Frame],
        mut wall_of: impl FnMut(usize, Ticks) -> WallTime,
    ) -> (Self, usize) {
        let lead = lead_track(tracks);
        let mut batch = Self::default();
        let mut left_out = 0;
        for frame in frames {
            let first_decode = scale.to_segment(frame.track, frame.dts);
            if frame.track >= tracks.len() || first_decode.0 < 0 {
                left_out += 1;
                continue;
            }
            if !batch.anchors.iter().any(|anchor| anchor.track == frame.track) {
                let media = scale.to_segment(frame.track, frame.pts);
                let wall = wall_of(frame.track, frame.pts);
                batch.anchors.push(BatchAnchor { track: frame.track, media, wall });
            }
            let cuts = Some(frame.track) == lead && !tracks[frame.track].is_intra_only();
            let cut = cuts && frame.access.is_key();
            batch.push(frame, first_decode, cut);
        }
        batch.anchors.sort_by_key(|anchor| anchor.track);
        (batch, left_out)
    }

    fn push(&mut self, frame: &Frame, first_decode: Ticks, cut: bool) {
        self.lengthen_last(frame.track, first_decode);
        if cut || self.fragments.is_empty() {
            self.fragments.push(Fragment::default());
        }
        let Some(fragment) = self.fragments.last_mut() else { return };
        let offset = frame.pts.0.saturating_sub(frame.dts.0);
        let sample = BatchSample {
            duration: frame.duration,
            composition_offset: offset.clamp(i32::MIN.into(), i32::MAX.into()) as i32,
            key: frame.access.is_key(),
            data: frame.data.clone(),
        };
        match fragment.runs.binary_search_by_key(&frame.track, |run| run.track) {
            Ok(at) => fragment.runs[at].samples.push(sample),
            Err(at) => {
                let run = TrackRun { track: frame.track, first_decode, samples: vec![sample] };
                fragment.runs.insert(at, run);
            }
        }
    }

    /// Gives the track's last sample so far its true duration, now that its successor is known.
    fn lengthen_last(&mut self, track: usize, next: Ticks) {
        let runs = self.fragments.iter_mut().rev().flat_map(|fragment| &mut fragment.runs);
        let Some(run) = runs.into_iter().find(|run| run.track == track) else { return };
        let Some((last, before)) = run.samples.split_last_mut() else { return };
        let decode = before.iter().fold(run.first_decode.0, |at, s| at + i64::from(s.duration));
        last.duration = u32::try_from(next.0.saturating_sub(decode)).unwrap_or(last.duration);
    }
}

/// A batch that cannot be written: its sender broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// There is no sample in it.
    #[error("a batch without samples cannot be written: leave it out")]
    Empty,
    /// A track index is out of range, out of order, or has no anchor.
    #[error("track {track} of a batch has no such track, no anchor, or is out of order")]
    Track {
        /// Index of the track.
        track: usize,
    },
    /// A decode time is before the segment's origin or not after the last one.
    #[error("decode time {decode} of track {track} is not after {last}: decode times must rise")]
    DecodeTime {
        /// Index of the track.
        track: usize,
        /// The time on the segment's scale.
        decode: i64,
        /// The decode time before it, or -1 where there was none.
        last: i64,
    },
    /// A size or number does not fit its field.
    #[error("track {track} of a batch is too large for one segment: begin another")]
    TooLarge {
        /// Index of the track.
        track: usize,
    },
}

/// Takes times of a run (each track on a scale of its own, whose tick 0 is any instant) to the
/// one scale of a segment, whose 0 is the same instant for all tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentScale {
    shifts: Vec<i64>,
}

impl SegmentScale {
    /// `zeros` are the wall times of each track's tick 0 on the run's scale; `first_decode` the
    /// decode times of the first sample to be written of each track that has one by now. The
    /// origin is the earliest of those; earlier by [`base::limits::AUDIO_SKEW_MAX`] where a track
    /// has none yet.
    pub fn new(
        tracks: &[Arc<TrackParams>],
        zeros: &[WallTime],
        first_decode: &[Option<Ticks>],
    ) -> Self {
        let zero = |track: usize| zeros.get(track).copied().unwrap_or_default().as_micros();
        let first = |track: usize| first_decode.get(track).copied().flatten();
        let known = tracks.iter().enumerate().filter_map(|(track, params)| {
            let scale = params.timescale();
            Some(zero(track).saturating_add(scale.to_micros(first(track)?)))
        });
        let mut origin = known.min().unwrap_or(0);
        if (0..tracks.len()).any(|track| first(track).is_none()) {
            origin = origin.saturating_sub(base::limits::AUDIO_SKEW_MAX.as_micros() as i64);
        }
        let shift = |(track, params): (usize, &Arc<TrackParams>)| {
            crate::index::nearest_ticks(params.timescale(), zero(track).saturating_sub(origin)).0
        };
        Self { shifts: tracks.iter().enumerate().map(shift).collect() }
    }

    /// The scale that leaves all times as they are: for tracks that share one tick 0.
    pub fn identity(tracks: usize) -> Self {
        Self { shifts: vec![0; tracks] }
    }

    /// A time of the run on the segment's scale.
    pub fn to_segment(&self, track: usize, run: Ticks) -> Ticks {
        Ticks(run.0.saturating_add(self.shifts.get(track).copied().unwrap_or(0)))
    }
}
