//! The lane at every step, against what each second says.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use media::Sample;
use proptest::prelude::*;

use super::*;
use crate::testing::{STREAM, at, catalog, growing, id, index, segment};
use crate::{Change, OpenSegment, SegmentRow, Writer};

const HOUR: i64 = 3600;

fn second(second: i64) -> WallTime {
    // A quarter of an hour before midnight in Berlin, on a full hour of nobody's.
    at("2026-11-22T22:45:00Z").plus_micros(second * SECOND_MICROS)
}

/// A sealed segment of so many seconds with `values` after some still ones.
pub(crate) fn moving(number: u32, start: i64, seconds: i64, still: u8, values: &[u8]) -> Change {
    let row = segment(number, second(start), second(start + seconds));
    let mut packed = vec![1];
    if !values.is_empty() {
        for number in [usize::from(still), values.len()] {
            assert!(number < 1 << 14);
            match number < 128 {
                true => packed.push(number as u8),
                false => packed.extend([number as u8 | 128, (number >> 7) as u8]),
            }
        }
        packed.extend(values);
    }
    Change::SegmentSealed { row, index: None, activity: Some(packed) }
}

fn lane(catalog: &Catalog, from: i64, to: i64, step: i64) -> Vec<(i64, u8)> {
    let resolution = step * SECOND_MICROS;
    let lane = catalog.activity(STREAM, second(from), second(to), resolution).unwrap();
    assert_eq!(lane.step_micros, resolution, "the step is one of those that there are");
    let values = lane.values.iter().zip(0..).filter(|(value, _)| **value > 0);
    let at = |place: i64| lane.from.micros_since(second(0)) / SECOND_MICROS + place * step;
    values.map(|(value, place)| (at(place), *value)).collect()
}

#[test]
fn what_moves_for_a_moment_shows_at_every_step() {
    let (catalog, mut writer) = catalog();
    writer.apply(&[moving(1, 0, 300, 100, &[40, 90, 7]), moving(2, 300, 300, 0, &[])]).unwrap();
    assert_eq!(lane(&catalog, 0, 600, 1), [(100, 40), (101, 90), (102, 7)]);
    assert_eq!(lane(&catalog, 0, 600, 2), [(100, 90), (102, 7)]);
    assert_eq!(lane(&catalog, 101, 600, 1), [(101, 90), (102, 7)], "cut to the range");
    assert_eq!(lane(&catalog, 0, 600, 60), [(60, 90)]);
    assert_eq!(lane(&catalog, 0, 600, 300), [(0, 90)]);
    assert_eq!(lane(&catalog, 0, 600, HOUR), [(-2700, 90)]);
    assert_eq!(lane(&catalog, -HOUR, 600, 24 * HOUR), [(-81_900, 90)]);
    assert_eq!(lane(&catalog, 103, 110, 1), []);
    assert_eq!(lane(&catalog, 5, 5, 1), []);
}

#[test]
fn an_answer_stays_small_however_long_the_range() {
    let (catalog, _writer) = catalog();
    for (from, to) in [(0, 1), (0, 4094), (7, 3600 * 24 * 366), (-2_000_000_000, 200_000_000_000)] {
        let lane = catalog.activity(STREAM, second(from), second(to), 0).unwrap();
        let covered = lane.step_micros * lane.values.len() as i64;
        assert!(lane.values.len() <= ACTIVITY_VALUES_MAX, "{from} to {to}");
        assert!(lane.from <= second(from) && lane.from.plus_micros(covered) >= second(to));
        assert!(covered < second(to).micros_since(second(from)) + 2 * lane.step_micros);
    }
    let all = catalog.activity(STREAM, WallTime::EPOCH, WallTime::MAX, 1).unwrap();
    assert!(all.values.len() <= ACTIVITY_VALUES_MAX);
}

