//! Segments that are on their way to another volume: a crash may leave a file on both.

use base::{SegmentId, VolumeId, WallTime};
use rusqlite::{Connection, Row};

use crate::catalog::Catalog;
use crate::columns::{instant, number_of};
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
    /// The volume that it was copied to.
    pub target: VolumeId,
}

impl Catalog {
    /// Segments that began to move and of which nobody has said that only one file is left.
    pub fn moving(&self) -> Result<Vec<MovingRow>, ReadError> {
        self.readers.read("segments that move", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT segment, camera_slug, stream_name, start_us, a.id AS source, b.id AS target
                 FROM moving JOIN volume a ON a.row = source JOIN volume b ON b.row = target
                 ORDER BY segment",
            )?;
            read.query_map((), moving)?.collect()
        })
    }
}

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

pub(crate) fn settled(db: &Connection, segment: SegmentId) -> rusqlite::Result<()> {
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
    fn a_move_is_known_until_it_is_settled_or_a_volume_is_no_more() {
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
        writer.apply(&[begin(1), begin(2), begin(1)]).unwrap();
        assert_eq!(catalog.moving().unwrap(), [row(1), row(2)]);
        writer.apply(&[Change::SegmentSettled(id(1)), Change::SegmentSettled(id(1))]).unwrap();
        assert_eq!(catalog.moving().unwrap(), [row(2)]);
        writer.apply(&[Change::RemoveVolume(second)]).unwrap();
        assert_eq!(catalog.moving().unwrap(), []);
        writer.apply(&[begin(3)]).unwrap_err();
    }
}
