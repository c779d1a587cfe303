//! The handles of one stream: its writer, and readers that make cursors.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{MonoTime, WallTime, limits};
use media::Frame;
use tokio::sync::watch;

use crate::backlog::Backlog;
use crate::cursor::{LiveCursor, RecorderCursor};
use crate::recent::Recent;
use crate::run::{ClockEstimate, EndCause, Entry, Epoch, Lost};

/// What all handles of one stream share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// The number of the next entry: wakes those that wait for one.
    pub(crate) changed: watch::Sender<u64>,
}

pub(crate) struct State {
    pub(crate) recent: Recent,
    /// The recorder's, and which of the cursors ever made it belongs to.
    pub(crate) backlog: Option<Backlog>,
    pub(crate) recorder: u64,
    retain_bytes: usize,
    pub(crate) closed: bool,
    pub(crate) epoch: Option<Arc<Epoch>>,
    pub(crate) clock: Option<ClockEstimate>,
    end_request: Option<EndCause>,
    stats: Stats,
}

impl State {
    fn push(&mut self, entry: Entry, now: MonoTime) -> u64 {
        if let Some(backlog) = &mut self.backlog {
            let dropped = backlog.push(entry.clone());
            self.stats.dropped.add_all(dropped);
        }
        self.recent.push(entry, now);
        self.recent.next()
    }

    /// Gives the backlog to a new cursor, beginning with the newest GOP; its number.
    pub(crate) fn attach_recorder(&mut self) -> u64 {
        let mut backlog = Backlog::new(self.retain_bytes);
        for entry in self.recent.newest_gop() {
            backlog.push(entry.clone());
        }
        self.backlog = Some(backlog);
        self.recorder += 1;
        self.recorder
    }

    pub(crate) fn request_end(&mut self, cause: EndCause) {
        self.end_request = Some(cause);
    }
}

impl Shared {
    /// Guards memory only, for the length of one call.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counters of one stream since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Frames received, of all tracks.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Runs begun.
    pub runs: u64,
    /// Frames that the recorder was too slow for.
    pub dropped: Lost,
    /// Bytes received that are not durable yet.
    pub waiting_bytes: usize,
    /// Bytes held for live viewers (most of them also wait to be durable).
    pub recent_bytes: usize,
    /// When the newest frame arrived.
    pub last_frame: Option<WallTime>,
}

/// A new stream: its one writer, and a reader to clone.
pub fn stream() -> (StreamWriter, StreamReader) {
    let state = State {
        recent: Recent::default(),
        backlog: None,
        recorder: 0,
        retain_bytes: limits::RETAIN_BYTES_DEFAULT,
        closed: false,
        epoch: None,
        clock: None,
        end_request: None,
        stats: Stats::default(),
    };
    let shared = Arc::new(Shared { state: Mutex::new(state), changed: watch::Sender::new(0) });
    (StreamWriter { shared: shared.clone() }, StreamReader { shared })
}

/// The one that puts frames in. It never waits for a reader.
pub struct StreamWriter {
    shared: Arc<Shared>,
}

impl StreamWriter {
    /// The frames that follow belong to `epoch`: a new run, or new parameters.
    pub fn begin_epoch(&mut self, epoch: Arc<Epoch>) {
        let mut state = self.shared.state();
        if state.epoch.as_ref().is_none_or(|old| old.run != epoch.run) {
            state.clock = None;
            state.end_request = None;
            state.stats.runs += 1;
        }
        state.epoch = Some(epoch);
    }

    /// Adds a frame of the current epoch; one that comes before any epoch is refused (`false`).
    pub fn push(&mut self, frame: Frame) -> bool {
        let number = {
            let mut state = self.shared.state();
            let Some(epoch) = state.epoch.clone() else { return false };
            state.stats.frames += 1;
            state.stats.bytes += frame.data.len() as u64;
            state.stats.last_frame = Some(frame.received_wall);
            let now = frame.received;
            state.push(Entry::Frame(epoch, frame), now)
        };
        self.wake(number);
        true
    }

    /// Says how camera time relates to wall time as far as is known.
    pub fn set_clock(&mut self, clock: ClockEstimate) {
        self.shared.state().clock = Some(clock);
    }

    /// The current run is over. Without a run nothing happens.
    pub fn end_run(&mut self, cause: EndCause, at: WallTime, now: MonoTime) {
        let number = {
            let mut state = self.shared.state();
            let Some(epoch) = state.epoch.take() else { return };
            state.end_request = None;
            state.push(Entry::End { run: epoch.run, cause, at }, now)
        };
        self.wake(number);
    }

    /// Whether a reader has asked that the current run be ended, and why. Asking takes it.
    pub fn end_requested(&mut self) -> Option<EndCause> {
        self.shared.state().end_request.take()
    }

    /// Another reader of this stream.
    pub fn reader(&self) -> StreamReader {
        StreamReader { shared: self.shared.clone() }
    }

    fn wake(&self, number: u64) {
        // Nobody to wake costs nothing: the value is only a hint to look again.
        if self.shared.changed.receiver_count() > 0 {
            self.shared.changed.send_replace(number);
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        let number = {
            let mut state = self.shared.state();
            state.closed = true;
            state.recent.next()
        };
        self.wake(number);
    }
}

/// Reads a stream; cheap to clone.
#[derive(Clone)]
pub struct StreamReader {
    shared: Arc<Shared>,
}

impl StreamReader {
    /// The recorder's cursor, from the newest key frame on. There is at most one: an earlier one
    /// is cut off and gets nothing more.
    pub fn recorder_cursor(&self) -> RecorderCursor {
        RecorderCursor::new(self.shared.clone())
    }

    /// A cursor for live view, from the newest key frame on.
    pub fn live_cursor(&self) -> LiveCursor {
        LiveCursor::new(self.shared.clone())
    }

    /// The current epoch; `None` between runs.
    pub fn epoch(&self) -> Option<Arc<Epoch>> {
        self.shared.state().epoch.clone()
    }

    /// How camera time relates to wall time in the current run.
    pub fn clock(&self) -> Option<ClockEstimate> {
        self.shared.state().clock.clone()
    }

    /// Asks whoever writes to end the current run with `cause`.
    pub fn request_end(&self, cause: EndCause) {
        self.shared.state().request_end(cause);
    }

    /// How many bytes may wait for a recorder that cannot write.
    pub fn set_retain_bytes(&self, bytes: usize) {
        let mut state = self.shared.state();
        state.retain_bytes = bytes;
        if let Some(backlog) = &mut state.backlog {
            backlog.set_budget(bytes);
        }
    }

    /// Counters so far.
    pub fn stats(&self) -> Stats {
        let state = self.shared.state();
        Stats {
            waiting_bytes: state.backlog.as_ref().map_or(0, Backlog::bytes),
            recent_bytes: state.recent.bytes(),
            ..state.stats
        }
    }
}
