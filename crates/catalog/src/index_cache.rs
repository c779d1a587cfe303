//! The cache of packed segment indexes, newest first, up to a cap of bytes. It is derived: any row
//! of it may go at any time.

use base::SegmentId;
use rusqlite::{Connection, OptionalExtension};

use crate::apply::Failed;
use crate::columns::stored;

/// Rows looked at in one go when the cache has grown past its cap.
const TRIM_ROWS: i64 = 64;

/// Keeps the index of a segment that has a sealed row; of any other it does nothing.
pub(crate) fn put(db: &Connection, segment: SegmentId, packed: &[u8]) -> Result<(), Failed> {
    let mut find =
        db.prepare_cached("SELECT row, start_us FROM segment WHERE id = ?1 AND state = 1")?;
    let found = find
        .query_row([segment.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    let Some((number, start)) = found.optional()? else { return Ok(()) };
    remove(db, number)?;
    let length = stored(packed.len() as u64);
    db.prepare_cached(
        "INSERT INTO segment_index (segment, start_us, length, packed) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((number, start, length, packed))?;
    add_to_sum(db, length)?;
    Ok(())
}

/// Forgets the index of the segment in row `number`.
pub(crate) fn remove(db: &Connection, number: i64) -> rusqlite::Result<()> {
    let mut remove =
        db.prepare_cached("DELETE FROM segment_index WHERE segment = ?1 RETURNING length")?;
    let removed: Option<i64> = remove.query_row([number], |row| row.get(0)).optional()?;
    removed.map_or(Ok(()), |length| add_to_sum(db, -length))
}

/// Removes the oldest until the rest fits into `bytes_max`.
pub(crate) fn trim(db: &Connection, bytes_max: u64) -> rusqlite::Result<()> {
    let mut sum = db.prepare_cached("SELECT index_cache_bytes FROM archive")?;
    let mut oldest = db.prepare_cached(
        "SELECT segment, length FROM segment_index ORDER BY start_us, length LIMIT ?1",
    )?;
    loop {
        let mut excess = sum.query_row([], |row| row.get::<_, i64>(0))? - stored(bytes_max);
        if excess <= 0 {
            return Ok(());
        }
        let rows = oldest.query_map([TRIM_ROWS], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
        if rows.is_empty() {
            return db.execute("UPDATE archive SET index_cache_bytes = 0", []).map(|_| ());
        }
        for (number, length) in rows {
            if excess > 0 {
                remove(db, number)?;
                excess -= length;
            }
        }
    }
}

fn add_to_sum(db: &Connection, bytes: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE archive SET index_cache_bytes = index_cache_bytes + ?1")?
        .execute([bytes])
        .map(|_| ())
}
