//! What there is of a stream but what was deleted by hand: that may still lie on its disk for a
//! moment, and is shown to nobody.

use base::{StreamId, WallTime};
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Catalog;
use crate::columns::{count, instant, number_of};
use crate::error::ReadError;
use crate::rows::SegmentRow;
use crate::{protection_rows, summary};

type Span = (WallTime, WallTime);

/// What there is of a stream, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Shown {
    /// The first instant, as far as that is known.
    pub first: Option<WallTime>,
    /// The end, as far as that is known.
    pub last: Option<WallTime>,
    /// Bytes of files of which not all was deleted, also of those that grow.
    pub bytes: u64,
}

impl Catalog {
    /// What there is of a stream, growing footage too, but what was deleted by hand.
    pub fn shown(&self, stream: StreamId) -> Result<Shown, ReadError> {
        // The tail first: what is sealed between the two is then in both, never in neither.
        let growing = self.tail().rows(stream);
        self.readers.read("footage that is shown", |snapshot| {
            let db = snapshot.db;
            let Some(number) = number_of(db, "stream", stream.as_bytes())? else {
                return Ok(Shown::default());
            };
            let totals = summary::totals(db, "stream", number)?;
            let hidden = protection_rows::hidden(db, number, (WallTime::EPOCH, WallTime::MAX))?;
            let (mut first, mut bytes) = (totals.first, totals.bytes);
            for span in &hidden {
                bytes = bytes.saturating_sub(bytes_within(db, number, *span)?);
                if first.is_some_and(|first| (span.0..span.1).contains(&first)) {
                    first = first_after(db, number, span.1)?;
                }
            }
            let mut still = Vec::new();
            for row in growing {
                if !snapshot.knows_better(row.id)? {
                    still.push(row);
                }
            }
            let last = still.iter().map(|row| row.end).chain(totals.last).max();
            let last = last_shown(db, number, last, &hidden, &still)?;
            for row in still {
                let within = |span: &&Span| row.start >= span.0 && row.end <= span.1;
                if hidden.iter().any(|span| within(&span)) {
                    continue;
                }
                bytes += row.bytes;
                let begins = hidden.iter().find(|span| (span.0..span.1).contains(&row.start));
                let start = begins.map_or(row.start, |span| span.1);
                first = Some(first.map_or(start, |first| first.min(start)));
            }
            Ok(Shown { first, last, bytes })
        })
    }

    /// What of [from, to) of a stream somebody can have meant at `now` who deletes it: what comes
    /// later was not there when they decided this. That is up to now; and what stands beyond, dated
    /// ahead by a clock that was.
    pub fn there_by(
        &self,
        stream: StreamId,
        (from, to): Span,
        now: WallTime,
    ) -> Result<Vec<Span>, ReadError> {
        let past = (from, to.min(now));
        let from = from.max(now);
        // The tail first: what is sealed between the two is then in both, never in neither.
        let growing = self.tail().rows(stream);
        let sealed = self.spans(stream, from, to)?;
        let growing = growing.iter().filter(|row| row.start < to && row.end > from);
        let ahead = sealed.iter().map(|row| (row.start, row.end));
        let ahead = ahead.chain(growing.map(|row| (row.start, row.end)));
        let ahead = ahead.map(|(start, end)| (start.max(from), end.min(to)));
        let ahead = ahead.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
        let spans = [Some(past), ahead].into_iter().flatten();
        Ok(spans.filter(|(from, to)| from < to).collect())
    }
}

/// Where the footage that ends at `last` ends without what is hidden of it.
fn last_shown(
    db: &Connection,
    number: i64,
    mut last: Option<WallTime>,
    hidden: &[Span],
    growing: &[SegmentRow],
) -> rusqlite::Result<Option<WallTime>> {
    for (from, to) in hidden.iter().rev() {
        if last.is_some_and(|last| last > *from && last <= *to) {
            let grows = growing.iter().filter(|row| row.start < *from).map(|row| row.end);
            let sealed = end_of_before(db, number, *from)?;
            last = grows.chain(sealed).max().map(|end| end.min(*from));
        }
    }
    Ok(last)
}

/// The end of the last sealed segment that starts before `at`.
fn end_of_before(db: &Connection, number: i64, at: WallTime) -> rusqlite::Result<Option<WallTime>> {
    let mut find = db.prepare_cached(
        "SELECT end_us FROM segment WHERE stream = ?1 AND state = 1 AND start_us < ?2
         ORDER BY start_us DESC LIMIT 1",
    )?;
    find.query_row((number, at.as_micros()), |row| instant(row, "end_us")).optional()
}

/// Bytes of sealed segments that lie in [from, to).
fn bytes_within(db: &Connection, number: i64, (from, to): Span) -> rusqlite::Result<u64> {
    let mut sum = db.prepare_cached(
        "SELECT coalesce(sum(bytes), 0) AS bytes FROM segment
         WHERE stream = ?1 AND state = 1 AND start_us >= ?2 AND start_us < ?3 AND end_us <= ?3",
    )?;
    sum.query_row((number, from.as_micros(), to.as_micros()), |row| count(row, "bytes"))
}

