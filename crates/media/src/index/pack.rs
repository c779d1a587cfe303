//! The packed form of an index: columns of differences, about 2 bytes a sample at a steady rate.
//! It is a cache's form, not a file's: another version is simply not read.

use std::sync::Arc;

use base::limits::SEGMENT_SAMPLES_MAX;
use base::{Ticks, WallTime};

use super::columns::{Runs, SegmentColumns, TrackColumns};
use super::{Anchor, Chunk, Sample, SegmentIndex};
use crate::mp4::tables::runs;
use crate::params::TrackParams;
use crate::varint;

mod sizes;

pub(crate) use sizes::unpack_sizes;

const VERSION: u8 = 1;
/// A column as (count, difference) of runs: steady values.
const AS_RUNS: u8 = 0;
/// A column as the difference of each value to the one before.
const AS_DIFFERENCES: u8 = 1;

pub(crate) fn pack(index: &SegmentIndex) -> Vec<u8> {
    let samples: usize = index.tracks.iter().map(|track| track.samples.len()).sum();
    let mut out = Vec::with_capacity(64 + samples * 3);
    out.push(VERSION);
    for track in &index.tracks {
        varint::put(&mut out, track.samples.len() as u64);
        varint::put_signed(&mut out, track.start.0);
        pack_column(&mut out, track.samples.iter().map(|sample| sample.duration.into()));
        pack_column(&mut out, track.samples.iter().map(|sample| sample.composition_offset.into()));
        pack_column(&mut out, track.samples.iter().map(|sample| sample.key.into()));
        pack_sizes(&mut out, &track.samples);
        pack_chunks(&mut out, &track.chunks);
        pack_anchors(&mut out, &track.anchors);
    }
    out
}

/// Whichever form is smaller. With B-frames composition offsets change at every sample.
fn pack_column(out: &mut Vec<u8>, values: impl Iterator<Item = i64> + Clone) {
    let (mut as_runs, mut last) = (Vec::new(), 0);
    for (count, value) in runs(values.clone()) {
        varint::put(&mut as_runs, count.into());
        varint::put_signed(&mut as_runs, value - last);
        last = value;
    }
    let (mut as_differences, mut last) = (Vec::new(), 0);
    for value in values {
        if as_differences.len() > as_runs.len() {
            break;
        }
        varint::put_signed(&mut as_differences, value - last);
        last = value;
    }
    let runs_win = as_runs.len() < as_differences.len();
    out.push(if runs_win { AS_RUNS } else { AS_DIFFERENCES });
    out.extend(if runs_win { as_runs } else { as_differences });
}

/// Each size as the difference to the last one of its kind: key frames are much larger.
fn pack_sizes(out: &mut Vec<u8>, samples: &[Sample]) {
    let mut last = [0i64; 2];
    for sample in samples {
        let last = &mut last[usize::from(sample.key)];
        varint::put_signed(out, i64::from(sample.size) - *last);
        *last = sample.size.into();
    }
}

fn pack_chunks(out: &mut Vec<u8>, chunks: &[Chunk]) {
    varint::put(out, chunks.len() as u64);
    let mut last = Chunk { first_sample: 0, offset: 0 };
    for chunk in chunks {
        varint::put(out, u64::from(chunk.first_sample - last.first_sample));
        varint::put_signed(out, chunk.offset.wrapping_sub(last.offset) as i64);
        last = *chunk;
    }
}

