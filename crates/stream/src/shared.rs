//! What the handles of one stream share, and its counters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{MonoTime, RunId, WallTime};
use tokio::sync::watch;

use crate::backlog::Backlog;
use crate::budget::{Budget, Holds};
use crate::feed::Feed;
use crate::recent::Recent;
use crate::run::{ClockEstimate, EndCause, Entry, Epoch, Lost};

/// What all handles of one stream share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Where what waits takes its memory from.
    pub(crate) budget: Budget,
    /// The number of the next entry: wakes those that wait for one.
    pub(crate) changed: watch::Sender<u64>,
}

/// Those that put frames in: one for each session, of which only one counts at a time.
#[derive(Default)]
pub(crate) struct Writers {
    /// How many there ever were; each has its number, from 1 on.
    made: u64,
    alive: usize,
    /// The number of the one that counts.
    pub(crate) current: u64,
    /// Why that one is to end, once another one was made.
    ends_for: Option<EndCause>,
}

impl Writers {
    /// The number of another one; for `cause` the one before was told to end.
    pub(crate) fn add(&mut self, cause: EndCause) -> u64 {
        if self.made == self.current {
            self.ends_for = Some(cause);
        }
        (self.made, self.alive) = (self.made + 1, self.alive + 1);
        self.made
    }

    /// From now on `number` counts; why the one before was told to end, where that is known.
    pub(crate) fn replace(&mut self, number: u64) -> Option<EndCause> {
        self.current = number;
        self.ends_for.take()
    }

    pub(crate) fn remove(&mut self) {
        self.alive -= 1;
    }

    /// Whether nothing more will come.
    pub(crate) fn is_none(&self) -> bool {
        self.alive == 0
    }
}

pub(crate) struct State {
    pub(crate) recent: Recent,
    /// The recorder's, and which of the cursors ever made it belongs to.
    pub(crate) backlog: Option<Backlog>,
    pub(crate) recorder: u64,
    /// Whether what comes goes into the backlog.
    pub(crate) feed: Feed,
    pub(crate) writers: Writers,
    pub(crate) epoch: Option<Arc<Epoch>>,
    /// With the run that it is of.
    pub(crate) clock: Option<(RunId, ClockEstimate)>,
    pub(crate) end_request: Option<EndCause>,
    /// When the newest entry came.
    pub(crate) newest: MonoTime,
    pub(crate) stats: Stats,
}

impl State {
    pub(crate) fn push(&mut self, entry: Entry, now: MonoTime) -> u64 {
        self.end_feed_before(&entry, now);
        let (feed, goes) = self.feed.take(&entry, self.recent.next());
        self.feed = feed;
        if let (Feed::FromKey, Entry::Frame(_, frame)) = (feed, &entry) {
            // It is to be recorded, and what it needs to be decoded is not at hand.
            self.stats.passed_over.add(frame.data.len());
        }
        if let Some(backlog) = self.backlog.as_mut().filter(|_| goes) {
            let dropped = backlog.push(entry.clone());
            self.stats.dropped.add_all(dropped);
        }
        self.newest = now;
        self.recent.push(entry, now);
        self.recent.next()
    }

    /// Ends the recording that is to end, where that is before `entry`.
    fn end_feed_before(&mut self, entry: &Entry, now: MonoTime) {
        let Some(cause) = self.feed.ends_before(entry, now) else { return };
        if let (Some(backlog), Entry::Frame(epoch, frame)) = (&mut self.backlog, entry) {
            backlog.push(Entry::End { run: epoch.run, cause, at: frame.received_wall });
        }
        self.feed = Feed::Rests { from: self.recent.next() };
    }

    /// Recording is to end, for that cause: at the next key frame, or at once where nothing is
    /// recorded.
    pub(crate) fn rest(&mut self, cause: EndCause, now: MonoTime) {
        let recorded = self.backlog.is_some() && self.epoch.is_some();
        self.feed = match self.feed {
            Feed::On if recorded => Feed::Ending { cause, since: now },
            Feed::On | Feed::FromKey => Feed::Rests { from: self.recent.next() },
            feed => feed,
        };
    }

    /// The run that is under way, if any, is over.
    pub(crate) fn end_open_run(&mut self, cause: EndCause, at: WallTime) {
        let Some(epoch) = self.epoch.take() else { return };
        self.end_request = None;
        self.push(Entry::End { run: epoch.run, cause, at }, self.newest);
    }

    /// Gives the backlog to a new cursor, beginning with what an earlier one has not acknowledged,
    /// with what waits for it, or else with the newest GOP; its number.
    pub(crate) fn attach_recorder(&mut self, budget: &Budget) -> u64 {
        match &mut self.backlog {
            Some(backlog) => backlog.rewind(),
            None => self.backlog = Some(self.new_backlog(budget)),
        }
        self.recorder += 1;
        self.recorder
    }

