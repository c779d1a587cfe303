//! What was removed, for the note in a stream's folder on another volume: a hole in the chain must
//! be explained wherever the footage behind it lies, also once the volume that it was removed from
//! is no more.

use std::collections::BTreeMap;
use std::io;

use archive::{ArchiveKey, RemovalReason, RemovedSpan, Volume};
use base::{StreamId, WallTime};
use catalog::SegmentRow;
use media::Predecessor;

/// What was removed of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removals {
    /// The stream.
    pub stream: StreamId,
    /// The camera's slug and the stream's name: its folder.
    pub folder: (String, String),
    /// What was removed, by start.
    pub spans: Vec<RemovedSpan>,
}

impl Removals {
    /// What the note on `volume` in this folder says, where it is signed as footage there may be;
    /// `None` where it says nothing, or nothing that is to be believed.
    pub fn read(volume: &Volume, folder: (&str, &str)) -> io::Result<Option<Self>> {
        let note = match volume.read_removed(folder.0, folder.1) {
            // It is a finding of its own, and stays where it is.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
            note => note?,
        };
        let believed = note.filter(|it| !it.spans.is_empty() && it.is_signed_by_any(volume.keys()));
        let folder = (folder.0.to_owned(), folder.1.to_owned());
        Ok(believed.map(|it| Self { stream: it.stream, folder, spans: it.spans }))
    }

    /// What [`Removals::read`] gives of all streams' folders on `volume`.
    pub fn all(volume: &Volume) -> io::Result<Vec<Self>> {
        let mut all = Vec::new();
        for (slug, name) in volume.stream_folders()? {
            all.extend(Self::read(volume, (&slug, &name))?);
        }
        Ok(all)
    }

    /// That `rows` are removed at `now`, stream by stream.
    pub fn of(
        rows: &[SegmentRow],
        now: WallTime,
        reason: impl Fn(&SegmentRow) -> RemovalReason,
    ) -> Vec<Self> {
        let mut by_stream: BTreeMap<StreamId, Self> = BTreeMap::new();
        for row in rows {
            let Some(span) = span(row, now, reason(row)) else { continue };
            let removals = by_stream.entry(row.stream).or_insert_with(|| Self {
                stream: row.stream,
                folder: (row.camera_slug.to_string(), row.stream_name.to_string()),
                spans: Vec::new(),
            });
            removals.spans.push(span);
        }
        by_stream.into_values().collect()
    }

    /// Adds this to the note on `volume`, durably, signed with `key`; whether the note there could
    /// not be believed, and was kept aside. Only for whoever keeps that volume.
    pub fn write(&self, volume: &Volume, key: Option<&ArchiveKey>) -> io::Result<bool> {
        let folder = (self.folder.0.as_str(), self.folder.1.as_str());
        volume.note_removed(folder, self.stream, self.spans.clone(), key)
    }
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
