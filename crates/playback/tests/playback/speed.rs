//! How long a one-hour clip takes to begin, and a playlist to be made. Run in release, on a quiet
//! machine:
//! `cargo test --release -p playback --test playback -- --ignored --nocapture speed`

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{SegmentId, StreamId, Ticks, Timescale, WallTime};
use catalog::{SegmentRow, TimelineSpans};
use media::{Anchor, Chunk, Sample, SegmentColumns, SegmentIndex, TrackParams};
use playback::hls::{MediaSegmentRequest, Playlist, PlaylistRequest, media_segment};
use playback::{ClipPlan, ClipReader, ClipRequest, SegmentFile, Source, SourceError};

use crate::archive::{Memory, Raw, Segment, aac, segment, stream, video};
use crate::random::{FRAME, Random, START};
use crate::week;

const SEGMENTS: i64 = 13;
const FRAMES: i64 = 9000;
const SOUNDS: i64 = FRAMES * 16_000 / 30 / 1024;

/// Unpacks indexes each time, as the catalog does; its files are zeros.
struct Packed {
    memory: Memory,
    packed: Vec<Vec<u8>>,
}

impl Source for Packed {
    fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        self.memory.segments(stream, from, to)
    }

    fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        self.memory.segments_before(stream, before, limit)
    }

    fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, SourceError> {
        self.memory.segment_after(stream, at)
    }

    fn segment(&self, id: SegmentId) -> Result<Option<SegmentRow>, SourceError> {
        self.memory.segment(id)
    }

    fn timeline(
        &self,
        _: StreamId,
        _: WallTime,
        _: WallTime,
        _: i64,
    ) -> Result<TimelineSpans, SourceError> {
        Ok(TimelineSpans::default())
    }

    fn hidden(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError> {
        self.memory.hidden(stream, from, to)
    }

    fn index(&self, row: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        let params: Vec<Arc<TrackParams>> = row.tracks.iter().map(|t| t.params.clone()).collect();
        let at = self.memory.segments.iter().position(|segment| segment.row.id == row.id).unwrap();
        Ok(Arc::new(SegmentIndex::unpack(&self.packed[at], &params).unwrap()))
    }

    fn columns(&self, row: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        let params: Vec<Arc<TrackParams>> = row.tracks.iter().map(|t| t.params.clone()).collect();
        let at = self.memory.segments.iter().position(|segment| segment.row.id == row.id).unwrap();
        Ok(Arc::new(SegmentColumns::unpack(&self.packed[at], &params).unwrap()))
    }

    fn open(&self, _: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        Ok(Arc::new(Zeros))
    }
}

struct Zeros;

impl SegmentFile for Zeros {
    fn read_exact_at(&self, _: &mut [u8], _: u64) -> io::Result<()> {
        Ok(())
    }
}

/// Five minutes from a camera whose clock jitters a little.
fn five_minutes(number: i64) -> Segment {
    let params: Vec<Arc<TrackParams>> = vec![Arc::new(video(1920)), Arc::new(aac(16_000))];
    let mut random = Random(number as u64);
    let mut samples = Vec::new();
    for frame in 0..FRAMES {
        let pts = (number * FRAMES + frame) * FRAME + random.below(5);
        let data = vec![0; 20 + random.below(20) as usize];
        samples.push(Raw { track: 0, dts: pts, pts, key: frame % 60 == 0, data, batch: false });
    }
    for sound in 0..SOUNDS {
        let pts = (number * SOUNDS + sound) * 1024;
        let data = vec![0; 10];
        samples.push(Raw { track: 1, dts: pts, pts, key: true, data, batch: false });
    }
    let scales = [Timescale::VIDEO, params[1].timescale()];
    samples.sort_by_cached_key(|raw| scales[raw.track].to_micros(Ticks(raw.dts)));
    for (at, raw) in samples.iter_mut().enumerate() {
        raw.batch = at % 32 == 0;
    }
    segment(number as u8 + 1, 1, &params, &samples, &[3000, 1024], |track, pts| {
        START + scales[track].to_micros(Ticks(pts))
    })
}

