//! The one writer.

use rusqlite::{Connection, TransactionBehavior};

use crate::apply::apply;
use crate::change::Change;
use crate::copy::{Saved, copy};
use crate::counting::Zone;
use crate::error::{ApplyError, Failed, ReadError, advised};
use crate::index_cache;
use crate::tail::Tail;

/// Makes changes durable. There is one per catalog; whoever owns it is the only writer.
pub struct Writer {
    connection: Connection,
    zone: Zone,
    tail: Tail,
    /// Cap of the index cache.
    index_cache_bytes: u64,
    /// The lock on the folder, held as long as the writer lives.
    _lock: Option<Box<dyn Send + Sync>>,
}

impl Writer {
    pub(crate) const fn new(
        connection: Connection,
        zone: Zone,
        tail: Tail,
        index_cache_bytes: u64,
        lock: Option<Box<dyn Send + Sync>>,
    ) -> Self {
        Self { connection, zone, tail, index_cache_bytes, _lock: lock }
    }

    /// Makes all of `changes` in one transaction, in order; once this returns they are durable.
    /// On an error none is.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), ApplyError> {
        let database = |why: rusqlite::Error| ApplyError::Database(advised(&why));
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(database)?;
        for (index, change) in changes.iter().enumerate() {
            apply(&transaction, &self.zone, change).map_err(|why| match why {
                Failed::Refused(why) => ApplyError::Refused { index, why },
                Failed::Database(why) => database(why),
            })?;
        }
        index_cache::trim(&transaction, self.index_cache_bytes).map_err(database)?;
        transaction.commit().map_err(database)?;
        for change in changes {
            match change {
                Change::SegmentSealed { row, .. } => self.tail.retire(row.id),
                Change::SegmentGarbage(id) | Change::SegmentLost(id) => self.tail.retire(*id),
                _ => {}
            }
        }
        Ok(())
    }

    /// The database itself, for tests that spoil it.
    #[cfg(test)]
    pub(crate) const fn database(&self) -> &Connection {
        &self.connection
    }

    /// Moves what is durable into the database file itself, so that it is whole without the files
    /// that SQLite keeps beside it. Nobody may read meanwhile.
    pub fn fold(&self) -> Result<(), ApplyError> {
        let fold = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: Result<i64, _> = self.connection.query_row(fold, [], |row| row.get(0));
        match busy {
            Ok(0) => Ok(()),
            Ok(_) => Err(ApplyError::Database("somebody still reads it".to_owned())),
            Err(why) => Err(ApplyError::Database(advised(&why))),
        }
    }

    /// A copy of what is durable, for [`crate::Catalog::restore`]: the simulation's power cut.
    pub fn save(&self) -> Result<Saved, ReadError> {
        let copied = || {
            let mut saved = Connection::open_in_memory()?;
            copy(&self.connection, &mut saved)?;
            Ok(Saved(saved))
        };
        copied()
            .map_err(|why: rusqlite::Error| ReadError { what: "everything", why: why.to_string() })
    }
}
