//! A disk that is full, slow, stuck, dying, or not there: what waits in memory is written once it
//! can be, nothing that was durable is lost, and somebody is told.

use std::io::ErrorKind;
use std::time::Duration;

use world::Clock;
use world::sim::{Effect, Fault, Operation, Random};

use super::{Failure, Report, Scenario, end_well, end_well_with_all, play_on};
use crate::scene::World;
use crate::setup::Setup;

pub(super) const DISK_FULL: Scenario = Scenario {
    name: "disk_full",
    about: "somebody else fills the disk and makes room again, now and then with a power cut",
    seeds: 20,
    run: disk_full,
};

pub(super) const SLOW_DISK: Scenario = Scenario {
    name: "slow_disk",
    about: "calls of every kind take up to three seconds",
    seeds: 15,
    run: slow_disk,
};

pub(super) const STUCK_DISK: Scenario = Scenario {
    name: "stuck_disk",
    about: "a call does not return for up to thirty seconds",
    seeds: 15,
    run: stuck_disk,
};

pub(super) const DYING_DISK: Scenario = Scenario {
    name: "dying_disk",
    about: "more and more calls fail, then the file system is read-only, until it is mended",
    seeds: 25,
    run: dying_disk,
};

pub(super) const DISK_VANISHES: Scenario = Scenario {
    name: "disk_vanishes_and_returns",
    about: "the disk is unplugged while it is recorded on, and comes back with what was durable",
    seeds: 25,
    run: vanishes,
};

const CAPACITY: u64 = 64 << 20;
/// Calls that recording makes.
const OF_RECORDING: [Operation; 7] = [
    Operation::SyncData,
    Operation::WriteOut,
    Operation::Write,
    Operation::Create,
    Operation::SyncDir,
    Operation::Reserve,
    Operation::SetLen,
];

fn disk_full(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    let setup = Setup { capacity: CAPACITY, ..Setup::default() };
    play_on(World::with(seed, setup), |world| {
        world.start()?;
        for _ in 0..=random.below(4) {
            world.run_on(Duration::from_micros(random.below(7_000_000)));
            let (began, alarms) = (world.clock.wall(), world.alarms.len());
            // Nothing, or just a little, is left.
            for _ in 0..6 + random.below(20) {
                world.disk.leave_free(random.below(2) * random.below(10_000));
                world.run_on(Duration::from_secs(1));
            }
            if world.alarms.len() == alarms {
                return Err(format!("nobody was told that the disk is full since {began}"));
            }
            if random.chance(25) {
                world.cut_power();
                world.disk.set_others(0);
                world.start()?;
            }
            world.disk.set_others(0);
            world.run_on(Duration::from_secs(6));
        }
        if world.cuts > 0 { end_well(world) } else { end_well_with_all(world, 12) }
    })
}

fn slow_disk(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        for operation in Operation::ALL {
            let time = Duration::from_micros(random.below(3_000_000));
            let fault = Fault::new(operation, Effect::Slow(time)).after(random.below(40));
            world.disk.add_fault(fault.times(random.below(6)));
        }
        world.start()?;
        world.run_on(Duration::from_secs(60));
        end_well_with_all(world, 0)
    })
}

fn stuck_disk(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        world.start()?;
        for _ in 0..=random.below(3) {
            world.run_on(Duration::from_micros(random.below(7_000_000)));
            let stuck = Duration::from_micros(5_000_000 + random.below(25_000_000));
            let operation = OF_RECORDING[random.below(6) as usize];
            let fault = Fault::new(operation, Effect::Slow(stuck)).on("/camera-");
            world.disk.add_fault(fault.after(random.below(6)).times(1));
            world.run_on(Duration::from_secs(40));
            world.disk.clear_faults();
        }
        end_well_with_all(world, 0)
    })
}

fn dying_disk(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        world.start()?;
        world.run_on(Duration::from_micros(2_000_000 + random.below(7_000_000)));
        let mut died = None;
        for round in 1..=4 {
            for operation in OF_RECORDING {
                let kind =
                    if random.chance(80) { ErrorKind::Other } else { ErrorKind::StorageFull };
                let fault = Fault::new(operation, Effect::Fail(kind)).after(random.below(20));
                world.disk.add_fault(fault.times(random.below(round * 3)));
            }
            world.run_on(Duration::from_micros(random.below(8_000_000)));
        }
        if random.chance(60) {
            world.disk.clear_faults();
            world.disk.set_read_only(true);
            died = Some(world.clock.wall());
            world.run_on(Duration::from_secs(6 + random.below(10)));
        }
        told_since(world, died)?;
        world.disk.clear_faults();
        world.disk.set_read_only(false);
        if random.chance(30) {
            world.cut_power();
            world.start()?;
            return end_well(world);
        }
        world.run_on(Duration::from_secs(8));
        end_well_with_all(world, 40)
    })
}

fn vanishes(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        world.start()?;
        for _ in 0..=random.below(3) {
            world.run_on(Duration::from_micros(1_500_000 + random.below(9_000_000)));
            world.disk.vanish(&mut world.random);
            let gone = world.clock.wall();
            world.say("the disk is gone".to_owned());
            world.run_on(Duration::from_micros(6_000_000 + random.below(40_000_000)));
            told_since(world, Some(gone))?;
            let restarts = random.chance(30);
            if restarts {
                world.kill();
                if world.start().is_ok() {
                    return Err("a disk that is not there was recorded on".to_owned());
                }
                world.run_on(Duration::from_micros(random.below(12_000_000)));
            }
            world.disk.come_back();
            world.say("the disk is back".to_owned());
            world.run_on(Duration::from_secs(12));
        }
        end_well(world)
    })
}

/// Whether somebody was told within five seconds of `instant` that something is wrong, or had been
/// just before and is told again only when it is tried again.
fn told_since(world: &World, instant: Option<base::WallTime>) -> Result<(), String> {
    let Some(since) = instant else { return Ok(()) };
    let (from, by) = (since - Duration::from_secs(5), since + Duration::from_secs(5));
    let mut times = world.alarms.iter().map(|(at, _)| *at);
    match times.any(|at| from <= at && at <= by) {
        true => Ok(()),
        false => Err(format!("nobody was told within five seconds of {since}")),
    }
}
