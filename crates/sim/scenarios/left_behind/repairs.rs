//! A repair asks what recovery asks before it seals or takes in a file: no frame is there twice,
//! and what was removed does not come back.

use std::time::Duration;

use catalog::Change;
use recorder::Drain;
use sim::World;
use sim::setup::Setup;
use world::Clock;
use world::sim::Random;

use super::{later, said};

/// Two volumes, and the volume that both cameras are recorded on.
fn two(seed: u64, home: usize) -> World {
    let mut world = World::with(seed, Setup { volumes: 2, ..Setup::default() });
    (0..2).for_each(|camera| world.set_home(camera, home));
    world.start().unwrap();
    world
}

#[test]
fn a_repair_does_not_seal_what_may_go_on_on_a_volume_that_is_missing() {
    let mut asked = 0;
    for seed in 0..12 {
        let (mut world, mut random) = (two(seed, 0), Random::new(seed));
        world.run(Duration::from_millis(500));
        world.kill();
        let before = world.copy_catalog();
        world.start().unwrap();
        world.run(Duration::from_micros(2_000_000 + random.below(2_000_000)));
        let rest = Duration::from_micros(1_000_000 + random.below(2_500_000));
        world.hold_up(0, |world| {
            world.run(Duration::from_secs(5));
            world.take_over(0, 1);
            world.take_over(1, 1);
            world.run(rest);
        });
        world.kill();
        // The file that the stuck disk held up has no row.
        world.put_catalog(before);
        world.disks[1].vanish(&mut random);
        world.start().unwrap();
        let done = world.repair(later(&world)).unwrap();
        asked += done.iter().filter(|(_, done)| done.to_string().contains("may lie on")).count();
        world.run_on(Duration::from_secs(5));
        world.disks[1].come_back();
        world.run_on(Duration::from_secs(12));
        let stopped = world.stop();
        let log = || world.log.join("\n");
        assert!(stopped, "seed {seed}\n{}", log());
        sim::audit(&world).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", log()));
        assert_eq!(said(&world), (vec![], vec![]), "seed {seed}\n{}", log());
    }
    assert!(asked > 0, "no file was cut off");
}

#[test]
fn a_repair_does_not_take_in_what_was_removed_while_it_moved() {
    let mut world = two(5, 1);
    world.run(Duration::from_secs(20));
    (0..2).for_each(|camera| world.take_over(camera, 0));
    world.run_on(Duration::from_secs(6));
    let machine = world.machine.as_ref().unwrap();
    let [to, from] = [0, 1].map(|number| machine.volume_of(world.volume_id(number)).unwrap());
    let mut drain = Drain::new(from.clone(), machine.catalog.clone());
    let row = drain.next_sealed().unwrap().unwrap();
    let place = archive::SegmentPlace {
        camera_slug: row.camera_slug.to_string(),
        stream: row.stream_name.to_string(),
        start: row.start,
        id: row.id,
    };
    world.apply(&[drain.begins(&row, &to)]);
    drain.copy(&row, &to, world.clock.wall(), &mut |_| true).unwrap();
    // Retention removes it where its row says that it is.
    world.apply(&[Change::SegmentGarbage(row.id)]);
    from.remove(&place).unwrap();
    world.apply(&[Change::SegmentDeleted(row.id)]);
    let done = world.repair(later(&world)).unwrap();
    let of_file = done.iter().filter(|(finding, _)| finding.segment == Some(row.id));
    let of_file: Vec<_> = of_file.map(|(_, repaired)| repaired.name()).collect();
    assert_eq!(of_file, ["left"], "{done:?}");
    world.run_on(Duration::from_secs(9));
    let catalog = &world.machine.as_ref().unwrap().catalog;
    assert_eq!(catalog.segment(row.id).unwrap(), None);
    assert!(to.usage(&place).is_err(), "it goes with its move");
}
