//! Reading the sample tables of a sealed segment's `moov`: every count is held against the bytes
//! that are there, and against each other.

use base::limits::SEGMENT_SAMPLES_MAX;

use crate::index::{Chunk, Sample};
use crate::mp4::reader::{self, Reader};

/// The samples and chunks that the body of `stbl` tells; `None` when damaged.
pub(super) fn read_tables(stbl: &[u8]) -> Option<(Vec<Sample>, Vec<Chunk>)> {
    let mut samples = read_sizes(stbl)?;
    read_durations(stbl, &mut samples)?;
    read_composition_offsets(stbl, &mut samples)?;
    read_key_frames(stbl, &mut samples)?;
    let chunks = read_chunks(stbl, samples.len() as u32)?;
    Some((samples, chunks))
}

fn read_sizes(stbl: &[u8]) -> Option<Vec<Sample>> {
    let mut reader = Reader::new(reader::find(stbl, *b"stsz")?);
    reader.version_flags()?;
    let equal = reader.u32()?;
    let count = reader.count(4)?;
    if equal != 0 || count > SEGMENT_SAMPLES_MAX {
        return None; // we write one size a sample
    }
    let sample = |size| Sample { size, duration: 0, composition_offset: 0, key: true };
    (0..count).map(|_| reader.u32().map(sample)).collect()
}

/// Takes `count` samples from the front of `left`.
fn take<'a>(left: &mut &'a mut [Sample], count: u32) -> Option<&'a mut [Sample]> {
    let (taken, rest) = std::mem::take(left).split_at_mut_checked(count as usize)?;
    *left = rest;
    Some(taken)
}

fn read_durations(stbl: &[u8], samples: &mut [Sample]) -> Option<()> {
    let mut reader = Reader::new(reader::find(stbl, *b"stts")?);
    reader.version_flags()?;
    let mut left = samples;
    for _ in 0..reader.count(8)? {
        let (count, duration) = (reader.u32()?, reader.u32()?);
        take(&mut left, count)?.iter_mut().for_each(|sample| sample.duration = duration);
    }
    left.is_empty().then_some(())
}

fn read_composition_offsets(stbl: &[u8], samples: &mut [Sample]) -> Option<()> {
    let Some(ctts) = reader::find(stbl, *b"ctts") else { return Some(()) };
    let mut reader = Reader::new(ctts);
    reader.version_flags()?;
    let mut left = samples;
    for _ in 0..reader.count(8)? {
        let (count, offset) = (reader.u32()?, reader.i32()?);
        take(&mut left, count)?.iter_mut().for_each(|sample| sample.composition_offset = offset);
    }
    left.is_empty().then_some(())
}

fn read_key_frames(stbl: &[u8], samples: &mut [Sample]) -> Option<()> {
    let Some(stss) = reader::find(stbl, *b"stss") else { return Some(()) };
    samples.iter_mut().for_each(|sample| sample.key = false);
    let mut reader = Reader::new(stss);
    reader.version_flags()?;
    for _ in 0..reader.count(4)? {
        let number = (reader.u32()? as usize).checked_sub(1)?;
        samples.get_mut(number)?.key = true;
    }
    Some(())
}

fn read_chunks(stbl: &[u8], samples: u32) -> Option<Vec<Chunk>> {
    let offsets = read_chunk_offsets(stbl)?;
    let mut reader = Reader::new(reader::find(stbl, *b"stsc")?);
    reader.version_flags()?;
    let mut runs = Vec::new();
    for _ in 0..reader.count(12)? {
        let (first, in_each) = (reader.u32()?, reader.u32()?);
        reader.u32()?; // the sample description: there is one
        runs.push((first, in_each));
    }
    let mut chunks = Vec::with_capacity(offsets.len());
    let mut first_sample = 0u32;
    for (at, (first, in_each)) in runs.iter().enumerate() {
        let end = runs.get(at + 1).map_or(offsets.len() as u32 + 1, |(next, _)| *next);
        // Chunk numbers count from 1; runs must follow one another and reach all chunks.
        if *first as usize != chunks.len() + 1 || end < *first {
            return None;
        }
        for offset in offsets.get(*first as usize - 1..end as usize - 1)? {
            chunks.push(Chunk { first_sample, offset: *offset });
            first_sample = first_sample.checked_add(*in_each)?;
        }
    }
    (first_sample == samples && chunks.len() == offsets.len()).then_some(chunks)
}

fn read_chunk_offsets(stbl: &[u8]) -> Option<Vec<u64>> {
    if let Some(stco) = reader::find(stbl, *b"stco") {
        let mut reader = Reader::new(stco);
        reader.version_flags()?;
        return (0..reader.count(4)?).map(|_| reader.u32().map(u64::from)).collect();
    }
    let mut reader = Reader::new(reader::find(stbl, *b"co64")?);
    reader.version_flags()?;
    (0..reader.count(8)?).map(|_| reader.u64()).collect()
}
