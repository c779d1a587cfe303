//! Segments that are on their way to another volume: a crash may leave a file on both, and a move
//! that is begun anew to yet another one.

use base::{SegmentId, VolumeId, WallTime};
use rusqlite::{Connection, Row};

use crate::catalog::Catalog;
use crate::columns::{instant, number_of, stored};
use crate::error::{Failed, ReadError, Refusal};

/// A segment whose file may lie on two volumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovingRow {
    /// The segment.
    pub segment: SegmentId,
    /// The folder of its camera; with the next two, where its file lies on either volume, also
    /// once it has no row.
    pub camera_slug: String,
    /// The folder of its stream.
    pub stream_name: String,
    /// When it begins.
    pub start: WallTime,
    /// The volume that it lay on.
    pub source: VolumeId,
    /// The volume that it was copied to. Where one of both is no more, both are the other.
    pub target: VolumeId,
}

impl Catalog {
    /// Moves that began and of which nobody has said that only one file is left: up to `limit`, by
    /// segment, those that follow `after`.
    pub fn moving(
        &self,
        after: Option<&MovingRow>,
        limit: usize,
    ) -> Result<Vec<MovingRow>, ReadError> {
        let limit = stored(limit as u64);
        self.readers.read("segments that move", |snapshot| {
            let all = format!("{MOVES} ORDER BY segment, a.id, b.id LIMIT ?1");
            let Some(after) = after else {
                return snapshot.db.prepare_cached(&all)?.query_map([limit], moving)?.collect();
            };
            let further = format!(
                "{MOVES} WHERE segment >= ?1 AND (segment, a.id, b.id) > (?1, ?2, ?3)
                 ORDER BY segment, a.id, b.id LIMIT ?4"
            );
            let MovingRow { segment, source, target, .. } = after;
            let range = (segment.as_bytes(), source.as_bytes(), target.as_bytes(), limit);
            snapshot.db.prepare_cached(&further)?.query_map(range, moving)?.collect()
        })
    }

    /// Those of one segment.
    pub fn moves_of(&self, segment: SegmentId) -> Result<Vec<MovingRow>, ReadError> {
        self.readers.read("moves of a segment", |snapshot| {
            let sql = format!("{MOVES} WHERE segment = ?1 ORDER BY a.id, b.id");
            snapshot.db.prepare_cached(&sql)?.query_map([segment.as_bytes()], moving)?.collect()
        })
    }
}

/// All moves, with the ids of their volumes.
const MOVES: &str = "SELECT segment, camera_slug, stream_name, start_us,
      a.id AS source, b.id AS target
    FROM moving CROSS JOIN volume a ON a.row = source CROSS JOIN volume b ON b.row = target";

fn moving(row: &Row<'_>) -> rusqlite::Result<MovingRow> {
    Ok(MovingRow {
        segment: SegmentId::from_bytes(row.get("segment")?),
        camera_slug: row.get("camera_slug")?,
        stream_name: row.get("stream_name")?,
        start: instant(row, "start_us")?,
        source: VolumeId::from_bytes(row.get("source")?),
        target: VolumeId::from_bytes(row.get("target")?),
    })
}

pub(crate) fn put(db: &Connection, row: &MovingRow) -> Result<(), Failed> {
    let number = |id: VolumeId| -> Result<i64, Failed> {
        let number = number_of(db, "volume", id.as_bytes())?;
        number.ok_or_else(|| Refusal::Missing(format!("volume {id}")).into())
    };
    let (source, target) = (number(row.source)?, number(row.target)?);
    db.prepare_cached(
        "INSERT OR REPLACE INTO moving
         (segment, camera_slug, stream_name, start_us, source, target)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        row.segment.as_bytes(),
        &row.camera_slug,
        &row.stream_name,
        row.start.as_micros(),
        source,
        target,
    ))?;
    Ok(())
}

pub(crate) fn settled(db: &Connection, row: &MovingRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM moving WHERE segment = ?1
         AND source = (SELECT row FROM volume WHERE id = ?2)
         AND target = (SELECT row FROM volume WHERE id = ?3)",
    )?
    .execute((row.segment.as_bytes(), row.source.as_bytes(), row.target.as_bytes()))?;
    Ok(())
}

