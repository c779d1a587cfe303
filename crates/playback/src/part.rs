//! What of a segment is in a clip.

use std::ops::Range;
use std::sync::Arc;

use base::{Timescale, WallTime};
use bytes::Bytes;
use catalog::SegmentRow;
use media::{AudioCodec, SegmentIndex, TrackParams, TrackTotals, VideoCodec};

/// A segment's share of a clip.
#[derive(Debug)]
pub(crate) struct Part {
    pub row: SegmentRow,
    /// What of it the clip has: all of it, or what lies between hidden spans.
    pub span: (WallTime, WallTime),
    /// By how many microseconds it comes earlier in the clip than on the wall's clock, as a
    /// negative number.
    pub moved: i64,
    /// Held for the segments at the two ends of the clip.
    pub index: Option<Arc<SegmentIndex>>,
    /// Whether all of it is in the range, and for ever as it is.
    pub whole: bool,
    /// One for each track that has samples in the clip, in the order of the tracks.
    pub takes: Vec<Take>,
}

/// A track's share: samples that follow one another in decode order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Take {
    /// Index of the track in the segment.
    pub track: usize,
    /// Index of the clip's track.
    pub lane: usize,
    pub samples: Range<usize>,
    /// Added to all decode times, so that they do not fall where another run begins; presentation
    /// times stay.
    pub shift: i64,
    /// Added to all times, which takes the gaps before it out of the clip; never above 0.
    pub moved: i64,
    /// Parameter sets that come before each of its key frames, for they are not those of the sample
    /// entry.
    pub sets: Option<Bytes>,
    /// Counted where they are not those of the whole track and the index is not held.
    pub sums: Option<TrackTotals>,
}

/// What one track of the clip carries: the tracks of all segments that agree in this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    /// Which of the clip's streams.
    pub stream: usize,
    codec: Codec,
    pub scale: Timescale,
    /// Which one of those that a segment has of this kind.
    pub ordinal: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Video(VideoCodec),
    Audio(AudioCodec),
}

impl Take {
    /// Bytes that come before each key frame.
    pub fn sets_len(&self) -> u64 {
        self.sets.as_ref().map_or(0, |sets| sets.len() as u64)
    }
}

impl Lane {
    pub fn is_video(&self) -> bool {
        matches!(self.codec, Codec::Video(_))
    }

    pub fn of(stream: usize, params: &TrackParams) -> Self {
        let codec = match params {
            TrackParams::Video(video) => Codec::Video(video.codec),
            TrackParams::Audio(audio) => Codec::Audio(audio.codec),
        };
        Self { stream, codec, scale: params.timescale(), ordinal: 0 }
    }
}
