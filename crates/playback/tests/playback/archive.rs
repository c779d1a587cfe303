//! Archives in memory: runs of segments with any mixture of B-frames, audio, gaps and parameter
//! changes, made from a few numbers.

use std::io;
use std::sync::{Arc, Mutex};

use base::{RunId, SegmentId, StreamId, Ticks, VolumeId, WallTime};
use catalog::{SegmentRow, SegmentState, SegmentTrack, TimelineSpans};
use media::{
    Anchor, AudioCodec, AudioParams, Chunk, Sample, SegmentColumns, SegmentIndex, TrackParams,
    VideoCodec, VideoParams,
};
use playback::{SegmentFile, Source, SourceError};

/// One segment: its row, its index, its file.
#[derive(Clone)]
pub struct Segment {
    pub row: SegmentRow,
    pub index: Arc<SegmentIndex>,
    pub file: Arc<Vec<u8>>,
}

/// A stream's footage in memory, which counts what is read.
#[derive(Default)]
pub struct Memory {
    pub segments: Vec<Segment>,
    pub hidden: Vec<(WallTime, WallTime)>,
    pub removed: Mutex<Vec<SegmentId>>,
    pub indexes_read: Mutex<Vec<SegmentId>>,
    pub reads: Arc<Mutex<usize>>,
    /// For each read, where it began, and how much from there on was to come.
    pub asked: Arc<Mutex<Vec<(u64, u64)>>>,
}

pub fn stream() -> StreamId {
    StreamId::from_bytes([7; 16])
}

pub fn video(width: u16) -> TrackParams {
    let config = [&[1, 0x42, 0xc0, 30, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 30][..]];
    let mut config = config.concat();
    config.extend([1, 0, 2, 0x68, width as u8]);
    TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width,
        height: 16,
        pixel_aspect: (1, 1),
        config: config.into(),
        reorder_depth: 0,
    })
}

pub fn aac(sample_rate: u32) -> TrackParams {
    let config = vec![0x14, 0x08].into();
    TrackParams::Audio(AudioParams { codec: AudioCodec::Aac, sample_rate, channels: 1, config })
}

/// What is about to be put into a segment: a sample with its times on the run's scale.
#[derive(Clone, Debug)]
pub struct Raw {
    pub track: usize,
    pub dts: i64,
    pub pts: i64,
    pub key: bool,
    pub data: Vec<u8>,
    /// A batch begins here.
    pub batch: bool,
}

/// Builds one segment of samples in file order. `wall` maps a track's presentation time to wall
/// time; it is asked for the first sample of each batch.
pub fn segment(
    id: u8,
    run: u8,
    tracks: &[Arc<TrackParams>],
    samples: &[Raw],
    usual: &[u32],
    wall: impl Fn(usize, i64) -> i64,
) -> Segment {
    let micros = |raw: &Raw| tracks[raw.track].timescale().to_micros(Ticks(raw.dts));
    let first = samples.iter().map(micros).min().unwrap() - 1_000_000;
    let origin = |track: usize| tracks[track].timescale().from_micros(first).0;
    let (mut index, file) = laid_out(tracks, samples, usual, |track, first_sample, pts| Anchor {
        first_sample,
        media: Ticks(pts - origin(track)),
        wall: WallTime::from_micros(wall(track, pts)),
    });
    for (number, track) in index.tracks.iter_mut().enumerate() {
        let own: Vec<&Raw> = samples.iter().filter(|s| s.track == number).collect();
        let Some(first) = own.first() else { continue };
        track.start = Ticks(first.dts - origin(number));
        for (at, pair) in own.windows(2).enumerate() {
            track.samples[at].duration = (pair[1].dts - pair[0].dts) as u32;
        }
    }
    let row = row(id, run, &index, file.len() as u64);
    Segment { row, index: Arc::new(index), file: Arc::new(file) }
}

