//! Streams are recorded by the clock: on and off while their cameras go on sending, over volumes
//! that hang, power cuts, and clocks that are set.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::{StreamId, WallTime};
use catalog::SegmentRow;
use sim::World;
use sim::audit::{audit_but, read_back};
use sim::camera::Stamp;
use sim::setup::Setup;
use stream::EndCause;
use world::Clock;
use world::sim::Random;

fn world(seed: u64, volumes: usize) -> World {
    let mut world = World::with(seed, Setup { volumes, placed: true, ..Setup::default() });
    world.model.late_max = Duration::from_millis(300);
    world.start().unwrap();
    world.run_on(Duration::from_secs(4));
    world
}

fn rows(world: &World, stream: StreamId) -> Vec<SegmentRow> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap()
}

/// The pictures of a camera that were sent and are not in the archive, in order.
fn missing(world: &World, number: usize) -> Vec<(Stamp, WallTime)> {
    let found = read_back(world).unwrap_or_else(|e| panic!("{e}\n{}", world.log.join("\n")));
    let stream = world.streams()[number].1;
    let (_, streamed) = world.model.streams().find(|(id, _)| *id == stream).unwrap();
    let sent = streamed.sent.iter().filter(|(stamp, _)| stamp.track == 0);
    let gone = sent.filter(|(stamp, _)| !found[&stream].contains(stamp));
    gone.map(|(stamp, wall)| (*stamp, *wall)).collect()
}

/// All that is played is what was recorded, to the frame; none was said to be lost.
fn check(world: &World, seed: u64) {
    let rested = world.model.frames();
    audit_but(world, rested as u64).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    assert_eq!(world.lost, 0, "seed {seed}");
}

fn some_time(world: &mut World, random: &mut Random) {
    world.run_on(Duration::from_micros(200_000 + random.below(6_000_000)));
}

#[test]
fn what_rests_is_missing_in_whole_gops_and_nothing_else_is() {
    for seed in 0..25 {
        let (mut world, mut random) = (world(seed, 1), Random::new(seed));
        let mut rested = Vec::new();
        for _ in 0..4 {
            let off = world.clock.wall();
            world.rest(0, EndCause::NotScheduled);
            some_time(&mut world, &mut random);
            rested.push((off, world.clock.wall()));
            world.wake(0);
            some_time(&mut world, &mut random);
        }
        assert!(world.stop(), "seed {seed}");
        check(&world, seed);
        assert_eq!(missing(&world, 1).len(), 0, "seed {seed}: another camera");
        // No picture is missing that came outside, and what is missing begins with a key frame.
        let is_out = |at: &WallTime| {
            // One that was just taken may come after that.
            let begins = |from: &WallTime| from.plus_micros(-200_000);
            !rested.iter().any(|(from, to)| begins(from) <= *at && at < to)
        };
        let gone = missing(&world, 0);
        let outside: Vec<_> = gone.iter().filter(|(_, at)| is_out(at)).take(3).collect();
        assert!(outside.is_empty(), "seed {seed}: {outside:?}");
        let mut before: Option<Stamp> = None;
        for (stamp, _) in &gone {
            let follows = before.is_some_and(|before| before.number + 1 == stamp.number);
            assert!(follows || stamp.key, "seed {seed}: {stamp:?}");
            before = Some(*stamp);
        }
        let rows = rows(&world, world.streams()[0].1);
        let gaps = rows.windows(2).filter(|pair| pair[0].end < pair[1].start);
        let causes: Vec<_> = gaps.map(|pair| pair[0].end_cause.as_deref()).collect();
        assert!(
            causes.iter().all(|cause| *cause == Some("not-scheduled")),
            "seed {seed}: {causes:?}"
        );
        assert!(rows.windows(2).all(|pair| pair[0].run == pair[1].run), "seed {seed}: one session");
    }
}

#[test]
fn what_rests_from_one_disk_goes_on_on_another() {
    for seed in 0..10 {
        let (mut world, mut random) = (world(seed, 2), Random::new(seed));
        world.hold_up(0, |world| {
            world.rest(0, EndCause::NotScheduled);
            world.rest(1, EndCause::NotScheduled);
            some_time(world, &mut random);
            world.wake(0);
            world.wake(1);
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
        check(&world, seed);
    }
}

#[test]
fn a_power_cut_leaves_what_was_recorded_and_the_rest_stays_a_gap() {
    for seed in 0..25 {
        let (mut world, mut random) = (world(seed, 1), Random::new(seed));
        world.rest(0, EndCause::NotScheduled);
        some_time(&mut world, &mut random);
        if seed % 2 == 0 {
            world.wake(0);
            some_time(&mut world, &mut random);
        }
        world.cut_power();
        world.start().unwrap();
        world.run_on(Duration::from_secs(5));
        world.finish_recovery().unwrap();
        assert!(world.stop(), "seed {seed}");
        check(&world, seed);
    }
}

#[test]
fn a_clock_that_is_set_while_a_stream_rests_ends_its_run() {
    for by in [-60_000_000, 3_600_000_000] {
        let mut world = world(7, 1);
        world.rest(0, EndCause::NotScheduled);
        world.run_on(Duration::from_secs(4));
        world.clock.step_wall(by);
        world.run_on(Duration::from_secs(4));
        world.wake(0);
        world.run_on(Duration::from_secs(5));
        assert!(world.stop());
        let rows = rows(&world, world.streams()[0].1);
        let (first, last) = (rows.first().unwrap(), rows.last().unwrap());
        assert_ne!(first.run, last.run, "its times would be of a clock that is no more");
        assert!(rows.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}
