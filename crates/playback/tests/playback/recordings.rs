//! The list of recordings.

use std::sync::Arc;

use base::WallTime;
use playback::{Cursor, Recording, RecordingsPage};

use crate::archive::{Memory, stream};
use crate::failures::plain;
use crate::random::START;

/// Segments of ten seconds: run and start in seconds.
fn archive(segments: &[(u8, i64)]) -> Arc<Memory> {
    let numbered = (1..).zip(segments);
    let made = numbered.map(|(id, (run, at))| plain(id, *run, at * 1_000_000, 300));
    let mut memory = Memory { segments: made.collect(), ..Memory::default() };
    if let Some(last) = memory.segments.last_mut() {
        last.row.state = catalog::SegmentState::Open;
    }
    Arc::new(memory)
}

fn page(
    memory: &Memory,
    from: i64,
    to: i64,
    cursor: Option<Cursor>,
    limit: usize,
) -> RecordingsPage {
    let at = |seconds: i64| WallTime::from_micros(START + seconds * 1_000_000);
    RecordingsPage::new(memory, stream(), at(from), at(to), cursor, limit).unwrap()
}

/// Run, start and end in seconds, segments.
fn short(recordings: &[Recording]) -> Vec<(u8, i64, i64, u64)> {
    let seconds = |at: WallTime| (at.as_micros() - START + 1) / 1_000_000;
    let short = recordings.iter();
    short.map(|r| (r.run.as_bytes()[0], seconds(r.from), seconds(r.to), r.segments)).collect()
}

#[test]
fn segments_of_a_run_without_a_break_are_one_recording() {
    let memory = archive(&[(1, 0), (1, 10), (1, 40), (2, 51), (2, 61)]);
    let all = page(&memory, 0, 100, None, 10);
    assert_eq!(short(&all.recordings), [(2, 51, 71, 2), (1, 40, 50, 1), (1, 0, 20, 2)]);
    assert_eq!(all.next, None);
    let newest = &all.recordings[0];
    assert!(newest.growing && !all.recordings[1].growing);
    assert_eq!((newest.first, newest.frames), (memory.segments[3].row.id, 600));
    assert_eq!(newest.tracks.len(), 1);
    assert_eq!(
        short(&page(&memory, 15, 45, None, 10).recordings),
        [(1, 40, 50, 1), (1, 10, 20, 1)]
    );
}

#[test]
fn a_recording_holds_one_hour_of_the_clock() {
    // START is 20:15:00.
    let starts: Vec<(u8, i64)> = (0..20).map(|number| (1, 2600 + number * 10)).collect();
    let all = page(&archive(&starts), 0, 10_000, None, 10);
    assert_eq!(short(&all.recordings), [(1, 2700, 2800, 10), (1, 2600, 2700, 10)]);
}

#[test]
fn pages_follow_one_another_without_overlap() {
    let starts: Vec<(u8, i64)> =
        (0..90).map(|number| (number / 2, i64::from(number) * 10)).collect();
    let memory = archive(&starts);
    let all = page(&memory, 0, 10_000, None, 1000).recordings;
    assert_eq!(all.len(), 45);
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let next = page(&memory, 0, 10_000, cursor, 7);
        assert!(next.recordings.len() <= 7);
        paged.extend(next.recordings);
        let Some(more) = next.next else { break };
        cursor = Some(more.to_string().parse().unwrap());
    }
    assert_eq!(paged, all);
    assert!("yesterday".parse::<Cursor>().is_err());
}
