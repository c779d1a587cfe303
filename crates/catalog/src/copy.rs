//! Copies of whole databases.

use std::path::Path;

use rusqlite::backup::Backup;
use rusqlite::{Connection, Row};

/// What was durable in a catalog at one instant.
pub struct Saved(pub(crate) Connection);

/// Copies a whole database into another.
pub(crate) fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let copying = Backup::new(from, to)?;
    copying.run_to_completion(i32::MAX, std::time::Duration::ZERO, None)
}

/// Copies the database that the URI `from` names into the empty file `to`, all but the cache of
/// indexes, which is made again from the segment files; the schema version that it has.
pub(crate) fn copy_what_lasts(from: &str, to: &Path) -> rusqlite::Result<u32> {
    let to = Connection::open(to)?;
    // Before it has its name the copy is nobody's: whoever makes it syncs it as a whole.
    to.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    to.pragma_update(None, "synchronous", "OFF")?;
    to.pragma_update(None, "foreign_keys", false)?;
    to.execute("ATTACH ?1 AS old", [from])?;
    let transaction = to.unchecked_transaction()?;
    let version: u32 =
        transaction.pragma_query_value(Some("old"), "user_version", |row| row.get(0))?;
    let parts = parts_of_old(&transaction)?;
    // With its indexes in place, SQLite takes a table over as it lies there, without sorting.
    for part in &parts {
        transaction.execute_batch(&part.sql)?;
    }
    for Part { name, .. } in parts.iter().filter(|part| part.is_table) {
        if name != "segment_index" {
            let take = format!("INSERT INTO main.\"{name}\" SELECT * FROM old.\"{name}\"");
            transaction.execute(&take, [])?;
        }
    }
    transaction.execute("UPDATE main.archive SET index_cache_bytes = 0", [])?;
    transaction.pragma_update(Some("main"), "user_version", version)?;
    transaction.commit()?;
    Ok(version)
}

/// A table or an index.
struct Part {
    is_table: bool,
    name: String,
    /// What makes it.
    sql: String,
}

fn parts_of_old(db: &Connection) -> rusqlite::Result<Vec<Part>> {
    let mut parts = db.prepare(
        "SELECT type = 'table', name, sql FROM old.sqlite_schema
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type <> 'table', rowid",
    )?;
    let part =
        |row: &Row<'_>| Ok(Part { is_table: row.get(0)?, name: row.get(1)?, sql: row.get(2)? });
    parts.query_map([], part)?.collect()
}
