//! Questions about segments: rows of the database and of the tail, merged.

use std::sync::Arc;

use base::{SegmentId, StreamId, VolumeId, WallTime};
use media::SegmentIndex;

use crate::error::ReadError;
use crate::open::Catalog;
use crate::rows::SegmentRow;

impl Catalog {
    /// The readable segments of a stream (sealed, or growing) that touch [from, to), by start.
    pub fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, ReadError> {
        let _ = (stream, from, to);
        todo!()
    }

    /// Up to `limit` readable segments of a stream that start before `before`, newest first.
    pub fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, ReadError> {
        let _ = (stream, before, limit);
        todo!()
    }

    /// The first readable segment of a stream that starts at `at` or later.
    pub fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, ReadError> {
        let _ = (stream, at);
        todo!()
    }

    /// One segment, in whatever state; a growing one as far as it is durable.
    pub fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, ReadError> {
        let _ = id;
        todo!()
    }

    /// The index of a growing segment, or of a sealed one that is in the cache. `None`: read it
    /// from the file, and give it back as [`crate::Change::PutIndex`].
    pub fn index(&self, id: SegmentId) -> Result<Option<Arc<SegmentIndex>>, ReadError> {
        let _ = id;
        todo!()
    }

    /// Everything of a stream before this is durable; `None` when there is no footage of it.
    pub fn durable_until(&self, stream: StreamId) -> Result<Option<WallTime>, ReadError> {
        let _ = stream;
        todo!()
    }

    /// Up to `limit` of the oldest sealed segments of a stream, oldest first: for retention.
    pub fn oldest(&self, stream: StreamId, limit: usize) -> Result<Vec<SegmentRow>, ReadError> {
        let _ = (stream, limit);
        todo!()
    }

    /// Up to `limit` of the oldest sealed segments on a volume, oldest first: for retention.
    pub fn oldest_on(&self, volume: VolumeId, limit: usize) -> Result<Vec<SegmentRow>, ReadError> {
        let _ = (volume, limit);
        todo!()
    }

    /// All rows that are open, growing or not: at a start, those to recover.
    pub fn open_rows(&self) -> Result<Vec<SegmentRow>, ReadError> {
        todo!()
    }

    /// All rows that are garbage: at a start, those whose files may still be there.
    pub fn garbage_rows(&self) -> Result<Vec<SegmentRow>, ReadError> {
        todo!()
    }

    /// Those of `ids` that have no row: files to adopt.
    pub fn without_row(&self, ids: &[SegmentId]) -> Result<Vec<SegmentId>, ReadError> {
        let _ = ids;
        todo!()
    }

    /// Up to `limit` rows on a volume (any state) whose id follows `after`, by id: for a check of
    /// everything.
    pub fn rows_on(
        &self,
        volume: VolumeId,
        after: Option<SegmentId>,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, ReadError> {
        let _ = (volume, after, limit);
        todo!()
    }
}
