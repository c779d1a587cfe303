//! What checks of the archive need and leave behind: footage that is known to be damaged, how far
//! the background check has come, and sums that are held against the segments.

use base::{SegmentId, StreamId, VolumeId, WallTime};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::catalog::Catalog;
use crate::check_sums as sums;
use crate::columns::{count, instant, number_of, stored};
use crate::counting::Zone;
use crate::error::{Failed, ReadError, Refusal};
use crate::moving_rows;
use crate::rows::{SegmentRow, SegmentState};
use crate::segment_changes as segments;

/// A segment that is known to be damaged, and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamageRow {
    /// The segment.
    pub segment: SegmentId,
    /// The damage's stable name, such as `chain-broken`.
    pub name: String,
    /// What is wrong, in words.
    pub words: String,
    /// When it was found.
    pub found: WallTime,
}

/// How far the background check of a volume has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrubRow {
    /// The volume.
    pub volume: VolumeId,
    /// The segment that was checked last in the pass under way; `None`: it begins, or none is.
    pub after: Option<SegmentId>,
    /// When the pass began.
    pub began: WallTime,
    /// When it was over; `None` while it is under way.
    pub finished: Option<WallTime>,
    /// Bytes that it has read.
    pub bytes: u64,
}

/// Two sealed segments of a stream that hold the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The one that starts first.
    pub segment: SegmentId,
    /// Its volume.
    pub volume: VolumeId,
    /// The other.
    pub next: SegmentId,
    /// For how long, in microseconds.
    pub micros: i64,
}

impl Catalog {
    /// Segments on a volume that are known to be damaged, by id.
    pub fn damaged(&self, volume: VolumeId) -> Result<Vec<DamageRow>, ReadError> {
        self.readers.read("known damage", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT segment.id, damage.name, damage.words, damage.found_us
                 FROM damage CROSS JOIN segment ON segment.row = damage.segment
                 WHERE segment.volume = (SELECT row FROM volume WHERE id = ?1)
                   AND segment.state < 2 ORDER BY segment.id",
            )?;
            read.query_map([volume.as_bytes()], damage)?.collect()
        })
    }

    /// How far the background check of a volume has come; `None`: it was never begun.
    pub fn scrub(&self, volume: VolumeId) -> Result<Option<ScrubRow>, ReadError> {
        self.readers.read("the background check", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT * FROM scrub WHERE volume = (SELECT row FROM volume WHERE id = ?1)",
            )?;
            read.query_row([volume.as_bytes()], |row| scrub(volume, row)).optional()
        })
    }

    /// The rows of those of `ids` that have one, in whatever state.
    pub fn rows_of(&self, ids: &[SegmentId]) -> Result<Vec<SegmentRow>, ReadError> {
        self.readers.read("segments", |snapshot| {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                let chosen = "SELECT row FROM segment WHERE id = ?1";
                rows.extend(snapshot.segments(chosen, [id.as_bytes()])?);
            }
            Ok(rows)
        })
    }

    /// Up to `limit` pairs of sealed segments of a stream that hold the same time for longer than
    /// `micros`.
    pub fn overlaps(
        &self,
        stream: StreamId,
        micros: i64,
        limit: usize,
    ) -> Result<Vec<Overlap>, ReadError> {
        self.readers.read("segments", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT one.id AS id, volume.id AS volume, other.id AS next, micros FROM (
                   SELECT row, lead(row) OVER in_order AS next,
                     end_us - lead(start_us) OVER in_order AS micros
                   FROM segment
                   WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND state = 1
                   WINDOW in_order AS (ORDER BY start_us, end_us))
                 JOIN segment AS one USING (row) JOIN segment AS other ON other.row = next
                 JOIN volume ON volume.row = one.volume
                 WHERE micros > ?2 LIMIT ?3",
            )?;
            let values = (stream.as_bytes(), micros, stored(limit as u64));
            read.query_map(values, |row| {
                Ok(Overlap {
                    segment: SegmentId::from_bytes(row.get("id")?),
                    volume: VolumeId::from_bytes(row.get("volume")?),
                    next: SegmentId::from_bytes(row.get("next")?),
                    micros: row.get("micros")?,
                })
            })?
            .collect()
        })
    }

    /// What of a stream's sums is not what its segments add up to: `totals`, `days`, `hours`.
    pub fn wrong_sums(&self, stream: StreamId) -> Result<Vec<&'static str>, ReadError> {
        let zone = self.zone.get();
        self.readers.read("sums", |snapshot| {
            match number_of(snapshot.db, "stream", stream.as_bytes())? {
                Some(number) => sums::wrong(snapshot.db, &zone, number),
                None => Ok(Vec::new()),
            }
        })
    }
}

