//! Footage that was forgotten because its volume was taken out of the archive: what stands in the
//! timeline in its place.

use base::limits::FORGOTTEN_SPANS_MAX;
use base::{SegmentId, StreamId, VolumeId, WallTime};
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Catalog;
use crate::columns::{instant, number_of, stored};
use crate::counting::Zone;
use crate::error::{Failed, ReadError};
use crate::moving_rows;
use crate::pieces::JOINT_MICROS_MAX;
use crate::rows::SegmentState;
use crate::segment_changes as segments;

/// Footage that was forgotten, half-open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forgotten {
    pub(crate) from: WallTime,
    pub(crate) to: WallTime,
    /// Why the run ended with it; `None`: it went on.
    pub(crate) end_cause: Option<String>,
}

impl Catalog {
    /// What of [from, to) of a stream went with a volume that was taken out of the archive, by
    /// start; spans are not cut to the range.
    pub fn forgotten(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, ReadError> {
        self.readers.read("forgotten footage", |snapshot| {
            let Some(number) = number_of(snapshot.db, "stream", stream.as_bytes())? else {
                return Ok(Vec::new());
            };
            let spans = of(snapshot.db, number, (from, to))?;
            Ok(spans.into_iter().map(|span| (span.from, span.to)).collect())
        })
    }
}

/// What of a range of the stream in row `number` was forgotten, by start.
pub(crate) fn of(
    db: &Connection,
    number: i64,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Vec<Forgotten>> {
    let mut read = db.prepare_cached(
        "SELECT from_us, to_us, end_cause FROM forgotten
         WHERE stream = ?1 AND from_us < ?3 AND to_us > ?2 ORDER BY from_us",
    )?;
    let span = |row: &rusqlite::Row<'_>| {
        let (from, to) = (instant(row, "from_us")?, instant(row, "to_us")?);
        Ok(Forgotten { from, to, end_cause: row.get("end_cause")? })
    };
    read.query_map((number, from.as_micros(), to.as_micros()), span)?.collect()
}

/// A segment goes with its volume: its row is deleted, and a gap says where it was. It was not
/// removed, unless it was garbage: a copy of it that a move has left is to be taken in.
pub(crate) fn forget(
    db: &Connection,
    zone: &Zone,
    (id, volume): (SegmentId, VolumeId),
    end: WallTime,
) -> Result<(), Failed> {
    let Some((number, state)) = segments::standing(db, id)? else { return Ok(()) };
    let mut find = db
        .prepare_cached("SELECT stream, volume, start_us, end_cause FROM segment WHERE row = ?1")?;
    let (stream, lies_on, span) = find.query_row([number], |row| {
        let (from, end_cause) = (instant(row, "start_us")?, row.get("end_cause")?);
        let span = Forgotten { from, to: end, end_cause };
        Ok((row.get("stream")?, row.get::<_, i64>("volume")?, span))
    })?;
    if number_of(db, "volume", volume.as_bytes())? != Some(lies_on) {
        return Ok(());
    }
    if state != SegmentState::Garbage {
        note(db, stream, span)?;
        moving_rows::forget(db, id)?;
    }
    segments::garbage(db, zone, id)?;
    segments::deleted(db, id)
}

/// Adds a span, as one with those that it touches.
fn note(db: &Connection, stream: i64, span: Forgotten) -> rusqlite::Result<()> {
    if span.from >= span.to {
        return Ok(());
    }
    let joint = |at: WallTime, micros| at.plus_micros(micros);
    let around = (joint(span.from, -JOINT_MICROS_MAX), joint(span.to, JOINT_MICROS_MAX));
    let (mut from, mut last) = (span.from, span);
    for other in of(db, stream, around)? {
        db.prepare_cached("DELETE FROM forgotten WHERE stream = ?1 AND from_us = ?2")?
            .execute((stream, other.from.as_micros()))?;
        from = from.min(other.from);
        last = if other.to > last.to { other } else { last };
    }
    put(db, stream, from, &last)?;
    join_oldest(db, stream)
}

fn put(db: &Connection, stream: i64, from: WallTime, last: &Forgotten) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO forgotten (stream, from_us, to_us, end_cause)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((stream, from.as_micros(), last.to.as_micros(), &last.end_cause))
    .map(|_| ())
}

