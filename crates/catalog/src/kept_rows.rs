//! What of a stream is protected and hidden, all of it at one moment, with a name for that: so that
//! a note of it beside the footage is known to be older than this catalog, or is not.

use base::limits::KEPT_STATES_MAX;
use base::{StreamId, WallTime};
use rusqlite::{Connection, OptionalExtension as _};

use crate::catalog::Catalog;
use crate::columns::{number_of, stored};
use crate::error::ReadError;
use crate::protection_rows::{self as protection, ProtectionRow};

/// What of a stream is protected and hidden, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRows {
    /// Protections, by start.
    pub protections: Vec<ProtectionRow>,
    /// What was deleted by hand, by start; spans never touch.
    pub hidden: Vec<(WallTime, WallTime)>,
    /// A name for all of it: a hash.
    pub state: String,
}

impl Catalog {
    /// What of a stream is protected and hidden.
    pub fn kept(&self, stream: StreamId) -> Result<KeptRows, ReadError> {
        self.readers.read("protected footage", |snapshot| kept(snapshot.db, stream))
    }

    /// Whether `state` is how the stream stands or once stood here, as far as that is remembered
    /// (`limits::KEPT_STATES_MAX`): a note that says it is no newer than this catalog.
    pub fn knows_kept(&self, stream: StreamId, state: &str) -> Result<bool, ReadError> {
        self.readers.read("protected footage", |snapshot| {
            let stood = snapshot
                .db
                .prepare_cached(
                    "SELECT 1 FROM kept_state
                     WHERE stream = (SELECT row FROM stream WHERE id = ?1) AND state = ?2",
                )?
                .exists((stream.as_bytes(), state))?;
            Ok(stood || kept(snapshot.db, stream)?.state == state)
        })
    }
}

fn kept(db: &Connection, stream: StreamId) -> rusqlite::Result<KeptRows> {
    let all = (WallTime::EPOCH, WallTime::MAX);
    let protections = protection::protections(db, stream, all)?;
    let hidden = match number_of(db, "stream", stream.as_bytes())? {
        Some(number) => protection::hidden(db, number, all)?,
        None => Vec::new(),
    };
    let state = name_of(&protections, &hidden);
    Ok(KeptRows { protections, hidden, state })
}

fn name_of(protections: &[ProtectionRow], hidden: &[(WallTime, WallTime)]) -> String {
    let mut hash = blake3::Hasher::new();
    let instant = |hash: &mut blake3::Hasher, at: WallTime| {
        hash.update(&at.as_micros().to_be_bytes());
    };
    for row in protections {
        hash.update(b"p");
        [row.from, row.to, row.made].into_iter().for_each(|at| instant(&mut hash, at));
        for text in [&row.made_by, &row.note] {
            hash.update(&(text.len() as u64).to_be_bytes()).update(text.as_bytes());
        }
    }
    for (from, to) in hidden {
        hash.update(b"h");
        [*from, *to].into_iter().for_each(|at| instant(&mut hash, at));
    }
    hash.finalize().to_hex().as_str()[..32].to_owned()
}

