//! Slices ahead of a client, with a reader that counts.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// A hundred slices of one byte, each its own number.
struct Counted {
    next: u64,
    fails_at: Option<u64>,
    rests: Arc<AtomicU64>,
    limits: Arc<Mutex<Vec<usize>>>,
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

    fn at_most(&mut self, bytes: usize) {
        self.limits.lock().unwrap().push(bytes);
    }

    fn rest(&mut self, unread: u64) {
        self.next -= unread;
        self.rests.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a client that rested takes before anything is read ahead of it again.
const ONE_BY_ONE: u8 = limits::BODY_SLICES_AT_ONCE as u8;

fn ahead(fails_at: Option<u64>) -> (ReadAhead, Arc<AtomicU64>) {
    let rests = Arc::new(AtomicU64::new(0));
    let reader = Counted { next: 0, fails_at, rests: rests.clone(), limits: Arc::default() };
    (ReadAhead::new(Box::new(reader), Reads::default(), Room::default()), rests)
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
        assert!(number >= 10 + ONE_BY_ONE || held(&ahead) == 0, "one by one at first");
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
async fn no_more_is_read_than_the_first_slice_until_it_is_taken() {
    let (mut ahead, _) = ahead(None);
    let waits = std::future::poll_fn(|cx| Poll::Ready(ahead.poll(cx).is_pending())).await;
    assert!(waits);
    tokio::time::sleep(limits::BODY_RESTS_AFTER / 2).await;
    assert_eq!(held(&ahead), 1);
    assert_eq!(next(&mut ahead).await, Some(Ok(0)));
    tokio::time::sleep(limits::BODY_RESTS_AFTER / 2).await;
    assert_eq!(held(&ahead), limits::BODY_SLICES_AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn where_others_hold_all_a_slice_is_read_when_it_is_waited_for() {
    let (mut ahead, _) = ahead(None);
    let all = limits::BODY_SLICES_AHEAD_MAX as u32;
    let _others = ahead.reads.ahead.clone().try_acquire_many_owned(all).expect("nobody holds any");
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
    assert_eq!(ahead.reads.ahead.available_permits(), limits::BODY_SLICES_AHEAD_MAX);
    let failed = next(&mut ahead).await;
    assert!(failed.is_some_and(|failed| failed.is_err_and(|why| why.contains("disk is gone"))));
}

/// Slices of one byte, each as soon as it is let through.
struct LetThrough {
    left: u64,
    let_through: std::sync::mpsc::Receiver<()>,
}

impl Iterator for LetThrough {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.let_through.recv().ok()?;
        self.left = self.left.checked_sub(1)?;
        Some(Ok(vec![0].into()))
    }
}

impl Slices for LetThrough {
    fn remaining(&self) -> u64 {
        self.left
    }

    fn at_most(&mut self, _: usize) {}

    fn rest(&mut self, unread: u64) {
        self.left += unread;
    }
}

/// A body of so many slices of which the first was taken, under permits for so many threads.
async fn let_through(slices: u64, threads: usize) -> (ReadAhead, std::sync::mpsc::Sender<()>) {
    let (sender, let_through) = std::sync::mpsc::channel();
    let reader = LetThrough { left: slices, let_through };
    let reads = Reads { threads: Arc::new(Semaphore::new(threads)), ..Reads::default() };
    let mut ahead = ReadAhead::new(Box::new(reader), reads, Room::default());
    sender.send(()).expect("it is read");
    assert!(next(&mut ahead).await.is_some());
    // The next round begins when nobody has the reader any more.
    while lock(&ahead.state).reader.is_none() {
        tokio::task::yield_now().await;
    }
    let waits = std::future::poll_fn(|cx| Poll::Ready(ahead.poll(cx).is_pending())).await;
    assert!(waits);
    (ahead, sender)
}

#[tokio::test]
async fn for_a_client_that_keeps_up_one_thread_reads_on() {
    let slices = 10 * limits::BODY_SLICES_AT_ONCE as u64;
    let (mut ahead, sender) = let_through(slices, limits::CLIP_READS_MAX).await;
    // Until its thread is at work.
    while ahead.reads.threads.available_permits() == limits::CLIP_READS_MAX {
        tokio::task::yield_now().await;
    }
    // From here on no task of this runtime goes on: who reads needs none for it.
    let mut cx = Context::from_waker(Waker::noop());
    let late = std::time::Instant::now() + std::time::Duration::from_secs(60);
    for _ in 1..slices {
        sender.send(()).expect("it is read");
        while ahead.poll(&mut cx).is_pending() {
            assert!(std::time::Instant::now() < late, "another thread would have to be woken");
            std::thread::yield_now();
        }
    }
    assert_eq!(ahead.remaining(), 0);
}

#[tokio::test]
async fn where_others_wait_for_the_thread_it_is_free_after_a_round() {
    let (mut ahead, sender) = let_through(100, 1).await;
    for _ in 1..limits::BODY_SLICES_AT_ONCE {
        sender.send(()).expect("it is read");
        assert!(next(&mut ahead).await.is_some());
    }
    // Its last one stays: who takes that asks for the next round.
    sender.send(()).expect("it is read");
    let others = ahead.reads.threads.clone().acquire_owned();
    let others = tokio::time::timeout(std::time::Duration::from_secs(60), others).await;
    assert!(others.is_ok());
}

#[tokio::test(start_paused = true)]
async fn slices_are_as_long_as_there_is_room_for_when_they_are_read() {
    let (room, limits) = (Room::default(), Arc::new(Mutex::new(Vec::new())));
    let reader = Counted { next: 0, fails_at: None, rests: Arc::default(), limits: limits.clone() };
    let mut ahead = ReadAhead::new(Box::new(reader), Reads::default(), room.clone());
    for bytes in [20_000, limits::BODY_SLICE_BYTES_MAX] {
        room.set(bytes);
        for _ in 0..10 {
            assert!(next(&mut ahead).await.is_some());
        }
        assert_eq!(limits.lock().unwrap().last(), Some(&bytes));
    }
    assert_eq!(limits.lock().unwrap()[0], 20_000);
}
