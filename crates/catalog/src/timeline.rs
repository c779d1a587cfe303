//! Where there is footage and why there is none elsewhere, as coarse as asked for.

use base::limits::TIMELINE_SPANS_MAX;
use base::{StreamId, WallTime};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::columns::instant;
use crate::error::ReadError;
use crate::open::Catalog;
use crate::settings_rows::number_of;
use crate::summary;

/// From this resolution on, hours are read in place of segments.
const HOUR_MICROS: i64 = 3_600_000_000;
/// Segments of a run that went on are drawn as one up to this distance: the last sample of each
/// has its usual duration, not the true one.
const JOINT_MICROS_MAX: i64 = 250_000;

/// Footage and gaps of one range of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TimelineSpans {
    /// At least what was asked for; more where the answer would have had too many spans.
    pub resolution_micros: i64,
    /// Footage, half-open, cut to the range, in order; what is closer than the resolution is
    /// joined.
    pub footage: Vec<(WallTime, WallTime)>,
    /// The gaps between footage (which may lie outside the range), cut to the range, in order.
    pub gaps: Vec<GapSpan>,
}

/// A span without footage between two with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapSpan {
    /// The end of the footage before it.
    pub from: WallTime,
    /// The start of the footage after it.
    pub to: WallTime,
    /// Why the run before it ended; `None` when nobody knows.
    pub cause: Option<String>,
}

impl Catalog {
    /// Draws [from, to) of a stream; growing footage too. Spans and gaps are at most
    /// [`base::limits::TIMELINE_SPANS_MAX`] together. From a resolution of one hour on, hour
    /// summaries are read in place of segments.
    pub fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, ReadError> {
        let range = (from, to);
        let resolution = resolution_for(range, resolution_micros);
        let growing = self.tail().segments(stream);
        let growing = growing.into_iter().map(|segment| Piece {
            start: segment.row.start,
            end: segment.row.end,
            run: Some(*segment.row.run.as_bytes()),
            cause: segment.row.end_cause,
        });
        self.readers.read("the timeline", |snapshot| {
            let Some(number) = number_of(snapshot.db, "stream", stream.as_bytes())? else {
                return Ok(TimelineSpans { resolution_micros: resolution, ..Default::default() });
            };
            let mut pieces = match resolution >= HOUR_MICROS {
                true => hours(snapshot.db, number, range)?,
                false => segments(snapshot.db, number, range)?,
            };
            // A piece of the tail that was sealed since is joined with its own sealed self.
            pieces.extend(growing);
            pieces.sort_by_key(|piece| piece.start);
            let mut spans = draw(&pieces, range, resolution);
            for gap in spans.gaps.iter_mut().filter(|gap| gap.cause.is_none()) {
                gap.cause = cause_of(snapshot.db, number, gap.from)?;
            }
            Ok(spans)
        })
    }
}

/// At least `asked`, and so coarse that spans and gaps stay within their limit.
fn resolution_for((from, to): (WallTime, WallTime), asked: i64) -> i64 {
    // Every gap is at least this long, and there is one span more than gaps.
    let gaps_max = i64::try_from(TIMELINE_SPANS_MAX / 2 - 2).expect("the limit is small");
    asked.max(to.micros_since(from).max(0) / gaps_max + 1)
}

/// A stretch of footage: a segment, or what an hour holds.
#[derive(Clone, Debug)]
struct Piece {
    start: WallTime,
    end: WallTime,
    /// `None` where several are summed up.
    run: Option<[u8; 16]>,
    cause: Option<String>,
}

/// The sealed segments that touch the range, with the one before and the one after it.
fn segments(
    db: &Connection,
    stream: i64,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Vec<Piece>> {
    let mut read = db.prepare_cached(
        "SELECT start_us, end_us, run, end_cause FROM segment
         WHERE stream = ?1 AND state = 1
           AND start_us >= coalesce((SELECT max(start_us) FROM segment
             WHERE stream = ?1 AND state = 1 AND start_us < ?2), ?2)
           AND start_us <= coalesce((SELECT min(start_us) FROM segment
             WHERE stream = ?1 AND state = 1 AND start_us >= ?3), ?3)
         ORDER BY start_us",
    )?;
    read.query_map((stream, from.as_micros(), to.as_micros()), piece)?.collect()
}

fn piece(row: &Row<'_>) -> rusqlite::Result<Piece> {
    Ok(Piece {
        start: instant(row, "start_us")?,
        end: instant(row, "end_us")?,
        run: Some(row.get("run")?),
        cause: row.get("end_cause")?,
    })
}

/// The hours that touch the range, with the segments before and after it.
fn hours(
    db: &Connection,
    stream: i64,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Vec<Piece>> {
    let hours = summary::hours(db, stream, from, to)?.into_iter();
    let mut pieces: Vec<Piece> = hours
        .map(|hour| Piece { start: hour.first, end: hour.last, run: None, cause: None })
        .collect();
    for beside in [
        "SELECT start_us, end_us, run, end_cause FROM segment
         WHERE stream = ?1 AND state = 1 AND start_us < ?2 ORDER BY start_us DESC LIMIT 1",
        "SELECT start_us, end_us, run, end_cause FROM segment
         WHERE stream = ?1 AND state = 1 AND start_us >= ?3 ORDER BY start_us LIMIT 1",
    ] {
        let mut read = db.prepare_cached(beside)?;
        let at = if beside.contains("?3") { to } else { from };
        let found = read.query_row((stream, at.as_micros()), piece).optional()?;
        pieces.extend(found);
    }
    Ok(pieces)
}

/// Joins pieces (by start) into footage and what lies between into gaps.
fn draw(pieces: &[Piece], (from, to): (WallTime, WallTime), resolution: i64) -> TimelineSpans {
    let mut spans = TimelineSpans { resolution_micros: resolution, ..Default::default() };
    let mut add = |start: WallTime, end: WallTime| {
        let (start, end) = (start.max(from), end.min(to));
        if start < end {
            spans.footage.push((start, end));
        }
    };
    let mut gaps = Vec::new();
    let Some((first, rest)) = pieces.split_first() else { return spans };
    let (mut open, mut last) = (first.start, first.clone());
    for piece in rest {
        let distance = piece.start.micros_since(last.end);
        let went_on = last.cause.is_none() && last.run.is_some() && last.run == piece.run;
        if distance >= resolution && !(went_on && distance <= JOINT_MICROS_MAX) {
            add(open, last.end);
            if piece.start > from && last.end < to {
                let (from, to) = (last.end.max(from), piece.start.min(to));
                gaps.push(GapSpan { from, to, cause: last.cause.clone() });
            }
            open = piece.start;
        }
        if piece.end >= last.end {
            last = piece.clone();
        }
    }
    add(open, last.end);
    spans.gaps = gaps;
    spans
}

/// Why the last segment that starts before `at` was the last of its run.
fn cause_of(db: &Connection, stream: i64, at: WallTime) -> rusqlite::Result<Option<String>> {
    let mut find = db.prepare_cached(
        "SELECT end_cause FROM segment WHERE stream = ?1 AND state = 1 AND start_us < ?2
         ORDER BY start_us DESC LIMIT 1",
    )?;
    Ok(find.query_row((stream, at.as_micros()), |row| row.get(0)).optional()?.flatten())
}
