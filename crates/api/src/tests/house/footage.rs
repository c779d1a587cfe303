//! Footage that is made up.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use base::{RunId, SegmentId, StreamId, Ticks, WallTime};
use catalog::{Catalog, SegmentRow, SegmentState, SegmentTrack, TimelineSpans};
use media::{
    Anchor, Chunk, Sample, SegmentIndex, TrackIndex, TrackParams, VideoCodec, VideoParams,
};
use playback::{SegmentFile, Source, SourceError};

use super::{MAIN, VOLUME};

/// Parameters of a small picture.
pub(crate) fn video() -> TrackParams {
    let config = [1, 0x42, 0xc0, 30, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 30, 1, 0, 2, 0x68, 0xce];
    TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 640,
        height: 480,
        pixel_aspect: (1, 1),
        config: config.to_vec().into(),
        reorder_depth: 0,
    })
}

/// Ten seconds of 25 frames a second, a key frame a second, 5000 bytes each.
pub(crate) fn segment(number: u8, start: WallTime) -> (SegmentRow, SegmentIndex, Arc<Vec<u8>>) {
    let mut track = TrackIndex::new(Arc::new(video()));
    track.chunks.push(Chunk { first_sample: 0, offset: 100 });
    track.anchors.push(Anchor { first_sample: 0, media: Ticks(0), wall: start });
    for n in 0..250 {
        let key = n % 25 == 0;
        track.samples.push(Sample { size: 5000, duration: 3600, composition_offset: 0, key });
    }
    let bytes: Vec<u8> = (0..100 + 250 * 5000u32).map(|at| (at % 251) as u8 ^ number).collect();
    let index = SegmentIndex { tracks: vec![track] };
    let track = &index.tracks[0];
    let row = SegmentRow {
        id: SegmentId::from_bytes([number; 16]),
        stream: MAIN,
        volume: VOLUME,
        run: RunId::from_bytes([number; 16]),
        camera_slug: "front-door".into(),
        stream_name: "main".into(),
        state: SegmentState::Sealed,
        start,
        end: start.plus_micros(10_000_000),
        bytes: bytes.len() as u64,
        allocated: bytes.len() as u64,
        tracks: vec![SegmentTrack { params: track.params.clone(), totals: track.totals() }],
        predecessor: None,
        last_commit: None,
        end_cause: (number == 1).then(|| "camera-gone".to_owned()),
    };
    (row, index, Arc::new(bytes))
}

/// A segment's index and the bytes of its file.
pub(crate) type File = (Arc<SegmentIndex>, Arc<Vec<u8>>);

/// The catalog's rows over files in memory.
pub(crate) struct Footage {
    pub catalog: Catalog,
    pub files: Mutex<HashMap<SegmentId, File>>,
}

impl Source for Footage {
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
        Ok(self.files.lock().unwrap()[&segment.id].0.clone())
    }

    fn open(&self, segment: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        let bytes = self.files.lock().unwrap()[&segment.id].1.clone();
        Ok(Arc::new(Bytes(bytes)))
    }
}

struct Bytes(Arc<Vec<u8>>);

impl SegmentFile for Bytes {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let range = offset as usize..offset as usize + buffer.len();
        let found = self.0.get(range).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }
}
