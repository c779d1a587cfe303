//! Every call to the disk fails once: record, rotate, serve, delete, die, recover, stop, with one
//! call failing, with an I/O error or for want of space. Nobody panics, nothing that was said to be
//! durable is lost, and somebody is told within five seconds.

use std::io::ErrorKind;
use std::sync::OnceLock;
use std::time::Duration;

use base::WallTime;
use world::Clock;
use world::sim::{Effect, Fault, Operation, Random};

use super::power::serve;
use super::{Failure, Report, Scenario, end_well, play_on};
use crate::scene::World;

pub(super) const EVERY_CALL: Scenario = Scenario {
    name: "every_call",
    about: "one call to the disk fails, another one with each seed",
    seeds: 200,
    run: |seed| run(case(seed)),
};

/// A look at whether something has failed, and whether somebody was told.
const TICK: Duration = Duration::from_millis(250);
/// The longest time between two looks: that of a reconnect, and a tick.
const LOOK_MAX: Duration = Duration::from_millis(1500);
const TOLD_WITHIN: Duration = Duration::from_secs(5);

/// One call that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// What fails.
    pub operation: Operation,
    /// The number of the call, from 0.
    pub call: u64,
    /// Why.
    pub error: ErrorKind,
}

/// How many cases there are: every call of every kind, with two errors.
pub fn cases() -> u64 {
    counts().iter().map(|(_, count)| 2 * count).sum()
}

/// Case number `number` of [`cases`].
pub fn case_of(mut number: u64) -> Case {
    for (operation, count) in counts() {
        if number < 2 * count {
            let error = [ErrorKind::Other, ErrorKind::StorageFull][(number % 2) as usize];
            return Case { operation: *operation, call: number / 2, error };
        }
        number -= 2 * count;
    }
    Case { operation: Operation::Write, call: 0, error: ErrorKind::Other }
}

/// Plays one case.
pub fn run(case: Case) -> Result<Report, Failure> {
    let world = new_world();
    let fault = Fault::new(case.operation, Effect::Fail(case.error)).after(case.call).times(1);
    world.disk.add_fault(fault);
    play_on(world, |world| {
        world.say(format!("{case:?}"));
        let mut watch = Watch { failed: None, served: 0 };
        tell_story(world, &mut watch)?;
        watch.somebody_was_told(world, case.operation)?;
        world.disk.clear_faults();
        world.forget_process();
        world.model.cut();
        world.start()?;
        end_well(world)
    })
}

/// The case of a seed: rare kinds of calls come as often as others.
fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let kinds: Vec<_> = counts().iter().filter(|(_, count)| *count > 0).collect();
    let (operation, count) = kinds[random.below(kinds.len() as u64) as usize];
    let error = [ErrorKind::Other, ErrorKind::StorageFull][random.below(2) as usize];
    Case { operation: *operation, call: random.below(*count), error }
}

/// How many calls of each kind the story makes when nothing fails.
fn counts() -> &'static [(Operation, u64)] {
    static COUNTS: OnceLock<Vec<(Operation, u64)>> = OnceLock::new();
    COUNTS.get_or_init(|| {
        let mut world = new_world();
        let before = Operation::ALL.map(|operation| world.disk.calls(operation));
        let mut watch = Watch { failed: None, served: 0 };
        tell_story(&mut world, &mut watch).expect("nothing fails on a healthy disk");
        let counted = Operation::ALL.into_iter().zip(before);
        counted
            .map(|(operation, before)| (operation, world.disk.calls(operation) - before))
            .collect()
    })
}

fn new_world() -> World {
    let mut world = World::new(4711);
    world.keep_bytes(150_000);
    world
}

/// What is seen of the failing call.
struct Watch {
    /// When the call had failed.
    failed: Option<WallTime>,
    /// Clips that were fetched.
    served: usize,
}

fn tell_story(world: &mut World, watch: &mut Watch) -> Result<(), String> {
    // A volume that cannot be opened is looked for again.
    let _ = world.start();
    watch.look(world);
    watch.run(world, 40)?;
    world.reconnect(1);
    watch.run(world, 12)?;
    world.kill();
    let _ = world.start();
    watch.look(world);
    watch.run(world, 40)?;
    world.stop();
    watch.look(world);
    Ok(())
}

impl Watch {
    fn run(&mut self, world: &mut World, ticks: u32) -> Result<(), String> {
        for tick in 0..ticks {
            world.run_on(TICK);
            self.look(world);
            if tick % 8 == 0 {
                self.serve(world)?;
            }
        }
        Ok(())
    }

    /// A client fetches what is newest. It is told when that fails.
    fn serve(&mut self, world: &mut World) -> Result<(), String> {
        let failed = world.disk.failed();
        match serve(world) {
            Ok(clips) => self.served += clips.len(),
            Err(error) if world.disk.failed() > failed => world.warn(error),
            Err(error) => return Err(error),
        }
        self.look(world);
        Ok(())
    }

    fn look(&mut self, world: &World) {
        if world.disk.failed() > 0 {
            self.failed.get_or_insert(world.clock.wall());
        }
    }

    fn somebody_was_told(&self, world: &World, operation: Operation) -> Result<(), String> {
        let Some(failed) = self.failed else { return Err("no call has failed".to_owned()) };
        // Space is reserved ahead where that can be done, and written to without where not. A
        // folder that stays empty harms nobody, nor does what was tried again at once and worked.
        let harmless = matches!(operation, Operation::Reserve | Operation::RemoveDir);
        if harmless || world.disk.open_failure().is_none() {
            return Ok(());
        }
        // It failed since the look before the one that saw it.
        let (from, by) = (failed - LOOK_MAX, failed + TOLD_WITHIN);
        match world.alarms.iter().any(|(at, _)| from <= *at && *at <= by) {
            true => Ok(()),
            false => {
                let call = world.disk.open_failure();
                Err(format!("{call:?} failed at {failed} and nobody was told"))
            }
        }
    }
}