fn damage(row: &Row<'_>) -> rusqlite::Result<DamageRow> {
    Ok(DamageRow {
        segment: SegmentId::from_bytes(row.get("id")?),
        name: row.get("name")?,
        words: row.get("words")?,
        found: instant(row, "found_us")?,
    })
}

fn scrub(volume: VolumeId, row: &Row<'_>) -> rusqlite::Result<ScrubRow> {
    let after: Option<[u8; 16]> = row.get("after_segment")?;
    let finished: Option<i64> = row.get("finished_us")?;
    Ok(ScrubRow {
        volume,
        after: after.map(SegmentId::from_bytes),
        began: instant(row, "began_us")?,
        finished: finished.map(WallTime::from_micros),
        bytes: count(row, "bytes")?,
    })
}

/// Damage of a segment that is gone is nobody's.
pub(crate) fn put_damage(db: &Connection, damage: &DamageRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO damage (segment, name, words, found_us)
         SELECT row, :name, :words, :found FROM segment WHERE id = :id
         ON CONFLICT (segment) DO UPDATE SET name = :name, words = :words,
           found_us = iif(name = :name, found_us, :found)",
    )?
    .execute(named_params! {
        ":id": damage.segment.as_bytes(),
        ":name": damage.name,
        ":words": damage.words,
        ":found": damage.found.as_micros(),
    })
    .map(|_| ())
}

pub(crate) fn remove_damage(db: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM damage WHERE segment = (SELECT row FROM segment WHERE id = ?1)")?
        .execute([segment.as_bytes()])
        .map(|_| ())
}

pub(crate) fn put_scrub(db: &Connection, scrub: &ScrubRow) -> Result<(), Failed> {
    let volume = number_of(db, "volume", scrub.volume.as_bytes())?
        .ok_or_else(|| Refusal::Missing(format!("volume {}", scrub.volume)))?;
    db.prepare_cached(
        "INSERT INTO scrub (volume, after_segment, began_us, finished_us, bytes)
         VALUES (:volume, :after, :began, :finished, :bytes)
         ON CONFLICT (volume) DO UPDATE SET after_segment = :after, began_us = :began,
           finished_us = :finished, bytes = :bytes",
    )?
    .execute(named_params! {
        ":volume": volume,
        ":after": scrub.after.map(|id| *id.as_bytes()),
        ":began": scrub.began.as_micros(),
        ":finished": scrub.finished.map(WallTime::as_micros),
        ":bytes": stored(scrub.bytes),
    })?;
    Ok(())
}

/// The segment becomes garbage, and the one before it in its stream says why there is a gap. It was
/// not removed: a copy of it that a move has left is to be taken in.
pub(crate) fn lost(db: &Connection, zone: &Zone, id: SegmentId) -> Result<(), Failed> {
    let mut find =
        db.prepare_cached("SELECT stream, start_us FROM segment WHERE id = ?1 AND state <> 2")?;
    let found: Option<(i64, i64)> =
        find.query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((stream, start)) = found else { return Ok(()) };
    segments::garbage(db, zone, id)?;
    moving_rows::forget(db, id)?;
    db.prepare_cached(
        "UPDATE segment SET end_cause = 'lost' WHERE end_cause IS NULL AND row = (
           SELECT row FROM segment WHERE stream = ?1 AND state = ?3 AND start_us < ?2
           ORDER BY start_us DESC LIMIT 1)",
    )?
    .execute((stream, start, SegmentState::Sealed.code()))?;
    Ok(())
}

