//! Activity of segments, and summed up by day, in the transaction that changes a segment. A sum is
//! the greatest value of each minute: what moved for three seconds is seen in a year. A segment in
//! which nothing moves costs nothing here.

use std::collections::BTreeMap;

use base::WallTime;
use media::Activity;
use rusqlite::{Connection, OptionalExtension};

use crate::counting::{Counted, HOUR_MICROS};

pub(crate) const DAY_MICROS: i64 = 24 * HOUR_MICROS;
pub(crate) const MINUTE_MICROS: i64 = 60_000_000;
pub(crate) const SECOND_MICROS: i64 = 1_000_000;
const MINUTES: usize = 24 * 60;

/// The greatest value of each minute of a day.
pub(crate) type Peaks = Vec<u8>;

/// Days in which something moves, by their first instant.
pub(crate) type Days = BTreeMap<i64, Peaks>;

/// The seconds of a segment that lies in [start, end).
pub(crate) fn within(
    activity: &Activity,
    start_us: i64,
    end_us: i64,
) -> impl Iterator<Item = (i64, u8)> + '_ {
    let first = start_us.div_euclid(SECOND_MICROS);
    let seconds = activity.iter().skip_while(move |(second, _)| *second < first);
    seconds.take_while(move |(second, _)| second.saturating_mul(SECOND_MICROS) < end_us)
}

/// The day, UTC, that holds an instant.
pub(crate) const fn day_of(at_us: i64) -> i64 {
    at_us.div_euclid(DAY_MICROS).saturating_mul(DAY_MICROS)
}

/// Adds what moves in a segment that lies in [start, end) to days.
pub(crate) fn add(days: &mut Days, activity: &Activity, start_us: i64, end_us: i64) {
    for (second, value) in within(activity, start_us, end_us).filter(|(_, value)| *value > 0) {
        let at_us = second * SECOND_MICROS;
        let day = day_of(at_us);
        let minute = usize::try_from((at_us - day) / MINUTE_MICROS).unwrap_or(0);
        let peak = &mut days.entry(day).or_insert_with(|| vec![0; MINUTES])[minute];
        *peak = value.max(*peak);
    }
}

/// Keeps what moves in the segment in row `number`; nothing where that is nothing.
pub(crate) fn put(db: &Connection, number: i64, packed: &[u8]) -> rusqlite::Result<()> {
    let moves = Activity::unpack(packed, WallTime::EPOCH).is_some_and(|it| !it.is_still());
    match moves {
        true => db
            .prepare_cached("INSERT OR REPLACE INTO activity (segment, packed) VALUES (?1, ?2)")?
            .execute((number, packed)),
        false => db.prepare_cached("DELETE FROM activity WHERE segment = ?1")?.execute([number]),
    }
    .map(|_| ())
}

/// A segment has become sealed: what moves in it counts.
pub(crate) fn count(db: &Connection, segment: &Counted) -> rusqlite::Result<()> {
    for (day, peaks) in days_of(segment) {
        let before = day_peaks(db, segment.stream, day)?;
        let after = before.iter().zip(&peaks).map(|(one, other)| *one.max(other));
        let after: Peaks = after.collect();
        if before != after {
            put_day(db, segment.stream, day, &after)?;
        }
    }
    Ok(())
}

/// A segment is sealed no more, and its row says so: in the minutes in which something moved in it,
/// what others have there is all that counts.
pub(crate) fn uncount(db: &Connection, segment: &Counted) -> rusqlite::Result<()> {
    for (day, peaks) in days_of(segment) {
        let moves = |peak: &u8| *peak > 0;
        let (Some(first), Some(last)) =
            (peaks.iter().position(moves), peaks.iter().rposition(moves))
        else {
            continue;
        };
        let minute = |minute: usize| day + minute as i64 * MINUTE_MICROS;
        let others = days_in(db, segment.stream, (minute(first), minute(last + 1)))?;
        let others = others.get(&day);
        let before = day_peaks(db, segment.stream, day)?;
        let mut after = before.clone();
        for minute in (first..=last).filter(|minute| moves(&peaks[*minute])) {
            after[minute] = others.map_or(0, |others| others[minute]);
        }
        if before != after {
            put_day(db, segment.stream, day, &after)?;
        }
    }
    Ok(())
}

