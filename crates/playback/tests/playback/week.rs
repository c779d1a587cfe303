//! A week in one file: more than 32 bits can count, and no more indexes read than a part needs.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use base::{RunId, SegmentId, StreamId, VolumeId, WallTime};
use catalog::{SegmentRow, SegmentState, SegmentTrack, TimelineSpans};
use media::{Anchor, Chunk, Sample, SegmentColumns, SegmentIndex, TrackIndex};
use playback::{ClipPlan, ClipReader, ClipRequest, SegmentFile, Source, SourceError};

use crate::archive::{aac, stream, video};
use crate::random::START;

/// Five minutes each.
pub const SEGMENTS: u64 = 7 * 24 * 12;
const SEGMENT_MICROS: i64 = 300_000_000;
/// Of each track in a segment, ten a second.
const SAMPLES: u32 = 3000;
const PICTURE_BYTES: u32 = 200_000;
const SOUND_BYTES: u32 = 1000;
/// What pictures and sound of a segment take.
const SEGMENT_BYTES: u64 = SAMPLES as u64 * (PICTURE_BYTES + SOUND_BYTES) as u64;

/// A week that is made up when it is asked for.
pub struct Week {
    index: SegmentIndex,
    /// Unpacked whenever it is asked for, where it is packed.
    packed: Option<Vec<u8>>,
    rows: Vec<SegmentRow>,
    pub indexes_read: Mutex<usize>,
    /// Of these the sizes alone.
    pub sizes_read: Mutex<usize>,
}

/// Where a segment begins, without the part of a second.
fn start(number: u64) -> i64 {
    START / 1_000_000 * 1_000_000 + number as i64 * SEGMENT_MICROS
}

/// The index of the first segment; each sample has so much more than is usual.
fn index_with(more: impl Fn(u32) -> u32) -> SegmentIndex {
    let mut index = SegmentIndex::new(&[Arc::new(video(16)), Arc::new(aac(8000))]);
    let wall = WallTime::from_micros(start(0));
    let mut offset = 0;
    for second in 0..SAMPLES / 10 {
        for (track, size, duration) in [(0, PICTURE_BYTES, 9000), (1, SOUND_BYTES, 800)] {
            let own: &mut TrackIndex = &mut index.tracks[track];
            own.chunks.push(Chunk { first_sample: second * 10, offset });
            own.anchors = vec![Anchor { first_sample: 0, media: base::Ticks(0), wall }];
            for number in 0..10 {
                let size = size + more(second * 10 + number);
                let key = track == 1 || number == 0;
                own.samples.push(Sample { size, duration, composition_offset: 0, key });
                offset += u64::from(size);
            }
        }
    }
    index
}

impl Week {
    pub fn new() -> Self {
        Self::of(index_with(|_| 0), None)
    }

    /// Of segments that are all the same, the first of which is this.
    pub fn of(index: SegmentIndex, packed: Option<Vec<u8>>) -> Self {
        let (indexes_read, sizes_read) = Default::default();
        let mut week = Self { index, packed, rows: Vec::new(), indexes_read, sizes_read };
        week.rows = (0..SEGMENTS).map(|number| week.row(number)).collect();
        week
    }

    fn index_of(&self, number: u64) -> SegmentIndex {
        let params: Vec<_> = self.index.tracks.iter().map(|track| track.params.clone()).collect();
        let mut index = match &self.packed {
            Some(packed) => SegmentIndex::unpack(packed, &params).unwrap(),
            None => self.index.clone(),
        };
        for anchor in index.tracks.iter_mut().flat_map(|track| &mut track.anchors) {
            anchor.wall = anchor.wall.plus_micros(start(number) - start(0));
        }
        index
    }

    fn row(&self, number: u64) -> SegmentRow {
        let index = self.index_of(number);
        let (start, end) = index.span().unwrap();
        let tracks = index.tracks.iter();
        let tracks = tracks.map(|t| SegmentTrack { params: t.params.clone(), totals: t.totals() });
        let mut id = [1; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        SegmentRow {
            id: SegmentId::from_bytes(id),
            stream: stream(),
            volume: VolumeId::from_bytes([1; 16]),
            run: RunId::from_bytes([1; 16]),
            camera_slug: "front-door".into(),
            stream_name: "main".into(),
            state: SegmentState::Sealed,
            start,
            end,
            bytes: SEGMENT_BYTES,
            allocated: SEGMENT_BYTES,
            tracks: tracks.collect(),
            predecessor: None,
            last_commit: None,
            end_cause: None,
        }
    }
}

fn number(row: &SegmentRow) -> u64 {
    u64::from_be_bytes(row.id.as_bytes()[8..].try_into().unwrap())
}

/// Its bytes say which segment it is and where they stand, 16 by 16.
struct Counting(u64);

impl SegmentFile for Counting {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        for (at, byte) in (offset..).zip(buffer) {
            let word = if at % 16 < 8 { self.0 } else { at / 16 };
            *byte = word.to_be_bytes()[(at % 8) as usize];
        }
        Ok(())
    }
}

