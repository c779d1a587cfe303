//! What a segment's row says of its file, and its file of the row.

use archive::{SealedInfo, SegmentPlace};
use catalog::{Change, SegmentRow, SegmentState, SegmentTrack};
use media::SegmentIndex;

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
    Change::SegmentSealed { row, index: Some(index.pack()) }
}
