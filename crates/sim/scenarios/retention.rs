//! Old footage goes while cameras send and the power fails: oldest first, row before file before
//! row, and nothing that was not to go.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use catalog::{Change, ProtectionRow, SegmentRow, SegmentState};
use config::Keep;
use recorder::retain::Rules;
use recorder::{Now, Retention};
use sim::{Setup, World};
use world::Clock;
use world::sim::Random;

const STREAM_BYTES_MAX: u64 = 120_000;
const CAPACITY: u64 = 64 << 20;
const MISSING: u64 = 3_000_000;
/// Reserved ahead of what grows, and recorded in a minute.
const RESERVED: u64 = 3_500_000;

fn rules(world: &World, bytes_per_second: u64) -> Rules {
    let keep = Keep { max_bytes: Some(STREAM_BYTES_MAX), ..Keep::default() };
    let streams = world.streams().into_iter().map(|(_, id)| (id, keep));
    Rules { keep_free: 0, streams: streams.collect(), bytes_per_second }
}

/// One round of retention, as its thread does it.
fn retain(world: &mut World, random: &mut Random) {
    let machine = world.machine.as_ref().unwrap();
    let mut retention = Retention::new(machine.volume(), machine.catalog.clone());
    let rules = rules(world, world.bytes_per_second());
    if random.chance(20) {
        world.disk.fail_power_after(random.below(4));
    }
    let Ok(decision) = retention.decide(&rules, Now::of(&world.clock)) else { return };
    world.apply(&decision.changes);
    if random.chance(20) {
        return;
    }
    let swept = retention.sweep().unwrap();
    if random.chance(80) {
        world.apply(&swept.changes);
    }
}

fn scenario(seed: u64) {
    let mut random = Random::new(seed);
    let mut world = World::new(seed);
    world.start().unwrap();
    for _ in 0..20 {
        let ended = world.run(Duration::from_micros(random.below(5_000_000)));
        retain(&mut world, &mut random);
        if ended == sim::Ended::DiskFailed || random.chance(10) {
            world.cut_power();
            world.start().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
    }
    world.cut_power();
    world.start().unwrap();
    world.run(Duration::from_secs(4));
    assert!(world.stop(), "seed {seed}");
    // Twice: what a cut left half removed, and what came since.
    for _ in 0..2 {
        let machine = world.machine.as_ref().unwrap();
        let mut retention = Retention::new(machine.volume(), machine.catalog.clone());
        let decision = retention.decide(&rules(&world, 0), Now::of(&world.clock)).unwrap();
        world.apply(&decision.changes);
        let swept = retention.sweep().unwrap();
        assert!(swept.failed.is_empty(), "seed {seed}: {:?}", swept.failed);
        world.apply(&swept.changes);
    }
    let machine = world.machine.as_ref().unwrap();
    assert!(machine.catalog.garbage_rows().unwrap().is_empty(), "seed {seed}");
    for (number, stream) in world.streams() {
        let bytes = machine.catalog.totals(stream).unwrap().allocated;
        assert!(bytes <= STREAM_BYTES_MAX, "seed {seed}: {bytes} bytes of camera {number}");
        let rows = machine.catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
        assert!(!rows.is_empty(), "seed {seed}: nothing is left of camera {number}");
        let newest = rows.last().unwrap().end;
        assert!(world.clock.wall().since(newest) < Duration::from_secs(2), "seed {seed}");
    }
    let later = world.clock.wall() + Duration::from_secs(3600);
    let findings = world.check(later).unwrap().findings;
    assert!(findings.is_empty(), "seed {seed}: {findings:#?}\n{}", world.log.join("\n"));
}

#[test]
fn streams_keep_to_their_bytes_and_no_file_or_row_is_left_alone() {
    for seed in 0..20 {
        scenario(seed);
    }
}

/// A disk that frees what is removed only later, on which some megabytes too few are free.
fn in_need(frees_after: Duration) -> World {
    let mut world = World::with(3, Setup { capacity: CAPACITY, ..Setup::default() });
    world.start().unwrap();
    world.run(Duration::from_secs(1200));
    world.disk.set_frees_after(Some(frees_after));
    // A tenth of a disk is the most that is kept free for what comes.
    world.keep_free(available(&world) + MISSING - CAPACITY / 10);
    world
}

fn available(world: &World) -> u64 {
    world.machine.as_ref().unwrap().volume().space().unwrap().available
}

fn rows(world: &World) -> Vec<SegmentRow> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let of = |(_, id)| catalog.segments(id, WallTime::EPOCH, WallTime::MAX).unwrap();
    world.streams().into_iter().flat_map(of).collect()
}

/// Bytes of those of `before` that are gone.
fn gone(world: &World, before: &[SegmentRow]) -> u64 {
    let now: Vec<_> = rows(world).into_iter().map(|row| row.id).collect();
    before.iter().filter(|row| !now.contains(&row.id)).map(|row| row.allocated).sum()
}

#[test]
fn what_was_removed_and_is_not_free_yet_is_not_removed_twice() {
    let mut world = in_need(Duration::from_secs(32));
    let before = rows(&world);
    world.run_on(Duration::from_secs(30));
    let first = gone(&world, &before);
    assert!((MISSING..MISSING + RESERVED).contains(&first), "{first} bytes are gone");
    world.run_on(Duration::from_secs(90));
    let gone = gone(&world, &before);
    // What came meanwhile took as much again, and no more.
    assert!(gone < 2 * MISSING + RESERVED, "{gone} bytes are gone");
    assert!(world.alarms.is_empty(), "{:?}", world.alarms);
}

