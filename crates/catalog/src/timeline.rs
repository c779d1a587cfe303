//! Where there is footage and why there is none elsewhere, as coarse as asked for.

use base::limits::TIMELINE_SPANS_MAX;
use base::{StreamId, WallTime};
use rusqlite::{Connection, OptionalExtension};

use crate::catalog::Catalog;
use crate::columns::number_of;
use crate::counting::HOUR_MICROS;
use crate::error::ReadError;
use crate::forgotten_rows;
use crate::gaps::{self, GapSpan};
use crate::pieces::{self, JOINT_MICROS_MAX, Piece};
use crate::protection_rows;

/// The cause of a gap in the middle of a run: footage was removed, by hand or by a rule.
const REMOVED: &str = "removed";

/// Why there is no footage where a person deleted it.
const DELETED: &str = "deleted";

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
    /// What is protected, cut to the range, in order, joined where it touches.
    pub protected: Vec<(WallTime, WallTime)>,
}

impl Catalog {
    /// Draws [from, to) of a stream; growing footage too. Spans and gaps are at most
    /// [`base::limits::TIMELINE_SPANS_MAX`] together. Days and hours that miss less than the
    /// resolution are read from their summaries; where the resolution is one hour, or would have
    /// to be, no segment is read.
    pub fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, ReadError> {
        let range = (from, to);
        let asked = resolution_micros.max(1);
        let coarse = asked.max(safe_resolution(range));
        let growing = self.tail().rows(stream).into_iter().map(|row| Piece {
            start: row.start,
            end: row.end,
            run: Some(*row.run.as_bytes()),
            cause: row.end_cause,
        });
        let zone = self.zone.get();
        self.readers.read("the timeline", |snapshot| {
            let Some(number) = number_of(snapshot.db, "stream", stream.as_bytes())? else {
                return Ok(TimelineSpans { resolution_micros: asked, ..Default::default() });
            };
            let fine = if coarse >= HOUR_MICROS { asked.max(HOUR_MICROS) } else { asked };
            let mut pieces = pieces::of(snapshot.db, &zone, number, range, fine)?;
            // A piece of the tail that was sealed since is joined with its own sealed self.
            pieces.extend(growing);
            let hidden = protection_rows::hidden(snapshot.db, number, range)?;
            let mut pieces = without(pieces, &hidden);
            pieces.sort_by_key(|piece| piece.start);
            let forgotten = forgotten_rows::of(snapshot.db, number, range)?;
            let mut spans = draw(&pieces, range, fine);
            // Each of them cuts two more gaps off at most, of which none is short.
            if spans.footage.len() + spans.gaps.len() + 2 * forgotten.len() > TIMELINE_SPANS_MAX {
                spans = draw(&pieces, range, coarse);
            }
            for gap in spans.gaps.iter_mut().filter(|gap| gap.cause.is_none()) {
                gap.cause = match is_in(&hidden, gap) {
                    true => Some(DELETED.to_owned()),
                    false => cause_of(snapshot.db, number, gap)?,
                };
            }
            let uncut = std::mem::take(&mut spans.gaps);
            spans.gaps = gaps::cut(uncut, &forgotten, spans.resolution_micros);
            spans.protected = protection_rows::protected(snapshot.db, number, range)?;
            Ok(spans)
        })
    }
}

/// Pieces without what of them is hidden; in no order.
fn without(pieces: Vec<Piece>, hidden: &[(WallTime, WallTime)]) -> Vec<Piece> {
    if hidden.is_empty() {
        return pieces;
    }
    let mut left = Vec::with_capacity(pieces.len() + hidden.len());
    for mut piece in pieces {
        let first = hidden.partition_point(|(_, to)| *to <= piece.start);
        for (from, to) in hidden[first..].iter().take_while(|(from, _)| *from < piece.end) {
            if piece.start < *from {
                let cause = Some(DELETED.to_owned());
                left.push(Piece { end: *from, cause, ..piece.clone() });
            }
            piece.start = *to;
        }
        if piece.start < piece.end {
            left.push(piece);
        }
    }
    left
}

/// Whether some of a gap was deleted by hand.
fn is_in(hidden: &[(WallTime, WallTime)], gap: &GapSpan) -> bool {
    hidden.iter().any(|(from, to)| *from < gap.to && *to > gap.from)
}

/// A resolution at which spans and gaps stay within their limit, whatever there is.
fn safe_resolution((from, to): (WallTime, WallTime)) -> i64 {
    // Every gap is at least this long, and there is one span more than gaps.
    let gaps_max = i64::try_from(TIMELINE_SPANS_MAX / 2 - 2).expect("the limit is small");
    to.micros_since(from).max(0) / gaps_max + 1
}

