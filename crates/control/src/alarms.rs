//! What goes wrong becomes alarms that begin and end. Pure.
//!
//! Whoever looks gives everything that is wrong at that moment; an alarm begins when something is
//! seen that was not there before, and ends when it was not seen for a while. So there is one line
//! in the log, one row and one entry in the list for each time that something went wrong, however
//! often it is looked at.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{AlarmId, MonoTime, WallTime, limits};
use catalog::AlarmRow;

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Writing to a volume, or syncing it, fails.
    DiskFailing,
    /// A volume's disk does not answer.
    DiskStuck,
    /// A volume's disk is too slow for the sync interval.
    DiskSlow,
    /// There is no space left on a volume.
    DiskFull,
    /// A volume's folder is not there.
    DiskMissing,
    /// A volume can only be read.
    DiskReadOnly,
    /// A volume's folder is not what the catalog knows.
    DiskForeign,
    /// A volume has less free space than it should, and nothing that may go is left.
    SpaceShort,
    /// A volume is to keep more free than its disk can.
    KeepFreeTooLarge,
    /// A stream's footage is durable later than promised.
    FootageBehind,
    /// Frames were received and not recorded.
    FramesLost,
    /// A camera does not send.
    CameraLost,
    /// A camera refuses name or password.
    CameraDenied,
    /// The system's clock was set while it ran.
    ClockStepped,
    /// The system's clock reads a time before this program was made.
    ClockUnset,
    /// The system's clock reads a time before the newest footage.
    ClockBehind,
    /// The system's clock reads a time long after it was last seen.
    ClockAhead,
    /// A stream's footage is dated later than it is.
    DatedLate,
    /// The catalog does not keep up, or cannot be written.
    CatalogBehind,
    /// The catalog is older than the footage, as after a backup was restored.
    CatalogOlder,
    /// A check found damage.
    CheckFinding,
}

/// By kind: its name, for how many seconds it must be seen before it counts, and for how many it
/// must not be seen before it is over.
const KINDS: [(Kind, &str, u64, u64); 21] = [
    (Kind::DiskFailing, "disk-failing", 0, 60),
    (Kind::DiskStuck, "disk-stuck", 0, 5),
    (Kind::DiskSlow, "disk-slow", 4, 60),
    (Kind::DiskFull, "disk-full", 0, 10),
    // A volume is missing for the moment that it takes to open it.
    (Kind::DiskMissing, "disk-missing", 3, 0),
    (Kind::DiskReadOnly, "disk-read-only", 0, 0),
    (Kind::DiskForeign, "disk-foreign", 0, 0),
    (Kind::SpaceShort, "space-short", 0, 10),
    (Kind::KeepFreeTooLarge, "keep-free-too-large", 0, 0),
    (Kind::FootageBehind, "footage-behind", 2, 10),
    (Kind::FramesLost, "frames-lost", 0, 60),
    (Kind::CameraLost, "camera-lost", 30, 0),
    // Between two tries it connects for a moment.
    (Kind::CameraDenied, "camera-denied", 0, 15),
    (Kind::ClockStepped, "clock-stepped", 0, 300),
    (Kind::ClockUnset, "clock-unset", 0, 0),
    (Kind::ClockBehind, "clock-behind", 0, 0),
    (Kind::ClockAhead, "clock-ahead", 0, 0),
    (Kind::DatedLate, "dated-late", 0, 10),
    (Kind::CatalogBehind, "catalog-behind", 0, 10),
    (Kind::CatalogOlder, "catalog-older", 0, 0),
    (Kind::CheckFinding, "check-finding", 0, 0),
];

impl Kind {
    /// Its name in rows, the API and metrics; it never changes.
    pub fn as_str(self) -> &'static str {
        self.entry().1
    }

    fn patience(self) -> Duration {
        Duration::from_secs(self.entry().2)
    }

    fn linger(self) -> Duration {
        Duration::from_secs(self.entry().3)
    }

    fn entry(self) -> (Self, &'static str, u64, u64) {
        let found = KINDS.into_iter().find(|(kind, ..)| *kind == self);
        found.unwrap_or((self, "", 0, 0))
    }

    fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known, ..)| *known == name).map(|(kind, ..)| *kind)
    }
}

/// Something that is wrong at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What kind of thing.
    pub kind: Kind,
    /// Where: a volume's name, `camera/stream`, or [`SYSTEM`].
    pub subject: String,
    /// In words, and what to do.
    pub words: String,
}

/// The subject of what concerns no single volume or stream.
pub const SYSTEM: &str = "system";

/// An alarm that began or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It began.
    Began(AlarmRow),
    /// It ended.
    Ended(AlarmRow),
}

impl Turn {
    /// The alarm, as it stands now.
    pub fn row(&self) -> &AlarmRow {
        match self {
            Self::Began(row) | Self::Ended(row) => row,
        }
    }
}

