//! Whether a stream is recorded now: by its settings, its weekly schedule, and what somebody asked
//! for. Pure: whoever drives it gives the time.

use std::time::Duration;

use base::{MonoTime, WallTime, limits};
use config::Schedule;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use stream::EndCause;

use demand::{Asked, SET_MICROS};
pub use demand::{Demand, DemandTurn};

mod demand;

/// Days ahead in which the next change of a weekly schedule is looked for: two weeks and a day, for
/// the hour that is left out where clocks are changed may be the only one of its week.
const DAYS_AHEAD: i32 = 15;
/// What was decided is believed for so long, whatever was foreseen.
const BELIEVED_MICROS: i64 = 3600 * 1_000_000;

/// A rest on the clock on the wall is slept on the one that nobody sets, by which it may be over
/// sooner: the one on the wall goes up to a twelfth faster while it is put right bit by bit. So the
/// clock is looked at again before that, unless that is close.
fn short_of(micros: i64) -> i64 {
    if micros > 1_000_000 { micros - micros / 8 } else { micros }
}

/// What says whether a stream is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Its settings.
    pub record: bool,
    /// When in a week it is recorded; `None`: always.
    pub schedule: Option<Schedule>,
    /// Somebody wants it for a while, whatever the rest says.
    pub demand: Option<Demand>,
}

/// Whether a stream is recorded at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is.
    pub on: bool,
    /// Why it would not be.
    pub cause: EndCause,
    /// When its schedule begins or ends next; `None` where it has none, or it never does.
    pub schedule_turns: Option<WallTime>,
    /// Until when somebody wants it.
    pub demanded_until: Option<WallTime>,
}

impl Decision {
    /// The first instant at which it may be another one.
    pub fn again(&self) -> Option<WallTime> {
        self.schedule_turns.into_iter().chain(self.demanded_until).min()
    }
}

/// Decides at `now`. Schedules are of clocks on walls in `zone`. While the clock shows what cannot
/// be, no schedule keeps anything from being recorded.
pub fn decide(rules: &Rules, zone: &TimeZone, now: WallTime) -> Decision {
    let demand = rules.demand.and_then(|demand| demand.at(now));
    decide_with(rules, demand, zone, now)
}

/// Decides where it is known what of a demand counts.
fn decide_with(rules: &Rules, demand: Option<Demand>, zone: &TimeZone, now: WallTime) -> Decision {
    let schedule = rules.schedule.as_ref().filter(|_| rules.record);
    let scheduled = schedule.is_none_or(|schedule| is_on(schedule, zone, now));
    let scheduled = scheduled || now < limits::CLOCK_EARLIEST;
    Decision {
        on: demand.is_some() || (rules.record && scheduled),
        cause: if schedule.is_some() { EndCause::NotScheduled } else { EndCause::Off },
        schedule_turns: schedule.and_then(|schedule| turns(schedule, zone, now)),
        demanded_until: demand.map(|demand| demand.until),
    }
}

fn is_on(schedule: &Schedule, zone: &TimeZone, at: WallTime) -> bool {
    // An instant that no calendar knows is recorded.
    timestamp(at).is_none_or(|at| schedule.has(zone.to_datetime(at)))
}

/// When a schedule begins or ends next. Where clocks are changed meanwhile, a time of day may come
/// twice or not at all.
fn turns(schedule: &Schedule, zone: &TimeZone, now: WallTime) -> Option<WallTime> {
    let (on, at) = (is_on(schedule, zone, now), timestamp(now)?);
    let today = zone.to_datetime(at).date();
    let days = (-1..=DAYS_AHEAD).filter_map(|day| today.checked_add(day.days()).ok());
    let moments = days.flat_map(|day| schedule.bounds_of(day));
    let mut instants: Vec<Timestamp> = moments
        .flat_map(|moment| {
            let both = zone.to_ambiguous_timestamp(moment);
            [both.earlier().ok(), both.later().ok()].into_iter().flatten()
        })
        .collect();
    let end = at.checked_add((24 * DAYS_AHEAD).hours()).ok()?;
    let changes = zone.following(at).map(|change| change.timestamp());
    instants.extend(changes.take_while(|change| *change < end));
    instants.sort_unstable();
    let mut later = instants.into_iter().filter(|instant| *instant > at).map(wall);
    later.find(|instant| is_on(schedule, zone, *instant) != on)
}

fn timestamp(at: WallTime) -> Option<Timestamp> {
    Timestamp::from_microsecond(at.as_micros()).ok()
}

