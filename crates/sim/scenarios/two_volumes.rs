//! Two volumes. A stream goes from one to the other: at a key frame while both work, and from a
//! disk that does not answer, fails, or is gone. No frame is lost or doubled, other streams go on
//! undisturbed, and what the first volume holds is there once it is back.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use base::{SegmentId, WallTime};
use catalog::{Change, ProtectionRow};
use recorder::Drain;
use sim::World;
use sim::audit::{audit, read_back};
use sim::setup::Setup;
use world::sim::{Effect, Fault, Operation, Random};
use world::{Clock, Disk};

fn two(seed: u64) -> World {
    let mut world = World::with(seed, Setup { volumes: 2, ..Setup::default() });
    // Both begin on the first: the second camera shows that nobody else is disturbed.
    world.set_home(1, 0);
    world.start().unwrap();
    world
}

/// Everything that was sent is there once, and the archive is without fault.
fn assert_whole(world: &mut World, seed: u64, spared: u64) {
    let stopped = world.stop();
    let log = || world.log.join("\n");
    assert!(stopped, "seed {seed}: not all was committed\n{}", log());
    let found = read_back(world).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log()));
    let found: usize = found.values().map(|stamps| stamps.len()).sum();
    let (sent, lost) = (world.model.frames(), world.lost);
    assert_eq!(found + lost as usize, sent, "seed {seed}\n{}", log());
    assert!(lost <= spared, "seed {seed}: {lost} frames are lost\n{}", log());
    audit(world).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log()));
    let later = world.clock.wall() + Duration::from_secs(3600);
    let findings = world.check(later).unwrap().findings;
    assert!(findings.is_empty(), "seed {seed}: {findings:#?}\n{}", log());
}

#[test]
fn a_stream_that_moves_at_a_key_frame_has_no_gap() {
    for seed in 0..20 {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        for round in 0..4 {
            world.run(Duration::from_micros(random.below(6_000_000)));
            world.move_gently(0, (round + 1) % 2);
            assert_eq!(world.volume_of(0), Some(world.volume_id((round + 1) % 2)));
        }
        world.run(Duration::from_secs(3));
        assert_whole(&mut world, seed, 0);
        assert!(world.alarms.is_empty(), "seed {seed}: {:?}", world.alarms);
    }
}

#[test]
fn stuck_disk() {
    for seed in 0..30 {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.run(Duration::from_micros(random.below(9_000_000)));
        let fails = random.chance(50);
        let other = random.chance(50);
        world.hold_up(0, |world| {
            world.run(Duration::from_secs(5));
            world.take_over(0, 1);
            if other {
                world.take_over(1, 1);
            }
            world.run(Duration::from_micros(2_000_000 + random.below(20_000_000)));
            if fails {
                let fault = Fault::new(Operation::SyncData, Effect::Fail(ErrorKind::Other));
                world.disk.add_fault(fault.on("/camera-").times(1 + random.below(3)));
            }
        });
        // The first disk answers again: what it made durable late counts for nothing.
        world.run_on(Duration::from_secs(8));
        world.disk.clear_faults();
        world.run_on(Duration::from_secs(2));
        assert_eq!(world.volume_of(0), Some(world.volume_id(1)));
        if random.chance(50) {
            world.take_over(0, 0);
            world.run_on(Duration::from_secs(6));
        }
        assert_whole(&mut world, seed, 12);
    }
}

#[test]
fn dying_disk() {
    for seed in 0..30 {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.run(Duration::from_micros(random.below(9_000_000)));
        let operations = [Operation::SyncData, Operation::Write, Operation::Create];
        for operation in operations {
            let fault = Fault::new(operation, Effect::Fail(ErrorKind::Other));
            world.disk.add_fault(fault.on("/camera-").after(random.below(3)));
        }
        world.run_on(Duration::from_micros(1_500_000 + random.below(3_000_000)));
        world.take_over(0, 1);
        world.take_over(1, 1);
        world.run_on(Duration::from_secs(12));
        world.disk.clear_faults();
        world.run_on(Duration::from_secs(8));
        assert_whole(&mut world, seed, 12);
    }
}

