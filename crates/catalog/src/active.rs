//! Searching for activity: where something moved, the newest first. Days say which of their minutes
//! to look into; only these are read from segments.

use base::{StreamId, WallTime};
use media::Activity;
use rusqlite::Connection;

use crate::activity::{Hidden, each_day, minutes};
use crate::activity_rows::{self, MINUTE_MICROS, SECOND_MICROS};
use crate::catalog::Catalog;
use crate::columns::number_of;
use crate::error::ReadError;
use crate::protection_rows;

/// So many seconds without it end a span of activity.
const STILL_SECONDS: i64 = 10;
/// A span is no longer than this: what moves for longer goes on in the span before it.
const SPAN_SECONDS_MAX: i64 = 3600;

/// A span in which something moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveSpan {
    /// Its first second.
    pub from: WallTime,
    /// The end of its last one.
    pub to: WallTime,
    /// The greatest value in it.
    pub peak: u8,
}

impl Catalog {
    /// Up to `limit` spans of [from, to) in which values of `at_least` (1 or more) or more are no
    /// more than ten seconds apart, newest first; growing footage too. What is before the last one
    /// is found with its `from` as `to`.
    pub fn active(
        &self,
        stream: StreamId,
        (from, to): (WallTime, WallTime),
        at_least: u8,
        limit: usize,
    ) -> Result<Vec<ActiveSpan>, ReadError> {
        let growing = self.tail().activities(stream, (from, to));
        self.readers.read("activity", |snapshot| {
            let Some(number) = number_of(snapshot.db, "stream", stream.as_bytes())? else {
                return Ok(Vec::new());
            };
            let hidden = Hidden(protection_rows::hidden(snapshot.db, number, (from, to))?);
            let range = (from.as_micros(), to.as_micros());
            let at_least = at_least.max(1);
            let found = Vec::new();
            let mut search = Search { range, hidden, at_least, limit, growing: Vec::new(), found };
            for open in growing {
                if !snapshot.knows_better(open.segment)? {
                    let mut seconds = std::mem::take(&mut search.growing);
                    search.gather(&open.activity, open.span, &mut seconds);
                    search.growing = seconds;
                }
            }
            search.look(snapshot.db, number)?;
            search.take(Vec::new(), i64::MIN);
            search.found.truncate(limit);
            Ok(search.found)
        })
    }
}

struct Search {
    range: (i64, i64),
    hidden: Hidden,
    at_least: u8,
    limit: usize,
    /// Seconds of growing segments that are still to be taken: one that was cut off may be older
    /// than many that are sealed.
    growing: Vec<(i64, u8)>,
    /// Newest first.
    found: Vec<ActiveSpan>,
}

impl Search {
    /// Looks through days, and in them through minutes, from the newest on. A span more than the
    /// limit says that the last one within it is whole.
    fn look(&mut self, db: &Connection, stream: i64) -> rusqlite::Result<()> {
        each_day(db, stream, self.range, "DESC", |day, peaks| {
            let mut until = i64::MAX;
            for (minute, peak) in minutes(day, peaks).rev() {
                let (from, to) = (minute, (minute + MINUTE_MICROS).min(until));
                // A segment is longer than a minute: it is read once.
                if peak < self.at_least || from >= to || from >= self.range.1 {
                    continue;
                }
                if self.found.len() > self.limit || to <= self.range.0 {
                    return Ok(false);
                }
                let mut seconds = Vec::new();
                activity_rows::each_segment(db, stream, (from, to), |activity, start, end| {
                    let span = (start.max(day), end.min(to));
                    self.gather(activity, span, &mut seconds);
                    until = until.min(span.0);
                })?;
                self.take(seconds, until.min(from));
            }
            Ok(self.found.len() <= self.limit)
        })
    }

    /// Adds the seconds of a segment that lies in [start, end) and that are asked for.
    fn gather(&self, activity: &Activity, (start, end): (i64, i64), seconds: &mut Vec<(i64, u8)>) {
        let (from, to) = (start.max(self.range.0), end.min(self.range.1));
        let all = activity_rows::within(activity, from, to);
        let asked =
            |(second, value): &(i64, u8)| *value >= self.at_least && self.hidden.shows(*second);
        seconds.extend(all.filter(asked));
    }

    /// Takes seconds that are older than all that was found, and those of growing segments from
    /// this instant on.
    fn take(&mut self, mut seconds: Vec<(i64, u8)>, from: i64) {
        let due = |(second, _): &mut (i64, u8)| second.saturating_mul(SECOND_MICROS) >= from;
        seconds.extend(self.growing.extract_if(.., due));
        seconds.sort_unstable();
        for (second, value) in seconds.into_iter().rev() {
            let at = |second: i64| WallTime::from_micros(second.saturating_mul(SECOND_MICROS));
            let (from, to) = (at(second), at(second + 1));
            let (first, end) = (WallTime::from_micros(self.range.0), self.range.1);
            let joins = |last: &&mut ActiveSpan| {
                from <= last.to
                    && last.from.micros_since(to) <= STILL_SECONDS * SECOND_MICROS
                    && last.to.micros_since(from) <= SPAN_SECONDS_MAX * SECOND_MICROS
            };
            match self.found.last_mut().filter(joins) {
                Some(last) => {
                    last.from = last.from.min(from.max(first));
                    last.peak = last.peak.max(value);
                }
                None => {
                    let to = to.min(WallTime::from_micros(end));
                    self.found.push(ActiveSpan { from: from.max(first), to, peak: value });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
