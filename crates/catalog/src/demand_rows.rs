//! Recording on demand as rows, so that a restart goes on with it.

use base::{StreamId, WallTime};
use rusqlite::{Connection, Row};

use crate::catalog::Catalog;
use crate::columns::{instant, number_of};
use crate::error::{Failed, ReadError, Refusal};

/// Somebody wants a stream to be recorded for a while, whatever its settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemandRow {
    /// Which.
    pub stream: StreamId,
    /// When it was asked for.
    pub asked: WallTime,
    /// The first instant after it.
    pub until: WallTime,
}

impl Catalog {
    /// All that is asked for, by stream; what is over may still be there.
    pub fn demands(&self) -> Result<Vec<DemandRow>, ReadError> {
        self.readers.read("recording on demand", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT stream.id, asked_us, until_us
                 FROM demand JOIN stream ON stream.row = demand.stream ORDER BY stream.id",
            )?;
            read.query_map([], demand)?.collect()
        })
    }
}

fn demand(row: &Row<'_>) -> rusqlite::Result<DemandRow> {
    Ok(DemandRow {
        stream: StreamId::from_bytes(row.get("id")?),
        asked: instant(row, "asked_us")?,
        until: instant(row, "until_us")?,
    })
}

/// Somebody wants it, whatever was wanted before.
pub(crate) fn put(db: &Connection, demand: &DemandRow) -> Result<(), Failed> {
    db.prepare_cached(
        "INSERT INTO demand (stream, asked_us, until_us) VALUES (?1, ?2, ?3)
         ON CONFLICT (stream) DO UPDATE SET asked_us = ?2, until_us = ?3",
    )?
    .execute(columns(number(db, demand.stream)?, demand))?;
    Ok(())
}

/// Makes it `to` where it is one of `from`: somebody may want something else meanwhile, or no more.
pub(crate) fn change(db: &Connection, from: &[DemandRow], to: &DemandRow) -> Result<(), Failed> {
    let number = number(db, to.stream)?;
    let mut update = db.prepare_cached(
        "UPDATE demand SET asked_us = ?4, until_us = ?5
         WHERE stream = ?1 AND asked_us = ?2 AND until_us = ?3",
    )?;
    for row in from.iter().filter(|row| row.stream == to.stream) {
        let (stream, asked, until) = columns(number, row);
        update.execute((stream, asked, until, to.asked.as_micros(), to.until.as_micros()))?;
    }
    Ok(())
}

/// Forgets it where it is one of these: somebody may want something else meanwhile.
pub(crate) fn over(db: &Connection, rows: &[DemandRow]) -> Result<(), Failed> {
    let mut delete = db.prepare_cached(
        "DELETE FROM demand WHERE stream = ?1 AND asked_us = ?2 AND until_us = ?3",
    )?;
    for row in rows {
        let Some(stream) = number_of(db, "stream", row.stream.as_bytes())? else { continue };
        delete.execute(columns(stream, row))?;
    }
    Ok(())
}

/// Forgets it, whatever it is.
pub(crate) fn end(db: &Connection, stream: StreamId) -> Result<(), Failed> {
    let Some(number) = number_of(db, "stream", stream.as_bytes())? else { return Ok(()) };
    db.prepare_cached("DELETE FROM demand WHERE stream = ?1")?.execute([number])?;
    Ok(())
}

fn number(db: &Connection, stream: StreamId) -> Result<i64, Failed> {
    let number = number_of(db, "stream", stream.as_bytes())?;
    Ok(number.ok_or_else(|| Refusal::Missing(format!("stream {stream}")))?)
}

fn columns(stream: i64, demand: &DemandRow) -> (i64, i64, i64) {
    (stream, demand.asked.as_micros(), demand.until.as_micros())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::{STREAM, at, catalog};

    /// A demand, the same demand as it is called since the clock was set, and what somebody asks
    /// for instead.
    fn rows() -> [DemandRow; 3] {
        let row = |asked, until| DemandRow { stream: STREAM, asked: at(asked), until: at(until) };
        [
            row("2026-11-22T10:00:00Z", "2026-11-22T10:10:00Z"),
            row("2026-11-22T09:00:00Z", "2026-11-22T09:10:00Z"),
            row("2026-11-22T09:09:00Z", "2026-11-22T10:05:00Z"),
        ]
    }

    #[test]
    fn what_is_over_is_forgotten_and_nothing_else_that_is_asked_for_meanwhile() {
        let (catalog, mut writer) = catalog();
        let [first, moved, other] = rows();
        let over = || Change::DemandOver(vec![first, moved]);
        for (put, left) in [(first, None), (moved, None), (other, Some(other))] {
            writer.apply(&[Change::PutDemand(put)]).unwrap();
            assert_eq!(catalog.demands().unwrap(), [put]);
            writer.apply(&[over(), over()]).unwrap();
            assert_eq!(catalog.demands().unwrap(), Vec::from_iter(left));
        }
        writer.apply(&[Change::EndDemand(STREAM)]).unwrap();
        assert_eq!(catalog.demands().unwrap(), [], "somebody wants no more");
    }

    #[test]
    fn what_is_called_otherwise_takes_the_place_of_no_other_and_does_not_come_back() {
        let (catalog, mut writer) = catalog();
        let [first, moved, other] = rows();
        let to_moved = || Change::MoveDemand { from: vec![first], to: moved };
        writer.apply(&[to_moved()]).unwrap();
        assert_eq!(catalog.demands().unwrap(), [], "it was ended meanwhile");
        writer.apply(&[Change::PutDemand(first), to_moved(), to_moved()]).unwrap();
        assert_eq!(catalog.demands().unwrap(), [moved]);
        writer.apply(&[Change::PutDemand(other), to_moved()]).unwrap();
        assert_eq!(catalog.demands().unwrap(), [other], "something else is asked for");
    }
}
