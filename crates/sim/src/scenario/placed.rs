//! Streams that are recorded where placement says, on one volume or two, while disks are slow,
//! stuck, failing or gone: reconfigured, paused and resumed, and stopped in the middle of moving.
//! Whatever was received is recorded by whichever recorder is able to, each gap has its cause,
//! and what cannot be written is counted.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Duration;

use base::WallTime;
use catalog::SegmentRow;
use world::sim::{Effect, Fault, Operation, Random, SimDisk};

use super::{Failure, Report, Scenario, all_is_there_but, end_calmly, play_on, recover_all};
use crate::audit::read_back;
use crate::camera::Stamp;
use crate::model::TOLERANCE;
use crate::scene::World;
use crate::setup::Setup;

pub(super) const RECONFIGURED: Scenario = Scenario {
    name: "reconfigured",
    about: "cameras are reconfigured, paused and resumed while their disk is in trouble",
    seeds: 60,
    run: reconfigured,
};

pub(super) const CHANGED_AGAIN_AND_AGAIN: Scenario = Scenario {
    name: "changed_again_and_again",
    about: "cameras are reconfigured, paused, resumed and moved all the time, on disks in trouble",
    seeds: 60,
    run: changed_again_and_again,
};

pub(super) const CHANGED_BETWEEN_SYNCS: Scenario = Scenario {
    name: "changed_between_syncs",
    about: "the same, where syncs are anything from a fifth of a second to 12 s apart",
    seeds: 60,
    run: changed_between_syncs,
};

pub(super) const SHUTDOWN_IN_A_MOVE: Scenario = Scenario {
    name: "shutdown_in_a_move",
    about: "the process is stopped while streams move, or are taken over from a disk in trouble",
    seeds: 60,
    run: shutdown_in_a_move,
};

/// Sound at the end of a run whose file failed cannot stand alone.
const SPARED: u64 = 40;
/// What is dated later, for it follows at once what its camera sent before.
const LATE_MAX: Duration = Duration::from_millis(300);
/// Memory in which nothing is ever dropped, and memory in which it soon is.
const MEMORY: [usize; 2] = [64 << 20, 60_000];
/// How far syncs are apart, unless that is what is tried.
const SYNCED: Duration = Duration::from_secs(1);

fn new_world(seed: u64, memory_max: usize, volumes: usize, sync_interval: Duration) -> World {
    let setup = Setup { volumes, memory_max, sync_interval, placed: true, ..Setup::default() };
    let mut world = World::with(seed, setup);
    world.model.late_max = LATE_MAX;
    world
}

fn reconfigured(seed: u64) -> Result<Report, Failure> {
    reconfigured_with(seed, SYNCED)
}

fn changed_again_and_again(seed: u64) -> Result<Report, Failure> {
    changed_with(seed, SYNCED)
}

/// Either of those.
fn changed_between_syncs(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(!seed);
    let sync_interval = Duration::from_micros(200_000 + random.below(11_800_000));
    match random.chance(50) {
        true => reconfigured_with(seed, sync_interval),
        false => changed_with(seed, sync_interval),
    }
}

fn reconfigured_with(seed: u64, sync_interval: Duration) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    let volumes = 1 + random.below(2) as usize;
    let memory_max = MEMORY[usize::from(random.chance(25))];
    play_on(new_world(seed, memory_max, volumes, sync_interval), |world| {
        world.start()?;
        for _ in 0..=random.below(2) {
            world.run_on(Duration::from_micros(random.below(7_000_000)));
            trouble(world, &mut random, sessions_change);
            mend(world);
            world.run_on(Duration::from_micros(random.below(9_000_000)));
        }
        end_unchanged(world, &mut random)
    })
}

fn changed_with(seed: u64, sync_interval: Duration) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    let memory_max = MEMORY[usize::from(random.chance(25))];
    play_on(new_world(seed, memory_max, 2, sync_interval), |world| {
        world.start()?;
        for _ in 0..=random.below(4) {
            world.run_on(Duration::from_micros(random.below(4_000_000)));
            match random.below(3) {
                0 => trouble(world, &mut random, all_changes),
                1 => world.hold_up(1, |world| all_changes(world, &mut random)),
                _ => {
                    slow_down(world, &mut random);
                    all_changes(world, &mut random);
                }
            }
            mend(world);
            all_changes(world, &mut random);
        }
        end_unchanged(world, &mut random)
    })
}

