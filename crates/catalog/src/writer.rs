//! The one writer.

use rusqlite::{Connection, TransactionBehavior};

use crate::apply::apply;
use crate::change::Change;
use crate::copy::{Saved, copy};
use crate::counting::Zone;
use crate::error::{ApplyError, Failed, ReadError, advised};
use crate::index_cache;
use crate::migration::{Hold, OwedBackUp};
use crate::schema;
use crate::tail::Tail;

/// Makes changes durable. There is one per catalog; whoever owns it is the only writer.
pub struct Writer {
    connection: Connection,
    zone: Zone,
    tail: Tail,
    /// Cap of the index cache.
    index_cache_bytes: u64,
    /// The copy of what stood here before a migration, until somebody takes it to make it.
    owed: Option<OwedBackUp>,
    /// Held until that copy is made.
    hold: Option<Hold>,
    /// The lock on the folder, held as long as the writer lives.
    _lock: Option<Box<dyn Send + Sync>>,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        zone: Zone,
        tail: Tail,
        index_cache_bytes: u64,
        owed: Option<(OwedBackUp, Hold)>,
        lock: Option<Box<dyn Send + Sync>>,
    ) -> Self {
        let (owed, hold) = owed.unzip();
        Self { connection, zone, tail, index_cache_bytes, owed, hold, _lock: lock }
    }

    /// The copy of what stood here before the catalog was migrated, where it is still to be made:
    /// beside everything else, soon. Asked once.
    pub const fn take_owed(&mut self) -> Option<OwedBackUp> {
        self.owed.take()
    }

    /// Makes all of `changes` in one transaction, in order; once this returns they are durable.
    /// On an error none is.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), ApplyError> {
        let database = |why: rusqlite::Error| ApplyError::Database(advised(&why));
        if self.hold.as_ref().is_some_and(Hold::is_over) {
            Hold::end(&self.connection).map_err(database)?;
            self.hold = None;
        }
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
        match schema::fold(&self.connection) {
            Ok(true) => Ok(()),
            Ok(false) => Err(ApplyError::Database("somebody still reads it".to_owned())),
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
