//! Plays all that was recorded through the real `playback`, and compares every sample of the
//! clips with what the files hold and what the cameras sent.

use std::collections::{BTreeMap, BTreeSet};

use base::{StreamId, WallTime};
use mp4_atom::{Atom, DecodeAtom, Header, Moov, ReadFrom, Stbl, StszSamples, Trak};

use crate::camera::Stamp;
use crate::clip::{Clip, clip_shown};
use crate::model::Found;
use crate::scene::World;

/// Reads a clip over the whole range of each stream; how many samples they have. `Err` when one
/// misses a frame that is in the archive, has one that is not, or dates one wrong.
pub fn play(world: &World, found: &Found) -> Result<usize, String> {
    let mut total = 0;
    for (stream, frames) in found {
        if !frames.is_empty() {
            let of = |error| format!("clip of {stream}: {error}");
            total += play_stream(world, *stream, frames).map_err(of)?;
        }
    }
    Ok(total)
}

fn play_stream(world: &World, stream: StreamId, frames: &BTreeSet<Stamp>) -> Result<usize, String> {
    let machine = world.machine.as_ref().ok_or("nothing runs that has footage")?;
    let rows = machine.catalog.segments(stream, WallTime::EPOCH, WallTime::MAX);
    let rows = rows.map_err(|error| error.to_string())?;
    let range = rows.first().zip(rows.last()).map(|(first, last)| (first.start, last.end));
    let (from, to) = range.ok_or("there are frames and no rows")?;
    // Sound may stand a little outside its segment.
    let skew = base::limits::AUDIO_SKEW_MAX;
    let clip = clip_shown(world, stream, from - skew, to + skew)?;
    let samples = samples(&clip)?;
    let streamed = world.model.streams().find(|(id, _)| *id == stream);
    let sent = &streamed.ok_or("the model does not know the stream")?.1.sent;
    let mut shown = BTreeMap::new();
    for (stamp, wall) in samples {
        let true_wall = sent.get(&stamp).ok_or_else(|| format!("{stamp:?} was never sent"))?;
        let off = wall.micros_since(*true_wall);
        if !world.model.tolerates(off) {
            return Err(format!("{stamp:?} is shown {off} µs beside its time"));
        }
        if shown.insert(stamp, wall).is_some() {
            return Err(format!("{stamp:?} is shown twice"));
        }
    }
    if let Some(missing) = frames.iter().find(|stamp| !shown.contains_key(stamp)) {
        return Err(format!("{missing:?} is in the archive and not shown"));
    }
    if let Some(stranger) = shown.keys().find(|stamp| !frames.contains(stamp)) {
        return Err(format!("{stranger:?} is shown and not in the archive"));
    }
    Ok(shown.len())
}

/// Every sample of a clip: what it is, and the instant at which it is presented.
pub fn samples(clip: &Clip) -> Result<Vec<(Stamp, WallTime)>, String> {
    let moov = movie(&clip.bytes)?;
    let mut all = Vec::new();
    for trak in &moov.trak {
        let timescale = i64::from(trak.mdia.mdhd.timescale);
        let (late, media_time) = edits(trak);
        for (pts, place) in table(&trak.mdia.minf.stbl)? {
            let bytes = clip.bytes.get(place).ok_or("a sample lies outside the clip")?;
            let stamp = Stamp::of(bytes).ok_or("a sample is no frame of ours")?;
            let ticks = i128::from(pts - media_time) * 1_000_000;
            let late = i128::from(late) * 1_000_000 / i128::from(moov.mvhd.timescale);
            let after = late + ticks.div_euclid(i128::from(timescale));
            let after = i64::try_from(after).map_err(|_| "a time is out of range")?;
            all.push((stamp, clip.shown_from.plus_micros(after)));
        }
    }
    Ok(all)
}

fn movie(file: &[u8]) -> Result<Moov, String> {
    let mut rest = file;
    let broken = |error: mp4_atom::Error| format!("the clip cannot be parsed: {error}");
    loop {
        let header = Header::read_from(&mut rest).map_err(broken)?;
        let size = header.size.ok_or("a box has no end")?;
        if header.kind == Moov::KIND {
            return Moov::decode_atom(&header, &mut &rest[..size]).map_err(broken);
        }
        rest = rest.get(size..).ok_or("the clip has no moov")?;
    }
}

/// How late a track begins, in ticks of the movie, and the media time that it begins with.
fn edits(trak: &Trak) -> (u64, i64) {
    let edits = trak.edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let edits = edits.map(|elst| &elst.entries[..]).unwrap_or_default();
    let late = edits.iter().filter(|edit| edit.media_time.is_none());
    let late = late.map(|edit| edit.segment_duration).sum();
    let media_time = edits.iter().find_map(|edit| edit.media_time).unwrap_or_default();
    (late, media_time as i64)
}

/// Presentation time and place of each sample of a track.
fn table(stbl: &Stbl) -> Result<Vec<(i64, std::ops::Range<usize>)>, String> {
    let StszSamples::Different { sizes } = &stbl.stsz.samples else {
        return Err("stsz has no table".to_owned());
    };
    let durations = stbl.stts.entries.iter();
    let mut durations = durations.flat_map(|e| repeat(e.sample_delta, e.sample_count));
    let offsets = stbl.ctts.iter().flat_map(|ctts| &ctts.entries);
    let mut offsets = offsets.flat_map(|e| repeat(e.sample_offset, e.sample_count));
    let chunks = &stbl.co64.as_ref().ok_or("the clip has no co64")?.entries;
    let mut counts = stbl.stsc.entries.iter().peekable();
    let (mut samples, mut dts, mut per_chunk) = (Vec::with_capacity(sizes.len()), 0, 0);
    for (chunk, number) in chunks.iter().zip(1u32..) {
        if let Some(entry) = counts.next_if(|entry| entry.first_chunk == number) {
            per_chunk = entry.samples_per_chunk;
        }
        let mut offset = usize::try_from(*chunk).map_err(|_| "a chunk lies too far")?;
        for _ in 0..per_chunk {
            let size = *sizes.get(samples.len()).ok_or("stsc has more samples than stsz")?;
            let end = offset + size as usize;
            samples.push((dts + offsets.next().unwrap_or(0), offset..end));
            dts += i64::from(durations.next().ok_or("stts ends before stsz")?);
            offset = end;
        }
    }
    match samples.len() == sizes.len() {
        true => Ok(samples),
        false => Err(format!("{} samples have a place, of {}", samples.len(), sizes.len())),
    }
}

fn repeat<T: Copy>(value: T, count: u32) -> impl Iterator<Item = T> {
    std::iter::repeat_n(value, count as usize)
}
