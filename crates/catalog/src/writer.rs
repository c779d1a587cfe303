//! The one writer.

use std::collections::BTreeSet;

use rusqlite::{Connection, TransactionBehavior};

use crate::apply::apply;
use crate::catalog::Revision;
use crate::change::Change;
use crate::copy::{Saved, copy};
use crate::counting::{SharedZone, Zone};
use crate::error::{ApplyError, Failed, ReadError, advised};
use crate::index_cache;
use crate::kept_rows;
use crate::migration::{Hold, OwedBackUp};
use crate::schema;
use crate::tail::Tail;

/// What opening a catalog leaves to do.
#[derive(Default)]
pub struct Owed {
    /// The copy of what stood here before a migration.
    pub back_up: Option<OwedBackUp>,
    /// Changes that take their time.
    pub changes: Vec<Change>,
}

/// Makes changes durable. There is one per catalog; whoever owns it is the only writer.
pub struct Writer {
    connection: Connection,
    zone: SharedZone,
    tail: Tail,
    revision: Revision,
    /// Cap of the index cache.
    index_cache_bytes: u64,
    /// What opening it has left to do, until somebody takes it to do it.
    owed: Owed,
    /// Held until the copy of what stood here before a migration is made.
    hold: Option<Hold>,
    /// The lock on the folder, held as long as the writer lives.
    _lock: Option<Box<dyn Send + Sync>>,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        zone: SharedZone,
        tail: Tail,
        index_cache_bytes: u64,
        owed: Owed,
        hold: Option<Hold>,
        lock: Option<Box<dyn Send + Sync>>,
    ) -> Self {
        let revision = Revision::default();
        Self { connection, zone, tail, revision, index_cache_bytes, owed, hold, _lock: lock }
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision.clone()
    }

    /// What opening the catalog has left to do, so that it keeps nobody from recording. It is to be
    /// done soon, beside everything else; otherwise the next opening leaves it again.
    pub fn take_owed(&mut self) -> Owed {
        std::mem::take(&mut self.owed)
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
        let kept: BTreeSet<_> = changes.iter().filter_map(Change::keeps).collect();
        for stream in &kept {
            kept_rows::remember(&transaction, *stream).map_err(database)?;
        }
        let mut zone = self.zone.get();
        for (index, change) in changes.iter().enumerate() {
            if let Change::CutDays(new) = change {
                zone = Zone(new.clone());
            }
            apply(&transaction, &zone, change).map_err(|why| match why {
                Failed::Refused(why) => ApplyError::Refused { index, why },
                Failed::Database(why) => database(why),
            })?;
        }
        for stream in &kept {
            kept_rows::remember(&transaction, *stream).map_err(database)?;
        }
        index_cache::trim(&transaction, self.index_cache_bytes).map_err(database)?;
        transaction.commit().map_err(database)?;
        self.zone.set(zone);
        for change in changes {
            match change {
                Change::SegmentSealed { row, .. } => self.tail.retire(row.id),
                Change::SegmentGarbage(id) | Change::SegmentLost(id) => self.tail.retire(*id),
                Change::SegmentForgotten { segment, .. } => self.tail.retire(*segment),
                Change::RemoveVolume(volume) => self.tail.retire_volume(*volume),
                // Once it is durable: whoever counts and then looks sees either of the two.
                Change::Hide { stream, .. } | Change::HideAgain { stream, .. } => {
                    self.revision.deleted(*stream);
                }
                _ => {}
            }
        }
        if !changes.iter().all(|change| matches!(change, Change::PutIndex { .. })) {
            self.revision.advance();
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
