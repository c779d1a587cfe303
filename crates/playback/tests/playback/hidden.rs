//! Footage that was deleted by hand: no clip has a picture or a byte of it, and the rest is there.

use std::sync::Arc;

use base::WallTime;
use playback::{ClipPlan, PlanError, RecordingsPage};
use proptest::prelude::*;

use crate::archive::{Memory, stream};
use crate::clip::{Stored, plan, read, stored};
use crate::mp4;
use crate::random::{FRAME, START, archive, recipe, short_segments};

pub type Spans = Vec<(WallTime, WallTime)>;

/// A fifth of a second to ten seconds, in the first minute.
pub fn spans() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let one = (0i64..60_000_000, 20_000i64..10_000_000);
    proptest::collection::vec(one, 1..5)
}

/// Spans of [`spans`] as a catalog gives them: by start, none touching another.
pub fn joined(spans: &[(i64, i64)]) -> Spans {
    let mut spans: Vec<(i64, i64)> =
        spans.iter().map(|(from, len)| (START + from, START + from + len)).collect();
    spans.sort_unstable();
    let mut all: Vec<(i64, i64)> = Vec::new();
    for (from, to) in spans {
        match all.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    let at = WallTime::from_micros;
    all.into_iter().map(|(from, to)| (at(from), at(to))).collect()
}

pub fn is_hidden(memory: &Memory, at: WallTime) -> bool {
    memory.hidden.iter().any(|(from, to)| (*from..*to).contains(&at))
}

/// What a clip has of one track: each sample as it is stored, in decode order.
fn own<'a>(file: &[u8], track: &mp4::Track, all: &'a [Stored<'a>]) -> Vec<&'a Stored<'a>> {
    let data = |sample: &mp4::Sample| &file[sample.offset..sample.offset + sample.size];
    let find = |sample| all.iter().find(|stored| stored.data == data(sample));
    track.samples.iter().map(|sample| find(sample).expect("it is of the archive")).collect()
}

/// After a hole, pictures begin with one that can be decoded, and nothing precedes it.
fn check_holes(own: &[&Stored], all: &[Stored], memory: &Memory, window: (i64, i64)) {
    let place = |stored: &Stored| all.iter().position(|s| std::ptr::eq(s, stored)).unwrap();
    let places: Vec<usize> = own.iter().map(|stored| place(stored)).collect();
    assert!(places.is_sorted(), "in decode order");
    for (at, pair) in places.windows(2).enumerate() {
        if pair[1] == pair[0] + 1 {
            continue;
        }
        let skipped = &all[pair[0] + 1..pair[1]];
        let may_miss =
            |at: WallTime| is_hidden(memory, at) || !(window.0..window.1).contains(&at.as_micros());
        assert!(skipped.iter().any(|s| may_miss(s.time.wall)), "a hole without a cause");
        let first = own[at + 1];
        assert!(first.key, "a hole is followed by a key frame");
        let next_hole = places[at + 1..].windows(2).position(|p| p[1] != p[0] + 1);
        let until = next_hole.map_or(own.len(), |more| at + 2 + more);
        let same_run = own[at + 1..until].iter().take_while(|s| s.segment == first.segment);
        for follower in same_run {
            assert!(follower.time.wall >= first.time.wall, "nothing precedes it");
        }
    }
}

/// Groups of pictures of which nothing is hidden or outside the clip are there.
fn check_whole_groups(own: &[&Stored], all: &[Stored], memory: &Memory, window: (i64, i64)) {
    let keys: Vec<usize> = (0..all.len()).filter(|at| all[*at].key).collect();
    for (number, key) in keys.iter().enumerate() {
        let end = keys.get(number + 1).copied().unwrap_or(all.len());
        let group = &all[*key..end];
        let wall = |stored: &Stored| stored.time.wall.as_micros();
        // Some frames beyond it, for those that lie over into the next group.
        let later = &all[end..all.len().min(end + 4)];
        let seen = group.iter().chain(later).all(|s| !is_hidden(memory, s.time.wall));
        let inside = group.iter().chain(later).all(|s| (window.0..window.1).contains(&wall(s)));
        let clean = group.iter().all(|s| wall(s) >= wall(&group[0]));
        if seen && inside && clean {
            let there = group.iter().all(|s| own.iter().any(|o| std::ptr::eq(*o, s)));
            assert!(there, "a group of pictures that nobody deleted is missing");
        }
    }
}

fn check(memory: Memory, from: i64, to: i64) {
    let memory = Arc::new(memory);
    let plan: Arc<ClipPlan> = match plan(&memory, from, to) {
        Ok(plan) => Arc::new(plan),
        Err(PlanError::NoFootage(_)) => return,
        Err(error) => panic!("{error}"),
    };
    let file = read(&memory, &plan, 0..plan.len());
    for track in mp4::tracks(&file) {
        let all = stored(&memory, |params| {
            params.is_video() == track.is_video
                && (track.is_video || params.timescale().hertz() == track.timescale)
        });
        let own = own(&file, &track, &all);
        for stored in &own {
            assert!(!is_hidden(&memory, stored.time.wall), "a hidden sample is in the clip");
        }
        if !track.is_video {
            continue;
        }
        check_holes(&own, &all, &memory, (from, to));
        check_whole_groups(&own, &all, &memory, (from, to));
        for (sample, stored) in track.samples.iter().zip(&own) {
            let (first, first_stored) = (&track.samples[0], own[0]);
            let expected = stored.time.grid_pts - first_stored.time.grid_pts;
            assert_eq!(sample.pts - first.pts, expected, "at its true time");
        }
    }
}

/// Recordings are listed newest first, each once, and none shows what is hidden.
fn check_recordings(memory: &Memory) {
    let (mut cursor, mut found) = (None, Vec::new());
    loop {
        let (from, to) = (WallTime::EPOCH, WallTime::MAX);
        let page = RecordingsPage::new(memory, stream(), from, to, cursor, 2).unwrap();
        found.extend(page.recordings);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(found.windows(2).all(|pair| pair[0].from >= pair[1].to), "newest first");
    let mut ids: Vec<_> = found.iter().map(|recording| recording.first).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), found.len(), "each has a name of its own");
    for recording in &found {
        for (from, to) in &memory.hidden {
            assert!(*to <= recording.from || *from >= recording.to);
        }
    }
    let seconds: i64 = found.iter().map(|r| r.to.micros_since(r.from)).sum();
    let mut expected = 0;
    for row in memory.segments.iter().map(|segment| &segment.row) {
        let overlap = |(from, to): &(WallTime, WallTime)| {
            row.end.min(*to).micros_since(row.start.max(*from)).max(0)
        };
        let hidden: i64 = memory.hidden.iter().map(overlap).sum();
        expected += row.end.micros_since(row.start) - hidden;
    }
    // Joints of up to a second between segments count as recorded.
    assert!((seconds - expected).abs() <= 1_000_000 * memory.segments.len() as i64);
}

