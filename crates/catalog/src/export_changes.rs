//! What happens to exports: they are taken in, come to an end, and go.

use base::{ExportId, WallTime, limits};
use rusqlite::{Connection, named_params};

use crate::columns::stored;
use crate::error::{Failed, Refusal};
use crate::export_rows::{ExportEnd, ExportRow, ExportState, bytes_taken};

/// Takes a new one in, where there is room for it.
pub(crate) fn add(db: &Connection, new: &ExportRow, bytes_max: u64) -> Result<(), Failed> {
    let number = |of: &str| -> rusqlite::Result<usize> {
        db.prepare_cached(&format!("SELECT count(*) FROM export {of}"))?
            .query_row([], |row| row.get::<_, i64>(0))
            .map(|count| usize::try_from(count).unwrap_or(0))
    };
    if number("WHERE state = 'waiting'")? >= limits::EXPORTS_WAITING_MAX {
        let most = limits::EXPORTS_WAITING_MAX;
        let words = format!("{most} exports wait already: wait for one to be done, or cancel one");
        return Err(Refusal::TooMany(words).into());
    }
    if number("")? >= limits::EXPORTS_MAX {
        let words = format!("there are {} exports: delete some", limits::EXPORTS_MAX);
        return Err(Refusal::TooMany(words).into());
    }
    let taken = bytes_taken(db)?;
    if taken.saturating_add(new.bytes) > bytes_max {
        let words = format!(
            "this export takes {} bytes, and exports take {taken} of {bytes_max} bytes: delete \
             some, ask for less, or set max_bytes under [exports] higher",
            new.bytes
        );
        return Err(Refusal::NoRoom(words).into());
    }
    db.prepare_cached(
        "INSERT INTO export (id, name, asked_us, asked_by, from_us, to_us, together, timestamps,
           state, bytes)
         VALUES (:id, :name, :asked, :asked_by, :from, :to, :together, :timestamps, 'waiting',
           :bytes)",
    )?
    .execute(named_params! {
        ":id": new.id.as_bytes(),
        ":name": new.name,
        ":asked": new.asked.as_micros(),
        ":asked_by": new.asked_by,
        ":from": new.from.as_micros(),
        ":to": new.to.as_micros(),
        ":together": new.together,
        ":timestamps": new.timestamps,
        ":bytes": stored(new.bytes),
    })?;
    let mut add = db.prepare_cached(
        "INSERT INTO export_stream VALUES (:export, :place, :camera, :slug, :name, :stream, :own,
           :footage)",
    )?;
    for (place, stream) in new.streams.iter().enumerate() {
        add.execute(named_params! {
            ":export": new.id.as_bytes(),
            ":place": stored(place as u64),
            ":camera": stream.camera.as_bytes(),
            ":slug": stream.camera_slug,
            ":name": stream.camera_name,
            ":stream": stream.stream.as_bytes(),
            ":own": stream.stream_name,
            ":footage": stream.has_footage,
        })?;
    }
    Ok(())
}

/// Says what came of one that waits, and that one that failed is done after all: its file was found
/// whole. Of any other it says nothing.
pub(crate) fn end(
    db: &Connection,
    id: ExportId,
    at: WallTime,
    end: &ExportEnd,
) -> rusqlite::Result<()> {
    let (state, bytes, words, hash) = match end {
        ExportEnd::Done { bytes, manifest_hash } => {
            (ExportState::Done, Some(stored(*bytes)), None, Some(manifest_hash))
        }
        ExportEnd::Failed { words } => (ExportState::Failed, None, Some(words), None),
    };
    db.prepare_cached(
        "UPDATE export SET state = :state, ended_us = :at, bytes = ifnull(:bytes, bytes),
           words = :words, manifest_hash = :hash
         WHERE id = :id AND (state = 'waiting' OR state = 'failed' AND :state = 'done')",
    )?
    .execute(named_params! {
        ":id": id.as_bytes(),
        ":state": state.as_str(),
        ":at": at.as_micros(),
        ":bytes": bytes,
        ":words": words,
        ":hash": hash,
    })
    .map(|_| ())
}

/// From now on nobody sees it; its file goes after that.
pub(crate) fn remove(db: &Connection, id: ExportId) -> Result<(), Failed> {
    let mut remove = db.prepare_cached(
        "UPDATE export SET state = 'removed' WHERE id = ?1 AND state <> 'removed'",
    )?;
    match remove.execute([id.as_bytes()])? {
        0 => Err(Refusal::Missing(format!("export {id}")).into()),
        _ => Ok(()),
    }
}

