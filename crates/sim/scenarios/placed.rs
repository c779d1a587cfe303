//! A disk hangs while cameras are reconfigured, streams are paused, or everything is stopped: what
//! was in memory is recorded on the other disk before the first one answers, or is counted.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::{StreamId, WallTime};
use catalog::SegmentRow;
use sim::World;
use sim::audit::{audit, read_back};
use sim::setup::Setup;
use world::Clock;
use world::sim::{Effect, Fault, Operation, Random, SimDisk};

/// Two cameras that are recorded for a while.
fn world(seed: u64, volumes: usize) -> World {
    begin(seed, Setup { volumes, placed: true, ..Setup::default() })
}

fn begin(seed: u64, setup: Setup) -> World {
    let mut world = World::with(seed, setup);
    world.model.late_max = Duration::from_millis(300);
    world.start().unwrap();
    world.run_on(Duration::from_micros(4_000_000 + Random::new(seed).below(4_000_000)));
    world
}

/// The volume of two that the first camera is not recorded on.
fn elsewhere(world: &World) -> usize {
    let there = world.volume_of(0).unwrap();
    (0..2).find(|number| world.volume_id(*number) != there).unwrap()
}

fn rows(world: &World, stream: StreamId) -> Vec<SegmentRow> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap()
}

fn found(world: &World) -> usize {
    let found = read_back(world).unwrap_or_else(|e| panic!("{e}\n{}", world.log.join("\n")));
    found.values().map(|stamps| stamps.len()).sum()
}

/// The gaps between runs: their causes, and how long the longest is.
fn gaps(world: &World, stream: StreamId) -> (Vec<String>, i64) {
    let rows = rows(world, stream);
    let gaps: Vec<_> = rows.windows(2).filter(|pair| pair[0].run != pair[1].run).collect();
    let longest = gaps.iter().map(|pair| pair[1].start.micros_since(pair[0].end)).max();
    let cause = |pair: &&[SegmentRow]| pair[0].end_cause.clone().unwrap_or_default();
    (gaps.iter().map(cause).collect(), longest.unwrap_or_default())
}

#[test]
fn while_a_disk_hangs_old_and_new_sessions_are_recorded_elsewhere_with_a_gap_between() {
    for seed in 0..10 {
        let mut world = world(seed, 2);
        world.hold_up(0, |world| {
            world.run_on(Duration::from_secs(1));
            world.reconfigure(0);
            world.run_on(Duration::from_secs(2));
            world.reconfigure(1);
            world.run_on(Duration::from_secs(9));
            for (number, stream) in world.streams() {
                let tail = world.machine.as_ref().unwrap().catalog.tail();
                let durable = tail.durable_until(stream).unwrap();
                let age = world.clock.wall().micros_since(durable);
                assert!(age < 2_000_000, "seed {seed}, camera {number}: durable {age} µs ago");
            }
        });
        world.run_on(Duration::from_secs(6));
        assert!(world.stop(), "seed {seed}");
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
        for (_, stream) in world.streams() {
            let (causes, longest) = gaps(&world, stream);
            assert_eq!(causes, ["reconfigured"], "seed {seed}");
            assert!(longest < 1_600_000, "seed {seed}: {longest} µs");
        }
        audit(&world).unwrap();
    }
}

#[test]
fn a_stream_that_is_paused_while_its_disk_hangs_is_recorded_to_its_end_elsewhere() {
    for seed in 0..10 {
        let mut world = world(seed, 2);
        world.hold_up(0, |world| {
            world.run_on(Duration::from_secs(1));
            world.pause(0);
            world.pause(1);
            world.run_on(Duration::from_secs(9));
            let machine = world.machine.as_ref().unwrap();
            let waiting = |number| machine.reader(number).waiting().frames;
            assert_eq!([0, 1].map(waiting), [0, 0], "seed {seed}");
            assert_eq!(world.volume_of(0).or(world.volume_of(1)), None, "seed {seed}");
        });
        world.run_on(Duration::from_secs(20));
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
        for (_, stream) in world.streams() {
            let last = rows(&world, stream).pop().unwrap();
            assert_eq!(last.end_cause.as_deref(), Some("paused"), "seed {seed}");
        }
        world.resume(0);
        world.resume(1);
        world.run_on(Duration::from_secs(4));
        assert!(world.stop(), "seed {seed}");
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
        for (_, stream) in world.streams() {
            assert_eq!(gaps(&world, stream).0, ["paused"], "seed {seed}");
        }
    }
}

#[test]
fn a_stream_that_is_paused_while_it_moves_is_recorded_to_its_end() {
    for seed in 0..40 {
        let (mut world, mut random) = (world(seed, 2), Random::new(seed));
        world.wish(0, elsewhere(&world));
        world.run_on(Duration::from_micros(500_000 + random.below(1_500_000)));
        world.pause(0);
        world.run_on(Duration::from_secs(20));
        let waiting = world.machine.as_ref().unwrap().reader(0).waiting().frames;
        assert_eq!((waiting, world.volume_of(0)), (0, None), "seed {seed}");
        assert!(world.stop(), "seed {seed}");
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
    }
}

