//! Slices ahead of a client, with a reader that counts.

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
        assert!(number > 12 || held(&ahead) == 0, "one by one at first");
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
