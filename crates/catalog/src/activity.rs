//! The activity lane of a stream: values of one range, as coarse as asked for, each the greatest of
//! its time. From a minute on it is drawn from days, which know their minutes; what is finer, and
//! what is left of a minute of which a part was deleted by hand, from segments.

use base::limits::ACTIVITY_VALUES_MAX;
use base::{SegmentId, StreamId, WallTime};
use media::Activity;
use rusqlite::{Connection, OptionalExtension};

use crate::activity_rows::{self, DAY_MICROS, MINUTE_MICROS, Peaks, SECOND_MICROS, of_stored};
use crate::catalog::Catalog;
use crate::columns::{instant, number_of};
use crate::error::ReadError;
use crate::protection_rows;

/// Steps from one value to the next, in seconds; from a day on, whole days.
const STEPS: [i64; 19] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200,
    86_400,
];

/// What moves in one range of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ActivityLane {
    /// The first instant of the first value: a multiple of the step since 1970.
    pub from: WallTime,
    /// How long each value is for, in microseconds.
    pub step_micros: i64,
    /// At most [`base::limits::ACTIVITY_VALUES_MAX`]: 0 where nothing moves, where there is no
    /// footage and where nobody has looked, up to 255.
    pub values: Vec<u8>,
}

/// How much of a span may be shown.
pub(crate) enum Shown {
    All,
    Part,
    Nothing,
}

/// What was deleted by hand, by start.
pub(crate) struct Hidden(pub(crate) Vec<(WallTime, WallTime)>);

impl Hidden {
    /// How much of [from, to) may be shown.
    pub(crate) fn of(&self, from_us: i64, to_us: i64) -> Shown {
        let first = self.0.partition_point(|(_, to)| to.as_micros() <= from_us);
        match self.0.get(first) {
            Some((from, _)) if from.as_micros() >= to_us => Shown::All,
            Some((from, to)) if from.as_micros() <= from_us && to.as_micros() >= to_us => {
                Shown::Nothing
            }
            Some(_) => Shown::Part,
            None => Shown::All,
        }
    }

    /// Whether a second since 1970 may be shown: not one of which any part is hidden.
    pub(crate) fn shows(&self, second: i64) -> bool {
        let at_us = second.saturating_mul(SECOND_MICROS);
        matches!(self.of(at_us, at_us.saturating_add(SECOND_MICROS)), Shown::All)
    }
}

impl Catalog {
    /// What moves in [from, to) of a stream, growing footage too.
    pub fn activity(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<ActivityLane, ReadError> {
        let mut lane = Lane::new(from, to, resolution_micros);
        let growing = self.tail().activities(stream, (from, to));
        self.readers.read("activity", |snapshot| {
            let Some(number) = number_of(snapshot.db, "stream", stream.as_bytes())? else {
                return Ok(());
            };
            let (from, to) = lane.range();
            let ends = (WallTime::from_micros(from), WallTime::from_micros(to));
            let hidden = Hidden(protection_rows::hidden(snapshot.db, number, ends)?);
            for open in growing {
                if !snapshot.knows_better(open.segment)? {
                    lane.put_seconds(&open.activity, open.span, &hidden);
                }
            }
            lane.draw(snapshot.db, number, &hidden)
        })?;
        let Lane { first_us, step_us, values } = lane;
        Ok(ActivityLane { from: WallTime::from_micros(first_us), step_micros: step_us, values })
    }

    /// What moves in a sealed segment; nothing too where nobody has looked.
    pub fn activity_of(&self, segment: SegmentId) -> Result<Activity, ReadError> {
        self.readers.read("activity", |snapshot| {
            let mut find = snapshot.db.prepare_cached(
                "SELECT packed, start_us
                 FROM segment CROSS JOIN activity ON activity.segment = segment.row
                 WHERE id = ?1 AND state = 1",
            )?;
            let found = find.query_row([segment.as_bytes()], |row| {
                let packed: Vec<u8> = row.get(0)?;
                Ok(Activity::unpack(&packed, instant(row, "start_us")?))
            });
            Ok(found.optional()?.flatten().unwrap_or_default())
        })
    }
}

/// A lane that is being drawn.
struct Lane {
    first_us: i64,
    step_us: i64,
    values: Vec<u8>,
}

impl Lane {
    fn new(from: WallTime, to: WallTime, resolution_micros: i64) -> Self {
        let (from, length) = (from.as_micros(), to.micros_since(from).max(0));
        let most = i64::try_from(ACTIVITY_VALUES_MAX).unwrap_or(i64::MAX) - 2;
        let least = resolution_micros.max(length / most + 1);
        let steps = STEPS.iter().map(|seconds| seconds * SECOND_MICROS);
        let step_us = steps.clone().find(|step| *step >= least);
        let step_us = step_us.unwrap_or_else(|| {
            least.saturating_add(DAY_MICROS - 1).div_euclid(DAY_MICROS) * DAY_MICROS
        });
        let first_us = from.div_euclid(step_us).saturating_mul(step_us);
        let count = match length {
            0 => 0,
            _ => (to.as_micros().saturating_sub(first_us) - 1).div_euclid(step_us) + 1,
        };
        Self { first_us, step_us, values: vec![0; usize::try_from(count).unwrap_or(0)] }
    }

