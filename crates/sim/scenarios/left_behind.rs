//! What a start finds that recovery cannot finish, or that has no row: it is told and can be
//! repaired, and recording does not wait for it.

#![allow(clippy::unwrap_used)]

#[path = "left_behind/repairs.rs"]
mod repairs;

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::WallTime;
use catalog::SegmentState;
use sim::World;
use sim::setup::Setup;
use world::sim::{Effect, Fault, Operation, Random};
use world::{Clock, Disk};

/// A machine that was killed while it recorded, and the file that grew of its first camera.
fn killed() -> (World, PathBuf) {
    let mut world = World::new(5);
    world.start().unwrap();
    world.run(Duration::from_millis(11_500));
    world.kill();
    let folder = world.volume_root().join("camera-0/main/2026-11-22");
    let names = world.disk.list(&folder).unwrap().into_iter().map(|entry| entry.name);
    let newest = names.max().unwrap();
    (world, folder.join(newest))
}

/// The next read of the file at `path` fails, and no other.
fn fails_once(world: &World, path: &Path) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let fault = Fault::new(Operation::Read, Effect::Fail(std::io::ErrorKind::Other));
    world.disk.add_fault(fault.on(&name).times(1));
}

/// What is marked as damaged, and what a check an hour later says; what is known is in brackets.
fn said(world: &World) -> (Vec<String>, Vec<String>) {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let marks = catalog.damaged(world.volume_id(0)).unwrap().into_iter();
    let found = world.check(later(world)).unwrap().findings;
    let found = found.iter().map(|it| match it.known {
        Some(_) => format!("({})", it.damage.name()),
        None => it.damage.name().to_owned(),
    });
    (marks.map(|it| it.name).collect(), found.collect())
}

fn repaired(world: &mut World) -> Vec<&'static str> {
    let done = world.repair(later(world)).unwrap();
    done.iter().map(|(_, repaired)| repaired.name()).collect()
}

fn later(world: &World) -> WallTime {
    world.clock.wall() + Duration::from_secs(3600)
}

/// What a check, and the list of alarms, say of it, and what becomes of it.
fn is_told_and_repaired(mut world: World, path: &Path, bytes: &[u8]) {
    world.run_on(Duration::from_secs(30));
    let id = world.volume_id(0);
    let catalog = world.machine.as_ref().unwrap().catalog.clone();
    let known = catalog.damaged(id).unwrap();
    assert_eq!(known.len(), 1, "{known:?}");
    assert_eq!(known[0].name, "not-recovered");
    let later = world.clock.wall() + Duration::from_secs(3600);
    let found = world.check(later).unwrap().findings;
    let found: Vec<_> = found.iter().map(|it| (it.damage.name(), it.known.is_some())).collect();
    assert_eq!(found, [("not-recovered", true)]);
    let done = world.repair(later).unwrap();
    let names: Vec<_> = done.iter().map(|(_, repaired)| repaired.name()).collect();
    assert_eq!(names, ["cut-before-damage"], "{done:?}");
    let row = catalog.segment(known[0].segment).unwrap().unwrap();
    assert_eq!(row.state, SegmentState::Sealed);
    assert!(row.tracks[0].totals.samples > 0);
    let aside = world.volume_root().join("holdfast-lost+found");
    let copies = world.disk.list(&aside).unwrap();
    assert_eq!(copies.len(), 1);
    let copy = world.disk.read_all(&aside.join(&copies[0].name), 1 << 30).unwrap();
    assert_eq!(copy, bytes);
    assert_ne!(world.disk.read_all(path, 1 << 30).unwrap(), bytes, "it is sealed");
    assert_eq!(catalog.damaged(id).unwrap(), []);
    assert_eq!(world.check(later).unwrap().findings, []);
}

#[test]
fn a_cut_off_file_with_a_changed_byte_is_told_and_repaired() {
    let (mut world, path) = killed();
    let mut bytes = world.disk.read_all(&path, 1 << 30).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 0x40;
    world.disk.open(&path, true).unwrap().write_all_at(&[&[bytes[at]]], at as u64).unwrap();
    world.start().unwrap();
    is_told_and_repaired(world, &path, &bytes);
}

#[test]
fn a_cut_off_file_that_cannot_be_read_is_tried_ever_later_and_told() {
    let (mut world, path) = killed();
    world.start().unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let fault = Fault::new(Operation::Read, Effect::Fail(std::io::ErrorKind::Other));
    world.disk.add_fault(fault.on(&name));
    world.run_on(Duration::from_secs(3600));
    let tries = world.alarms.iter().filter(|(_, words)| words.contains("not recovered")).count();
    assert!((8..20).contains(&tries), "{tries} tries in an hour");
    let catalog = world.machine.as_ref().unwrap().catalog.clone();
    assert_eq!(catalog.damaged(world.volume_id(0)).unwrap().len(), 1);
    // The disk gives it after all.
    world.disk.clear_faults();
    world.run_on(Duration::from_secs(700));
    assert_eq!(catalog.damaged(world.volume_id(0)).unwrap(), []);
    assert!(world.unfinished().is_empty());
}

#[test]
fn a_read_that_fails_once_while_a_start_looks_around_costs_nothing() {
    let (mut world, path) = killed();
    fails_once(&world, &path);
    world.start().unwrap();
    assert!(world.alarms.iter().any(|(_, words)| words.contains("recovering segment")));
    world.run_on(Duration::from_secs(20));
    assert!(world.machine.as_ref().unwrap().catalog.open_rows().unwrap().len() <= 2);
    assert!(world.stop());
    sim::audit(&world).unwrap();
    assert_eq!(said(&world), (vec![], vec![]));
}

