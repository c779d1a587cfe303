//! What playback needs of catalog and archive.

use std::sync::Arc;

use base::{RunId, SegmentId, StreamId, WallTime};
use media::{SegmentIndex, TrackParams};

/// One track of a segment, summed up: what the sizes of a clip's tables follow from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackTotals {
    /// What a decoder must know.
    pub params: Arc<TrackParams>,
    /// Samples.
    pub samples: u64,
    /// Bytes of all samples.
    pub bytes: u64,
    /// Samples at which decoding can start.
    pub key_frames: u64,
    /// Runs of equal durations; the last sample is a run of its own.
    pub duration_runs: u64,
    /// Runs of equal composition offsets.
    pub composition_runs: u64,
    /// Chunks.
    pub chunks: u64,
}

/// One segment of a stream: its row, as one snapshot of the catalog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// The session with the camera that it came from.
    pub run: RunId,
    /// Wall time of its first lead sample.
    pub start: WallTime,
    /// Wall time of the end of its last durable lead sample.
    pub end: WallTime,
    /// Whether it still grows. Its totals are then those of this moment.
    pub growing: bool,
    /// Bytes of its file.
    pub bytes: u64,
    /// Why its run ended with it, where it did.
    pub end_cause: Option<String>,
    /// In the order of its tracks.
    pub tracks: Vec<TrackTotals>,
}

/// Recorded footage, as playback sees it. Calls may block for as long as the disk does.
pub trait Source: Send + Sync {
    /// The segments of a stream that touch [from, to), in order of time.
    fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<Segment>, SourceError>;

    /// Up to `limit` segments that start before `before`, newest first.
    fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<Segment>, SourceError>;

    /// The first segment that starts at `at` or later.
    fn segment_after(&self, stream: StreamId, at: WallTime)
    -> Result<Option<Segment>, SourceError>;

    /// The index of a segment; of a growing one what is durable now.
    fn index(&self, segment: &Segment) -> Result<Arc<SegmentIndex>, SourceError>;

    /// The file of a segment, opened for reading.
    fn open(&self, segment: &Segment) -> Result<Arc<dyn SegmentFile>, SourceError>;
}

/// The file of one segment.
pub trait SegmentFile: Send + Sync {
    /// Reads exactly `buffer.len()` bytes at `offset`.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()>;
}

/// Recorded footage cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Retention or a person removed it.
    #[error("segment {0} has been removed")]
    Removed(SegmentId),
    /// Its volume is not there.
    #[error("segment {segment} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        segment: SegmentId,
        /// Why.
        reason: String,
    },
    /// The catalog gives no answer.
    #[error("the catalog cannot be read: {0}")]
    Catalog(String),
}