/// All alarms that last.
#[derive(Debug, Default)]
pub struct Alarms(BTreeMap<(Kind, String), Standing>);

#[derive(Debug)]
struct Standing {
    /// The alarm, once it has begun.
    row: Option<AlarmRow>,
    first: MonoTime,
    last: MonoTime,
    since: WallTime,
    words: String,
}

impl Alarms {
    /// Goes on with the alarms that lasted when the process before ended: they last on when they
    /// are still seen. The rest of `rows` (of a kind that is no more, or twice) is over at `wall`.
    pub fn resume(rows: Vec<AlarmRow>, mono: MonoTime, wall: WallTime) -> (Self, Vec<Turn>) {
        let (mut alarms, mut over) = (Self::default(), Vec::new());
        for row in rows {
            let kind =
                Kind::named(&row.kind).filter(|_| alarms.0.len() < limits::ALARMS_ACTIVE_MAX);
            let free = kind.map(|kind| (kind, row.subject.clone()));
            match free.filter(|key| !alarms.0.contains_key(key)) {
                Some(key) => {
                    let (since, words) = (row.began, row.words.clone());
                    let row = Some(row);
                    alarms.0.insert(key, Standing { row, first: mono, last: mono, since, words });
                }
                None => over.push(Turn::Ended(AlarmRow { ended: Some(wall), ..row })),
            }
        }
        (alarms, over)
    }

    /// Takes everything that is wrong now; what began and what ended by it. `id` makes ids.
    pub fn look(
        &mut self,
        seen: Vec<Sight>,
        mono: MonoTime,
        wall: WallTime,
        mut id: impl FnMut() -> AlarmId,
    ) -> Vec<Turn> {
        for Sight { kind, subject, words } in seen {
            let full = self.0.len() >= limits::ALARMS_ACTIVE_MAX;
            let key = (kind, subject);
            if let Some(standing) = self.0.get_mut(&key) {
                (standing.last, standing.words) = (mono, words);
            } else if !full {
                let new = Standing { row: None, first: mono, last: mono, since: wall, words };
                self.0.insert(key, new);
            }
        }
        let mut turns = Vec::new();
        self.0.retain(|(kind, subject), standing| {
            let unseen = mono.since(standing.last);
            match &standing.row {
                None if unseen.is_zero() => {
                    if mono.since(standing.first) >= kind.patience() {
                        let row = standing.begin(*kind, subject, id());
                        turns.push(Turn::Began(row));
                    }
                    true
                }
                None => false,
                Some(row) if !unseen.is_zero() && unseen >= kind.linger() => {
                    let words = standing.words.clone();
                    turns.push(Turn::Ended(AlarmRow { ended: Some(wall), words, ..row.clone() }));
                    false
                }
                Some(_) => true,
            }
        });
        turns
    }

    /// The alarms that last, newest first, in the words of the last look.
    pub fn active(&self) -> Vec<AlarmRow> {
        let row = |standing: &Standing| {
            Some(AlarmRow { words: standing.words.clone(), ..standing.row.clone()? })
        };
        let mut rows: Vec<AlarmRow> = self.0.values().filter_map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.began, row.id)));
        rows
    }
}

impl Standing {
    fn begin(&mut self, kind: Kind, subject: &str, id: AlarmId) -> AlarmRow {
        let row = AlarmRow {
            id,
            kind: kind.as_str().to_owned(),
            subject: subject.to_owned(),
            began: self.since,
            ended: None,
            words: self.words.clone(),
        };
        self.row = Some(row.clone());
        row
    }
}

/// Where anybody puts up what is wrong, until they take it down. Clones share it; its lock guards
/// memory only.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<Mutex<BTreeMap<(Kind, String), String>>>);

impl Board {
    /// Something is wrong from now on, in words; those of the same kind and subject are replaced.
    pub fn raise(&self, kind: Kind, subject: &str, words: impl Into<String>) {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (kind, subject.to_owned());
        if board.len() < limits::ALARMS_ACTIVE_MAX || board.contains_key(&key) {
            board.insert(key, words.into());
        }
    }

    /// It is no longer wrong.
    pub fn clear(&self, kind: Kind, subject: &str) {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        board.remove(&(kind, subject.to_owned()));
    }