/// Its file is gone.
pub(crate) fn forget(db: &Connection, id: ExportId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM export WHERE id = ?1 AND state = 'removed'")?
        .execute([id.as_bytes()])
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::export_rows::ExportStream;
    use crate::testing::{CAMERA, STREAM, catalog};
    use crate::{ApplyError, Change, Writer};

    fn id(number: u8) -> ExportId {
        ExportId::from_bytes([number; 16])
    }

    fn row(number: u8, bytes: u64) -> ExportRow {
        ExportRow {
            id: id(number),
            name: "The parcel".into(),
            asked: WallTime::from_micros(5),
            asked_by: "ada".into(),
            from: WallTime::from_micros(1),
            to: WallTime::from_micros(4),
            together: false,
            timestamps: true,
            streams: vec![ExportStream {
                camera: CAMERA,
                camera_slug: "door".into(),
                camera_name: "Door".into(),
                stream: STREAM,
                stream_name: "main".into(),
                has_footage: true,
            }],
            state: ExportState::Waiting,
            bytes,
            ended: None,
            words: None,
            manifest_hash: None,
        }
    }

    fn add(writer: &mut Writer, row: ExportRow, bytes_max: u64) -> Result<(), ApplyError> {
        writer.apply(&[Change::AddExport { row, bytes_max }])
    }

    #[test]
    fn an_export_goes_from_waiting_to_done_to_gone() {
        let (catalog, mut writer) = catalog();
        add(&mut writer, row(1, 70), 100).unwrap();
        add(&mut writer, row(2, 10), 100).unwrap();
        assert_eq!(catalog.waiting_export().unwrap(), Some(row(1, 70)), "the first one is first");
        let at = WallTime::from_micros(9);
        let done = ExportEnd::Done { bytes: 71, manifest_hash: "ab".into() };
        writer.apply(&[Change::EndExport { id: id(1), at, end: done.clone() }]).unwrap();
        let failed = ExportEnd::Failed { words: "no".into() };
        writer.apply(&[Change::EndExport { id: id(2), at, end: failed.clone() }]).unwrap();
        add(&mut writer, row(3, 5), 100).unwrap();
        for end in [failed.clone(), done.clone(), failed.clone()] {
            writer.apply(&[Change::EndExport { id: id(3), at, end }]).unwrap();
        }
        let found = catalog.export(id(3)).unwrap().unwrap();
        assert_eq!((found.state, found.words), (ExportState::Done, None), "its file was whole");
        writer.apply(&[Change::RemoveExport(id(3)), Change::ForgetExport(id(3))]).unwrap();
        let rows = catalog.exports(None, 9).unwrap();
        assert_eq!((rows[0].state, rows[0].words.as_deref()), (ExportState::Failed, Some("no")));
        let expected = ExportRow {
            state: ExportState::Done,
            ended: Some(at),
            manifest_hash: Some("ab".into()),
            ..row(1, 71)
        };
        assert_eq!(rows[1], expected);
        assert_eq!(catalog.exports(Some(id(2)), 9).unwrap(), [expected], "the page after it");
        assert_eq!(catalog.waiting_export().unwrap(), None);
        writer.apply(&[Change::RemoveExport(id(1))]).unwrap();
        assert!(writer.apply(&[Change::RemoveExport(id(1))]).is_err(), "nobody sees it any more");
        assert_eq!(catalog.export(id(1)).unwrap(), None);
        assert_eq!(catalog.removed_exports().unwrap(), [id(1)]);
        assert_eq!(catalog.export_bytes().unwrap(), 71, "its file is still there");
        writer.apply(&[Change::EndExport { id: id(1), at, end: failed }]).unwrap();
        assert_eq!(catalog.export(id(1)).unwrap(), None, "it does not come back");
        writer.apply(&[Change::ForgetExport(id(1))]).unwrap();
        writer.apply(&[Change::ForgetExport(id(2))]).unwrap();
        assert_eq!(catalog.removed_exports().unwrap(), []);
        let left = catalog.exports(None, 9).unwrap();
        assert_eq!(left.len(), 1, "only what was removed is forgotten");
    }

    #[test]
    fn there_is_room_for_so_many_bytes_and_so_many_that_wait() {
        let (_catalog, mut writer) = catalog();
        add(&mut writer, row(1, 70), 100).unwrap();
        let refused = add(&mut writer, row(2, 31), 100);
        let is_full = |why: &ApplyError| {
            let words = why.to_string();
            words.contains("70 of 100 bytes") && words.contains("delete some")
        };
        assert!(refused.as_ref().is_err_and(is_full), "{refused:?}");
        for number in 2..=limits::EXPORTS_WAITING_MAX as u8 {
            add(&mut writer, row(number, 1), 100).unwrap();
        }
        let refused = add(&mut writer, row(99, 1), 1000);
        let many =
            |why: &ApplyError| matches!(why, ApplyError::Refused { why: Refusal::TooMany(_), .. });
        assert!(refused.as_ref().is_err_and(many), "{refused:?}");
    }
}
