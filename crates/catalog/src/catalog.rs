//! The handle that answers questions. The questions stand beside what they are about.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::{ArchiveId, StreamId};
use jiff::tz::TimeZone;

use crate::counting::SharedZone;
use crate::readers::Readers;
use crate::tail::Tail;

/// Answers questions about the archive. Clones are handles to the same catalog. Every question
/// reads one snapshot, blocks the calling thread, and gives owned rows.
#[derive(Clone)]
pub struct Catalog {
    pub(crate) readers: Arc<Readers>,
    pub(crate) tail: Tail,
    pub(crate) archive: ArchiveId,
    pub(crate) zone: SharedZone,
    pub(crate) revision: Revision,
}

/// Counts what the writer has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Revision {
    changes: Arc<AtomicU64>,
    /// How often footage of a stream was deleted by hand: of streams of which any was.
    deletions: Arc<Mutex<BTreeMap<StreamId, u64>>>,
}

impl Revision {
    pub fn advance(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    pub fn deleted(&self, stream: StreamId) {
        let mut deletions = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        *deletions.entry(stream).or_default() += 1;
    }
}

impl Catalog {
    /// The archive's id, made with the catalog.
    pub const fn archive(&self) -> ArchiveId {
        self.archive
    }

    /// Where days are cut at the moment.
    pub fn time_zone(&self) -> TimeZone {
        self.zone.get().0
    }

    /// A number that is another one after every change which the writer of this catalog has made
    /// durable, but for cached indexes: as long as it stays, questions about what does not grow
    /// have the same answers. Of a catalog that was opened to read it never changes.
    pub fn revision(&self) -> u64 {
        self.revision.changes.load(Ordering::Acquire)
    }

    /// How often footage of a stream was deleted by hand since the writer of this catalog opened
    /// it. What is hidden is forgotten once the footage is gone, and this is not. Of a catalog that
    /// was opened to read it never changes.
    pub fn deletions(&self, stream: StreamId) -> u64 {
        let deletions = self.revision.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        deletions.get(&stream).copied().unwrap_or(0)
    }

    /// What is durable of segments that still grow.
    pub const fn tail(&self) -> &Tail {
        &self.tail
    }
}