#[test]
fn a_stream_that_is_reconfigured_and_moves_before_its_disk_hears_of_either_goes_on() {
    for seed in 0..40 {
        let (mut world, mut random) = (world(seed, 2), Random::new(seed));
        let to = elsewhere(&world);
        for disk in &world.disks {
            let slow = Effect::Slow(Duration::from_millis(1200));
            disk.add_fault(Fault::new(Operation::SyncData, slow).on("/camera-").times(20));
        }
        world.run_on(Duration::from_micros(random.below(3_000_000)));
        world.reconfigure(0);
        world.wish(0, to);
        world.run_on(Duration::from_secs(8));
        world.disks.iter().for_each(SimDisk::clear_faults);
        world.run_on(Duration::from_secs(20));
        assert!(world.volume_of(0).is_some() && world.stop(), "seed {seed}");
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
        let rows = rows(&world, world.streams()[0].1);
        let causes: Vec<_> = rows.iter().filter_map(|row| row.end_cause.as_deref()).collect();
        assert_eq!(causes, ["reconfigured", "shutdown"], "seed {seed}: {rows:#?}");
    }
}

#[test]
fn a_pause_that_is_over_at_once_is_the_cause_of_the_gap() {
    for seed in 0..20 {
        let mut world = world(seed, 1);
        world.pause(0);
        world.resume(0);
        world.run_on(Duration::from_secs(5));
        assert!(world.stop(), "seed {seed}");
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
        assert_eq!(gaps(&world, world.streams()[0].1).0, ["paused"], "seed {seed}");
    }
}

#[test]
fn frames_that_are_dropped_once_the_file_before_them_is_sealed_leave_a_gap_with_its_cause() {
    for seed in 0..10 {
        let setup = Setup { volumes: 2, placed: true, memory_max: 20_000, ..Setup::default() };
        let mut world = begin(seed, setup);
        let to = elsewhere(&world);
        // It is let go here, and not taken in there.
        world.hold_up(to, |world| {
            world.wish(0, to);
            world.run_on(Duration::from_secs(15));
        });
        world.run_on(Duration::from_secs(6));
        assert!(world.stop() && world.lost > 0, "seed {seed}");
        let rows = rows(&world, world.streams()[0].1);
        // Where it goes on elsewhere its clock may have moved a little.
        let hole = |pair: &&[SegmentRow]| pair[0].end + world.model.tolerance < pair[1].start;
        let holes: Vec<_> = rows.windows(2).filter(hole).collect();
        let told = |pair: &&[SegmentRow]| pair[0].end_cause.as_deref() == Some("overload");
        assert!(!holes.is_empty() && holes.iter().all(told), "seed {seed}: {holes:#?}");
    }
}

#[test]
fn at_the_end_the_other_disk_writes_what_the_one_that_hangs_has_not() {
    for seed in 0..10 {
        let (mut world, mut committed) = (world(seed, 2), false);
        let mut took = Duration::ZERO;
        world.hold_up(0, |world| {
            world.run_on(Duration::from_millis(1500));
            let began = world.clock.mono();
            committed = world.stop();
            took = world.clock.mono().since(began);
        });
        assert!(committed, "seed {seed}: {}", world.log.join("\n"));
        assert!(took < Duration::from_secs(7), "seed {seed}: it took {took:?}");
        let (sent, lost) = (world.model.frames(), world.lost);
        world.kill();
        world.start().unwrap();
        world.run_on(Duration::from_secs(6));
        assert!(world.stop(), "seed {seed}");
        let more = world.model.frames() - sent;
        assert_eq!((found(&world), lost), (sent + more, 0), "seed {seed}");
        audit(&world).unwrap();
    }
}

#[test]
fn with_no_other_disk_what_could_not_be_written_is_counted() {
    for seed in 0..6 {
        let (mut world, mut committed) = (world(seed, 1), true);
        world.hold_up(0, |world| {
            world.run_on(Duration::from_millis(1500));
            committed = world.stop();
            // The process is gone before its disk answers.
            world.disk.set_read_only(true);
        });
        assert!(!committed && world.uncommitted > 0, "seed {seed}");
        world.disk.set_read_only(false);
        let (sent, uncommitted) = (world.model.frames(), world.uncommitted as usize);
        world.kill();
        world.start().unwrap();
        world.run_on(Duration::from_secs(6));
        assert!(world.stop(), "seed {seed}");
        let more = world.model.frames() - sent;
        let found = found(&world) - more;
        // What it had written and not synced survives a kill.
        assert!(found + uncommitted >= sent && found <= sent, "seed {seed}: {found} of {sent}");
    }
}

#[test]
fn a_session_that_ends_in_time_is_one_file_however_far_apart_the_syncs_are() {
    for (seed, seconds) in (0..10).flat_map(|seed| [2, 4, 10, 30].map(|seconds| (seed, seconds))) {
        let setup = Setup {
            placed: true,
            sync_interval: Duration::from_secs(seconds),
            segment_duration: Duration::from_secs(300),
            ..Setup::default()
        };
        let mut world = begin(seed, setup);
        world.run_on(Duration::from_secs(2 * seconds + seed));
        world.pause(0);
        // Whatever came before that is durable within an interval.
        world.run_on(Duration::from_secs(seconds + 2));
        let waiting = world.machine.as_ref().unwrap().reader(0).waiting().frames;
        assert_eq!(waiting, 0, "seed {seed}, every {seconds} s");
        world.run_on(Duration::from_secs(2 * seconds));
        assert!(world.stop(), "seed {seed}");
        let rows = rows(&world, world.streams()[0].1);
        let causes: Vec<_> = rows.iter().map(|row| row.end_cause.as_deref()).collect();
        assert_eq!(causes, [Some("paused")], "seed {seed}, every {seconds} s: {rows:#?}");
        assert_eq!((found(&world), world.lost), (world.model.frames(), 0), "seed {seed}");
    }
}
