//! A disk does not answer for thirty seconds, in figures: what fits into the memory of all streams
//! together is recorded, whoever needs it. Beyond it whole GOPs go, oldest first, of the stream
//! that takes more than its share, and stand as one gap with its cause. Nobody else notices.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::{StreamId, WallTime};
use catalog::SegmentRow;
use sim::World;
use sim::audit::read_back;
use sim::camera::CameraKind;
use sim::setup::Setup;
use world::Clock;
use world::sim::{Effect, Fault, Operation};

const STUCK: Duration = Duration::from_secs(30);
/// What the busy camera sends in that time is between these.
const BUSY_BYTES: std::ops::Range<usize> = 150_000..185_000;

/// One busy camera, and three that send next to nothing.
fn world(seed: u64, memory_max: usize) -> World {
    let cameras = [&[CameraKind::Plain][..], &[CameraKind::Tiny; 3]].concat();
    World::with(seed, Setup { cameras, memory_max, ..Setup::default() })
}

/// Lets the first disk hold up one sync for [`STUCK`], and looks every 50 ms meanwhile.
fn hold_up(world: &mut World, mut look: impl FnMut(&World)) {
    world.run_on(Duration::from_secs(6));
    let fault = Fault::new(Operation::SyncData, Effect::Slow(STUCK)).on("/camera-0");
    world.disk.add_fault(fault.times(1));
    for _ in 0..45 * 20 {
        world.run_on(Duration::from_millis(50));
        look(world);
    }
}

/// Bytes that wait, of each stream.
fn waiting(world: &World) -> Vec<usize> {
    let machine = world.machine.as_ref().unwrap();
    let numbers = 0..world.streams().len();
    numbers.map(|number| machine.reader(number).stats().waiting_bytes).collect()
}

fn rows(world: &World, stream: StreamId) -> Vec<SegmentRow> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap()
}

/// By stream, the numbers of the frames that were sent and are not in the archive.
fn lost(world: &World, seed: u64) -> Vec<Vec<u32>> {
    let found = read_back(world)
        .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", world.log.join("\n")));
    let lost_of = |(_, stream): (u8, StreamId)| {
        let (_, streamed) = world.model.streams().find(|(id, _)| *id == stream).unwrap();
        let lost = streamed.sent.keys().filter(|stamp| !found[&stream].contains(stamp));
        lost.map(|stamp| stamp.number).collect()
    };
    world.streams().into_iter().map(lost_of).collect()
}

#[test]
fn thirty_seconds_of_a_busy_stream_fit_where_the_idle_ones_need_nothing() {
    for seed in 0..6 {
        // A fourth of it would be 50 kB.
        let (mut world, mut most) = (world(seed, 200_000), 0);
        world.start().unwrap();
        hold_up(&mut world, |world| most = most.max(waiting(world)[0]));
        assert!(BUSY_BYTES.contains(&most), "seed {seed}: {most} bytes waited");
        assert!(world.stop(), "seed {seed}");
        assert_eq!(world.lost, 0, "seed {seed}");
        assert!(lost(&world, seed).iter().all(Vec::is_empty), "seed {seed}");
        for (_, stream) in world.streams() {
            let rows = rows(&world, stream);
            assert!(rows.windows(2).all(|pair| pair[0].end == pair[1].start), "seed {seed}");
        }
    }
}

#[test]
fn beyond_the_memory_whole_gops_of_the_busy_stream_go_and_the_oldest_first() {
    const MEMORY: usize = 100_000;
    for seed in 0..6 {
        let (mut world, mut most) = (world(seed, MEMORY), 0);
        world.start().unwrap();
        hold_up(&mut world, |world| most = most.max(waiting(world).iter().sum()));
        assert!(most <= MEMORY, "seed {seed}: {most} bytes waited");
        assert!(world.stop(), "seed {seed}");
        let lost = lost(&world, seed);
        let modest = lost[1..].iter().all(Vec::is_empty);
        assert!(modest, "seed {seed}: those that were not greedy lose nothing: {lost:?}");
        let lost = &lost[0];
        assert_eq!(lost.len() as u64, world.lost, "seed {seed}: what is lost is counted");
        // 50 kB to 85 kB of 5.2 kB a second, and at most a GOP more, for they go whole.
        assert!((220..450).contains(&lost.len()), "seed {seed}: {} of 750 are lost", lost.len());
        let one_piece = lost.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        assert!(
            one_piece && (lost[lost.len() - 1] + 1).is_multiple_of(25),
            "seed {seed}: {lost:?}"
        );
        let rows = rows(&world, world.streams()[0].1);
        let holes: Vec<_> = rows.windows(2).filter(|pair| pair[0].end < pair[1].start).collect();
        let [hole] = &holes[..] else { panic!("seed {seed}: not one hole: {holes:#?}") };
        assert_eq!(hole[0].end_cause.as_deref(), Some("overload"), "seed {seed}");
        // A picture lasts 40 ms: the hole is exact to a frame.
        let micros = hole[1].start.micros_since(hole[0].end) - lost.len() as i64 * 40_000;
        assert!(micros.abs() <= 2_000, "seed {seed}: it is {micros} µs too long");
    }
}

#[test]
fn the_other_volume_goes_on_as_if_nothing_were() {
    for seed in 0..6 {
        // The first one uses the memory up.
        let setup = Setup { volumes: 2, memory_max: 60_000, ..Setup::default() };
        let mut world = World::with(seed, setup);
        world.start().unwrap();
        let (well, mut oldest) = (world.streams()[1].1, 0);
        hold_up(&mut world, |world| {
            let durable = world.machine.as_ref().unwrap().catalog.tail().durable_until(well);
            oldest = oldest.max(world.clock.wall().micros_since(durable.unwrap()));
        });
        assert!(oldest <= 1_200_000, "seed {seed}: once durable only after {oldest} µs");
        assert!(world.stop(), "seed {seed}");
        let lost = lost(&world, seed);
        assert!(lost[0].len() > 300 && lost[1].is_empty(), "seed {seed}: {lost:?}");
    }
}

#[test]
fn where_memory_is_too_small_for_the_interval_what_fits_is_recorded() {
    // Twelve seconds of thirty.
    let (memory_max, sync_interval) = (60_000, Duration::from_secs(30));
    let setup =
        Setup { cameras: vec![CameraKind::Plain], memory_max, sync_interval, ..Setup::default() };
    let mut world = World::with(3, setup);
    world.start().unwrap();
    world.run_on(Duration::from_secs(300));
    let (_, stream) = world.streams()[0];
    let (_, streamed) = world.model.streams().find(|(id, _)| *id == stream).unwrap();
    let (sent, found) = (streamed.sent.len(), read_back(&world).unwrap()[&stream].len());
    assert!(found > sent / 4, "{found} of {sent} frames");
    assert!(world.stop());
}