#[test]
#[ignore = "measures; see the head of this file"]
fn speed_of_a_one_hour_clip() {
    let segments: Vec<Segment> = (0..SEGMENTS).map(five_minutes).collect();
    let packed: Vec<Vec<u8>> = segments.iter().map(|segment| segment.index.pack()).collect();
    println!("{} bytes of packed index a segment", packed[0].len());
    let source = Arc::new(Packed { memory: Memory { segments, ..Memory::default() }, packed });
    let from = WallTime::from_micros(START + 100_000_000);
    let request = ClipRequest::new(stream(), from, from + Duration::from_secs(3600));
    let mut best = [Duration::MAX; 3];
    for _ in 0..20 {
        let begin = Instant::now();
        let plan = Arc::new(ClipPlan::new(&*source, request.clone()).unwrap());
        let planned = begin.elapsed();
        let mut reader = ClipReader::new(plan.clone(), source.clone(), 0..u64::MAX);
        let mut bytes = reader.next().unwrap().unwrap().to_vec();
        let first = begin.elapsed();
        let moov = 28 + u32::from_be_bytes(bytes[28..32].try_into().unwrap()) as usize;
        while bytes.len() < moov {
            bytes.extend_from_slice(&reader.next().unwrap().unwrap());
        }
        let whole = begin.elapsed();
        for (best, took) in best.iter_mut().zip([planned, first, whole]) {
            *best = took.min(*best);
        }
    }
    println!("planned in {:?}, first byte {:?}, whole moov {:?}", best[0], best[1], best[2]);
}

#[test]
#[ignore = "measures; see the head of this file"]
fn speed_of_a_one_hour_playlist() {
    let segments: Vec<Segment> = (0..SEGMENTS).map(five_minutes).collect();
    let packed: Vec<Vec<u8>> = segments.iter().map(|segment| segment.index.pack()).collect();
    let source = Packed { memory: Memory { segments, ..Memory::default() }, packed };
    let (from, stream) = (WallTime::from_micros(START + 100_000_000), stream());
    let to = from + Duration::from_secs(3600);
    let request = PlaylistRequest { stream, from, to, is_growing: false };
    let segment = source.memory.segments[5].row.id;
    let piece = MediaSegmentRequest { stream, segment, samples: 4500..4680, is_last: false };
    let mut best = [Duration::MAX; 2];
    for _ in 0..20 {
        let begin = Instant::now();
        let text = Playlist::new(&source, request).unwrap().text();
        let listed = begin.elapsed();
        assert!(text.len() > 30_000, "{text}");
        let begin = Instant::now();
        media_segment(&source, &piece).unwrap().unwrap();
        for (best, took) in best.iter_mut().zip([listed, begin.elapsed()]) {
            *best = took.min(*best);
        }
    }
    println!("an hour's playlist in {:?}, a media segment planned in {:?}", best[0], best[1]);
}

/// The most memory that the process ever had, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
}

#[test]
#[ignore = "measures; see the head of this file"]
fn speed_of_a_clip_of_a_week() {
    let source = Arc::new(week::Week::new());
    for timestamps in [false, true] {
        let request = ClipRequest { timestamps, ..week::request() };
        let before = peak_mib();
        let begin = Instant::now();
        let plan = Arc::new(ClipPlan::new(&*source, request).unwrap());
        let planned = begin.elapsed();
        let mut reader = ClipReader::new(plan.clone(), source.clone(), 0..u64::MAX);
        let head = reader.next().unwrap().unwrap();
        let first = begin.elapsed();
        let moov = 28 + u64::from(u32::from_be_bytes(head[28..32].try_into().unwrap()));
        let mut bytes = head.len() as u64;
        while bytes < moov {
            bytes += reader.next().unwrap().unwrap().len() as u64;
        }
        println!(
            "a week of {} segments, timestamps {timestamps}: planned in {planned:?}, first byte \
             {first:?}, whole moov of {moov} bytes {:?}, memory from {before} to {} MiB",
            week::SEGMENTS,
            begin.elapsed(),
            peak_mib()
        );
        *source.indexes_read.lock().unwrap() = 0;
        let begin = Instant::now();
        let middle = plan.len() / 2;
        let mut reader = ClipReader::new(plan.clone(), source.clone(), middle..middle + 1000);
        reader.next().unwrap().unwrap();
        println!("1000 bytes in its middle in {:?}", begin.elapsed());
    }
}

