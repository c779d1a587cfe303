//! The one writer.

use rusqlite::Connection;

use crate::change::Change;
use crate::error::ApplyError;
use crate::open::Saved;
use crate::tail::Tail;

/// Makes changes durable. There is one per catalog; whoever owns it is the only writer.
pub struct Writer {
    connection: Connection,
    tail: Tail,
    /// Cap of the index cache in bytes.
    index_cache_bytes: u64,
    /// The lock on the folder, held as long as the writer lives.
    _lock: Option<Box<dyn Send + Sync>>,
}

impl Writer {
    /// Makes all of `changes` in one transaction, in order; once this returns they are durable.
    /// On an error none is.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), ApplyError> {
        let _ = (changes, &self.connection, &self.tail, self.index_cache_bytes, &self._lock);
        todo!()
    }

    /// A copy of what is durable, for [`crate::Catalog::restore`]: the simulation's power cut.
    pub fn save(&self) -> Saved {
        todo!()
    }
}
