//! Who reads from a volume, and when: a few at a time, and nobody while its recorder syncs.
//!
//! A disk that turns does one thing at a time, and kernels let reads go before writes: without a
//! gate sixteen readers make a sync wait for seconds. The gate guards memory only; nobody holds a
//! lock of it while a disk works. It reads no clock: whoever waits counts the looks that he takes.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use base::limits;

/// So many reads of the first kind pass while one of the other waits.
const SOON_IN_A_ROW: u32 = 3;

/// The gate of one volume; clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct ReadGate {
    state: Arc<Mutex<State>>,
    bounds: Bounds,
}

/// What somebody reads for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits for a picture, or for the beginning of a body.
    Soon,
    /// A body that goes on.
    Later,
    /// What nobody sits and waits for, as an export: it stands in line with bodies, for as long as
    /// that takes.
    Whenever,
}

/// How long whoever waits does so.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// How often he looks whether anything goes on.
    look: Duration,
    yields: Duration,
    patience_soon: Duration,
    patience_later: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            look: Duration::from_millis(50),
            yields: limits::READ_YIELDS_MAX,
            patience_soon: limits::READ_PATIENCE_SOON,
            patience_later: limits::READ_PATIENCE_LATER,
        }
    }
}

impl Bounds {
    fn patience(&self, urgency: Urgency) -> Option<Duration> {
        match urgency {
            Urgency::Soon => Some(self.patience_soon),
            Urgency::Later => Some(self.patience_later),
            Urgency::Whenever => None,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// All who ever came to enter.
    came: u64,
    inside: usize,
    soon: VecDeque<Arc<Waiter>>,
    later: VecDeque<Arc<Waiter>>,
    soon_in_a_row: u32,
    syncs: u32,
    /// The sync under way takes so long that readers go on beside it, one at a time.
    beside: bool,
    /// Reads that have ended.
    ended: u64,
    /// No read has ended for so long that somebody lost patience.
    stuck: bool,
}

#[derive(Debug)]
struct Waiter {
    thread: Thread,
    entered: AtomicBool,
}

/// The right to read once, until it is dropped.
#[derive(Debug)]
pub struct Entered(ReadGate);

/// A round of writes and syncs, until it is dropped.
#[derive(Debug)]
pub struct Syncing(ReadGate);

impl ReadGate {
    /// Waits for a turn: for a sync at most about `limits::READ_YIELDS_MAX`, and for a disk on
    /// which nothing ends at most about `limits::READ_PATIENCE_SOON` or `READ_PATIENCE_LATER`, or
    /// as long as it takes; `TimedOut` then, and at once for all who come for `Soon` until
    /// something ends there.
    pub fn enter(&self, urgency: Urgency) -> io::Result<Entered> {
        let mut state = self.lock();
        state.came += 1;
        let is_hurried = urgency == Urgency::Soon;
        if state.stuck && is_hurried {
            return Err(stuck());
        }
        if state.inside < state.places() && state.soon.is_empty() && state.later.is_empty() {
            state.inside += 1;
            return Ok(Entered(self.clone()));
        }
        let waiter =
            Arc::new(Waiter { thread: std::thread::current(), entered: AtomicBool::new(false) });
        state.line(urgency).push_back(waiter.clone());
        state.let_in();
        let mut seen = state.ended;
        drop(state);
        let (bounds, patience) = (self.bounds, self.bounds.patience(urgency));
        let (mut quiet, mut yielded) = (Duration::ZERO, Duration::ZERO);
        while !waiter.entered.load(Ordering::Acquire) {
            std::thread::park_timeout(bounds.look);
            let mut state = self.lock();
            if waiter.entered.load(Ordering::Acquire) {
                break;
            }
            // It may have been woken early; what it counts is a bound, not a clock.
            let yields = state.syncs > 0 && !state.beside;
            (yielded, quiet) = match yields {
                true => (yielded + bounds.look, quiet),
                false => (Duration::ZERO, quiet + bounds.look),
            };
            if std::mem::replace(&mut seen, state.ended) != state.ended {
                quiet = Duration::ZERO;
            }
            if yielded >= bounds.yields {
                state.beside = true;
                state.let_in();
            }
            let is_over = patience.is_some_and(|it| quiet >= it) && state.inside > 0;
            if is_over || state.stuck && is_hurried {
                state.stuck = true;
                state.line(urgency).retain(|other| !Arc::ptr_eq(other, &waiter));
                return Err(stuck());
            }
        }
        Ok(Entered(self.clone()))
    }

    /// The recorder writes and syncs: readers keep out, for a while.
    pub fn sync(&self) -> Syncing {
        let mut state = self.lock();
        state.syncs += 1;
        Syncing(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stuck() -> io::Error {
    let why = "the disk does not answer: look at the system's log and at its cable";
    io::Error::new(io::ErrorKind::TimedOut, why)
}

impl State {
    fn line(&mut self, urgency: Urgency) -> &mut VecDeque<Arc<Waiter>> {
        match urgency {
            Urgency::Soon => &mut self.soon,
            Urgency::Later | Urgency::Whenever => &mut self.later,
        }
    }

    fn places(&self) -> usize {
        match (self.syncs > 0, self.beside) {
            (false, _) => limits::VOLUME_READS_MAX,
            (true, true) => 1,
            (true, false) => 0,
        }
    }

    /// Lets in whoever is next, as far as there are places.
    fn let_in(&mut self) {
        while self.inside < self.places() {
            let turn = self.soon_in_a_row >= SOON_IN_A_ROW && !self.later.is_empty();
            let soon = if turn { None } else { self.soon.pop_front() };
            self.soon_in_a_row = if soon.is_some() { self.soon_in_a_row + 1 } else { 0 };
            let Some(next) = soon.or_else(|| self.later.pop_front()) else { return };
            self.inside += 1;
            next.entered.store(true, Ordering::Release);
            next.thread.unpark();
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.inside -= 1;
        state.ended += 1;
        state.stuck = false;
        state.let_in();
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.syncs -= 1;
        if state.syncs == 0 {
            state.beside = false;
        }
        state.let_in();
    }
}

#[cfg(test)]
mod tests;
