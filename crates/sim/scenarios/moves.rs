//! Moves of footage that were cut short, and what a person or a failing disk does before they are
//! settled: a whole copy never goes while it is the last one, and what was removed stays removed.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use archive::SegmentPlace;
use base::SegmentId;
use catalog::{Change, MovingRow, SegmentRow};
use recorder::drain::elsewhere;
use recorder::{Drain, Repaired};
use sim::World;
use sim::setup::Setup;
use world::sim::{Effect, Fault, Operation, Random};
use world::{Clock, Disk};

/// A world in which the first of `volumes` has sealed footage, and nothing is recorded there.
fn recorded(seed: u64, volumes: usize) -> World {
    let mut world = World::with(seed, Setup { volumes, ..Setup::default() });
    world.set_home(1, 0);
    world.start().unwrap();
    world.keep_bytes(u64::MAX);
    world.run(Duration::from_secs(20));
    world.take_over(0, 1);
    world.take_over(1, 1);
    world.run_on(Duration::from_secs(6));
    world
}

fn drain_of(world: &World, number: usize) -> Drain {
    let machine = world.machine.as_ref().unwrap();
    let from = machine.volume_of(world.volume_id(number)).unwrap();
    Drain::new(from, machine.catalog.clone())
}

/// The first volume's oldest segment lies on volume `to` too, and a move there was begun; what
/// says that it has moved.
fn copy(world: &mut World, to: usize) -> (SegmentRow, Vec<Change>) {
    let to = world.machine.as_ref().unwrap().volume_of(world.volume_id(to)).unwrap();
    let mut drain = drain_of(world, 0);
    let row = drain.next_sealed().unwrap().unwrap();
    world.apply(&[drain.begins(&row, &to)]);
    let moved = drain.copy(&row, &to, world.clock.wall(), &mut |_| true).unwrap();
    (row, moved)
}

fn place(row: &SegmentRow) -> SegmentPlace {
    SegmentPlace {
        camera_slug: row.camera_slug.to_string(),
        stream: row.stream_name.to_string(),
        start: row.start,
        id: row.id,
    }
}

/// Removes the file of `row` from volume `number`, behind everybody's back.
fn lose(world: &World, number: usize, row: &SegmentRow) {
    let machine = world.machine.as_ref().unwrap();
    machine.volume_of(world.volume_id(number)).unwrap().remove(&place(row)).unwrap();
}

/// Retention, or a person, removes a segment on volume `number`, where its row says that it is.
fn remove(world: &mut World, number: usize, row: &SegmentRow) {
    world.apply(&[Change::SegmentGarbage(row.id)]);
    lose(world, number, row);
    world.apply(&[Change::SegmentDeleted(row.id)]);
}

/// The first volume, on which a segment lies, is taken out of the archive.
fn forgotten(row: &SegmentRow) -> Change {
    Change::SegmentForgotten { segment: row.id, volume: row.volume, end: row.end }
}

/// The volumes, by number, that have a file of a segment.
fn holders(world: &World, segment: SegmentId) -> BTreeSet<usize> {
    let machine = world.machine.as_ref().unwrap();
    let holds = |number: &usize| {
        let volume = machine.volume_of(world.volume_id(*number)).unwrap();
        let days = volume.days().unwrap();
        days.iter().any(|day| volume.segments(day).unwrap().iter().any(|it| it.id == segment))
    };
    (0..machine.places.len()).filter(holds).collect()
}

/// Where a segment's row says that it is.
fn by_row(world: &World, segment: SegmentId) -> Option<usize> {
    let row = world.machine.as_ref().unwrap().catalog.segment(segment).unwrap()?;
    (0..3).find(|number| world.volume_id(*number) == row.volume)
}

/// Moves of which it is not known that they have left nothing.
fn unsettled(world: &World) -> Vec<MovingRow> {
    world.machine.as_ref().unwrap().catalog.moving(None, 99).unwrap()
}

