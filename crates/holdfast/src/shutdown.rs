//! The order in which everything ends, as a state machine: it decides, the daemon acts.
//!
//! Receiving ends → what is in memory is written, synced and sealed → the last commit. Beside these
//! and never before them: TEARDOWN to the cameras, and HTTP answers run out. Every part has a
//! deadline; what misses it is left behind and named.

use std::time::Duration;

use base::{MonoTime, limits};

/// Something that ends on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Every camera's run is closed: no more frames come.
    Receiving,
    /// What is in memory is on the platter, and segments are sealed.
    Footage,
    /// The catalog has its last rows.
    Commit,
    /// Cameras were told that we leave.
    Teardown,
    /// HTTP answers under way ran out.
    Drain,
}

impl Part {
    const ALL: [Self; 5] =
        [Self::Receiving, Self::Footage, Self::Commit, Self::Teardown, Self::Drain];

    /// How long it may take from its beginning.
    fn deadline(self) -> Duration {
        match self {
            Self::Receiving => limits::SHUTDOWN_RECEIVE_TIMEOUT,
            Self::Footage => limits::SHUTDOWN_RECORD_TIMEOUT,
            Self::Commit => limits::SHUTDOWN_COMMIT_TIMEOUT,
            Self::Teardown => limits::TEARDOWN_TIMEOUT + limits::SHUTDOWN_RECEIVE_TIMEOUT,
            Self::Drain => limits::SHUTDOWN_DRAIN_TIMEOUT,
        }
    }

    /// What must be over before it begins.
    fn after(self) -> Option<Self> {
        match self {
            Self::Receiving | Self::Teardown | Self::Drain => None,
            Self::Footage => Some(Self::Receiving),
            Self::Commit => Some(Self::Footage),
        }
    }

    /// What is waited for, in words.
    pub fn waits_for(self) -> &'static str {
        match self {
            Self::Receiving => "cameras to stop sending",
            Self::Footage => "footage to be written, synced and sealed",
            Self::Commit => "the catalog's last commit",
            Self::Teardown => "cameras to take our leave",
            Self::Drain => "open downloads and viewers",
        }
    }

    /// Whether footage is lost to the catalog when it fails.
    fn holds_footage(self) -> bool {
        matches!(self, Self::Footage | Self::Commit)
    }
}

/// How a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotBegun,
    Running { until: MonoTime },
    Over { well: bool },
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Begin this part, then ask again.
    Begin(Part),
    /// Wait for a part to end, at most until then, then ask again.
    Wait(MonoTime),
    /// Everything is over.
    Exit {
        /// Whether all footage is committed.
        committed: bool,
    },
}

/// A shutdown under way.
#[derive(Debug)]
pub struct Sequence {
    parts: [(Part, State); 5],
}

impl Sequence {
    /// A shutdown in which nothing has begun.
    pub fn new() -> Self {
        Self { parts: Part::ALL.map(|part| (part, State::NotBegun)) }
    }

    /// `part` ended; `well` when it did all that it had to.
    pub fn ended(&mut self, part: Part, well: bool) {
        let state = self.state_mut(part);
        if !matches!(state, State::Over { .. }) {
            *state = State::Over { well };
        }
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: MonoTime) -> Next {
        for (_, state) in &mut self.parts {
            if matches!(state, State::Running { until } if *until <= now) {
                *state = State::Over { well: false };
            }
        }
        for part in Part::ALL {
            let free = part.after().is_none_or(|before| self.is_over(before));
            if free && *self.state_mut(part) == State::NotBegun {
                *self.state_mut(part) = State::Running { until: now + part.deadline() };
                return Next::Begin(part);
            }
        }
        let running = self.parts.iter().filter_map(|(_, state)| match state {
            State::Running { until } => Some(*until),
            _ => None,
        });
        match running.min() {
            Some(until) => Next::Wait(until),
            None => Next::Exit { committed: self.missed().iter().all(|p| !p.holds_footage()) },
        }
    }

    /// Parts under way.
    pub fn running(&self) -> Vec<Part> {
        self.with(|state| matches!(state, State::Running { .. }))
    }