#[test]
fn what_cannot_be_read_at_a_start_ends_all_the_same_where_what_took_over_begins() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let mut world = World::with(seed, Setup { volumes: 2, ..Setup::default() });
        world.set_home(1, 0);
        world.start().unwrap();
        world.run(Duration::from_millis(500));
        world.kill();
        let before = world.copy_catalog();
        world.start().unwrap();
        world.run(Duration::from_micros(2_000_000 + random.below(9_000_000)));
        let rest = Duration::from_micros(random.below(4_000_000));
        world.hold_up(0, |world| {
            world.run(Duration::from_secs(5));
            world.take_over(0, 1);
            world.run(rest);
        });
        world.kill();
        if random.chance(50) {
            // Nothing since has a row: who the file is stands in the file alone.
            world.put_catalog(before);
        }
        let fault = Fault::new(Operation::Read, Effect::Fail(std::io::ErrorKind::Other));
        world
            .disk
            .add_fault(fault.on("/camera-0").after(random.below(8)).times(1 + random.below(2)));
        world.start().unwrap();
        world.run_on(Duration::from_secs(20));
        let stopped = world.stop();
        let log = || world.log.join("\n");
        assert!(stopped, "seed {seed}\n{}", log());
        sim::audit(&world).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log()));
        assert_eq!(said(&world), (vec![], vec![]), "seed {seed}\n{}", log());
    }
}

#[test]
fn a_cut_off_file_that_is_gone_is_told_and_forgotten_by_a_repair() {
    let (mut world, path) = killed();
    world.disk.remove_file(&path).unwrap();
    world.start().unwrap();
    // Between two segments: one that has just begun has no row yet.
    world.run_on(Duration::from_secs(27));
    assert_eq!(
        said(&world),
        (
            vec!["not-recovered".to_owned()],
            vec!["missing".to_owned(), "(not-recovered)".to_owned()]
        )
    );
    assert_eq!(repaired(&mut world), ["forgotten", "nothing"]);
    assert_eq!(said(&world), (vec![], vec![]));
}

#[test]
fn a_cut_off_file_whose_header_is_damaged_is_told_at_once() {
    let (mut world, path) = killed();
    world.disk.open(&path, true).unwrap().write_all_at(&[&[7; 64]], 0).unwrap();
    world.start().unwrap();
    world.run_on(Duration::from_secs(4));
    assert_eq!(said(&world).0, ["not-recovered"]);
}

#[test]
fn durable_footage_that_is_gone_is_told_and_what_is_left_of_its_file_set_aside() {
    let (mut world, path) = killed();
    world.disk.open(&path, true).unwrap().set_len(0).unwrap();
    world.start().unwrap();
    world.run_on(Duration::from_secs(4));
    assert_eq!(
        said(&world),
        (vec!["not-recovered".to_owned()], vec!["empty".to_owned(), "(not-recovered)".to_owned()])
    );
    assert!(world.alarms.iter().any(|(_, words)| words.contains("footage is lost")));
    assert_eq!(repaired(&mut world), ["set-aside", "nothing"]);
    assert_eq!(said(&world), (vec![], vec![]));
    let lost = |row: &catalog::SegmentRow| row.end_cause.as_deref() == Some("lost");
    let (_, stream) = world.streams()[0];
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    assert!(rows.iter().any(lost), "the gap says so: {rows:?}");
}

#[test]
fn of_a_file_that_waits_whose_stream_nobody_knows_only_the_ends_are_read() {
    let mut world = World::new(5);
    world.start().unwrap();
    world.run(Duration::from_millis(11_500));
    let archive = world.machine.as_ref().unwrap().catalog.archive();
    let (id, root) = (world.volume_id(0), world.volume_root());
    world.kill();
    let options = catalog::Options {
        time_zone: jiff::tz::TimeZone::UTC,
        index_cache_bytes: 1 << 20,
        new_archive: archive,
        note: "test".to_owned(),
    };
    let (catalog, _writer) = catalog::Catalog::memory(&options).unwrap();
    let expect = archive::Expect { volume: Some(id), archive };
    let disk = std::sync::Arc::new(world.disk.clone());
    let volume = archive::Volume::open(disk, &root, expect, "test").unwrap();
    let survey = recorder::recover::survey(&volume, &catalog, world.clock.wall()).unwrap();
    let job = survey.unfinished.last().unwrap();
    let reads = || world.disk.calls(Operation::Read);
    let before = reads();
    archive::recover::tail(&volume, &job.place).unwrap();
    let ends = reads() - before;
    for _ in 0..3 {
        let before = reads();
        let held = recorder::recover::hold(&volume, &catalog, job).unwrap();
        assert_eq!((held, reads() - before), (recorder::recover::Held::Before, ends));
    }
}

#[test]
fn after_a_restored_backup_recording_does_not_wait_for_the_footage_since() {
    let mut world = World::new(5);
    world.start().unwrap();
    assert!(world.stop());
    world.forget_process();
    let backup = world.copy_catalog();
    world.start().unwrap();
    world.run(Duration::from_secs(240));
    assert!(world.stop());
    world.forget_process();
    world.put_catalog(backup);
    let calls = |world: &World| {
        [Operation::Open, Operation::Write].map(|operation| world.disk.calls(operation))
    };
    let before = calls(&world);
    world.start().unwrap();
    let opened = calls(&world)[0] - before[0];
    assert!(opened < 40, "{opened} files were opened before recording began");
    let before = calls(&world);
    world.finish_recovery().unwrap();
    let written = calls(&world)[1] - before[1];
    assert!(written < 40, "{written} writes to files that were sealed already");
    world.run_on(Duration::from_secs(10));
    assert!(world.stop());
    sim::audit(&world).unwrap();
    let later = world.clock.wall() + Duration::from_secs(3600);
    assert_eq!(world.check(later).unwrap().findings, []);
}
