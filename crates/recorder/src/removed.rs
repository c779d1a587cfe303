//! Notes of what retention is about to remove, written before it goes: see
//! [`archive::Removed`].

use std::collections::BTreeMap;

use archive::{ArchiveKey, RemovalReason, RemovedSpan, Volume};
use base::WallTime;
use catalog::SegmentRow;
use media::Predecessor;

/// Says durably, before the files of `rows` go, that they were removed, and why. What could not be
/// said, in words: it never keeps retention from making room, for a hole in the proof is better
/// than a hole in what is recorded next.
pub(crate) fn note(
    volume: &Volume,
    key: Option<&ArchiveKey>,
    rows: &[SegmentRow],
    now: WallTime,
    reason: impl Fn(&SegmentRow) -> RemovalReason,
) -> Vec<String> {
    let mut by_stream: BTreeMap<_, Vec<&SegmentRow>> = BTreeMap::new();
    for row in rows {
        by_stream.entry(row.stream).or_default().push(row);
    }
    let mut failed = Vec::new();
    for (stream, rows) in by_stream {
        let spans = rows.iter().filter_map(|row| span(row, now, reason(row)));
        let spans: Vec<RemovedSpan> = spans.collect();
        if spans.is_empty() {
            continue;
        }
        let names = (&*rows[0].camera_slug, &*rows[0].stream_name);
        match volume.note_removed(names, stream, spans, key) {
            Ok(false) => {}
            Ok(true) => failed.push(format!(
                "the note of what was removed of {}/{} was damaged or forged: it is kept as \
                 holdfast-removed.doubted.json, and a new one was begun",
                names.0, names.1
            )),
            Err(error) => failed.push(format!(
                "noting what is removed of {}/{}: {error}; it is removed without a note",
                names.0, names.1
            )),
        }
    }
    failed
}

/// Of a segment that holds nothing that counts, nothing is missing.
fn span(row: &SegmentRow, now: WallTime, reason: RemovalReason) -> Option<RemovedSpan> {
    Some(RemovedSpan {
        after: row.predecessor,
        first: row.id,
        last: Predecessor { segment: row.id, commit: row.last_commit? },
        from: row.start,
        to: row.end,
        segments: 1,
        removed: now,
        reasons: vec![reason],
        joined: false,
    })
}
