//! The handle that answers questions. The questions stand beside what they are about.

use std::sync::Arc;

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

    /// What is durable of segments that still grow.
    pub const fn tail(&self) -> &Tail {
        &self.tail
    }
}
