//! All streams that can be watched, and who watches them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{StreamId, limits};
use stream::StreamReader;
use tokio::task::AbortHandle;

use crate::channel::Channel;
use crate::feed;
use crate::viewer::Viewer;

/// The streams that can be watched; clones share it.
#[derive(Clone, Default)]
pub struct LiveHub(Arc<Shared>);

#[derive(Default)]
struct Shared {
    streams: Mutex<HashMap<StreamId, Watched>>,
}

struct Watched {
    reader: StreamReader,
    /// While it has viewers.
    encoder: Option<Encoder>,
}

struct Encoder {
    channel: Arc<Channel>,
    task: AbortHandle,
    viewers: usize,
}

impl LiveHub {
    /// A hub without streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on `stream` can be watched through `reader`. One of the same id is replaced, and
    /// its viewers are ended: they come again.
    pub fn add(&self, stream: StreamId, reader: StreamReader) {
        let old = self.0.streams().insert(stream, Watched { reader, encoder: None });
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
            let watched = streams.get_mut(&stream).ok_or(SubscribeError::NoStream)?;
            let encoder = watched.encoder.get_or_insert_with(|| Encoder::start(&watched.reader));
            if encoder.viewers >= limits::VIEWERS_MAX {
                return Err(SubscribeError::TooMany(limits::VIEWERS_MAX));
            }
            encoder.viewers += 1;
            encoder.channel.clone()
        };
        let leave = Leave { hub: self.0.clone(), stream, channel: channel.clone() };
        Ok(Viewer::new(channel, Box::new(leave)))
    }

    /// How many watch `stream` now.
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

    fn end(&self, watched: Option<Watched>) {
        if let Some(encoder) = watched.and_then(|watched| watched.encoder) {
            encoder.task.abort();
            encoder.channel.close();
        }
    }
}

impl Encoder {
    fn start(reader: &StreamReader) -> Self {
        let channel = Arc::new(Channel::new(feed::idle_state(reader)));
        let task = tokio::spawn(feed::run(reader.clone(), channel.clone())).abort_handle();
        Self { channel, task, viewers: 0 }
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
}
