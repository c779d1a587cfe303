//! Day and hour summaries and totals, kept up in the transaction that changes a segment.
//!
//! A day or hour that a change touches is counted anew from its segments (some hundreds at most),
//! so that a summary cannot drift from what it sums up; only the totals move by difference.

use base::{StreamId, VolumeId, WallTime};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::columns::{count as count_of, instant, word};
use crate::error::ReadError;
use crate::open::Catalog;
use crate::settings_rows::number_of;

const HOUR_MICROS: i64 = 3_600_000_000;

/// The footage of one stream on one day of the archive's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySummary {
    /// The day.
    pub day: Date,
    /// The first recorded instant of it.
    pub first: WallTime,
    /// The end of the last recorded one.
    pub last: WallTime,
    /// How much of it is recorded, in microseconds.
    pub recorded_micros: i64,
    /// Bytes, in proportion for segments that reach into another day.
    pub bytes: u64,
}

/// The sealed footage of one stream in one hour (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourSummary {
    /// The hour's first instant.
    pub hour: WallTime,
    /// The first recorded instant of it.
    pub first: WallTime,
    /// The end of the last recorded one.
    pub last: WallTime,
    /// How much of it is recorded, in microseconds.
    pub recorded_micros: i64,
    /// Bytes, in proportion for segments that reach into another hour.
    pub bytes: u64,
}

/// Sealed segments, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many.
    pub segments: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Bytes that they take on the disk.
    pub allocated: u64,
    /// Recorded time in microseconds.
    pub recorded_micros: i64,
    /// The first recorded instant.
    pub first: Option<WallTime>,
    /// The end of the last recorded one.
    pub last: Option<WallTime>,
}

impl Catalog {
    /// The days that have footage of a stream, oldest first; growing footage counts too.
    pub fn days(&self, stream: StreamId) -> Result<Vec<DaySummary>, ReadError> {
        let growing = self.tail().segments(stream);
        let (mut days, growing) = self.readers.read("days", |snapshot| {
            let Some(number) = number_of(snapshot.db, "stream", stream.as_bytes())? else {
                return Ok((Vec::new(), Vec::new()));
            };
            let mut read =
                snapshot.db.prepare_cached("SELECT * FROM day WHERE stream = ?1 ORDER BY day")?;
            let days = read.query_map([number], day)?.collect::<Result<Vec<_>, _>>()?;
            // What was sealed meanwhile is in the days already.
            let mut open =
                snapshot.db.prepare_cached("SELECT 1 FROM segment WHERE id = ?1 AND state > 0")?;
            let mut still = Vec::new();
            for segment in growing {
                if !open.exists([segment.row.id.as_bytes()])? {
                    still.push(segment.row);
                }
            }
            Ok((days, still))
        })?;
        let zone = Zone(self.time_zone().clone());
        for row in growing {
            for period in zone.days(row.start.as_micros(), row.end.as_micros()) {
                add_growing(&mut days, &row, &period);
            }
        }
        Ok(days)
    }