    /// The time of all values.
    fn range(&self) -> (i64, i64) {
        let length = self.step_us.saturating_mul(self.values.len() as i64);
        (self.first_us, self.first_us.saturating_add(length))
    }

    fn put(&mut self, at_us: i64, value: u8) {
        let place = usize::try_from((at_us - self.first_us).div_euclid(self.step_us)).ok();
        if let Some(known) = place.and_then(|place| self.values.get_mut(place)) {
            *known = value.max(*known);
        }
    }

    fn put_seconds(&mut self, activity: &Activity, (start, end): (i64, i64), hidden: &Hidden) {
        for (second, value) in activity_rows::within(activity, start, end) {
            if value > 0 && hidden.shows(second) {
                self.put(second * SECOND_MICROS, value);
            }
        }
    }

    fn draw(&mut self, db: &Connection, stream: i64, hidden: &Hidden) -> rusqlite::Result<()> {
        let mut ranges = vec![self.range()];
        if self.step_us >= MINUTE_MICROS {
            let mut parts = Vec::new();
            each_day(db, stream, self.range(), "", |day, peaks| {
                self.put_minutes(day, peaks, hidden, &mut parts);
                Ok(true)
            })?;
            ranges = parts;
        }
        for (from, to) in ranges {
            activity_rows::each_segment(db, stream, (from, to), |activity, start, end| {
                self.put_seconds(activity, (start.max(from), end.min(to)), hidden);
            })?;
        }
        Ok(())
    }

    /// Puts the minutes of a day, but for those of which a part is hidden: these are added to
    /// `parts`.
    fn put_minutes(
        &mut self,
        day: i64,
        peaks: Peaks,
        hidden: &Hidden,
        parts: &mut Vec<(i64, i64)>,
    ) {
        let (first, end) = self.range();
        for (at, value) in minutes(day, peaks) {
            if value == 0 || at + MINUTE_MICROS <= first || at >= end {
                continue;
            }
            match hidden.of(at, at + MINUTE_MICROS) {
                Shown::All => self.put(at, value),
                Shown::Part => parts.push((at, at + MINUTE_MICROS)),
                Shown::Nothing => {}
            }
        }
    }
}

/// The minutes of a day: the first instant of each, and its greatest value.
pub(crate) fn minutes(day: i64, peaks: Peaks) -> impl DoubleEndedIterator<Item = (i64, u8)> {
    let minutes = peaks.into_iter().enumerate();
    minutes.map(move |(minute, peak)| (day + minute as i64 * MINUTE_MICROS, peak))
}

/// Gives the days (UTC) of a stream that touch a range and in which something moves, in `order`, as
/// long as `give` wants more.
pub(crate) fn each_day(
    db: &Connection,
    stream: i64,
    (from, to): (i64, i64),
    order: &'static str,
    mut give: impl FnMut(i64, Peaks) -> rusqlite::Result<bool>,
) -> rusqlite::Result<()> {
    let mut read = db.prepare_cached(&format!(
        "SELECT day_us, packed FROM activity_day
         WHERE stream = ?1 AND day_us >= ?2 AND day_us < ?3 ORDER BY day_us {order}"
    ))?;
    let mut rows = read.query((stream, activity_rows::day_of(from), to))?;
    while let Some(row) = rows.next()? {
        let peaks = of_stored(row.get_ref(1)?.as_blob()?);
        if !give(row.get(0)?, peaks)? {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
