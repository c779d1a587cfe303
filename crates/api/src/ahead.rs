//! Slices of a file of footage, read on threads that may block, some ahead of the client.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use base::limits;
use bytes::Bytes;
use playback::{ReadError, Slices};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;

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
}

impl ReadAhead {
    /// Nothing is read yet.
    pub fn new(reader: Reader, reads: Reads) -> Self {
        let remaining = reader.remaining();
        let state = State {
            slices: VecDeque::new(),
            reader: Some(reader),
            failed: None,
            waker: None,
            taken: 0,
        };
        let state = Arc::new(Mutex::new(state));
        Self { state, reads, remaining, round: None, watch: None }
    }

    /// Bytes that were not taken yet.
    pub fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next slice; `None` after the last one. An error says why the rest cannot be read.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, String>>> {
        let mut state = lock(&self.state);
        let next = state.slices.pop_front().map(|(bytes, _)| bytes);
        state.taken += u64::from(next.is_some());
        let due = state.slices.len() <= limits::BODY_SLICES_AT_ONCE / 2;
        let more = state.reader.as_ref().is_some_and(|reader| reader.remaining() > 0);
        let round = if due && more { self.round_of(next.is_none()) } else { None };
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
            let round = read_round(reader, of, self.state.clone(), self.reads.threads.clone());
            self.round = Some(tokio::spawn(round).abort_handle());
            let state = &self.state;
            let watch = || tokio::spawn(watch(Arc::downgrade(state))).abort_handle();
            self.watch.get_or_insert_with(watch);
        }
        answer
    }

    /// How much is read at once; nothing where others have all that may be held ahead, unless a
    /// client waits.
    fn round_of(&self, waited_for: bool) -> Option<Round> {
        let ahead = self.reads.ahead.clone();
        let all = limits::BODY_SLICES_AT_ONCE as u32;
        let permits = ahead.try_acquire_many_owned(all).ok();
        (permits.is_some() || waited_for).then_some(Round(permits))
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

/// Reads some slices; each may be taken as soon as it is there.
async fn read_round(
    mut reader: Reader,
    Round(mut ahead): Round,
    state: Arc<Mutex<State>>,
    threads: Arc<Semaphore>,
) {
    let thread = threads.acquire_owned().await;
    let own = state.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let _thread = thread;
        for _ in 0..ahead.as_ref().map_or(1, OwnedSemaphorePermit::num_permits) {
            let Some(slice) = reader.next() else { break };
            let is_last = slice.is_err();
            let permit = ahead.as_mut().and_then(|ahead| ahead.split(1));
            lock(&own).put(slice, permit);
            if is_last {
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

/// Looks whether the client rests, as long as there is one.
async fn watch(state: Weak<Mutex<State>>) {
    let mut seen = None;
    loop {
        tokio::time::sleep(limits::BODY_RESTS_AFTER).await;
        let Some(state) = state.upgrade() else { return };
        let mut state = lock(&state);
        if seen.replace(state.taken) == Some(state.taken) {
            state.rest();
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

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Frees what is held ahead; nothing while a thread reads, or where there is no more to read.
    fn rest(&mut self) {
        if let (Some(reader), None) = (&mut self.reader, &self.failed) {
            reader.rest(self.slices.iter().map(|(bytes, _)| bytes.len() as u64).sum());
            self.slices = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A hundred slices of one byte, each its own number.
    struct Counted {
        next: u64,
        fails_at: Option<u64>,
        rests: Arc<AtomicU64>,
    }

    impl Iterator for Counted {
        type Item = Result<Bytes, ReadError>;

        fn next(&mut self) -> Option<Self::Item> {
            (self.next < 100).then(|| {
                if self.fails_at == Some(self.next) {
                    self.next = 100;
                    let (segment, offset) = (base::SegmentId::from_bytes([1; 16]), 0);
                    let error = std::io::Error::other("the disk is gone");
                    return Err(ReadError::File { segment, offset, error });
                }
                self.next += 1;
                Ok(vec![u8::try_from(self.next - 1).unwrap_or(0)].into())
            })
        }
    }

    impl Slices for Counted {
        fn remaining(&self) -> u64 {
            100 - self.next
        }

        fn rest(&mut self, unread: u64) {
            self.next -= unread;
            self.rests.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ahead(fails_at: Option<u64>) -> (ReadAhead, Arc<AtomicU64>) {
        let rests = Arc::new(AtomicU64::new(0));
        let reader = Counted { next: 0, fails_at, rests: rests.clone() };
        (ReadAhead::new(Box::new(reader), Reads::default()), rests)
    }

    async fn next(ahead: &mut ReadAhead) -> Option<Result<u8, String>> {
        let next = std::future::poll_fn(|cx| ahead.poll(cx)).await;
        next.map(|slice| slice.map(|bytes| bytes[0]))
    }

    fn held(ahead: &ReadAhead) -> usize {
        lock(&ahead.state).slices.len()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_held_for_a_client_that_rests_goes_and_is_read_again() {
        let (mut ahead, rests) = ahead(None);
        for number in 0..10 {
            assert_eq!(next(&mut ahead).await, Some(Ok(number)));
        }
        tokio::time::sleep(limits::BODY_RESTS_AFTER * 3).await;
        assert!(rests.load(Ordering::Relaxed) > 0);
        assert_eq!(held(&ahead), 0);
        for number in 10..100 {
            assert_eq!(next(&mut ahead).await, Some(Ok(number)));
        }
        assert_eq!(next(&mut ahead).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_on_keeps_what_was_read_for_it() {
        let (mut ahead, rests) = ahead(None);
        for number in 0..100 {
            assert_eq!(next(&mut ahead).await, Some(Ok(number)));
            tokio::time::sleep(limits::BODY_RESTS_AFTER / 2).await;
        }
        assert_eq!(rests.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_read_ahead_than_two_rounds() {
        let (mut ahead, _) = ahead(None);
        for _ in 0..50 {
            assert!(next(&mut ahead).await.is_some());
            assert!(held(&ahead) <= 2 * limits::BODY_SLICES_AT_ONCE);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_others_hold_all_a_slice_is_read_when_it_is_waited_for() {
        let (mut ahead, _) = ahead(None);
        let all = limits::BODY_SLICES_AHEAD_MAX as u32;
        let _others =
            ahead.reads.ahead.clone().try_acquire_many_owned(all).expect("nobody holds any");
        for number in 0..100 {
            assert_eq!(next(&mut ahead).await, Some(Ok(number)));
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            assert_eq!(held(&ahead), 0);
        }
        assert_eq!(next(&mut ahead).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_before_an_error_comes_before_it() {
        let (mut ahead, _) = ahead(Some(13));
        for number in 0..13 {
            assert_eq!(next(&mut ahead).await, Some(Ok(number)));
        }
        tokio::time::sleep(limits::BODY_RESTS_AFTER * 3).await;
        let failed = next(&mut ahead).await;
        assert!(failed.is_some_and(|failed| failed.is_err_and(|why| why.contains("disk is gone"))));
    }
}