/// Where a stream has too many spans, the two oldest are told as one.
fn join_oldest(db: &Connection, stream: i64) -> rusqlite::Result<()> {
    let mut count = db.prepare_cached("SELECT count(*) FROM forgotten WHERE stream = ?1")?;
    if count.query_row([stream], |row| row.get::<_, i64>(0))? <= stored(FORGOTTEN_SPANS_MAX as u64)
    {
        return Ok(());
    }
    let mut oldest = db.prepare_cached(
        "DELETE FROM forgotten WHERE stream = ?1
           AND from_us = (SELECT min(from_us) FROM forgotten WHERE stream = ?1)
         RETURNING from_us",
    )?;
    let first: Option<i64> = oldest.query_row([stream], |row| row.get(0)).optional()?;
    db.prepare_cached(
        "UPDATE forgotten SET from_us = ?2 WHERE stream = ?1
           AND from_us = (SELECT min(from_us) FROM forgotten WHERE stream = ?1)",
    )?
    .execute((stream, first))
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::RunId;

    use super::*;
    use crate::testing::{STREAM, VOLUME, catalog, growing, id, sealed, segment, volume};
    use crate::unread::UnreadSegment;
    use crate::{Change, GapSpan, MovingRow, SegmentRow, VolumeRow, Writer};

    const OTHER: VolumeId = VolumeId::from_bytes([77; 16]);

    fn second(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    /// Run, first and last second, end cause, and whether it lies on the other volume.
    type Spec = (u8, i64, i64, Option<&'static str>, bool);

    fn with(specs: &[Spec]) -> (Catalog, Writer, Vec<SegmentRow>) {
        let (catalog, mut writer) = catalog();
        let disk2 = VolumeRow { id: OTHER, name: "disk2".into(), path: "/b".into(), ..volume() };
        writer.apply(&[Change::PutVolume(disk2)]).unwrap();
        let mut rows = Vec::new();
        for (number, (run, from, to, cause, other)) in (1..).zip(specs) {
            let mut row = segment(number, second(*from), second(*to));
            row.run = RunId::from_bytes([*run; 16]);
            row.end_cause = cause.map(str::to_owned);
            row.volume = if *other { OTHER } else { row.volume };
            writer.apply(&[sealed(row.clone())]).unwrap();
            rows.push(row);
        }
        (catalog, writer, rows)
    }

    fn forgotten(row: &SegmentRow) -> Change {
        Change::SegmentForgotten { segment: row.id, volume: row.volume, end: row.end }
    }

    fn take_out(writer: &mut Writer, rows: &[SegmentRow]) {
        let there = rows.iter().filter(|row| row.volume == OTHER);
        let changes: Vec<Change> = there.map(forgotten).collect();
        writer.apply(&changes).unwrap();
        writer.apply(&changes).unwrap();
        writer.apply(&[Change::RemoveVolume(OTHER)]).unwrap();
    }

    fn gaps(catalog: &Catalog, resolution: i64) -> Vec<(i64, i64, String)> {
        let spans = catalog.timeline(STREAM, second(0), second(100_000), resolution).unwrap();
        let seconds = |at: WallTime| at.as_micros() / 1_000_000;
        let cause = |gap: &GapSpan| gap.cause.clone().unwrap_or("?".into());
        spans.gaps.iter().map(|gap| (seconds(gap.from), seconds(gap.to), cause(gap))).collect()
    }

    fn gap(from: i64, to: i64, cause: &str) -> (i64, i64, String) {
        (from, to, cause.to_owned())
    }

    #[test]
    fn what_went_with_its_volume_is_a_gap_of_its_own_cause() {
        let (catalog, mut writer, rows) = with(&[
            (1, 0, 10, None, false),
            (1, 10, 20, None, true),
            (1, 20, 30, None, true),
            (1, 30, 40, None, false),
        ]);
        take_out(&mut writer, &rows);
        assert_eq!(gaps(&catalog, 1), [gap(10, 30, "volume-removed")]);
        assert_eq!(catalog.volumes().unwrap().len(), 1);
        let forgotten = |from, to| catalog.forgotten(STREAM, second(from), second(to)).unwrap();
        assert_eq!(forgotten(29, 99), [(second(10), second(30))]);
        assert_eq!(forgotten(30, 99), []);
    }

    #[test]
    fn what_waited_without_a_row_goes_with_its_volume() {
        let (catalog, mut writer, rows) = with(&[(1, 0, 10, None, false), (1, 10, 20, None, true)]);
        let tail = catalog.tail();
        let mut held = segment(8, second(20), second(25));
        held.volume = OTHER;
        let left = |number, volume| UnreadSegment {
            id: id(number),
            stream: STREAM,
            volume,
            start: second(30),
        };
        tail.open(growing(held.clone()));
        tail.open(growing(segment(9, second(25), second(30))));
        tail.left(left(10, OTHER));
        tail.left(left(11, rows[0].volume));
        take_out(&mut writer, &rows);
        assert!(tail.segment(held.id).is_none());
        assert!(tail.segment(id(9)).is_some(), "what is elsewhere stays");
        assert_eq!(tail.unread(STREAM), [left(11, rows[0].volume)]);
    }

    #[test]
    fn of_what_went_with_its_volume_only_garbage_was_removed_while_it_moved() {
        let (catalog, mut writer, rows) = with(&[
            (1, 0, 10, None, true),
            (1, 10, 20, None, true),
            (1, 20, 30, None, true),
            (1, 30, 40, None, false),
        ]);
        let begin = |row: &SegmentRow| {
            Change::SegmentMoving(MovingRow {
                segment: row.id,
                camera_slug: row.camera_slug.to_string(),
                stream_name: row.stream_name.to_string(),
                start: row.start,
                source: OTHER,
                target: VOLUME,
            })
        };
        writer.apply(&rows.iter().map(begin).collect::<Vec<_>>()).unwrap();
        writer.apply(&[Change::SegmentGarbage(id(1))]).unwrap();
        let moved = Change::SegmentMoved { segment: id(2), volume: VOLUME, allocated: 1 };
        writer.apply(&[moved]).unwrap();
        // As of before the second one moved.
        writer.apply(&rows[..3].iter().map(forgotten).collect::<Vec<_>>()).unwrap();
        assert_eq!(catalog.segment(id(2)).unwrap().map(|row| row.volume), Some(VOLUME));
        let moving: Vec<_> =
            catalog.moving(None, 9).unwrap().into_iter().map(|it| it.segment).collect();
        assert_eq!(moving, [id(1), id(2), id(4)]);
        assert_eq!(gaps(&catalog, 1), [gap(20, 30, "volume-removed")]);
    }

    #[test]
    fn gaps_beside_it_keep_their_causes() {
        let (catalog, mut writer, rows) = with(&[
            (1, 0, 10, Some("shutdown"), false),
            (2, 15, 20, None, true),
            (2, 20, 30, Some("camera-gone"), true),
            (3, 50, 60, Some("power"), true),
            (4, 90, 99, None, false),
        ]);
        take_out(&mut writer, &rows);
        let exact = [
            gap(10, 15, "shutdown"),
            gap(15, 30, "volume-removed"),
            gap(30, 50, "camera-gone"),
            gap(50, 60, "volume-removed"),
            gap(60, 90, "power"),
        ];
        assert_eq!(gaps(&catalog, 1), exact);
        // What is shorter than the resolution is not told apart.
        let coarse = [gap(10, 30, "volume-removed"), gap(30, 90, "camera-gone")];
        assert_eq!(gaps(&catalog, 12_000_000), coarse);
    }

    #[test]
    fn nothing_is_a_gap_before_the_first_footage() {
        let (catalog, mut writer, rows) = with(&[(1, 0, 10, None, true), (1, 10, 20, None, false)]);
        take_out(&mut writer, &rows);
        assert_eq!(gaps(&catalog, 1), []);
    }

    #[test]
    fn spans_are_few_however_often_recording_was_interrupted() {
        let (catalog, mut writer) = catalog();
        let specs = (0..FORGOTTEN_SPANS_MAX as i64 + 5).map(|n| (n, second(n * 10)));
        let rows: Vec<_> =
            specs.map(|(n, from)| segment(n as u32 + 1, from, from + SECONDS_5)).collect();
        writer.apply(&rows.iter().cloned().map(sealed).collect::<Vec<_>>()).unwrap();
        writer.apply(&rows.iter().map(forgotten).collect::<Vec<_>>()).unwrap();
        let range = (WallTime::EPOCH, WallTime::MAX);
        let left = catalog.readers.read("", |snapshot| of(snapshot.db, 1, range)).unwrap();
        assert_eq!(left.len(), FORGOTTEN_SPANS_MAX);
        assert_eq!((left[0].from, left[0].to), (second(0), second(55)), "the oldest are joined");
    }

    const SECONDS_5: std::time::Duration = std::time::Duration::from_secs(5);
}