/// Whether volume `number`, which is there, has the file of `row`.
fn holds(world: &World, number: usize, row: &SegmentRow) -> bool {
    let volume = world.machine.as_ref().unwrap().volume_of(world.volume_id(number)).unwrap();
    volume.usage(&place(row)).is_ok()
}

/// Another byte stands in the file of `row` on volume `number`, so far before its middle.
fn damage(world: &World, number: usize, row: &SegmentRow, before: usize) {
    let (disk, file) = (&world.disks[number], path(world, row));
    let mut bytes = disk.read_all(&file, 1 << 30).unwrap();
    let at = bytes.len() / 2 - before;
    bytes[at] ^= 1;
    let opened = disk.open(&file, true).unwrap();
    opened.write_all_at(&[&bytes], 0).unwrap();
    opened.sync_data().unwrap();
}

fn path(world: &World, row: &SegmentRow) -> PathBuf {
    world.volume_root().join(place(row).relative())
}

fn restart(world: &mut World) {
    world.kill();
    world.start().unwrap();
    world.run_on(Duration::from_secs(9));
}

/// What a repair of the first volume does about a segment.
fn repaired(world: &mut World, row: &SegmentRow) -> Vec<Repaired> {
    let later = world.clock.wall() + Duration::from_secs(3600);
    let done = world.repair(later).unwrap().into_iter();
    let done = done.filter(|(finding, _)| finding.segment == Some(row.id));
    done.map(|(_, repaired)| repaired).collect()
}

#[test]
fn a_repair_finds_the_last_copy_of_what_was_moving_where_it_lies() {
    // Also after a backup of the catalog that knew of no move: then the row is the same.
    for (seed, noted) in [(1, true), (2, false)] {
        let mut world = recorded(seed, 2);
        let (row, _) = copy(&mut world, 1);
        if !noted {
            let known = unsettled(&world).pop().unwrap();
            world.apply(&[Change::SegmentSettled(known)]);
        }
        lose(&world, 0, &row);
        restart(&mut world);
        assert_eq!(holders(&world, row.id), [1].into(), "seed {seed}: before the repair");
        let done = repaired(&mut world, &row);
        world.run_on(Duration::from_secs(9));
        let log = world.log.join("\n");
        assert_eq!(holders(&world, row.id), [1].into(), "seed {seed}: {done:?}\n{log}");
        assert_eq!(by_row(&world, row.id), Some(1), "seed {seed}: {done:?}\n{log}");
        assert!(unsettled(&world).is_empty());
        assert!(world.stop());
    }
}

#[test]
fn a_repair_forgets_nothing_while_the_other_disk_of_a_move_is_missing() {
    let (mut world, mut random) = (recorded(3, 2), Random::new(3));
    let (row, _) = copy(&mut world, 1);
    lose(&world, 0, &row);
    world.kill();
    world.disks[1].vanish(&mut random);
    world.start().unwrap();
    world.run_on(Duration::from_secs(9));
    let done = repaired(&mut world, &row);
    assert!(matches!(done[..], [Repaired::Left(_)]), "{done:?}");
    world.disks[1].come_back();
    world.run_on(Duration::from_secs(12));
    let _ = repaired(&mut world, &row);
    world.run_on(Duration::from_secs(9));
    assert_eq!(holders(&world, row.id), [1].into(), "{}", world.log.join("\n"));
    assert_eq!(by_row(&world, row.id), Some(1));
    assert!(world.stop());
}

#[test]
fn what_a_repair_has_forgotten_is_no_removal_in_the_middle_of_a_move() {
    let mut world = recorded(4, 2);
    let (row, _) = copy(&mut world, 1);
    lose(&world, 0, &row);
    world.apply(&[Change::SegmentLost(row.id)]);
    world.apply(&[Change::SegmentDeleted(row.id)]);
    restart(&mut world);
    world.finish_recovery().unwrap();
    assert_eq!(holders(&world, row.id), [1].into(), "{}", world.log.join("\n"));
    assert_eq!(by_row(&world, row.id), Some(1), "it is taken in");
    assert!(world.stop());
}

