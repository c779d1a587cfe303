//! Slices of a file of footage, read on threads that may block, some ahead of the client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use base::limits;
use bytes::Bytes;
use playback::{ReadError, Slices};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

use crate::outlet::Room;

/// Reads a stretch of a body.
pub(crate) type Reader = Box<dyn Slices>;

/// Under which bodies read.
#[derive(Clone)]
pub(crate) struct Reads {
    /// A permit for each thread that reads.
    pub threads: Arc<Semaphore>,
    /// A permit for each slice that is read before anybody waits for it.
    pub ahead: Arc<Semaphore>,
}

impl Default for Reads {
    fn default() -> Self {
        Self {
            threads: Arc::new(Semaphore::new(limits::CLIP_READS_MAX)),
            ahead: Arc::new(Semaphore::new(limits::BODY_SLICES_AHEAD_MAX)),
        }
    }
}

/// One stretch, read in rounds of a few slices: the next is read while the client takes the last.
/// What is held of it for a client that takes nothing goes after `limits::BODY_RESTS_AFTER`, and is
/// read again when it goes on. Where much is held for others, a slice is read when it is waited
/// for. Dropping it stops reading.
pub(crate) struct ReadAhead {
    state: Arc<Mutex<State>>,
    reads: Reads,
    room: Room,
    /// Bytes that were not taken yet.
    remaining: u64,
    round: Option<AbortHandle>,
    watch: Option<AbortHandle>,
}

struct State {
    /// What was read, and is still to be taken.
    slices: VecDeque<(Bytes, Option<OwnedSemaphorePermit>)>,
    /// `None` while a thread reads with it.
    reader: Option<Reader>,
    failed: Option<String>,
    waker: Option<Waker>,
    /// Counts what is taken, to tell a client that rests.
    taken: u64,
    /// Slices that are read one by one: the first of all, and those of a client so slow that the
    /// rest would go again.
    singly: usize,
}

impl ReadAhead {
    /// Nothing is read yet. No slice will be longer than `room` says when it is read.
    pub fn new(reader: Reader, reads: Reads, room: Room) -> Self {
        let remaining = reader.remaining();
        let state = State {
            slices: VecDeque::new(),
            reader: Some(reader),
            failed: None,
            waker: None,
            taken: 0,
            // The first one alone: whoever sends it is at work before a thread reads on, and has
            // not to be woken beside it.
            singly: 1,
        };
        let state = Arc::new(Mutex::new(state));
        Self { state, reads, room, remaining, round: None, watch: None }
    }