/// The index of five minutes of 30 pictures a second at 4 Mbit/s, with AAC at 48 kHz.
fn busy_minutes() -> SegmentIndex {
    let mut index = SegmentIndex::new(&[Arc::new(video(1920)), Arc::new(aac(48_000))]);
    let (mut random, mut offset) = (Random(7), 0);
    for batch in 0..429 {
        let wall = WallTime::from_micros(START + batch * 700_000 + random.below(300));
        for (track, count, duration) in [(0, 21, 3000), (1, 33, 1024)] {
            let own = &mut index.tracks[track];
            let first_sample = own.samples.len() as u32;
            let media = Ticks(i64::from(first_sample) * duration);
            own.chunks.push(Chunk { first_sample, offset });
            own.anchors.push(Anchor { first_sample, media, wall });
            for _ in 0..count {
                let key = track == 1 || own.samples.len().is_multiple_of(60);
                let size = match (track, key) {
                    (0, true) => 120_000 + random.below(20_000),
                    (0, false) => 11_000 + random.below(8000),
                    _ => 140 + random.below(60),
                } as u32;
                let duration = duration as u32;
                own.samples.push(Sample { size, duration, composition_offset: 0, key });
                offset += u64::from(size);
            }
        }
    }
    index
}

#[test]
#[ignore = "measures; see the head of this file"]
fn speed_of_the_tables_of_days() {
    let index = busy_minutes();
    let packed = index.pack();
    let samples: usize = index.tracks.iter().map(|track| track.samples.len()).sum();
    println!("{samples} samples a segment, packed {} bytes", packed.len());
    let begin = Instant::now();
    let params: Vec<_> = index.tracks.iter().map(|track| track.params.clone()).collect();
    for _ in 0..200 {
        std::hint::black_box(SegmentColumns::unpack(&packed, &params));
    }
    println!("unpacked by columns in {:?}", begin.elapsed() / 200);
    let begin = Instant::now();
    for _ in 0..200 {
        std::hint::black_box(SegmentIndex::unpack(&packed, &params));
    }
    println!("unpacked by samples in {:?}", begin.elapsed() / 200);
    let source = Arc::new(week::Week::of(index, Some(packed)));
    for hours in [1, 24, 168] {
        let request = week::request_of(hours);
        let plan = Arc::new(ClipPlan::new(&*source, request).unwrap());
        let (mut best, mut len) = (Duration::MAX, 0);
        *source.indexes_read.lock().unwrap() = 0;
        for _ in 0..4 {
            let begin = Instant::now();
            let mut reader = ClipReader::new(plan.clone(), source.clone(), 0..u64::MAX);
            let head = reader.next().unwrap().unwrap();
            let moov = 28 + u64::from(u32::from_be_bytes(head[28..32].try_into().unwrap()));
            len = head.len() as u64;
            while len < moov {
                len += reader.next().unwrap().unwrap().len() as u64;
            }
            best = best.min(begin.elapsed());
        }
        let read = *source.indexes_read.lock().unwrap() / 4;
        println!(
            "{hours} h: moov of {len} bytes in {best:?}, {read} indexes read, at the most {} MiB",
            peak_mib()
        );
    }
}
