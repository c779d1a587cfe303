//! Keeps day and hour summaries and totals up, in the transaction that changes a segment.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

pub(crate) const HOUR_MICROS: i64 = 3_600_000_000;

/// The time zone in which days are cut.
pub(crate) struct Zone(pub(crate) TimeZone);

/// The zone in which days are cut at the moment, for the writer and all who read. Guards memory
/// only.
#[derive(Clone)]
pub(crate) struct SharedZone(Arc<Mutex<TimeZone>>);

impl SharedZone {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self(Arc::new(Mutex::new(zone)))
    }

    pub(crate) fn get(&self) -> Zone {
        Zone(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    pub(crate) fn set(&self, zone: Zone) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = zone.0;
    }
}

/// One day or hour.
pub(crate) struct Period {
    /// The day as text, or the hour's first instant.
    pub(crate) key: Value,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
}

impl Zone {
    /// Its name, as it is kept in the archive's row.
    pub(crate) fn name(&self) -> String {
        self.0.iana_name().map_or_else(|| format!("{:?}", self.0), ToOwned::to_owned)
    }

    /// The days that touch [start, end). None beyond what a calendar can say.
    pub(crate) fn days(&self, start_us: i64, end_us: i64) -> Vec<Period> {
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

    /// The day that holds an instant, as text; `None` beyond what a calendar can say.
    pub(crate) fn day_of(&self, at_us: i64) -> Option<String> {
        let at = Timestamp::from_microsecond(at_us).ok()?;
        Some(self.0.to_datetime(at).date().to_string())
    }

    /// The first instant of a day: not always at midnight.
    fn midnight(&self, day: Date) -> Option<i64> {
        Some(day.to_zoned_datetime(self.0.clone()).ok()?.timestamp().as_microsecond())
    }
}

/// The hours that touch [start, end).
pub(crate) fn hours_of(start_us: i64, end_us: i64) -> impl Iterator<Item = Period> {
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
    /// [`media::Activity::pack`], where something moves.
    pub(crate) activity: Option<Vec<u8>>,
}

/// A segment has become sealed.
pub(crate) fn count(db: &Connection, zone: &Zone, segment: &Counted) -> rusqlite::Result<()> {
    add_to_total(db, segment, 1)?;
    each_period(zone, segment, |table, period| table.add(db, segment, period))
}

/// A segment is sealed no more, and its row says so. What it had added is taken away again; only
/// where it was the first or the last of its day or hour is there something to look up, so that the
/// removal of many does not hold the writer up.
pub(crate) fn uncount(db: &Connection, zone: &Zone, segment: &Counted) -> rusqlite::Result<()> {
    add_to_total(db, segment, -1)?;
    each_period(zone, segment, |table, period| table.take_away(db, segment, period))
}

fn each_period(
    zone: &Zone,
    segment: &Counted,
    mut change: impl FnMut(&Table, &Period) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    if segment.end_us <= segment.start_us {
        return Ok(());
    }
    for day in zone.days(segment.start_us, segment.end_us) {
        change(&DAYS, &day)?;
    }
    for hour in hours_of(segment.start_us, segment.end_us) {
        change(&HOURS, &hour)?;
    }
    Ok(())
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

/// A table of summaries and its key.
struct Table {
    name: &'static str,
    key: &'static str,
}

const DAYS: Table = Table { name: "day", key: "day" };
const HOURS: Table = Table { name: "hour", key: "hour_us" };

impl Table {
    /// Adds the part of a segment that lies in `period`.
    fn add(&self, db: &Connection, segment: &Counted, period: &Period) -> rusqlite::Result<()> {
        let Self { name, key } = self;
        let first = segment.start_us.max(period.start_us);
        let last = segment.end_us.min(period.end_us);
        db.prepare_cached(&format!(
            "INSERT INTO {name} (stream, {key}, first_us, last_us, recorded_us, bytes)
             VALUES (:stream, :key, :first, :last, :last - :first,
               CAST(round(1.0 * :bytes * (:last - :first) / :whole) AS INTEGER))
             ON CONFLICT (stream, {key}) DO UPDATE SET
               first_us = min(first_us, excluded.first_us),
               last_us = max(last_us, excluded.last_us),
               recorded_us = recorded_us + excluded.recorded_us,
               bytes = bytes + excluded.bytes"
        ))?
        .execute(named_params! {
            ":stream": segment.stream,
            ":key": period.key,
            ":first": first,
            ":last": last,
            ":bytes": segment.bytes,
            ":whole": segment.end_us - segment.start_us,
        })
        .map(|_| ())
    }

    /// Takes the part of a segment that lies in `period` away: the reverse of [`Table::add`].
    fn take_away(
        &self,
        db: &Connection,
        segment: &Counted,
        period: &Period,
    ) -> rusqlite::Result<()> {
        let Self { name, key } = self;
        let first = segment.start_us.max(period.start_us);
        let last = segment.end_us.min(period.end_us);
        let mut take = db.prepare_cached(&format!(
            "UPDATE {name} SET recorded_us = recorded_us - (:last - :first),
               bytes = bytes - CAST(round(1.0 * :bytes * (:last - :first) / :whole) AS INTEGER)
             WHERE stream = :stream AND {key} = :key
             RETURNING recorded_us, first_us, last_us"
        ))?;
        let values = named_params! {
            ":stream": segment.stream,
            ":key": period.key,
            ":first": first,
            ":last": last,
            ":bytes": segment.bytes,
            ":whole": segment.end_us - segment.start_us,
        };
        let left = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let left: Option<(i64, i64, i64)> = take.query_row(values, left).optional()?;
        let Some((recorded, known_first, known_last)) = left else { return Ok(()) };
        if recorded <= 0 {
            db.prepare_cached(&format!("DELETE FROM {name} WHERE stream = ?1 AND {key} = ?2"))?
                .execute((segment.stream, &period.key))?;
            return Ok(());
        }
        if first > known_first && last < known_last {
            return Ok(());
        }
        let found_first = outermost(db, segment.stream, period, "")?;
        let found_last = outermost(db, segment.stream, period, "DESC")?;
        let (Some((first, _)), Some((_, last))) = (found_first, found_last) else {
            return self.recount(db, segment.stream, period);
        };
        db.prepare_cached(&format!(
            "UPDATE {name} SET first_us = ?3, last_us = ?4 WHERE stream = ?1 AND {key} = ?2"
        ))?
        .execute((segment.stream, &period.key, first.max(period.start_us), last.min(period.end_us)))
        .map(|_| ())
    }

    /// Counts one row anew from the sealed segments that touch it.
    fn recount(&self, db: &Connection, stream: i64, period: &Period) -> rusqlite::Result<()> {
        let Self { name, key } = self;
        db.prepare_cached(&format!("DELETE FROM {name} WHERE stream = ?1 AND {key} = ?2"))?
            .execute((stream, &period.key))?;
        db.prepare_cached(&format!(
            "INSERT INTO {name} (stream, {key}, first_us, last_us, recorded_us, bytes)
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
}

/// Start and end of the first sealed segment that touches `period`, or in the other `order` of the
/// last.
fn outermost(
    db: &Connection,
    stream: i64,
    period: &Period,
    order: &'static str,
) -> rusqlite::Result<Option<(i64, i64)>> {
    // Segments of a stream do not overlap: of those that start before the period, only the last
    // can reach into it.
    let mut find = db.prepare_cached(&format!(
        "SELECT start_us, end_us FROM segment
         WHERE stream = ?1 AND state = 1 AND start_us < ?3 AND end_us > ?2
           AND end_us > start_us AND start_us >= coalesce(
             (SELECT max(start_us) FROM segment
              WHERE stream = ?1 AND state = 1 AND start_us <= ?2), ?2)
         ORDER BY start_us {order} LIMIT 1"
    ))?;
    find.query_row((stream, period.start_us, period.end_us), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Cuts all days anew, in the transaction of `db`: from now on in `zone`. Reads the span of every
/// segment.
pub(crate) fn cut_days(db: &Connection, zone: &Zone) -> rusqlite::Result<()> {
    db.execute("UPDATE archive SET time_zone = ?1", [zone.name()])?;
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
            DAYS.recount(db, stream, &day)?;
            done.1 = day.end_us;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{at, options};

    #[test]
    fn days_of_23_and_25_hours_are_cut_right() {
        let zone = Zone(options().time_zone);
        let lens = |start: &str, end: &str| -> Vec<i64> {
            let days = zone.days(at(start).as_micros(), at(end).as_micros());
            days.iter().map(|day| (day.end_us - day.start_us) / HOUR_MICROS).collect()
        };
        assert_eq!(lens("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"), [24, 23, 24]);
        assert_eq!(lens("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"), [24, 25, 24]);
        assert_eq!(lens("2026-11-22T22:59:59Z", "2026-11-22T23:00:00Z"), [24], "half-open");
        let apia = Zone(TimeZone::get("Pacific/Apia").unwrap());
        let days = apia
            .days(at("2011-12-29T12:00:00Z").as_micros(), at("2011-12-31T12:00:00Z").as_micros());
        assert!(
            days.windows(2).all(|pair| pair[0].end_us == pair[1].start_us),
            "a day was skipped"
        );
    }
}
