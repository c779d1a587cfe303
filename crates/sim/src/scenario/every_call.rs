//! Every call to the disk fails once: record, rotate, serve, delete, die, recover, stop, with one
//! call failing, with an I/O error or for want of space. Nobody panics, nothing that was said to be
//! durable is lost, and somebody is told within five seconds.

use std::io::ErrorKind;
use std::sync::OnceLock;
use std::time::Duration;

use world::sim::{Effect, Fault, Operation, Random};

use super::power::serve;
use super::{Failure, Report, Scenario, end_well, play_on};
use crate::scene::World;

pub(super) const EVERY_CALL: Scenario = Scenario {
    name: "every_call",
    about: "one call to the disk fails, another one with each seed",
    seeds: 200,
    run: |seed| play(case(seed)),
};

/// How long the process runs between two looks of a client.
const TICK: Duration = Duration::from_millis(250);
/// Recording and keeping say what has failed within this time. The program looks every two seconds
/// at what they have said: five seconds in all.
const TOLD_WITHIN: Duration = Duration::from_secs(3);
/// What was tried again with the next beat and worked need not be told.
const AT_ONCE: Duration = Duration::from_millis(1500);
/// Threads that are ahead of the world's clock by a sync may say something that much earlier.
const AHEAD_MAX: Duration = Duration::from_millis(100);

/// The worlds in which the story is told, by their seeds: other things meet in each.
const WORLDS: [u64; 4] = [4711, 4712, 4713, 4714];
/// So many seeds are of one world.
const SEEDS_EACH: u64 = 200;

/// One call that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// In which world.
    pub world: usize,
    /// What fails.
    pub operation: Operation,
    /// The number of the call, from 0.
    pub call: u64,
    /// Why.
    pub error: ErrorKind,
}

/// How many cases there are: every call of every kind in every world, with two errors.
pub fn cases() -> u64 {
    (0..WORLDS.len()).flat_map(counts).map(|(_, count)| 2 * count).sum()
}

/// Case number `number` of [`cases`].
pub fn case_of(mut number: u64) -> Case {
    for world in 0..WORLDS.len() {
        for (operation, count) in counts(world) {
            if number < 2 * count {
                let error = [ErrorKind::Other, ErrorKind::StorageFull][(number % 2) as usize];
                return Case { world, operation: *operation, call: number / 2, error };
            }
            number -= 2 * count;
        }
    }
    Case { world: 0, operation: Operation::Write, call: 0, error: ErrorKind::Other }
}

/// Plays one case.
pub fn play(case: Case) -> Result<Report, Failure> {
    let world = new_world(case.world);
    let fault = Fault::new(case.operation, Effect::Fail(case.error)).after(case.call).times(1);
    world.disk.add_fault(fault);
    play_on(world, |world| {
        world.say(format!("{case:?}"));
        tell_story(world)?;
        somebody_was_told(world)?;
        world.disk.clear_faults();
        world.forget_process();
        world.model.cut();
        world.start()?;
        end_well(world)
    })
}

/// The case of a seed: rare kinds of calls come as often as others.
fn case(seed: u64) -> Case {
    let (mut random, world) = (Random::new(seed), seed / SEEDS_EACH);
    let world = world as usize % WORLDS.len();
    let kinds: Vec<_> = counts(world).iter().filter(|(_, count)| *count > 0).collect();
    let (operation, count) = kinds[random.below(kinds.len() as u64) as usize];
    let error = [ErrorKind::Other, ErrorKind::StorageFull][random.below(2) as usize];
    Case { world, operation: *operation, call: random.below(*count), error }
}

/// How many calls of each kind the story makes in a world when nothing fails.
fn counts(world: usize) -> &'static [(Operation, u64)] {
    static COUNTS: [OnceLock<Vec<(Operation, u64)>>; WORLDS.len()] =
        [const { OnceLock::new() }; WORLDS.len()];
    COUNTS[world].get_or_init(|| {
        let mut world = new_world(world);
        let before = Operation::ALL.map(|operation| world.disk.calls(operation));
        tell_story(&mut world).expect("nothing fails on a healthy disk");
        assert!(world.alarms.is_empty(), "for no reason: {:?}", world.alarms);
        let counted = Operation::ALL.into_iter().zip(before);
        counted
            .map(|(operation, before)| (operation, world.disk.calls(operation) - before))
            .collect()
    })
}

fn new_world(world: usize) -> World {
    let mut world = World::new(WORLDS[world]);
    world.keep_bytes(150_000);
    world
}

fn tell_story(world: &mut World) -> Result<(), String> {
    // A volume that cannot be opened is looked for again.
    let _ = world.start();
    run(world, 40)?;
    world.reconnect(1);
    run(world, 12)?;
    world.kill();
    let _ = world.start();
    run(world, 40)?;
    world.stop();
    Ok(())
}

fn run(world: &mut World, ticks: u32) -> Result<(), String> {
    for tick in 0..ticks {
        world.run_on(TICK);
        if tick % 8 == 0 {
            fetch(world)?;
        }
    }
    Ok(())
}

/// A client fetches what is newest. It is told when that fails.
fn fetch(world: &mut World) -> Result<(), String> {
    let failed = world.disk.failed();
    match serve(world) {
        Err(error) if world.disk.failed() > failed => world.warn(error),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    Ok(())
}

fn somebody_was_told(world: &World) -> Result<(), String> {
    let failure = world.disk.failure().ok_or("no call has failed")?;
    // Space is reserved ahead where that can be done, and written to without where not. A folder
    // that stays empty harms nobody.
    let harmless = matches!(failure.operation, Operation::Reserve | Operation::RemoveDir);
    // What a file takes on the disk is only a measure: with the next sync it is taken again.
    let measure = failure.operation == Operation::Space;
    let mended = failure.mended.is_some_and(|at| measure || at <= failure.at + AT_ONCE);
    let (from, by) = (failure.at - AHEAD_MAX, failure.at + TOLD_WITHIN);
    let told = world.alarms.iter().any(|(at, _)| from <= *at && *at <= by);
    match harmless || mended || told {
        true => Ok(()),
        false => Err(format!("{failure:?}, and nobody was told")),
    }
}