/// Joins pieces (by start) into footage and what lies between into gaps.
pub(crate) fn draw(
    pieces: &[Piece],
    (from, to): (WallTime, WallTime),
    resolution: i64,
) -> TimelineSpans {
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
            let (from, to) = (last.end.max(from), piece.start.min(to));
            if from < to {
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

/// Why the last segment before a gap was the last of its run. Where the run went on in the segment
/// after the gap, what lay between is there no more: [`REMOVED`].
fn cause_of(db: &Connection, stream: i64, gap: &GapSpan) -> rusqlite::Result<Option<String>> {
    let mut find = db.prepare_cached(
        "SELECT end_cause, run FROM segment WHERE stream = ?1 AND state = 1 AND start_us < ?2
         ORDER BY start_us DESC LIMIT 1",
    )?;
    let found = find.query_row((stream, gap.from.as_micros()), |row| {
        Ok((row.get::<_, Option<String>>(0)?, row.get::<_, [u8; 16]>(1)?))
    });
    let Some((cause, run)) = found.optional()? else { return Ok(None) };
    if cause.is_some() || gap.to.micros_since(gap.from) <= JOINT_MICROS_MAX {
        return Ok(cause);
    }
    let mut after = db.prepare_cached(
        "SELECT run FROM segment WHERE stream = ?1 AND state = 1 AND start_us >= ?2
         ORDER BY start_us LIMIT 1",
    )?;
    let next = after.query_row((stream, gap.to.as_micros()), |row| row.get::<_, [u8; 16]>(0));
    Ok((next.optional()? == Some(run)).then(|| REMOVED.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base::RunId;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{STREAM, catalog, growing, sealed, segment};
    use crate::{Change, SegmentRow};

    const MINUTE: i64 = 60_000_000;

    fn minute(minute: i64) -> WallTime {
        WallTime::from_micros(minute * MINUTE)
    }

    fn ended(row: SegmentRow, cause: &str) -> SegmentRow {
        SegmentRow { end_cause: Some(cause.into()), ..row }
    }

    fn next_run(row: SegmentRow) -> SegmentRow {
        SegmentRow { run: RunId::from_bytes([9; 16]), ..row }
    }

    /// 0–10 in two segments with a joint of 30 ms, 20–25, and growing 30–32.
    fn drawn(from: i64, to: i64, resolution: i64) -> TimelineSpans {
        let (catalog, mut writer) = catalog();
        let joint = minute(5).plus_micros(30_000);
        let rows = [
            segment(1, minute(0), minute(5)),
            ended(segment(2, joint, minute(10)), "camera-gone"),
            next_run(segment(3, minute(20), minute(25))),
        ];
        writer.apply(&rows.map(sealed)).unwrap();
        catalog.tail().open(growing(segment(4, minute(30), minute(32))));
        catalog.timeline(STREAM, minute(from), minute(to), resolution).unwrap()
    }

    fn minutes(spans: &TimelineSpans) -> Vec<(i64, i64)> {
        let spans = spans.footage.iter();
        spans.map(|(from, to)| (from.as_micros() / MINUTE, to.as_micros() / MINUTE)).collect()
    }

    #[test]
    fn footage_and_gaps_with_their_cause_are_drawn() {
        let spans = drawn(0, 60, 1_000_000);
        assert_eq!(minutes(&spans), [(0, 10), (20, 25), (30, 32)]);
        let gap = |from, to, cause: Option<&str>| GapSpan {
            from: minute(from),
            to: minute(to),
            cause: cause.map(Into::into),
        };
        assert_eq!(spans.gaps, [gap(10, 20, Some("camera-gone")), gap(25, 30, None)]);
    }

    #[test]
    fn a_hole_in_the_middle_of_a_run_is_footage_that_was_removed() {
        let (catalog, mut writer) = catalog();
        let rows = (0..6).map(|number| {
            let start = minute(5 * i64::from(number));
            sealed(segment(number, start, minute(5 * i64::from(number) + 5)))
        });
        writer.apply(&rows.collect::<Vec<_>>()).unwrap();
        let id = crate::testing::id;
        writer.apply(&[Change::SegmentGarbage(id(2)), Change::SegmentGarbage(id(3))]).unwrap();
        for (from, to) in [(0, 30), (11, 19)] {
            let spans = catalog.timeline(STREAM, minute(from), minute(to), 1).unwrap();
            assert_eq!(spans.gaps.len(), 1);
            assert_eq!(spans.gaps[0].cause.as_deref(), Some("removed"), "{from}..{to}");
        }
    }

    #[test]
    fn a_run_that_went_on_has_no_gap_however_fine_one_looks() {
        let spans = drawn(0, 12, 1);
        assert_eq!(minutes(&spans), [(0, 10)]);
    }

    #[test]
    fn what_is_closer_than_the_resolution_is_joined() {
        assert_eq!(minutes(&drawn(0, 60, 6 * MINUTE)), [(0, 10), (20, 32)]);
        assert_eq!(minutes(&drawn(0, 60, 15 * MINUTE)), [(0, 32)]);
    }

    #[test]
    fn spans_and_gaps_are_cut_to_the_range() {
        let spans = drawn(4, 22, 1_000_000);
        assert_eq!(minutes(&spans), [(4, 10), (20, 22)]);
        let spans = drawn(12, 15, 1_000_000);
        assert!(spans.footage.is_empty());
        assert_eq!((spans.gaps[0].from, spans.gaps[0].to), (minute(12), minute(15)));
        assert_eq!(spans.gaps[0].cause.as_deref(), Some("camera-gone"));
        assert_eq!(drawn(40, 50, 1_000_000).gaps, [], "nothing comes after");
        assert_eq!(drawn(15, 15, 1).gaps, [], "an empty range has nothing");
    }

    #[test]
    fn hours_give_the_same_picture_from_far_away() {
        let (catalog, mut writer) = catalog();
        let day = 24 * 60;
        let row = |number, start| segment(number, minute(start), minute(start + 30));
        let rows = [row(1, 0), row(2, 30), ended(row(3, 90), "silent"), row(4, 10 * day)];
        writer.apply(&rows.map(sealed)).unwrap();
        let spans = catalog.timeline(STREAM, minute(0), minute(20 * day), HOUR_MICROS).unwrap();
        assert_eq!(minutes(&spans), [(0, 120), (10 * day, 10 * day + 30)]);
        assert_eq!(spans.gaps[0].cause.as_deref(), Some("silent"));
        let spans = catalog.timeline(STREAM, minute(day), minute(5 * day), HOUR_MICROS).unwrap();
        assert_eq!(spans.gaps.len(), 1);
        assert!(spans.footage.is_empty());
    }

    #[test]
    fn an_answer_is_bounded() {
        let (catalog, mut writer) = catalog();
        let rows = (0..6000).map(|number| {
            let start = minute(i64::from(number) * 2);
            sealed(ended(segment(number, start, start.plus_micros(MINUTE)), "silent"))
        });
        writer.apply(&rows.collect::<Vec<Change>>()).unwrap();
        let spans = catalog.timeline(STREAM, minute(0), minute(12_000), 1).unwrap();
        assert!(spans.footage.len() + spans.gaps.len() <= TIMELINE_SPANS_MAX);
        assert!(spans.resolution_micros > 2 * MINUTE);
        let spans = catalog.timeline(STREAM, minute(0), minute(2000), 1).unwrap();
        assert_eq!((spans.footage.len(), spans.gaps.len()), (1000, 1000));
    }

    #[test]
    fn what_was_deleted_by_hand_is_a_gap_and_what_is_protected_is_told() {
        let (catalog, mut writer) = catalog();
        let rows = [segment(1, minute(0), minute(5)), segment(2, minute(5), minute(10))];
        writer.apply(&rows.map(sealed)).unwrap();
        catalog.tail().open(growing(segment(3, minute(10), minute(12))));
        let hide = |from, to| Change::Hide { stream: STREAM, from: minute(from), to: minute(to) };
        let protect = |from, to| {
            Change::Protect(crate::ProtectionRow {
                stream: STREAM,
                from: minute(from),
                to: minute(to),
                made: minute(0),
                made_by: "anna".into(),
                note: String::new(),
            })
        };
        writer.apply(&[hide(2, 3), hide(9, 11)]).unwrap();
        writer.apply(&[protect(3, 4), protect(4, 6), protect(8, 70)]).unwrap();
        for resolution in [1, MINUTE / 2] {
            let spans = catalog.timeline(STREAM, minute(0), minute(60), resolution).unwrap();
            assert_eq!(minutes(&spans), [(0, 2), (3, 9), (11, 12)]);
            assert!(spans.gaps.iter().all(|gap| gap.cause.as_deref() == Some("deleted")));
            assert_eq!((spans.gaps[0].from, spans.gaps[1].to), (minute(2), minute(11)));
            assert_eq!(spans.protected, [(minute(3), minute(6)), (minute(8), minute(60))]);
        }
    }

    proptest! {
        #[test]
        fn footage_and_gaps_alternate_within_the_range(
            pieces in proptest::collection::vec((0i64..100, 1i64..100), 0..40),
            from in 0i64..2000,
            len in 1i64..2000,
            resolution in 1i64..200,
        ) {
            let mut end = 0;
            let pieces: Vec<Piece> = pieces.iter().map(|(gap, len)| {
                let start = end + gap;
                end = start + len;
                let (start, end) = (WallTime::from_micros(start), WallTime::from_micros(end));
                Piece { start, end, run: None, cause: None }
            }).collect();
            let (from, to) = (WallTime::from_micros(from), WallTime::from_micros(from + len));
            let spans = draw(&pieces, (from, to), resolution);
            let gaps = spans.gaps.iter().map(|gap| (gap.from, gap.to));
            let mut all: Vec<_> = spans.footage.iter().copied().chain(gaps).collect();
            all.sort();
            for (start, end) in &all {
                prop_assert!(from <= *start && start < end && *end <= to);
            }
            prop_assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0));
            for piece in pieces.iter().filter(|piece| piece.start < to && piece.end > from) {
                let (start, end) = (piece.start.max(from), piece.end.min(to));
                prop_assert!(spans.footage.iter().any(|span| span.0 <= start && end <= span.1));
            }
        }
    }
}
