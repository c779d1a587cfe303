//! One request for HLS, and what keeps the encoder running between two of them.

use std::sync::Arc;
use std::time::Duration;

use base::MonoTime;
use bytes::Bytes;
use tokio::sync::watch;
use world::Clock;

use crate::channel::{Channel, Ring};
use crate::hls::{Airing, Found, LiveFileError, Wanted};
use crate::message::LiveState;

/// How often it is looked whether anybody still asks.
const LOOK_TICK: Duration = Duration::from_secs(1);

/// One request for what a stream shows over HLS.
pub struct Visit {
    channel: Arc<Channel>,
    changed: watch::Receiver<()>,
    clock: Arc<dyn Clock>,
}

impl Visit {
    pub(crate) fn new(channel: Arc<Channel>, clock: Arc<dyn Clock>) -> Self {
        let changed = channel.hls_changed.subscribe();
        Self { channel, changed, clock }
    }

    /// What is there now; `None` where it is still to come.
    pub fn look(&mut self, wanted: Wanted) -> Result<Option<Bytes>, LiveFileError> {
        self.changed.mark_unchanged();
        let now = self.clock.mono();
        let mut ring = self.channel.ring();
        let found = find(&mut ring, wanted, now)?;
        match found {
            Found::Bytes(bytes) => Ok(Some(bytes)),
            Found::Later => Ok(None),
            Found::TooFar => Err(LiveFileError::TooFar),
            Found::Missing => Err(LiveFileError::Missing),
        }
    }

    /// Waits for it, however long that takes. Dropping the future loses nothing.
    pub async fn wait(&mut self, wanted: Wanted) -> Result<Bytes, LiveFileError> {
        loop {
            if let Some(bytes) = self.look(wanted)? {
                return Ok(bytes);
            }
            self.changed.changed().await.map_err(|_| LiveFileError::Gone)?;
        }
    }
}

fn find(ring: &mut Ring, wanted: Wanted, now: MonoTime) -> Result<Found, LiveFileError> {
    if ring.closed {
        return Err(LiveFileError::Gone);
    }
    let airing = ring.airing.as_mut().ok_or(LiveFileError::Missing)?;
    airing.touch(now);
    let is_stale = airing.is_stale(now);
    if is_stale {
        airing.forget();
    }
    let awaited = match wanted {
        Wanted::File(id, file) if id == airing.id() => return Ok(airing.file(file)),
        Wanted::File(..) => return Ok(Found::Missing),
        Wanted::Playlist(awaited) => awaited,
    };
    match (&ring.state, airing.playlist(awaited)) {
        (LiveState::Unplayable, _) => Err(LiveFileError::Unplayable),
        (LiveState::NoSignal { ended }, _) if is_stale => Err(LiveFileError::NoSignal(*ended)),
        (LiveState::NoSignal { ended }, Found::Later) if !airing.has_playlist() => {
            Err(LiveFileError::NoSignal(*ended))
        }
        (_, found) => Ok(found),
    }
}

/// Waits until nobody has asked for a while, or the stream is gone; then the airing is over.
/// `leave` is dropped with that: it stops the encoder where nobody else watches.
pub(crate) async fn keep<L: Send>(channel: Arc<Channel>, clock: Arc<dyn Clock>, leave: L) {
    let mut ticks = tokio::time::interval(LOOK_TICK);
    loop {
        ticks.tick().await;
        let mut ring = channel.ring();
        let is_over = |airing: &Airing| airing.is_over(clock.mono());
        if ring.closed || ring.airing.as_ref().is_none_or(is_over) {
            ring.airing = None;
            break;
        }
    }
    channel.hls_changed.send_replace(());
    drop(leave);
}
