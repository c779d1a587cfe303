//! Carries a shutdown out: begins what the sequence says, and listens for what has ended.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use world::Clock;

use crate::shutdown::{Next, Part, Sequence};

/// Says that a part has ended; clones say it to the same shutdown.
#[derive(Clone)]
pub struct Teller(SyncSender<Told>);

/// What is heard while the program runs and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// SIGINT or SIGTERM.
    Stop,
    /// SIGHUP: read the configuration again.
    Reload,
    /// A part of the shutdown ended; whether it did all that it had to.
    Ended(Part, bool),
}

impl Teller {
    /// A teller and where it is heard.
    pub fn new() -> (Self, Receiver<Told>) {
        let (sender, receiver) = sync_channel(64);
        (Self(sender), receiver)
    }

    /// Says it. Nobody listens any more once the process is about to exit.
    pub fn tell(&self, told: Told) {
        let _ = self.0.try_send(told);
    }
}

/// How a shutdown went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether all footage is committed, and nobody forced the end.
    pub committed: bool,
}

/// After this long of waiting it is said what is waited for.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Goes through a shutdown. `begin` starts a part, which tells when it has ended.
pub fn carry_out(
    clock: &dyn Clock,
    heard: &Receiver<Told>,
    mut begin: impl FnMut(Part),
) -> Outcome {
    let mut sequence = Sequence::new();
    let mut speaks_at = clock.mono() + PATIENCE;
    loop {
        let now = clock.mono();
        let until = match sequence.next(now) {
            Next::Begin(part) => {
                begin(part);
                continue;
            }
            Next::Exit { committed } => {
                for part in sequence.missed() {
                    tracing::warn!("gave up waiting for {}", part.waits_for());
                }
                return Outcome { committed };
            }
            Next::Wait(until) => until,
        };
        if now >= speaks_at {
            let waits: Vec<&str> = sequence.running().iter().map(|p| p.waits_for()).collect();
            tracing::info!("still waiting for {} (a second signal ends at once)", waits.join(", "));
            speaks_at = now + PATIENCE;
        }
        match heard.recv_timeout(until.min(speaks_at).since(now)) {
            Ok(Told::Ended(part, well)) => sequence.ended(part, well),
            Ok(Told::Stop) => {
                tracing::warn!("ended by a second signal; footage in memory may not be committed");
                return Outcome { committed: false };
            }
            Ok(Told::Reload) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Outcome { committed: false },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::MonoTime;
    use world::sim::SimClock;

    #[test]
    fn parts_begin_in_order_and_the_outcome_tells() {
        let clock = SimClock::new(base::WallTime::EPOCH);
        let (teller, heard) = Teller::new();
        let mut begun = Vec::new();
        let outcome = carry_out(&clock, &heard, |part| {
            begun.push(part);
            teller.tell(Told::Ended(part, part != Part::Teardown));
        });
        assert_eq!(outcome, Outcome { committed: true });
        let at = |part| begun.iter().position(|p| *p == part);
        assert!(at(Part::Receiving) < at(Part::Footage) && at(Part::Footage) < at(Part::Commit));
        assert_eq!(clock.mono(), MonoTime::default());
    }

    #[test]
    fn a_second_signal_ends_at_once() {
        let clock = SimClock::new(base::WallTime::EPOCH);
        let (teller, heard) = Teller::new();
        teller.tell(Told::Stop);
        assert_eq!(carry_out(&clock, &heard, |_| {}), Outcome { committed: false });
    }
}
