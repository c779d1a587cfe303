//! The instant that ages of footage count to, one for all volumes and over all starts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{MonoTime, WallTime, limits};
use catalog::{Catalog, Change, ClockNote, ReadError};
use recorder::Now;
use recorder::retain::age::{self, Ages, Held};

/// The note of a system clock that was set while the process ran.
pub const STEP: &str = "step";
/// The note of a start a long time after the life before, or before its end.
pub const START: &str = "start";

/// Ages of footage. Clones share it; its lock guards memory only.
#[derive(Clone, Debug, Default)]
pub struct Today(Arc<Mutex<Ages>>);

impl Today {
    /// As `catalog` says the clock went before this start, and what is to be noted of it. To be
    /// asked before this life begins there.
    pub fn resume(catalog: &Catalog, now: Now) -> Result<(Self, Option<Change>), ReadError> {
        let lives = catalog.lives(limits::LIVES_KEPT_MAX)?;
        let was_set = |seen: &WallTime| *seen >= limits::CLOCK_EARLIEST;
        let mut seen = lives.into_iter().map(|life| life.seen).find(was_set);
        if seen.is_none() {
            // A catalog that was rebuilt knows of no life.
            for stream in catalog.streams()? {
                seen = seen.max(catalog.totals(stream.id)?.last);
            }
        }
        let mut notes = catalog.clock_notes(limits::CLOCK_NOTES_KEPT_MAX)?;
        notes.reverse();
        let of_system =
            |note: &ClockNote| note.stream.is_none() && [STEP, START].contains(&note.kind.as_str());
        let noted = notes.into_iter().filter(of_system).map(|note| (note.at, note.micros));
        let (ages, jump) = Ages::resume(seen, noted.filter(|(_, by)| age::is_jump(*by)), now);
        let note = jump.map(|micros| {
            let (at, kind) = (now.wall, START.to_owned());
            Change::NoteClock(ClockNote { at, stream: None, kind, micros })
        });
        Ok((Self(Arc::new(Mutex::new(ages))), note))
    }

    /// The instant that ages count to when the clocks show `now`.
    pub fn now(&self, now: Now) -> WallTime {
        self.ages().now(now)
    }

    /// What of the clock does not count at `now`, if anything.
    pub fn held(&self, now: MonoTime) -> Option<Held> {
        self.ages().held(now)
    }

    fn ages(&self) -> MutexGuard<'_, Ages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use base::ArchiveId;
    use catalog::Options;

    const HOUR: i64 = 3600 * 1_000_000;

    #[test]
    fn what_a_start_holds_outlasts_the_next_start() {
        let options = Options {
            time_zone: jiff::tz::TimeZone::UTC,
            index_cache_bytes: 0,
            new_archive: ArchiveId::from_bytes([1; 16]),
            note: String::new(),
        };
        let (catalog, mut writer) = Catalog::memory(&options).unwrap();
        let wall = |hour: i64| limits::CLOCK_EARLIEST.plus_micros(hour * HOUR);
        let mut start = |hour: i64| {
            let now = Now { wall: wall(hour), mono: MonoTime::from_micros(5) };
            let (today, note) = Today::resume(&catalog, now).unwrap();
            let (boot, before) = ([1; 16], "crash".to_owned());
            let begun = Change::BeginLife { boot, at: now.wall, before };
            writer.apply(&[begun].into_iter().chain(note).collect::<Vec<_>>()).unwrap();
            today.now(now)
        };
        assert_eq!(start(1000), wall(1000));
        assert_eq!(start(9000), wall(1000), "the clock is a year ahead");
        assert_eq!(start(9001), wall(1001), "and still so");
        assert_eq!(start(1002), wall(1002), "it was set right");
        assert_eq!(start(1003), wall(1003));
    }
}
