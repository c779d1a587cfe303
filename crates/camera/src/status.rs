//! How a stream is doing, for others to read at any time. A lock for memory only.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::WallTime;
use tokio::sync::watch;

use crate::clock::ClockStatus;

/// What a stream is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not started yet.
    #[default]
    Idle,
    /// A session is being set up, or its first key frame is awaited.
    Connecting,
    /// Frames arrive.
    Playing,
    /// The last try failed; the next is at `until`.
    Waiting {
        /// When it is tried again.
        until: WallTime,
    },
    /// The camera refused our credentials; the next try is at `until`, for cameras lock accounts.
    Denied {
        /// When it is tried again.
        until: WallTime,
    },
    /// Ended, by request.
    Stopped,
}

/// A snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What it is at.
    pub state: State,
    /// Since when.
    pub since: WallTime,
    /// What went wrong last, in words; `None` once frames arrived after it.
    pub last_error: Option<String>,
    /// What the camera sends, by track, as in `H.264 1920×1080`.
    pub tracks: Vec<String>,
    /// What works but not as it should, in words: a track that cannot be recorded, …
    pub warnings: Vec<String>,
    /// How its clock stands to ours.
    pub clock: ClockStatus,
    /// What has been counted since the start.
    pub counters: Counters,
}

/// Counts since the start of the stream's task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames of all tracks that were delivered.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Sessions begun beyond the first.
    pub reconnects: u64,
    /// RTP packets that never came.
    pub lost_packets: u64,
    /// Video frames dropped because no key frame had come yet.
    pub before_key: u64,
    /// Frames whose timestamp stood still or went back.
    pub bad_timestamps: u64,
    /// When the last frame was received, µs since 1970; 0 for never.
    pub last_frame_micros: i64,
}

/// Reads a stream's status, and is what [`run`](crate::run) writes it to. Clones share it.
#[derive(Clone, Debug)]
pub struct StatusHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    told: watch::Sender<()>,
    slow: Mutex<Status>,
    counts: [AtomicU64; 7],
}

impl Default for StatusHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl StatusHandle {
    /// The status of a stream that has not started.
    pub fn new() -> Self {
        let told = watch::Sender::new(());
        Self(Arc::new(Shared { told, slow: Mutex::default(), counts: Default::default() }))
    }

    /// The status now.
    pub fn snapshot(&self) -> Status {
        let mut status = self.0.slow.lock().unwrap_or_else(PoisonError::into_inner).clone();
        status.counters = self.counters();
        status
    }

    /// The counters now.
    pub fn counters(&self) -> Counters {
        let [frames, bytes, reconnects, lost_packets, before_key, bad_timestamps, last] =
            std::array::from_fn(|i| self.0.counts[i].load(Ordering::Relaxed));
        let last_frame_micros = i64::try_from(last).unwrap_or(0);
        Counters {
            frames,
            bytes,
            reconnects,
            lost_packets,
            before_key,
            bad_timestamps,
            last_frame_micros,
        }
    }

    /// A receiver that is marked changed whenever anything but a counter changed.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.0.told.subscribe()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.0.slow.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.told.send_replace(());
    }

    /// Nobody is told: it changes all the time.
    pub(crate) fn set_clock(&self, clock: ClockStatus) {
        self.0.slow.lock().unwrap_or_else(PoisonError::into_inner).clock = clock;
    }

    pub(crate) fn enter(&self, state: State, at: WallTime) {
        self.update(|status| {
            status.state = state;
            status.since = at;
        });
    }

    pub(crate) fn count_frame(&self, bytes: usize, at: WallTime) {
        let counts = &self.0.counts;
        counts[0].fetch_add(1, Ordering::Relaxed);
        counts[1].fetch_add(bytes as u64, Ordering::Relaxed);
        counts[6].store(u64::try_from(at.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn count_reconnect(&self) {
        self.0.counts[2].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_lost_packets(&self, packets: u64) {
        self.0.counts[3].fetch_add(packets, Ordering::Relaxed);
    }

    pub(crate) fn count_before_key(&self) {
        self.0.counts[4].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_bad_timestamp(&self) {
        self.0.counts[5].fetch_add(1, Ordering::Relaxed);
    }
}
