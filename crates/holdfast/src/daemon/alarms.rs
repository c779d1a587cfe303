//! Looks at everything that runs every few seconds, and keeps the list of what is wrong: in memory,
//! in rows, and one line in the log for each time that something began or ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use base::{AlarmId, MonoTime, StreamId, WallTime};
use catalog::{AlarmRow, Catalog, Change, ClockNote};
use control::alarms::{Alarms, Board, Kind, SYSTEM, Sight, Turn};
use control::clocks::{ClockWatch, Doubt};
use recorder::retain::age::Held;

use super::house::House;
use super::machine::Machine;
use super::sights;
use super::today::STEP;
use crate::rows::nobody_waits;

/// How often the row of this life says that it still runs.
const LIFE_SEEN: Duration = Duration::from_secs(600);
/// How often what was measured of a camera's clock is noted, where it has changed.
const CLOCK_NOTED: Duration = Duration::from_secs(3600);
/// A camera's clock that is off by so much more or less than was noted has changed.
const OFFSET_MICROS: i64 = 100_000;
/// A drift that differs by so much from what was noted has changed.
const DRIFT_PPB: i64 = 5000;
/// Rows that may wait for a catalog that does not keep up.
const UNWRITTEN_MAX: usize = 4096;

/// The one list of what is wrong.
pub struct AlarmDesk {
    /// Where others put up what they find, and take it down.
    pub board: Board,
    state: Mutex<State>,
}

struct State {
    alarms: Alarms,
    watch: ClockWatch,
    before: sights::Before,
    clocks: BTreeMap<StreamId, Noted>,
    /// For the catalog, as soon as it takes them.
    unwritten: Vec<Change>,
    life_seen: MonoTime,
}

/// What was noted of a camera's clock.
#[derive(Clone, Copy, Default)]
struct Noted {
    jumps: u64,
    offset_micros: Option<i64>,
    drift_ppb: Option<i64>,
    at: Option<MonoTime>,
}

impl AlarmDesk {
    /// Goes on with what was wrong when the process before ended.
    pub fn open(catalog: &Catalog, machine: &Machine) -> Result<Self> {
        let (mono, wall) = (machine.mono(), machine.wall());
        let rows = catalog.alarms(Some(true), None, usize::MAX)?;
        let (alarms, over) = Alarms::resume(rows, mono, wall);
        let mut newest = None;
        for stream in catalog.streams()? {
            newest = newest.max(catalog.totals(stream.id)?.last);
        }
        let state = State {
            alarms,
            watch: ClockWatch::new(mono, wall, newest),
            before: sights::Before::default(),
            clocks: BTreeMap::new(),
            unwritten: over.iter().map(|turn| Change::PutAlarm(turn.row().clone())).collect(),
            life_seen: mono,
        };
        Ok(Self { board: Board::default(), state: Mutex::new(state) })
    }

    /// The alarms that last, newest first.
    pub fn active(&self) -> Vec<AlarmRow> {
        self.state().alarms.active()
    }

