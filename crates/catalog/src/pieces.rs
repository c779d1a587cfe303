//! What a timeline is drawn from: stretches of footage, each as long as the resolution allows. A
//! day, or an hour, that misses less than the resolution can hide no gap as long as that, so that
//! its summary stands for all segments in it; only the others are looked into. A year of one stream
//! is some hundred rows instead of a hundred thousand.

use base::WallTime;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use crate::counting::{HOUR_MICROS, Zone};

/// Segments of a run that went on are drawn as one up to this distance: the last sample of each
/// has its usual duration, not the true one.
pub(crate) const JOINT_MICROS_MAX: i64 = 250_000;

/// A shorter range is not worth a look at days.
const DAYS_FROM_MICROS: i64 = 48 * HOUR_MICROS;

/// A stretch of footage: a segment, or what an hour or a day holds.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) start: WallTime,
    pub(crate) end: WallTime,
    /// `None` where several are summed up.
    pub(crate) run: Option<[u8; 16]>,
    pub(crate) cause: Option<String>,
}

type Range = (WallTime, WallTime);

/// Pieces, in any order, that draw `range` of the stream in row `stream` at `resolution` as its
/// sealed segments would; with the segments before and after the range.
pub(crate) fn of(
    db: &Connection,
    zone: &Zone,
    stream: i64,
    range: Range,
    resolution: i64,
) -> rusqlite::Result<Vec<Piece>> {
    let mut pieces = beside(db, stream, range)?;
    // Summaries do not know which segments go on in the next one without a gap.
    if resolution <= JOINT_MICROS_MAX {
        add_segments(db, stream, range, &mut pieces)?;
        return Ok(pieces);
    }
    let by_day = range.1.micros_since(range.0) >= DAYS_FROM_MICROS;
    let in_hours = match by_day {
        true => add_days(db, zone, stream, range, resolution, &mut pieces)?,
        false => vec![range],
    };
    for hours in in_hours {
        for segments in add_hours(db, stream, hours, resolution, &mut pieces)? {
            add_segments(db, stream, segments, &mut pieces)?;
        }
    }
    Ok(pieces)
}

/// Adds the days that touch the range; the ranges that are to be looked into.
fn add_days(
    db: &Connection,
    zone: &Zone,
    stream: i64,
    (from, to): Range,
    resolution: i64,
    pieces: &mut Vec<Piece>,
) -> rusqlite::Result<Vec<Range>> {
    let mut read = db.prepare_cached(
        "SELECT first_us, last_us, recorded_us FROM day
         WHERE stream = ?1 AND day >= ?2 AND day <= ?3 ORDER BY day",
    )?;
    // What no calendar can say is before the first, or after the last day.
    let first = zone.day_of(from.as_micros()).unwrap_or_default();
    let last = zone.day_of(to.as_micros()).unwrap_or_else(|| "A".to_owned());
    add_whole(&mut read, (stream, first, last), resolution, pieces)
}

/// The same by hours.
fn add_hours(
    db: &Connection,
    stream: i64,
    (from, to): Range,
    resolution: i64,
    pieces: &mut Vec<Piece>,
) -> rusqlite::Result<Vec<Range>> {
    let mut read = db.prepare_cached(
        "SELECT first_us, last_us, recorded_us FROM hour
         WHERE stream = ?1 AND hour_us >= ?2 AND hour_us < ?3 ORDER BY hour_us",
    )?;
    let first = from.as_micros().div_euclid(HOUR_MICROS).saturating_mul(HOUR_MICROS);
    add_whole(&mut read, (stream, first, to.as_micros()), resolution, pieces)
}

/// Adds the summaries that `read` gives and that miss less than `resolution`. The spans of the
/// others, those that follow one another as one.
fn add_whole(
    read: &mut CachedStatement<'_>,
    values: impl Params,
    resolution: i64,
    pieces: &mut Vec<Piece>,
) -> rusqlite::Result<Vec<Range>> {
    let mut rows = read.query(values)?;
    let mut holed: Vec<Range> = Vec::new();
    let mut goes_on = false;
    while let Some(row) = rows.next()? {
        let (first, last): (i64, i64) = (row.get(0)?, row.get(1)?);
        let recorded: i64 = row.get(2)?;
        let (start, end) = (WallTime::from_micros(first), WallTime::from_micros(last));
        let missing = last - first - recorded;
        match holed.last_mut() {
            _ if missing < resolution => pieces.push(Piece { start, end, run: None, cause: None }),
            Some(range) if goes_on => range.1 = end,
            _ => holed.push((start, end)),
        }
        goes_on = missing >= resolution;
    }
    Ok(holed)
}

