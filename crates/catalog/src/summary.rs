//! Questions about days, hours and totals.

use base::{StreamId, VolumeId, WallTime};
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::catalog::Catalog;
use crate::columns::{count as count_of, instant, number_of, word};
use crate::counting::{HOUR_MICROS, Period};
use crate::error::ReadError;

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
        let growing = self.tail().rows(stream);
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
            for row in growing {
                if !open.exists([row.id.as_bytes()])? {
                    still.push(row);
                }
            }
            Ok((days, still))
        })?;
        let zone = self.zone.get();
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
        self.readers.read("totals", |snapshot| match number_of(snapshot.db, what, id)? {
            Some(number) => totals(snapshot.db, what, number),
            None => Ok(Totals::default()),
        })
    }
}

/// All sealed footage of the row `number` of `what`: a stream or a volume.
pub(crate) fn totals(db: &Connection, what: &str, number: i64) -> rusqlite::Result<Totals> {
    let mut sums = db.prepare_cached(&format!(
        "SELECT coalesce(sum(segments), 0) AS segments, coalesce(sum(bytes), 0) AS bytes,
           coalesce(sum(allocated), 0) AS allocated,
           coalesce(sum(recorded_us), 0) AS recorded_us
         FROM total WHERE {what} = ?1"
    ))?;
    // Segments of a stream do not overlap; those of a volume's streams do, so that the one that
    // starts last need not be the one that ends last, but nearly so.
    let end = |order: &str| {
        let find = format!(
            "SELECT start_us, end_us FROM segment WHERE {what} = ?1 AND state = 1
             ORDER BY start_us {order} LIMIT 1"
        );
        let mut find = db.prepare_cached(&find)?;
        find.query_row([number], |row| Ok((instant(row, "start_us")?, instant(row, "end_us")?)))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{STREAM, VOLUME, at, catalog, growing, id, sealed, segment};
    use crate::{Change, SegmentRow};

    fn day(catalog: &Catalog, place: usize) -> (String, i64, u64) {
        let day = catalog.days(STREAM).unwrap()[place];
        (day.day.to_string(), day.recorded_micros / 1_000_000, day.bytes)
    }

    #[test]
    fn a_segment_over_midnight_counts_for_both_days_in_the_archives_zone() {
        let (catalog, mut writer) = catalog();
        // Midnight in Berlin is 23:00 UTC in winter.
        let row = segment(1, at("2026-11-22T22:58:00Z"), at("2026-11-22T23:08:00Z"));
        writer.apply(&[sealed(row.clone())]).unwrap();
        assert_eq!(day(&catalog, 0), ("2026-11-22".into(), 120, 120_000));
        assert_eq!(day(&catalog, 1), ("2026-11-23".into(), 480, 480_000));
        let days = catalog.days(STREAM).unwrap();
        assert_eq!((days[0].first, days[0].last), (row.start, at("2026-11-22T23:00:00Z")));
        assert_eq!((days[1].first, days[1].last), (at("2026-11-22T23:00:00Z"), row.end));
        let hours = catalog.hours(STREAM, row.end, WallTime::MAX).unwrap();
        assert_eq!(hours.len(), 1);
        assert_eq!(hours[0].hour, at("2026-11-22T23:00:00Z"));
        writer.apply(&[Change::SegmentGarbage(row.id)]).unwrap();
        assert_eq!(catalog.days(STREAM).unwrap(), []);
        assert_eq!(catalog.hours(STREAM, WallTime::EPOCH, WallTime::MAX).unwrap(), []);
    }

    /// Footage without a break from noon before a day to noon after it, in segments of an hour.
    fn around(catalog: &mut (Catalog, crate::Writer), from: &str, hours: u32) -> Vec<DaySummary> {
        let start = at(from);
        let changes = (0..hours).map(|number| {
            let from = start.plus_micros(i64::from(number) * HOUR_MICROS);
            sealed(segment(number, from, from.plus_micros(HOUR_MICROS)))
        });
        catalog.1.apply(&changes.collect::<Vec<_>>()).unwrap();
        catalog.0.days(STREAM).unwrap()
    }

    fn hours(days: &[DaySummary]) -> Vec<(String, i64)> {
        days.iter().map(|day| (day.day.to_string(), day.recorded_micros / HOUR_MICROS)).collect()
    }

    #[test]
    fn a_day_of_23_or_25_hours_is_one_day_and_full_when_all_of_it_is_recorded() {
        // Berlin sets its clocks forward on 2026-03-29 and back on 2026-10-25, at 01:00 UTC.
        let days = around(&mut catalog(), "2026-03-28T11:00:00Z", 47);
        let spring = [("2026-03-28", 12), ("2026-03-29", 23), ("2026-03-30", 12)];
        assert_eq!(hours(&days), spring.map(|(day, hours)| (day.to_owned(), hours)));
        assert_eq!(days[1].first, at("2026-03-28T23:00:00Z"));
        assert_eq!(days[1].last, at("2026-03-29T22:00:00Z"));
        let days = around(&mut catalog(), "2026-10-24T10:00:00Z", 49);
        let autumn = [("2026-10-24", 12), ("2026-10-25", 25), ("2026-10-26", 12)];
        assert_eq!(hours(&days), autumn.map(|(day, hours)| (day.to_owned(), hours)));
        assert_eq!(days[1].first, at("2026-10-24T22:00:00Z"));
        assert_eq!(days[1].last, at("2026-10-25T23:00:00Z"));
    }

    #[test]
    fn another_zone_cuts_the_days_anew_and_loses_none_of_them() {
        let mut archive = catalog();
        around(&mut archive, "2026-10-24T10:00:00Z", 49);
        let (_, mut writer) = archive;
        let saved = writer.save().unwrap();
        let new_york = jiff::tz::TimeZone::get("America/New_York").unwrap();
        let options = crate::Options { time_zone: new_york, ..crate::testing::options() };
        let (catalog, mut moved) = Catalog::restore(&saved, &options).unwrap();
        let owed = moved.take_owed();
        moved.apply(&owed.changes).unwrap();
        // Four hours behind UTC until 2026-11-01.
        let days = catalog.days(STREAM).unwrap();
        let cut = [("2026-10-24", 18), ("2026-10-25", 24), ("2026-10-26", 7)];
        assert_eq!(hours(&days), cut.map(|(day, hours)| (day.to_owned(), hours)));
        // What goes is taken out of the new days.
        moved.apply(&[Change::SegmentGarbage(id(0))]).unwrap();
        assert_eq!(hours(&catalog.days(STREAM).unwrap())[0].1, 17);
        writer.apply(&[Change::SegmentGarbage(id(1))]).unwrap();
    }

    #[test]
    fn growing_footage_counts_for_its_day() {
        let (catalog, mut writer) = catalog();
        let row = segment(1, at("2026-11-22T10:00:00Z"), at("2026-11-22T10:05:00Z"));
        writer.apply(&[sealed(row)]).unwrap();
        let open = segment(2, at("2026-11-22T22:59:00Z"), at("2026-11-22T23:01:00Z"));
        catalog.tail().open(growing(open.clone()));
        assert_eq!(day(&catalog, 0), ("2026-11-22".into(), 360, 360_000));
        assert_eq!(day(&catalog, 1), ("2026-11-23".into(), 60, 60_000));
        writer.apply(&[sealed(open.clone())]).unwrap();
        catalog.tail().open(growing(open));
        assert_eq!(day(&catalog, 1), ("2026-11-23".into(), 60, 60_000), "and is counted once");
    }

    #[test]
    fn totals_follow_the_segments() {
        let (catalog, mut writer) = catalog();
        assert_eq!(catalog.totals(STREAM).unwrap(), Totals::default());
        let first = segment(1, at("2026-11-22T10:00:00Z"), at("2026-11-22T10:05:00Z"));
        let second = segment(2, at("2026-11-22T10:05:00Z"), at("2026-11-22T10:06:00Z"));
        writer.apply(&[sealed(first.clone()), sealed(second.clone())]).unwrap();
        let expected = Totals {
            segments: 2,
            bytes: 360_000,
            allocated: 360_048,
            recorded_micros: 360_000_000,
            first: Some(first.start),
            last: Some(second.end),
        };
        assert_eq!(catalog.totals(STREAM).unwrap(), expected);
        assert_eq!(catalog.volume_totals(VOLUME).unwrap(), expected);
        let grown = SegmentRow { bytes: 60_100, ..second.clone() };
        writer.apply(&[Change::SegmentGarbage(first.id), sealed(grown)]).unwrap();
        let expected = Totals {
            segments: 1,
            bytes: 60_100,
            allocated: 60_024,
            recorded_micros: 60_000_000,
            first: Some(second.start),
            last: Some(second.end),
        };
        assert_eq!(catalog.totals(STREAM).unwrap(), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn summaries_are_what_counting_gives_whatever_came_and_went(
            spans in proptest::collection::vec((0i64..90, 1i64..200), 1..12),
            removed in proptest::collection::vec(any::<bool>(), 12),
        ) {
            let (catalog, mut writer) = catalog();
            let mut end = at("2026-10-24T20:00:00Z").as_micros();
            let mut kept = Vec::new();
            for (number, (gap, minutes)) in (0u32..).zip(&spans) {
                let start = end + gap * 60_000_000;
                end = start + minutes * 60_000_000;
                let (start, end) = (WallTime::from_micros(start), WallTime::from_micros(end));
                let row = segment(number, start, end);
                writer.apply(&[sealed(row.clone())]).unwrap();
                kept.push(row);
            }
            for (number, _) in (0u32..).zip(&removed).filter(|(_, removed)| **removed) {
                writer.apply(&[Change::SegmentGarbage(id(number))]).unwrap();
                kept.retain(|row| row.id != id(number));
            }
            let sum = kept.iter().map(|row| row.end.micros_since(row.start)).sum::<i64>();
            let days = catalog.days(STREAM).unwrap();
            let hours = catalog.hours(STREAM, WallTime::EPOCH, WallTime::MAX).unwrap();
            prop_assert_eq!(days.iter().map(|day| day.recorded_micros).sum::<i64>(), sum);
            prop_assert_eq!(hours.iter().map(|hour| hour.recorded_micros).sum::<i64>(), sum);
            prop_assert_eq!(catalog.totals(STREAM).unwrap().recorded_micros, sum);
            let first = kept.first().map(|row| row.start);
            prop_assert_eq!(days.first().map(|day| day.first), first);
            prop_assert_eq!(hours.last().map(|hour| hour.last), kept.last().map(|row| row.end));
        }
    }
}
