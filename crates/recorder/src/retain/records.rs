//! What the catalog says of the streams on a volume, looked up again only once it says otherwise:
//! retention looks every few seconds, and rows change every few minutes.

use base::{StreamId, VolumeId};
use catalog::{Catalog, ReadError, Totals};

use super::held::{HeldBytes, ProtectedBytes, Said};

/// What the catalog says of a volume; nothing of what grows.
#[derive(Default)]
pub(super) struct Records {
    /// The catalog's revision that was read.
    revision: Option<u64>,
    /// Each stream with footage on the volume.
    pub streams: Vec<Recorded>,
    /// Bytes of rows that are garbage.
    pub garbage: u64,
    protected: ProtectedBytes,
}

/// What the catalog says of one stream.
#[derive(Clone)]
pub(super) struct Recorded {
    pub stream: StreamId,
    pub said: Said,
    /// Sealed footage on all volumes, and on this one.
    pub all: Totals,
    pub here: Totals,
    pub held: HeldBytes,
}

impl Records {
    /// Reads what may have changed. The revision is asked for first: what changes meanwhile is read
    /// again the next time.
    pub fn read(&mut self, catalog: &Catalog, volume: VolumeId) -> Result<(), ReadError> {
        let revision = catalog.revision();
        if self.revision == Some(revision) {
            return Ok(());
        }
        self.revision = None;
        self.streams.clear();
        for (stream, here) in catalog.totals_on(volume)? {
            let said = Said::of(catalog, stream)?;
            let all = catalog.totals(stream)?;
            let held = self.protected.of(catalog, stream, volume, &said.protected, &all)?;
            self.streams.push(Recorded { stream, said, all, here, held });
        }
        self.garbage = catalog.garbage_bytes_on(volume)?;
        self.revision = Some(revision);
        Ok(())
    }
}