#[test]
fn what_went_to_another_disk_than_first_and_was_removed_there_does_not_come_back() {
    for (seed, removed) in [(5, true), (6, false)] {
        let mut world = recorded(seed, 3);
        // The copy is whole on the second disk, which goes while it is read back.
        let (row, _) = copy(&mut world, 1);
        let (_, moved) = copy(&mut world, 2);
        world.apply(&moved);
        let third = world.machine.as_ref().unwrap().volume_of(world.volume_id(2)).unwrap();
        let settled = drain_of(&world, 0).settle(&row, &third).unwrap();
        world.apply(&[settled]);
        drop(third);
        if removed {
            remove(&mut world, 2, &row);
        }
        restart(&mut world);
        world.finish_recovery().unwrap();
        let (expected, log) = ((!removed).then_some(2), world.log.join("\n"));
        assert_eq!(by_row(&world, row.id), expected, "seed {seed}\n{log}");
        assert_eq!(holders(&world, row.id), expected.into_iter().collect(), "seed {seed}\n{log}");
        assert!(unsettled(&world).is_empty());
        assert!(world.stop());
    }
}

#[test]
fn what_was_removed_while_it_moved_goes_though_the_other_disk_never_comes_back() {
    let (mut world, mut random) = (recorded(11, 2), Random::new(11));
    let (row, _) = copy(&mut world, 1);
    remove(&mut world, 0, &row);
    world.disks[0].vanish(&mut random);
    world.run_on(Duration::from_secs(9));
    let second = world.machine.as_ref().unwrap().volume_of(world.volume_id(1)).unwrap();
    assert!(second.usage(&place(&row)).is_err(), "{}", world.log.join("\n"));
    assert_eq!(unsettled(&world).len(), 1, "the first may have a file, too");
}

#[test]
fn a_note_that_cannot_be_read_keeps_no_footage_on_its_disk() {
    let mut world = recorded(7, 2);
    let rows = drain_of(&world, 0).next_sealed().unwrap().into_iter().collect::<Vec<_>>();
    let fault = Fault::new(Operation::Read, Effect::Fail(ErrorKind::Other));
    world.note_removed(0, &rows[0]);
    world.disks[0].add_fault(fault.on("holdfast-removed.json"));
    let moved = world.drain(0, 1);
    assert!(matches!(moved, Ok(count) if count > 1), "{moved:?}");
    assert!(world.stop());
}

#[test]
fn of_two_files_of_a_segment_the_damaged_one_goes() {
    // Whether the row says that it has moved; the file that it means is damaged.
    for (seed, moves) in [(8, true), (9, false)] {
        let mut world = recorded(seed, 2);
        let (row, moved) = copy(&mut world, 1);
        if moves {
            world.apply(&moved);
        }
        let damaged = usize::from(moves);
        damage(&world, damaged, &row, 0);
        restart(&mut world);
        world.run_on(Duration::from_secs(9));
        let log = world.log.join("\n");
        assert_eq!(holders(&world, row.id), [1 - damaged].into(), "seed {seed}\n{log}");
        assert_eq!(by_row(&world, row.id), Some(1 - damaged), "seed {seed}\n{log}");
        assert!(unsettled(&world).is_empty());
        assert!(world.stop());
    }
}

#[test]
fn of_two_files_of_a_segment_the_one_that_cannot_be_read_goes() {
    let mut world = recorded(20, 2);
    let (row, _) = copy(&mut world, 1);
    let fault = Fault::new(Operation::Read, Effect::Fail(ErrorKind::Other));
    world.disks[0].add_fault(fault.on(&row.id.to_string()));
    world.run_on(Duration::from_secs(9));
    assert_eq!(by_row(&world, row.id), Some(1), "{}", world.log.join("\n"));
    assert_eq!(holders(&world, row.id), [1].into(), "{}", world.log.join("\n"));
    assert!(unsettled(&world).is_empty());
    assert!(world.stop());
}

