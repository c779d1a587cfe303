//! All streams that can be watched, and who watches them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{AiringId, CameraId, StreamId, limits};
use stream::StreamReader;
use tokio::task::AbortHandle;
use world::{Clock, Entropy};

use crate::channel::Channel;
use crate::feed;
use crate::hls::{Airing, Budget, OnAir};
use crate::scale::Scale;
use crate::viewer::Viewer;
use crate::visit::{Visit, keep};

/// The streams that can be watched; clones share it.
#[derive(Clone)]
pub struct LiveHub(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    /// For the names of airings.
    entropy: Arc<dyn Entropy>,
    streams: Mutex<HashMap<StreamId, Watched>>,
    /// For what is kept for HLS.
    budget: Arc<Budget>,
}

struct Watched {
    camera: CameraId,
    reader: StreamReader,
    /// While it has viewers.
    encoder: Option<Encoder>,
}

struct Encoder {
    channel: Arc<Channel>,
    task: AbortHandle,
    viewers: usize,
    /// What it has in common with the camera's other streams.
    scale: Scale,
}

impl LiveHub {
    /// A hub without streams.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let budget = Budget::new(limits::LIVE_HLS_BYTES_MAX);
        Self(Arc::new(Shared { clock, entropy, streams: Mutex::default(), budget }))
    }

    /// From now on `stream` of `camera` can be watched through `reader`. One of the same id is
    /// replaced, and its viewers are ended: they come again.
    pub fn add(&self, camera: CameraId, stream: StreamId, reader: StreamReader) {
        let old = self.0.streams().insert(stream, Watched { camera, reader, encoder: None });
        self.0.end(old);
    }

    /// `stream` can no longer be watched; its viewers are ended.
    pub fn remove(&self, stream: StreamId) {
        let old = self.0.streams().remove(&stream);
        self.0.end(old);
    }

    /// A new viewer. Must be called inside a tokio runtime: the encoder is a task there.
    pub fn subscribe(&self, stream: StreamId) -> Result<Viewer, SubscribeError> {
        let channel = {
            let mut streams = self.0.streams();
            let scale = self.0.scale(&streams, stream);
            let watched = streams.get_mut(&stream).ok_or(SubscribeError::NoStream)?;
            let encoder = watched.encoder(scale);
            if encoder.viewers >= limits::VIEWERS_MAX {
                return Err(SubscribeError::TooMany(limits::VIEWERS_MAX));
            }
            encoder.viewers += 1;
            encoder.channel.clone()
        };
        let leave = Leave { hub: self.0.clone(), stream, channel: channel.clone() };
        Ok(Viewer::new(channel, Box::new(leave)))
    }

    /// Somebody asks for the playlist of `stream`: it is encoded from now on, until nobody has
    /// asked for [`limits::LIVE_HLS_GRACE`]. Must be called inside a tokio runtime.
    pub fn visit(&self, stream: StreamId) -> Result<Visit, SubscribeError> {
        let shared = &self.0;
        let mut streams = shared.streams();
        let aired = streams.values().filter(|watched| watched.is_aired()).count();
        let least: usize =
            streams.values().map(|watched| watched.hls_bytes(Airing::bytes_least)).sum();
        let camera = streams.get(&stream).ok_or(SubscribeError::NoStream)?.camera;
        let mut others = streams.values().filter(|other| other.camera == camera);
        let kin = others.find_map(|other| other.airing(Airing::kin));
        let scale = shared.scale(&streams, stream);
        let watched = streams.get_mut(&stream).ok_or(SubscribeError::NoStream)?;
        if !watched.is_aired() && aired >= limits::LIVE_HLS_STREAMS_MAX {
            return Err(SubscribeError::TooManyAired(limits::LIVE_HLS_STREAMS_MAX));
        }
        let room = limits::LIVE_HLS_BYTES_MAX - 2 * limits::LIVE_HLS_SEGMENT_BYTES_MAX;
        if !watched.is_aired() && least > room {
            return Err(SubscribeError::NoMemory(limits::LIVE_HLS_BYTES_MAX >> 20));
        }
        let encoder = watched.encoder(scale);
        let channel = encoder.channel.clone();
        let is_new = channel.ring().airing.is_none();
        if is_new {
            let (wall, now) = (shared.clock.wall(), shared.clock.mono());
            let id = AiringId::new(wall, shared.entropy.id_bytes());
            channel.ring().air(Airing::new(id, wall, now, shared.budget.share(), kin));
            encoder.viewers += 1;
            let leave = Leave { hub: shared.clone(), stream, channel: channel.clone() };
            tokio::spawn(keep(channel.clone(), shared.clock.clone(), leave));
        }
        Ok(Visit::new(channel, shared.clock.clone()))
    }

    /// Somebody asks for a file that a playlist has named; `None` where `stream` is not watched
    /// over HLS now.
    pub fn visit_again(&self, stream: StreamId) -> Option<Visit> {
        let streams = self.0.streams();
        let watched = streams.get(&stream).filter(|watched| watched.is_aired())?;
        let channel = watched.encoder.as_ref()?.channel.clone();
        Some(Visit::new(channel, self.0.clock.clone()))
    }

    /// Whether `stream` can be watched.
    pub fn has(&self, stream: StreamId) -> bool {
        self.0.streams().contains_key(&stream)
    }

    /// What is known of `stream` by those who watch it over HLS; `None` where nobody does.
    pub fn on_air(&self, stream: StreamId) -> Option<OnAir> {
        let of = |airing: &Airing| OnAir { newest: airing.newest(), peak_bits: airing.peak_bits() };
        self.0.streams().get(&stream)?.airing(of)
    }

    /// Bytes that are kept for those who watch `stream` over HLS.
    pub fn hls_bytes(&self, stream: StreamId) -> usize {
        let streams = self.0.streams();
        streams.get(&stream).map_or(0, |watched| watched.hls_bytes(Airing::bytes))
    }

    /// How many watch `stream` now; those who do over HLS count as one.
    pub fn viewers(&self, stream: StreamId) -> usize {
        let streams = self.0.streams();
        let encoder = streams.get(&stream).and_then(|watched| watched.encoder.as_ref());
        encoder.map_or(0, |encoder| encoder.viewers)
    }
}

