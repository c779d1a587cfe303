//! The catalog is lost, older than the files, or damaged: the files give back all that they know.

use std::time::Duration;

use world::sim::Random;

use super::{Failure, Report, Scenario, end_well, play_on};
use crate::scene::World;

pub(super) const CATALOG_LOST: Scenario = Scenario {
    name: "catalog_lost",
    about: "a start finds cameras and volumes, and no row of any segment",
    seeds: 15,
    run: catalog_lost,
};

pub(super) const CATALOG_ROLLED_BACK: Scenario = Scenario {
    name: "catalog_rolled_back",
    about: "a start finds the catalog of a while ago, as after restoring a backup",
    seeds: 20,
    run: rolled_back,
};

fn record_a_while(world: &mut World, random: &mut Random) -> Result<(), String> {
    world.start()?;
    world.run_on(Duration::from_micros(3_000_000 + random.below(15_000_000)));
    if random.chance(50) {
        world.stop();
        world.forget_process();
    } else {
        world.cut_power();
    }
    Ok(())
}

fn catalog_lost(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        for _ in 0..=random.below(3) {
            record_a_while(world, &mut random)?;
        }
        world.lose_catalog();
        world.start()?;
        if random.chance(50) {
            world.run_on(Duration::from_micros(random.below(5_000_000)));
            world.cut_power();
            world.start()?;
        }
        end_well(world)
    })
}

fn rolled_back(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        record_a_while(world, &mut random)?;
        let old = world.copy_catalog();
        let removes = random.chance(50);
        if removes {
            world.keep_bytes(150_000);
        }
        for _ in 0..=random.below(3) {
            record_a_while(world, &mut random)?;
        }
        world.put_catalog(old);
        world.start()?;
        world.run_on(Duration::from_secs(8));
        if removes {
            // What was removed since has a row again, and no file.
            world.forget_missing()?;
        }
        end_well(world)
    })
}
