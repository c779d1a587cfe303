//! Sums of a stream's sealed segments, added up anew: to hold those that were kept up against
//! them, and to replace those.

use std::collections::BTreeMap;

use media::activity::pack_values;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::activity_rows::{self, of_stored};
use crate::counting::{Zone, hours_of};

/// What segments add up to.
#[derive(Default, PartialEq, Eq)]
struct Sums {
    /// By volume: segments, bytes, allocated, recorded time.
    totals: BTreeMap<i64, [i64; 4]>,
    days: Periods,
    hours: Periods,
    /// What moves, by day.
    activity: BTreeMap<i64, Vec<u8>>,
}

/// By day or hour: first and last instant, recorded time, bytes.
type Periods = BTreeMap<Key, [i64; 4]>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Day(String),
    Hour(i64),
}

impl Key {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Text(day) => Some(Self::Day(day)),
            Value::Integer(hour) => Some(Self::Hour(hour)),
            _ => None,
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Day(day) => Value::Text(day.clone()),
            Self::Hour(hour) => Value::Integer(*hour),
        }
    }
}

/// The sums of the stream in row `stream` that are wrong.
pub(crate) fn wrong(
    db: &Connection,
    zone: &Zone,
    stream: i64,
) -> rusqlite::Result<Vec<&'static str>> {
    let (right, kept) = (added_up(db, zone, stream)?, kept(db, stream)?);
    let differs = [
        ("totals", right.totals != kept.totals),
        ("days", right.days != kept.days),
        ("hours", right.hours != kept.hours),
        ("activity", right.activity != kept.activity),
    ];
    Ok(differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect())
}

