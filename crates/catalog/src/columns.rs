//! Values of columns that are neither numbers nor text by themselves, and row numbers.

use std::fmt;
use std::str::FromStr;

use base::WallTime;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

/// The error for a column that holds what this program never wrote.
pub(crate) fn damaged(column: &str, value: &dyn fmt::Display) -> rusqlite::Error {
    let why = format!("the database is damaged: {column} is {value}");
    rusqlite::Error::FromSqlConversionFailure(0, Type::Null, why.into())
}

/// An instant.
pub(crate) fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<WallTime> {
    row.get(column).map(WallTime::from_micros)
}

/// Text that says a value.
pub(crate) fn word<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| damaged(column, &text))
}

/// A count of something, as the database keeps it.
pub(crate) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count of something, as it was stored.
pub(crate) fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0))
}

/// The row number of what has this id in `table`, which is a name from this crate.
pub(crate) fn number_of(
    db: &Connection,
    table: &'static str,
    id: &[u8; 16],
) -> rusqlite::Result<Option<i64>> {
    let mut find = db.prepare_cached(&format!("SELECT row FROM {table} WHERE id = ?1"))?;
    find.query_row([id], |row| row.get(0)).optional()
}
