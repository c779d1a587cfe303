//! What a segment's row says of its file, and its file of the row.

use archive::{SealedInfo, SegmentPlace};
use base::WallTime;
use catalog::{Change, SegmentRow, SegmentState, SegmentTrack};
use media::{Activity, SegmentIndex};

use crate::unfinished::Successor;

/// An end that misses its successor's start by less was only a guess.
const GUESS_MICROS_MAX: i64 = 1_000_000;

/// Where a segment's file lies.
pub(crate) fn place_of(row: &SegmentRow) -> SegmentPlace {
    SegmentPlace {
        camera_slug: row.camera_slug.to_string(),
        stream: row.stream_name.to_string(),
        start: row.start,
        id: row.id,
    }
}

/// The change for a segment that is sealed and durable.
pub(crate) fn seal_row(mut row: SegmentRow, index: &SegmentIndex, info: SealedInfo) -> Change {
    row.state = SegmentState::Sealed;
    row.bytes = info.len;
    row.allocated = info.allocated;
    row.last_commit = Some(info.last);
    let tracks = index.tracks.iter();
    let sums = tracks.map(|t| SegmentTrack { params: t.params.clone(), totals: t.totals() });
    row.tracks = sums.collect();
    let activity = Some(Activity::of(index).pack());
    Change::SegmentSealed { row, index: Some(index.pack()), activity }
}

/// Where a segment ends, given what follows it.
pub(crate) fn end_before(row: &SegmentRow, next: Successor) -> WallTime {
    let Successor { start, goes_on } = next;
    let guessed = goes_on && start.micros_since(row.end) < GUESS_MICROS_MAX;
    if guessed || row.end > start { start.max(row.start) } else { row.end }
}
