//! Turning by the clocks, and what the catalog has to hear of it.

use std::time::Duration;

use base::StreamId;
use catalog::{Change, DemandRow};

use super::{Control, State};
use crate::switch::{Demand, DemandTurn, Switch};

/// What the catalog has to hear of what somebody asked for of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The stream.
    pub stream: StreamId,
    /// `camera/stream`.
    pub label: String,
    /// What has come of it.
    pub turn: DemandTurn,
}

impl Owed {
    /// What it has to hear, as a change of its rows.
    pub fn change(&self) -> Change {
        let stream = self.stream;
        let row = |&Demand { asked, until }: &Demand| DemandRow { stream, asked, until };
        let rows = |names: &[Demand]| names.iter().map(row).collect();
        match &self.turn {
            DemandTurn::Over(names) => Change::DemandOver(rows(names)),
            DemandTurn::Moved { from, to } => Change::MoveDemand { from: rows(from), to: row(to) },
        }
    }
}

impl Control {
    /// Looks at the clock, and turns the recording of streams on and off as their schedules say,
    /// and what somebody asked for; it waits for nothing. To be called once [`Control::rest`] is
    /// over. What it gives is for the catalog, and comes back by [`Control::not_taken`] where that
    /// does not take it.
    pub fn look(&self) -> Vec<Owed> {
        let mut state = self.state();
        self.turn(&mut state);
        let turned = std::mem::take(&mut state.demands_turned);
        turned.into_iter().filter_map(|(stream, turn)| state.owed(stream, turn)).collect()
    }

    /// The catalog did not take that: the next look gives it again, unless it has changed
    /// meanwhile.
    pub fn not_taken(&self, owed: Owed) {
        self.state().demands_turned.entry(owed.stream).or_insert(owed.turn);
    }

    /// The catalog took that: what was asked for is called so there.
    pub fn taken(&self, owed: &Owed) {
        let DemandTurn::Moved { to: name, .. } = &owed.turn else { return };
        let mut state = self.state();
        if let Some(running) = state.running.get_mut(&owed.stream) {
            running.switch.confirm(*name);
        }
        if let Some(outlasting) = state.outlasting.get_mut(&owed.stream) {
            outlasting.confirm(*name);
        }
    }

    /// How long nothing turns by itself, as far as can be foreseen while nobody sets the clock;
    /// `None`: until something else is wanted.
    pub fn rest(&self) -> Option<Duration> {
        let (now, mono) = (self.clock.wall(), self.clock.mono());
        let state = self.state();
        let switches = state.running.values().map(|running| &running.switch);
        let rest = |switch: &Switch| switch.rest(now, mono).unwrap_or_default();
        switches.filter(|switch| switch.may_turn()).map(rest).min()
    }
}

impl State {
    /// What the catalog has to hear, where that is still so: somebody may have asked for something
    /// else meanwhile.
    fn owed(&self, stream: StreamId, turn: DemandTurn) -> Option<Owed> {
        let running = self.running.get(&stream);
        let asked = running.map(|running| running.switch.outlasting());
        let asked = asked.unwrap_or_else(|| self.outlasting.get(&stream).cloned());
        let asked = asked.and_then(|asked| asked.demand());
        let counts = match &turn {
            DemandTurn::Moved { to, .. } => asked == Some(*to),
            DemandTurn::Over(_) => asked.is_none(),
        };
        let label = running.map(|running| running.wanted.source.label.clone());
        let label = label.unwrap_or_else(|| stream.to_string());
        counts.then_some(Owed { stream, label, turn })
    }
}
