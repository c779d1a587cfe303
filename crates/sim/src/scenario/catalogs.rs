//! The catalog is lost, older than the files, or damaged: the files give back all that they know.

use std::time::Duration;

use world::sim::Random;

use super::{Failure, Report, Scenario, end_well, kept, play_on};
use crate::scene::World;

pub(super) const CATALOG_LOST: Scenario = Scenario {
    name: "catalog_lost",
    about: "a start finds cameras and volumes, and no row of any segment",
    seeds: 15,
    run: catalog_lost,
};

pub(super) const CATALOG_ROLLED_BACK: Scenario = Scenario {
    name: "catalog_rolled_back",
    about: "a start finds the catalog of a while ago, as after restoring a backup; footage was \
            protected and deleted since",
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
        let says = random.chance(70);
        if says && !removes {
            // Nothing goes, but the notes are looked after.
            world.keep_bytes(u64::MAX);
        }
        for _ in 0..=random.below(3) {
            if says {
                world.start()?;
                world.run_on(Duration::from_micros(3_000_000 + random.below(9_000_000)));
                (0..3).for_each(|_| kept::say_something(world, &mut random));
                world.run_on(Duration::from_micros(random.below(9_000_000)));
                world.cut_power();
            }
            record_a_while(world, &mut random)?;
        }
        world.put_catalog(old);
        // It takes longer than a picture lasts.
        world.clock.advance(Duration::from_secs(1));
        world.start()?;
        let known = kept::known(world)?;
        if random.chance(50) {
            world.keep_bytes(150_000);
        }
        world.run_on(Duration::from_secs(8));
        kept::all_is_kept(world, &known)?;
        world.keep_bytes(u64::MAX);
        kept::show_again(world);
        // What was removed since has a row again, and no file.
        world.forget_missing()?;
        end_well(world)
    })
}
