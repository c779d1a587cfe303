//! Two volumes, and a disk that is unplugged at any moment, in the middle of a round or of a
//! take-over too: its streams go on on the other volume, and once it is back all that it held is
//! there, every frame is found once, and every file proves what it follows.

use std::time::Duration;

use archive::{Link, prove, prove_links};
use world::Disk;
use world::sim::Random;

use super::{Failure, Report, Scenario, end_well, end_well_with_all, play_on};
use crate::scene::World;
use crate::setup::Setup;

pub(super) const ONE_OF_TWO_DISKS_VANISHES: Scenario = Scenario {
    name: "one_of_two_disks_vanishes",
    about: "a disk is unplugged at any moment and comes back, while streams go on on another one",
    seeds: 40,
    run: one_of_two_vanishes,
};

pub(super) const WHAT_TOOK_OVER_IS_MISSING: Scenario = Scenario {
    name: "what_took_over_is_missing",
    about: "the power goes after a take-over, and the disk that took over is missing at the start",
    seeds: 40,
    run: what_took_over_is_missing,
};

/// The longest time that placement takes to see that a disk is gone.
const SEEN_MICROS_MAX: u64 = 6_000_000;

fn one_of_two_vanishes(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::with(seed, Setup { volumes: 2, ..Setup::default() }), |world| {
        if random.chance(50) {
            world.set_home(1, 0);
        }
        world.start()?;
        let mut whole = true;
        for _ in 0..=random.below(3) {
            let mut disks = Disks { random: &mut random, gone: [false; 2], ended: false };
            disks.one_goes(world)?;
            disks.time_without(world)?;
            disks.come_back(world);
            whole &= !disks.ended;
        }
        let found = if whole { end_well_with_all(world, 0) } else { end_well(world) }?;
        proves_itself(world)?;
        Ok(found)
    })
}

/// The catalog may not know of the take-over yet, and what the stuck disk wrote late is there.
fn what_took_over_is_missing(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::with(seed, Setup { volumes: 2, ..Setup::default() }), |world| {
        world.set_home(1, 0);
        world.start()?;
        for _ in 0..=random.below(2) {
            world.run_on(Duration::from_micros(random.below(9_000_000)));
            let rest = Duration::from_micros(random.below(2_500_000));
            let fled = random.chance(80);
            world.hold_up(0, |world| {
                world.run_on(Duration::from_secs(5));
                world.take_over(0, 1);
                if fled {
                    world.take_over(1, 1);
                }
                world.run_on(rest);
            });
            world.disks[1].vanish(&mut random);
            for _ in 0..=random.below(2) {
                world.cut_power();
                world.start()?;
                flee(world, 1);
                world.run_on(Duration::from_micros(1_000_000 + random.below(25_000_000)));
                world.held_is_shown()?;
            }
            world.disks[1].come_back();
            world.say("disk 1 is back".to_owned());
            world.run_on(Duration::from_secs(12));
        }
        let found = end_well(world)?;
        proves_itself(world)?;
        Ok(found)
    })
}

/// The disks of a world, and which of them are not there.
struct Disks<'a> {
    random: &'a mut Random,
    gone: [bool; 2],
    /// The process ended meanwhile.
    ended: bool,
}

