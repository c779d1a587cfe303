//! Nothing goes wrong: footage is durable within a second, segments follow one another without a
//! hole, and a check finds nothing to say at any moment.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use base::WallTime;
use sim::Ended;
use sim::clip::{clip, frames_in};
use sim::model::TOLERANCE;
use sim::{World, audit};
use world::Clock;

#[test]
fn footage_is_durable_within_a_second_and_a_check_is_always_clean() {
    let mut world = World::new(11);
    world.start().unwrap();
    assert_eq!(world.run(Duration::from_secs(3)), Ended::Passed);
    let mut oldest = Duration::ZERO;
    for _ in 0..1500 {
        assert_eq!(world.run(Duration::from_millis(17)), Ended::Passed);
        let (machine, now) = (world.machine.as_ref().unwrap(), world.clock.wall());
        for (_, stream) in world.streams() {
            let until = machine.catalog.tail().durable_until(stream).unwrap();
            oldest = oldest.max(Duration::from_micros(now.micros_since(until) as u64));
        }
    }
    assert!(oldest <= Duration::from_secs(1), "{oldest:?}");
    assert!(oldest >= Duration::from_millis(700), "{oldest:?} is a sync more often than needed");
    for _ in 0..40 {
        assert_eq!(world.run(Duration::from_millis(291)), Ended::Passed);
        let checked = world.check(world.clock.wall()).unwrap();
        assert!(checked.is_clean(), "{:#?}", checked.findings);
    }
    assert!(world.stop());
    audit(&world).unwrap();
    let machine = world.machine.as_ref().unwrap();
    for (_, stream) in world.streams() {
        let rows = machine.catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
        assert!(rows.len() > 8, "{} segments", rows.len());
        for pair in rows.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert_eq!(pair[1].predecessor.unwrap().segment, pair[0].id);
            assert_eq!(pair[1].predecessor.map(|p| p.commit), pair[0].last_commit);
            assert_eq!(pair[0].end_cause, None);
        }
        assert_eq!(rows.last().unwrap().end_cause.as_deref(), Some("shutdown"));
        let seconds = |row: &catalog::SegmentRow| row.end.since(row.start).as_secs_f64();
        assert!(rows[1..rows.len() - 1].iter().all(|row| (3.0..6.0).contains(&seconds(row))));
    }
}

#[test]
fn one_range_is_one_sequence_of_bytes_while_its_footage_grows_and_is_sealed() {
    let mut world = World::new(12);
    world.start().unwrap();
    assert_eq!(world.run(Duration::from_secs(4)), Ended::Passed);
    let mut clips = Vec::new();
    for _ in 0..12 {
        assert_eq!(world.run(Duration::from_millis(613)), Ended::Passed);
        for (_, stream) in world.streams() {
            let tail = world.machine.as_ref().unwrap().catalog.tail().clone();
            let to = tail.durable_until(stream).unwrap();
            let from = to - Duration::from_millis(2500);
            clips.push((stream, from, to, clip(&world, stream, from, to).unwrap()));
        }
    }
    for _ in 0..3 {
        assert_eq!(world.run(Duration::from_millis(2700)), Ended::Passed);
        for (stream, from, to, first) in &clips {
            let again = clip(&world, *stream, *from, *to).unwrap();
            assert!(
                again == *first,
                "[{from}, {to}) of {stream} has changed: {} then {}",
                first.1,
                again.1
            );
        }
    }
    for (stream, from, to, (bytes, _)) in &clips {
        let frames = frames_in(bytes);
        let streamed = world.model.streams().find(|(id, _)| id == stream).unwrap().1;
        let inside = |wall: WallTime| wall > *from + TOLERANCE && wall + TOLERANCE < *to;
        let wanted = streamed.sent.iter().filter(|(_, wall)| inside(**wall));
        let missing: Vec<_> = wanted.filter(|(stamp, _)| !frames.contains(stamp)).collect();
        assert!(missing.is_empty(), "[{from}, {to}): {missing:?}");
        let once: std::collections::BTreeSet<_> = frames.iter().collect();
        assert_eq!(once.len(), frames.len(), "[{from}, {to}): frames are there twice");
    }
}
