//! Notes of what retention is about to remove, written before it goes: see
//! [`archive::Removed`].

use archive::{ArchiveKey, RemovalReason, Volume};
use base::WallTime;
use catalog::SegmentRow;

use crate::bringing::Removals;

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
    let mut failed = Vec::new();
    for removals in Removals::of(rows, now, reason) {
        let (slug, name) = &removals.folder;
        match removals.write(volume, key) {
            Ok(false) => {}
            Ok(true) => failed.push(format!(
                "the note of what was removed of {slug}/{name} was damaged or forged: it is kept \
                 as holdfast-removed.doubted.json, and a new one was begun"
            )),
            Err(error) => failed.push(format!(
                "noting what is removed of {slug}/{name}: {error}; it is removed without a note"
            )),
        }
    }
    failed
}
