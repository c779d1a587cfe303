//! The cache of packed segment indexes, newest first, up to a cap of bytes. It is derived: any row
//! of it may go at any time.

use base::SegmentId;
use rusqlite::{Connection, OptionalExtension};

use crate::columns::stored;
use crate::error::Failed;

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

/// The row of a segment, and its packed index, if that is kept.
pub(crate) fn get(db: &Connection, segment: SegmentId) -> rusqlite::Result<Option<(i64, Vec<u8>)>> {
    let mut read = db.prepare_cached(
        "SELECT segment, packed FROM segment_index
         WHERE segment = (SELECT row FROM segment WHERE id = ?1)",
    )?;
    read.query_row([segment.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::WallTime;

    use crate::testing::{catalog, growing, id, index, segment, video};
    use crate::{Catalog, Change, SegmentRow, SegmentTrack};

    /// Segment `number` with an index of its own; `padded` bytes behind it do no harm.
    fn with_index(number: u32, padded: usize) -> Change {
        let start = WallTime::from_micros(i64::from(number) * 300_000_000);
        let totals = index(start).tracks[0].totals();
        let row = SegmentRow {
            tracks: vec![SegmentTrack { params: video(), totals }],
            ..segment(number, start, start.plus_micros(300_000_000))
        };
        let mut packed = index(start).pack();
        packed.resize(packed.len().max(padded), 0);
        Change::SegmentSealed { row, index: Some(packed), activity: None }
    }

    fn cached(catalog: &Catalog) -> Vec<u32> {
        let has = |number: &u32| {
            let find = "SELECT 1 FROM segment_index JOIN segment ON segment.row = segment
                        WHERE id = ?1";
            catalog
                .readers
                .read("", |snapshot| snapshot.db.prepare(find)?.exists([id(*number).as_bytes()]))
        };
        (0..20).filter(|number| has(number).unwrap()).collect()
    }

    #[test]
    fn an_index_comes_back_as_it_was() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[with_index(1, 0)]).unwrap();
        let found = catalog.index(id(1)).unwrap().unwrap();
        assert_eq!(*found, index(WallTime::from_micros(300_000_000)));
        assert_eq!(catalog.index(id(2)).unwrap(), None);
        assert_eq!(catalog.sizes(id(1), &[true]).unwrap(), Some(vec![vec![10]]));
        assert_eq!(catalog.sizes(id(1), &[true; 2]).unwrap(), None);
        assert_eq!(catalog.sizes(id(2), &[true]).unwrap(), None);
    }

    #[test]
    fn the_index_of_a_growing_segment_comes_from_the_tail() {
        let (catalog, _writer) = catalog();
        let row = segment(1, WallTime::EPOCH, WallTime::from_micros(1_000_000));
        catalog.tail().open(growing(row));
        assert_eq!(*catalog.index(id(1)).unwrap().unwrap(), index(WallTime::EPOCH));
    }

    #[test]
    fn the_newest_stay_within_the_cap() {
        // The cap of the tests is 1000 bytes.
        let (catalog, mut writer) = catalog();
        writer.apply(&(0..8).map(|number| with_index(number, 300)).collect::<Vec<_>>()).unwrap();
        assert_eq!(cached(&catalog), [5, 6, 7]);
        writer.apply(&[with_index(8, 500)]).unwrap();
        assert_eq!(cached(&catalog), [7, 8]);
        let refill = Change::PutIndex { segment: id(6), index: vec![0; 300] };
        writer.apply(&[refill]).unwrap();
        assert_eq!(cached(&catalog), [7, 8], "an old one does not push newer ones out");
        writer.apply(&[Change::SegmentGarbage(id(8))]).unwrap();
        let refill = Change::PutIndex { segment: id(6), index: vec![0; 300] };
        writer.apply(&[refill]).unwrap();
        assert_eq!(cached(&catalog), [6, 7]);
    }

    #[test]
    fn a_damaged_index_counts_as_none() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[with_index(1, 0)]).unwrap();
        writer.apply(&[Change::PutIndex { segment: id(1), index: vec![0xff; 9] }]).unwrap();
        assert_eq!(catalog.index(id(1)).unwrap(), None);
    }
}
