//! Key frames of random archives: evenly spaced, byte for byte, and never one that was deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{WallTime, limits};
use media::TrackParams;
use playback::{KeyFrameFile, KeyFrameReader, KeyFrames, KeyFramesRequest, PlanError, ReadError};
use proptest::prelude::*;

use crate::archive::{Memory, stream};
use crate::clip::{Stored, stored};
use crate::hidden::{is_hidden, joined, spans};
use crate::random::{START, archive, plain, recipe};

/// What the format's page says, read back.
struct Read {
    at: i64,
    config: Vec<u8>,
    codec: String,
    size: (u16, u16),
    data: Vec<u8>,
}

/// Takes bytes off a file's front.
struct Taker<'a>(&'a [u8]);

impl<'a> Taker<'a> {
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    fn number<const N: usize>(&mut self) -> u64 {
        self.take(N).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

fn parse(file: &[u8]) -> Vec<Read> {
    let mut taker = Taker(file);
    assert_eq!(taker.take(4), b"hfkf");
    assert_eq!(taker.take(2), [1, 0]);
    let (configs, frames) = (taker.number::<2>(), taker.number::<4>());
    let table = taker.number::<4>() as usize;
    let mut table = Taker(taker.take(table));
    let mut known = Vec::new();
    for _ in 0..configs {
        let name = table.number::<1>() as usize;
        let codec = String::from_utf8(table.take(name).to_vec()).unwrap();
        let size = (table.number::<2>() as u16, table.number::<2>() as u16);
        table.take(4);
        let len = table.number::<4>() as usize;
        known.push((codec, size, table.take(len).to_vec()));
    }
    assert!(table.0.is_empty());
    let read = (0..frames).map(|_| {
        let at = taker.number::<8>() as i64;
        let (codec, size, config) = known[taker.number::<2>() as usize].clone();
        assert_eq!(taker.number::<2>(), 0);
        let len = taker.number::<4>() as usize;
        Read { at, config, codec, size, data: taker.take(len).to_vec() }
    });
    let read = read.collect();
    assert!(taker.0.is_empty(), "nothing follows the last frame");
    read
}

fn request(from: i64, to: i64, max: usize) -> KeyFramesRequest {
    let at = WallTime::from_micros;
    KeyFramesRequest { stream: stream(), from: at(from), to: at(to), max }
}

fn bytes(memory: &Arc<Memory>, file: &Arc<KeyFrameFile>, range: std::ops::Range<u64>) -> Vec<u8> {
    let reader = KeyFrameReader::new(file.clone(), memory.clone(), range);
    let mut all = Vec::new();
    for slice in reader {
        let slice = slice.unwrap();
        assert!(!slice.is_empty() && slice.len() <= limits::BODY_SLICE_BYTES_MAX);
        all.extend_from_slice(&slice);
    }
    all
}

/// The key frames that somebody may be shown, by time.
fn shown(memory: &Memory) -> Vec<Stored<'_>> {
    let mut keys = stored(memory, TrackParams::is_video);
    keys.retain(|stored| stored.key && !is_hidden(memory, stored.time.wall));
    keys.sort_by_key(|stored| stored.time.wall);
    keys
}

fn wall(stored: &Stored) -> i64 {
    stored.time.wall.as_micros()
}

/// The first of each slot.
fn expected<'a>(keys: &'a [Stored<'a>], from: i64, to: i64, max: usize) -> Vec<&'a Stored<'a>> {
    let border = |slot: usize| from + ((to - from) as i128 * slot as i128 / max as i128) as i64;
    let slots = (0..max).map(|slot| border(slot)..border(slot + 1));
    let first = |slot: std::ops::Range<i64>| keys.iter().find(|key| slot.contains(&wall(key)));
    slots.filter_map(first).collect()
}

fn check(memory: Memory, from: i64, to: i64, max: usize, cut: (u64, u64)) {
    let memory = Arc::new(memory);
    let file = KeyFrames::new(&*memory, request(from, to, max)).map(KeyFrameFile::new).unwrap();
    let indexes = std::mem::take(&mut *memory.indexes_read.lock().unwrap());
    let once: BTreeSet<_> = indexes.iter().collect();
    assert_eq!(once.len(), indexes.len(), "each index is read once");
    let file = Arc::new(file);
    let whole = bytes(&memory, &file, 0..file.len());
    assert_eq!(whole.len() as u64, file.len());
    let read = parse(&whole);
    assert_eq!(*memory.reads.lock().unwrap(), read.len(), "one read a key frame");
    let keys = shown(&memory);
    let expected = expected(&keys, from, to, max);
    let times = |at: i64| at - START;
    let found: Vec<i64> = read.iter().map(|read| times(read.at)).collect();
    let wanted: Vec<i64> = expected.iter().map(|key| times(wall(key))).collect();
    assert_eq!(found, wanted, "the first of each slot");
    for (read, key) in read.iter().zip(expected) {
        assert!(read.data == key.data, "byte for byte");
        let TrackParams::Video(params) = &**key.params() else { panic!("a picture") };
        assert_eq!(read.config, params.config);
        assert_eq!(read.size, (params.width, params.height));
        assert_eq!(Some(&read.codec), key.params().rfc6381().as_ref());
    }
    let (first, last) = (cut.0 % file.len(), cut.1 % file.len());
    let part = first.min(last)..first.max(last) + 1;
    let of_whole = &whole[part.start as usize..part.end as usize];
    assert!(bytes(&memory, &file, part) == of_whole, "a part is the bytes of the whole");
}

fn check_nearest(memory: &Memory, at: i64) {
    let keys = shown(memory);
    let oldest = at - limits::STILL_LOOK_BACK.as_micros() as i64;
    let before = keys.iter().rfind(|key| (oldest..=at).contains(&wall(key)));
    let expected = before.or_else(|| keys.iter().find(|key| wall(key) > at));
    let found = KeyFrames::nearest(memory, stream(), WallTime::from_micros(at)).unwrap();
    let times: Vec<i64> = found.frames().iter().map(|frame| frame.at.as_micros()).collect();
    assert_eq!(times, expected.map(wall).into_iter().collect::<Vec<_>>());
    for frame in found.frames() {
        assert!(found.read(memory, frame).unwrap() == expected.unwrap().data);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn key_frames_are_evenly_spaced_and_whole_and_never_hidden(
        recipe in recipe(),
        hidden in spans(),
        is_hidden: bool,
        (from, length) in (-2_000_000i64..60_000_000, 1i64..80_000_000),
        max in 1usize..40,
        cut: (u64, u64),
    ) {
        let hidden = if is_hidden { joined(&hidden) } else { Vec::new() };
        let memory = Memory { hidden, ..archive(&recipe) };
        check(memory, START + from, START + from + length, max, cut);
    }

    #[test]
    fn an_instant_is_shown_by_the_key_frame_before_it_or_else_by_the_next(
        recipe in recipe(),
        hidden in spans(),
        at in -80_000_000i64..150_000_000,
    ) {
        let memory = Memory { hidden: joined(&hidden), ..archive(&recipe) };
        check_nearest(&memory, START + at);
    }
}

#[test]
fn a_long_range_reads_the_indexes_of_its_slots_only() {
    let memory = archive(&plain(400));
    let file = KeyFrames::new(&memory, request(START, START + 400_000_000, 10)).unwrap();
    assert_eq!(file.frames().len(), 10);
    let read = memory.indexes_read.lock().unwrap().len();
    assert!(read <= 20, "{read} of 200 segments, and no slot needs more than two");
}

#[test]
fn tags_tell_other_frames_apart() {
    let memory = archive(&plain(20));
    let tag = |memory: &Memory, from, to, max| {
        let chosen = KeyFrames::new(memory, request(START + from, START + to, max)).unwrap();
        KeyFrameFile::new(chosen).etag().to_owned()
    };
    let first = tag(&memory, 0, 20_000_000, 5);
    assert_eq!(first, tag(&memory, 0, 20_000_000, 5));
    assert_ne!(first, tag(&memory, 0, 20_000_000, 4));
    assert_ne!(first, tag(&memory, 2_000_000, 20_000_000, 5));
    let second = WallTime::from_micros(START + 4_000_000);
    let hidden = vec![(second.plus_micros(-100_000), second.plus_micros(100_000))];
    let less = Memory { hidden, ..archive(&plain(20)) };
    assert_ne!(first, tag(&less, 0, 20_000_000, 5), "what is deleted by hand changes the tag");
}

#[test]
fn an_empty_range_and_a_removed_segment_are_errors() {
    let memory = Arc::new(archive(&plain(8)));
    let empty = KeyFrames::new(&*memory, request(START, START, 5));
    assert!(matches!(empty, Err(PlanError::EmptyRange { .. })));
    let chosen = KeyFrames::new(&*memory, request(START, START + 8_000_000, 8)).unwrap();
    let file = Arc::new(KeyFrameFile::new(chosen));
    let gone = memory.segments[1].row.id;
    memory.removed.lock().unwrap().push(gone);
    let mut reader = KeyFrameReader::new(file.clone(), memory.clone(), 0..file.len());
    let failed = reader.find_map(Result::err);
    assert!(matches!(failed, Some(ReadError::Source(_))), "{failed:?}");
    assert!(reader.next().is_none(), "an error is the last item");
}

/// What was asked of the one file, for `max` key frames of ten seconds, in which five stand, 120 kB
/// apart.
fn asked(max: usize) -> Vec<(u64, u64)> {
    let segments = vec![crate::failures::plain(1, 1, 0, 300)];
    let memory = Arc::new(Memory { segments, ..Memory::default() });
    let chosen = KeyFrames::new(&*memory, request(START, START + 10_000_000, max)).unwrap();
    let file = Arc::new(KeyFrameFile::new(chosen));
    bytes(&memory, &file, 0..file.len());
    memory.asked.lock().unwrap().clone()
}

#[test]
fn key_frames_that_lie_close_are_read_in_one_go() {
    let asked = asked(10);
    let last = asked.last().unwrap();
    assert_eq!((asked.len(), last.1), (5, 2000));
    assert_eq!(asked[0].0 + asked[0].1, last.0 + last.1);
}

#[test]
fn of_key_frames_that_lie_apart_no_more_is_read_than_they_have() {
    let lens: Vec<u64> = asked(2).iter().map(|(_, len)| *len).collect();
    assert_eq!(lens, [2000, 2000]);
}
