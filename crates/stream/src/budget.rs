//! One budget of memory for the frames of all streams that wait for their disks.
//!
//! A stream may use whatever the others leave free. Once the budget is used up, the stream that
//! is furthest above its fair share gives way, its oldest GOP first; nobody is ever made to give
//! way who is not above it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use base::limits;

/// The memory that frames may take while they wait to be durable; clones share it.
///
/// What a recorder is writing is never dropped. So the budget may be exceeded, by at most one
/// batch ([`limits::BATCH_BYTES_MAX`]) of each stream that is above its share.
#[derive(Clone)]
pub struct Budget(Arc<Inner>);

struct Inner {
    max: usize,
    used: AtomicUsize,
    /// Every stream that may have frames here. Locked before a stream, never after it.
    streams: Mutex<Vec<Weak<dyn Holds>>>,
}

/// A stream, as far as its budget knows it.
pub(crate) trait Holds: Send + Sync {
    /// Bytes that wait for its recorder; `None` where it has none.
    fn bytes_waiting(&self) -> Option<usize>;

    /// Drops the oldest GOP that nobody is writing; whether there was one.
    fn drop_oldest_gop(&self) -> bool;
}

impl Budget {
    /// `max` bytes of frames, all streams together.
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Inner { max, used: AtomicUsize::new(0), streams: Mutex::default() }))
    }

    /// Bytes of frames that wait, of all streams.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    pub(crate) fn is_exceeded(&self) -> bool {
        self.used() > self.0.max
    }

    pub(crate) fn join(&self, stream: Weak<dyn Holds>) {
        let mut streams = self.streams();
        streams.retain(|stream| stream.strong_count() > 0);
        streams.push(stream);
    }

    /// Drops GOPs until what waits fits again, or nothing is left that may be dropped. No stream
    /// may be locked by the caller.
    pub(crate) fn make_room(&self) {
        let streams = self.streams();
        let streams: Vec<_> = streams.iter().filter_map(Weak::upgrade).collect();
        while self.is_exceeded() {
            let held = streams.iter().filter_map(|stream| Some((stream.bytes_waiting()?, stream)));
            let mut held: Vec<_> = held.collect();
            let share = self.0.max / held.len().max(1);
            held.retain(|(bytes, _)| *bytes > share);
            held.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
            if !held.iter().any(|(_, stream)| stream.drop_oldest_gop()) {
                return;
            }
        }
    }

    fn streams(&self) -> MutexGuard<'_, Vec<Weak<dyn Holds>>> {
        self.0.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(limits::RETAIN_BYTES_DEFAULT)
    }
}

/// Bytes that one stream has of a budget.
pub(crate) struct Held {
    budget: Budget,
    bytes: usize,
}

impl Held {
    pub(crate) fn none(budget: Budget) -> Self {
        Self { budget, bytes: 0 }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.budget.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn sub(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.budget.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.sub(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{EndCause, Entry};
    use crate::stream::{StreamReader, StreamWriter, stream_within};
    use crate::testing::{epoch, frame};
    use base::{MonoTime, WallTime};
    use media::Access;

    /// A stream that is recorded, and how many frames it was sent.
    struct Camera(StreamWriter, StreamReader, i64);

    impl Camera {
        fn new(budget: &Budget) -> Self {
            let (mut writer, reader) = stream_within(budget);
            reader.retain();
            writer.begin_epoch(epoch());
            Self(writer, reader, 0)
        }

        /// Sends `count` frames of `size` bytes, every fifth a key frame.
        fn send(&mut self, count: i64, size: usize) {
            for _ in 0..count {
                let access = if self.2 % 5 == 0 { Access::Idr } else { Access::None };
                assert!(self.0.push(frame(self.2, size, access)));
                self.2 += 1;
            }
        }

        fn waiting(&self) -> usize {
            self.1.stats().waiting_bytes
        }

        fn dropped(&self) -> u64 {
            self.1.stats().dropped.frames
        }
    }

    #[test]
    fn one_stream_may_use_what_the_others_leave_free() {
        let budget = Budget::new(1000);
        let mut all: Vec<_> = (0..4).map(|_| Camera::new(&budget)).collect();
        all[0].send(95, 10);
        all[1].send(5, 10);
        assert_eq!((budget.used(), all[0].waiting(), all[0].dropped()), (1000, 950, 0));
        all[0].send(1, 10);
        assert_eq!((all[0].dropped(), all[0].waiting()), (5, 910), "its oldest GOP goes");
        let mut cursor = all[0].1.recorder_cursor();
        let taken = cursor.take(usize::MAX);
        assert_eq!(taken.lost.frames, 5);
        assert!(matches!(&taken.entries[0], Entry::Frame(_, frame) if frame.pts.0 == 5));
    }

    #[test]
    fn nobody_gives_way_who_is_not_above_the_fair_share() {
        let budget = Budget::new(1000);
        let (mut greedy, mut modest) = (Camera::new(&budget), Camera::new(&budget));
        greedy.send(100, 10);
        modest.send(50, 10);
        assert_eq!((modest.dropped(), modest.waiting()), (0, 500));
        assert_eq!((greedy.dropped(), greedy.waiting()), (50, 500));
        greedy.send(200, 10);
        assert_eq!((modest.dropped(), modest.waiting()), (0, 500));
        assert!(greedy.waiting() <= 500);
        modest.send(1, 10);
        assert_eq!(modest.dropped(), 5, "it is above it itself now");
    }

    #[test]
    fn shares_grow_when_a_stream_is_not_recorded_any_more() {
        let budget = Budget::new(1000);
        let (mut one, other) = (Camera::new(&budget), Camera::new(&budget));
        let Camera(writer, reader, _) = other;
        drop((writer, reader));
        one.send(100, 10);
        assert_eq!((one.waiting(), one.dropped()), (1000, 0));
        let mut cursor = one.1.recorder_cursor();
        cursor.take(usize::MAX);
        cursor.acknowledge(40);
        assert_eq!(budget.used(), 600);
        drop(cursor);
        drop(one);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn what_is_being_written_stays_and_keeps_nobody_below_the_fair_share() {
        let budget = Budget::new(1000);
        let (mut stuck, mut other) = (Camera::new(&budget), Camera::new(&budget));
        stuck.send(100, 10);
        let mut cursor = stuck.1.recorder_cursor();
        assert_eq!(cursor.take(usize::MAX).entries.len(), 100);
        other.send(50, 10);
        assert_eq!((stuck.waiting(), other.waiting(), other.dropped()), (1000, 500, 0));
        other.send(1, 10);
        assert_eq!(other.dropped(), 5);
        stuck.send(10, 10);
        assert_eq!((stuck.dropped(), stuck.waiting()), (10, 1000));
        assert!(cursor.acknowledge(100));
        assert!(stuck.waiting() == 0 && budget.used() == other.waiting());
    }

    #[test]
    fn it_holds_over_the_ends_of_runs() {
        let budget = Budget::new(500);
        let mut cameras = [Camera::new(&budget), Camera::new(&budget)];
        for round in 0..40 {
            let camera = &mut cameras[round % 2];
            camera.send(10, 10);
            camera.0.end_run(EndCause::Silent, WallTime::EPOCH, MonoTime::default());
            camera.0.begin_epoch(epoch());
            assert!(budget.used() <= 500, "{} bytes after round {round}", budget.used());
        }
    }
}
