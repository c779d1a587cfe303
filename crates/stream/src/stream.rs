//! The handles of one stream: its writer, and readers that make cursors.

use std::sync::Arc;

use base::{MonoTime, RunId, WallTime};
use media::Frame;

use crate::backlog::Backlog;
use crate::cursor::{LiveCursor, RecorderCursor};
use crate::run::{ClockEstimate, EndCause, Entry, Epoch};
use crate::shared::{Shared, Stats};

/// A new stream: its one writer, and a reader to clone.
pub fn stream() -> (StreamWriter, StreamReader) {
    let shared = Arc::new(Shared::new());
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
            state.stats.lead_frames += u64::from(epoch.lead_track() == Some(frame.track));
            state.stats.bytes += frame.data.len() as u64;
            state.stats.last_frame = Some(frame.received_wall);
            let now = frame.received;
            state.push(Entry::Frame(epoch, frame), now)
        };
        self.wake(number);
        true
    }

    /// Says how camera time relates to wall time in the current run, as far as is known. Without
    /// a run nothing happens.
    pub fn set_clock(&mut self, clock: ClockEstimate) {
        let mut state = self.shared.state();
        let run = state.epoch.as_ref().map(|epoch| epoch.run);
        if let Some(run) = run {
            state.clock = Some((run, clock));
        }
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
    /// The recorder's cursor. There is at most one: an earlier one is cut off, gets nothing more,
    /// and what it has not acknowledged comes again. Without one it begins where frames wait
    /// ([`StreamReader::retain`], [`RecorderCursor::leave`]), else with the newest key frame.
    pub fn recorder_cursor(&self) -> RecorderCursor {
        RecorderCursor::new(self.shared.clone())
    }

    /// From the newest key frame on, frames wait for a recorder that is yet to come: its disk is
    /// not there now.
    pub fn retain(&self) {
        self.shared.state().retain_for_recorder();
    }

    /// Whether both read the same stream.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// A cursor for live view, from the newest key frame on.
    pub fn live_cursor(&self) -> LiveCursor {
        LiveCursor::new(self.shared.clone())
    }

    /// Whether its writer is gone: nothing more will come.
    pub fn is_closed(&self) -> bool {
        self.shared.state().closed
    }

    /// The current epoch; `None` between runs.
    pub fn epoch(&self) -> Option<Arc<Epoch>> {
        self.shared.state().epoch.clone()
    }

    /// How camera time relates to wall time in `run`, where that is the newest.
    pub fn clock(&self, run: RunId) -> Option<ClockEstimate> {
        self.shared.state().clock_of(run)
    }

    /// Asks whoever writes to end `run` with `cause`, unless it is over.
    pub fn request_end(&self, run: RunId, cause: EndCause) {
        self.shared.state().request_end(run, cause);
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
