//! Old footage goes while cameras send, somebody else fills the disk, a person protects and
//! deletes, and the power fails: by the rules, in their order, and recording goes on.

use std::time::Duration;

use base::StreamId;
use catalog::Change;
use config::Keep;
use recorder::retain::{Decision, Hold, Rules, Said, Why};
use world::sim::Random;
use world::{Clock, Disk};

use super::{Failure, Report, Scenario, end_well, kept, play_on};
use crate::rows::slug;
use crate::scene::World;
use crate::setup::Setup;

pub(super) const RETENTION: Scenario = Scenario {
    name: "retention_under_pressure",
    about: "a small disk, others who fill it, protected and deleted footage, and power cuts",
    seeds: 25,
    run,
};

const CAPACITY: u64 = 3 << 20;
/// Retention looks every five seconds; a stream that found no space tries again a little later.
const STILL_MAX: Duration = Duration::from_secs(16);

fn run(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    let setup = Setup { capacity: CAPACITY, ..Setup::default() };
    play_on(World::with(seed, setup), |world| {
        world.keep = Some(rules(world, &mut random));
        world.start()?;
        for _ in 0..6 + random.below(8) {
            world.disk.set_others(random.below(CAPACITY - (600 << 10)));
            world.run_on(Duration::from_micros(random.below(9_000_000)));
            kept::say_something(world, &mut random);
            still_records(world)?;
            if random.chance(15) {
                world.disk.fail_power_after(random.below(40));
                world.run(Duration::from_secs(6));
                world.cut_power();
                world.start()?;
            }
            if random.chance(20) {
                world.keep = Some(rules(world, &mut random));
            }
            broken(world)?;
        }
        world.disk.set_others(0);
        world.run_on(Duration::from_secs(15));
        regained(world)?;
        if notes_are_there(world).is_err() {
            // The first footage after all was gone has its note at the next look.
            world.run_on(Duration::from_secs(6));
            notes_are_there(world)?;
        }
        // A disk that protected footage fills has no room to end well.
        for (_, stream) in world.streams() {
            let (from, to) = (base::WallTime::EPOCH, base::WallTime::MAX);
            world.try_apply(Change::Unprotect { stream, from, to });
        }
        world.keep_free(0);
        world.run_on(Duration::from_secs(6));
        // Shown again for the audit: what was deleted by hand and still stands is no less durable.
        kept::show_again(world);
        let found = match end_well(world) {
            // A disk that had no space left for it: somebody was told, and making room came first.
            Err(words) if words.contains("no signed note") && unsaid(world) => 0,
            found => found?,
        };
        broken(world)?;
        Ok(found)
    })
}

/// Two streams with different rules: the first may ask for a day at least.
fn rules(world: &World, random: &mut Random) -> Rules {
    let keep = |n: u8, random: &mut Random| Keep {
        max_bytes: random.chance(40).then(|| 150_000 + random.below(200_000)),
        max_days: None,
        min_days: (n == 0 && random.chance(70)).then_some(1),
    };
    let streams = world.streams().into_iter();
    let streams = streams.map(|(n, stream)| (stream, keep(n, random))).collect();
    Rules { keep_free: random.below(400_000), streams, bytes_per_second: 0 }
}