/// The file, with stuffing where a segment has boxes, and the index but for decode times.
fn laid_out(
    tracks: &[Arc<TrackParams>],
    samples: &[Raw],
    usual: &[u32],
    anchor: impl Fn(usize, u32, i64) -> Anchor,
) -> (SegmentIndex, Vec<u8>) {
    let mut index = SegmentIndex::new(tracks);
    let mut file = vec![0xaa; 40];
    for batch in samples.chunk_by(|_, next| !next.batch) {
        let mut anchored = vec![false; tracks.len()];
        let cuts = |next: &Raw| next.track == 0 && next.key && !tracks[0].is_intra_only();
        for fragment in batch.chunk_by(|_, next| !cuts(next)) {
            file.extend([0xbb; 60]);
            for (number, track) in index.tracks.iter_mut().enumerate() {
                let own: Vec<&Raw> = fragment.iter().filter(|s| s.track == number).collect();
                let Some(first) = own.first() else { continue };
                let first_sample = track.samples.len() as u32;
                track.chunks.push(Chunk { first_sample, offset: file.len() as u64 });
                if !std::mem::replace(&mut anchored[number], true) {
                    track.anchors.push(anchor(number, first_sample, first.pts));
                }
                for raw in own {
                    file.extend_from_slice(&raw.data);
                    track.samples.push(Sample {
                        size: raw.data.len() as u32,
                        duration: usual[number],
                        composition_offset: (raw.pts - raw.dts) as i32,
                        key: raw.key,
                    });
                }
            }
        }
        file.extend([0xcc; 30]);
    }
    (index, file)
}

fn row(id: u8, run: u8, index: &SegmentIndex, bytes: u64) -> SegmentRow {
    let (start, end) = index.span().unwrap();
    let tracks = index.tracks.iter();
    let tracks =
        tracks.map(|t| SegmentTrack { params: t.params.clone(), totals: t.totals() }).collect();
    SegmentRow {
        id: SegmentId::from_bytes([id; 16]),
        stream: stream(),
        volume: VolumeId::from_bytes([1; 16]),
        run: RunId::from_bytes([run; 16]),
        camera_slug: "front-door".into(),
        stream_name: "main".into(),
        state: SegmentState::Sealed,
        start,
        end,
        bytes,
        allocated: bytes,
        tracks,
        predecessor: None,
        last_commit: None,
        end_cause: None,
    }
}

struct File {
    bytes: Arc<Vec<u8>>,
    reads: Arc<Mutex<usize>>,
    asked: Arc<Mutex<Vec<(u64, u64)>>>,
}

impl SegmentFile for File {
    fn read_part_at(&self, buffer: &mut [u8], offset: u64, len: u64) -> io::Result<()> {
        self.asked.lock().unwrap().push((offset, len));
        self.read_exact_at(buffer, offset)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        *self.reads.lock().unwrap() += 1;
        let range = offset as usize..offset as usize + buffer.len();
        let bytes = self.bytes.get(range).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl Memory {
    fn rows(&self) -> impl DoubleEndedIterator<Item = &SegmentRow> {
        self.segments.iter().map(|segment| &segment.row)
    }

    fn segment(&self, row: &SegmentRow) -> Result<&Segment, SourceError> {
        if self.removed.lock().unwrap().contains(&row.id) {
            return Err(SourceError::Removed(row.id));
        }
        Ok(self.segments.iter().find(|segment| segment.row.id == row.id).unwrap())
    }
}

impl Source for Memory {
    fn segments(
        &self,
        _: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        Ok(self.rows().filter(|row| row.start < to && row.end > from).cloned().collect())
    }

    fn segments_before(
        &self,
        _: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        let rows = self.rows().rev().filter(|row| row.start < before);
        Ok(rows.take(limit).cloned().collect())
    }

    fn segment_after(&self, _: StreamId, at: WallTime) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.rows().find(|row| row.start >= at).cloned())
    }

    fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.rows().find(|row| row.id == id).cloned())
    }

    fn timeline(
        &self,
        _: StreamId,
        _: WallTime,
        _: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, SourceError> {
        Ok(TimelineSpans { resolution_micros, ..TimelineSpans::default() })
    }

    fn hidden(
        &self,
        _: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError> {
        let touching = self.hidden.iter().filter(|span| span.0 < to && span.1 > from);
        Ok(touching.copied().collect())
    }

    fn index(&self, row: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        self.indexes_read.lock().unwrap().push(row.id);
        Ok(self.segment(row)?.index.clone())
    }

    /// As the catalog keeps it.
    fn columns(&self, row: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        let index = self.index(row)?;
        let params: Vec<Arc<TrackParams>> =
            index.tracks.iter().map(|track| track.params.clone()).collect();
        Ok(Arc::new(SegmentColumns::unpack(&index.pack(), &params).unwrap()))
    }

    fn open(&self, row: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        let bytes = self.segment(row)?.file.clone();
        Ok(Arc::new(File { bytes, reads: self.reads.clone(), asked: self.asked.clone() }))
    }
}