pub(super) fn unpack(bytes: &[u8], tracks: &[Arc<TrackParams>]) -> Option<SegmentColumns> {
    let (version, mut rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let columns: Option<_> = tracks.iter().map(|params| unpack_track(&mut rest, params)).collect();
    let columns = SegmentColumns { tracks: columns? };
    rest.is_empty().then_some(columns)
}

/// How many samples a track has.
fn unpack_count(from: &mut &[u8]) -> Option<usize> {
    let count = varint::take(from)?;
    // Each sample takes a byte of size or more.
    if count > from.len() as u64 || count > SEGMENT_SAMPLES_MAX as u64 {
        return None;
    }
    usize::try_from(count).ok()
}

fn unpack_track(from: &mut &[u8], params: &Arc<TrackParams>) -> Option<TrackColumns> {
    let count = unpack_count(from)?;
    let start = Ticks(varint::take_signed(from)?);
    let durations = unpack_column(from, count, |duration| u32::try_from(duration).ok())?;
    let composition_offsets = unpack_column(from, count, |offset| i32::try_from(offset).ok())?;
    let keys = unpack_column(from, count, |key| Some(key != 0))?;
    let sizes = unpack_own_sizes(from, count, &keys)?;
    let chunks = unpack_chunks(from, count)?;
    let anchors = unpack_anchors(from)?;
    let params = params.clone();
    let track = TrackColumns {
        params,
        start,
        durations,
        composition_offsets,
        keys,
        sizes,
        chunks,
        anchors,
    };
    track.is_sound().then_some(track)
}

#[inline]
fn unpack_column<T: Copy + PartialEq>(
    from: &mut &[u8],
    count: usize,
    of: impl Fn(i64) -> Option<T>,
) -> Option<Runs<T>> {
    let (form, rest) = from.split_first()?;
    *from = rest;
    let (mut runs, mut value) = (Runs::new(), 0i64);
    if *form == AS_DIFFERENCES {
        for _ in 0..count {
            value = value.wrapping_add(varint::take_signed(from)?);
            runs.push(1, of(value)?);
        }
        // Where times jitter there is a run for each sample, and it is held for a while.
        runs.shrink_to_fit();
        return Some(runs);
    }
    let mut left = count;
    while left > 0 {
        let run = usize::try_from(varint::take(from)?).ok().filter(|run| *run > 0)?;
        left = left.checked_sub(run)?;
        value = value.wrapping_add(varint::take_signed(from)?);
        runs.push(run as u32, of(value)?);
    }
    (*form == AS_RUNS).then_some(runs)
}

/// The sizes of so many samples.
fn unpack_own_sizes(from: &mut &[u8], count: usize, keys: &Runs<bool>) -> Option<Vec<u32>> {
    let mut sizes = vec![0; count];
    let (mut left, mut last) = (&mut sizes[..], [0; 2]);
    // Runs of one kind, so that the loop within them has neither to look nor to fetch the last one.
    let mut along = keys.along(0);
    while let Some((run, is_key)) = along.until(count) {
        let (own, rest) = left.split_at_mut_checked(run as usize)?;
        left = rest;
        let last = &mut last[usize::from(is_key)];
        *last = unpack_sizes_of_one_kind(from, own, *last)?;
    }
    Some(sizes)
}

/// Each size from the one before, of which the first is `last`; the last one. They are most of an
/// index, so that many are taken at once where they are short.
fn unpack_sizes_of_one_kind(from: &mut &[u8], sizes: &mut [u32], mut last: i64) -> Option<i64> {
    let mut rest = *from;
    // All bits that any of them has: those of 32 bits and no negative ones have low bits only.
    let mut bits = 0;
    let mut set = |size: &mut u32, step: u64| {
        last = last.wrapping_add(varint::signed(step));
        *size = last as u32;
        bits |= last;
    };
    let mut eights = sizes.chunks_exact_mut(8);
    for eight in &mut eights {
        if let Some(steps) = varint::take_eight(&mut rest) {
            eight.iter_mut().zip(steps).for_each(|(size, step)| set(size, step.into()));
            continue;
        }
        for four in eight.chunks_exact_mut(4) {
            if let Some(steps) = varint::take_four(&mut rest) {
                four.iter_mut().zip(steps).for_each(|(size, step)| set(size, step));
                continue;
            }
            for size in four {
                set(size, varint::take(&mut rest)?);
            }
        }
    }
    for size in eights.into_remainder() {
        set(size, varint::take(&mut rest)?);
    }
    *from = rest;
    u32::try_from(bits).ok().map(|_| last)
}

fn unpack_chunks(from: &mut &[u8], samples: usize) -> Option<Vec<Chunk>> {
    let count = usize::try_from(varint::take(from)?).ok().filter(|count| *count <= samples)?;
    let mut chunks = Vec::with_capacity(count);
    let mut last = Chunk { first_sample: 0, offset: 0 };
    for _ in 0..count {
        let step = u32::try_from(varint::take(from)?).ok()?;
        last.first_sample = last.first_sample.checked_add(step)?;
        last.offset = last.offset.wrapping_add(varint::take_signed(from)? as u64);
        chunks.push(last);
    }
    Some(chunks)
}

/// Appends the anchors of one track, as differences.
pub(crate) fn pack_anchors(out: &mut Vec<u8>, anchors: &[Anchor]) {
    varint::put(out, anchors.len() as u64);
    let (mut sample, mut media, mut wall) = (0, 0i64, 0i64);
    for anchor in anchors {
        varint::put(out, u64::from(anchor.first_sample - sample));
        varint::put_signed(out, anchor.media.0.wrapping_sub(media));
        varint::put_signed(out, anchor.wall.as_micros().wrapping_sub(wall));
        (sample, media, wall) = (anchor.first_sample, anchor.media.0, anchor.wall.as_micros());
    }
}

/// Takes the anchors of one track from the front of `from`.
pub(crate) fn unpack_anchors(from: &mut &[u8]) -> Option<Vec<Anchor>> {
    let count = varint::take(from)?;
    if count > from.len() as u64 / 3 {
        return None; // each takes 3 bytes or more
    }
    let (mut sample, mut media, mut wall) = (0u32, 0i64, 0i64);
    let mut anchors = Vec::with_capacity(usize::try_from(count).ok()?);
    for at in 0..count {
        let step = u32::try_from(varint::take(from)?).ok()?;
        if (step == 0) != (at == 0) {
            return None; // the first is for sample 0, each other for a later one
        }
        sample = sample.checked_add(step)?;
        media = media.wrapping_add(varint::take_signed(from)?);
        wall = wall.wrapping_add(varint::take_signed(from)?);
        let (media, wall) = (Ticks(media), WallTime::from_micros(wall));
        anchors.push(Anchor { first_sample: sample, media, wall });
    }
    Some(anchors)
}
