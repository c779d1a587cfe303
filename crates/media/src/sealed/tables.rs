//! The sample tables of a classic MP4 (ISO/IEC 14496-12 clauses 8.6 and 8.7).

use crate::index::TrackIndex;
use crate::mp4::boxes::Boxes;
use crate::mp4::tables::runs;

/// Appends all tables of a track after `stsd`.
pub(super) fn put_tables(b: &mut Boxes, track: &TrackIndex) {
    put_durations(b, track);
    put_composition_offsets(b, track);
    put_key_frames(b, track);
    put_chunk_runs(b, track);
    b.full(*b"stsz", 0, 0, |b| {
        b.u32(0).u32(track.samples.len() as u32);
        track.samples.iter().for_each(|sample| b.u32(sample.size).end());
    });
    put_chunk_offsets(b, track);
}

/// Appends a full box that holds a table: entries as `body` writes them; it says how many.
fn put_table(b: &mut Boxes, kind: &[u8; 4], version: u8, body: impl FnOnce(&mut Boxes) -> u32) {
    b.full(*kind, version, 0, |b| {
        let at = b.len();
        b.u32(0);
        let count = body(b);
        b.patch_u32(at, count);
    });
}

fn put_durations(b: &mut Boxes, track: &TrackIndex) {
    put_table(b, b"stts", 0, |b| {
        let durations = runs(track.samples.iter().map(|sample| sample.duration));
        durations.map(|(count, duration)| b.u32(count).u32(duration).end()).count() as u32
    });
}

/// None where every picture is presented when it is decoded.
fn put_composition_offsets(b: &mut Boxes, track: &TrackIndex) {
    let offsets = || track.samples.iter().map(|sample| sample.composition_offset);
    if offsets().all(|offset| offset == 0) {
        return;
    }
    let version = u8::from(offsets().any(|offset| offset < 0));
    put_table(b, b"ctts", version, |b| {
        runs(offsets()).map(|(count, offset)| b.u32(count).i32(offset).end()).count() as u32
    });
}

/// None where every sample is one.
fn put_key_frames(b: &mut Boxes, track: &TrackIndex) {
    if track.samples.iter().all(|sample| sample.key) {
        return;
    }
    put_table(b, b"stss", 0, |b| {
        let keys = (1u32..).zip(&track.samples).filter(|(_, sample)| sample.key);
        keys.map(|(number, _)| b.u32(number).end()).count() as u32
    });
}

fn put_chunk_runs(b: &mut Boxes, track: &TrackIndex) {
    let ends = track.chunks.iter().skip(1).map(|chunk| chunk.first_sample);
    let ends = ends.chain([track.samples.len() as u32]);
    let lengths = track.chunks.iter().zip(ends).map(|(chunk, end)| end - chunk.first_sample);
    put_table(b, b"stsc", 0, |b| {
        let mut first = 1;
        runs(lengths)
            .map(|(chunks, samples)| {
                b.u32(first).u32(samples).u32(1);
                first += chunks;
            })
            .count() as u32
    });
}

/// 32 bits an offset as long as they suffice.
fn put_chunk_offsets(b: &mut Boxes, track: &TrackIndex) {
    let wide = track.chunks.iter().any(|chunk| u32::try_from(chunk.offset).is_err());
    put_table(b, if wide { b"co64" } else { b"stco" }, 0, |b| {
        for chunk in &track.chunks {
            if wide {
                b.u64(chunk.offset)
            } else {
                b.u32(chunk.offset as u32)
            };
        }
        track.chunks.len() as u32
    });
}