#[test]
fn a_power_cut_at_any_moment_of_a_take_over_loses_nothing_durable_and_doubles_nothing() {
    for seed in 0..30 {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.run(Duration::from_micros(random.below(9_000_000)));
        let rest = Duration::from_micros(random.below(4_000_000));
        world.hold_up(0, |world| {
            world.run(Duration::from_secs(5));
            world.take_over(0, 1);
            world.run(rest);
        });
        if random.chance(50) {
            world.run_on(Duration::from_micros(random.below(3_000_000)));
        }
        world.cut_power();
        world.start().unwrap();
        world.run_on(Duration::from_secs(9));
        let stopped = world.stop();
        let log = || world.log.join("\n");
        assert!(stopped, "seed {seed}\n{}", log());
        audit(&world).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log()));
    }
}

#[test]
fn draining_a_volume_survives_a_power_cut_at_any_moment() {
    let mut cut_off = 0;
    for seed in 0..20 {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.run(Duration::from_secs(12));
        world.take_over(0, 1);
        world.take_over(1, 1);
        world.run_on(Duration::from_secs(4));
        let number = random.below(2) as usize;
        world.disks[number].fail_power_after(random.below(30));
        cut_off += usize::from(world.drain(0, 1).is_err());
        world.cut_power();
        world.start().unwrap();
        world.run_on(Duration::from_secs(5));
        let log = |world: &World| world.log.join("\n");
        world.drain(0, 1).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log(&world)));
        let first = world.machine.as_ref().unwrap().volume();
        let files: usize =
            first.days().unwrap().iter().map(|day| first.segments(day).unwrap().len()).sum();
        assert_eq!(files, 0, "seed {seed}: something is left\n{}", log(&world));
        assert!(world.stop(), "seed {seed}");
        audit(&world).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log(&world)));
        let later = world.clock.wall() + Duration::from_secs(3600);
        let findings = world.check(later).unwrap().findings;
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}\n{}", log(&world));
    }
    assert!(cut_off > 5, "the power went only {cut_off} times while something moved");
}