/// Replaces the sums of the stream in row `stream`, in the transaction of `db`.
pub(crate) fn recount(db: &Connection, zone: &Zone, stream: i64) -> rusqlite::Result<()> {
    let right = added_up(db, zone, stream)?;
    for table in ["total", "day", "hour", "activity_day"] {
        db.execute(&format!("DELETE FROM {table} WHERE stream = ?1"), [stream])?;
    }
    let mut put = db.prepare_cached(
        "INSERT INTO total (stream, volume, segments, bytes, allocated, recorded_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (volume, [segments, bytes, allocated, recorded]) in right.totals {
        put.execute((stream, volume, segments, bytes, allocated, recorded))?;
    }
    for (table, key, periods) in [("day", "day", right.days), ("hour", "hour_us", right.hours)] {
        let mut put = db.prepare_cached(&format!(
            "INSERT INTO {table} (stream, {key}, first_us, last_us, recorded_us, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        ))?;
        for (key, [first, last, recorded, bytes]) in periods {
            put.execute(params![stream, key.value(), first, last, recorded, bytes])?;
        }
    }
    for (day, packed) in right.activity {
        activity_rows::put_day(db, stream, day, &of_stored(&packed))?;
    }
    Ok(())
}

fn added_up(db: &Connection, zone: &Zone, stream: i64) -> rusqlite::Result<Sums> {
    let mut read = db.prepare_cached(
        "SELECT volume, start_us, end_us, bytes, allocated FROM segment
         WHERE stream = ?1 AND state = 1",
    )?;
    let mut rows = read.query([stream])?;
    let mut sums = Sums::default();
    while let Some(row) = rows.next()? {
        let (volume, start, end): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (bytes, allocated): (i64, i64) = (row.get(3)?, row.get(4)?);
        let total = sums.totals.entry(volume).or_default();
        for (sum, more) in total.iter_mut().zip([1, bytes, allocated, end - start]) {
            *sum += more;
        }
        if end <= start {
            continue;
        }
        let days = zone.days(start, end).into_iter().map(|it| (true, it));
        for (is_day, period) in days.chain(hours_of(start, end).map(|it| (false, it))) {
            let (first, last) = (start.max(period.start_us), end.min(period.end_us));
            let Some(key) = Key::of(period.key) else { continue };
            // As the database does it: in floating point, and rounded half away from zero.
            let part = bytes as f64 * (last - first) as f64 / (end - start) as f64;
            let periods = if is_day { &mut sums.days } else { &mut sums.hours };
            let sum = periods.entry(key).or_insert([first, last, 0, 0]);
            *sum = [
                sum[0].min(first),
                sum[1].max(last),
                sum[2] + last - first,
                sum[3] + part.round() as i64,
            ];
        }
    }
    let days = activity_rows::days_in(db, stream, (i64::MIN, i64::MAX))?;
    sums.activity = days.into_iter().map(|(day, peaks)| (day, pack_values(&peaks))).collect();
    Ok(sums)
}

fn kept(db: &Connection, stream: i64) -> rusqlite::Result<Sums> {
    let mut sums = Sums::default();
    let mut read = db.prepare_cached(
        "SELECT volume, segments, bytes, allocated, recorded_us FROM total WHERE stream = ?1",
    )?;
    let mut rows = read.query([stream])?;
    while let Some(row) = rows.next()? {
        let sum = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        sums.totals.insert(row.get(0)?, sum);
    }
    for (table, key, is_day) in [("day", "day", true), ("hour", "hour_us", false)] {
        let mut read = db.prepare_cached(&format!(
            "SELECT {key}, first_us, last_us, recorded_us, bytes FROM {table} WHERE stream = ?1"
        ))?;
        let mut rows = read.query([stream])?;
        let periods = if is_day { &mut sums.days } else { &mut sums.hours };
        while let Some(row) = rows.next()? {
            let Some(key) = Key::of(row.get(0)?) else { continue };
            periods.insert(key, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]);
        }
    }
    sums.activity = activity_rows::stored_days(db, stream)?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::WallTime;
    use proptest::prelude::*;

    use crate::testing::{STREAM, at, catalog, id, sealed, segment};
    use crate::{Change, Writer};

    fn spoil(writer: &Writer, sql: &str) {
        writer.database().execute_batch(sql).unwrap();
    }

    #[test]
    fn each_wrong_sum_is_named_and_counted_anew() {
        for (sql, what) in [
            ("UPDATE total SET bytes = bytes + 1", "totals"),
            ("DELETE FROM total", "totals"),
            ("UPDATE day SET last_us = last_us - 1", "days"),
            ("INSERT INTO day VALUES (1, '2020-01-01', 1, 2, 1, 1)", "days"),
            ("DELETE FROM hour WHERE hour_us = (SELECT max(hour_us) FROM hour)", "hours"),
        ] {
            let (catalog, mut writer) = catalog();
            let start = at("2026-11-22T22:50:00Z");
            let row = segment(1, start, start.plus_micros(3_600_000_001));
            writer.apply(&[sealed(row)]).unwrap();
            let (days, totals) = (catalog.days(STREAM), catalog.totals(STREAM));
            spoil(&writer, sql);
            assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [what], "{sql}");
            writer.apply(&[Change::Recount(STREAM)]).unwrap();
            assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0], "{sql}");
            assert_eq!((catalog.days(STREAM), catalog.totals(STREAM)), (days, totals));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn sums_that_are_kept_up_are_those_that_are_added_up(
            spans in prop::collection::vec((0i64..90, 1i64..200_000_000, any::<bool>()), 1..40),
        ) {
            let (catalog, mut writer) = catalog();
            let mut end = at("2026-10-24T20:00:00Z").as_micros();
            for (number, (gap, len, removed)) in (0u32..).zip(&spans) {
                let start = end + gap * 61_000_000;
                end = start + len;
                let (start, end) = (WallTime::from_micros(start), WallTime::from_micros(end));
                writer.apply(&[sealed(segment(number, start, end))]).unwrap();
                if *removed {
                    writer.apply(&[Change::SegmentGarbage(id(number))]).unwrap();
                }
            }
            prop_assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
        }
    }
}