    /// Bytes that were not taken yet.
    pub fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next slice; `None` after the last one. An error says why the rest cannot be read.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, String>>> {
        let mut state = lock(&self.state);
        let next = state.slices.pop_front().map(|(bytes, _)| bytes);
        if next.is_some() {
            state.taken += 1;
            state.singly = state.singly.saturating_sub(1);
        }
        let due = state.slices.len() <= limits::BODY_SLICES_AT_ONCE / 2;
        let more = state.reader.as_ref().is_some_and(|reader| reader.remaining() > 0);
        let round = match (due && more, next.is_none()) {
            (false, _) => None,
            (true, waited_for) if state.singly > 0 => waited_for.then_some(Round(None)),
            (true, waited_for) => self.round_of(waited_for),
        };
        let reader = round.and_then(|round| Some((state.reader.take()?, round)));
        let answer = match next {
            Some(bytes) => Poll::Ready(Some(Ok(bytes))),
            None if self.remaining == 0 => Poll::Ready(None),
            None => match state.failed.take() {
                Some(why) => Poll::Ready(Some(Err(why))),
                // Fewer bytes came than were planned.
                None if reader.is_none() && state.reader.is_some() => {
                    Poll::Ready(Some(Err("it is shorter than planned".to_owned())))
                }
                None => {
                    state.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            },
        };
        drop(state);
        if let Poll::Ready(Some(Ok(bytes))) = &answer {
            self.remaining = self.remaining.saturating_sub(bytes.len() as u64);
        }
        if let Some((reader, of)) = reader {
            let (state, reads) = (self.state.clone(), self.reads.clone());
            let round = read_round(reader, of, state, reads, self.room.clone());
            self.round = Some(tokio::spawn(round).abort_handle());
            if self.watch.as_ref().is_none_or(AbortHandle::is_finished) {
                let watch = tokio::spawn(watch(Arc::downgrade(&self.state)));
                self.watch = Some(watch.abort_handle());
            }
        }
        answer
    }

    /// How much is read at once; nothing where others have all that may be held ahead, unless a
    /// client waits.
    fn round_of(&self, waited_for: bool) -> Option<Round> {
        let permits = self.reads.whole_round();
        (permits.is_some() || waited_for).then_some(Round(permits))
    }
}

impl Reads {
    /// Permits for a round of slices that nobody waits for yet.
    fn whole_round(&self) -> Option<OwnedSemaphorePermit> {
        let all = limits::BODY_SLICES_AT_ONCE as u32;
        self.ahead.clone().try_acquire_many_owned(all).ok()
    }
}

/// One round: a slice for each permit, and one where there is none.
struct Round(Option<OwnedSemaphorePermit>);

impl Drop for ReadAhead {
    fn drop(&mut self) {
        // A round that is being read is read to its end; one that waits for its turn is not.
        self.round.iter().chain(&self.watch).for_each(AbortHandle::abort);
    }
}

/// The lock is held for moments only, never while something is read.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads some slices; each may be taken as soon as it is there. A whole round goes on with the next
/// while the client keeps up and nobody waits for the thread: no other has to be woken for that.
async fn read_round(
    mut reader: Reader,
    Round(mut ahead): Round,
    state: Arc<Mutex<State>>,
    reads: Reads,
    room: Room,
) {
    let thread = reads.threads.clone().acquire_owned().await;
    let own = state.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let _thread = thread;
        while read_slices(&mut reader, &mut ahead, &own, &room) {
            let is_whole = ahead.is_some() && reads.threads.available_permits() > 0;
            if !is_whole || !lock(&own).is_due() {
                break;
            }
            ahead = reads.whole_round();
            if ahead.is_none() {
                break;
            }
        }
        reader
    });
    let read = reading.await;
    let mut state = lock(&state);
    match read {
        Ok(reader) => state.reader = Some(reader),
        Err(why) => state.failed = Some(why.to_string()),
    }
    // Whoever waits learns also that nothing has come.
    state.wake();
}

/// Reads a slice for each permit, or one without; whether there may be more.
fn read_slices(
    reader: &mut Reader,
    ahead: &mut Option<OwnedSemaphorePermit>,
    state: &Mutex<State>,
    room: &Room,
) -> bool {
    for _ in 0..ahead.as_ref().map_or(1, OwnedSemaphorePermit::num_permits) {
        reader.at_most(room.bytes());
        let Some(slice) = reader.next() else { return false };
        let is_last = slice.is_err();
        let permit = ahead.as_mut().and_then(|ahead| ahead.split(1));
        lock(state).put(slice, permit);
        if is_last {
            return false;
        }
    }
    reader.remaining() > 0
}

/// Looks whether the client rests, until it does: it costs nothing then.
async fn watch(state: Weak<Mutex<State>>) {
    let mut seen = None;
    loop {
        tokio::time::sleep(limits::BODY_RESTS_AFTER).await;
        let Some(state) = state.upgrade() else { return };
        let mut state = lock(&state);
        if seen.replace(state.taken) == Some(state.taken) && state.rest() {
            return;
        }
    }
}

impl State {
    fn put(&mut self, slice: Result<Bytes, ReadError>, permit: Option<OwnedSemaphorePermit>) {
        match slice {
            Ok(bytes) => self.slices.push_back((bytes, permit)),
            Err(why) => self.failed = Some(why.to_string()),
        }
        self.wake();
    }

    /// Whether the client has taken so much that the next round is due; not where it takes slices
    /// one by one.
    fn is_due(&self) -> bool {
        self.singly == 0 && self.slices.len() <= limits::BODY_SLICES_AT_ONCE / 2
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Frees what is held ahead; whether it could: not while a thread reads. After an error what
    /// was read before it stays, for it cannot be read again.
    fn rest(&mut self) -> bool {
        let Some(reader) = &mut self.reader else { return false };
        if self.failed.is_some() {
            self.slices.iter_mut().for_each(|(_, permit)| *permit = None);
        } else {
            reader.rest(self.slices.iter().map(|(bytes, _)| bytes.len() as u64).sum());
            self.slices = VecDeque::new();
            self.singly = limits::BODY_SLICES_AT_ONCE;
        }
        true
    }
}

#[cfg(test)]
mod tests;