    /// One look. It never waits for disk or database.
    pub fn look(&self, house: &Arc<House>) {
        let (mono, wall) = (house.machine.mono(), house.machine.wall());
        let mut state = self.state();
        let mut seen = self.board.seen();
        seen.extend(state.clock(mono, wall));
        if seen.iter().any(|sight| matches!(sight.kind, Kind::ClockStepped)) {
            // Schedules are of clocks on walls.
            house.bell.ring();
        }
        seen.extend(house.today.held(mono).and_then(|held| clock_ahead(held, wall)));
        seen.extend(sights::all(house, mono, wall, &mut state.before));
        state.camera_clocks(house, mono, wall);
        let entropy = house.machine.entropy.clone();
        let turns = state.alarms.look(seen, mono, wall, || AlarmId::new(wall, entropy.id_bytes()));
        for turn in turns {
            say(&turn);
            state.unwritten.push(Change::PutAlarm(turn.row().clone()));
        }
        if mono.since(state.life_seen) >= LIFE_SEEN {
            state.life_seen = mono;
            state.unwritten.push(Change::LifeSeen { at: wall });
        }
        // Each on its own: one that is refused must not take the others with it.
        let mut left = Vec::new();
        for change in std::mem::take(&mut state.unwritten) {
            if let Err((changes, _)) = house.rows.submit(vec![change], nobody_waits()) {
                left.extend(changes);
            }
        }
        left.truncate(UNWRITTEN_MAX);
        state.unwritten = left;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is wrong with the system's clock.
    fn clock(&mut self, mono: MonoTime, wall: WallTime) -> Vec<Sight> {
        let mut seen = Vec::new();
        let mut see = |kind, words| seen.push(Sight { kind, subject: SYSTEM.to_owned(), words });
        if let Some(micros) = self.watch.stepped(mono, wall) {
            let (way, millis) = (if micros > 0 { "forward" } else { "back" }, micros.abs() / 1000);
            see(Kind::ClockStepped, format!("the system clock was set {way} by {millis} ms"));
            self.note(ClockNote { at: wall, stream: None, kind: STEP.to_owned(), micros });
            // The next start counts from here on.
            self.unwritten.push(Change::LifeSeen { at: wall });
        }
        match self.watch.doubt(wall) {
            None => {}
            Some(Doubt::Unset) => see(
                Kind::ClockUnset,
                format!(
                    "the system clock reads {wall}, which cannot be: footage is dated after what \
                     was recorded before, until the clock is set; start a time service (NTP)"
                ),
            ),
            Some(Doubt::Behind(micros)) => see(
                Kind::ClockBehind,
                format!(
                    "the system clock reads {wall}, {} s before the end of the newest footage: \
                     set the clock if it is behind; if it is right, that footage was recorded \
                     with a clock that was ahead",
                    micros / 1_000_000
                ),
            ),
        }
        seen
    }

    /// Notes what was measured of the cameras' clocks, where it has changed.
    fn camera_clocks(&mut self, house: &House, mono: MonoTime, wall: WallTime) {
        let streams = house.control.cameras().into_iter().flat_map(|camera| camera.streams);
        for stream in streams {
            let (id, Some(clock)) = (stream.row.id, stream.status.map(|status| status.clock))
            else {
                continue;
            };
            let noted = self.clocks.entry(id).or_default();
            let mut notes = Vec::new();
            if clock.jumps > noted.jumps {
                notes.push(("jump", clock.last_jump_micros));
            }
            noted.jumps = clock.jumps;
            if noted.at.is_none_or(|at| mono.since(at) >= CLOCK_NOTED) {
                let far = |new: i64| {
                    noted.offset_micros.is_none_or(|old| (new - old).abs() >= OFFSET_MICROS)
                };
                if let Some(offset) = clock.offset_micros.filter(|new| far(*new)) {
                    notes.push(("offset", offset));
                    noted.offset_micros = Some(offset);
                }
                let other =
                    |new: i64| noted.drift_ppb.is_none_or(|old| (new - old).abs() >= DRIFT_PPB);
                if let Some(drift) = clock.drift_ppb.filter(|new| other(*new)) {
                    // Parts per million are microseconds a second.
                    notes.push(("drift", drift / 1000));
                    noted.drift_ppb = Some(drift);
                }
                let noticed = notes.iter().any(|(kind, _)| *kind != "jump");
                noted.at = if noticed { Some(mono) } else { noted.at };
            }
            for (kind, micros) in notes {
                let (kind, stream) = (kind.to_owned(), Some(id));
                self.note(ClockNote { at: wall, stream, kind, micros });
            }
        }
    }

    fn note(&mut self, note: ClockNote) {
        self.unwritten.push(Change::NoteClock(note));
    }
}

/// That the clock may be ahead, where what does not count is more than a pause of a night.
fn clock_ahead(held: Held, wall: WallTime) -> Option<Sight> {
    const HOUR: i64 = 3600 * 1_000_000;
    let until = wall.plus_micros(held.left);
    let words = format!(
        "the system clock reads {wall}, {} hours later than by what was seen of it before: if the \
         machine was not off for so long, the clock is ahead; set it right before {until}, for \
         until then footage is not removed for its age by that",
        held.micros / HOUR
    );
    let subject = SYSTEM.to_owned();
    (held.micros > 24 * HOUR).then_some(Sight { kind: Kind::ClockAhead, subject, words })
}

fn say(turn: &Turn) {
    match turn {
        Turn::Began(row) if row.kind.starts_with("camera-") => {
            tracing::warn!(alarm = row.kind, subject = row.subject, "{}", row.words);
        }
        Turn::Began(row) => {
            tracing::error!(alarm = row.kind, subject = row.subject, "{}", row.words);
        }
        Turn::Ended(row) => {
            tracing::info!(alarm = row.kind, subject = row.subject, "over: {}", row.words);
        }
    }
}
