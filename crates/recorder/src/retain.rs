//! Removing old footage by stated rules, in an order that a power cut cannot harm: the row is
//! garbage, durably, before the file goes, and is deleted after that is durable.
//!
//! [`Retention::decide`] names what has to go; the driver applies those changes.
//! [`Retention::sweep`] then removes the files of rows that *are* garbage in the catalog, and
//! nothing else; the driver applies its changes, and the rows are gone. Whatever a crash leaves in
//! between, the next sweep takes up.

pub mod choose;

use std::io;
use std::sync::Arc;

use archive::Volume;
use base::StreamId;
use catalog::{Catalog, Change, ReadError, SegmentRow};

pub use choose::{Candidate, Choice, StreamBudget, VolumeBudget, choose};

use crate::rows::place_of;

/// Retention keeps room for what is written in this many seconds, so that recording never waits.
const AHEAD_SECONDS: u64 = 20 * 60;
/// That room is at most this part of the disk.
const AHEAD_PART: u64 = 10;
/// Segments that are looked at, and removed at most, in one go.
const SEGMENTS_MAX: usize = 256;

/// What is kept on a volume.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    /// Bytes that stay free on the volume's disk, whoever fills it.
    pub keep_free: u64,
    /// By stream, the most bytes that it keeps; `None` for as many as there is room for.
    pub streams: Vec<(StreamId, Option<u64>)>,
    /// Bytes a second that are written now: see [`crate::VolumeRecorder::bytes_per_second`].
    pub bytes_per_second: u64,
}

/// What [`Retention::decide`] came to.
#[derive(Debug, Default)]
pub struct Decision {
    /// For the catalog's writer: these segments become garbage.
    pub changes: Vec<Change>,
    /// Bytes that miss on the disk although everything that may go goes.
    pub short: u64,
}

/// What [`Retention::sweep`] did.
#[derive(Debug, Default)]
pub struct Swept {
    /// For the catalog's writer: the removal of these segments' files is durable.
    pub changes: Vec<Change>,
    /// Files that could not be removed, in words; they are tried again.
    pub failed: Vec<String>,
}

/// Retention cannot be done now.
#[derive(Debug, thiserror::Error)]
pub enum RetainError {
    /// The disk does not say how much is free.
    #[error("measuring the free space of volume {volume}: {source}")]
    Space {
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The volume's disk is gone.
    #[error("volume {volume} is gone, and with it what should be removed from it: {source}")]
    Gone {
        /// Its folder.
        volume: String,
        /// Why.
        source: archive::OpenVolumeError,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
}

/// Retention on one volume.
#[derive(Clone)]
pub struct Retention {
    volume: Arc<Volume>,
    catalog: Catalog,
}

impl Retention {
    /// Retention on `volume`.
    pub fn new(volume: Arc<Volume>, catalog: Catalog) -> Self {
        Self { volume, catalog }
    }

    /// What has to go for `rules` to hold. Called again before its changes are applied, it names
    /// the same segments again, which does no harm.
    pub fn decide(&self, rules: &Rules) -> Result<Decision, RetainError> {
        let unmeasured = |source| RetainError::Space { volume: self.root(), source };
        let space = self.volume.space().map_err(unmeasured)?;
        let ahead = rules.bytes_per_second.saturating_mul(AHEAD_SECONDS);
        let budget = VolumeBudget {
            available: space.available,
            leaving: self.garbage()?.iter().map(|row| row.allocated).sum(),
            keep_free: rules.keep_free,
            ahead: ahead.min(space.total / AHEAD_PART),
        };
        let id = self.volume.identity().volume;
        let mut rows = self.catalog.oldest_on(id, SEGMENTS_MAX)?;
        let mut streams = Vec::with_capacity(rules.streams.len());
        for (stream, bytes_max) in rules.streams.iter().copied() {
            let growing = self.catalog.tail().segments(stream);
            let growing: u64 = growing.iter().map(|open| open.row.allocated).sum();
            let bytes = self.catalog.totals(stream)?.allocated.saturating_add(growing);
            if bytes_max.is_some_and(|max| bytes > max) {
                rows.extend(self.catalog.oldest(stream, SEGMENTS_MAX)?);
            }
            streams.push(StreamBudget { stream, bytes_max, bytes });
        }
        rows.retain(|row| row.volume == id);
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        let candidates: Vec<_> = rows.iter().map(candidate).collect();
        let choice = choose(budget, &streams, &candidates, SEGMENTS_MAX);
        let full_sight = candidates.len() < SEGMENTS_MAX;
        Ok(Decision {
            changes: choice.remove.into_iter().map(Change::SegmentGarbage).collect(),
            // While there is more to look at, nothing is known to miss.
            short: if full_sight { choice.short } else { 0 },
        })
    }

    /// Removes the files of rows that are garbage. On a disk that is gone nothing is tried.
    pub fn sweep(&self) -> Result<Swept, RetainError> {
        let mut swept = Swept::default();
        let gone = |source| RetainError::Gone { volume: self.root(), source };
        self.volume.is_there().map_err(gone)?;
        for row in self.garbage()?.into_iter().take(SEGMENTS_MAX) {
            let place = place_of(&row);
            match self.volume.remove(&place) {
                Ok(()) => swept.changes.push(Change::SegmentDeleted(row.id)),
                Err(error) => {
                    swept.failed.push(format!("removing segment {}: {error}", place.relative()));
                }
            }
        }
        Ok(swept)
    }

    fn root(&self) -> String {
        self.volume.root().display().to_string()
    }

    fn garbage(&self) -> Result<Vec<SegmentRow>, ReadError> {
        let id = self.volume.identity().volume;
        let rows = self.catalog.garbage_rows()?;
        Ok(rows.into_iter().filter(|row| row.volume == id).collect())
    }
}

fn candidate(row: &SegmentRow) -> Candidate {
    Candidate { id: row.id, stream: row.stream, start: row.start, bytes: row.allocated }
}
