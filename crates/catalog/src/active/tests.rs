//! Spans of activity, against what each second says.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::Change;
use crate::activity::tests::{fill, film, made, moving};
use crate::testing::{STREAM, at, catalog};

fn second(second: i64) -> WallTime {
    at("2026-11-22T22:45:00Z").plus_micros(second * SECOND_MICROS)
}

/// Seconds and peaks of spans.
fn spans(found: &[ActiveSpan]) -> Vec<(i64, i64, u8)> {
    let at = |at: WallTime| at.micros_since(second(0)) / SECOND_MICROS;
    found.iter().map(|span| (at(span.from), at(span.to), span.peak)).collect()
}

#[test]
fn spans_come_newest_first_and_what_is_close_is_one() {
    let (catalog, mut writer) = catalog();
    let first = [40, 90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let second_one = [60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70];
    writer.apply(&[moving(1, 0, 300, 100, &first), moving(2, 300, 300, 5, &second_one)]).unwrap();
    let range = (second(0), second(600));
    let find = |range, least, limit| spans(&catalog.active(STREAM, range, least, limit).unwrap());
    assert_eq!(find(range, 1, 9), [(317, 318, 70), (305, 306, 60), (100, 113, 90)]);
    assert_eq!(find(range, 50, 9), [(317, 318, 70), (305, 306, 60), (101, 102, 90)]);
    assert_eq!(find(range, 80, 9), [(101, 102, 90)]);
    assert_eq!(find(range, 91, 9), []);
    assert_eq!(find(range, 1, 2), [(317, 318, 70), (305, 306, 60)]);
    assert_eq!(find((range.0, second(305)), 1, 2), [(100, 113, 90)], "the page after it");
    assert_eq!(find((second(101), second(310)), 1, 9), [(305, 306, 60), (101, 113, 90)]);
    let (from, to) = (second(90), second(102));
    writer.apply(&[Change::Hide { stream: STREAM, from, to }]).unwrap();
    assert_eq!(find(range, 1, 9)[2], (112, 113, 7), "nothing of what was deleted");
}

#[test]
fn a_segment_that_was_cut_off_hides_nothing_of_what_was_sealed_after_it() {
    let (catalog, mut writer) = catalog();
    let after = [moving(1, 300, 300, 5, &[60]), moving(2, 3600, 300, 5, &[70])];
    writer.apply(&after).unwrap();
    let open = film(second(0));
    catalog.tail().open(open.clone());
    let find = |limit| {
        let found = catalog.active(STREAM, (second(-600), second(7200)), 1, limit).unwrap();
        let times: Vec<(i64, i64)> =
            spans(&found).into_iter().map(|(from, to, _)| (from, to)).collect();
        times
    };
    assert_eq!(find(9), [(3605, 3606), (305, 306), (50, 55)]);
    assert_eq!(find(2), [(3605, 3606), (305, 306)]);
    let activity = Some(Activity::of(&open.index).pack());
    writer.apply(&[Change::SegmentSealed { row: open.row, index: None, activity }]).unwrap();
    catalog.tail().open(film(second(0)));
    assert_eq!(find(9), [(3605, 3606), (305, 306), (50, 55)], "sealed since the tail was read");
}

#[test]
fn what_never_rests_comes_in_hours() {
    let (catalog, mut writer) = catalog();
    let moves = |n: u32| moving(n, i64::from(n) * 200, 200, 0, &[50; 200]);
    writer.apply(&(0..60).map(moves).collect::<Vec<_>>()).unwrap();
    let found = catalog.active(STREAM, (second(0), second(20_000)), 1, 9).unwrap();
    assert_eq!(
        spans(&found),
        [(8400, 12_000, 50), (4800, 8400, 50), (1200, 4800, 50), (0, 1200, 50)]
    );
}

fn expected(said: &BTreeMap<i64, u8>, at_least: u8) -> Vec<(i64, i64, u8)> {
    let mut spans: Vec<(i64, i64, u8)> = Vec::new();
    for (at, value) in said.iter().rev().filter(|(_, value)| **value >= at_least) {
        match spans.last_mut() {
            Some(span) if span.0 - at - 1 <= 10 && span.1 - at <= 3600 => {
                *span = (*at, span.1, span.2.max(*value));
            }
            _ => spans.push((*at, at + 1, *value)),
        }
    }
    spans
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn pages_together_are_what_the_seconds_say(
        made in made(),
        hide in (0i64..20_000, 0i64..5000),
        at_least in 1u8..=255,
        limit in 1usize..5,
    ) {
        let (catalog, mut writer) = catalog();
        let said = fill(&mut writer, &made, (hide.0, hide.0 + hide.1));
        let mut to = second(100_000);
        let mut all = Vec::new();
        loop {
            let page = catalog.active(STREAM, (second(0), to), at_least, limit).unwrap();
            prop_assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            to = last.from;
            all.extend(spans(&page));
        }
        prop_assert_eq!(all, expected(&said, at_least));
    }
}