impl Shared {
    /// Guards memory only, for the length of one call.
    fn streams(&self) -> MutexGuard<'_, HashMap<StreamId, Watched>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The scale of those streams of the camera of `stream` that are encoded; where none is, one
    /// that begins.
    fn scale(&self, streams: &HashMap<StreamId, Watched>, stream: StreamId) -> Scale {
        let camera = streams.get(&stream).map(|watched| watched.camera);
        let mut own = streams.values().filter(|other| Some(other.camera) == camera);
        let known = own.find_map(|other| Some(other.encoder.as_ref()?.scale.clone()));
        known.unwrap_or_else(|| Scale::since(self.clock.wall()))
    }

    fn end(&self, watched: Option<Watched>) {
        if let Some(encoder) = watched.and_then(|watched| watched.encoder) {
            encoder.task.abort();
            encoder.channel.close();
        }
    }
}

impl Watched {
    /// What encodes it; it begins where nobody watched so far.
    fn encoder(&mut self, scale: Scale) -> &mut Encoder {
        self.encoder.get_or_insert_with(|| Encoder::start(&self.reader, scale))
    }

    /// Whether it is watched over HLS.
    fn is_aired(&self) -> bool {
        self.airing(|_| ()).is_some()
    }

    /// So much of its airing.
    fn hls_bytes(&self, of: impl FnOnce(&Airing) -> usize) -> usize {
        self.airing(of).unwrap_or(0)
    }

    fn airing<T>(&self, call: impl FnOnce(&Airing) -> T) -> Option<T> {
        let encoder = self.encoder.as_ref()?;
        encoder.channel.ring().airing.as_ref().map(call)
    }
}

impl Encoder {
    fn start(reader: &StreamReader, scale: Scale) -> Self {
        let channel = Arc::new(Channel::new(feed::idle_state(reader)));
        let run = feed::run(reader.clone(), channel.clone(), scale.clone());
        let task = tokio::spawn(run).abort_handle();
        Self { channel, task, viewers: 0, scale }
    }
}

/// Takes a viewer off the count; the last one of a stream stops its encoder.
struct Leave {
    hub: Arc<Shared>,
    stream: StreamId,
    channel: Arc<Channel>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        let left = {
            let mut streams = self.hub.streams();
            let Some(watched) = streams.get_mut(&self.stream) else { return };
            // A stream that was replaced meanwhile has counted its viewers off already.
            let same = |encoder: &Encoder| Arc::ptr_eq(&encoder.channel, &self.channel);
            let Some(encoder) = watched.encoder.as_mut().filter(|e| same(e)) else { return };
            encoder.viewers -= 1;
            if encoder.viewers == 0 { watched.encoder.take() } else { None }
        };
        if let Some(encoder) = left {
            encoder.task.abort();
        }
    }
}

/// A stream cannot be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// The hub has no such stream: it is paused, or gone.
    #[error("the stream is paused or gone")]
    NoStream,
    /// It has as many viewers as it may have.
    #[error("the stream has {0} viewers already")]
    TooMany(usize),
    /// As many streams are watched over HLS as may be.
    #[error("{0} streams are watched over HLS already")]
    TooManyAired(usize),
    /// What is kept for those that are watched over HLS takes all the memory there is for that.
    #[error("the streams that are watched over HLS take the {0} MiB that there are for it")]
    NoMemory(usize),
}
