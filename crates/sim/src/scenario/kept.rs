//! What people say of footage that stays and footage that goes, and what notes beside it know of
//! that.

use std::collections::BTreeSet;
use std::time::Duration;

use archive::{Kept, Volume};
use base::{SegmentId, WallTime};
use catalog::{Change, ProtectionRow};
use world::Clock;
use world::sim::Random;

use crate::rows::slug;
use crate::scene::World;

/// A person protects a few seconds, takes protection away, or deletes what is not protected.
pub(crate) fn say_something(world: &mut World, random: &mut Random) {
    let streams = world.streams();
    let stream = streams[random.below(streams.len() as u64) as usize].1;
    let now = world.clock.wall();
    let from = now - Duration::from_micros(random.below(40_000_000));
    let to = from + Duration::from_micros(1 + random.below(6_000_000));
    let change = match random.below(5) {
        0 => Change::Protect(ProtectionRow {
            stream,
            from,
            to,
            made: now,
            made_by: "somebody".to_owned(),
            note: String::new(),
        }),
        1 | 2 => Change::Unprotect { stream, from, to: to + Duration::from_secs(9) },
        3 => Change::Hide { stream, from, to: to.min(now) },
        _ => return,
    };
    world.try_apply(change);
}

/// Shows what was deleted by hand and still stands, for the audit: it is no less durable.
pub(crate) fn show_again(world: &mut World) {
    for (_, stream) in world.streams() {
        world.try_apply(Change::ForgetHidden { stream, before: WallTime::MAX });
    }
}

/// What a note knows, and the files that it holds.
pub(crate) struct Known {
    note: Kept,
    held: BTreeSet<SegmentId>,
}

/// What the notes know, and which files hold what is protected there.
pub(crate) fn known(world: &World) -> Result<Vec<Known>, String> {
    let Some(machine) = &world.machine else { return Ok(Vec::new()) };
    let (volume, mut all) = (machine.volume(), Vec::new());
    for (number, _) in world.streams() {
        let note = volume.read_kept(&slug(number), "main").map_err(|error| error.to_string())?;
        let Some(note) = note else { continue };
        let held = held(&files(&volume, number)?, &note);
        all.push(Known { note, held });
    }
    Ok(all)
}

/// The files of a camera, as their names tell: each with its start, oldest first.
fn files(volume: &Volume, number: u8) -> Result<Vec<(WallTime, SegmentId)>, String> {
    let mut found = Vec::new();
    for day in volume.days().map_err(|error| error.to_string())? {
        if day.camera_slug == slug(number) {
            let places = volume.segments(&day).map_err(|error| error.to_string())?;
            found.extend(places.into_iter().map(|place| (place.start, place.id)));
        }
    }
    found.sort();
    Ok(found)
}

/// Those of `files` that hold protected footage and none that was deleted, as far as their names
/// tell: those that begin in what is protected.
fn held(files: &[(WallTime, SegmentId)], note: &Kept) -> BTreeSet<SegmentId> {
    let ends = files.iter().skip(1).map(|(start, _)| *start).chain([WallTime::MAX]);
    let held = files.iter().zip(ends).filter(|((start, _), end)| {
        // A name is exact to the millisecond.
        let begins_in = |from: WallTime, to| from <= *start && start.plus_micros(1000) <= to;
        note.protected.iter().any(|span| begins_in(span.from, span.to))
            && !note.hidden.iter().any(|span| *start < span.to && *end > span.from)
    });
    held.map(|((_, id), _)| *id).collect()
}

/// Whatever the catalog knew: what notes knew is protected and deleted, and what is protected is
/// there.
pub(crate) fn all_is_kept(world: &World, known: &[Known]) -> Result<(), String> {
    let Some(machine) = &world.machine else { return Ok(()) };
    for Known { note, held } in known {
        let rows = machine.catalog.kept(note.stream).map_err(|error| error.to_string())?;
        let protected: Vec<_> = rows.protections.iter().map(|row| (row.from, row.to)).collect();
        let lost = note.protected.iter().find(|span| !lies_in(span.from, span.to, &protected));
        if let Some(span) = lost {
            return Err(format!("a protection was lost: {span:?} of {}", note.stream));
        }
        let shown = note.hidden.iter().find(|span| !lies_in(span.from, span.to, &rows.hidden));
        if let Some(span) = shown.filter(|span| stands(machine, note, span.from, span.to)) {
            return Err(format!("what was deleted is shown again: {span:?} of {}", note.stream));
        }
        let number = world.streams().into_iter().find(|(_, id)| *id == note.stream);
        let Some((number, _)) = number else { continue };
        let there = files(&machine.volume(), number)?;
        let there: BTreeSet<_> = there.into_iter().map(|(_, id)| id).collect();
        if let Some(gone) = held.iter().find(|id| !there.contains(id)) {
            return Err(format!("segment {gone} was protected, and is gone"));
        }
    }
    Ok(())
}

/// Whether something of [from, to) stands that could be shown: where nothing does, retention
/// forgets that it was deleted.
fn stands(machine: &crate::machine::Machine, note: &Kept, from: WallTime, to: WallTime) -> bool {
    let rows = machine.catalog.segments(note.stream, from, to);
    rows.map_or(true, |rows| !rows.is_empty())
}

fn lies_in(from: WallTime, to: WallTime, spans: &[(WallTime, WallTime)]) -> bool {
    let mut at = from;
    for (start, end) in spans {
        if *start <= at {
            at = at.max(*end);
        }
    }
    at >= to
}