pub(crate) fn recount(db: &Connection, zone: &Zone, stream: StreamId) -> Result<(), Failed> {
    match number_of(db, "stream", stream.as_bytes())? {
        Some(number) => Ok(sums::recount(db, zone, number)?),
        None => Err(Refusal::Missing(format!("stream {stream}")).into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::{STREAM, VOLUME, at, catalog, id, sealed, segment};

    fn row(number: u32) -> SegmentRow {
        let start = at("2026-11-22T10:00:00Z").plus_micros(i64::from(number) * 300_000_000);
        segment(number, start, start.plus_micros(300_000_000))
    }

    #[test]
    fn damage_is_known_until_it_is_healed_or_gone() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[sealed(row(1)), sealed(row(2))]).unwrap();
        let damage = DamageRow {
            segment: id(1),
            name: "chain-broken".into(),
            words: "the hash chain breaks".into(),
            found: at("2026-11-23T10:00:00Z"),
        };
        let later = DamageRow { found: at("2026-11-24T10:00:00Z"), ..damage.clone() };
        let stray = DamageRow { segment: id(99), ..damage.clone() };
        let put = |damage: &DamageRow| Change::PutDamage(damage.clone());
        writer.apply(&[put(&damage), put(&later), put(&stray)]).unwrap();
        let known = catalog.damaged(VOLUME).unwrap();
        assert_eq!(known, std::slice::from_ref(&damage), "since it was first found");
        writer.apply(&[Change::RemoveDamage(id(1)), put(&later)]).unwrap();
        assert_eq!(catalog.damaged(VOLUME).unwrap(), [later]);
        writer.apply(&[Change::SegmentGarbage(id(1)), Change::SegmentDeleted(id(1))]).unwrap();
        assert_eq!(catalog.damaged(VOLUME).unwrap(), []);
    }

    #[test]
    fn a_scrub_is_remembered() {
        let (catalog, mut writer) = catalog();
        assert_eq!(catalog.scrub(VOLUME).unwrap(), None);
        let scrub = ScrubRow {
            volume: VOLUME,
            after: Some(id(3)),
            began: at("2026-11-22T10:00:00Z"),
            finished: None,
            bytes: 77,
        };
        writer.apply(&[Change::PutScrub(scrub)]).unwrap();
        assert_eq!(catalog.scrub(VOLUME).unwrap(), Some(scrub));
        let over = ScrubRow { after: None, finished: Some(scrub.began), ..scrub };
        writer.apply(&[Change::PutScrub(over)]).unwrap();
        assert_eq!(catalog.scrub(VOLUME).unwrap(), Some(over));
    }

    #[test]
    fn a_lost_segment_leaves_a_gap_that_says_so() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[sealed(row(1)), sealed(row(2)), sealed(row(3))]).unwrap();
        writer.apply(&[Change::SegmentLost(id(2)), Change::SegmentLost(id(2))]).unwrap();
        assert_eq!(catalog.segment(id(2)).unwrap().unwrap().state, SegmentState::Garbage);
        let (from, to) = (row(1).start, row(3).end);
        let spans = catalog.timeline(STREAM, from, to, 0).unwrap();
        assert_eq!(spans.gaps.len(), 1, "{spans:?}");
        assert_eq!(spans.gaps[0].cause.as_deref(), Some("lost"));
        assert_eq!(catalog.totals(STREAM).unwrap().segments, 2);
        // Nothing is before the first.
        writer.apply(&[Change::SegmentLost(id(1))]).unwrap();
    }

    #[test]
    fn overlaps_are_found_in_order() {
        let (catalog, mut writer) = catalog();
        let long = SegmentRow { end: row(1).end.plus_micros(2_000_000), ..row(1) };
        writer.apply(&[sealed(long), sealed(row(2)), sealed(row(3))]).unwrap();
        let found = catalog.overlaps(STREAM, 250_000, 9).unwrap();
        let overlap = Overlap { segment: id(1), volume: VOLUME, next: id(2), micros: 2_000_000 };
        assert_eq!(found, [overlap]);
        assert_eq!(catalog.overlaps(STREAM, 3_000_000, 9).unwrap(), []);
    }
}
