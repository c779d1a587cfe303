//! The pool of read connections: each question borrows one and sees one snapshot through it.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use base::limits::CATALOG_READERS_MAX;
use rusqlite::{Connection, OpenFlags};

use crate::error::{ReadError, advised};
use crate::params::ParamsCache;
use crate::schema;

/// Where a database is.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    /// A file.
    File(PathBuf),
    /// In memory, shared by all connections to this URI.
    Memory(String),
}

impl Location {
    /// Opens one more connection; the database is made where `create` says so.
    pub(crate) fn connect(&self, create: bool) -> rusqlite::Result<Connection> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags.set(OpenFlags::SQLITE_OPEN_CREATE, create);
        match self {
            Self::File(path) => Connection::open_with_flags(path, flags),
            Self::Memory(uri) => {
                Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
            }
        }
    }
}

/// Read connections, opened when first needed and lent one at a time.
pub(crate) struct Readers {
    location: Location,
    pool: Mutex<Pool>,
    returned: Condvar,
    params: ParamsCache,
}

#[derive(Default)]
struct Pool {
    free: Vec<Connection>,
    lent: usize,
}

impl Readers {
    pub(crate) fn new(location: Location) -> Self {
        let (pool, returned) = (Mutex::default(), Condvar::new());
        Self { location, pool, returned, params: ParamsCache::default() }
    }

    /// Asks `question` of one snapshot. Waits while all connections are lent.
    pub(crate) fn read<T>(
        &self,
        what: &'static str,
        question: impl FnOnce(&Snapshot<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, ReadError> {
        let failed = |why: rusqlite::Error| ReadError { what, why: advised(&why) };
        let lent = self.borrow().map_err(failed)?;
        let transaction = lent.connection().unchecked_transaction().map_err(failed)?;
        question(&Snapshot { db: &transaction, params: &self.params }).map_err(failed)
    }

    fn borrow(&self) -> rusqlite::Result<Lent<'_>> {
        let mut pool = self.pool();
        while pool.free.is_empty() && pool.lent >= CATALOG_READERS_MAX {
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        pool.lent += 1;
        let free = pool.free.pop();
        drop(pool);
        // From here on dropping gives the place back, also when no connection can be made.
        let mut lent = Lent { readers: self, connection: free };
        if lent.connection.is_none() {
            let connection = self.location.connect(false)?;
            schema::prepare_reader(&connection)?;
            lent.connection = Some(connection);
        }
        Ok(lent)
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One state of the database, for as long as one question takes.
pub(crate) struct Snapshot<'a> {
    /// The connection, inside a transaction.
    pub(crate) db: &'a Connection,
    /// Codec parameters that were read before.
    pub(crate) params: &'a ParamsCache,
}

struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Lent<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("is taken only on drop")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.pool();
        pool.lent -= 1;
        pool.free.extend(self.connection.take());
        self.readers.returned.notify_one();
    }
}
