//! What playback needs of catalog and archive.

use std::sync::Arc;

use base::{SegmentId, StreamId, WallTime};
use catalog::{SegmentRow, TimelineSpans};
use media::{SegmentColumns, SegmentIndex, TrackColumns};

/// Recorded footage, as playback sees it. Calls may block for as long as the disk does.
pub trait Source: Send + Sync {
    /// The segments of a stream that touch [from, to), by start; growing ones as far as they are
    /// durable.
    fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError>;

    /// Up to `limit` segments that start before `before`, newest first.
    fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError>;

    /// The first segment that starts at `at` or later.
    fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, SourceError>;

    /// One segment, in whatever state; a growing one as far as it is durable.
    fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, SourceError>;

    /// Footage and gaps of [from, to), as coarse as asked for or coarser.
    fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, SourceError>;

    /// What of [from, to) was deleted by hand, by start: whoever asks is shown none of it, though
    /// segments still hold it. Spans do not touch.
    fn hidden(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError>;

    /// A number that is another one after footage of the stream was deleted by hand: what is hidden
    /// is forgotten once its segments are gone. Always the same where nobody can delete.
    fn deletions(&self, _: StreamId) -> u64 {
        0
    }

    /// The index of a segment; of a growing one what is durable now.
    fn index(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError>;

    /// The same by columns, which takes less where what is steady need not be told one by one.
    fn columns(&self, segment: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        Ok(Arc::new(SegmentColumns::of(&*self.index(segment)?)))
    }

    /// The sizes in bytes of all samples of a segment, by track, in decode order; of the tracks
    /// that are `wanted`, which says so of each.
    fn sizes(
        &self,
        segment: &SegmentRow,
        wanted: &[bool],
    ) -> Result<Arc<Vec<Vec<u32>>>, SourceError> {
        Ok(Arc::new(sizes(&*self.columns(segment)?, wanted)))
    }

    /// The file of a segment, opened for reading.
    fn open(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError>;

    /// The index of a segment with which a body goes on: it may be waited for longer than what
    /// somebody waits for to see the first picture.
    fn index_later(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        self.index(segment)
    }

    /// The same by columns.
    fn columns_later(&self, segment: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        self.columns(segment)
    }

    /// The file of such a segment.
    fn open_later(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        self.open(segment)
    }
}

/// The sizes of all samples of the tracks that are wanted.
pub(crate) fn sizes(columns: &SegmentColumns, wanted: &[bool]) -> Vec<Vec<u32>> {
    let of = |(track, wanted): (&TrackColumns, &bool)| match wanted {
        true => track.sizes.clone(),
        false => Vec::new(),
    };
    columns.tracks.iter().zip(wanted).map(of).collect()
}

/// The file of one segment.
pub trait SegmentFile: Send + Sync {
    /// Reads exactly `buffer.len()` bytes at `offset`; an error where there are fewer.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()>;

    /// The same where `len` bytes from `offset` on are asked for in parts: the disk goes there once
    /// for all of them.
    fn read_part_at(&self, buffer: &mut [u8], offset: u64, len: u64) -> std::io::Result<()> {
        let _ = len;
        self.read_exact_at(buffer, offset)
    }
}

/// Recorded footage cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Retention or a person removed it.
    #[error("segment {0} has been removed since: ask for the range again")]
    Removed(SegmentId),
    /// Its file cannot be opened, or is not what its row says.
    #[error("cannot read segment {segment}: {why}")]
    Unreadable {
        /// Which.
        segment: SegmentId,
        /// Why, and what to do.
        why: String,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] catalog::ReadError),
}
