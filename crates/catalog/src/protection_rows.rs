//! Footage that stays, footage that was deleted by hand, and who did what.

use base::limits::{HIDDEN_SPANS_MAX, PROTECTIONS_MAX};
use base::{StreamId, WallTime};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::catalog::Catalog;
use crate::columns::{instant, number_of, stored};
use crate::error::{Failed, ReadError, Refusal};

/// One protection of footage of a stream: every segment that touches [from, to) stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionRow {
    /// Whose footage.
    pub stream: StreamId,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it; it may be in the future.
    pub to: WallTime,
    /// When it was made.
    pub made: WallTime,
    /// Who made it: an account, a token, or what acted by itself.
    pub made_by: String,
    /// Why, in their words.
    pub note: String,
}

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: WallTime,
    /// Who: an account, a token.
    pub who: String,
    /// What, such as `footage-deleted`; these words never change.
    pub what: String,
    /// To what, such as `front-door/main`.
    pub subject: String,
    /// The rest, in words.
    pub detail: String,
}

/// A span of time, half-open.
type Spans = Vec<(WallTime, WallTime)>;

impl Catalog {
    /// The protections of a stream that touch [from, to), by start.
    pub fn protections(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<ProtectionRow>, ReadError> {
        let range = (from, to);
        self.readers.read("protected footage", |snapshot| protections(snapshot.db, stream, range))
    }

    /// What of [from, to) of a stream was deleted by hand, by start; spans are not cut to the
    /// range, and never touch.
    pub fn hidden(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Spans, ReadError> {
        self.readers.read("deleted footage", |snapshot| {
            match number_of(snapshot.db, "stream", stream.as_bytes())? {
                Some(number) => hidden(snapshot.db, number, (from, to)),
                None => Ok(Vec::new()),
            }
        })
    }

    /// Who did what, newest first: up to `limit` before `before` (a number of an earlier answer),
    /// each with its number.
    pub fn audit(
        &self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, AuditRow)>, ReadError> {
        self.readers.read("the audit", |snapshot| {
            let mut read = snapshot
                .db
                .prepare_cached("SELECT * FROM audit WHERE row < ?1 ORDER BY row DESC LIMIT ?2")?;
            let range = (before.unwrap_or(i64::MAX), stored(limit as u64));
            read.query_map(range, |row| Ok((row.get("row")?, audited(row)?)))?.collect()
        })
    }
}

/// The protections of a stream that touch a range, by start.
pub(crate) fn protections(
    db: &Connection,
    stream: StreamId,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Vec<ProtectionRow>> {
    let mut read = db.prepare_cached(
        "SELECT * FROM protection
         WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND from_us < ?3 AND to_us > ?2
         ORDER BY from_us, to_us",
    )?;
    let range = (stream.as_bytes(), from.as_micros(), to.as_micros());
    read.query_map(range, |row| protection(stream, row))?.collect()
}

fn protection(stream: StreamId, row: &Row<'_>) -> rusqlite::Result<ProtectionRow> {
    Ok(ProtectionRow {
        stream,
        from: instant(row, "from_us")?,
        to: instant(row, "to_us")?,
        made: instant(row, "made_us")?,
        made_by: row.get("made_by")?,
        note: row.get("note")?,
    })
}

fn audited(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        at: instant(row, "at_us")?,
        who: row.get("who")?,
        what: row.get("what")?,
        subject: row.get("subject")?,
        detail: row.get("detail")?,
    })
}

/// What of a range of the stream in row `number` is hidden.
pub(crate) fn hidden(
    db: &Connection,
    number: i64,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Spans> {
    let mut read = db.prepare_cached(
        "SELECT from_us, to_us FROM hidden
         WHERE stream = ?1 AND from_us < ?3 AND to_us > ?2 ORDER BY from_us",
    )?;
    let range = (number, from.as_micros(), to.as_micros());
    read.query_map(range, |row| Ok((instant(row, "from_us")?, instant(row, "to_us")?)))?.collect()
}

/// What of a range of the stream in row `number` is protected: cut to it, joined where it touches.
pub(crate) fn protected(
    db: &Connection,
    number: i64,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Spans> {
    let mut read = db.prepare_cached(
        "SELECT from_us, to_us FROM protection
         WHERE stream = ?1 AND from_us < ?3 AND to_us > ?2 ORDER BY from_us",
    )?;
    let range = (number, from.as_micros(), to.as_micros());
    let spans =
        read.query_map(range, |row| Ok((instant(row, "from_us")?, instant(row, "to_us")?)))?;
    let mut joined = Spans::new();
    for span in spans {
        let (start, end) = span?;
        let (start, end) = (start.max(from), end.min(to));
        match joined.last_mut() {
            Some((_, last)) if *last >= start => *last = end.max(*last),
            _ => joined.push((start, end)),
        }
    }
    Ok(joined)
}

/// The stream's row number.
fn stream_row(db: &Connection, stream: StreamId) -> Result<i64, Failed> {
    number_of(db, "stream", stream.as_bytes())?
        .ok_or_else(|| Refusal::Missing(format!("stream {stream}")).into())
}

pub(crate) fn protect(db: &Connection, row: &ProtectionRow) -> Result<(), Failed> {
    let number = stream_row(db, row.stream)?;
    if row.from >= row.to {
        return Err(Refusal::Missing("time between the two ends".into()).into());
    }
    let mut count = db.prepare_cached("SELECT count(*) FROM protection WHERE stream = ?1")?;
    if count.query_row([number], |row| row.get::<_, i64>(0))? >= PROTECTIONS_MAX as i64 {
        let words = format!(
            "this stream has {PROTECTIONS_MAX} protected spans, as many as there may be: take \
             some away, or protect one longer span"
        );
        return Err(Refusal::InUse(words).into());
    }
    db.prepare_cached(
        "INSERT INTO protection (stream, from_us, to_us, made_us, made_by, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (stream, from_us, to_us)
         DO UPDATE SET made_us = ?4, made_by = ?5, note = ?6",
    )?
    .execute((
        number,
        row.from.as_micros(),
        row.to.as_micros(),
        row.made.as_micros(),
        &row.made_by,
        &row.note,
    ))?;
    Ok(())
}

/// Takes the protection of [from, to) away: spans that reach out of it keep what is outside.
pub(crate) fn unprotect(
    db: &Connection,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<(), Failed> {
    let number = stream_row(db, stream)?;
    let (from, to) = (from.as_micros(), to.as_micros());
    for rest in [
        "INSERT OR IGNORE INTO protection (stream, from_us, to_us, made_us, made_by, note)
         SELECT stream, from_us, ?2, made_us, made_by, note FROM protection
         WHERE stream = ?1 AND from_us < ?2 AND to_us > ?2 AND ?3 > ?2",
        "INSERT OR IGNORE INTO protection (stream, from_us, to_us, made_us, made_by, note)
         SELECT stream, ?3, to_us, made_us, made_by, note FROM protection
         WHERE stream = ?1 AND from_us < ?3 AND to_us > ?3 AND ?3 > ?2",
        "DELETE FROM protection WHERE stream = ?1 AND from_us < ?3 AND to_us > ?2",
    ] {
        db.prepare_cached(rest)?.execute((number, from, to))?;
    }
    Ok(())
}

/// Hides [from, to) for ever. Refused where a segment that it touches is protected.
pub(crate) fn hide(
    db: &Connection,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<(), Failed> {
    let number = stream_row(db, stream)?;
    if from >= to {
        return Ok(());
    }
    if let Some((start, end)) = protects(db, number, (from, to))? {
        let words = format!(
            "footage from {start} to {end} is protected, with the whole segments that hold it: \
             take that protection away first, or delete around it"
        );
        return Err(Refusal::InUse(words).into());
    }
    hide_again(db, stream, from, to)
}

/// Hides [from, to) for ever, whatever is protected.
pub(crate) fn hide_again(
    db: &Connection,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<(), Failed> {
    let number = stream_row(db, stream)?;
    if from >= to {
        return Ok(());
    }
    let (mut from, mut to) = (from.as_micros(), to.as_micros());
    // Those that it touches become one with it.
    let apart = db
        .prepare_cached(
            "SELECT count(*) FROM hidden WHERE stream = ?1 AND NOT (from_us <= ?3 AND to_us >= ?2)",
        )?
        .query_row((number, from, to), |row| row.get::<_, i64>(0))?;
    if apart >= HIDDEN_SPANS_MAX as i64 {
        let words = format!(
            "{HIDDEN_SPANS_MAX} spans of this stream are deleted, as many as there may be: \
             delete one longer span instead"
        );
        return Err(Refusal::InUse(words).into());
    }
    let mut touching = db.prepare_cached(
        "DELETE FROM hidden WHERE stream = ?1 AND from_us <= ?3 AND to_us >= ?2
         RETURNING from_us, to_us",
    )?;
    let spans = touching
        .query_map((number, from, to), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    for span in spans.collect::<Result<Vec<_>, _>>()? {
        (from, to) = (from.min(span.0), to.max(span.1));
    }
    db.prepare_cached("INSERT INTO hidden (stream, from_us, to_us) VALUES (?1, ?2, ?3)")?
        .execute((number, from, to))?;
    Ok(())
}

/// The first protection that holds a segment which touches the range.
fn protects(
    db: &Connection,
    number: i64,
    (from, to): (WallTime, WallTime),
) -> rusqlite::Result<Option<(WallTime, WallTime)>> {
    let edge = |order: &str, at: WallTime| -> rusqlite::Result<Option<(i64, i64)>> {
        let find = format!(
            "SELECT * FROM (SELECT start_us, end_us FROM segment
               WHERE stream = ?1 AND state = 1 AND start_us {order} ?2
               ORDER BY start_us DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT start_us, max(end_us, ?2 + 1) FROM segment
               WHERE stream = ?1 AND state = 0 AND start_us {order} ?2
               ORDER BY start_us DESC LIMIT 1)
             ORDER BY start_us DESC LIMIT 1"
        );
        let mut find = db.prepare_cached(&find)?;
        find.query_row((number, at.as_micros()), |row| Ok((row.get(0)?, row.get(1)?))).optional()
    };
    let (mut from, mut to) = (from.as_micros(), to.as_micros());
    if let Some((start, end)) = edge("<=", WallTime::from_micros(from))?
        && end > from
    {
        from = from.min(start);
    }
    if let Some((_, end)) = edge("<", WallTime::from_micros(to))? {
        to = to.max(end);
    }
    let mut find = db.prepare_cached(
        "SELECT from_us, to_us FROM protection
         WHERE stream = ?1 AND from_us < ?3 AND to_us > ?2 ORDER BY from_us LIMIT 1",
    )?;
    find.query_row((number, from, to), |row| Ok((instant(row, "from_us")?, instant(row, "to_us")?)))
        .optional()
}

/// Whether the sealed segment in row `number` stays whatever the rules say: it is protected, and
/// not all of it was deleted before that. The same as `recorder::retain::Said::hold`.
pub(crate) fn is_held(db: &Connection, number: i64) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM protection WHERE protection.stream = segment.stream
           AND from_us < max(end_us, start_us + 1) AND to_us > start_us)
         AND NOT EXISTS (SELECT 1 FROM hidden WHERE hidden.stream = segment.stream
           AND from_us <= start_us AND to_us >= max(end_us, start_us + 1))
         FROM segment WHERE row = ?1",
    )?
    .query_row([number], |row| row.get(0))
}

/// Forgets what is hidden of a stream from `after` on.
pub(crate) fn forget_hidden_after(
    db: &Connection,
    stream: StreamId,
    after: WallTime,
) -> Result<(), Failed> {
    let (number, after) = (stream_row(db, stream)?, after.as_micros());
    db.prepare_cached("DELETE FROM hidden WHERE stream = ?1 AND from_us >= ?2")?
        .execute((number, after))?;
    db.prepare_cached("UPDATE hidden SET to_us = ?2 WHERE stream = ?1 AND to_us > ?2")?
        .execute((number, after))?;
    Ok(())
}

/// Forgets what was hidden of a stream before `before`, where nothing stands any more.
pub(crate) fn forget_hidden(
    db: &Connection,
    stream: StreamId,
    before: WallTime,
) -> Result<(), Failed> {
    let number = stream_row(db, stream)?;
    db.prepare_cached("DELETE FROM hidden WHERE stream = ?1 AND to_us <= ?2")?
        .execute((number, before.as_micros()))?;
    Ok(())
}

pub(crate) fn audit(db: &Connection, row: &AuditRow) -> Result<(), Failed> {
    db.prepare_cached(
        "INSERT INTO audit (at_us, who, what, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((row.at.as_micros(), &row.who, &row.what, &row.subject, &row.detail))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{STREAM, catalog, id, sealed, segment};
    use crate::{ApplyError, Change};

    fn at(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    fn protect(from: i64, to: i64) -> Change {
        Change::Protect(ProtectionRow {
            stream: STREAM,
            from: at(from),
            to: at(to),
            made: at(1),
            made_by: "anna".into(),
            note: "a parcel".into(),
        })
    }

    fn unprotect(from: i64, to: i64) -> Change {
        Change::Unprotect { stream: STREAM, from: at(from), to: at(to) }
    }

    fn hide(from: i64, to: i64) -> Change {
        Change::Hide { stream: STREAM, from: at(from), to: at(to) }
    }

    fn seconds(spans: impl IntoIterator<Item = (WallTime, WallTime)>) -> Vec<(i64, i64)> {
        let second = |at: WallTime| at.as_micros() / 1_000_000;
        spans.into_iter().map(|(from, to)| (second(from), second(to))).collect()
    }

    fn protected(catalog: &Catalog) -> Vec<(i64, i64)> {
        let rows = catalog.protections(STREAM, WallTime::EPOCH, WallTime::MAX).unwrap();
        assert!(rows.iter().all(|row| row.note == "a parcel"));
        seconds(rows.into_iter().map(|row| (row.from, row.to)))
    }

    #[test]
    fn protection_is_taken_away_from_the_middle() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[protect(10, 50), protect(10, 50), protect(30, 70)]).unwrap();
        assert_eq!(protected(&catalog), [(10, 50), (30, 70)]);
        writer.apply(&[unprotect(20, 40)]).unwrap();
        assert_eq!(protected(&catalog), [(10, 20), (40, 50), (40, 70)]);
        writer.apply(&[unprotect(0, 100), unprotect(0, 100)]).unwrap();
        assert_eq!(protected(&catalog), []);
    }

    #[test]
    fn hidden_spans_are_joined_and_forgotten_when_nothing_stands_there() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[hide(10, 20), hide(30, 40), hide(15, 18)]).unwrap();
        let hidden = || seconds(catalog.hidden(STREAM, at(0), WallTime::MAX).unwrap());
        assert_eq!(hidden(), [(10, 20), (30, 40)]);
        writer.apply(&[hide(20, 31), hide(60, 70)]).unwrap();
        assert_eq!(hidden(), [(10, 40), (60, 70)]);
        let forget = Change::ForgetHiddenAfter { stream: STREAM, after: at(65) };
        writer.apply(&[hide(80, 90), forget.clone(), forget]).unwrap();
        assert_eq!(hidden(), [(10, 40), (60, 65)]);
        writer.apply(&[hide(60, 70)]).unwrap();
        let forget = Change::ForgetHidden { stream: STREAM, before: at(59) };
        writer.apply(&[forget]).unwrap();
        assert_eq!((hidden(), catalog.deletions(STREAM)), (vec![(60, 70)], 7), "counted");
    }

    #[test]
    fn nothing_is_hidden_in_a_segment_that_is_held() {
        let (catalog, mut writer) = catalog();
        let rows = (0..4).map(|n| segment(n, at(300 * i64::from(n)), at(300 * i64::from(n) + 300)));
        writer.apply(&rows.map(sealed).collect::<Vec<_>>()).unwrap();
        writer.apply(&[protect(400, 410)]).unwrap();
        // The protection holds all of the second segment, [300, 600).
        for (from, to, refused) in [
            (0, 300, false),
            (310, 320, true),
            (599, 700, true),
            (600, 700, false),
            (1, 9999, true),
        ] {
            let said = writer.apply(&[hide(from, to)]);
            assert_eq!(said.is_err(), refused, "[{from}, {to}): {said:?}");
        }
        assert_eq!(seconds(catalog.hidden(STREAM, at(0), at(9999)).unwrap()).len(), 2);
        let error = writer.apply(&[hide(310, 320)]).unwrap_err();
        assert!(matches!(error, ApplyError::Refused { .. }));
        assert!(error.to_string().contains("is protected"), "{error}");
    }

    #[test]
    fn protection_does_not_bring_back_what_was_deleted_before() {
        let (catalog, mut writer) = catalog();
        let rows = (0..3).map(|n| segment(n, at(300 * i64::from(n)), at(300 * i64::from(n) + 300)));
        writer.apply(&rows.map(sealed).collect::<Vec<_>>()).unwrap();
        writer.apply(&[hide(200, 600), protect(0, 900)]).unwrap();
        let due = (0..3).map(|n| Change::SegmentDue(id(n)));
        writer.apply(&due.collect::<Vec<_>>()).unwrap();
        let stands = catalog.spans(STREAM, at(0), at(900)).unwrap();
        let stands: Vec<_> = stands.iter().map(|segment| segment.id).collect();
        assert_eq!(stands, [id(0), id(2)], "the one in the middle was deleted as a whole");
    }

    #[test]
    fn what_was_deleted_before_is_taken_in_again_beside_protection() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[sealed(segment(0, at(0), at(300))), protect(0, 900)]).unwrap();
        assert!(writer.apply(&[hide(10, 20)]).is_err());
        let again = Change::HideAgain { stream: STREAM, from: at(10), to: at(20) };
        writer.apply(&[again.clone(), again]).unwrap();
        assert_eq!(seconds(catalog.hidden(STREAM, at(0), at(900)).unwrap()), [(10, 20)]);
        assert_eq!(protected(&catalog), [(0, 900)]);
    }

    #[test]
    fn the_audit_is_read_backwards_in_pages() {
        let (catalog, mut writer) = catalog();
        let row = |n: i64| AuditRow {
            at: at(n),
            who: "anna".into(),
            what: "footage-deleted".into(),
            subject: "door/main".into(),
            detail: n.to_string(),
        };
        writer.apply(&(0..5).map(|n| Change::Audit(row(n))).collect::<Vec<_>>()).unwrap();
        let page = catalog.audit(None, 2).unwrap();
        assert_eq!([&page[0].1, &page[1].1], [&row(4), &row(3)]);
        assert_eq!(catalog.audit(Some(page[1].0), 9).unwrap().len(), 3);
    }
}