#[test]
fn after_a_segment_of_which_nothing_can_be_shown_comes_a_picture_that_can_be_decoded() {
    // The only key frame of each segment but the first is followed by pictures that precede it,
    // and build on the segment before.
    for (from, len) in [(1299, 20_000), (430_000, 20_000), (900_000, 400_000)] {
        let recipe = short_segments(true, 6, 4, 0, 0);
        let memory = Memory { hidden: joined(&[(from, len)]), ..archive(&recipe) };
        check(memory, START, START + 5_000_000);
    }
}

#[test]
fn segments_that_overlap_by_a_little_are_one_recording() {
    let recipe = short_segments(false, 2, 8, 2000, 12_971_255_132_706_112_481);
    check_recordings(&Memory { hidden: joined(&[(458_214, 20_000)]), ..archive(&recipe) });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_clip_has_no_byte_of_what_was_deleted_and_all_else_that_can_be_shown(
        recipe in recipe(),
        deleted in spans(),
        from in -2_000_000i64..40_000_000,
        len in 100_000i64..60_000_000,
    ) {
        let memory = Memory { hidden: joined(&deleted), ..archive(&recipe) };
        check(memory, START + from, START + from + len);
    }

    #[test]
    fn recordings_are_cut_where_something_was_deleted(recipe in recipe(), deleted in spans()) {
        check_recordings(&Memory { hidden: joined(&deleted), ..archive(&recipe) });
    }
}

#[test]
fn what_follows_begins_with_the_next_key_frame_and_what_precedes_ends_before() {
    let recipe = crate::random::plain(10);
    let memory = archive(&recipe);
    let second = |n: i64| WallTime::from_micros(START + n * 1_000_000);
    let hidden = vec![(second(2).plus_micros(500_000), second(3).plus_micros(500_000))];
    let memory = Arc::new(Memory { hidden, ..memory });
    let plan = Arc::new(plan(&memory, START, START + 7_990_000).unwrap());
    let file = read(&memory, &plan, 0..plan.len());
    let track = &mp4::tracks(&file)[0];
    // A key frame a second: 2.5 s, then from 4 s on.
    let times: Vec<i64> =
        track.samples.iter().map(|sample| (sample.pts + FRAME / 2) / FRAME).collect();
    let expected: Vec<i64> = (0..75).chain(120..240).collect();
    assert_eq!(times, expected);
    assert!(track.samples[75].key);
}
