//! The power goes, or the process is killed: while recording, while recovering, while stopping.
//! Every frame that was said to be durable is found, and a clip that was served before has the
//! same bytes after it.

use std::time::Duration;

use base::{StreamId, WallTime};
use world::sim::Random;

use super::{Failure, Report, Scenario, end_well, play_on};
use crate::clip::clip;
use crate::scene::World;

pub(super) const POWER_CUT: Scenario = Scenario {
    name: "power_cut",
    about: "the power goes at any moment, once or twice",
    seeds: 60,
    run: |seed| power_cut(seed, 0),
};

pub(super) const POWER_CUT_WHILE_RECOVERING: Scenario = Scenario {
    name: "power_cut_while_recovering",
    about: "the power goes again and again while what it left is being finished",
    seeds: 40,
    run: |seed| power_cut(seed, 1 + seed % 5),
};

pub(super) const KILL_DURING_SHUTDOWN: Scenario = Scenario {
    name: "kill_during_shutdown",
    about: "the process is killed, or the power goes, while it writes and seals the last footage",
    seeds: 30,
    run: kill_during_shutdown,
};

fn power_cut(seed: u64, cuts_in_recovery: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        let mut served = Vec::new();
        for _ in 0..=random.below(2) {
            world.start()?;
            world.run(Duration::from_micros(random.below(13_000_000)));
            served.extend(serve(world)?);
            cut_somewhere(world, &mut random);
            for _ in 0..cuts_in_recovery {
                cut_in_recovery(world, &mut random);
            }
        }
        world.start()?;
        let found = end_well(world)?;
        for one in &served {
            one.is_the_same(world)?;
        }
        Ok(found)
    })
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

fn kill_during_shutdown(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        for _ in 0..=random.below(3) {
            world.start()?;
            world.run(Duration::from_micros(1_000_000 + random.below(11_000_000)));
            world.disk.fail_power_after(random.below(30));
            world.stop();
            if random.chance(50) {
                world.kill();
            } else {
                world.cut_power();
            }
        }
        world.start()?;
        end_well(world)
    })
}

/// A clip that somebody fetched.
pub(super) struct Served {
    stream: StreamId,
    from: WallTime,
    to: WallTime,
    clip: (Vec<u8>, String),
}

/// Fetches the newest second of each stream that is durable.
pub(super) fn serve(world: &World) -> Result<Vec<Served>, String> {
    let Some(machine) = &world.machine else { return Ok(Vec::new()) };
    let newest = |(_, stream)| {
        let to = machine.catalog.tail().durable_until(stream)?;
        let from = to - Duration::from_secs(1);
        Some((stream, from, to))
    };
    let ranges = world.streams().into_iter().filter_map(newest);
    let fetch = |(stream, from, to)| {
        let clip = clip(world, stream, from, to)
            .map_err(|error| format!("what is durable cannot be fetched: {error}"))?;
        Ok(Served { stream, from, to, clip })
    };
    ranges.map(fetch).collect()
}

impl Served {
    /// The same range is the same bytes still.
    fn is_the_same(&self, world: &World) -> Result<(), String> {
        let Self { stream, from, to, clip: before } = self;
        let after = clip(world, *stream, *from, *to)?;
        match after == *before {
            true => Ok(()),
            false => Err(format!("[{from}, {to}) of {stream} is another clip now")),
        }
    }
}
