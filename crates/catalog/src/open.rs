//! Opening a catalog: lock, version, backup, migration; or one in memory for the simulation.

use std::path::Path;
use std::sync::Arc;

use base::ArchiveId;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use world::Disk;

use crate::error::OpenError;
use crate::readers::Readers;
use crate::tail::Tail;
use crate::writer::Writer;

/// Answers questions about the archive. Clones are handles to the same catalog. Every question
/// reads one snapshot, blocks the calling thread, and gives owned rows.
#[derive(Clone)]
pub struct Catalog {
    pub(crate) readers: Arc<Readers>,
    tail: Tail,
    archive: ArchiveId,
    time_zone: TimeZone,
}

/// How a catalog is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where days are cut. A change rebuilds the day summaries.
    pub time_zone: TimeZone,
    /// Cap of the cache of segment indexes, in bytes.
    pub index_cache_bytes: u64,
    /// The identity of the archive, where this makes a new one.
    pub new_archive: ArchiveId,
    /// What this process writes about itself into the lock, such as its name and process id.
    pub note: String,
}

/// What was durable in a catalog at one instant.
pub struct Saved(pub(crate) Connection);

impl Catalog {
    /// Opens the catalog in the folder `dir` (made where it is missing) for reading and writing,
    /// under an exclusive lock. An older one is backed up beside itself and migrated.
    pub fn open(
        disk: &dyn Disk,
        dir: &Path,
        options: &Options,
    ) -> Result<(Self, Writer), OpenError> {
        let _ = (disk, dir, options);
        todo!()
    }

    /// Opens the catalog in the folder `dir` for reading only, beside a server that runs or
    /// without one: nothing of segments that grow is seen.
    pub fn open_to_read(dir: &Path) -> Result<Self, OpenError> {
        let _ = dir;
        todo!()
    }

    /// A new catalog in memory, for the simulation and tests. What its writer has applied is
    /// durable: [`Writer::save`] keeps it, [`Catalog::restore`] starts from it.
    pub fn memory(options: &Options) -> Result<(Self, Writer), OpenError> {
        let _ = options;
        todo!()
    }

    /// A catalog in memory that starts from what was durable in another, with an empty tail.
    pub fn restore(saved: &Saved, options: &Options) -> Result<(Self, Writer), OpenError> {
        let _ = (saved, options);
        todo!()
    }

    /// The archive's id, made with the catalog.
    pub const fn archive(&self) -> ArchiveId {
        self.archive
    }

    /// Where days are cut.
    pub const fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// What is durable of segments that still grow.
    pub const fn tail(&self) -> &Tail {
        &self.tail
    }
}