    /// Parts that are over and did not do all that they had to.
    pub fn missed(&self) -> Vec<Part> {
        self.with(|state| matches!(state, State::Over { well: false }))
    }

    fn with(&self, holds: impl Fn(&State) -> bool) -> Vec<Part> {
        self.parts.iter().filter(|(_, state)| holds(state)).map(|(part, _)| *part).collect()
    }

    fn is_over(&self, part: Part) -> bool {
        self.with(|state| matches!(state, State::Over { .. })).contains(&part)
    }

    fn state_mut(&mut self, part: Part) -> &mut State {
        let found = self.parts.iter_mut().find(|(p, _)| *p == part);
        &mut found.expect("every part is in the list").1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drives a sequence on a clock of its own: `takes` says how long each part takes, `None` for
    /// ever. Gives the parts in the order they began, the end and the time it took.
    fn drive(takes: impl Fn(Part) -> Option<Duration>) -> (Vec<(Part, i64)>, bool, Duration) {
        let (mut sequence, mut now) = (Sequence::new(), MonoTime::default());
        let (mut begun, mut ends) = (Vec::new(), Vec::new());
        loop {
            match sequence.next(now) {
                Next::Begin(part) => {
                    begun.push((part, now.as_micros() / 1000));
                    ends.extend(takes(part).map(|time| (now + time, part)));
                }
                Next::Wait(until) => {
                    ends.sort();
                    match ends.first().copied() {
                        Some((at, part)) if at < until => {
                            now = at;
                            ends.remove(0);
                            sequence.ended(part, true);
                        }
                        _ => now = until,
                    }
                }
                Next::Exit { committed } => {
                    return (begun, committed, now.since(MonoTime::default()));
                }
            }
        }
    }

    #[test]
    fn healthy_parts_end_in_order_and_all_is_committed() {
        let (begun, committed, took) = drive(|_| Some(Duration::from_millis(10)));
        let at = |part| begun.iter().find(|(p, _)| *p == part).map(|(_, at)| *at);
        assert_eq!(at(Part::Teardown), Some(0));
        assert_eq!(at(Part::Footage), Some(10));
        assert_eq!(at(Part::Commit), Some(20));
        assert!(committed);
        assert_eq!(took, Duration::from_millis(30));
    }

    #[test]
    fn a_camera_that_hangs_delays_nothing_beyond_its_deadline() {
        let hangs = |part| match part {
            Part::Teardown | Part::Receiving => None,
            _ => Some(Duration::from_millis(10)),
        };
        let (begun, committed, took) = drive(hangs);
        assert!(committed, "footage does not depend on cameras");
        let receive = limits::SHUTDOWN_RECEIVE_TIMEOUT;
        assert!(begun.contains(&(Part::Footage, receive.as_millis() as i64)));
        assert_eq!(took, limits::TEARDOWN_TIMEOUT + receive);
    }

    #[test]
    fn an_open_download_and_a_viewer_are_cut_at_the_drain_deadline() {
        let (_, committed, took) =
            drive(|part| (part != Part::Drain).then_some(Duration::from_millis(1)));
        assert!(committed);
        assert_eq!(took, limits::SHUTDOWN_DRAIN_TIMEOUT);
    }

    #[test]
    fn a_stuck_disk_ends_at_its_deadline_and_the_exit_code_tells() {
        let (begun, committed, took) =
            drive(|part| (part != Part::Footage).then_some(Duration::from_millis(1)));
        assert!(!committed);
        assert!(begun.iter().any(|(part, _)| *part == Part::Commit), "what is known is committed");
        assert!(took <= limits::SHUTDOWN_RECORD_TIMEOUT + Duration::from_millis(2));
    }

    #[test]
    fn a_part_that_failed_is_named() {
        let mut sequence = Sequence::new();
        while let Next::Begin(_) = sequence.next(MonoTime::default()) {}
        sequence.ended(Part::Receiving, true);
        assert_eq!(sequence.next(MonoTime::default()), Next::Begin(Part::Footage));
        sequence.ended(Part::Footage, false);
        assert_eq!(sequence.missed(), [Part::Footage]);
        assert!(sequence.running().contains(&Part::Drain));
    }
}
