//! A sync takes longer than memory lasts. What does not fit is dropped in whole GOPs, counted, and
//! stands as a hole with its cause between two segments; everything else is there once.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use sim::Ended;
use sim::World;
use sim::audit::read_back;
use world::sim::{Effect, Fault, Operation, Random};

fn scenario(seed: u64, memory_max: usize) -> (World, usize) {
    let mut random = Random::new(seed);
    let mut world = World::new(seed);
    world.memory_max = memory_max;
    let stuck = Duration::from_secs(5 + random.below(20));
    let fault = Fault::new(Operation::SyncData, Effect::Slow(stuck)).on("/camera-");
    world.disk.add_fault(fault.after(4 + random.below(20)).times(1 + random.below(3)));
    world.start().unwrap();
    for _ in 0..30 {
        assert_eq!(world.run(Duration::from_secs(1)), Ended::Passed);
    }
    assert!(world.stop(), "seed {seed}");
    let found = read_back(&world).unwrap_or_else(|error| {
        panic!("seed {seed}: {error}\n{}", world.log.join("\n"));
    });
    (world, found.values().map(|stamps| stamps.len()).sum())
}

#[test]
fn what_fits_into_memory_is_recorded_however_long_a_sync_takes() {
    for seed in 0..10 {
        let (world, found) = scenario(seed, 1 << 20);
        assert_eq!((found, world.lost), (world.model.frames(), 0), "seed {seed}");
    }
}

#[test]
fn what_does_not_fit_is_counted_and_a_hole_with_its_cause() {
    let mut holes = 0;
    for seed in 0..10 {
        let (world, found) = scenario(seed, 40_000);
        assert_eq!(found + world.lost as usize, world.model.frames(), "seed {seed}");
        let catalog = &world.machine.as_ref().unwrap().catalog;
        for (_, stream) in world.streams() {
            let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
            for pair in rows.windows(2) {
                let hole = pair[0].end < pair[1].start;
                let cause = pair[0].end_cause.as_deref();
                assert_eq!(hole, cause == Some("overload"), "seed {seed}: {pair:#?}");
                holes += usize::from(hole);
            }
        }
    }
    assert!(holes > 5, "only {holes} holes");
}