/// Adds the segments that touch the range.
fn add_segments(
    db: &Connection,
    stream: i64,
    (from, to): Range,
    pieces: &mut Vec<Piece>,
) -> rusqlite::Result<()> {
    let mut read = db.prepare_cached(
        "SELECT start_us, end_us, run, end_cause FROM segment
         WHERE stream = ?1 AND state = 1 AND start_us < ?3
           AND start_us >= coalesce((SELECT max(start_us) FROM segment
             WHERE stream = ?1 AND state = 1 AND start_us <= ?2), ?2)
         ORDER BY start_us",
    )?;
    let mut rows = read.query((stream, from.as_micros(), to.as_micros()))?;
    while let Some(row) = rows.next()? {
        pieces.push(piece(row)?);
    }
    Ok(())
}

/// The segments before and after the range: a gap may reach out of it.
fn beside(db: &Connection, stream: i64, (from, to): Range) -> rusqlite::Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    for (beside, at) in [
        (
            "SELECT start_us, end_us, run, end_cause FROM segment
             WHERE stream = ?1 AND state = 1 AND start_us < ?2 ORDER BY start_us DESC LIMIT 1",
            from,
        ),
        (
            "SELECT start_us, end_us, run, end_cause FROM segment
             WHERE stream = ?1 AND state = 1 AND start_us >= ?2 ORDER BY start_us LIMIT 1",
            to,
        ),
    ] {
        let mut read = db.prepare_cached(beside)?;
        pieces.extend(read.query_row((stream, at.as_micros()), piece).optional()?);
    }
    Ok(pieces)
}

fn piece(row: &Row<'_>) -> rusqlite::Result<Piece> {
    Ok(Piece {
        start: WallTime::from_micros(row.get(0)?),
        end: WallTime::from_micros(row.get(1)?),
        run: Some(row.get(2)?),
        cause: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::RunId;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{STREAM, at, catalog, sealed, segment};
    use crate::{Change, SegmentRow, TimelineSpans};

    const MINUTE: i64 = 60_000_000;

    /// Draws as [`crate::Catalog::timeline`] does, but of every segment.
    fn drawn_of_all(
        catalog: &crate::Catalog,
        (from, to): Range,
        resolution: i64,
    ) -> (TimelineSpans, usize) {
        let mut all = Vec::new();
        let pieces = catalog.readers.read("", |snapshot| {
            add_segments(snapshot.db, 1, (WallTime::EPOCH, WallTime::MAX), &mut all)?;
            of(snapshot.db, &catalog.zone.get(), 1, (from, to), resolution)
        });
        let mut spans = crate::timeline::draw(&all, (from, to), resolution);
        spans.gaps.iter_mut().for_each(|gap| gap.cause = None);
        (spans, pieces.unwrap().len())
    }

    fn rows(spans: &[(i64, i64)]) -> Vec<SegmentRow> {
        let mut end = at("2026-10-23T20:00:00Z").as_micros();
        let mut rows = Vec::new();
        for (number, (gap, len)) in (0u32..).zip(spans) {
            let start = end + gap;
            end = start + len;
            let row = segment(number, WallTime::from_micros(start), WallTime::from_micros(end));
            rows.push(SegmentRow { run: RunId::from_bytes([(*gap > MINUTE).into(); 16]), ..row });
        }
        rows
    }

    #[test]
    fn a_month_without_gaps_is_a_row_a_day() {
        let (catalog, mut writer) = catalog();
        let rows = rows(&[(20_000, 60 * MINUTE); 30 * 24]);
        writer.apply(&rows.iter().cloned().map(sealed).collect::<Vec<Change>>()).unwrap();
        let range = (rows[0].start, rows[30 * 24 - 1].end);
        let (spans, pieces) = drawn_of_all(&catalog, range, 10 * MINUTE);
        assert_eq!((spans.footage.len(), spans.gaps.len()), (1, 0));
        assert!(pieces < 40, "{pieces} rows were read");
        let (_, pieces) = drawn_of_all(&catalog, range, 1);
        assert!(pieces >= 30 * 24, "a fine look needs every segment");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn summaries_draw_what_segments_would(
            spans in proptest::collection::vec(
                (prop_oneof![4 => 0..200_000i64, 1 => 0..600 * MINUTE], MINUTE..200 * MINUTE),
                1..60,
            ),
            from in -10i64..40,
            len in 1i64..150,
            resolution in prop_oneof![1..MINUTE, MINUTE..90 * MINUTE, 90 * MINUTE..900 * MINUTE],
        ) {
            let (catalog, mut writer) = catalog();
            let rows = rows(&spans);
            writer.apply(&rows.iter().cloned().map(sealed).collect::<Vec<Change>>()).unwrap();
            let from = rows[0].start.plus_micros(from * 60 * MINUTE);
            let to = from.plus_micros(len * 60 * MINUTE);
            let mut drawn = catalog.timeline(STREAM, from, to, resolution).unwrap();
            drawn.gaps.iter_mut().for_each(|gap| gap.cause = None);
            let (expected, _) = drawn_of_all(&catalog, (from, to), resolution);
            prop_assert_eq!(drawn, expected);
        }
    }
}
