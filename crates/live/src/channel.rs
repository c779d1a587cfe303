//! What the encoder and the viewers of one stream share: the newest fragments.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::limits;
use tokio::sync::watch;

use crate::encoder::Encoded;
use crate::hls::Airing;
use crate::message::LiveState;

/// The newest fragments of one stream: from the newest key frame on, and as many before it as
/// a viewer may be late.
pub(crate) struct Channel {
    ring: Mutex<Ring>,
    /// Wakes viewers; the value is only a hint to look again.
    pub changed: watch::Sender<()>,
    /// Wakes those who wait for HLS, which is seldom: for parts, not for fragments.
    pub hls_changed: watch::Sender<()>,
}

pub(crate) struct Ring {
    fragments: VecDeque<Encoded>,
    /// Number of the first of them.
    first: u64,
    bytes: usize,
    /// Number of the first fragment after the camera's last silence.
    run: u64,
    pub state: LiveState,
    pub closed: bool,
    /// While it is watched over HLS.
    pub airing: Option<Airing>,
}

impl Channel {
    pub fn new(state: LiveState) -> Self {
        let fragments = VecDeque::new();
        let ring =
            Ring { fragments, first: 0, bytes: 0, run: 0, state, closed: false, airing: None };
        let (changed, hls_changed) = (watch::Sender::new(()), watch::Sender::new(()));
        Self { ring: Mutex::new(ring), changed, hls_changed }
    }

    /// Guards memory only, for the length of one call.
    pub fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, encoded: Encoded) {
        let is_new = self.ring().push(encoded);
        self.changed.send_replace(());
        if is_new {
            self.hls_changed.send_replace(());
        }
    }

    /// Says how the stream stands, if that is new.
    pub fn set_state(&self, state: LiveState) {
        {
            let mut ring = self.ring();
            if ring.state == state {
                return;
            }
            if matches!(state, LiveState::NoSignal { .. }) {
                ring.run = ring.next();
                ring.airing.as_mut().map(Airing::end);
            }
            ring.state = state;
        }
        self.wake();
    }

    /// Nothing more will come: viewers end.
    pub fn close(&self) {
        self.ring().closed = true;
        self.wake();
    }

    fn wake(&self) {
        self.changed.send_replace(());
        self.hls_changed.send_replace(());
    }
}

impl Ring {
    /// Whether the airing has come to have more by it.
    fn push(&mut self, encoded: Encoded) -> bool {
        let is_new = self.airing.as_mut().is_some_and(|airing| airing.push(&encoded));
        self.bytes += encoded.fragment.bytes.len();
        self.fragments.push_back(encoded);
        while self.has_too_many() {
            let Some(old) = self.fragments.pop_front() else { break };
            self.bytes -= old.fragment.bytes.len();
            self.first += 1;
        }
        is_new
    }

    /// From now on it is watched over HLS too: from the newest key frame on, unless that was
    /// before a silence, which may have lasted for hours.
    pub fn air(&mut self, mut airing: Airing) {
        let key = self.newest_key().filter(|key| *key >= self.run).unwrap_or(self.next());
        (key..self.next()).filter_map(|number| self.get(number)).for_each(|encoded| {
            airing.push(encoded);
        });
        self.airing = Some(airing);
    }

    fn has_too_many(&self) -> bool {
        self.fragments.len() > 1
            && (self.bytes > limits::RECENT_BYTES_MAX
                || (self.fragments.len() > limits::VIEWER_FRAGMENTS_MAX
                    && self.newest_key().is_some_and(|key| key > self.first)))
    }

    /// Number of the oldest fragment that is still here.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Number of the fragment that comes next.
    pub fn next(&self) -> u64 {
        self.first + self.fragments.len() as u64
    }

    pub fn get(&self, number: u64) -> Option<&Encoded> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.fragments.get(at)
    }

    /// Number of the newest fragment that begins with a key frame.
    pub fn newest_key(&self) -> Option<u64> {
        let at = self.fragments.iter().rposition(|encoded| encoded.fragment.key)?;
        Some(self.first + at as u64)
    }
}
