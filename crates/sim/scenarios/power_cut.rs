//! The power goes at any moment: between write and sync, between sync and row, in the middle of
//! sealing, in the middle of recovery. Every frame that was said to be durable is found, with the
//! right bytes and the right time; nothing is there twice; and a clip that was served before the
//! cut has the same bytes after it.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::{StreamId, WallTime};
use sim::Ended;
use sim::clip::clip;
use sim::{World, audit};
use world::Clock;
use world::sim::Random;

/// Records, cuts the power once or twice, recovers, and looks at everything.
fn scenario(seed: u64) -> World {
    let mut random = Random::new(seed);
    let mut world = World::new(seed);
    let mut served = Vec::new();
    for _ in 0..=random.below(2) {
        world.start().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        world.run(Duration::from_micros(random.below(13_000_000)));
        served.extend(serve(&world));
        cut_somewhere(&mut world, &mut random);
        while random.chance(30) {
            cut_in_recovery(&mut world, &mut random);
        }
    }
    world.start().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    // Recording goes on while recovery catches up.
    assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed, "seed {seed}");
    assert!(world.stop(), "seed {seed}: not all was committed");
    let found = audit(&world).unwrap_or_else(|error| {
        panic!("seed {seed}: {error}\n{}", world.log.join("\n"));
    });
    assert!(found > 400, "seed {seed}: only {found} frames");
    for Served { stream, from, to, clip: before } in served {
        let after = clip(&world, stream, from, to);
        assert!(after.as_ref() == Ok(&before), "seed {seed}: [{from}, {to}) is another clip now");
    }
    let later = world.clock.wall() + Duration::from_secs(3600);
    let checked = world.check(later).unwrap();
    assert!(checked.is_clean(), "seed {seed}: {:#?}\n{}", checked.findings, world.log.join("\n"));
    world.log.push(format!("{found} frames found"));
    world
}

/// A clip that somebody fetched.
struct Served {
    stream: StreamId,
    from: WallTime,
    to: WallTime,
    clip: (Vec<u8>, String),
}

/// The newest second of each stream that is durable.
fn serve(world: &World) -> Vec<Served> {
    let Some(machine) = &world.machine else { return Vec::new() };
    let newest = |(_, stream)| {
        let to = machine.catalog.tail().durable_until(stream)?;
        let from = to - Duration::from_secs(1);
        let clip = clip(world, stream, from, to).expect("what is durable can be fetched");
        Some(Served { stream, from, to, clip })
    };
    world.streams().into_iter().filter_map(newest).collect()
}

/// Cuts the power: between two events, or within one.
fn cut_somewhere(world: &mut World, random: &mut Random) {
    if random.chance(75) {
        world.disk.fail_power_after(random.below(24));
        world.run(Duration::from_secs(4));
    }
    world.cut_power();
}

/// Starts, and cuts the power while old files are being finished.
fn cut_in_recovery(world: &mut World, random: &mut Random) {
    world.disk.fail_power_after(random.below(12));
    if world.start().is_ok() {
        world.run(Duration::from_micros(random.below(3_000_000)));
    }
    world.cut_power();
}

#[test]
fn every_frame_that_was_said_to_be_durable_is_found_after_50_cuts() {
    for seed in 0..50 {
        scenario(seed);
    }
}

#[test]
fn one_seed_gives_the_same_log_twice() {
    for seed in [3, 17] {
        assert_eq!(scenario(seed).log, scenario(seed).log, "seed {seed}");
    }
    assert_ne!(scenario(1).log, scenario(2).log);
}