impl Source for Week {
    fn segment(&self, id: base::SegmentId) -> Result<Option<SegmentRow>, SourceError> {
        Ok(self.rows.iter().find(|row| row.id == id).cloned())
    }

    fn segments(
        &self,
        _: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        let touching = self.rows.iter().filter(|row| row.start < to && row.end > from);
        Ok(touching.cloned().collect())
    }

    fn segments_before(
        &self,
        _: StreamId,
        _: WallTime,
        _: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        Ok(vec![self.rows[SEGMENTS as usize - 1].clone()])
    }

    fn segment_after(&self, _: StreamId, _: WallTime) -> Result<Option<SegmentRow>, SourceError> {
        Ok(Some(self.rows[0].clone()))
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
        _: StreamId,
        _: WallTime,
        _: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError> {
        Ok(Vec::new())
    }

    fn index(&self, row: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        *self.indexes_read.lock().unwrap() += 1;
        Ok(Arc::new(self.index_of(number(row))))
    }

    fn columns(&self, row: &SegmentRow) -> Result<Arc<SegmentColumns>, SourceError> {
        assert!(row.state == SegmentState::Sealed, "what grows is not the same any more");
        let Some(packed) = &self.packed else {
            return Ok(Arc::new(SegmentColumns::of(&*self.index(row)?)));
        };
        *self.indexes_read.lock().unwrap() += 1;
        let params: Vec<_> = self.index.tracks.iter().map(|track| track.params.clone()).collect();
        let mut columns = SegmentColumns::unpack(packed, &params).unwrap();
        for anchor in columns.tracks.iter_mut().flat_map(|track| &mut track.anchors) {
            anchor.wall = anchor.wall.plus_micros(start(number(row)) - start(0));
        }
        Ok(Arc::new(columns))
    }

    fn sizes(&self, row: &SegmentRow, wanted: &[bool]) -> Result<Arc<Vec<Vec<u32>>>, SourceError> {
        assert!(row.state == SegmentState::Sealed, "what grows is not the same any more");
        *self.sizes_read.lock().unwrap() += 1;
        let packed = self.packed.clone().unwrap_or_else(|| self.index.pack());
        Ok(Arc::new(SegmentIndex::unpack_sizes(&packed, wanted).unwrap()))
    }

    fn open(&self, row: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        Ok(Arc::new(Counting(number(row))))
    }
}

/// All of it, with timestamps.
pub fn request() -> ClipRequest {
    let at = |micros: i64| WallTime::from_micros(micros);
    let request = ClipRequest::new(stream(), at(start(0) - 5), at(start(SEGMENTS) + 5));
    ClipRequest { timestamps: true, ..request }
}

/// Its first hours.
pub fn request_of(hours: u64) -> ClipRequest {
    ClipRequest { to: WallTime::from_micros(start(hours * 12)), timestamps: false, ..request() }
}

/// A part of it, and how many indexes that took.
fn part(week: &Arc<Week>, plan: &Arc<ClipPlan>, range: Range<u64>) -> (Vec<u8>, usize) {
    *week.indexes_read.lock().unwrap() = 0;
    let reader = ClipReader::new(plan.clone(), week.clone(), range.clone());
    let bytes: Vec<u8> = reader.flat_map(|slice| slice.unwrap()).collect();
    assert_eq!(bytes.len() as u64, range.end - range.start);
    (bytes, *week.indexes_read.lock().unwrap())
}

#[test]
fn a_part_of_a_week_takes_the_indexes_of_that_part() {
    let week = Arc::new(Week::new());
    let plan = Arc::new(ClipPlan::new(&*week, request()).unwrap());
    // Those at its two ends, for its times; a HEAD takes no more.
    assert_eq!(*week.indexes_read.lock().unwrap(), 2);
    assert!(plan.len() > 1 << 40, "{} bytes", plan.len());
    let moov_at = 28;
    let (head, read) = part(&week, &plan, 0..256);
    assert_eq!(read, 0);
    let moov = u64::from(u32::from_be_bytes(head[28..32].try_into().unwrap()));
    // `mvhd` of version 1 counts in 64 bits.
    assert_eq!((&head[40..44], head[44]), (&b"mvhd"[..], 1));
    let duration = u64::from_be_bytes(head[68..76].try_into().unwrap());
    assert_eq!(duration, 7 * 24 * 3600 * 90_000);
    let (mdat, _) = part(&week, &plan, moov_at + moov..moov_at + moov + 16);
    let samples = u64::from_be_bytes(mdat[8..16].try_into().unwrap()) - 16;
    assert_eq!(
        (&mdat[..8], samples),
        (&b"\0\0\0\x01mdat"[..], { SEGMENTS * SEGMENT_BYTES + 7 * 24 * 3600 * 28 })
    );
    let begin = plan.len() - samples;
    for per_mille in [0, 1, 333, 498, 777, 999] {
        // Within a table, and among the samples.
        let table = moov_at + moov / 1000 * per_mille;
        // The least that a segment adds to a table are 16 bytes.
        let (_, read) = part(&week, &plan, table..table + 64);
        assert!(read <= 64 / 16 + 2, "{read} indexes for a part of a table");
        let at = begin + samples / 1000 * per_mille;
        let (bytes, read) = part(&week, &plan, at..at + 100_000);
        assert!(read <= 2, "{read} indexes for a part of the samples");
        let again = part(&week, &plan, at + 777..at + 99_999).0;
        assert!(again == bytes[777..99_999]);
        // What is read is that of its segment: each has as many bytes.
        let segment = (at - begin) * SEGMENTS / samples;
        let own = segment.to_be_bytes();
        let found = bytes.windows(8).filter(|window| *window == own).count();
        assert!(found > 5000, "{found} of segment {segment}");
    }
}

#[test]
fn a_timestamp_of_the_last_day_is_where_its_table_says() {
    let week = Arc::new(Week::new());
    let plan = Arc::new(ClipPlan::new(&*week, request()).unwrap());
    let (head, _) = part(&week, &plan, 28..32);
    let end = 28 + u64::from(u32::from_be_bytes(head.try_into().unwrap()));
    // `co64` of the timestamps is the last table but for what the movie says of itself.
    let (tail, _) = part(&week, &plan, end - 400..end);
    let udta = tail.windows(4).position(|four| four == b"udta").unwrap() as u64 - 4;
    let table = end - 400 + udta;
    let (places, read) = part(&week, &plan, table - 80..table);
    assert!(read <= 1);
    for (number, place) in places.chunks_exact(8).enumerate() {
        let at = u64::from_be_bytes(place.try_into().unwrap());
        let (text, _) = part(&week, &plan, at..at + 28);
        let second = start(SEGMENTS) / 1_000_000 - 10 + number as i64;
        let time = jiff::Timestamp::from_second(second).unwrap().to_string();
        let time = time.replace('T', " ").replace('Z', " +00:00");
        assert_eq!(text[2..], *time.as_bytes(), "the {number}th");
    }
}

/// A hash of the header and all tables, read in one go or in so many parts; and how many indexes
/// that took.
fn tables_of(week: &Arc<Week>, plan: &Arc<ClipPlan>, parts: Option<u64>) -> (blake3::Hash, usize) {
    let head = part(week, plan, 28..32).0;
    let end = 28 + u64::from(u32::from_be_bytes(head.try_into().unwrap()));
    let mut hash = blake3::Hasher::new();
    *week.indexes_read.lock().unwrap() = 0;
    for number in 0..parts.unwrap_or(1) {
        let all = parts.unwrap_or(1);
        let (from, to) = (end * number / all, end * (number + 1) / all);
        // Who does not ask for samples too is a player that jumps: nothing is made ahead for it.
        let asked = if parts.is_some() { to } else { plan.len() };
        let mut left = to - from;
        let mut reader = ClipReader::new(plan.clone(), week.clone(), from..asked);
        while left > 0 {
            let slice = reader.next().unwrap().unwrap();
            let own = slice.len().min(left as usize);
            hash.update(&slice[..own]);
            left -= own as u64;
        }
    }
    (hash.finalize(), *week.indexes_read.lock().unwrap())
}

#[test]
fn the_tables_of_a_week_take_each_index_once_where_they_are_steady() {
    let week = Arc::new(Week::new());
    let plan = Arc::new(ClipPlan::new(&*week, request()).unwrap());
    let (whole, read) = tables_of(&week, &plan, None);
    assert!(read <= SEGMENTS as usize, "{read} indexes");
    assert_eq!(tables_of(&week, &plan, Some(7)).0, whole);
}

#[test]
fn sizes_that_cannot_be_kept_are_read_again_and_nothing_else_is() {
    // Too many different sizes for what may be held, by far.
    let index = index_with(|number| number.wrapping_mul(0x9e37_79b9) >> 8 & 0x3fff);
    let packed = index.pack();
    let mut week = Week::of(index, Some(packed));
    // The last one grows.
    week.rows.last_mut().unwrap().state = SegmentState::Open;
    let week = Arc::new(week);
    let plan = Arc::new(ClipPlan::new(&*week, request()).unwrap());
    let (whole, read) = tables_of(&week, &plan, None);
    let (segments, sizes) = (SEGMENTS as usize, *week.sizes_read.lock().unwrap());
    assert!(read <= segments, "{read} indexes");
    assert!((segments / 2..2 * segments).contains(&sizes), "{sizes} times sizes");
    assert_eq!(tables_of(&week, &plan, Some(7)).0, whole);
}