#[test]
fn what_is_removed_is_told_no_more_and_what_stands_beside_it_is() {
    let (catalog, mut writer) = catalog();
    // Both move in the same minute and hour.
    writer.apply(&[moving(1, 0, 290, 250, &[90; 40]), moving(2, 290, 300, 2, &[30])]).unwrap();
    writer.apply(&[Change::SegmentGarbage(id(1))]).unwrap();
    for step in [60, HOUR] {
        assert!(lane(&catalog, 0, 600, step).iter().all(|(_, value)| *value == 30), "{step}");
    }
    assert_eq!(lane(&catalog, 0, 600, 1), [(292, 30)]);
    assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
    writer.apply(&[Change::SegmentGarbage(id(2))]).unwrap();
    for step in [1, 60, HOUR] {
        assert_eq!(lane(&catalog, 0, 600, step), [], "{step}");
    }
}

#[test]
fn what_is_deleted_by_hand_is_told_at_no_step() {
    let (catalog, mut writer) = catalog();
    writer.apply(&[moving(1, 0, 300, 100, &[40, 90, 7, 0, 0, 5])]).unwrap();
    let (from, to) = (second(101), second(102).plus_micros(1));
    writer.apply(&[Change::Hide { stream: STREAM, from, to }]).unwrap();
    assert_eq!(lane(&catalog, 0, 600, 1), [(100, 40), (105, 5)], "not of a part of a second");
    assert_eq!(lane(&catalog, 0, 600, 60), [(60, 40)]);
    assert_eq!(lane(&catalog, 0, 600, HOUR), [(-2700, 40)]);
    writer
        .apply(&[Change::Hide { stream: STREAM, from: second(-HOUR), to: second(HOUR) }])
        .unwrap();
    for step in [1, 60, HOUR] {
        assert_eq!(lane(&catalog, 0, 600, step), [], "{step}");
    }
}

/// Two minutes of ten pictures a second; of 50 to 55 they are larger.
pub(crate) fn film(start: WallTime) -> OpenSegment {
    let end = start.plus_micros(120 * SECOND_MICROS);
    let mut open = growing(SegmentRow { end, ..segment(9, start, end) });
    let mut film = index(start);
    film.tracks[0].samples.clear();
    for number in 0..1200 {
        let size = if (500..550).contains(&number) { 9000 } else { 900 };
        let key = number == 0;
        film.tracks[0].samples.push(Sample { size, duration: 9000, composition_offset: 0, key });
    }
    open.index = Arc::new(film);
    open
}

#[test]
fn growing_footage_shows_and_says_the_same_once_it_is_sealed() {
    let (catalog, mut writer) = catalog();
    let open = film(second(0));
    catalog.tail().open(open.clone());
    let steps = [1, 60, HOUR];
    let growing = steps.map(|step| lane(&catalog, 0, 600, step));
    let seconds: Vec<i64> = growing[0].iter().map(|(at, _)| *at).collect();
    assert_eq!(seconds, [50, 51, 52, 53, 54]);
    let activity = Some(Activity::of(&open.index).pack());
    writer.apply(&[Change::SegmentSealed { row: open.row, index: None, activity }]).unwrap();
    assert_eq!(steps.map(|step| lane(&catalog, 0, 600, step)), growing);
}

#[test]
fn what_nobody_has_looked_at_is_put_in_later_and_once() {
    let (catalog, mut writer) = catalog();
    let Change::SegmentSealed { row, activity, .. } = moving(1, 0, 300, 100, &[40]) else {
        panic!()
    };
    let put = |activity: &Option<Vec<u8>>| Change::PutActivity {
        segment: id(1),
        activity: activity.clone().unwrap(),
    };
    writer.apply(&[put(&activity)]).unwrap();
    let sealed = Change::SegmentSealed { row, index: None, activity: None };
    writer.apply(std::slice::from_ref(&sealed)).unwrap();
    assert!(catalog.activity_of(id(1)).unwrap().is_still());
    assert_eq!(lane(&catalog, 0, 600, 1), []);
    writer.apply(&[put(&activity), put(&Some(vec![1])), sealed]).unwrap();
    assert!(!catalog.activity_of(id(1)).unwrap().is_still());
    for step in [1, 60, HOUR] {
        assert_eq!(lane(&catalog, 0, 600, step).len(), 1, "{step}");
    }
    assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
}