impl Disks<'_> {
    fn some(&mut self, micros: u64) -> Duration {
        Duration::from_micros(self.random.below(micros))
    }

    /// A disk goes: between two rounds, at some call, in a round, or while it takes a stream over.
    fn one_goes(&mut self, world: &mut World) -> Result<(), String> {
        let time = self.some(9_000_000);
        world.run_on(Duration::from_millis(500) + time);
        let number = self.random.below(2) as usize;
        match self.random.below(4) {
            0 => {}
            1 => {
                world.disks[number].fail_power_after(self.random.below(30));
                let time = self.some(3_000_000);
                world.run_on(time);
            }
            2 => {
                let (before, after) = (self.some(2_000_000), self.some(9_000_000));
                let moves = self.random.chance(60);
                let mut random = Random::new(self.random.next_u64());
                world.hold_up(number, |world| {
                    world.run_on(before);
                    world.disks[number].vanish(&mut random);
                    world.run_on(after);
                    if moves {
                        flee(world, number);
                    }
                    world.run_on(after);
                });
            }
            _ => {
                // The other one is stuck; what takes over from it vanishes meanwhile.
                let time = self.some(1_500_000);
                let mut random = Random::new(self.random.next_u64());
                let calls = self.random.below(30);
                world.hold_up(1 - number, |world| {
                    world.run_on(Duration::from_secs(5));
                    flee(world, 1 - number);
                    world.disks[number].fail_power_after(calls);
                    world.run_on(time);
                    world.disks[number].vanish(&mut random);
                    world.run_on(time);
                });
            }
        }
        self.goes(world, number);
        let time = self.some(SEEN_MICROS_MAX);
        world.run_on(time);
        flee(world, number);
        Ok(())
    }

    fn goes(&mut self, world: &mut World, number: usize) {
        world.disks[number].vanish(self.random);
        self.gone[number] = true;
        world.say(format!("disk {number} is gone"));
    }

    /// What happens while one is gone.
    fn time_without(&mut self, world: &mut World) -> Result<(), String> {
        let other = usize::from(self.gone[0]);
        let time = self.some(20_000_000);
        world.run_on(time);
        let happens = self.random.below(10);
        match happens {
            0..3 => {
                if self.random.chance(50) {
                    world.disks[other].fail_power_after(self.random.below(30));
                    world.run_on(Duration::from_secs(3));
                }
                world.cut_power();
            }
            3 => world.kill(),
            4 => self.goes(world, other),
            _ => {}
        }
        if happens < 4 {
            self.ended = true;
            world.start()?;
            let time = self.some(SEEN_MICROS_MAX);
            world.run_on(time);
            flee(world, 1 - other);
        }
        let time = self.some(20_000_000);
        world.run_on(time);
        Ok(())
    }

    /// The disks come back, one after the other.
    fn come_back(&mut self, world: &mut World) {
        let (gone, first) = (self.gone, self.random.below(2) as usize);
        for number in [first, 1 - first].into_iter().filter(|number| gone[*number]) {
            world.disks[number].come_back();
            world.say(format!("disk {number} is back"));
            let time = self.some(9_000_000);
            world.run_on(time);
        }
        world.run_on(Duration::from_secs(8));
        for camera in 0..world.streams().len() {
            let (home, picked) = (world.home(camera), self.random.below(10));
            match picked {
                0..3 => world.move_gently(camera, 1 - home),
                3 => world.take_over(camera, 1 - home),
                _ => {}
            }
        }
    }
}

/// All streams of a volume are taken over on the other one.
fn flee(world: &mut World, number: usize) {
    for camera in 0..world.streams().len() {
        if world.home(camera) == number {
            world.take_over(camera, 1 - number);
        }
    }
}

/// All files of all volumes prove that they are whole, and what each of them follows.
fn proves_itself(world: &World) -> Result<(), String> {
    let machine = world.machine.as_ref().ok_or("nothing runs")?;
    let words = |error: std::io::Error| error.to_string();
    let mut proofs = Vec::new();
    for (at_work, disk) in machine.at_work().zip(&world.disks) {
        let volume = &at_work.volume;
        for day in volume.days().map_err(words)? {
            for place in volume.segments(&day).map_err(words)? {
                let path = volume.root().join(place.relative());
                let proof = prove(disk, &path, &[volume.identity().public_key]);
                proofs.push(proof.map_err(words)?);
            }
        }
    }
    if let Some((proof, wound)) = proofs.iter().find_map(|p| Some((p, p.wounds.first()?))) {
        return Err(format!("{}: {}", proof.path.display(), wound.what));
    }
    let disk: &dyn Disk = &world.disk;
    for (number, link) in prove_links(disk, &proofs, &[], &[]).links {
        if !matches!(link, Link::Begins(_)) {
            return Err(format!("{}: {link:?}", proofs[number].path.display()));
        }
    }
    Ok(())
}