#[test]
fn what_was_removed_on_one_volume_explains_what_follows_on_another() {
    let mut world = two(3);
    world.run(Duration::from_secs(9));
    world.move_gently(0, 1);
    world.run(Duration::from_secs(6));
    assert!(world.stop());
    let (_, stream) = world.streams()[0];
    let catalog = world.machine.as_ref().unwrap().catalog.clone();
    let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    let (first, second) = (world.volume_id(0), world.volume_id(1));
    let (old, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.volume == first);
    assert!(old.len() > 1 && new.iter().all(|row| row.volume == second) && !new.is_empty());
    let begin = old.first().unwrap();
    // The newest of the first volume goes, as a person deletes it; what is older stays.
    let gone = old.last().unwrap();
    world.note_removed(0, gone);
    world.apply(&[Change::SegmentGarbage(gone.id), Change::SegmentDeleted(gone.id)]);
    let volume = world.machine.as_ref().unwrap().volume();
    let place = archive::SegmentPlace {
        camera_slug: gone.camera_slug.to_string(),
        stream: gone.stream_name.to_string(),
        start: gone.start,
        id: gone.id,
    };
    volume.remove(&place).unwrap();
    assert_eq!(new[0].predecessor.map(|named| named.segment), Some(gone.id));
    assert!(catalog.segment(begin.id).unwrap().is_some());
    let later = world.clock.wall() + Duration::from_secs(3600);
    let findings = world.check(later).unwrap().findings;
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn what_is_damaged_on_a_volume_that_is_drained_moves_with_its_mark() {
    let mut world = two(4);
    world.run(Duration::from_secs(9));
    world.take_over(0, 1);
    world.take_over(1, 1);
    world.run_on(Duration::from_secs(8));
    let machine = world.machine.as_ref().unwrap();
    let (volume, catalog) = (machine.volume(), machine.catalog.clone());
    let day = volume.days().unwrap().remove(0);
    let place = volume.segments(&day).unwrap().remove(1);
    let path = world.volume_root().join(place.relative());
    let mut bytes = world.disk.read_all(&path, 1 << 30).unwrap();
    let half = bytes.len() / 2;
    bytes[half] ^= 0x40;
    world.disk.open(&path, true).unwrap().write_all_at(&[&bytes], 0).unwrap();
    let files: usize =
        volume.days().unwrap().iter().map(|d| volume.segments(d).unwrap().len()).sum();
    assert_eq!(world.drain(0, 1).unwrap(), files);
    assert_eq!(volume.days().unwrap().len(), 0, "nothing is left");
    let marks = catalog.damaged(world.volume_id(1)).unwrap();
    let marks: Vec<_> = marks.iter().map(|mark| (mark.segment, &*mark.name)).collect();
    assert_eq!(marks, [(place.id, "chain-broken")]);
    assert!(world.stop());
    let later = world.clock.wall() + Duration::from_secs(3600);
    assert!(world.check(later).unwrap().is_clean());
}

#[test]
fn what_is_removed_while_it_is_moved_does_not_come_back() {
    // How far its removal has come when the move is done, and whether that was first.
    for (seed, (swept, first)) in (0..).zip([(true, true), (false, true), (true, false)]) {
        let mut world = two(seed);
        world.run(Duration::from_secs(20));
        world.take_over(0, 1);
        world.take_over(1, 1);
        world.run_on(Duration::from_secs(6));
        let machine = world.machine.as_ref().unwrap();
        let volume = |number| machine.volume_of(world.volume_id(number)).unwrap();
        let (from, to) = (volume(0), volume(1));
        let mut drain = Drain::new(from.clone(), machine.catalog.clone());
        let row = drain.next_sealed().unwrap().unwrap();
        world.apply(&[drain.begins(&row, &to)]);
        let moved = drain.copy(&row, &to, world.clock.wall(), &mut |_| true).unwrap();
        let [moved] = <[Change; 1]>::try_from(moved).unwrap();
        let place = archive::SegmentPlace {
            camera_slug: row.camera_slug.to_string(),
            stream: row.stream_name.to_string(),
            start: row.start,
            id: row.id,
        };
        if first {
            world.apply(&[Change::SegmentGarbage(row.id), moved]);
        } else {
            world.apply(&[moved, Change::SegmentGarbage(row.id)]);
        }
        let its_own = if first { &from } else { &to };
        let sweep = |world: &mut World| {
            its_own.remove(&place).unwrap();
            world.apply(&[Change::SegmentDeleted(row.id)]);
        };
        if swept {
            sweep(&mut world);
        }
        drain.settle(&row, &to).unwrap();
        if !swept {
            sweep(&mut world);
        }
        let left = [&from, &to].map(|volume| volume.usage(&place).is_ok());
        assert_eq!(left, [false, false], "seed {seed}: old file, copy");
        drop((from, to, drain));
        assert!(world.stop(), "seed {seed}");
        world.forget_process();
        world.start().unwrap();
        world.finish_recovery().unwrap();
        world.run_on(Duration::from_secs(5));
        let again = world.machine.as_ref().unwrap().catalog.segment(row.id).unwrap();
        assert!(again.is_none(), "seed {seed}: {again:?}");
    }
}

/// What is protected of a stream, and what is hidden.
type Kept = (Vec<ProtectionRow>, Vec<(WallTime, WallTime)>);

fn kept(world: &World) -> Vec<Kept> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let all = (WallTime::EPOCH, WallTime::MAX);
    let of = |(_, stream)| {
        let protected = catalog.protections(stream, all.0, all.1).unwrap();
        (protected, catalog.hidden(stream, all.0, all.1).unwrap())
    };
    world.streams().into_iter().map(of).collect()
}

