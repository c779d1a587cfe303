//! What a segment follows is gone: whether anything says why.

use std::collections::BTreeMap;
use std::sync::Arc;

use archive::{Removed, Volume};
use base::WallTime;
use catalog::{Catalog, ReadError, SegmentRow, SegmentState};

use super::{Damage, LOST};

/// The notes of what was removed, on all volumes that are open. A note lies on the volume that the
/// footage was removed from, and what followed that may lie on any other.
pub(crate) struct Notes<'a> {
    volumes: &'a [Arc<Volume>],
    /// By camera and stream, so that a note is not read once for each of its spans.
    read: BTreeMap<(String, String), Vec<Removed>>,
}

impl<'a> Notes<'a> {
    /// Notes of `volumes`; none is read yet.
    pub const fn on(volumes: &'a [Arc<Volume>]) -> Self {
        Self { volumes, read: BTreeMap::new() }
    }

    /// Whether what a sealed segment follows is gone, and nothing explains that.
    pub fn gap(
        &mut self,
        catalog: &Catalog,
        row: &SegmentRow,
    ) -> Result<Option<Damage>, ReadError> {
        let Some(named) = row.predecessor else { return Ok(None) };
        let is_gone = || Ok(!catalog.without_row(&[named.segment])?.is_empty());
        if row.state != SegmentState::Sealed || !is_gone()? {
            return Ok(None);
        }
        let before = catalog.segments_before(row.stream, row.start, 1)?;
        // It is known as lost, or as gone with its volume, and shown so.
        let lost = before.first().is_some_and(|it| it.end_cause.as_deref() == Some(LOST));
        let since = before.first().map_or(WallTime::EPOCH, |before| before.end);
        if lost || !catalog.forgotten(row.stream, since, row.start)?.is_empty() {
            return Ok(None);
        }
        let key = (row.camera_slug.to_string(), row.stream_name.to_string());
        let explains = |notes: &Vec<Removed>| notes.iter().any(|it| it.explains(&named).is_some());
        if self.read.get(&key).is_some_and(explains) {
            return Ok(None);
        }
        // A check takes hours: it may have been removed since the notes were read.
        let notes = self.of(row);
        let explained = explains(&notes);
        // Footage that aged out before there were notes was the oldest.
        let unsaid = before.is_empty() && notes.is_empty();
        self.read.insert(key, notes);
        let is_gap = !explained && !unsaid && is_gone()?;
        Ok(is_gap.then_some(Damage::Gap { predecessor: named.segment }))
    }

    /// What was removed of a row's stream, where a signature of this archive says so.
    fn of(&self, row: &SegmentRow) -> Vec<Removed> {
        let of_volume = |volume: &Arc<Volume>| {
            let note = volume.read_removed(&row.camera_slug, &row.stream_name).ok().flatten()?;
            let signed = note.is_signed_by_any(volume.keys());
            (signed && note.stream == row.stream).then_some(note)
        };
        self.volumes.iter().filter_map(of_volume).collect()
    }
}
