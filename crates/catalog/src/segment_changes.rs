//! Changes of segments. A segment's life goes one way only: open, sealed, garbage, gone. A change
//! that it has already gone past is made twice, and ignored.

use base::SegmentId;
use media::TrackTotals;
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::activity_rows;
use crate::columns::{damaged, number_of, stored};
use crate::counting::{self, Counted, Zone};
use crate::error::{Failed, Refusal};
use crate::index_cache;
use crate::params;
use crate::protection_rows::is_held;
use crate::rows::{SegmentRow, SegmentState};

pub(crate) fn opened(db: &Connection, row: &SegmentRow) -> Result<(), Failed> {
    match standing(db, row.id)? {
        None | Some((_, SegmentState::Open)) => put(db, row, SegmentState::Open).map(|_| ()),
        Some(_) => Ok(()),
    }
}

pub(crate) fn sealed(
    db: &Connection,
    zone: &Zone,
    row: &SegmentRow,
    activity: Option<&[u8]>,
) -> Result<(), Failed> {
    match standing(db, row.id)? {
        Some((_, SegmentState::Garbage)) => return Ok(()),
        Some((number, SegmentState::Sealed)) => uncount(db, zone, number, SegmentState::Open)?,
        None | Some((_, SegmentState::Open)) => {}
    }
    let number = put(db, row, SegmentState::Sealed)?;
    if let Some(packed) = activity {
        activity_rows::put(db, number, packed)?;
    }
    count(db, zone, number)
}

pub(crate) fn garbage(db: &Connection, zone: &Zone, id: SegmentId) -> Result<(), Failed> {
    match standing(db, id)? {
        None | Some((_, SegmentState::Garbage)) => Ok(()),
        Some((number, SegmentState::Open)) => Ok(set_state(db, number, SegmentState::Garbage)?),
        Some((number, SegmentState::Sealed)) => {
            index_cache::remove(db, number)?;
            uncount(db, zone, number, SegmentState::Garbage)
        }
    }
}

/// A decision that was made before this transaction: somebody may have protected it meanwhile.
pub(crate) fn due(db: &Connection, zone: &Zone, id: SegmentId) -> Result<(), Failed> {
    match standing(db, id)? {
        Some((number, SegmentState::Sealed)) if !is_held(db, number)? => garbage(db, zone, id),
        _ => Ok(()),
    }
}

pub(crate) fn deleted(db: &Connection, segment: SegmentId) -> Result<(), Failed> {
    match standing(db, segment)? {
        None => Ok(()),
        Some((number, SegmentState::Garbage)) => {
            db.prepare_cached("DELETE FROM segment WHERE row = ?1")?.execute([number])?;
            Ok(())
        }
        Some((_, state)) => Err(Refusal::WrongState { segment, state, change: "deletion" }.into()),
    }
}

/// What follows a sealed segment tells where it ends.
pub(crate) fn ends(db: &Connection, zone: &Zone, id: SegmentId, end_us: i64) -> Result<(), Failed> {
    let Some((number, SegmentState::Sealed)) = standing(db, id)? else { return Ok(()) };
    uncount(db, zone, number, SegmentState::Open)?;
    db.prepare_cached("UPDATE segment SET end_us = max(start_us, ?2), state = ?3 WHERE row = ?1")?
        .execute((number, end_us, SegmentState::Sealed.code()))?;
    count(db, zone, number)
}

/// Nothing follows a segment in its run, for that cause.
pub(crate) fn breaks_off(db: &Connection, id: SegmentId, cause: &str) -> Result<(), Failed> {
    db.prepare_cached("UPDATE segment SET end_cause = ?2 WHERE id = ?1 AND end_cause IS NULL")?
        .execute((id.as_bytes(), cause))?;
    Ok(())
}

/// Somebody has looked at what moves in a sealed segment of which that was not known.
pub(crate) fn put_activity(db: &Connection, id: SegmentId, packed: &[u8]) -> Result<(), Failed> {
    let Some((number, SegmentState::Sealed)) = standing(db, id)? else { return Ok(()) };
    if counted(db, number)?.activity.is_some() {
        return Ok(());
    }
    activity_rows::put(db, number, packed)?;
    Ok(activity_rows::count(db, &counted(db, number)?)?)
}