#[test]
fn of_two_files_that_cannot_be_read_and_are_not_whole_none_goes() {
    let mut world = recorded(21, 2);
    let (row, _) = copy(&mut world, 1);
    damage(&world, 1, &row, 0);
    let fault = Fault::new(Operation::Read, Effect::Fail(ErrorKind::Other));
    world.disks[0].add_fault(fault.on(&row.id.to_string()));
    world.run_on(Duration::from_secs(9));
    assert_eq!(by_row(&world, row.id), Some(0), "{}", world.log.join("\n"));
    assert_eq!(holders(&world, row.id), [0, 1].into(), "{}", world.log.join("\n"));
}

#[test]
fn what_was_removed_where_it_went_does_not_come_back_once_that_disk_is_taken_out() {
    let (mut world, mut random) = (recorded(22, 3), Random::new(22));
    let (row, moved) = copy(&mut world, 2);
    world.apply(&moved);
    world.disks[0].vanish(&mut random);
    remove(&mut world, 2, &row);
    world.apply(&[Change::RemoveVolume(world.volume_id(2))]);
    world.disks[0].come_back();
    world.run_on(Duration::from_secs(12));
    world.finish_recovery().unwrap();
    assert!(!holds(&world, 0, &row), "{}", world.log.join("\n"));
    assert_eq!(by_row(&world, row.id), None, "{}", world.log.join("\n"));
    assert!(unsettled(&world).is_empty());
}

#[test]
fn a_disk_on_which_nothing_can_be_removed_keeps_no_other_from_being_cleared() {
    let mut world = recorded(10, 3);
    let (stays, moved) = copy(&mut world, 1);
    world.apply(&moved);
    let third = world.machine.as_ref().unwrap().volume_of(world.volume_id(2)).unwrap();
    let mut drain = drain_of(&world, 0);
    drain.next_sealed().unwrap();
    let goes = drain.next_sealed().unwrap().unwrap();
    assert!(goes.id > stays.id, "what fails comes first");
    world.apply(&[drain.begins(&goes, &third)]);
    drain.copy(&goes, &third, world.clock.wall(), &mut |_| true).unwrap();
    drop((third, drain));
    let fault = Fault::new(Operation::RemoveFile, Effect::Fail(ErrorKind::ReadOnlyFilesystem));
    world.disks[0].add_fault(fault.on(".mp4"));
    restart(&mut world);
    let log = world.log.join("\n");
    assert_eq!(holders(&world, stays.id), [0, 1].into(), "{log}");
    assert_eq!(holders(&world, goes.id), [0].into(), "{log}");
    world.disks[0].clear_faults();
    world.run_on(Duration::from_secs(90));
    assert_eq!(holders(&world, stays.id), [1].into(), "{}", world.log.join("\n"));
    assert!(unsettled(&world).is_empty());
    assert!(world.stop());
}

#[test]
fn a_drain_removes_nothing_while_the_disk_that_it_moved_to_is_missing() {
    // Also what nobody has noted: it moved before moves were, or the catalog is an older one.
    for (seed, noted) in [(12, true), (13, false)] {
        let (mut world, mut random) = (recorded(seed, 3), Random::new(seed));
        let (row, moved) = copy(&mut world, 1);
        world.apply(&moved);
        if !noted {
            let known = unsettled(&world).pop().unwrap();
            world.apply(&[Change::SegmentSettled(known)]);
        }
        world.kill();
        world.disks[1].vanish(&mut random);
        world.start().unwrap();
        world.drain(0, 2).unwrap();
        world.run_on(Duration::from_secs(9));
        assert!(holds(&world, 0, &row), "seed {seed}\n{}", world.log.join("\n"));
        world.disks[1].come_back();
        world.run_on(Duration::from_secs(12));
        assert_eq!(holders(&world, row.id), [1].into(), "seed {seed}\n{}", world.log.join("\n"));
        assert!(unsettled(&world).is_empty());
        assert!(world.stop());
    }
}

