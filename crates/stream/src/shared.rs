//! What the handles of one stream share, and its counters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{MonoTime, RunId, WallTime, limits};
use tokio::sync::watch;

use crate::backlog::Backlog;
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
    pub(crate) retain_bytes: usize,
    pub(crate) closed: bool,
    pub(crate) epoch: Option<Arc<Epoch>>,
    /// With the run that it is of.
    pub(crate) clock: Option<(RunId, ClockEstimate)>,
    pub(crate) end_request: Option<EndCause>,
    pub(crate) stats: Stats,
}

impl State {
    pub(crate) fn push(&mut self, entry: Entry, now: MonoTime) -> u64 {
        if let Some(backlog) = &mut self.backlog {
            let dropped = backlog.push(entry.clone());
            self.stats.dropped.add_all(dropped);
        }
        self.recent.push(entry, now);
        self.recent.next()
    }

    /// Gives the backlog to a new cursor, beginning with what an earlier one has not acknowledged,
    /// with what waits for it, or else with the newest GOP; its number.
    pub(crate) fn attach_recorder(&mut self) -> u64 {
        match &mut self.backlog {
            Some(backlog) => backlog.rewind(),
            None => self.backlog = Some(self.new_backlog()),
        }
        self.recorder += 1;
        self.recorder
    }

    /// The backlog is nobody's, and waits for another cursor.
    pub(crate) fn leave_recorder(&mut self) {
        self.recorder += 1;
    }

    /// Begins a backlog for a cursor that is yet to come, unless there is one.
    pub(crate) fn retain_for_recorder(&mut self) {
        if self.backlog.is_none() {
            self.backlog = Some(self.new_backlog());
        }
    }

    /// The backlog, for the cursor of this number alone.
    pub(crate) fn backlog_of(&mut self, recorder: u64) -> Option<&mut Backlog> {
        self.backlog.as_mut().filter(|_| self.recorder == recorder)
    }

    fn new_backlog(&self) -> Backlog {
        let mut backlog = Backlog::new(self.retain_bytes);
        for entry in self.recent.newest_gop() {
            backlog.push(entry.clone());
        }
        backlog
    }

    /// Nothing happens where `run` is not the current one: whoever asks is behind.
    pub(crate) fn request_end(&mut self, run: RunId, cause: EndCause) {
        if self.epoch.as_ref().is_some_and(|epoch| epoch.run == run) {
            self.end_request = Some(cause);
        }
    }

    pub(crate) fn clock_of(&self, run: RunId) -> Option<ClockEstimate> {
        self.clock.as_ref().filter(|(of, _)| *of == run).map(|(_, clock)| clock.clone())
    }
}

impl Shared {
    pub(crate) fn new() -> Self {
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
        Self { state: Mutex::new(state), changed: watch::Sender::new(0) }
    }

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
    /// Those of the lead track.
    pub lead_frames: u64,
    /// Bytes of all frames.
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
