//! The index of one segment: where each sample lies in the file and which instant it stands for.

use std::sync::Arc;

use base::{Ticks, WallTime};

use crate::params::TrackParams;

/// One sample (an access unit or audio frame) in decode order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Bytes.
    pub size: u32,
    /// Decode time of the next sample less its own, in ticks. The last of a segment has its usual
    /// duration.
    pub duration: u32,
    /// Presentation time less decode time, in ticks.
    pub composition_offset: i32,
    /// Whether decoding can start here.
    pub key: bool,
}

/// Samples that lie one after another in the file: those of one track in one fragment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Index of its first sample in [`TrackIndex::samples`].
    pub first_sample: u32,
    /// Where its first byte lies in the file.
    pub offset: u64,
}

/// What wall time a media time stands for, from one commit on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// Index of the first sample of the commit in [`TrackIndex::samples`].
    pub first_sample: u32,
    /// Presentation time of that sample on the segment's scale.
    pub media: Ticks,
    /// The wall time of that instant.
    pub wall: WallTime,
}

/// One track of a segment. Times are on the segment's scale: 0 is the segment's origin, the
/// earliest decode time of its first samples.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackIndex {
    /// What a decoder must know.
    pub params: Arc<TrackParams>,
    /// Decode time of the first sample.
    pub start: Ticks,
    /// In decode order.
    pub samples: Vec<Sample>,
    /// In file order; together they hold every sample once.
    pub chunks: Vec<Chunk>,
    /// One for each commit that has samples of this track, in order.
    pub anchors: Vec<Anchor>,
}

/// All samples of one segment, by track.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SegmentIndex {
    /// In the order of the stream's tracks.
    pub tracks: Vec<TrackIndex>,
}
