//! Somebody wants a stream to be recorded for a while. While the process runs, how long that has
//! lasted is a question of the clock that nobody sets; after a restart the clock on the wall
//! decides.

use base::{MonoTime, WallTime, limits};

/// A clock that stands otherwise than it should by more than this was set.
pub(super) const SET_MICROS: i64 = 2_000_000;

/// Somebody wants a stream to be recorded for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Since when.
    pub asked: WallTime,
    /// The first instant after it.
    pub until: WallTime,
}

impl Demand {
    /// What of it counts at `now`, by the clock on the wall alone; `None`: it is over. Where the
    /// clock was set back it lasts as long as was asked for from now on, and no longer. While the
    /// clock shows what cannot be, and did not when it was asked for, it stays as it is.
    pub fn at(self, now: WallTime) -> Option<Self> {
        if self.waits_for_the_clock(now) {
            return Some(self);
        }
        if self.asked.micros_since(now) > SET_MICROS {
            return Some(self.ending(now.plus_micros(self.length())));
        }
        (now < self.until).then_some(self)
    }

    fn waits_for_the_clock(self, now: WallTime) -> bool {
        now < limits::CLOCK_EARLIEST && self.asked >= limits::CLOCK_EARLIEST
    }

    /// Microseconds that were asked for.
    fn length(self) -> i64 {
        self.until.micros_since(self.asked)
    }

    /// The same length, with that end.
    fn ending(self, until: WallTime) -> Self {
        Self { asked: until.plus_micros(-self.length()), until }
    }

    /// Its end by the clock that nobody sets; `None` while there is no telling how long it has
    /// lasted.
    fn ends(self, now: WallTime, mono: MonoTime) -> Option<MonoTime> {
        let rest = self.until.micros_since(now).min(self.length());
        (!self.waits_for_the_clock(now)).then(|| mono.plus_micros(rest))
    }

    /// As it is called now, where it ends at `ends`; `None`: it is over. Where the clock was set it
    /// is called otherwise, and lasts as long as it would have.
    fn called(self, ends: MonoTime, now: WallTime, mono: MonoTime) -> Option<Self> {
        let rest = ends.micros_since(mono);
        if rest <= 0 {
            return None;
        }
        let until = now.plus_micros(rest);
        let is_off = until.micros_since(self.until).abs() > SET_MICROS;
        // A clock that shows what cannot be is no reason to forget the times that it once told.
        let told = !self.waits_for_the_clock(now);
        let moves = (is_off || now >= self.until) && told;
        Some(if moves { self.ending(until) } else { self })
    }
}

/// What has come of what somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemandTurn {
    /// It is over: all that the rows may call it.
    Over(Vec<Demand>),
    /// The clock was set.
    Moved {
        /// All that the rows may call it.
        from: Vec<Demand>,
        /// What it is called now.
        to: Demand,
    },
}

/// What somebody asked for of a stream, and how long that still lasts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// As it was called, the newest last, which counts: each time that the clock is set it is
    /// called otherwise, and the rows hear of it later. Nothing is asked for where there is none.
    names: Vec<Demand>,
    /// As the rows called it when they were last heard of.
    stored: Option<Demand>,
    /// Its end by the clock that nobody sets; `None` while there is no telling how long it has
    /// lasted.
    ends: Option<MonoTime>,
}

impl Asked {
    /// What counts.
    pub(super) fn demand(&self) -> Option<Demand> {
        self.names.last().copied()
    }

    /// What the rows say from now on: they may not have heard yet that the clock was set.
    pub(super) fn set(&mut self, demand: Option<Demand>) {
        if demand.is_some_and(|demand| self.is(demand)) {
            self.stored = demand;
        } else {
            *self = Self { names: Vec::from_iter(demand), stored: demand, ends: None };
        }
    }

    /// The rows have heard that it is called so.
    pub(super) fn confirm(&mut self, name: Demand) {
        if self.is(name) {
            self.stored = Some(name);
        }
    }

    /// Whether it was ever called so, as far as that is kept.
    fn is(&self, name: Demand) -> bool {
        !self.names.is_empty() && (self.stored == Some(name) || self.names.contains(&name))
    }

    /// Looks at both clocks; what has come of it.
    pub(super) fn look(&mut self, now: WallTime, mono: MonoTime) -> Option<DemandTurn> {
        let before = self.demand()?;
        if self.ends.is_none() {
            self.ends = before.at(now).and_then(|current| current.ends(now, mono));
        }
        let current = match self.ends {
            Some(ends) => before.called(ends, now, mono),
            None => before.at(now),
        };
        match current {
            None => Some(DemandTurn::Over(std::mem::take(self).all_names())),
            Some(current) if current == before => None,
            Some(current) => {
                let from = self.all_names();
                self.names.push(current);
                if self.names.len() > limits::DEMAND_NAMES_MAX {
                    self.names.remove(0);
                }
                Some(DemandTurn::Moved { from, to: current })
            }
        }
    }

    /// All that the rows may call it, the newest last.
    fn all_names(&self) -> Vec<Demand> {
        let stored = self.stored.filter(|stored| !self.names.contains(stored));
        stored.into_iter().chain(self.names.iter().copied()).collect()
    }

    /// How long it lasts at most.
    pub(super) fn ends(&self) -> Option<MonoTime> {
        self.ends
    }
}