/// The volume in row `number` is about to be no more. On the other one a file may lie that nobody
/// has removed yet: that stays noted, as a move of which both ends are there.
pub(crate) fn without_volume(db: &Connection, number: i64) -> rusqlite::Result<()> {
    for (end, other) in [("source", "target"), ("target", "source")] {
        let sql = format!("UPDATE OR IGNORE moving SET {end} = {other} WHERE {end} = ?1");
        db.prepare_cached(&sql)?.execute([number])?;
    }
    Ok(())
}

/// Forgets all moves of a segment.
pub(crate) fn forget(db: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM moving WHERE segment = ?1")?;
    delete.execute([segment.as_bytes()]).map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{VOLUME, at, catalog, id, volume};
    use crate::{Change, VolumeRow};

    #[test]
    fn a_move_is_known_until_it_is_settled_or_both_volumes_are_no_more() {
        let (catalog, mut writer) = catalog();
        let second = VolumeId::from_bytes([77; 16]);
        let disk2 = VolumeRow { id: second, name: "disk2".into(), path: "/b".into(), ..volume() };
        writer.apply(&[Change::PutVolume(disk2)]).unwrap();
        let row = |n| MovingRow {
            segment: id(n),
            camera_slug: "door".to_owned(),
            stream_name: "main".to_owned(),
            start: at("2026-11-22T10:00:00Z"),
            source: VOLUME,
            target: second,
        };
        let begin = |n| Change::SegmentMoving(row(n));
        let settled = |n| Change::SegmentSettled(row(n));
        let all = || catalog.moving(None, 9).unwrap();
        writer.apply(&[begin(1), begin(2), begin(1)]).unwrap();
        assert_eq!(all(), [row(1), row(2)]);
        writer.apply(&[settled(1), settled(1)]).unwrap();
        assert_eq!(all(), [row(2)]);
        // The file on the other one may still be there.
        writer.apply(&[begin(4), Change::RemoveVolume(second)]).unwrap();
        let one_end = |n| MovingRow { target: VOLUME, ..row(n) };
        assert_eq!(all(), [one_end(2), one_end(4)]);
        writer.apply(&[Change::SegmentSettled(one_end(2))]).unwrap();
        assert_eq!(all(), [one_end(4)]);
        writer.apply(&[Change::RemoveVolume(VOLUME)]).unwrap();
        assert_eq!(all(), []);
        writer.apply(&[begin(3)]).unwrap_err();
    }

    #[test]
    fn each_move_of_a_segment_is_known_by_itself_and_read_page_by_page() {
        let (catalog, mut writer) = catalog();
        let other = |n: u8| VolumeId::from_bytes([n; 16]);
        for n in [77, 78] {
            let (name, path) = (format!("disk{n}"), format!("/{n}").into());
            writer
                .apply(&[Change::PutVolume(VolumeRow { id: other(n), name, path, ..volume() })])
                .unwrap();
        }
        let row = |n, target| MovingRow {
            segment: id(n),
            camera_slug: "door".to_owned(),
            stream_name: "main".to_owned(),
            start: at("2026-11-22T10:00:00Z"),
            source: VOLUME,
            target: other(target),
        };
        let moves = [row(1, 77), row(1, 78), row(2, 77), row(2, 78), row(3, 78)];
        writer.apply(&moves.clone().map(Change::SegmentMoving)).unwrap();
        assert_eq!(catalog.moves_of(id(2)).unwrap(), moves[2..4]);
        let mut read: Vec<MovingRow> = Vec::new();
        loop {
            let page = catalog.moving(read.last(), 2).unwrap();
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, moves);
        writer.apply(&[Change::SegmentSettled(row(2, 77))]).unwrap();
        assert_eq!(catalog.moves_of(id(2)).unwrap(), [row(2, 78)]);
        // Footage that is lost was not removed.
        let (start, end) = (at("2026-11-22T10:00:00Z"), at("2026-11-22T10:05:00Z"));
        writer.apply(&[crate::testing::sealed(crate::testing::segment(1, start, end))]).unwrap();
        writer.apply(&[Change::SegmentLost(id(1))]).unwrap();
        assert_eq!(catalog.moving(None, 9).unwrap(), [row(2, 78), row(3, 78)]);
    }
}
