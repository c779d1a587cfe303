//! What there is to say when a clip cannot be made, or not be read to its end.

use std::sync::Arc;

use base::{Timescale, WallTime};
use media::TrackParams;
use playback::{
    ClipPlan, ClipReader, ClipRequest, PlanError, ReadError, Slices, SourceError, Span,
};

use crate::archive::{Memory, Raw, Segment, segment, stream, video};
use crate::clip::{plan, read};
use crate::random::{FRAME, START};

/// A segment of `frames` frames, one key frame a second, that begins `at` microseconds after
/// [`START`].
pub fn plain(id: u8, run: u8, at: i64, frames: i64) -> Segment {
    let params: Vec<Arc<TrackParams>> = vec![Arc::new(video(16))];
    let samples = (0..frames).map(|number| Raw {
        track: 0,
        dts: number * FRAME,
        pts: number * FRAME,
        key: number % 30 == 0,
        data: vec![id; 2000 + (number % 30) as usize],
        batch: number % 20 == 0,
    });
    let samples: Vec<Raw> = samples.collect();
    segment(id, run, &params, &samples, &[FRAME as u32], |_, pts| {
        START + at + Timescale::VIDEO.to_micros(base::Ticks(pts))
    })
}

/// Segments of ten seconds of one run, that begin at the given seconds.
fn archive(seconds: &[i64]) -> Arc<Memory> {
    let numbered = (1..).zip(seconds);
    let segments = numbered.map(|(id, at)| plain(id, 1, at * 1_000_000, 300)).collect();
    Arc::new(Memory { segments, ..Memory::default() })
}

fn seconds(at: i64) -> WallTime {
    WallTime::from_micros(START + at * 1_000_000)
}

/// The end of a segment that ends at `at`: its frames last 33,333.3 microseconds, rounded down.
fn end(at: i64) -> WallTime {
    seconds(at).plus_micros(-1)
}

#[test]
fn a_range_without_footage_says_what_there_is() {
    let memory = archive(&[0, 10, 40]);
    let span = |from, to| Some(Span { from: seconds(from), to: end(to) });
    for (from, to, before, after) in [
        (25, 30, span(10, 20), span(40, 50)),
        (-9, -3, None, span(0, 10)),
        (60, 61, span(40, 50), None),
    ] {
        let planned = plan(&memory, START + from * 1_000_000, START + to * 1_000_000);
        let Err(PlanError::NoFootage(why)) = planned else { panic!("there is footage") };
        assert_eq!((why.recorded, why.before, why.after), (span(0, 50), before, after));
        assert!(why.to_string().contains("is recorded from 2026-11-22T20:15:00.123457Z"));
    }
    let nothing = archive(&[]);
    let Err(PlanError::NoFootage(why)) = plan(&nothing, START, START + 1) else { panic!() };
    assert!(why.to_string().ends_with("nothing of this stream is recorded"));
}

#[test]
fn a_range_between_two_frames_lies_in_a_recorded_span() {
    let planned = plan(&archive(&[0]), START + 1000, START + 30_000);
    let Err(PlanError::NoFootage(why)) = planned else { panic!("there is a frame") };
    assert_eq!(why.before, why.recorded);
}

#[test]
fn a_range_that_ends_before_it_begins_is_refused() {
    let planned = plan(&archive(&[0]), START + 5, START + 5);
    assert!(matches!(planned, Err(PlanError::EmptyRange { .. })));
}

#[test]
fn a_gap_that_no_frame_can_last_is_named() {
    let memory = archive(&[0, 7 * 3600]);
    let planned = plan(&memory, START, START + 8 * 3_600_000_000);
    let Err(PlanError::GapTooLong { from, to }) = planned else { panic!("it is too long") };
    assert_eq!((from, to), (end(10), seconds(7 * 3600)));
    assert!(plan(&archive(&[0, 6 * 3600]), START, START + 8 * 3_600_000_000).is_ok());
}

#[test]
fn a_segment_that_is_removed_meanwhile_ends_the_body_with_a_clear_error() {
    let memory = archive(&[0, 10, 20, 30, 40]);
    let planned = Arc::new(plan(&memory, START, START + 50_000_000).unwrap());
    let mut reader = ClipReader::new(planned.clone(), memory.clone(), 0..planned.len());
    let whole = read(&memory, &planned, 0..planned.len());
    let mut got = reader.next().unwrap().unwrap().to_vec();
    let removed = memory.segments[2].row.id;
    memory.removed.lock().unwrap().push(removed);
    let error = loop {
        match reader.next().unwrap() {
            Ok(slice) => got.extend_from_slice(&slice),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ReadError::Source(SourceError::Removed(id)) if id == removed));
    assert!(whole.starts_with(&got) && got.len() < whole.len());
    assert!(reader.next().is_none() && reader.remaining() == 0);
}

