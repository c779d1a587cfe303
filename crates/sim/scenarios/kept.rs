//! A catalog that is older than the notes beside the footage, as after restoring a backup: what was
//! protected stays, and what was deleted by hand stays deleted.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use archive::{HiddenSpan, Kept, Volume};
use base::{StreamId, WallTime};
use catalog::{Change, KeptRows, ProtectionRow};
use recorder::retain::KeptFiles;
use sim::World;
use world::sim::{Effect, Fault, Operation};

/// A world with footage of two cameras; the stream of the first and its folder.
fn world() -> (World, StreamId, String) {
    let mut world = World::new(7);
    world.start().unwrap();
    world.run(Duration::from_secs(15));
    assert!(world.stop());
    let stream = world.streams()[0].1;
    let machine = world.machine.as_ref().unwrap();
    let camera = machine.catalog.streams().unwrap().into_iter().find(|s| s.id == stream).unwrap();
    let cameras = machine.catalog.cameras().unwrap();
    let slug = cameras.into_iter().find(|c| c.id == camera.camera).unwrap().slug;
    (world, stream, slug)
}

fn again(world: &mut World) {
    world.forget_process();
    world.start().unwrap();
}

fn kept_files(world: &World) -> KeptFiles {
    let machine = world.machine.as_ref().unwrap();
    KeptFiles::new(machine.volume(), machine.catalog.clone())
}

fn volume(world: &World) -> std::sync::Arc<Volume> {
    world.machine.as_ref().unwrap().volume()
}

fn rows(world: &World, stream: StreamId) -> KeptRows {
    world.machine.as_ref().unwrap().catalog.kept(stream).unwrap()
}

/// One look at the notes, as the slow thread does it; what was taken in.
fn look(world: &mut World) -> usize {
    let mut kept = kept_files(world);
    let followed = kept.take_in().unwrap();
    assert_eq!(followed.failed, [""; 0]);
    let changes: Vec<Change> = followed.taken.into_iter().flat_map(|t| t.changes).collect();
    world.apply(&changes);
    let followed = kept.follow().unwrap();
    assert_eq!((followed.failed.len(), followed.taken.len()), (0, 0));
    changes.len()
}

fn at(world: &World, second: i64) -> WallTime {
    world.began().plus_micros(second * 1_000_000)
}

fn protect(world: &World, stream: StreamId, from: i64, to: i64) -> Change {
    Change::Protect(ProtectionRow {
        stream,
        from: at(world, from),
        to: at(world, to),
        made: at(world, 20),
        made_by: "anna".to_owned(),
        note: "a parcel".to_owned(),
    })
}

fn hide(world: &World, stream: StreamId, from: i64, to: i64) -> Change {
    Change::Hide { stream, from: at(world, from), to: at(world, to) }
}

#[test]
fn an_older_catalog_takes_in_what_the_notes_know_and_loses_none_of_it() {
    let (mut world, stream, slug) = world();
    assert_eq!(look(&mut world), 0);
    world.forget_process();
    let old = world.copy_catalog();
    world.start().unwrap();
    let changes = [hide(&world, stream, 1, 2), protect(&world, stream, 8, 10)];
    world.apply(&changes);
    assert_eq!(look(&mut world), 0);
    let (known, note) = (rows(&world, stream), volume(&world).read_kept(&slug, "main").unwrap());
    world.forget_process();
    world.put_catalog(old);
    world.start().unwrap();
    assert_eq!(rows(&world, stream).protections, []);
    assert_eq!(look(&mut world), 2);
    assert_eq!(rows(&world, stream), known);
    assert_eq!(volume(&world).read_kept(&slug, "main").unwrap(), note);
    again(&mut world);
    assert_eq!(look(&mut world), 0, "it knows it from now on");
}

#[test]
fn a_catalog_that_went_another_way_since_has_both() {
    let (mut world, stream, _) = world();
    look(&mut world);
    world.forget_process();
    let old = world.copy_catalog();
    world.start().unwrap();
    let theirs = protect(&world, stream, 8, 10);
    world.apply(&[theirs]);
    look(&mut world);
    world.forget_process();
    world.put_catalog(old);
    world.start().unwrap();
    // More was said since than in the past that the note is of, before it was looked at.
    for second in 2..6 {
        let ours = protect(&world, stream, second, second + 1);
        world.apply(&[ours]);
    }
    assert_eq!(look(&mut world), 1);
    assert_eq!(rows(&world, stream).protections.len(), 5);
}