    /// The backlog is nobody's, and waits for another cursor.
    pub(crate) fn leave_recorder(&mut self) {
        self.recorder += 1;
    }

    /// Nothing more is to be recorded, unless more has come, or may come.
    pub(crate) fn end_recorder(&mut self) {
        self.leave_recorder();
        if self.writers.is_none() {
            self.backlog = self.backlog.take().filter(|backlog| !backlog.frames().is_none());
        }
    }

    /// Whether anything waits for a recorder, or may come to.
    pub(crate) fn is_idle(&self) -> bool {
        let kept = self.backlog.as_ref().is_some_and(|backlog| !backlog.is_empty());
        self.writers.is_none() && !kept
    }

    /// Bytes that wait to be durable; `None` where nothing is kept for a recorder.
    pub(crate) fn waiting(&self) -> Option<usize> {
        self.backlog.as_ref().map(Backlog::bytes)
    }

    /// Drops the oldest GOP that no recorder has taken; whether there was one.
    pub(crate) fn drop_oldest_gop(&mut self) -> bool {
        let dropped = self.backlog.as_mut().map(Backlog::drop_oldest_gop).unwrap_or_default();
        self.stats.dropped.add_all(dropped);
        !dropped.is_none()
    }

    /// Begins a backlog for a cursor that is yet to come, unless there is one; and goes on with one
    /// that rests.
    pub(crate) fn retain_for_recorder(&mut self, budget: &Budget) {
        let rested = self.feed;
        let at_hand = matches!(rested, Feed::Rests { from } if self.begins_at_hand(from));
        self.feed = match rested {
            // Of a run that is yet to begin all is recorded.
            Feed::Rests { .. } if !at_hand && self.epoch.is_some() => Feed::FromKey,
            Feed::FromKey => Feed::FromKey,
            _ => Feed::On,
        };
        match &mut self.backlog {
            None => self.backlog = Some(self.new_backlog(budget)),
            Some(backlog) if at_hand => {
                self.recent.newest_gop().for_each(|entry| _ = backlog.push(entry.clone()));
            }
            Some(_) => {}
        }
    }

    /// Whether the newest key frame is at hand, of the run that is under way, and came no earlier
    /// than the entry `from`.
    fn begins_at_hand(&self, from: u64) -> bool {
        let mut gop = self.recent.newest_gop().peekable();
        let begins = self.recent.start() >= from && gop.peek().is_some();
        begins && !gop.any(|entry| matches!(entry, Entry::End { .. }))
    }

    /// The backlog, for the cursor of this number alone.
    pub(crate) fn backlog_of(&mut self, recorder: u64) -> Option<&mut Backlog> {
        self.backlog.as_mut().filter(|_| self.recorder == recorder)
    }

    fn new_backlog(&self, budget: &Budget) -> Backlog {
        let mut backlog = Backlog::new(budget.clone());
        if self.feed != Feed::On {
            return backlog;
        }
        let gop: Vec<&Entry> = self.recent.newest_gop().collect();
        // The frames of a run that is over had their recorder, or were to have none.
        if !gop.iter().any(|entry| matches!(entry, Entry::End { .. })) {
            for entry in gop {
                backlog.push(entry.clone());
            }
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

impl Holds for Shared {
    fn bytes_waiting(&self) -> Option<usize> {
        self.state().waiting()
    }

    fn drop_oldest_gop(&self) -> bool {
        self.state().drop_oldest_gop()
    }
}

impl Shared {
    pub(crate) fn new(budget: &Budget) -> Self {
        let state = State {
            recent: Recent::default(),
            backlog: None,
            recorder: 0,
            feed: Feed::On,
            writers: Writers::default(),
            epoch: None,
            clock: None,
            end_request: None,
            newest: MonoTime::default(),
            stats: Stats::default(),
        };
        let changed = watch::Sender::new(0);
        Self { state: Mutex::new(state), budget: budget.clone(), changed }
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
    /// Frames that were to be recorded and are not: the recorder was too slow for them.
    pub dropped: Lost,
    /// Frames that were to be recorded and are not, and never came to the recorder: recording began
    /// where the key frame that they need was not at hand any more.
    pub passed_over: Lost,
    /// Bytes received that are not durable yet.
    pub waiting_bytes: usize,
    /// Bytes held for live viewers (most of them also wait to be durable).
    pub recent_bytes: usize,
    /// When the newest frame arrived.
    pub last_frame: Option<WallTime>,
}