fn wall(at: Timestamp) -> WallTime {
    WallTime::from_micros(at.as_microsecond())
}

/// Turns a stream's recording on and off.
#[derive(Clone, Debug)]
pub struct Switch {
    /// All but what somebody asked for.
    rules: Rules,
    asked: Asked,
    /// What was decided last; it counts no more once `fresh` is `None`.
    decided: Option<Decision>,
    fresh: Option<(WallTime, MonoTime)>,
    since: WallTime,
}

/// How long what somebody asked for of a stream still lasts: it outlives its switch, where a
/// stream's session ends and another one begins.
#[derive(Clone, Debug)]
pub struct Outlasting(Asked);

impl Outlasting {
    /// What was asked for, as it counts now.
    pub fn demand(&self) -> Option<Demand> {
        self.0.demand()
    }

    /// The rows have heard that it is called so.
    pub fn confirm(&mut self, name: Demand) {
        self.0.confirm(name);
    }
}

/// What a look has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turned {
    /// It is on from now on; or off, for that cause.
    pub to: Option<Result<(), EndCause>>,
    /// What has come of what somebody asked for.
    pub demand: Option<DemandTurn>,
}

impl Switch {
    /// Nothing was decided yet.
    pub fn new(rules: Rules) -> Self {
        Self::after(None, rules)
    }

    /// Nothing was decided yet, and another switch of the stream knew how long what was asked for
    /// lasts.
    pub fn after(earlier: Option<Outlasting>, rules: Rules) -> Self {
        let mut asked = earlier.map(|Outlasting(asked)| asked).unwrap_or_default();
        asked.set(rules.demand);
        let rules = Rules { demand: None, ..rules };
        Self { rules, asked, decided: None, fresh: None, since: WallTime::EPOCH }
    }

    /// What the stream's next switch is to know.
    pub fn outlasting(&self) -> Option<Outlasting> {
        self.asked.demand().map(|_| Outlasting(self.asked.clone()))
    }

    /// The rows have heard that what was asked for is called so.
    pub fn confirm(&mut self, name: Demand) {
        self.asked.confirm(name);
    }

    /// Other rules count from the next look on.
    pub fn set(&mut self, rules: Rules) {
        let asked = self.asked.clone();
        self.asked.set(rules.demand);
        let rules = Rules { demand: None, ..rules };
        if self.rules != rules || self.asked != asked {
            self.rules = rules;
            // What it was turned to stays until then.
            self.fresh = None;
        }
    }

    /// Looks at the clocks.
    pub fn look(&mut self, zone: &TimeZone, now: WallTime, mono: MonoTime) -> Turned {
        if self.rest(now, mono).is_some_and(|rest| rest > Duration::ZERO) {
            return Turned::default();
        }
        let demand = self.asked.look(now, mono);
        let decision = decide_with(&self.rules, self.asked.demand(), zone, now);
        let mut turned = Turned { to: None, demand };
        if self.decided.is_none_or(|before| before.on != decision.on) {
            self.since = now;
            turned.to = Some(if decision.on { Ok(()) } else { Err(decision.cause) });
        }
        (self.decided, self.fresh) = (Some(decision), Some((now, mono)));
        turned
    }

    /// How long what was decided can be believed yet, as far as can be foreseen; nothing where it
    /// is to be looked again now, as after the clock was set.
    pub fn rest(&self, now: WallTime, mono: MonoTime) -> Option<Duration> {
        let (at, then) = self.fresh?;
        let passed = mono.micros_since(then);
        if (now.micros_since(at) - passed).abs() > SET_MICROS {
            return None;
        }
        let decided = self.decided?;
        let until = decided.demanded_until.map(|until| until.micros_since(now));
        let turns = decided.schedule_turns.map(|turns| short_of(turns.micros_since(now)));
        let ends = self.asked.ends().map(|ends| ends.micros_since(mono));
        let rests = [Some(BELIEVED_MICROS - passed), turns, until, ends];
        let rest = rests.into_iter().flatten().min()?;
        u64::try_from(rest).ok().map(Duration::from_micros)
    }

    /// Whether it may turn by itself: it has a schedule, or somebody wants it.
    pub fn may_turn(&self) -> bool {
        self.asked.demand().is_some() || (self.rules.record && self.rules.schedule.is_some())
    }

    /// What was decided last.
    pub fn decision(&self) -> Option<Decision> {
        self.decided
    }

    /// Since when it stands so.
    pub fn since(&self) -> WallTime {
        self.since
    }
}

#[cfg(test)]
mod tests;
