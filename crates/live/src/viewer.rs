//! One viewer of a stream.

use std::sync::Arc;

use base::limits;
use tokio::sync::watch;

use crate::channel::{Channel, Ring};
use crate::message::{Clock, Init, LiveMessage, LiveState, Skipped};

/// One viewer of a stream; dropping it leaves.
pub struct Viewer {
    channel: Arc<Channel>,
    changed: watch::Receiver<()>,
    place: Place,
    _leave: Box<dyn Send + Sync>,
}

/// What a viewer was given so far.
#[derive(Default)]
struct Place {
    /// Number of the fragment it gets next.
    next: u64,
    /// Whether it has begun; if not, the next one must begin with a key frame.
    started: bool,
    /// Where the last fragment it got ends.
    end_micros: i64,
    state: Option<LiveState>,
    init: Option<Arc<Init>>,
    clock: Option<Clock>,
}

impl Viewer {
    /// `leave` is dropped with the viewer.
    pub(crate) fn new(channel: Arc<Channel>, leave: Box<dyn Send + Sync>) -> Self {
        let changed = channel.changed.subscribe();
        Self { channel, changed, place: Place::default(), _leave: leave }
    }

    /// The next message. Dropping the future loses nothing. `None` once the stream is removed.
    pub async fn next(&mut self) -> Option<LiveMessage> {
        loop {
            self.changed.mark_unchanged();
            {
                let ring = self.channel.ring();
                if let Some(message) = self.place.step(&ring) {
                    return Some(message);
                }
                if ring.closed {
                    return None;
                }
            }
            self.changed.changed().await.ok()?;
        }
    }
}

impl Place {
    fn step(&mut self, ring: &Ring) -> Option<LiveMessage> {
        if let Some(late) = self.catch_up(ring) {
            return Some(LiveMessage::Late(late));
        }
        self.start(ring);
        let state = match &ring.state {
            LiveState::Live { .. } if !self.started => LiveState::WaitingForKeyFrame,
            state => state.clone(),
        };
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state.clone());
            return Some(LiveMessage::State(state));
        }
        if !self.started {
            return None;
        }
        let encoded = ring.get(self.next)?;
        if self.init.as_ref().is_none_or(|init| !Arc::ptr_eq(init, &encoded.init)) {
            self.init = Some(encoded.init.clone());
            self.clock = None;
            return Some(LiveMessage::Init(encoded.init.clone()));
        }
        if self.clock != Some(encoded.clock) {
            self.clock = Some(encoded.clock);
            return Some(LiveMessage::Clock(encoded.clock));
        }
        self.next += 1;
        self.end_micros = encoded.fragment.end_micros;
        Some(LiveMessage::Fragment(encoded.fragment.clone()))
    }

    /// Begins, or begins again, with the newest key frame.
    fn start(&mut self, ring: &Ring) {
        if self.started {
            return;
        }
        if let Some(key) = ring.newest_key().filter(|key| *key >= self.next) {
            self.next = key;
            self.started = true;
        }
    }

    /// When it is too far behind: goes to the newest key frame, or waits for the next.
    fn catch_up(&mut self, ring: &Ring) -> Option<Skipped> {
        let overrun = self.next < ring.first();
        let far = ring.next().saturating_sub(self.next) > limits::VIEWER_FRAGMENTS_MAX as u64;
        let key = ring.newest_key().filter(|key| *key > self.next);
        // Far behind without a newer key frame: what is kept is still worth having.
        if !self.started || !(overrun || (far && key.is_some())) {
            return None;
        }
        let to = key.unwrap_or(ring.next());
        let until = match ring.get(to) {
            Some(encoded) => encoded.fragment.start_micros,
            None => ring.get(to.saturating_sub(1)).map_or(0, |last| last.fragment.end_micros),
        };
        let skipped = Skipped {
            fragments: to - self.next,
            micros: until.saturating_sub(self.end_micros).max(0),
        };
        self.started = key.is_some();
        self.next = to;
        Some(skipped)
    }
}
