//! Footage as it is stored: rows and recent indexes from the catalog, bytes and older indexes from
//! the archive.

use std::io;
use std::sync::Arc;

use archive::{SegmentPlace, Urgency, Volume};
use base::{SegmentId, StreamId, VolumeId, WallTime};
use catalog::{Catalog, SegmentRow, SegmentState, TimelineSpans};
use media::{Identity, SegmentColumns, SegmentIndex};

use crate::error::and_now;
use crate::gated::GatedFile;
use crate::recent::{self, Recent};
use crate::source::{SegmentFile, Source, SourceError, sizes};

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
    is_patient: bool,
    /// Unpacked indexes of sealed segments.
    indexes: Recent<SegmentIndex>,
    /// The same by columns.
    columns: Recent<SegmentColumns>,
}

impl StoredFootage {
    /// Footage that `catalog` knows, on `volumes`.
    pub fn new(catalog: Catalog, volumes: Arc<dyn Volumes>) -> Self {
        let (indexes, columns) = (Recent::default(), Recent::default());
        Self { catalog, volumes, refill: None, is_patient: false, indexes, columns }
    }

    /// Gives indexes that had to be read from files to `refill`, for
    /// [`catalog::Change::PutIndex`]. It must not block.
    #[must_use]
    pub fn refilling(self, refill: impl Fn(SegmentId, Vec<u8>) + Send + Sync + 'static) -> Self {
        Self { refill: Some(Box::new(refill)), ..self }
    }

    /// Waits for a disk that does not answer as long as that takes, and lets all others go first:
    /// for what nobody sits and waits for.
    #[must_use]
    pub fn patient(self) -> Self {
        Self { is_patient: true, ..self }
    }

    /// How urgent it is here. For one who is patient nothing is.
    fn urgency(&self, urgency: Urgency) -> Urgency {
        if self.is_patient { Urgency::Whenever } else { urgency }
    }

    fn read_index(
        &self,
        segment: &SegmentRow,
        urgency: Urgency,
    ) -> Result<Arc<SegmentIndex>, SourceError> {
        if let Some(index) = self.indexes.get(segment) {
            return Ok(index);
        }
        if let Some(index) = self.catalog.index(segment.id)? {
            self.indexes.put(segment, &index);
            return Ok(index);
        }
        let urgency = self.urgency(urgency);
        let mut read = sealed_index(&*self.volume(segment)?, &place(segment), urgency);
        if let Some(moved) = read.as_ref().err().and_then(|error| self.moved(segment, error)) {
            read = sealed_index(&*self.volume(&moved)?, &place(&moved), urgency);
        }
        let (identity, index) = read.map_err(|error| self.failure(segment, &error))?;
        if identity.segment != segment.id {
            let why = format!("its file holds segment {}; run holdfast check", identity.segment);
            return Err(SourceError::Unreadable { segment: segment.id, why });
        }
        if let Some(refill) = &self.refill {
            refill(segment.id, index.pack());
        }
        let index = Arc::new(index);
        self.indexes.put(segment, &index);
        Ok(index)
    }

    fn read_columns(
        &self,
        segment: &SegmentRow,
        urgency: Urgency,
    ) -> Result<Arc<SegmentColumns>, SourceError> {
        if let Some(columns) = self.columns.get(segment) {
            return Ok(columns);
        }
        let index = self.indexes.get(segment);
        let cached = match index {
            None if recent::is_final(segment) => self.catalog.columns(segment.id)?,
            _ => None,
        };
        let columns = match (cached, index) {
            (Some(columns), _) => columns,
            (None, Some(index)) => Arc::new(SegmentColumns::of(&index)),
            (None, None) => Arc::new(SegmentColumns::of(&*self.read_index(segment, urgency)?)),
        };
        self.columns.put(segment, &columns);
        Ok(columns)
    }

    fn open_file(
        &self,
        segment: &SegmentRow,
        urgency: Urgency,
    ) -> Result<Arc<dyn SegmentFile>, SourceError> {
        let (volume, urgency) = (self.volume(segment)?, self.urgency(urgency));
        let mut opened = GatedFile::of(&volume, &place(segment), urgency);
        if let Some(moved) = opened.as_ref().err().and_then(|error| self.moved(segment, error)) {
            opened = GatedFile::of(&*self.volume(&moved)?, &place(&moved), urgency);
        }
        Ok(Arc::new(opened.map_err(|error| self.failure(segment, &error))?))
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
        let why = format!("{error}{}", and_now(error));
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

    fn deletions(&self, stream: StreamId) -> u64 {
        self.catalog.deletions(stream)
    }

    fn index(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        self.read_index(segment, Urgency::Soon)
    }

    fn open(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        self.open_file(segment, Urgency::Soon)
    }

    fn index_later(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        self.read_index(segment, Urgency::Later)
    }

    fn columns(&self, segment: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        self.read_columns(segment, Urgency::Soon)
    }

    fn columns_later(&self, segment: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        self.read_columns(segment, Urgency::Later)
    }

    fn sizes(
        &self,
        segment: &SegmentRow,
        wanted: &[bool],
    ) -> Result<Arc<Vec<Vec<u32>>>, SourceError> {
        if let Some(columns) = self.columns.get(segment) {
            return Ok(Arc::new(sizes(&columns, wanted)));
        }
        if recent::is_final(segment)
            && let Some(sizes) = self.catalog.sizes(segment.id, wanted)?
        {
            return Ok(Arc::new(sizes));
        }
        Ok(Arc::new(sizes(&*self.columns(segment)?, wanted)))
    }

    fn open_later(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        self.open_file(segment, Urgency::Later)
    }
}

/// In its turn.
fn sealed_index(
    volume: &Volume,
    place: &SegmentPlace,
    urgency: Urgency,
) -> io::Result<(Identity, SegmentIndex)> {
    let _turn = volume.gate().enter(urgency)?;
    volume.sealed_index(place)
}

fn place(segment: &SegmentRow) -> SegmentPlace {
    SegmentPlace {
        camera_slug: segment.camera_slug.to_string(),
        stream: segment.stream_name.to_string(),
        start: segment.start,
        id: segment.id,
    }
}