/// Counts a segment that is sealed now in the summaries.
fn count(db: &Connection, zone: &Zone, number: i64) -> Result<(), Failed> {
    let segment = counted(db, number)?;
    counting::count(db, zone, &segment)?;
    Ok(activity_rows::count(db, &segment)?)
}

/// Takes a sealed segment out of the summaries and gives it another state.
fn uncount(db: &Connection, zone: &Zone, number: i64, state: SegmentState) -> Result<(), Failed> {
    let was = counted(db, number)?;
    set_state(db, number, state)?;
    counting::uncount(db, zone, &was)?;
    Ok(activity_rows::uncount(db, &was)?)
}

fn set_state(db: &Connection, number: i64, state: SegmentState) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE segment SET state = ?2 WHERE row = ?1")?
        .execute((number, state.code()))
        .map(|_| ())
}

/// Row number and state of a segment.
pub(crate) fn standing(
    db: &Connection,
    id: SegmentId,
) -> rusqlite::Result<Option<(i64, SegmentState)>> {
    let mut find = db.prepare_cached("SELECT row, state FROM segment WHERE id = ?1")?;
    let found: Option<(i64, i64)> =
        find.query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((number, code)) = found else { return Ok(None) };
    let state = SegmentState::of_code(code).ok_or_else(|| damaged("segment.state", &code))?;
    Ok(Some((number, state)))
}

pub(crate) fn counted(db: &Connection, number: i64) -> rusqlite::Result<Counted> {
    db.prepare_cached(
        "SELECT stream, volume, start_us, end_us, bytes, allocated, packed
         FROM segment LEFT JOIN activity ON activity.segment = segment.row
         WHERE segment.row = ?1",
    )?
    .query_row([number], |row| {
        Ok(Counted {
            stream: row.get(0)?,
            volume: row.get(1)?,
            start_us: row.get(2)?,
            end_us: row.get(3)?,
            bytes: row.get(4)?,
            allocated: row.get(5)?,
            activity: row.get(6)?,
        })
    })
}

/// Writes the whole row and its tracks, but for a cause of its end that is known already; its row
/// number.
fn put(db: &Connection, row: &SegmentRow, state: SegmentState) -> Result<i64, Failed> {
    let stream = number_of(db, "stream", row.stream.as_bytes())?
        .ok_or_else(|| Refusal::Missing(format!("stream {}", row.stream)))?;
    let volume = number_of(db, "volume", row.volume.as_bytes())?
        .ok_or_else(|| Refusal::Missing(format!("volume {}", row.volume)))?;
    let mut write = db.prepare_cached(
        "INSERT INTO segment (id, stream, volume, run, state, start_us, end_us, bytes, allocated,
           predecessor, predecessor_commit, predecessor_hash, last_commit, last_hash, end_cause)
         VALUES (:id, :stream, :volume, :run, :state, :start, :end, :bytes, :allocated,
           :predecessor, :predecessor_commit, :predecessor_hash, :commit, :hash, :cause)
         ON CONFLICT (id) DO UPDATE SET stream = :stream, volume = :volume, run = :run,
           state = :state, start_us = :start, end_us = :end, bytes = :bytes,
           allocated = :allocated, predecessor = :predecessor,
           predecessor_commit = :predecessor_commit, predecessor_hash = :predecessor_hash,
           last_commit = :commit, last_hash = :hash, end_cause = coalesce(end_cause, :cause)
         RETURNING row",
    )?;
    let predecessor = row.predecessor.as_ref();
    let values = named_params! {
        ":id": row.id.as_bytes(),
        ":stream": stream,
        ":volume": volume,
        ":run": row.run.as_bytes(),
        ":state": state.code(),
        ":start": row.start.as_micros(),
        ":end": row.end.max(row.start).as_micros(),
        ":bytes": stored(row.bytes),
        ":allocated": stored(row.allocated),
        ":predecessor": predecessor.map(|it| *it.segment.as_bytes()),
        ":predecessor_commit": predecessor.map(|it| it.commit.number),
        ":predecessor_hash": predecessor.map(|it| it.commit.hash),
        ":commit": row.last_commit.map(|it| it.number),
        ":hash": row.last_commit.map(|it| it.hash),
        ":cause": row.end_cause,
    };
    let number = write.query_row(values, |row| row.get(0))?;
    put_tracks(db, number, row)?;
    Ok(number)
}

