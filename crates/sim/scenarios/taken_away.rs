//! A stream is taken away while its camera sends: what comes until its run ends is recorded.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use sim::Ended;
use sim::World;
use sim::audit::read_back;
use world::sim::Random;

#[test]
fn the_last_frames_of_a_stream_that_is_taken_away_are_recorded() {
    let mut goes_on = 0;
    for seed in 0..30 {
        let (mut world, mut random) = (World::new(seed), Random::new(seed));
        world.start().unwrap();
        world.run(Duration::from_millis(3000 + random.below(3000)));
        world.take_away(0, Duration::from_millis(random.below(900)));
        assert_eq!(world.run(Duration::from_secs(5)), Ended::Passed, "seed {seed}");
        let found: usize = read_back(&world).unwrap().values().map(|stamps| stamps.len()).sum();
        assert!(world.stop(), "seed {seed}");
        let at_last: usize = read_back(&world).unwrap().values().map(|stamps| stamps.len()).sum();
        assert_eq!((at_last, world.lost), (world.model.frames(), 0), "seed {seed}");
        // A round may have ended in that very moment.
        goes_on += usize::from(found < at_last);
        let catalog = &world.machine.as_ref().unwrap().catalog;
        let (_, stream) = world.streams()[0];
        let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
        let cause = rows.last().and_then(|row| row.end_cause.as_deref());
        assert_eq!(cause, Some("reconfigured"), "seed {seed}");
    }
    assert!(goes_on > 20, "the other camera goes on, and its last frames came at the stop");
}
