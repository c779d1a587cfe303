//! The handles of one stream: its writer, and readers that make cursors.

use std::sync::{Arc, Weak};

use base::{MonoTime, RunId, WallTime};
use media::Frame;

use crate::backlog::Backlog;
use crate::budget::Budget;
use crate::cursor::{LiveCursor, RecorderCursor};
use crate::feed::Feed;
use crate::run::{ClockEstimate, EndCause, Entry, Epoch, Lost};
use crate::shared::{Shared, Stats};

/// A new stream with a budget of its own: its one writer, and a reader to clone.
pub fn stream() -> (StreamWriter, StreamReader) {
    stream_within(&Budget::default())
}

/// A new stream that shares a budget with others: its one writer, and a reader to clone.
pub fn stream_within(budget: &Budget) -> (StreamWriter, StreamReader) {
    let shared = Arc::new(Shared::new(budget));
    let held: Weak<Shared> = Arc::downgrade(&shared);
    budget.join(held);
    let reader = StreamReader { shared };
    (reader.writer(EndCause::Reconfigured), reader)
}

/// The one that puts frames in. It never waits for a reader.
pub struct StreamWriter {
    shared: Arc<Shared>,
    number: u64,
    /// What a run ends with that another writer has left open, where nothing else is known.
    takes_over: EndCause,
}

impl StreamWriter {
    /// The frames that follow belong to `epoch`: a new run, or new parameters. From the first one
    /// on this writer counts, and none that was made before it.
    pub fn begin_epoch(&mut self, epoch: Arc<Epoch>) {
        let number = {
            let mut state = self.shared.state();
            if state.writers.current > self.number {
                return;
            }
            if state.writers.current < self.number {
                let cause = state.writers.replace(self.number);
                state.end_open_run(cause.unwrap_or(self.takes_over), epoch.begun);
            }
            if state.epoch.as_ref().is_none_or(|old| old.run != epoch.run) {
                state.clock = None;
                state.end_request = None;
                state.stats.runs += 1;
            }
            state.epoch = Some(epoch);
            state.recent.next()
        };
        self.wake(number);
    }

    /// Adds a frame of the current epoch; refuses it (`false`) before any epoch, and once another
    /// writer has taken this one's place.
    pub fn push(&mut self, frame: Frame) -> bool {
        let number = {
            let mut state = self.shared.state();
            let epoch = state.epoch.clone().filter(|_| state.writers.current == self.number);
            let Some(epoch) = epoch else { return false };
            state.stats.frames += 1;
            state.stats.lead_frames += u64::from(epoch.lead_track() == Some(frame.track));
            state.stats.bytes += frame.data.len() as u64;
            state.stats.last_frame = Some(frame.received_wall);
            let now = frame.received;
            state.push(Entry::Frame(epoch, frame), now)
        };
        if self.shared.budget.is_exceeded() {
            self.shared.budget.make_room();
        }
        self.wake(number);
        true
    }

    /// Says how camera time relates to wall time in the current run, as far as is known. Without
    /// a run nothing happens.
    pub fn set_clock(&mut self, clock: ClockEstimate) {
        let mut state = self.shared.state();
        let run = state.epoch.as_ref().map(|epoch| epoch.run);
        if let Some(run) = run.filter(|_| state.writers.current == self.number) {
            state.clock = Some((run, clock));
        }
    }

    /// The current run is over. Without a run nothing happens.
    pub fn end_run(&mut self, cause: EndCause, at: WallTime, now: MonoTime) {
        let number = {
            let mut state = self.shared.state();
            if state.writers.current != self.number {
                return;
            }
            state.newest = now;
            state.end_open_run(cause, at);
            state.recent.next()
        };
        self.wake(number);
    }

    /// Whether a reader has asked that the current run be ended, and why. Asking takes it.
    pub fn end_requested(&mut self) -> Option<EndCause> {
        let mut state = self.shared.state();
        if state.writers.current == self.number { state.end_request.take() } else { None }
    }

    /// Whether another writer has taken this one's place: what it has is not wanted any more.
    pub fn is_replaced(&self) -> bool {
        self.shared.state().writers.current > self.number
    }

    /// Whether there are live cursors, which want what comes at once.
    pub fn is_watched(&self) -> bool {
        self.shared.changed.receiver_count() > 0
    }

    /// Another reader of this stream.
    pub fn reader(&self) -> StreamReader {
        StreamReader { shared: self.shared.clone() }
    }

    fn wake(&self, number: u64) {
        // Nobody to wake costs nothing: the value is only a hint to look again.
        if self.is_watched() {
            self.shared.changed.send_replace(number);
        }
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        let number = {
            let mut state = self.shared.state();
            state.writers.remove();
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
    /// A writer for another session, for the one before was told to end, for `cause`. It counts
    /// from the first epoch on that it begins; a run that an earlier writer has left open then ends
    /// with what that one was told. What waits of it stays, and comes before what this one brings.
    pub fn writer(&self, cause: EndCause) -> StreamWriter {
        let number = self.shared.state().writers.add(cause);
        StreamWriter { shared: self.shared.clone(), number, takes_over: cause }
    }

    /// The recorder's cursor. There is at most one: an earlier one is cut off, gets nothing more,
    /// and what it has not acknowledged comes again. Without one it begins where frames wait
    /// (after [`StreamReader::retain`], or an earlier cursor), else with the newest key frame.
    pub fn recorder_cursor(&self) -> RecorderCursor {
        RecorderCursor::new(self.shared.clone())
    }

    /// From the newest key frame on, frames wait for a recorder that is yet to come: its disk is
    /// not there now. A stream that rests goes on to be recorded, from the newest key frame on that
    /// was not recorded yet.
    pub fn retain(&self) {
        self.shared.state().retain_for_recorder(&self.shared.budget);
    }

    /// Nothing is recorded any more while the session goes on, until [`StreamReader::retain`]: what
    /// is recorded now ends before the next key frame, or
    /// [`base::limits::RECORDING_TAIL_MAX`] after `now`, for that cause.
    /// Cursors of recorders stay, and get nothing.
    pub fn rest(&self, cause: EndCause, now: MonoTime) {
        self.shared.state().rest(cause, now);
    }

    /// Whether nothing that comes is recorded: see [`StreamReader::rest`].
    pub fn rests(&self) -> bool {
        matches!(self.shared.state().feed, Feed::Rests { .. })
    }

    /// Whether both read the same stream.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// A cursor for live view, from the newest key frame on.
    pub fn live_cursor(&self) -> LiveCursor {
        LiveCursor::new(self.shared.clone())
    }

    /// Whether all its writers are gone: nothing more will come.
    pub fn is_closed(&self) -> bool {
        self.shared.state().writers.is_none()
    }

    /// Whether nothing more will come and nothing waits for a recorder.
    pub fn is_idle(&self) -> bool {
        self.shared.state().is_idle()
    }

    /// The frames that wait for a recorder, or that one has not made durable yet.
    pub fn waiting(&self) -> Lost {
        self.shared.state().backlog.as_ref().map(Backlog::frames).unwrap_or_default()
    }

    /// When the oldest of these was read from its socket; `None` while none waits.
    pub fn waits_since(&self) -> Option<MonoTime> {
        self.shared.state().backlog.as_ref().and_then(Backlog::since)
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

    /// Counters so far.
    pub fn stats(&self) -> Stats {
        let state = self.shared.state();
        Stats {
            waiting_bytes: state.waiting().unwrap_or(0),
            recent_bytes: state.recent.bytes(),
            ..state.stats
        }
    }
}
