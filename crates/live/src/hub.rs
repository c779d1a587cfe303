//! All streams that can be watched, and who watches them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base::StreamId;
use stream::StreamReader;
use tokio::sync::watch;

use crate::viewer::Viewer;

/// The streams that can be watched; clones share it.
#[derive(Clone)]
pub struct LiveHub {
    streams: Arc<Mutex<HashMap<StreamId, StreamReader>>>,
    viewers: watch::Sender<usize>,
}

impl LiveHub {
    /// A hub without streams.
    pub fn new() -> Self {
        Self { streams: Arc::default(), viewers: watch::Sender::new(0) }
    }

    /// From now on `stream` can be watched through `reader`.
    pub fn add(&self, stream: StreamId, reader: StreamReader) {
        let _ = (stream, reader, &self.streams);
        todo!()
    }

    /// `stream` can no longer be watched; its viewers are ended.
    pub fn remove(&self, stream: StreamId) {
        let _ = stream;
        todo!()
    }

    /// A new viewer. Must be called inside a tokio runtime: the encoder is a task there.
    pub fn subscribe(&self, stream: StreamId) -> Result<Viewer, SubscribeError> {
        let _ = stream;
        todo!()
    }

    /// How many watch `stream` now.
    pub fn viewers(&self, stream: StreamId) -> usize {
        let _ = stream;
        todo!()
    }

    /// How many watch any stream, to be polled or awaited.
    pub fn all_viewers(&self) -> watch::Receiver<usize> {
        self.viewers.subscribe()
    }
}

impl Default for LiveHub {
    fn default() -> Self {
        Self::new()
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
