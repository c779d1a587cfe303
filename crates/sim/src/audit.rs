//! Reads everything back and compares it with the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use archive::{SegmentPlace, SegmentReader};
use base::{StreamId, WallTime};
use catalog::{SegmentRow, SegmentState};
use media::{Activity, SegmentIndex, TrackIndex};

use crate::camera::Stamp;
use crate::machine::Machine;
use crate::model::{Found, Model, Streamed};
use crate::play::play;
use crate::scene::World;

/// How many frames an audit found, or what is wrong.
pub type AuditResult = Result<usize, String>;

/// Compares all that the catalog and the files hold with what was sent and promised: every frame
/// that was said to be durable is there, with the right bytes and the right time; nothing is
/// there twice; nothing is there that was never sent. Then plays it, and compares again.
pub fn audit(world: &World) -> AuditResult {
    audit_but(world, 0)
}

/// [`audit`], where so many frames were said to be lost. What nothing more is to come of is said to
/// be durable all the same, and nobody says which frames those were: so many may be missing.
pub fn audit_but(world: &World, lost: u64) -> AuditResult {
    let all = read_back(world)?;
    let (mut total, mut spared) = (0, lost as usize);
    for (stream, streamed) in world.model.streams() {
        let found = all.get(&stream);
        let is_there = |stamp: &Stamp| found.is_some_and(|found| found.contains(stamp));
        let missing = streamed.durable.iter().filter(|s| !is_there(s) && !streamed.is_removed(s));
        let missing: Vec<_> = missing.collect();
        if let Some(first) = missing.first().filter(|_| missing.len() > spared) {
            return Err(format!("{} durable frames are gone, the first {first:?}", missing.len()));
        }
        spared -= missing.len();
        total += found.map_or(0, BTreeSet::len);
    }
    let shown = play(world, &all)?;
    match shown == total {
        true => Ok(total),
        false => Err(format!("{total} frames are in the archive, {shown} in its clips")),
    }
}

/// All frames of all streams, each with the right bytes and the right time and only once.
pub fn read_back(world: &World) -> Result<Found, String> {
    let machine = world.machine.as_ref().ok_or("nothing runs that could be audited")?;
    let mut all = BTreeMap::new();
    for (stream, streamed) in world.model.streams() {
        let number = world.streams().iter().find(|(_, id)| *id == stream).map(|(n, _)| *n);
        let number = number.ok_or("the model knows a stream that nobody has")?;
        all.insert(stream, read_stream(machine, stream, number, (streamed, &world.model))?);
    }
    Ok(all)
}

/// All frames of one stream, by their stamps.
fn read_stream(
    machine: &Machine,
    stream: StreamId,
    number: u8,
    (streamed, model): (&Streamed, &Model),
) -> Result<BTreeSet<Stamp>, String> {
    let rows = machine.catalog.segments(stream, WallTime::EPOCH, WallTime::MAX);
    let rows = rows.map_err(|error| error.to_string())?;
    for pair in rows.windows(2) {
        if pair[0].end > pair[1].start {
            return Err(format!(
                "{} [{}, {}) overlaps {} [{}, …",
                pair[0].id, pair[0].start, pair[0].end, pair[1].id, pair[1].start
            ));
        }
    }
    let mut found = BTreeSet::new();
    let mut last: BTreeMap<(u16, u8), u32> = BTreeMap::new();
    for row in &rows {
        for (stamp, wall) in read_segment(machine, row)? {
            let sent = streamed.sent.get(&stamp).filter(|_| stamp.camera == number);
            let Some(sent) = sent else {
                return Err(format!("{}: {stamp:?} was never sent", row.id));
            };
            let off = wall.micros_since(*sent);
            if !model.tolerates(off) {
                return Err(format!("{}: {stamp:?} is dated wrong by {off} µs", row.id));
            }
            if !found.insert(stamp) {
                return Err(format!("{}: {stamp:?} is there twice", row.id));
            }
            let before = last.insert((stamp.session, stamp.track), stamp.number);
            if before.is_some_and(|before| before >= stamp.number) {
                return Err(format!("{}: {stamp:?} is out of order", row.id));
            }
        }
    }
    Ok(found)
}

/// The frames of one segment, track by track in decode order, and the time of each.
fn read_segment(machine: &Machine, row: &SegmentRow) -> Result<Vec<(Stamp, WallTime)>, String> {
    let place = SegmentPlace {
        camera_slug: row.camera_slug.to_string(),
        stream: row.stream_name.to_string(),
        start: row.start,
        id: row.id,
    };
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", place.relative());
    let volume = machine.volume_of(row.volume).ok_or_else(|| at(&"its volume is not open"))?;
    let cached = machine.catalog.index(row.id).map_err(|error| at(&error))?;
    let index = match row.state {
        SegmentState::Sealed => {
            let (identity, index) = volume.sealed_index(&place).map_err(|e| at(&e))?;
            if identity.segment != row.id || identity.stream != row.stream {
                return Err(at(&"the file is another segment than its row says"));
            }
            if cached.is_some_and(|cached| *cached != index) {
                return Err(at(&"file and cache tell different indexes"));
            }
            let activity = machine.catalog.activity_of(row.id).map_err(|error| at(&error))?;
            if activity.pack() != Activity::of(&index).pack() {
                return Err(at(&"its row tells another activity than its file"));
            }
            Arc::new(index)
        }
        _ => cached.ok_or_else(|| at(&"a growing segment has no index"))?,
    };
    check_row(row, &index).map_err(|error| at(&error))?;
    let reader = volume.reader(&place).map_err(|error| at(&error))?;
    let mut all = Vec::new();
    for (number, track) in index.tracks.iter().enumerate() {
        for (stamp, wall) in read_track(&reader, track).map_err(|error| at(&error))? {
            if usize::from(stamp.track) != number {
                return Err(at(&format!("{stamp:?} lies in track {number}")));
            }
            all.push((stamp, wall));
        }
    }
    Ok(all)
}

fn check_row(row: &SegmentRow, index: &SegmentIndex) -> Result<(), String> {
    let (start, end) = index.span().ok_or("it has no lead samples")?;
    if start != row.start {
        return Err(format!("its row starts at {}, its index at {start}", row.start));
    }
    let shorter = end.micros_since(row.end);
    if !(-1_000_000..=1_000_000).contains(&shorter) {
        return Err(format!("its row ends at {}, its index at {end}", row.end));
    }
    if row.state == SegmentState::Sealed {
        let totals = row.tracks.iter().map(|track| track.totals);
        if !totals.eq(index.tracks.iter().map(TrackIndex::totals)) {
            return Err("its row has other totals than its index".to_owned());
        }
    }
    Ok(())
}

fn read_track(
    reader: &SegmentReader,
    track: &TrackIndex,
) -> Result<Vec<(Stamp, WallTime)>, String> {
    let mut chunks = track.chunks.iter().peekable();
    let (mut offset, mut found) = (0, Vec::with_capacity(track.samples.len()));
    for (number, (sample, time)) in track.samples.iter().zip(track.times()).enumerate() {
        if let Some(chunk) = chunks.next_if(|chunk| chunk.first_sample as usize == number) {
            offset = chunk.offset;
        }
        let mut bytes = vec![0; sample.size as usize];
        reader.read_at(&mut bytes, offset).map_err(|error| error.to_string())?;
        offset += u64::from(sample.size);
        let stamp = Stamp::of(&bytes).ok_or(format!("sample {number} is no frame of ours"))?;
        if stamp.key != sample.key {
            return Err(format!("{stamp:?} has the wrong key flag"));
        }
        found.push((stamp, time.wall));
    }
    Ok(found)
}
