//! Old footage goes while cameras send and the power fails: oldest first, row before file before
//! row, and nothing that was not to go.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use config::Keep;
use recorder::Retention;
use recorder::retain::Rules;
use sim::World;
use world::Clock;
use world::sim::Random;

const STREAM_BYTES_MAX: u64 = 120_000;

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
    let Ok(decision) = retention.decide(&rules, world.clock.wall()) else { return };
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
        let decision = retention.decide(&rules(&world, 0), world.clock.wall()).unwrap();
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
