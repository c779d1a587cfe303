//! Footage as it is stored: rows and recent indexes from the catalog, bytes and older indexes from
//! the archive.

use std::io;
use std::sync::Arc;

use archive::{SegmentPlace, SegmentReader, Volume};
use base::{SegmentId, StreamId, VolumeId, WallTime};
use catalog::{Catalog, SegmentRow, SegmentState, TimelineSpans};
use media::SegmentIndex;

use crate::source::{SegmentFile, Source, SourceError};

/// The volumes that are there at this moment.
pub trait Volumes: Send + Sync {
    /// One of them.
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>>;
}

/// Takes the index of a segment that was read from its file, packed, for the catalog's cache.
type Refill = Box<dyn Fn(SegmentId, Vec<u8>) + Send + Sync>;

/// The footage of one archive.
pub struct StoredFootage {
    catalog: Catalog,
    volumes: Arc<dyn Volumes>,
    refill: Option<Refill>,
}

impl StoredFootage {
    /// Footage that `catalog` knows, on `volumes`.
    pub fn new(catalog: Catalog, volumes: Arc<dyn Volumes>) -> Self {
        Self { catalog, volumes, refill: None }
    }

    /// Gives indexes that had to be read from files to `refill`, for
    /// [`catalog::Change::PutIndex`]. It must not block.
    #[must_use]
    pub fn refilling(self, refill: impl Fn(SegmentId, Vec<u8>) + Send + Sync + 'static) -> Self {
        Self { refill: Some(Box::new(refill)), ..self }
    }

    fn volume(&self, segment: &SegmentRow) -> Result<Arc<Volume>, SourceError> {
        self.volumes.volume(segment.volume).ok_or_else(|| SourceError::Unreadable {
            segment: segment.id,
            why: format!("volume {} is missing: mount its disk", segment.volume),
        })
    }

    /// The row of a segment whose file is not where it was: it may have moved to another volume.
    fn moved(&self, segment: &SegmentRow, error: &io::Error) -> Option<SegmentRow> {
        if error.kind() != io::ErrorKind::NotFound {
            return None;
        }
        let row = self.catalog.segment(segment.id).ok()??;
        (row.volume != segment.volume && row.state == SegmentState::Sealed).then_some(row)
    }

    /// What a failure to read a segment's file means.
    fn failure(&self, segment: &SegmentRow, error: &io::Error) -> SourceError {
        if error.kind() == io::ErrorKind::NotFound {
            let row = match self.catalog.segment(segment.id) {
                Ok(row) => row,
                Err(error) => return error.into(),
            };
            if row.is_none_or(|row| row.state == SegmentState::Garbage) {
                return SourceError::Removed(segment.id);
            }
        }
        let why = format!("{error}; run holdfast check");
        SourceError::Unreadable { segment: segment.id, why }
    }
}

impl Source for StoredFootage {
    fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        Ok(self.catalog.segments(stream, from, to)?)
    }

    fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        Ok(self.catalog.segments_before(stream, before, limit)?)
    }

    fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.catalog.segment_after(stream, at)?)
    }

    fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.catalog.segment(id)?)
    }

    fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, SourceError> {
        Ok(self.catalog.timeline(stream, from, to, resolution_micros)?)
    }

    fn hidden(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError> {
        Ok(self.catalog.hidden(stream, from, to)?)
    }

    fn index(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        if let Some(index) = self.catalog.index(segment.id)? {
            return Ok(index);
        }
        let mut read = self.volume(segment)?.sealed_index(&place(segment));
        if let Some(moved) = read.as_ref().err().and_then(|error| self.moved(segment, error)) {
            read = self.volume(&moved)?.sealed_index(&place(&moved));
        }
        let (identity, index) = read.map_err(|error| self.failure(segment, &error))?;
        if identity.segment != segment.id {
            let why = format!("its file holds segment {}; run holdfast check", identity.segment);
            return Err(SourceError::Unreadable { segment: segment.id, why });
        }
        if let Some(refill) = &self.refill {
            refill(segment.id, index.pack());
        }
        Ok(Arc::new(index))
    }

    fn open(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        let mut opened = self.volume(segment)?.reader(&place(segment));
        if let Some(moved) = opened.as_ref().err().and_then(|error| self.moved(segment, error)) {
            opened = self.volume(&moved)?.reader(&place(&moved));
        }
        Ok(Arc::new(opened.map_err(|error| self.failure(segment, &error))?))
    }
}

impl SegmentFile for SegmentReader {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_at(buffer, offset)
    }
}

fn place(segment: &SegmentRow) -> SegmentPlace {
    SegmentPlace {
        camera_slug: segment.camera_slug.to_string(),
        stream: segment.stream_name.to_string(),
        start: segment.start,
        id: segment.id,
    }
}