#[test]
fn what_was_protected_deleted_and_removed_is_known_where_a_drained_volume_went() {
    let mut removed = 0;
    for seed in 0..12 {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.keep_bytes(u64::MAX);
        let began = world.clock.wall();
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        world.run(Duration::from_secs(25));
        let (door, yard) = (world.streams()[0].1, world.streams()[1].1);
        // Of some of it whole segments go, with a note; the rest is hidden.
        world.try_apply(Change::Hide { stream: yard, from: at(3), to: at(15) });
        world.run(Duration::from_secs(11));
        world.take_over(0, 1);
        world.take_over(1, 1);
        world.run_on(Duration::from_secs(4));
        let (from, to) = (at(5 + random.below(4)), at(12));
        let (made, made_by) = (at(20), "anna".to_owned());
        let row = ProtectionRow { stream: door, from, to, made, made_by, note: "why".to_owned() };
        world.try_apply(Change::Protect(row));
        let before = kept(&world);
        assert!(!before[0].0.is_empty() && !before[1].1.is_empty());
        world.finish_recovery().unwrap();
        let first = world.machine.as_ref().unwrap().volume();
        removed += usize::from(first.read_removed("camera-1", "main").unwrap().is_some());
        drop(first);
        assert!(world.drain(0, 1).unwrap() > 4, "seed {seed}");
        // The first disk is thrown away, and the catalog is lost before anybody could do more.
        world.kill();
        world.disks[0].vanish(&mut random);
        world.rebuild_catalog().unwrap();
        world.start().unwrap();
        assert_eq!(kept(&world), before, "seed {seed}: {}", world.log.join("\n"));
        world.run_on(Duration::from_secs(9));
        // What was cut off may have been gone on with there.
        assert!(!world.unfinished().is_empty() && world.held_is_shown().is_ok(), "seed {seed}");
        world.give_up(0);
        world.run_on(Duration::from_secs(9));
        assert!(world.stop(), "seed {seed}");
        let later = world.clock.wall() + Duration::from_secs(3600);
        let findings = world.check(later).unwrap().findings;
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}\n{}", world.log.join("\n"));
    }
    assert!(removed > 5, "something was removed only {removed} times");
}

#[test]
fn a_volume_that_was_never_there_is_not_waited_for() {
    for left_out in [false, true] {
        let mut world = two(3);
        let mut random = Random::new(3);
        world.disks[1].vanish(&mut random);
        world.kill();
        world.start().unwrap();
        world.run(Duration::from_secs(6));
        world.finish_recovery().unwrap();
        // As the program does after some minutes.
        let (volume, at_work) = (world.volume_id(1), !left_out);
        world.apply(&[Change::VolumeAtWork { volume, at_work }]);
        world.cut_power();
        world.start().unwrap();
        world.run(Duration::from_secs(6));
        world.held_is_shown().unwrap();
        assert_eq!(world.unfinished().is_empty(), left_out, "{}", world.log.join("\n"));
        world.disks[1].come_back();
        world.run_on(Duration::from_secs(12));
        assert!(world.unfinished().is_empty(), "{}", world.log.join("\n"));
        let at_work = world.machine.as_ref().unwrap().catalog.volumes_at_work().unwrap();
        assert_eq!(at_work.len(), 2, "it may be gone on to again");
        assert!(world.stop());
        audit(&world).unwrap();
    }
}

/// How many files each segment has, on both volumes.
fn files(world: &World) -> BTreeMap<SegmentId, usize> {
    let mut files = BTreeMap::new();
    for at_work in world.machine.as_ref().unwrap().at_work() {
        for day in at_work.volume.days().unwrap() {
            for place in at_work.volume.segments(&day).unwrap() {
                *files.entry(place.id).or_default() += 1;
            }
        }
    }
    files
}

