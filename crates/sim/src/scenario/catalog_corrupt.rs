//! The catalog's file is damaged, page by page: whoever opens it is told what to do, and a rebuild
//! gives everything back.

use std::path::Path;
use std::time::Duration;

use catalog::{Catalog, Standing};
use world::sim::Random;
use world::{Disk, SystemDisk};

use super::{Failure, Report, Scenario, end_well, play_on};
use crate::scene::World;

pub(super) const CATALOG_CORRUPT: Scenario = Scenario {
    name: "catalog_corrupt",
    about: "pages of the catalog's file are overwritten: it says so, and is rebuilt",
    seeds: 6,
    run: corrupt,
};

pub(super) const CATALOG_REBUILT: Scenario = Scenario {
    name: "catalog_rebuilt",
    about: "the catalog is lost after a stop or a power cut, and rebuilt from the files alone",
    seeds: 12,
    run: rebuilt,
};

const PAGE: usize = 4096;
const CATALOG_BYTES_MAX: u64 = 64 << 20;

fn corrupt(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        world.start()?;
        world.run(Duration::from_micros(5_000_000 + random.below(12_000_000)));
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        save(world, folder.path())?;
        world.cut_power();
        if Catalog::standing(folder.path()) != Standing::Whole {
            return Err("the copy of a catalog at work is not whole".to_owned());
        }
        spoil(folder.path(), &mut random)?;
        let Standing::Damaged(words) = Catalog::standing(folder.path()) else {
            return Err("a damaged catalog is taken for whole".to_owned());
        };
        world.say(format!("the catalog's file is damaged: {}", !words.is_empty()));
        if let Err(error) = Catalog::open_to_read(folder.path())
            && !error.to_string().contains("holdfast rebuild")
        {
            return Err(format!("nobody is told what to do: {error}"));
        }
        world.rebuild_catalog()?;
        world.start()?;
        end_well(world)
    })
}

fn rebuilt(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        for _ in 0..=random.below(2) {
            world.start()?;
            world.run(Duration::from_micros(random.below(17_000_000)));
            match random.chance(50) {
                true => world.cut_power(),
                false => {
                    world.stop();
                    world.forget_process();
                    // To rebuild takes longer than a picture lasts.
                    world.clock.advance(Duration::from_secs(1));
                }
            }
            let rebuilt = world.rebuild_catalog()?;
            if let Some(left) = rebuilt.left.first() {
                return Err(format!("a file of ours was not taken in: {left}"));
            }
        }
        world.start()?;
        end_well(world)
    })
}

/// Copies the catalog that is at work into a real folder.
fn save(world: &World, folder: &Path) -> Result<(), String> {
    let machine = world.machine.as_ref().ok_or("the power has gone")?;
    let file = folder.join("catalog.db");
    machine.catalog.back_up(&SystemDisk, &file).map_err(|error| error.to_string())
}

/// Overwrites the beginning of pages: the first one, which is the file's header, or many others.
fn spoil(folder: &Path, random: &mut Random) -> Result<(), String> {
    let file = folder.join("catalog.db");
    let mut bytes =
        SystemDisk.read_all(&file, CATALOG_BYTES_MAX).map_err(|error| error.to_string())?;
    let pages = bytes.len() / PAGE;
    let header = random.chance(30);
    for page in 0..pages {
        if header == (page == 0) {
            bytes[page * PAGE..page * PAGE + 64].fill(0xa5);
        }
    }
    let file = SystemDisk.open(&file, true).map_err(|error| error.to_string())?;
    file.write_all_at(&[&bytes], 0).map_err(|error| error.to_string())
}