    /// Everything that is up.
    pub fn seen(&self) -> Vec<Sight> {
        let board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sight = |((kind, subject), words): (&(Kind, String), &String)| Sight {
            kind: *kind,
            subject: subject.clone(),
            words: words.clone(),
        };
        board.iter().map(sight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Looking {
        alarms: Alarms,
        second: i64,
        ids: u8,
    }

    impl Looking {
        fn new() -> Self {
            Self { alarms: Alarms::default(), second: 0, ids: 0 }
        }

        /// What began (`+`) and ended (`-`) when one second later `kinds` are seen of disk1.
        fn look(&mut self, kinds: &[Kind]) -> Vec<String> {
            self.second += 1;
            let seen = kinds.iter().map(|kind| Sight {
                kind: *kind,
                subject: "disk1".to_owned(),
                words: format!("at {}", self.second),
            });
            let (mono, wall) = times(self.second);
            let turns = self.alarms.look(seen.collect(), mono, wall, || {
                self.ids += 1;
                AlarmId::from_bytes([self.ids; 16])
            });
            let word = |turn: &Turn| match turn {
                Turn::Began(row) => format!("+{}", row.kind),
                Turn::Ended(row) => format!("-{}", row.kind),
            };
            turns.iter().map(word).collect()
        }
    }

    fn times(second: i64) -> (MonoTime, WallTime) {
        let micros = second * 1_000_000;
        (MonoTime::from_micros(micros), WallTime::from_micros(1_000_000_000 + micros))
    }

    #[test]
    fn an_alarm_begins_once_and_ends_when_it_was_not_seen_for_a_while() {
        let mut looking = Looking::new();
        assert_eq!(looking.look(&[Kind::DiskStuck]), ["+disk-stuck"]);
        assert_eq!(looking.look(&[Kind::DiskStuck]), [""; 0]);
        let active = looking.alarms.active();
        assert_eq!((active[0].began, &*active[0].words), (times(1).1, "at 2"));
        for _ in 0..4 {
            assert_eq!(looking.look(&[]), [""; 0]);
        }
        assert_eq!(looking.look(&[]), ["-disk-stuck"]);
        assert!(looking.alarms.active().is_empty());
        assert_eq!(looking.look(&[Kind::DiskStuck]), ["+disk-stuck"], "another one");
        assert_eq!(looking.ids, 2);
    }

    #[test]
    fn what_passes_at_once_is_no_alarm_where_patience_is_due() {
        let mut looking = Looking::new();
        assert_eq!(looking.look(&[Kind::FootageBehind]), [""; 0]);
        assert_eq!(looking.look(&[]), [""; 0]);
        assert_eq!(looking.look(&[Kind::FootageBehind]), [""; 0]);
        assert_eq!(looking.look(&[Kind::FootageBehind]), [""; 0]);
        assert_eq!(looking.look(&[Kind::FootageBehind]), ["+footage-behind"]);
        let began = looking.alarms.active()[0].began;
        assert_eq!(began, times(3).1, "when it was seen first");
    }

    #[test]
    fn kinds_and_subjects_are_alarms_of_their_own() {
        let mut looking = Looking::new();
        let both = looking.look(&[Kind::ClockUnset, Kind::DiskReadOnly]);
        assert_eq!(both, ["+disk-read-only", "+clock-unset"]);
        assert_eq!(looking.look(&[Kind::ClockUnset]), ["-disk-read-only"]);
    }

    #[test]
    fn what_lasted_when_the_process_ended_lasts_on_or_ends() {
        let mut looking = Looking::new();
        looking.look(&[Kind::ClockUnset, Kind::DiskReadOnly]);
        let mut rows = looking.alarms.active();
        rows.push(AlarmRow { kind: "of-another-version".into(), ..rows[0].clone() });
        let (mono, wall) = times(0);
        let (alarms, over) = Alarms::resume(rows, mono, wall);
        assert!(matches!(&over[..], [Turn::Ended(row)] if row.kind == "of-another-version"));
        let mut next = Looking { alarms, second: 0, ids: 9 };
        assert_eq!(next.look(&[Kind::ClockUnset]), ["-disk-read-only"]);
        assert_eq!(next.alarms.active()[0].began, times(1).1);
    }

    #[test]
    fn there_is_a_bound_to_what_lasts() {
        let mut alarms = Alarms::default();
        let many = (0..limits::ALARMS_ACTIVE_MAX + 10).map(|number| Sight {
            kind: Kind::ClockUnset,
            subject: number.to_string(),
            words: String::new(),
        });
        let (mono, wall) = times(1);
        let turns = alarms.look(many.collect(), mono, wall, || AlarmId::from_bytes([1; 16]));
        assert_eq!(turns.len(), limits::ALARMS_ACTIVE_MAX);
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for (kind, name, ..) in KINDS {
            assert_eq!(Kind::named(name), Some(kind));
            assert_eq!(kind.as_str(), name);
        }
    }

    #[test]
    fn the_board_shows_what_was_put_up_until_it_is_taken_down() {
        let board = Board::default();
        board.raise(Kind::CheckFinding, "disk1", "one file");
        board.clone().raise(Kind::CheckFinding, "disk1", "two files");
        assert_eq!(board.seen().len(), 1);
        assert_eq!(board.seen()[0].words, "two files");
        board.clear(Kind::CheckFinding, "disk1");
        assert_eq!(board.seen(), []);
    }
}