#[test]
fn a_file_that_is_too_short_ends_the_body_with_an_error() {
    let mut memory = archive(&[0, 10, 20]);
    let segments = &mut Arc::get_mut(&mut memory).unwrap().segments;
    let cut = segments[1].file.len() - 5000;
    Arc::make_mut(&mut segments[1].file).truncate(cut);
    let planned = Arc::new(plan(&memory, START, START + 50_000_000).unwrap());
    let slices: Vec<_> = ClipReader::new(planned.clone(), memory, 0..planned.len()).collect();
    let (last, before) = slices.split_last().unwrap();
    assert!(matches!(last, Err(ReadError::File { .. })), "{last:?}");
    assert!(before.iter().all(Result::is_ok));
}

#[test]
fn an_index_of_another_segment_ends_the_body_with_an_error() {
    let mut memory = archive(&[0, 10, 20, 30, 40]);
    let segments = &mut Arc::get_mut(&mut memory).unwrap().segments;
    let mut index = (*segments[2].index).clone();
    index.tracks[0].samples[7].size += 1;
    index.tracks[0].samples[8].duration += 1;
    segments[2].index = Arc::new(index);
    let planned = Arc::new(plan(&memory, START, START + 50_000_000).unwrap());
    let slices: Vec<_> = ClipReader::new(planned.clone(), memory, 0..planned.len()).collect();
    assert!(matches!(slices.last(), Some(Err(ReadError::Disagrees(_)))));
}

#[test]
fn the_first_slice_waits_for_the_indexes_at_the_ends_only() {
    let starts: Vec<i64> = (0..40).map(|number| number * 10).collect();
    let memory = archive(&starts);
    let from = WallTime::from_micros(START + 4_000_000);
    let to = WallTime::from_micros(START + 396_000_000);
    let request = ClipRequest::new(stream(), from, to);
    let planned = Arc::new(ClipPlan::new(&*memory, request).unwrap());
    let mut reader = ClipReader::new(planned, memory.clone(), 0..u64::MAX);
    assert!(!reader.next().unwrap().unwrap().is_empty());
    assert_eq!(memory.indexes_read.lock().unwrap().len(), 2);
    assert_eq!(*memory.reads.lock().unwrap(), 0);
}

#[test]
fn small_fragments_are_read_many_at_once() {
    let memory = archive(&[0, 10, 20]);
    let planned = Arc::new(plan(&memory, START, START + 30_000_000).unwrap());
    let len = read(&memory, &planned, 0..planned.len()).len();
    let slices = len.div_ceil(base::limits::BODY_SLICE_BYTES_MAX);
    let reads = *memory.reads.lock().unwrap();
    assert!(reads <= slices + 3, "{reads} reads for {slices} slices");
}

#[test]
fn what_a_clip_is_made_of_decides_its_tag() {
    let tag = |memory: &Memory, to: i64| plan(memory, START, START + to).unwrap().etag().to_owned();
    let (one, other) = (archive(&[0, 10]), archive(&[0, 11]));
    assert_eq!(tag(&one, 15_000_000), tag(&archive(&[0, 10]), 15_000_000));
    assert_ne!(tag(&one, 15_000_000), tag(&one, 15_000_001));
    assert_ne!(tag(&one, 15_000_000), tag(&other, 15_000_000));
    assert!(tag(&one, 1000).starts_with('"') && tag(&one, 1000).ends_with('"'));
}

#[test]
fn a_range_over_too_many_segments_is_refused() {
    let one = plain(1, 1, 0, 1);
    let rows = (0..=base::limits::CLIP_SEGMENTS_MAX as i64).map(|number| {
        let mut segment = one.clone();
        segment.row.id = base::SegmentId::new(seconds(number * 60), [0; 10]);
        (segment.row.start, segment.row.end) = (seconds(number * 60), seconds(number * 60 + 60));
        segment
    });
    let memory = Memory { segments: rows.collect(), ..Memory::default() };
    assert!(matches!(plan(&memory, 0, START * 2), Err(PlanError::TooLong)));
}