#[test]
fn of_a_segment_whose_move_the_power_cut_short_one_file_is_left() {
    let (mut both, mut seed) = (0, 0);
    while both < 5 {
        assert!(seed < 60, "a segment lay on both volumes only {both} times");
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.keep_bytes(u64::MAX);
        world.run(Duration::from_secs(12));
        world.take_over(0, 1);
        world.take_over(1, 1);
        world.run_on(Duration::from_secs(4));
        let number = random.below(2) as usize;
        world.disks[number].fail_power_after(random.below(30));
        let _ = world.drain(0, 1);
        world.cut_power();
        let rebuilt = seed % 3 == 2;
        if rebuilt {
            world.rebuild_catalog().unwrap();
        }
        world.start().unwrap();
        let before = files(&world);
        both += usize::from(before.values().any(|count| *count > 1));
        // Nobody drains it any more.
        world.run_on(Duration::from_secs(9));
        let log = || world.log.join("\n");
        let after = files(&world);
        assert!(after.values().all(|count| *count == 1), "seed {seed}: {after:?}\n{}", log());
        assert!(before.keys().all(|id| after.contains_key(id)), "seed {seed}\n{}", log());
        let moving = world.machine.as_ref().unwrap().catalog.moving(None, 9).unwrap();
        assert!(moving.is_empty(), "seed {seed}: {moving:?}");
        assert!(world.stop(), "seed {seed}");
        if !rebuilt {
            audit(&world).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        let later = world.clock.wall() + Duration::from_secs(3600);
        let mut findings = world.check(later).unwrap().findings;
        // Of a copy that never came to its name a new catalog knows nothing.
        findings.retain(|finding| !rebuilt || finding.damage != recorder::Damage::Foreign);
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
        seed += 1;
    }
}

#[test]
fn what_is_removed_before_a_move_that_was_cut_short_is_settled_does_not_come_back() {
    // Whether its row said at last that it lies on the target, and whether the second is missing at
    // the start.
    for (seed, (moves, missing)) in (0..).zip([(true, false), (false, false), (true, true)]) {
        let (mut world, mut random) = (two(seed), Random::new(seed));
        world.keep_bytes(u64::MAX);
        world.run(Duration::from_secs(20));
        world.take_over(0, 1);
        world.take_over(1, 1);
        world.run_on(Duration::from_secs(6));
        let machine = world.machine.as_ref().unwrap();
        let volume = |number| machine.volume_of(world.volume_id(number)).unwrap();
        let (from, to) = (volume(0), volume(1));
        let mut drain = Drain::new(from.clone(), machine.catalog.clone());
        let row = drain.next_sealed().unwrap().unwrap();
        world.apply(&[drain.begins(&row, &to)]);
        let moved = drain.copy(&row, &to, world.clock.wall(), &mut |_| true).unwrap();
        if moves {
            world.apply(&moved);
        }
        let place = archive::SegmentPlace {
            camera_slug: row.camera_slug.to_string(),
            stream: row.stream_name.to_string(),
            start: row.start,
            id: row.id,
        };
        let its_own = if moves { &to } else { &from };
        world.apply(&[Change::SegmentGarbage(row.id)]);
        its_own.remove(&place).unwrap();
        world.apply(&[Change::SegmentDeleted(row.id)]);
        drop((from, to, drain));
        world.kill();
        if missing {
            world.disks[1].vanish(&mut random);
        }
        world.start().unwrap();
        world.run_on(Duration::from_secs(9));
        if missing {
            world.disks[1].come_back();
            world.run_on(Duration::from_secs(12));
        }
        world.finish_recovery().unwrap();
        let machine = world.machine.as_ref().unwrap();
        let again = machine.catalog.segment(row.id).unwrap();
        assert!(again.is_none(), "seed {seed}: {again:?}\n{}", world.log.join("\n"));
        assert!(!files(&world).contains_key(&row.id), "seed {seed}: its file is there");
        assert!(machine.catalog.moving(None, 9).unwrap().is_empty(), "seed {seed}");
        assert!(world.stop(), "seed {seed}");
    }
}
