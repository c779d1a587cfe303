//! The system's clock is set while cameras send: runs end with that cause and new ones begin, and
//! no two segments hold the same time.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use catalog::{Change, SegmentRow, SegmentState};
use sim::Ended;
use sim::World;
use world::Clock;

const SECOND: i64 = 1_000_000;

fn rows_after_a_jump(by: i64) -> (World, Vec<Vec<SegmentRow>>) {
    let mut world = World::new(23);
    world.start().unwrap();
    assert_eq!(world.run(Duration::from_secs(7)), Ended::Passed);
    world.clock.step_wall(by);
    assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
    let late = world.dated_late.clone();
    assert!(world.stop());
    world.dated_late = late;
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let rows = |(_, stream)| catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    let rows = world.streams().into_iter().map(rows).collect();
    (world, rows)
}

#[test]
fn a_clock_that_is_set_forward_begins_a_new_run_at_the_right_time() {
    let (world, all) = rows_after_a_jump(3600 * SECOND);
    assert_eq!(world.dated_late, []);
    sim::audit(&world).unwrap();
    for rows in all {
        let ended = rows.iter().position(|row| row.end_cause.as_deref() == Some("clock")).unwrap();
        let hole = rows[ended + 1].start.micros_since(rows[ended].end);
        assert!((3600 * SECOND..3603 * SECOND).contains(&hole), "{hole}");
        assert_ne!(rows[ended].run, rows[ended + 1].run);
    }
}

#[test]
fn a_clock_that_is_set_back_never_makes_footage_overlap() {
    let (world, all) = rows_after_a_jump(-60 * SECOND);
    assert_eq!(world.dated_late.len(), 2, "it is said of both streams");
    assert!(world.dated_late.iter().all(|(_, late)| (50..61).contains(&late.as_secs())));
    for rows in all {
        let ended = rows.iter().position(|row| row.end_cause.as_deref() == Some("clock")).unwrap();
        assert_eq!(rows[ended + 1].start, rows[ended].end);
        assert!(rows.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}

#[test]
fn a_small_correction_of_the_clock_changes_nothing() {
    let (world, all) = rows_after_a_jump(SECOND / 10);
    sim::audit(&world).unwrap();
    for rows in all {
        assert!(rows.iter().all(|row| row.run == rows[0].run));
    }
}

/// Everything that the catalog says of segments that are sealed.
fn sealed(world: &World) -> Vec<SegmentRow> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let all = |(_, stream)| catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    let rows = world.streams().into_iter().flat_map(all);
    rows.filter(|row| row.state == SegmentState::Sealed).collect()
}

#[test]
fn a_machine_that_starts_without_a_clock_goes_on_where_footage_ends_until_it_is_set() {
    for (seed, told) in [(31, true), (32, false)] {
        let mut world = World::new(seed);
        world.start().unwrap();
        assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
        // The power goes, or it is stopped; then the clock begins in 1970.
        if told {
            assert!(world.stop());
            world.kill();
        } else {
            world.cut_power();
        }
        let right = world.clock.wall();
        let back = WallTime::EPOCH.micros_since(right);
        world.clock.step_wall(back);
        world.model.late_max = Duration::from_micros(back.unsigned_abs());
        world.start().unwrap();
        world.finish_recovery().unwrap();
        assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
        assert_eq!(world.dated_late.len(), 2, "it is said of both streams");
        let before = sealed(&world);
        // A time service sets it right.
        world.clock.step_wall(-back);
        assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
        assert_eq!(world.dated_late, []);
        assert!(world.stop());
        let after = sealed(&world);
        assert!(before.iter().all(|row| after.contains(row)), "what was committed stays");
        let now = world.clock.wall();
        for (_, stream) in world.streams() {
            let rows: Vec<_> = after.iter().filter(|row| row.stream == stream).collect();
            assert!(rows.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let set = rows.iter().position(|row| row.end_cause.as_deref() == Some("clock"));
            let set = set.unwrap();
            let late = rows[set].end.micros_since(right);
            assert!((-4 * SECOND..10 * SECOND).contains(&late), "right behind the rest: {late}");
            assert!(rows[set + 1].start > right.plus_micros(8 * SECOND));
            assert!(rows[rows.len() - 1].end <= now.plus_micros(SECOND));
        }
        sim::audit(&world).unwrap();
    }
}

/// What stands of each stream, oldest first.
fn standing(world: &World) -> Vec<Vec<SegmentRow>> {
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let rows = |(_, stream)| catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    world.streams().into_iter().map(rows).collect()
}

/// Recorded with a clock that was ahead by so much, which was then set right.
fn was_ahead(seed: u64, by: i64) -> World {
    let mut world = World::new(seed);
    world.keep_bytes(u64::MAX);
    world.start().unwrap();
    assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
    assert!(world.stop());
    world.forget_process();
    world.clock.step_wall(by);
    world.model.late_max = Duration::from_micros(by.unsigned_abs());
    world.start().unwrap();
    assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
    world.clock.step_wall(-by);
    assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
    assert_eq!(world.dated_late.len(), 2, "all that is new is held behind what was ahead");
    world
}

#[test]
fn what_was_dated_ahead_is_deleted_and_what_follows_stands_at_the_true_time() {
    for (seed, by) in [(41, 365 * 86_400 * SECOND), (42, 120 * SECOND)] {
        let mut world = was_ahead(seed, by);
        // The cameras are paused, and what was dated ahead is deleted, from now to where it ends.
        for number in 0..2 {
            world.disconnect(number, stream::EndCause::Paused);
        }
        assert_eq!(world.run(Duration::from_secs(2)), Ended::Passed);
        let now = world.clock.wall();
        for rows in standing(&world) {
            let ahead: Vec<_> = rows.iter().filter(|row| row.end > now).collect();
            let (from, to) = (ahead[0].start.max(now), ahead[ahead.len() - 1].end);
            world.apply(&[Change::Hide { stream: ahead[0].stream, from, to }]);
        }
        assert_eq!(world.run(Duration::from_secs(11)), Ended::Passed);
        assert!(standing(&world).iter().flatten().all(|row| row.end <= world.clock.wall()));
        assert!(world.stop());
        world.forget_process();
        world.start().unwrap();
        assert_eq!(world.run(Duration::from_secs(9)), Ended::Passed);
        assert_eq!(world.dated_late, [], "it stands at the true time");
        // Once its time comes, what is recorded there is other footage, and stays.
        assert!(world.stop());
        world.forget_process();
        let (machine_ends, ahead) = (world.clock.wall(), Duration::from_micros(by as u64));
        world.clock.advance(ahead.saturating_sub(Duration::from_secs(25)));
        world.start().unwrap();
        assert_eq!(world.run(Duration::from_secs(40)), Ended::Passed);
        assert!(world.stop());
        for rows in standing(&world) {
            let later = rows.iter().filter(|row| row.start > machine_ends);
            let micros: i64 = later.map(|row| row.end.micros_since(row.start)).sum();
            assert!(micros > 37 * SECOND, "{micros} µs of 40 s are there");
            let (stream, catalog) = (rows[0].stream, &world.machine.as_ref().unwrap().catalog);
            let hidden = catalog.hidden(stream, machine_ends, WallTime::MAX).unwrap();
            assert_eq!(hidden, [], "nothing of it is hidden");
        }
    }
}
