//! The handle that answers questions. The questions stand beside what they are about.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::ArchiveId;
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
pub(crate) struct Revision(Arc<AtomicU64>);

impl Revision {
    pub fn advance(&self) {
        self.0.fetch_add(1, Ordering::Release);
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
        self.revision.0.load(Ordering::Acquire)
    }

    /// What is durable of segments that still grow.
    pub const fn tail(&self) -> &Tail {
        &self.tail
    }
}