/// The first instant of sealed footage at or after `at`.
fn first_after(db: &Connection, number: i64, at: WallTime) -> rusqlite::Result<Option<WallTime>> {
    if end_of_before(db, number, at)?.is_some_and(|end| end > at) {
        return Ok(Some(at));
    }
    let mut next = db.prepare_cached(
        "SELECT start_us FROM segment WHERE stream = ?1 AND state = 1 AND start_us >= ?2
         ORDER BY start_us LIMIT 1",
    )?;
    next.query_row((number, at.as_micros()), |row| instant(row, "start_us")).optional()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::{STREAM, catalog, growing, id, sealed, segment};

    fn at(seconds: i64) -> WallTime {
        WallTime::from_micros(seconds * 1_000_000)
    }

    fn hide(from: i64, to: i64) -> Change {
        Change::Hide { stream: STREAM, from: at(from), to: at(to) }
    }

    /// First second and bytes; a second has a thousand of them.
    fn shown(catalog: &Catalog) -> (Option<i64>, u64) {
        let Shown { first, bytes, .. } = catalog.shown(STREAM).unwrap();
        (first.map(|first| first.as_micros() / 1_000_000), bytes)
    }

    #[test]
    fn what_was_deleted_by_hand_is_not_shown_while_it_still_lies_there() {
        let (catalog, mut writer) = catalog();
        assert_eq!(shown(&catalog), (None, 0));
        let rows = (0..4).map(|n| sealed(segment(n, at(10 * n as i64), at(10 * n as i64 + 10))));
        writer.apply(&rows.collect::<Vec<_>>()).unwrap();
        assert_eq!(shown(&catalog), (Some(0), 40_000));
        writer.apply(&[hide(0, 15)]).unwrap();
        assert_eq!(shown(&catalog), (Some(15), 30_000), "of one a part is there");
        writer.apply(&[hide(10, 20), hide(25, 28)]).unwrap();
        assert_eq!(shown(&catalog), (Some(20), 20_000));
        catalog.tail().open(growing(segment(9, at(50), at(60))));
        assert_eq!(shown(&catalog), (Some(20), 30_000));
        writer.apply(&[hide(0, 55)]).unwrap();
        assert_eq!(shown(&catalog), (Some(55), 10_000), "what has begun goes on");
        writer.apply(&[hide(0, 60)]).unwrap();
        assert_eq!(shown(&catalog), (None, 0));
    }

    #[test]
    fn what_was_deleted_at_the_end_is_not_where_it_ends() {
        let (catalog, mut writer) = catalog();
        let last = || {
            let last = catalog.shown(STREAM).unwrap().last;
            last.map(|last| last.as_micros() / 1_000_000)
        };
        assert_eq!(last(), None);
        let rows = [(0, 10), (10, 20), (30, 40)];
        let rows = rows.map(|(from, to)| sealed(segment(from as u32, at(from), at(to))));
        writer.apply(&rows).unwrap();
        assert_eq!(last(), Some(40));
        writer.apply(&[hide(35, 50)]).unwrap();
        assert_eq!(last(), Some(35), "a part of the newest one is there");
        writer.apply(&[hide(25, 35)]).unwrap();
        assert_eq!(last(), Some(20));
        writer.apply(&[hide(15, 22)]).unwrap();
        assert_eq!(last(), Some(15));
        // What has begun goes on, and then it ends before what is deleted.
        catalog.tail().open(growing(segment(60, at(60), at(70))));
        catalog.tail().set_durable_until(STREAM, at(99));
        assert_eq!(last(), Some(70));
        writer.apply(&[hide(65, 70)]).unwrap();
        assert_eq!(last(), Some(65));
        writer.apply(&[hide(0, 90)]).unwrap();
        assert_eq!((last(), catalog.shown(STREAM).unwrap().first), (None, None));
        // Its files are gone, and what is hidden with them.
        let gone = [0, 10, 30].map(|n| Change::SegmentGarbage(id(n)));
        writer.apply(&gone).unwrap();
        writer.apply(&[Change::ForgetHidden { stream: STREAM, before: at(90) }]).unwrap();
        assert_eq!(last(), Some(70));
    }

    #[test]
    fn what_is_sealed_meanwhile_is_there_once() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[sealed(segment(1, at(0), at(10)))]).unwrap();
        // As the tail had it before that.
        catalog.tail().open(growing(segment(1, at(0), at(10))));
        assert_eq!(shown(&catalog), (Some(0), 10_000));
        catalog.tail().open(growing(segment(2, at(10), at(20))));
        assert_eq!(shown(&catalog), (Some(0), 20_000));
    }

    #[test]
    fn who_deletes_means_what_is_there_and_not_what_comes() {
        let (catalog, mut writer) = catalog();
        let all = |now: i64| {
            let spans = catalog.there_by(STREAM, (at(0), WallTime::MAX), at(now)).unwrap();
            let seconds = |at: WallTime| at.as_micros() / 1_000_000;
            spans.into_iter().map(|(from, to)| (seconds(from), seconds(to))).collect::<Vec<_>>()
        };
        assert_eq!(all(100), [(0, 100)], "of what is in memory only no row says anything");
        writer.apply(&[sealed(segment(1, at(90), at(120)))]).unwrap();
        assert_eq!(all(100), [(0, 100), (100, 120)]);
        writer.apply(&[sealed(segment(2, at(500), at(510)))]).unwrap();
        catalog.tail().open(growing(segment(3, at(520), at(530))));
        assert_eq!(all(200), [(0, 200), (500, 530)], "what comes until then stays");
    }
}