fn days_of(segment: &Counted) -> Days {
    let mut days = Days::new();
    let start = WallTime::from_micros(segment.start_us);
    if let Some(packed) = &segment.activity
        && let Some(activity) = Activity::unpack(packed, start)
    {
        add(&mut days, &activity, segment.start_us, segment.end_us);
    }
    days
}

/// What moves in the sealed segments of the stream in row `stream` that touch a range; the parts of
/// them that lie outside too.
pub(crate) fn days_in(db: &Connection, stream: i64, range: (i64, i64)) -> rusqlite::Result<Days> {
    let mut days = Days::new();
    each_segment(db, stream, range, |activity, start, end| add(&mut days, activity, start, end))?;
    Ok(days)
}

/// Gives the activity, start and end of each sealed segment that touches a range and in which
/// something moves, by start.
pub(crate) fn each_segment(
    db: &Connection,
    stream: i64,
    (from_us, to_us): (i64, i64),
    mut give: impl FnMut(&Activity, i64, i64),
) -> rusqlite::Result<()> {
    // Segments of a stream do not overlap: of those that start before the range, only the last can
    // reach into it.
    let mut read = db.prepare_cached(
        "SELECT start_us, end_us, packed
         FROM segment CROSS JOIN activity ON activity.segment = segment.row
         WHERE stream = ?1 AND state = 1 AND start_us < ?3 AND end_us > ?2
           AND start_us >= coalesce((SELECT max(start_us) FROM segment
             WHERE stream = ?1 AND state = 1 AND start_us <= ?2), ?2)
         ORDER BY start_us",
    )?;
    let mut rows = read.query((stream, from_us, to_us))?;
    while let Some(row) = rows.next()? {
        let (start, end): (i64, i64) = (row.get(0)?, row.get(1)?);
        let packed = row.get_ref(2)?.as_blob()?;
        if let Some(activity) = Activity::unpack(packed, WallTime::from_micros(start)) {
            give(&activity, start, end);
        }
    }
    Ok(())
}

/// The minutes of a day as a row has them.
pub(crate) fn of_stored(packed: &[u8]) -> Peaks {
    let mut peaks = media::activity::unpack_values(packed).unwrap_or_default();
    peaks.resize(MINUTES, 0);
    peaks
}

fn day_peaks(db: &Connection, stream: i64, day: i64) -> rusqlite::Result<Peaks> {
    let mut read =
        db.prepare_cached("SELECT packed FROM activity_day WHERE stream = ?1 AND day_us = ?2")?;
    let found: Option<Vec<u8>> = read.query_row((stream, day), |row| row.get(0)).optional()?;
    Ok(of_stored(&found.unwrap_or_default()))
}

/// Sets what a day has.
pub(crate) fn put_day(
    db: &Connection,
    stream: i64,
    day: i64,
    peaks: &[u8],
) -> rusqlite::Result<()> {
    if peaks.iter().all(|peak| *peak == 0) {
        return db
            .prepare_cached("DELETE FROM activity_day WHERE stream = ?1 AND day_us = ?2")?
            .execute((stream, day))
            .map(|_| ());
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO activity_day (stream, day_us, packed) VALUES (?1, ?2, ?3)",
    )?
    .execute((stream, day, media::activity::pack_values(peaks)))
    .map(|_| ())
}

/// What a stream's days have, as they are stored.
pub(crate) fn stored_days(
    db: &Connection,
    stream: i64,
) -> rusqlite::Result<BTreeMap<i64, Vec<u8>>> {
    let mut read =
        db.prepare_cached("SELECT day_us, packed FROM activity_day WHERE stream = ?1")?;
    read.query_map([stream], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