#[test]
fn under_a_snapshot_footage_stays_and_somebody_is_told() {
    let mut world = in_need(Duration::from_secs(1 << 30));
    let before = rows(&world);
    world.run_on(Duration::from_secs(300));
    let gone = gone(&world, &before);
    assert!((MISSING..MISSING + RESERVED).contains(&gone), "{gone} bytes are gone");
    let told = |world: &World| {
        let mut words = world.alarms.iter().rev().take(3).map(|(_, words)| words);
        words.any(|words| words.contains("does not become free"))
    };
    assert!(told(&world), "{:?}", world.alarms);
    // Limits of streams hold all the same.
    world.keep_bytes(STREAM_BYTES_MAX);
    world.run_on(Duration::from_secs(90));
    let left = rows(&world).into_iter().filter(|row| row.state == SegmentState::Sealed);
    let left: u64 = left.map(|row| row.allocated).sum();
    assert!(left <= 2 * STREAM_BYTES_MAX, "{left}");
}

#[test]
fn what_is_protected_while_a_decision_waits_stays() {
    let mut world = World::new(1);
    world.start().unwrap();
    world.run(Duration::from_secs(60));
    assert!(world.stop());
    let machine = world.machine.as_ref().unwrap();
    let mut retention = Retention::new(machine.volume(), machine.catalog.clone());
    let decision = retention.decide(&rules(&world, 0), Now::of(&world.clock)).unwrap();
    let [(held, _), rest @ ..] = decision.removed.as_slice() else { panic!("nothing is to go") };
    assert!(!rest.is_empty(), "something else goes with it");
    world.apply(&[Change::Protect(ProtectionRow {
        stream: held.stream,
        from: held.start,
        to: held.start.plus_micros(1),
        made: world.clock.wall(),
        made_by: "somebody".to_owned(),
        note: String::new(),
    })]);
    world.apply(&decision.changes);
    let swept = retention.sweep().unwrap();
    world.apply(&swept.changes);
    assert_eq!(swept.failed, [""; 0]);

    let machine = world.machine.as_ref().unwrap();
    let row = machine.catalog.segment(held.id).unwrap().expect("it was answered that it is held");
    assert_eq!(row.state, SegmentState::Sealed);
    for (segment, _) in rest {
        assert_eq!(machine.catalog.segment(segment.id).unwrap(), None, "the others are gone");
    }
    let place = archive::SegmentPlace {
        camera_slug: row.camera_slug.to_string(),
        stream: row.stream_name.to_string(),
        start: row.start,
        id: row.id,
    };
    assert!(machine.volume().sealed(&place).is_ok(), "its file stands");
}

#[test]
fn what_was_deleted_before_it_was_protected_goes() {
    let mut world = World::new(2);
    world.start().unwrap();
    world.run(Duration::from_secs(20));
    assert!(world.stop());
    let machine = world.machine.as_ref().unwrap();
    let stream = world.streams()[0].1;
    let rows = machine.catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    let (first, second) = (rows[0].clone(), rows[1].clone());
    world.apply(&[
        Change::Hide { stream, from: first.start, to: first.end.plus_micros(1) },
        Change::Protect(ProtectionRow {
            stream,
            from: first.start,
            to: second.end,
            made: second.end,
            made_by: "somebody".to_owned(),
            note: String::new(),
        }),
    ]);
    let machine = world.machine.as_ref().unwrap();
    let mut retention = Retention::new(machine.volume(), machine.catalog.clone());
    let none = Rules { streams: Vec::new(), ..rules(&world, 0) };
    let decision = retention.decide(&none, Now::of(&world.clock)).unwrap();
    let gone: Vec<_> = decision.removed.iter().map(|(segment, _)| segment.id).collect();
    assert_eq!(gone, [first.id], "no byte of it is kept for the sake of what was protected later");
    world.apply(&decision.changes);
    let machine = world.machine.as_ref().unwrap();
    let state = |id| machine.catalog.segment(id).unwrap().unwrap().state;
    assert_eq!(state(first.id), SegmentState::Garbage);
    assert_eq!(state(second.id), SegmentState::Sealed);
}

#[test]
fn a_rebuilt_catalog_knows_what_was_deleted_where_more_was_protected_later() {
    let mut world = World::new(5);
    world.start().unwrap();
    world.run(Duration::from_secs(18));
    assert!(world.stop());
    let stream = world.streams()[1].1;
    let machine = world.machine.as_ref().unwrap();
    let rows = machine.catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    let (from, to) = (rows[1].start, rows[1].start.plus_micros(500_000));
    let protected = ProtectionRow {
        stream,
        from: rows[0].start,
        to: rows[3].end,
        made: to,
        made_by: "somebody".to_owned(),
        note: "the whole day".to_owned(),
    };
    world.apply(&[Change::Hide { stream, from, to }, Change::Protect(protected.clone())]);
    let said = |world: &World| {
        let catalog = world.machine.as_ref().unwrap().catalog.clone();
        let hidden = catalog.hidden(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
        (hidden, catalog.protections(stream, WallTime::EPOCH, WallTime::MAX).unwrap())
    };
    let before = said(&world);
    assert_eq!(before, (vec![(from, to)], vec![protected]));
    let machine = world.machine.as_ref().unwrap();
    let mut kept = recorder::retain::KeptFiles::new(machine.volume(), machine.catalog.clone());
    assert_eq!(kept.follow().unwrap().failed, [""; 0]);
    world.forget_process();
    let rebuilt = world.rebuild_catalog().unwrap();
    assert_eq!(rebuilt.left, [""; 0]);
    world.start().unwrap();
    assert_eq!(said(&world), before);
}