/// Remembers how the stream stands now, in the transaction that changes it: before it does, for
/// what an older program has made, and after.
pub(crate) fn remember(db: &Connection, stream: StreamId) -> rusqlite::Result<()> {
    let Some(number) = number_of(db, "stream", stream.as_bytes())? else { return Ok(()) };
    let state = kept(db, stream)?.state;
    db.prepare_cached("DELETE FROM kept_state WHERE stream = ?1 AND state = ?2")?
        .execute((number, &state))?;
    db.prepare_cached("INSERT INTO kept_state (stream, state) VALUES (?1, ?2)")?
        .execute((number, &state))?;
    let mut find = db.prepare_cached(
        "SELECT row FROM kept_state WHERE stream = ?1 ORDER BY row DESC LIMIT 1 OFFSET ?2",
    )?;
    let oldest: Option<i64> =
        find.query_row((number, stored(KEPT_STATES_MAX as u64)), |row| row.get(0)).optional()?;
    let Some(oldest) = oldest else { return Ok(()) };
    db.prepare_cached("DELETE FROM kept_state WHERE stream = ?1 AND row <= ?2")?
        .execute((number, oldest))
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{STREAM, catalog, options};
    use crate::{Change, Writer};

    fn at(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    fn protect(from: i64, note: &str) -> Change {
        Change::Protect(ProtectionRow {
            stream: STREAM,
            from: at(from),
            to: at(from + 10),
            made: at(1),
            made_by: "anna".into(),
            note: note.into(),
        })
    }

    fn state(catalog: &Catalog) -> String {
        catalog.kept(STREAM).unwrap().state
    }

    fn knows(catalog: &Catalog, state: &str) -> bool {
        catalog.knows_kept(STREAM, state).unwrap()
    }

    fn back(writer: &Writer) -> (Catalog, Writer) {
        Catalog::restore(&writer.save().unwrap(), &options()).unwrap()
    }

    #[test]
    fn every_state_that_was_is_known_and_none_that_came_after_a_backup() {
        let (catalog, mut writer) = catalog();
        let empty = state(&catalog);
        assert!(knows(&catalog, &empty), "though nothing was ever said");
        writer.apply(&[protect(10, "a")]).unwrap();
        let first = state(&catalog);
        let (restored, mut other) = back(&writer);
        writer.apply(&[Change::Hide { stream: STREAM, from: at(50), to: at(60) }]).unwrap();
        let second = state(&catalog);
        let all = Change::Unprotect { stream: STREAM, from: at(0), to: at(99) };
        writer.apply(&[all]).unwrap();
        let third = state(&catalog);
        for state in [&first, &second, &third] {
            assert!(knows(&catalog, state));
        }
        assert!(knows(&restored, &first));
        assert!(!knows(&restored, &second) && !knows(&restored, &third));
        // Nor after it has gone on in another way.
        other.apply(&[protect(20, "b"), protect(30, "c")]).unwrap();
        assert!(!knows(&restored, &second) && knows(&restored, &first));
        assert!(knows(&restored, &empty));
    }

    #[test]
    fn what_joins_deleted_spans_is_deleted_however_many_they_are() {
        let (_catalog, mut writer) = catalog();
        let hide = |from, to| Change::Hide { stream: STREAM, from: at(from), to: at(to) };
        let spans = i64::try_from(base::limits::HIDDEN_SPANS_MAX).unwrap();
        let all: Vec<_> = (0..spans).map(|n| hide(n * 10, n * 10 + 5)).collect();
        writer.apply(&all).unwrap();
        let refused = writer.apply(&[hide(spans * 10, spans * 10 + 5)]);
        assert!(refused.unwrap_err().to_string().contains("delete one longer span"));
        writer.apply(&[hide(3, 12)]).unwrap();
        writer.apply(&[hide(0, spans * 10)]).unwrap();
        writer.apply(&[hide(spans * 10 + 1, spans * 10 + 5)]).unwrap();
    }

    #[test]
    fn states_differ_in_all_that_is_said() {
        let (catalog, mut writer) = catalog();
        let mut seen = std::collections::BTreeSet::new();
        let hide = |from, to| Change::Hide { stream: STREAM, from: at(from), to: at(to) };
        for change in [protect(10, ""), protect(10, "a"), protect(11, "a"), hide(40, 50)] {
            writer.apply(&[change]).unwrap();
            assert!(seen.insert(state(&catalog)));
        }
        let forget = Change::ForgetHidden { stream: STREAM, before: at(50) };
        writer.apply(&[forget]).unwrap();
        assert!(!seen.insert(state(&catalog)), "the same is said again");
    }

    #[test]
    fn the_oldest_states_are_forgotten() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[protect(10, "first")]).unwrap();
        let first = state(&catalog);
        for n in 1..KEPT_STATES_MAX {
            writer.apply(&[protect(10, &n.to_string())]).unwrap();
        }
        assert!(knows(&catalog, &first));
        writer.apply(&[protect(10, "last")]).unwrap();
        assert!(!knows(&catalog, &first) && knows(&catalog, &state(&catalog)));
        let count = "SELECT count(*) FROM kept_state";
        let count: i64 = writer.database().query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(count, KEPT_STATES_MAX as i64);
    }
}
