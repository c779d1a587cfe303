//! What was observed of clocks as rows: steps of the system's, jumps and drift of the cameras'.

use base::{StreamId, WallTime, limits};
use rusqlite::{Connection, Row, named_params};

use crate::catalog::Catalog;
use crate::columns::{number_of, stored};
use crate::error::{Failed, ReadError, Refusal};

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockNote {
    /// When, by the system's clock after it.
    pub at: WallTime,
    /// Whose clock: a camera's, as seen in this stream, or the system's (`None`).
    pub stream: Option<StreamId>,
    /// What: `step` and `start` (so much after the life before) of the system's clock, `jump`,
    /// `offset` and `drift` of a camera's.
    pub kind: String,
    /// How much: microseconds; of a drift microseconds a second.
    pub micros: i64,
}

impl Catalog {
    /// Up to `limit` observations, newest first.
    pub fn clock_notes(&self, limit: usize) -> Result<Vec<ClockNote>, ReadError> {
        self.readers.read("notes of clocks", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT clock_note.*, stream.id AS stream_id
                 FROM clock_note LEFT JOIN stream ON stream.row = clock_note.stream
                 ORDER BY clock_note.row DESC LIMIT ?1",
            )?;
            read.query_map([stored(limit as u64)], note)?.collect()
        })
    }
}

fn note(row: &Row<'_>) -> rusqlite::Result<ClockNote> {
    let stream: Option<[u8; 16]> = row.get("stream_id")?;
    Ok(ClockNote {
        at: WallTime::from_micros(row.get("at_us")?),
        stream: stream.map(StreamId::from_bytes),
        kind: row.get("kind")?,
        micros: row.get("micros")?,
    })
}

/// Adds an observation, and forgets the oldest of too many.
pub(crate) fn put(db: &Connection, note: &ClockNote) -> Result<(), Failed> {
    let stream = match note.stream {
        None => None,
        Some(id) => Some(
            number_of(db, "stream", id.as_bytes())?
                .ok_or_else(|| Refusal::Missing(format!("stream {id}")))?,
        ),
    };
    db.prepare_cached(
        "INSERT INTO clock_note (at_us, stream, kind, micros)
         VALUES (:at, :stream, :kind, :micros)",
    )?
    .execute(named_params! {
        ":at": note.at.as_micros(),
        ":stream": stream,
        ":kind": note.kind,
        ":micros": note.micros,
    })?;
    db.prepare_cached(
        "DELETE FROM clock_note WHERE row <= (SELECT max(row) FROM clock_note) - ?1",
    )?
    .execute([stored(limits::CLOCK_NOTES_KEPT_MAX as u64)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::{STREAM, catalog};

    #[test]
    fn observations_are_kept_newest_first_and_bounded() {
        let (catalog, mut writer) = catalog();
        let step = |number: i64| ClockNote {
            at: WallTime::from_micros(number),
            stream: None,
            kind: "step".into(),
            micros: -number,
        };
        let drift = ClockNote { stream: Some(STREAM), kind: "drift".into(), ..step(3) };
        let all = [step(1), step(2), drift.clone()].map(Change::NoteClock);
        writer.apply(&all).unwrap();
        assert_eq!(catalog.clock_notes(2).unwrap(), [drift.clone(), step(2)]);
        let many = (0..limits::CLOCK_NOTES_KEPT_MAX as i64).map(|n| Change::NoteClock(step(n)));
        writer.apply(&many.collect::<Vec<_>>()).unwrap();
        let kept = catalog.clock_notes(usize::MAX).unwrap();
        assert_eq!(kept.len(), limits::CLOCK_NOTES_KEPT_MAX);
        assert!(!kept.contains(&drift));
        let stray = ClockNote { stream: Some(StreamId::from_bytes([9; 16])), ..step(1) };
        assert!(writer.apply(&[Change::NoteClock(stray)]).is_err());
    }
}
