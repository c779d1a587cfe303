//! The schema, version by version, and how a connection is set up.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite_migration::{M, Migrations};

/// How long a statement waits for a lock that another process holds, such as a command that reads.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// All versions, oldest first. What stands here is never changed again, only added to.
pub(crate) fn versions() -> Vec<M<'static>> {
    vec![
        M::up(include_str!("schema/v1.sql")),
        M::up(include_str!("schema/v2.sql")),
        M::up(include_str!("schema/v3.sql")),
        M::up(include_str!("schema/v4.sql")),
        M::up(include_str!("schema/v5.sql")),
    ]
}

/// Brings a database up to the last of `versions`; each in a transaction of its own.
pub(crate) fn migrate(
    connection: &mut Connection,
    versions: Vec<M<'static>>,
) -> Result<(), rusqlite_migration::Error> {
    Migrations::new(versions).to_latest(connection)
}

/// The version of a database; 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Moves what is in the log into the database file, durably; `false` where somebody who reads
/// keeps it from that.
pub(crate) fn fold(connection: &Connection) -> rusqlite::Result<bool> {
    let fold = "PRAGMA wal_checkpoint(TRUNCATE)";
    connection.query_row(fold, [], |row| Ok(row.get::<_, i64>(0)? == 0))
}

/// Bytes in the cache of indexes; every version has them.
pub(crate) fn cache_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let bytes: Option<i64> =
        connection.query_row("SELECT max(index_cache_bytes) FROM archive", [], |row| row.get(0))?;
    Ok(bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0))
}

/// Sets a connection up for durable writing.
pub(crate) fn prepare_writer(connection: &Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    // A database in memory keeps its own journal mode: what it answers is of no interest.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -2048)?;
    connection.pragma_update(None, "journal_size_limit", 32 << 20)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Sets a connection up for reading only.
pub(crate) fn prepare_reader(connection: &Connection) -> rusqlite::Result<()> {
    prepare(connection)?;
    connection.pragma_update(None, "query_only", true)?;
    // What is in the log is moved by the writer alone, which may want it to stay there.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "cache_size", -1024)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    #[cfg(test)]
    crate::cost_tests::count(connection);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_committed_is_synced() {
        let dir = tempfile::tempdir().unwrap();
        let connection = Connection::open(dir.path().join("a.db")).unwrap();
        prepare_writer(&connection).unwrap();
        let setting = |name: &str| -> String {
            let text = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
            format!("{:?}", connection.pragma_query_value(None, name, text).unwrap())
        };
        assert_eq!(setting("journal_mode"), r#"Text("wal")"#);
        assert_eq!(setting("synchronous"), "Integer(2)", "FULL");
        assert_eq!(setting("foreign_keys"), "Integer(1)");
    }

    #[test]
    fn the_versions_are_sound() {
        Migrations::new(versions()).validate().unwrap();
    }
}
