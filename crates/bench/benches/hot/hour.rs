//! An hour of footage in memory: thirteen segments of one run that all have the same index.

use std::sync::Arc;

use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};
use catalog::{SegmentRow, SegmentState, SegmentTrack, TimelineSpans};
use media::{Identity, SegmentIndex};
use playback::{SegmentFile, Source, SourceError};

use crate::START;
use crate::minutes::{self, SEGMENT_MICROS, Whose};

/// Whose footage it is.
pub const STREAM: StreamId = StreamId::from_bytes([4; 16]);

/// The footage.
pub struct Hour {
    rows: Vec<SegmentRow>,
    indexes: Vec<Arc<SegmentIndex>>,
}

/// The identity of its first segment.
pub fn identity() -> Identity {
    let whose = Whose {
        archive: ArchiveId::from_bytes([1; 16]),
        volume: VolumeId::from_bytes([2; 16]),
        camera: CameraId::from_bytes([3; 16]),
        stream: STREAM,
        slug: "made".to_owned(),
        public_key: [0; 32],
    };
    minutes::identity(&whose, SegmentId::from_bytes([0; 16]), RunId::from_bytes([6; 16]), START)
}

impl Hour {
    /// Makes it.
    pub fn new() -> Self {
        let index = minutes::index(1);
        let (mut rows, mut indexes) = (Vec::new(), Vec::new());
        for number in 0..13u8 {
            let shift = i64::from(number) * SEGMENT_MICROS;
            let mut index = index.clone();
            for track in &mut index.tracks {
                track.anchors.iter_mut().for_each(|a| a.wall = a.wall.plus_micros(shift));
            }
            rows.push(row(number, START.plus_micros(shift), &index));
            indexes.push(Arc::new(index));
        }
        Self { rows, indexes }
    }
}

fn row(number: u8, start: WallTime, index: &SegmentIndex) -> SegmentRow {
    let track = |track: &media::TrackIndex| SegmentTrack {
        params: track.params.clone(),
        totals: track.totals(),
    };
    SegmentRow {
        id: SegmentId::from_bytes([number; 16]),
        stream: STREAM,
        volume: VolumeId::from_bytes([2; 16]),
        run: RunId::from_bytes([6; 16]),
        camera_slug: "made".into(),
        stream_name: "main".into(),
        state: SegmentState::Sealed,
        start,
        end: start.plus_micros(SEGMENT_MICROS),
        bytes: 150_000_000,
        allocated: 150_000_000,
        tracks: index.tracks.iter().map(track).collect(),
        predecessor: None,
        last_commit: None,
        end_cause: None,
    }
}

impl Source for Hour {
    fn segments(
        &self,
        _stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        let touches = |row: &&SegmentRow| row.start < to && row.end > from;
        Ok(self.rows.iter().filter(touches).cloned().collect())
    }

    fn segments_before(
        &self,
        _stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        let earlier = self.rows.iter().rev().filter(|row| row.start < before);
        Ok(earlier.take(limit).cloned().collect())
    }

    fn segment_after(
        &self,
        _stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.rows.iter().find(|row| row.start >= at).cloned())
    }

    fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.rows.iter().find(|row| row.id == id).cloned())
    }

    fn timeline(
        &self,
        _stream: StreamId,
        _from: WallTime,
        _to: WallTime,
        _resolution_micros: i64,
    ) -> Result<TimelineSpans, SourceError> {
        Ok(TimelineSpans::default())
    }

    fn hidden(
        &self,
        _stream: StreamId,
        _from: WallTime,
        _to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError> {
        Ok(Vec::new())
    }

    fn index(&self, segment: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        Ok(self.indexes[usize::from(segment.id.as_bytes()[0])].clone())
    }

    fn open(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        let why = "its bytes are not part of this measurement".to_owned();
        Err(SourceError::Unreadable { segment: segment.id, why })
    }
}