/// What must hold of every decision; called before it is carried out.
pub(crate) fn judge(world: &World, decision: &Decision, rules: &Rules) -> Result<(), String> {
    let Some(machine) = &world.machine else { return Ok(()) };
    let keep_of = |stream: StreamId| {
        let found = rules.streams.iter().find(|(id, _)| *id == stream);
        found.map_or(Keep::default(), |(_, keep)| *keep)
    };
    let gone = |id| decision.removed.iter().find(|(segment, _)| segment.id == id);
    let mut staying = Vec::new();
    for (_, stream) in world.streams() {
        let said = Said::of(&machine.catalog, stream).map_err(|error| error.to_string())?;
        let all = machine.catalog.oldest_spans(stream, None, usize::MAX, |_| true);
        for segment in all.map_err(|error| error.to_string())? {
            let (hold, removed) = (said.hold(&segment), gone(segment.id));
            if hold == Hold::Protected && removed.is_some() {
                return Err(format!("protected footage goes: {segment:?}"));
            }
            if hold == Hold::None && removed.is_none() {
                staying.push(segment);
            }
        }
    }
    for (segment, why) in &decision.removed {
        for stays in &staying {
            let older = stays.start < segment.start;
            let asks = keep_of(stays.stream).min_days.is_some();
            let wrong = match why {
                Why::KeepFree => older && !asks,
                Why::MinDays => older || !asks,
                Why::MaxBytes => older && stays.stream == segment.stream,
                Why::Deleted | Why::MaxDays => false,
            };
            // In small steps, not all that are to go are chosen at once.
            if wrong && !decision.more {
                return Err(format!("{segment:?} goes ({why:?}), and {stays:?} stays"));
            }
        }
    }
    match decision.short > 0 && !decision.futile && !staying.is_empty() {
        true => Err(format!("{} bytes are missing, and {} may go", decision.short, staying.len())),
        false => Ok(()),
    }
}

/// Whether something was removed without a note of it.
fn unsaid(world: &World) -> bool {
    world.alarms.iter().any(|(_, words)| words.contains("without a note"))
}

/// What was found broken at any decision.
fn broken(world: &World) -> Result<(), String> {
    world.broken.first().map_or(Ok(()), |words| Err(words.clone()))
}

/// Where something may go, recording does not stop for want of space.
fn still_records(world: &mut World) -> Result<(), String> {
    let began = world.clock.wall();
    world.run_on(STILL_MAX);
    let Some(machine) = &world.machine else { return Ok(()) };
    let last = |text: &String| text.contains("bytes short");
    if world.alarms.iter().any(|(at, text)| *at >= began && last(text)) {
        return Ok(());
    }
    for (number, stream) in world.streams() {
        let until = machine.catalog.durable_until(stream).map_err(|error| error.to_string())?;
        if until.is_none_or(|until| until < began) {
            return Err(format!("camera {number} is not recorded since {until:?}, as of {began}"));
        }
    }
    Ok(())
}

/// Once others have gone, as much is free as should be, but for the moments in which segments begin
/// and much of so small a disk is reserved ahead of them.
fn regained(world: &mut World) -> Result<(), String> {
    let wanted = world.keep.as_ref().map_or(0, |rules| rules.keep_free);
    let short = world.alarms.iter().rev().take(4).any(|(_, text)| text.contains("bytes short"));
    let mut most = 0;
    for _ in 0..10 {
        let space = world.disk.space(&world.volume_root()).map_err(|error| error.to_string())?;
        if space.available >= wanted || short {
            return Ok(());
        }
        most = most.max(space.available);
        world.run_on(Duration::from_millis(700));
    }
    Err(format!("{most} bytes are free, {wanted} should be"))
}

/// What is protected or hidden stands beside the footage too, while there is any of it.
fn notes_are_there(world: &World) -> Result<(), String> {
    let Some(machine) = &world.machine else { return Ok(()) };
    let volume = machine.volume();
    for (number, stream) in world.streams() {
        let kept = volume.read_kept(&slug(number), "main").map_err(|error| error.to_string())?;
        let noted = kept.map_or(0, |kept| kept.protected.len() + kept.hidden.len());
        let (from, to) = (base::WallTime::EPOCH, base::WallTime::MAX);
        let rows = machine.catalog.protections(stream, from, to).map_err(|e| e.to_string())?;
        let hidden = machine.catalog.hidden(stream, from, to).map_err(|e| e.to_string())?;
        let spans = rows.iter().map(|row| (row.from, row.to)).chain(hidden);
        let mut stands = 0;
        for (from, to) in spans {
            let segments = machine.catalog.segments(stream, from, to);
            stands += usize::from(!segments.map_err(|e| e.to_string())?.is_empty());
        }
        if noted < stands {
            return Err(format!("{noted} notes beside the footage of camera {number}"));
        }
    }
    Ok(())
}
