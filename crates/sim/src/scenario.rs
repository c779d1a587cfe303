//! Scenarios by name: each is one file below, run from a seed. The same seed gives the same log.

mod cameras;
mod catalog_corrupt;
mod catalogs;
mod disks;
pub mod every_call;
mod kept;
mod placed;
mod power;
pub(crate) mod retention;
mod two_disks;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::scene::World;

/// Something that happens to a recorder.
pub struct Scenario {
    /// Its name, of its behaviour.
    pub name: &'static str,
    /// What happens, in a line.
    pub about: &'static str,
    /// How many seeds a run of all tests tries, from 0 on.
    pub seeds: u64,
    /// Plays it through and looks at everything that is left.
    pub run: fn(u64) -> Result<Report, Failure>,
}

/// What a scenario came to in which nothing went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What happened.
    pub log: Vec<String>,
    /// How often the power was cut.
    pub cuts: u64,
    /// The time that was simulated, for all cameras together.
    pub camera_time: Duration,
    /// The frames that were found in the archive and played.
    pub frames: usize,
}

impl Report {
    /// BLAKE3 of the log: two runs of one seed have the same.
    pub fn log_hash(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for line in &self.log {
            hash.update(line.as_bytes()).update(b"\n");
        }
        hash.finalize().to_hex()[..16].to_owned()
    }
}

/// What a scenario came to in which something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// What is wrong.
    pub what: String,
    /// What happened up to then.
    pub log: Vec<String>,
}

/// Every scenario.
pub const ALL: &[Scenario] = &[
    power::POWER_CUT,
    power::POWER_CUT_WHILE_RECOVERING,
    power::KILL_DURING_SHUTDOWN,
    disks::DISK_FULL,
    disks::SLOW_DISK,
    disks::STUCK_DISK,
    disks::DYING_DISK,
    disks::DISK_VANISHES,
    two_disks::ONE_OF_TWO_DISKS_VANISHES,
    two_disks::WHAT_TOOK_OVER_IS_MISSING,
    catalogs::CATALOG_LOST,
    catalogs::CATALOG_ROLLED_BACK,
    catalog_corrupt::CATALOG_CORRUPT,
    catalog_corrupt::CATALOG_REBUILT,
    cameras::CAMERA_FLAPS,
    cameras::CLOCK_STEPS,
    cameras::DRIFTING_CAMERAS,
    cameras::SIX_CAMERAS,
    retention::RETENTION,
    placed::RECONFIGURED,
    placed::CHANGED_AGAIN_AND_AGAIN,
    placed::CHANGED_BETWEEN_SYNCS,
    placed::SHUTDOWN_IN_A_MOVE,
    every_call::EVERY_CALL,
];

/// The scenario of this name.
pub fn find(name: &str) -> Option<&'static Scenario> {
    ALL.iter().find(|scenario| scenario.name == name)
}

/// Plays `body` on `world`: how many frames it has found in the end, or what is wrong. A panic is
/// a failure like any other.
pub fn play_on(
    mut world: World,
    body: impl FnOnce(&mut World) -> Result<usize, String>,
) -> Result<Report, Failure> {
    let played = catch_unwind(AssertUnwindSafe(|| body(&mut world)));
    let played = played.unwrap_or_else(|panic| Err(format!("panicked: {}", words(&*panic))));
    match played {
        Ok(frames) => {
            world.say(format!("{frames} frames found"));
            let (cuts, camera_time) = (world.cuts, world.camera_time());
            Ok(Report { log: world.log, cuts, camera_time, frames })
        }
        Err(what) => Err(Failure { what, log: world.log }),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

/// The end of every scenario: recording goes on for a while on healthy disks, is stopped, and all
/// that was promised is there, with the right bytes and times, once; a check an hour later finds
/// nothing to say; every frame is in the clip of its stream. How many frames that were.
pub fn end_well(world: &mut World) -> Result<usize, String> {
    end_calmly(world)?;
    all_is_there(world)
}

/// Recording goes on for a while on healthy disks, and is stopped.
fn end_calmly(world: &mut World) -> Result<(), String> {
    if world.run(Duration::from_secs(9)) != crate::Ended::Passed {
        let last = world.alarms.last().map(|(_, what)| what.clone()).unwrap_or_default();
        return Err(format!("a healthy disk failed: {last}"));
    }
    recover_all(world);
    match world.stop() {
        true => Ok(()),
        false => Err("not all was committed on a healthy disk".to_owned()),
    }
}

/// What a disk did not give in its bad times is tried again, at the latest after ten minutes.
fn recover_all(world: &mut World) {
    for _ in 0..12 {
        if !world.unfinished().is_empty() {
            world.run_on(Duration::from_secs(60));
        }
    }
}

/// [`end_well`], where every frame that was sent must be there but those that were said to be
/// lost, at most `lost_max`.
pub fn end_well_with_all(world: &mut World, lost_max: u64) -> Result<usize, String> {
    let found = end_well(world)?;
    let (sent, lost) = (world.model.frames(), world.lost);
    if found + lost as usize != sent {
        return Err(format!("{sent} frames were sent, {found} are there, {lost} said to be lost"));
    }
    match lost <= lost_max {
        true => Ok(found),
        false => Err(format!("{lost} frames are lost, for no reason")),
    }
}

/// Compares everything with the model, once the world has stopped.
pub fn all_is_there(world: &World) -> Result<usize, String> {
    all_is_there_but(world, 0)
}

/// [`all_is_there`], where so many frames were said to be lost.
fn all_is_there_but(world: &World, lost: u64) -> Result<usize, String> {
    let found = crate::audit::audit_but(world, lost)?;
    let later = world::Clock::wall(&world.clock) + Duration::from_secs(3600);
    let checked = world.check(later)?;
    match checked.findings.first() {
        None => Ok(found),
        Some(first) => Err(format!(
            "{} findings of a check, the first: {} of {:?} ({})",
            checked.findings.len(),
            first.damage,
            first.segment,
            first.file
        )),
    }
}