/// Everything is recorded for a while, and then paused or stopped; all is there, and each gap is
/// told.
fn end_unchanged(world: &mut World, random: &mut Random) -> Result<usize, String> {
    for number in 0..2 {
        if world.is_paused(number) {
            world.resume(number);
        }
    }
    world.run_on(Duration::from_secs(12) + 8 * longer(world));
    recover_all(world);
    if random.chance(50) {
        all_leave(world)?;
    }
    if !world.stop() {
        return Err("not all was committed on a healthy disk".to_owned());
    }
    let found = all_is_there_but(world, world.lost)?;
    everything_is_told(world, found)?;
    Ok(found)
}

/// All streams are paused: within a while nothing of them waits, and nobody records them.
fn all_leave(world: &mut World) -> Result<(), String> {
    (0..2).for_each(|number| world.pause(number));
    world.run_on(Duration::from_secs(20) + 3 * longer(world));
    for number in 0..2 {
        let machine = world.machine.as_ref().ok_or("nothing runs")?;
        let waiting = machine.reader(number).waiting().frames;
        if let (1.., _) | (_, Some(_)) = (waiting, world.volume_of(number)) {
            let at = world.volume_of(number);
            return Err(format!("camera {number} is paused: {waiting} frames wait, on {at:?}"));
        }
    }
    Ok(())
}

/// By how much a beat is longer than most: a round has more files then, and lasts as many syncs.
fn longer(world: &World) -> Duration {
    world.setup.sync_interval.saturating_sub(SYNCED)
}

fn shutdown_in_a_move(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(new_world(seed, MEMORY[0], 2, SYNCED), |world| {
        world.start()?;
        world.run_on(Duration::from_micros(1_000_000 + random.below(7_000_000)));
        let mut complete = false;
        trouble(world, &mut random, |world, random| {
            world.run_on(Duration::from_micros(random.below(9_000_000)));
            if random.chance(30) {
                sessions_change(world, random);
            }
            if random.chance(30) {
                world.wish(random.below(2) as usize, random.below(2) as usize);
                world.run_on(Duration::from_micros(random.below(2_500_000)));
            }
            complete = world.stop();
        });
        if world.machine.as_ref().is_some_and(|machine| machine.is_recording()) {
            world.run_on(Duration::from_micros(random.below(3_000_000)));
            complete = world.stop();
        }
        let (sent, lost, uncommitted) = (sent(world), world.lost, world.uncommitted);
        if complete != (uncommitted == 0) {
            return Err(format!("all committed: {complete}, but {uncommitted} frames are not"));
        }
        mend(world);
        world.forget_process();
        world.model.cut();
        world.start()?;
        end_calmly(world)?;
        all_is_there_but(world, world.lost)?;
        let found = read_back(world)?;
        let found = found.values().flatten().filter(|stamp| sent.contains(stamp)).count();
        match found as u64 + lost + uncommitted >= sent.len() as u64 {
            true => Ok(found),
            false => Err(format!(
                "{} frames were sent before the end, {found} are there, {lost} were said to be \
                 lost and {uncommitted} not to be committed",
                sent.len()
            )),
        }
    })
}

/// Everything that was sent so far.
fn sent(world: &World) -> BTreeSet<Stamp> {
    world.model.streams().flat_map(|(_, streamed)| streamed.sent.keys().copied()).collect()
}

