//! Segments that move from one volume to another, and which volumes recovery has to hear.

use base::{SegmentId, VolumeId};
use rusqlite::Connection;

use crate::catalog::Catalog;
use crate::columns::{number_of, stored};
use crate::counting::{self, Zone};
use crate::error::{Failed, ReadError, Refusal};
use crate::rows::SegmentState;
use crate::segment_changes::{counted, standing};

/// A sealed segment lies on another volume now. One that is gone, or on its way out, stays so.
pub(crate) fn moved(
    db: &Connection,
    zone: &Zone,
    segment: SegmentId,
    volume: VolumeId,
    allocated: u64,
) -> Result<(), Failed> {
    let to = number_of(db, "volume", volume.as_bytes())?
        .ok_or_else(|| Refusal::Missing(format!("volume {volume}")))?;
    let number = match standing(db, segment)? {
        Some((number, SegmentState::Sealed)) => number,
        Some((_, state @ SegmentState::Open)) => {
            return Err(Refusal::WrongState { segment, state, change: "move" }.into());
        }
        Some((_, SegmentState::Garbage)) | None => return Ok(()),
    };
    counting::uncount(db, zone, &counted(db, number)?)?;
    db.prepare_cached("UPDATE segment SET volume = ?2, allocated = ?3 WHERE row = ?1")?
        .execute((number, to, stored(allocated)))?;
    Ok(counting::count(db, zone, &counted(db, number)?)?)
}

impl Catalog {
    /// Volumes that may hold what follows a file on another one, with no row of that yet: a
    /// process had them open since the last start after which no file waited for them.
    pub fn volumes_at_work(&self) -> Result<Vec<VolumeId>, ReadError> {
        self.readers.read("volumes", |snapshot| {
            let mut read =
                snapshot.db.prepare_cached("SELECT id FROM volume WHERE at_work <> 0")?;
            read.query_map((), |row| Ok(VolumeId::from_bytes(row.get("id")?)))?.collect()
        })
    }
}

pub(crate) fn set_at_work(db: &Connection, volume: VolumeId, at_work: bool) -> Result<(), Failed> {
    db.prepare_cached("UPDATE volume SET at_work = ?2 WHERE id = ?1")?
        .execute((volume.as_bytes(), at_work))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::VolumeId;

    use crate::testing::{STREAM, VOLUME, at, catalog, sealed, segment, volume};
    use crate::{Change, Refusal, VolumeRow};

    #[test]
    fn a_volume_is_at_work_until_somebody_says_that_it_is_not() {
        let (catalog, mut writer) = catalog();
        let say = |at_work| Change::VolumeAtWork { volume: VOLUME, at_work };
        assert_eq!(catalog.volumes_at_work().unwrap(), [VOLUME]);
        writer.apply(&[say(false)]).unwrap();
        writer.apply(&[Change::PutVolume(volume())]).unwrap();
        assert_eq!(catalog.volumes_at_work().unwrap(), []);
        writer.apply(&[say(true)]).unwrap();
        assert_eq!(catalog.volumes_at_work().unwrap(), [VOLUME]);
    }

    #[test]
    fn a_segment_that_moves_is_counted_where_it_is() {
        let (catalog, mut writer) = catalog();
        let second = VolumeId::from_bytes([77; 16]);
        let disk2 = VolumeRow { id: second, name: "disk2".into(), path: "/b".into(), ..volume() };
        writer.apply(&[Change::PutVolume(disk2)]).unwrap();
        let row = segment(1, at("2026-11-22T10:00:00Z"), at("2026-11-22T10:05:00Z"));
        writer.apply(&[sealed(row.clone())]).unwrap();
        let before = catalog.totals(STREAM).unwrap();
        let moved = Change::SegmentMoved { segment: row.id, volume: second, allocated: 8192 };
        writer.apply(&[moved.clone(), moved]).unwrap();
        let found = catalog.segment(row.id).unwrap().unwrap();
        assert_eq!((found.volume, found.allocated), (second, 8192));
        assert_eq!(catalog.volume_totals(VOLUME).unwrap().segments, 0);
        assert_eq!(catalog.volume_totals(second).unwrap().segments, 1);
        let after = catalog.totals(STREAM).unwrap();
        assert_eq!((after.segments, after.bytes), (before.segments, before.bytes));
        let nowhere = Change::SegmentMoved {
            segment: row.id,
            volume: VolumeId::from_bytes([78; 16]),
            allocated: 1,
        };
        let error = writer.apply(&[nowhere]).unwrap_err();
        assert!(matches!(error, crate::ApplyError::Refused { why: Refusal::Missing(_), .. }));
    }
}