#[test]
fn what_was_taken_away_does_not_come_back_from_an_older_note() {
    let (mut world, stream, slug) = world();
    let changes = [hide(&world, stream, 1, 2), protect(&world, stream, 8, 10)];
    world.apply(&changes);
    look(&mut world);
    // The process ends before the note says so, or the volume was away meanwhile.
    let (from, to) = (at(&world, 0), at(&world, 99));
    world.apply(&[Change::Unprotect { stream, from, to }]);
    again(&mut world);
    assert_eq!(look(&mut world), 0);
    assert_eq!(rows(&world, stream).protections, []);
    let note = volume(&world).read_kept(&slug, "main").unwrap().unwrap();
    assert_eq!((note.protected.len(), note.hidden.len()), (0, 1));
    world.apply(&[Change::ForgetHidden { stream, before: WallTime::MAX }]);
    again(&mut world);
    assert_eq!(look(&mut world), 0);
    assert_eq!(volume(&world).read_kept(&slug, "main").unwrap(), None);
}

#[test]
fn a_note_of_an_older_program_is_believed_where_the_catalog_says_less() {
    let (mut world, stream, slug) = world();
    let changes = [hide(&world, stream, 1, 2), protect(&world, stream, 8, 10)];
    world.apply(&changes);
    look(&mut world);
    let note = volume(&world).read_kept(&slug, "main").unwrap().unwrap();
    assert!(note.state.is_some());
    let nameless = Kept { state: None, ..note.clone() };
    volume(&world).write_kept(&slug, "main", &nameless).unwrap();
    again(&mut world);
    assert_eq!(look(&mut world), 0, "it says the same");
    assert_eq!(volume(&world).read_kept(&slug, "main").unwrap(), Some(note));
    let span = HiddenSpan { from: at(&world, 4), to: at(&world, 5) };
    let more = Kept { hidden: vec![span, nameless.hidden[0]], ..nameless };
    volume(&world).write_kept(&slug, "main", &more).unwrap();
    again(&mut world);
    assert_eq!(look(&mut world), 1);
    assert_eq!(rows(&world, stream).hidden.len(), 2);
}

#[test]
fn the_note_of_a_stream_that_the_catalog_does_not_know_is_left_as_it_is() {
    let (mut world, stream, slug) = world();
    let change = protect(&world, stream, 8, 10);
    world.apply(&[change]);
    look(&mut world);
    let note = volume(&world).read_kept(&slug, "main").unwrap().unwrap();
    let strange = Kept { stream: StreamId::from_bytes([9; 16]), ..note };
    volume(&world).write_kept(&slug, "main", &strange).unwrap();
    again(&mut world);
    let followed = kept_files(&world).follow().unwrap();
    assert!(followed.failed[0].contains("rebuild") && !followed.unread, "{followed:?}");
    assert_eq!(volume(&world).read_kept(&slug, "main").unwrap(), Some(strange));
}

#[test]
fn a_note_that_cannot_be_read_is_told_of_and_not_written_over() {
    let (mut world, stream, slug) = world();
    let change = protect(&world, stream, 8, 10);
    world.apply(&[change]);
    look(&mut world);
    let note = volume(&world).read_kept(&slug, "main").unwrap();
    again(&mut world);
    let (from, to) = (at(&world, 0), at(&world, 99));
    world.apply(&[Change::Unprotect { stream, from, to }]);
    let mut kept = kept_files(&world);
    let fails = Effect::Fail(std::io::ErrorKind::Other);
    world.disk.add_fault(Fault::new(Operation::Read, fails).on("holdfast-kept"));
    let followed = kept.follow().unwrap();
    assert!(followed.unread && followed.failed[0].contains("reading what is kept"));
    world.disk.clear_faults();
    assert_eq!(volume(&world).read_kept(&slug, "main").unwrap(), note);
    assert!(!kept.follow().unwrap().unread);
    assert_eq!(volume(&world).read_kept(&slug, "main").unwrap(), None);
}