/// Something is wrong with the first disk while `meanwhile` happens.
fn trouble(
    world: &mut World,
    random: &mut Random,
    meanwhile: impl FnOnce(&mut World, &mut Random),
) {
    let late = Fault::new(Operation::SyncData, Effect::Fail(ErrorKind::Other)).on("/camera-");
    match random.below(5) {
        0 => meanwhile(world, random),
        // It answers after a while, well or not; or never, as far as those are concerned.
        1 | 2 => world.hold_up(0, |world| {
            meanwhile(world, random);
            if random.chance(30) {
                world.disk.add_fault(late.times(1 + random.below(3)));
            }
        }),
        3 => {
            for operation in [Operation::SyncData, Operation::Write, Operation::Create] {
                let fault = Fault::new(operation, Effect::Fail(ErrorKind::Other)).on("/camera-");
                world.disk.add_fault(fault.after(random.below(4)).times(random.below(40)));
            }
            meanwhile(world, random);
        }
        _ => {
            world.disk.vanish(&mut world.random);
            world.say("the disk is gone".to_owned());
            meanwhile(world, random);
        }
    }
}

/// Many syncs take their time, so that others act before it is told what a round came to.
fn slow_down(world: &mut World, random: &mut Random) {
    for disk in &world.disks {
        let slow = Effect::Slow(Duration::from_micros(random.below(3_000_000)));
        let fault = Fault::new(Operation::SyncData, slow).on("/camera-");
        disk.add_fault(fault.times(random.below(40)));
    }
}

fn mend(world: &mut World) {
    world.disks.iter().for_each(SimDisk::clear_faults);
    world.disk.come_back();
}

/// Sessions end and begin for some seconds.
fn sessions_change(world: &mut World, random: &mut Random) {
    for _ in 0..=random.below(4) {
        world.run_on(Duration::from_micros(random.below(6_000_000)));
        let number = random.below(2) as usize;
        match (world.is_paused(number), random.chance(40)) {
            (true, _) => world.resume(number),
            (false, true) => world.pause(number),
            (false, false) => world.reconfigure(number),
        }
    }
    world.run_on(Duration::from_micros(random.below(9_000_000)));
}

/// Sessions end and begin and streams are to move, one before the other is done with.
fn all_changes(world: &mut World, random: &mut Random) {
    for _ in 0..=random.below(9) {
        world.run_on(Duration::from_micros(random.below(1_500_000)));
        let number = random.below(2) as usize;
        match random.below(4) {
            0 => world.wish(number, random.below(2) as usize),
            _ if world.is_paused(number) => world.resume(number),
            1 => world.pause(number),
            _ => world.reconfigure(number),
        }
    }
    world.run_on(Duration::from_micros(random.below(9_000_000)));
}

/// Every frame that was sent is there, or was said to be lost; between two runs stands the cause of
/// the first one's end, and within one there is no hole without a cause.
fn everything_is_told(world: &World, found: usize) -> Result<(), String> {
    let (sent, lost) = (world.model.frames(), world.lost);
    if found + lost as usize != sent {
        return Err(format!("{sent} frames were sent, {found} are there, {lost} said to be lost"));
    }
    let plenty = world.memory_max == MEMORY[0];
    if plenty && lost > SPARED {
        return Err(format!("{lost} frames are lost, for no reason"));
    }
    for (_, stream) in world.streams() {
        let catalog = &world.machine.as_ref().ok_or("nothing runs")?.catalog;
        let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX);
        for pair in rows.map_err(|error| error.to_string())?.windows(2) {
            gap_is_told(world, &pair[0], &pair[1], lost == 0)?;
        }
    }
    Ok(())
}

fn gap_is_told(
    world: &World,
    before: &SegmentRow,
    after: &SegmentRow,
    exact: bool,
) -> Result<(), String> {
    let cause = before.end_cause.as_deref();
    let at = || format!("{} [{}, {}) and {}", before.id, before.start, before.end, after.start);
    if before.run == after.run {
        // Where it goes on elsewhere its clock may have moved a little.
        let hole = before.end + TOLERANCE < after.start;
        let told = match cause {
            None => !hole,
            // Where only sound is missing there is no hole.
            Some("overload" | "disk") => !exact,
            Some(_) => false,
        };
        return match told {
            true => Ok(()),
            false => Err(format!("{}: one run, a hole: {hole}, its cause: {cause:?}", at())),
        };
    }
    let expected = world.ends.get(&before.run).map(|cause| cause.as_str());
    match cause {
        Some(_) if !exact || cause == expected => Ok(()),
        _ => Err(format!("{}: the run ended for {expected:?}, the gap says {cause:?}", at())),
    }
}