    /// The hours that touch [from, to) and have sealed footage of a stream, oldest first.
    pub fn hours(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<HourSummary>, ReadError> {
        self.readers.read("hours", |snapshot| {
            match number_of(snapshot.db, "stream", stream.as_bytes())? {
                Some(number) => hours(snapshot.db, number, from, to),
                None => Ok(Vec::new()),
            }
        })
    }

    /// All sealed footage of a stream.
    pub fn totals(&self, stream: StreamId) -> Result<Totals, ReadError> {
        self.totals_of("stream", stream.as_bytes())
    }

    /// All sealed footage on a volume.
    pub fn volume_totals(&self, volume: VolumeId) -> Result<Totals, ReadError> {
        self.totals_of("volume", volume.as_bytes())
    }

    fn totals_of(&self, what: &'static str, id: &[u8; 16]) -> Result<Totals, ReadError> {
        self.readers.read("totals", |snapshot| {
            let db = snapshot.db;
            let Some(number) = number_of(db, what, id)? else { return Ok(Totals::default()) };
            let mut sums = db.prepare_cached(&format!(
                "SELECT coalesce(sum(segments), 0) AS segments, coalesce(sum(bytes), 0) AS bytes,
                   coalesce(sum(allocated), 0) AS allocated,
                   coalesce(sum(recorded_us), 0) AS recorded_us
                 FROM total WHERE {what} = ?1"
            ))?;
            // Segments of a stream do not overlap; those of a volume's streams do, so that the one
            // that starts last need not be the one that ends last, but nearly so.
            let end = |order: &str| {
                let find = format!(
                    "SELECT start_us, end_us FROM segment WHERE {what} = ?1 AND state = 1
                     ORDER BY start_us {order} LIMIT 1"
                );
                let mut find = db.prepare_cached(&find)?;
                find.query_row([number], |row| {
                    Ok((instant(row, "start_us")?, instant(row, "end_us")?))
                })
                .optional()
            };
            sums.query_row([number], |row| {
                Ok(Totals {
                    segments: count_of(row, "segments")?,
                    bytes: count_of(row, "bytes")?,
                    allocated: count_of(row, "allocated")?,
                    recorded_micros: row.get("recorded_us")?,
                    first: end("ASC")?.map(|(start, _)| start),
                    last: end("DESC")?.map(|(_, end)| end),
                })
            })
        })
    }
}

/// The hours of the stream in row `number` that touch [from, to) and have sealed footage.
pub(crate) fn hours(
    db: &Connection,
    number: i64,
    from: WallTime,
    to: WallTime,
) -> rusqlite::Result<Vec<HourSummary>> {
    let mut read = db.prepare_cached(
        "SELECT * FROM hour WHERE stream = ?1 AND hour_us >= ?2 AND hour_us < ?3 ORDER BY hour_us",
    )?;
    let first = from.as_micros().div_euclid(HOUR_MICROS).saturating_mul(HOUR_MICROS);
    read.query_map((number, first, to.as_micros()), hour)?.collect()
}

fn day(row: &Row<'_>) -> rusqlite::Result<DaySummary> {
    Ok(DaySummary {
        day: word(row, "day")?,
        first: instant(row, "first_us")?,
        last: instant(row, "last_us")?,
        recorded_micros: row.get("recorded_us")?,
        bytes: count_of(row, "bytes")?,
    })
}

fn hour(row: &Row<'_>) -> rusqlite::Result<HourSummary> {
    Ok(HourSummary {
        hour: instant(row, "hour_us")?,
        first: instant(row, "first_us")?,
        last: instant(row, "last_us")?,
        recorded_micros: row.get("recorded_us")?,
        bytes: count_of(row, "bytes")?,
    })
}

/// Adds the part of a growing segment that lies in `period` to the days, which stay in order.
fn add_growing(days: &mut Vec<DaySummary>, row: &crate::SegmentRow, period: &Period) {
    let Value::Text(key) = &period.key else { return };
    let Ok(day) = key.parse::<Date>() else { return };
    let first = row.start.max(WallTime::from_micros(period.start_us));
    let last = row.end.min(WallTime::from_micros(period.end_us));
    let recorded_micros = last.micros_since(first);
    let whole = row.end.micros_since(row.start).max(1);
    let bytes = i128::from(row.bytes) * i128::from(recorded_micros) / i128::from(whole);
    let bytes = u64::try_from(bytes).unwrap_or(0);
    match days.binary_search_by_key(&day, |summary| summary.day) {
        Ok(place) => {
            let summary = &mut days[place];
            summary.first = summary.first.min(first);
            summary.last = summary.last.max(last);
            summary.recorded_micros += recorded_micros;
            summary.bytes += bytes;
        }
        Err(place) => {
            days.insert(place, DaySummary { day, first, last, recorded_micros, bytes });
        }
    }
}

/// The time zone in which days are cut.
pub(crate) struct Zone(pub(crate) TimeZone);

/// One day or hour.
struct Period {
    key: Value,
    start_us: i64,
    end_us: i64,
}

impl Zone {
    /// Its name, as it is kept in the archive's row.
    pub(crate) fn name(&self) -> String {
        self.0.iana_name().map_or_else(|| format!("{:?}", self.0), ToOwned::to_owned)
    }

    /// The days that touch [start, end). None beyond what a calendar can say.
    fn days(&self, start_us: i64, end_us: i64) -> Vec<Period> {
        let mut days = Vec::new();
        let Ok(start) = Timestamp::from_microsecond(start_us) else { return days };
        let mut day = self.0.to_datetime(start).date();
        loop {
            let next = day.checked_add(1.day());
            let bounds = (self.midnight(day), next.as_ref().ok().and_then(|it| self.midnight(*it)));
            let ((Some(from), Some(to)), Ok(next)) = (bounds, next) else { return days };
            if from >= end_us {
                return days;
            }
            days.push(Period { key: Value::Text(day.to_string()), start_us: from, end_us: to });
            day = next;
        }
    }