#[test]
fn a_segment_that_turns_out_to_end_earlier_tells_no_more_than_it_holds() {
    let (catalog, mut writer) = catalog();
    writer.apply(&[moving(1, 0, 300, 100, &[40, 0, 0, 0, 0, 90])]).unwrap();
    writer.apply(&[Change::SegmentEnds { segment: id(1), end: second(103) }]).unwrap();
    for step in [1, 60, HOUR] {
        let values: Vec<u8> =
            lane(&catalog, 0, 600, step).iter().map(|(_, value)| *value).collect();
        assert_eq!(values, [40], "{step}");
    }
    assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
}

#[test]
fn wrong_values_are_found_and_counted_anew() {
    for sql in [
        "DELETE FROM activity_day",
        "UPDATE activity_day SET packed = x'010101'",
        "INSERT INTO activity_day VALUES (1, 0, x'010001FF')",
        "DELETE FROM activity",
    ] {
        let (catalog, mut writer) = catalog();
        writer.apply(&[moving(1, 0, 300, 100, &[40])]).unwrap();
        writer.database().execute_batch(sql).unwrap();
        assert_eq!(catalog.wrong_sums(STREAM).unwrap(), ["activity"], "{sql}");
        writer.apply(&[Change::Recount(STREAM)]).unwrap();
        assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0], "{sql}");
    }
}

/// What a property test makes: seconds between segments, their seconds, where something moves.
pub(crate) type Made = (i64, i64, u8, Vec<u8>, bool);

pub(crate) fn made() -> impl Strategy<Value = Vec<Made>> {
    let values = prop::collection::vec(any::<u8>(), 0..20);
    prop::collection::vec((0i64..4000, 1i64..900, 0u8..100, values, any::<bool>()), 1..14)
}

/// Makes and removes segments and hides [from, to); what each second says then.
pub(crate) fn fill(writer: &mut Writer, made: &[Made], hide: (i64, i64)) -> BTreeMap<i64, u8> {
    let (mut end, mut said) = (0, BTreeMap::new());
    for (number, (gap, seconds, still, values, _)) in (0u32..).zip(made) {
        let start = end + gap;
        end = start + seconds;
        writer.apply(&[moving(number, start, *seconds, *still, values)]).unwrap();
    }
    end = 0;
    for (number, (gap, seconds, still, values, removed)) in (0u32..).zip(made) {
        let start = end + gap;
        end = start + seconds;
        if *removed {
            writer.apply(&[Change::SegmentGarbage(id(number))]).unwrap();
            continue;
        }
        for (at, value) in (start + i64::from(*still)..end).zip(values) {
            if (at < hide.0 || at >= hide.1) && *value > 0 {
                said.insert(at, *value);
            }
        }
    }
    if hide.0 < hide.1 {
        let (from, to) = (second(hide.0), second(hide.1));
        writer.apply(&[Change::Hide { stream: STREAM, from, to }]).unwrap();
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_step_says_what_the_seconds_say(
        made in made(), hide in (0i64..20_000, 0i64..5000),
    ) {
        let (catalog, mut writer) = catalog();
        let said = fill(&mut writer, &made, (hide.0, hide.0 + hide.1));
        prop_assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
        for step in [60, 300, HOUR, 6 * HOUR, 24 * HOUR] {
            let mut expected: BTreeMap<i64, u8> = BTreeMap::new();
            let origin = second(0).as_micros() / SECOND_MICROS;
            for (at, value) in &said {
                let first = (origin + at).div_euclid(step) * step - origin;
                let peak = expected.entry(first).or_default();
                *peak = (*peak).max(*value);
            }
            let found = lane(&catalog, -60, 80_000, step);
            prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "step {}", step);
        }
    }
}