#[test]
fn a_drain_removes_nothing_of_what_is_whole_nowhere() {
    let mut world = recorded(14, 3);
    let (row, moved) = copy(&mut world, 1);
    world.apply(&moved);
    damage(&world, 0, &row, 0);
    damage(&world, 1, &row, 99);
    restart(&mut world);
    world.drain(0, 2).unwrap();
    world.run_on(Duration::from_secs(9));
    assert_eq!(holders(&world, row.id), [0, 1].into(), "{}", world.log.join("\n"));
    assert!(world.stop());
}

#[test]
fn what_goes_with_a_dead_disk_was_not_removed_while_it_moved() {
    let (mut world, mut random) = (recorded(15, 2), Random::new(15));
    let (row, _) = copy(&mut world, 1);
    world.kill();
    world.disks[0].vanish(&mut random);
    world.start().unwrap();
    world.apply(&[forgotten(&row)]);
    world.run_on(Duration::from_secs(9));
    assert!(holds(&world, 1, &row), "{}", world.log.join("\n"));
    world.kill();
    world.start().unwrap();
    world.run_on(Duration::from_secs(9));
    world.finish_recovery().unwrap();
    assert_eq!(by_row(&world, row.id), Some(1), "it is taken in\n{}", world.log.join("\n"));
}

#[test]
fn what_goes_with_its_disk_while_it_is_copied_is_no_removal() {
    let mut world = recorded(17, 2);
    let (row, moved) = copy(&mut world, 1);
    world.apply(&[forgotten(&row)]);
    world.apply(&moved);
    let second = world.machine.as_ref().unwrap().volume_of(world.volume_id(1)).unwrap();
    let settled = drain_of(&world, 0).settle(&row, &second).unwrap();
    world.apply(&[settled]);
    assert!(holds(&world, 1, &row), "{}", world.log.join("\n"));
}

#[test]
fn of_a_disk_that_is_taken_out_what_lies_whole_elsewhere_stays() {
    for (seed, whole) in [(18, true), (19, false)] {
        let mut world = recorded(seed, 2);
        let (row, _) = copy(&mut world, 1);
        if !whole {
            damage(&world, 1, &row, 0);
        }
        let machine = world.machine.as_ref().unwrap();
        let second = machine.volume_of(world.volume_id(1)).unwrap();
        let open = |id| Some(second.clone()).filter(|it| it.identity().volume == id);
        let found = elsewhere::counts(&machine.catalog, &row, &open, &mut |_| true).unwrap();
        assert_eq!(found.is_some(), whole);
        world.apply(&found.unwrap_or_default());
        world.apply(&[forgotten(&row)]);
        assert_eq!(by_row(&world, row.id), whole.then_some(1), "{}", world.log.join("\n"));
    }
}

#[test]
fn a_second_try_writes_over_no_copy() {
    let mut world = recorded(16, 2);
    let (row, _) = copy(&mut world, 1);
    damage(&world, 0, &row, 0);
    let second = world.machine.as_ref().unwrap().volume_of(world.volume_id(1)).unwrap();
    let before = world.disks[1].read_all(&path(&world, &row), 1 << 30).unwrap();
    let drain = drain_of(&world, 0);
    let again = drain.copy(&row, &second, world.clock.wall(), &mut |_| true);
    let after = world.disks[1].read_all(&path(&world, &row), 1 << 30).unwrap();
    assert!(after == before, "the whole copy was written over");
    assert!(again.is_err(), "{again:?}");
    drop((drain, second));
    world.run_on(Duration::from_secs(9));
    assert_eq!(by_row(&world, row.id), Some(1), "{}", world.log.join("\n"));
    assert_eq!(holders(&world, row.id), [1].into(), "{}", world.log.join("\n"));
    assert!(unsettled(&world).is_empty());
    assert!(world.stop());
}