    /// The first instant of a day: not always at midnight.
    fn midnight(&self, day: Date) -> Option<i64> {
        Some(day.to_zoned_datetime(self.0.clone()).ok()?.timestamp().as_microsecond())
    }
}

/// The hours that touch [start, end).
fn hours_of(start_us: i64, end_us: i64) -> impl Iterator<Item = Period> {
    let hours = start_us.div_euclid(HOUR_MICROS)..=(end_us - 1).div_euclid(HOUR_MICROS);
    hours.map(|hour| {
        let start_us = hour * HOUR_MICROS;
        Period { key: Value::Integer(start_us), start_us, end_us: start_us + HOUR_MICROS }
    })
}

/// What a sealed segment adds to summaries and totals.
pub(crate) struct Counted {
    pub(crate) stream: i64,
    pub(crate) volume: i64,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    pub(crate) bytes: i64,
    pub(crate) allocated: i64,
}

/// A segment has become sealed.
pub(crate) fn count(db: &Connection, zone: &Zone, segment: &Counted) -> rusqlite::Result<()> {
    add_to_total(db, segment, 1)?;
    recount(db, zone, segment)
}

/// A segment is sealed no more.
pub(crate) fn uncount(db: &Connection, zone: &Zone, segment: &Counted) -> rusqlite::Result<()> {
    add_to_total(db, segment, -1)?;
    recount(db, zone, segment)
}

fn add_to_total(db: &Connection, segment: &Counted, times: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO total (stream, volume, segments, bytes, allocated, recorded_us)
         VALUES (:stream, :volume, :segments, :bytes, :allocated, :recorded)
         ON CONFLICT (stream, volume) DO UPDATE SET segments = segments + :segments,
           bytes = bytes + :bytes, allocated = allocated + :allocated,
           recorded_us = recorded_us + :recorded",
    )?
    .execute(named_params! {
        ":stream": segment.stream,
        ":volume": segment.volume,
        ":segments": times,
        ":bytes": times * segment.bytes,
        ":allocated": times * segment.allocated,
        ":recorded": times * (segment.end_us - segment.start_us),
    })?;
    db.prepare_cached("DELETE FROM total WHERE stream = ?1 AND volume = ?2 AND segments = 0")?
        .execute((segment.stream, segment.volume))
        .map(|_| ())
}

/// Counts the days and hours anew that a segment touches.
fn recount(db: &Connection, zone: &Zone, segment: &Counted) -> rusqlite::Result<()> {
    if segment.end_us <= segment.start_us {
        return Ok(());
    }
    for day in zone.days(segment.start_us, segment.end_us) {
        recount_period(db, "day", "day", segment.stream, &day)?;
    }
    for hour in hours_of(segment.start_us, segment.end_us) {
        recount_period(db, "hour", "hour_us", segment.stream, &hour)?;
    }
    Ok(())
}

/// Counts one row of `table` anew; both names are from this file.
fn recount_period(
    db: &Connection,
    table: &'static str,
    key: &'static str,
    stream: i64,
    period: &Period,
) -> rusqlite::Result<()> {
    db.prepare_cached(&format!("DELETE FROM {table} WHERE stream = ?1 AND {key} = ?2"))?
        .execute((stream, &period.key))?;
    db.prepare_cached(&format!(
        "INSERT INTO {table} (stream, {key}, first_us, last_us, recorded_us, bytes)
         SELECT :stream, :key, min(max(start_us, :start)), max(min(end_us, :end)),
           sum(min(end_us, :end) - max(start_us, :start)),
           sum(CAST(round(1.0 * bytes * (min(end_us, :end) - max(start_us, :start))
             / (end_us - start_us)) AS INTEGER))
         FROM segment
         WHERE stream = :stream AND state = 1 AND start_us < :end AND end_us > :start
           AND end_us > start_us AND start_us >= coalesce(
             (SELECT max(start_us) FROM segment
              WHERE stream = :stream AND state = 1 AND start_us <= :start), :start)
         HAVING count(*) > 0"
    ))?
    .execute(named_params! {
        ":stream": stream,
        ":key": period.key,
        ":start": period.start_us,
        ":end": period.end_us,
    })
    .map(|_| ())
}

/// Cuts all days anew, in the transaction of `db`, after the archive's time zone changed.
pub(crate) fn recut_days(db: &Connection, zone: &Zone) -> rusqlite::Result<()> {
    db.execute("DELETE FROM day", [])?;
    let mut spans = db.prepare(
        "SELECT stream, start_us, end_us FROM segment WHERE state = 1 ORDER BY stream, start_us",
    )?;
    let mut rows = spans.query([])?;
    // Days up to here are done: (stream, end of its last day).
    let mut done = (0, i64::MIN);
    while let Some(row) = rows.next()? {
        let (stream, start, end): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if done.0 != stream {
            done = (stream, i64::MIN);
        }
        if end <= start || end <= done.1 {
            continue;
        }
        for day in zone.days(start.max(done.1), end) {
            recount_period(db, "day", "day", stream, &day)?;
            done.1 = day.end_us;
        }
    }
    Ok(())
}