fn put_tracks(db: &Connection, number: i64, row: &SegmentRow) -> Result<(), Failed> {
    db.prepare_cached("DELETE FROM segment_track WHERE segment = ?1")?.execute([number])?;
    let mut write = db.prepare_cached(
        "INSERT INTO segment_track (segment, track, params, samples, bytes, key_frames,
           duration_runs, composition_runs, chunks)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (place, track) in row.tracks.iter().enumerate() {
        let params = params::row_of(db, &track.params)?;
        let TrackTotals { samples, bytes, key_frames, duration_runs, composition_runs, chunks } =
            track.totals;
        let place = stored(place as u64);
        let bytes = stored(bytes);
        write.execute((
            number,
            place,
            params,
            samples,
            bytes,
            key_frames,
            duration_runs,
            composition_runs,
            chunks,
        ))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::{StreamId, WallTime};
    use media::{CommitRef, Predecessor};

    use crate::testing::{STREAM, at, catalog, growing, id, sealed, segment};
    use crate::{ApplyError, Catalog, Change, ProtectionRow, Refusal, SegmentRow, SegmentState};

    fn row() -> SegmentRow {
        let commit = CommitRef { number: 3, hash: [9; 32] };
        SegmentRow {
            predecessor: Some(Predecessor { segment: id(77), commit }),
            end_cause: Some("camera-gone".into()),
            ..segment(1, at("2026-11-22T10:00:00Z"), at("2026-11-22T10:05:00Z"))
        }
    }

    fn readable(catalog: &Catalog) -> Vec<SegmentRow> {
        catalog.segments(STREAM, WallTime::EPOCH, WallTime::MAX).unwrap()
    }

    #[test]
    fn a_segment_is_opened_grows_is_sealed_and_goes() {
        let (catalog, mut writer) = catalog();
        let open = SegmentRow { state: SegmentState::Open, last_commit: None, ..row() };
        writer.apply(&[Change::SegmentOpened(open.clone())]).unwrap();
        assert_eq!(catalog.open_rows().unwrap(), [open]);
        assert!(readable(&catalog).is_empty(), "an open row alone may not be readable");
        catalog.tail().open(growing(row()));
        assert_eq!(readable(&catalog)[0].state, SegmentState::Open);
        assert_eq!(catalog.segment(row().id).unwrap().unwrap().bytes, row().bytes);

        writer.apply(&[sealed(row())]).unwrap();
        assert_eq!(readable(&catalog), [row()]);
        assert_eq!(catalog.segment(row().id).unwrap(), Some(row()));
        assert!(catalog.tail().segments(STREAM).is_empty(), "it has left the tail");
        assert!(catalog.open_rows().unwrap().is_empty());

        writer.apply(&[Change::SegmentGarbage(row().id)]).unwrap();
        assert!(readable(&catalog).is_empty());
        let garbage = SegmentRow { state: SegmentState::Garbage, ..row() };
        assert_eq!(catalog.garbage_rows().unwrap(), [garbage]);
        writer.apply(&[Change::SegmentDeleted(row().id)]).unwrap();
        assert_eq!(catalog.segment(row().id).unwrap(), None);
        assert_eq!(catalog.without_row(&[row().id, id(5)]).unwrap(), [row().id, id(5)]);
    }

    #[test]
    fn what_was_protected_since_it_was_chosen_stays() {
        let (catalog, mut writer) = catalog();
        let due = [Change::SegmentDue(row().id)];
        writer.apply(&due).unwrap();
        writer.apply(&[sealed(row())]).unwrap();
        let protect = |from: WallTime, to| {
            let (made_by, note) = ("anna".to_owned(), String::new());
            Change::Protect(ProtectionRow { stream: STREAM, from, to, made: from, made_by, note })
        };
        let last = row().end.plus_micros(-1);
        writer.apply(&[protect(last, row().end.plus_micros(9))]).unwrap();
        writer.apply(&due).unwrap();
        assert_eq!(readable(&catalog), [row()]);

        let (stream, from, to) = (STREAM, WallTime::EPOCH, WallTime::MAX);
        writer.apply(&[Change::Unprotect { stream, from, to }]).unwrap();
        // What only touches it holds nothing.
        writer.apply(&[protect(row().end, row().end.plus_micros(9))]).unwrap();
        writer.apply(&due).unwrap();
        writer.apply(&due).unwrap();
        assert!(readable(&catalog).is_empty());
        assert_eq!(catalog.segment(row().id).unwrap().unwrap().state, SegmentState::Garbage);
    }

    #[test]
    fn a_batch_made_twice_is_the_same_as_once() {
        let (catalog, mut writer) = catalog();
        let batch = [Change::SegmentOpened(row()), sealed(row())];
        writer.apply(&batch).unwrap();
        let totals = catalog.totals(STREAM).unwrap();
        writer.apply(&batch).unwrap();
        assert_eq!(readable(&catalog), [row()]);
        assert_eq!(catalog.totals(STREAM).unwrap(), totals);
        let batch = [sealed(row()), Change::SegmentGarbage(row().id)];
        writer.apply(&batch).unwrap();
        writer.apply(&batch).unwrap();
        assert!(readable(&catalog).is_empty());
        assert_eq!(catalog.totals(STREAM).unwrap().segments, 0);
    }

    #[test]
    fn a_sealed_segment_may_turn_out_to_end_elsewhere() {
        let (catalog, mut writer) = catalog();
        let end = row().end.plus_micros(-1_000_000);
        let ends = Change::SegmentEnds { segment: row().id, end };
        writer.apply(std::slice::from_ref(&ends)).unwrap();
        assert!(readable(&catalog).is_empty(), "it is not made by that");
        writer.apply(&[sealed(row()), ends]).unwrap();
        assert_eq!(readable(&catalog), [SegmentRow { end, ..row() }]);
        assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
    }

    #[test]
    fn a_segment_may_turn_out_to_be_the_last_of_its_run_before_and_after_it_is_sealed() {
        let cause_of = |first: Option<&str>, open_first: bool| {
            let (catalog, mut writer) = catalog();
            let row = SegmentRow { end_cause: first.map(str::to_owned), ..row() };
            let breaks_off =
                Change::SegmentBreaksOff { segment: row.id, cause: "overload".to_owned() };
            writer.apply(std::slice::from_ref(&breaks_off)).unwrap();
            assert!(readable(&catalog).is_empty(), "it is not made by that");
            let open = SegmentRow { state: SegmentState::Open, end_cause: None, ..row.clone() };
            let opened = Change::SegmentOpened(open);
            let changes = match open_first {
                true => [opened, breaks_off, sealed(row.clone())],
                false => [opened, sealed(row.clone()), breaks_off],
            };
            writer.apply(&changes).unwrap();
            // Made again, as after a failure that left open whether it took effect.
            writer.apply(&changes[1..]).unwrap();
            assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
            readable(&catalog).remove(0).end_cause
        };
        assert_eq!(cause_of(None, true).as_deref(), Some("overload"));
        assert_eq!(cause_of(None, false).as_deref(), Some("overload"));
        assert_eq!(cause_of(Some("paused"), false).as_deref(), Some("paused"));
    }

    #[test]
    fn a_row_is_deleted_only_after_it_was_garbage() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[sealed(row())]).unwrap();
        let error = writer.apply(&[Change::SegmentDeleted(row().id)]);
        let (segment, state) = (row().id, SegmentState::Sealed);
        let why = Refusal::WrongState { segment, state, change: "deletion" };
        assert_eq!(error, Err(ApplyError::Refused { index: 0, why }));
        assert_eq!(readable(&catalog), [row()]);
    }

    #[test]
    fn a_segment_of_an_unknown_stream_is_refused() {
        let (_catalog, mut writer) = catalog();
        let stray = SegmentRow { stream: StreamId::from_bytes([9; 16]), ..row() };
        let error = writer.apply(&[sealed(stray)]).unwrap_err();
        assert!(matches!(error, ApplyError::Refused { why: Refusal::Missing(_), .. }), "{error}");
    }
}
