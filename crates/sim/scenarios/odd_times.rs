//! A camera sends times that no file can hold: what can stand is recorded, the rest is counted.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use sim::Ended;
use sim::World;
use sim::audit::read_back;

#[test]
fn sound_that_repeats_a_time_costs_no_picture() {
    for seed in 0..10 {
        let mut world = World::new(seed);
        world.start().unwrap();
        for _ in 0..3 {
            assert_eq!(world.run(Duration::from_millis(2345)), Ended::Passed, "seed {seed}");
            world.stutter(1);
        }
        assert_eq!(world.run(Duration::from_secs(3)), Ended::Passed, "seed {seed}");
        assert!(world.stop(), "seed {seed}");
        let (mut pictures, mut sounds) = (0, 0);
        for (_, streamed) in world.model.streams() {
            pictures += streamed.sent.keys().filter(|stamp| stamp.track == 0).count();
            sounds += streamed.sent.keys().filter(|stamp| stamp.track == 1).count();
        }
        let found = read_back(&world).unwrap();
        let of = |track| found.values().flatten().filter(|stamp| stamp.track == track).count();
        assert_eq!(of(0), pictures, "seed {seed}");
        assert!(world.lost > 0 && of(1) < sounds, "seed {seed}: nothing was refused");
        assert_eq!(of(1) + world.lost as usize, sounds, "seed {seed}");
    }
}
