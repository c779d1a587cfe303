//! The system's clock is set while cameras send: runs end with that cause and new ones begin, and
//! no two segments hold the same time.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use catalog::SegmentRow;
use sim::Ended;
use sim::World;

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
