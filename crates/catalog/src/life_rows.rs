//! Lives of the process as rows, so that a start can tell what ended the one before: it was told
//! to stop, it crashed, or the whole machine went down.

use base::{WallTime, limits};
use rusqlite::{Connection, Row};

use crate::catalog::Catalog;
use crate::columns::{instant, stored};
use crate::error::ReadError;

/// One life of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifeRow {
    /// The kernel's id of the boot that it ran in.
    pub boot: [u8; 16],
    /// When it began, by the clock of that moment.
    pub began: WallTime,
    /// When it was last known to run.
    pub seen: WallTime,
    /// How it ended: `shutdown`, `crash` or `power`; `None` of the one that runs.
    pub ended: Option<String>,
}

impl Catalog {
    /// Up to `limit` lives, newest first.
    pub fn lives(&self, limit: usize) -> Result<Vec<LifeRow>, ReadError> {
        self.readers.read("lives of the process", |snapshot| {
            let mut read =
                snapshot.db.prepare_cached("SELECT * FROM life ORDER BY row DESC LIMIT ?1")?;
            read.query_map([stored(limit as u64)], life)?.collect()
        })
    }
}

fn life(row: &Row<'_>) -> rusqlite::Result<LifeRow> {
    Ok(LifeRow {
        boot: row.get("boot")?,
        began: instant(row, "began_us")?,
        seen: instant(row, "seen_us")?,
        ended: row.get("ended")?,
    })
}

/// A life begins; those before it that nobody ended have ended by `cause`.
pub(crate) fn begin(
    db: &Connection,
    boot: &[u8; 16],
    at: WallTime,
    cause: &str,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE life SET ended = ?1 WHERE ended IS NULL")?.execute([cause])?;
    db.prepare_cached("INSERT INTO life (boot, began_us, seen_us) VALUES (?1, ?2, ?2)")?
        .execute((boot, at.as_micros()))?;
    db.prepare_cached("DELETE FROM life WHERE row <= (SELECT max(row) FROM life) - ?1")?
        .execute([stored(limits::LIVES_KEPT_MAX as u64)])
        .map(|_| ())
}

/// The life that runs was seen at `at`, and ends there where there is a cause.
pub(crate) fn seen(db: &Connection, at: WallTime, ended: Option<&str>) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE life SET seen_us = ?1, ended = ?2 WHERE ended IS NULL")?
        .execute((at.as_micros(), ended))
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::catalog;

    fn second(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    fn begin(boot: u8, at: i64, before: &'static str) -> Change {
        Change::BeginLife { boot: [boot; 16], at: second(at), before: before.into() }
    }

    #[test]
    fn a_life_that_nobody_ended_is_given_its_cause_by_the_next() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[begin(1, 10, "crash"), Change::LifeSeen { at: second(70) }]).unwrap();
        assert_eq!(catalog.lives(9).unwrap()[0].seen, second(70));
        let end = Change::EndLife { at: second(90), cause: "shutdown".into() };
        writer.apply(&[end, begin(1, 100, "crash"), begin(2, 200, "power")]).unwrap();
        let lives = catalog.lives(9).unwrap();
        let ended: Vec<_> = lives.iter().map(|life| life.ended.as_deref()).collect();
        assert_eq!(ended, [None, Some("power"), Some("shutdown")]);
        assert_eq!((lives[2].seen, lives[0].boot), (second(90), [2; 16]));
    }

    #[test]
    fn lives_are_bounded() {
        let (catalog, mut writer) = catalog();
        let starts: Vec<_> =
            (0..limits::LIVES_KEPT_MAX as i64 + 7).map(|at| begin(1, at, "crash")).collect();
        writer.apply(&starts).unwrap();
        assert_eq!(catalog.lives(usize::MAX).unwrap().len(), limits::LIVES_KEPT_MAX);
    }
}
