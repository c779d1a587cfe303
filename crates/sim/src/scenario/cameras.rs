//! Cameras that come and go, whose clocks drift, that send for a week; and a system clock that is
//! set.

use std::time::Duration;

use stream::EndCause;
use world::sim::Random;

use super::{Failure, Report, Scenario, end_well, end_well_with_all, play_on};
use crate::scene::World;
use crate::setup::Setup;

pub(super) const CAMERA_FLAPS: Scenario = Scenario {
    name: "camera_flaps",
    about: "cameras go and come back, after moments or seconds, with any cause",
    seeds: 20,
    run: camera_flaps,
};

pub(super) const CLOCK_STEPS: Scenario = Scenario {
    name: "clock_steps",
    about: "the system's clock is set forward and back, by a little or by hours",
    seeds: 15,
    run: clock_steps,
};

pub(super) const DRIFTING_CAMERAS: Scenario = Scenario {
    name: "drifting_cameras",
    about: "two cameras' clocks are fast and slow by 200 parts in a million for nine days",
    seeds: 1,
    run: drifting_cameras,
};

pub(super) const SIX_CAMERAS: Scenario = Scenario {
    name: "six_cameras_for_a_week",
    about: "six cameras send for a week; the power goes about once a day",
    seeds: 1,
    run: six_cameras_for_a_week,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn camera_flaps(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    let causes = [EndCause::CameraGone, EndCause::Silent, EndCause::BadData];
    // A session too short to settle its clock is dated by when its frames came, and none begins
    // before the last frame of the one before has ended.
    let tolerance = Duration::from_millis(10);
    let setup = Setup { tolerance, ..Setup::default() };
    play_on(World::with(seed, setup), |world| {
        world.model.late_max = Duration::from_millis(190);
        world.start()?;
        for _ in 0..10 + random.below(20) {
            let camera = random.below(2) as usize;
            world.disconnect(camera, causes[random.below(3) as usize]);
            let away = if random.chance(50) { 50_000 } else { 4_000_000 };
            world.run_on(Duration::from_micros(random.below(away)));
            world.connect(camera);
            world.run_on(Duration::from_micros(random.below(5_000_000)));
        }
        end_well_with_all(world, 0)
    })
}

fn clock_steps(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::new(seed), |world| {
        world.start()?;
        for _ in 0..=random.below(4) {
            world.run_on(Duration::from_micros(2_000_000 + random.below(7_000_000)));
            let size = [200_000, 5_000_000, 7_200_000_000][random.below(3) as usize];
            let micros = random.below(size) as i64;
            let micros = if random.chance(50) { micros } else { -micros };
            world.clock.step_wall(micros);
            world.say(format!("the clock is set by {micros} us"));
            if micros < 0 {
                // Footage never overlaps: what is recorded now is dated later than it is.
                world.model.late_max += Duration::from_micros(micros.unsigned_abs());
            }
        }
        end_well(world)
    })
}

fn drifting_cameras(seed: u64) -> Result<Report, Failure> {
    let tolerance = Duration::from_millis(100);
    let setup = Setup { tolerance, ..Setup::of_weeks(2) };
    play_on(World::with(seed, setup), |world| {
        world.set_drift(0, 200);
        world.set_drift(1, -200);
        world.start()?;
        world.run_on(DAY * 9);
        if world.alarms.iter().any(|(_, what)| what.contains("apart")) {
            return Err("drift alone has ended a run".to_owned());
        }
        end_well_with_all(world, 0)
    })
}

fn six_cameras_for_a_week(seed: u64) -> Result<Report, Failure> {
    let mut random = Random::new(seed);
    play_on(World::with(seed, Setup::of_weeks(6)), |world| {
        world.start()?;
        for _ in 0..7 {
            let cut = random.below(DAY.as_secs());
            world.run_on(Duration::from_secs(cut));
            if random.chance(50) {
                world.disk.fail_power_after(random.below(24));
                world.run(Duration::from_secs(40));
            }
            world.cut_power();
            // A machine needs longer to come back than these cameras' pictures last: a new one
            // does not have to be dated after the end of the last one.
            world.clock.advance(Duration::from_millis(500));
            world.start()?;
            let camera = random.below(6) as usize;
            world.run_on(Duration::from_secs(60));
            world.reconnect(camera);
            world.run_on(DAY - Duration::from_secs(cut));
        }
        end_well(world)
    })
}
