//! One session of a stream after the other: a camera does not see two at once because of a change.

use std::collections::BTreeMap;

use base::{Shutdown, StreamId, limits};
use camera::StatusHandle;

use crate::sink::StreamSink;

/// A camera session to keep up.
pub struct CameraTask {
    /// Where it is fetched.
    pub source: camera::StreamSource,
    /// Where it goes.
    pub sink: StreamSink,
    /// Where it says how it is.
    pub status: StatusHandle,
    /// Ends it.
    pub shutdown: Shutdown,
    /// When it may connect; dropped when it has ended.
    pub turn: Turn,
}

/// When a session may connect. Dropping it says that the session has ended.
pub struct Turn {
    /// Of each session before it of the same stream, requested once that has ended.
    before: Vec<Shutdown>,
    over: Shutdown,
}

impl Turn {
    /// Returns once all sessions before it have ended. Nobody waits for longer than
    /// [`limits::SESSION_TURN_TIMEOUT`]: what still comes of them then is refused by the stream.
    pub async fn comes(&self) {
        for before in &self.before {
            before.requested().await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.over.request();
    }
}

/// By stream, the sessions that have not ended.
#[derive(Default)]
pub(crate) struct Turns(BTreeMap<StreamId, Vec<Shutdown>>);

impl Turns {
    /// That of another session.
    pub(crate) fn next(&mut self, stream: StreamId) -> Turn {
        self.0.retain(|_, sessions| {
            sessions.retain(|over| !over.is_requested());
            !sessions.is_empty()
        });
        let (sessions, over) = (self.0.entry(stream).or_default(), Shutdown::new());
        let before = sessions.clone();
        if sessions.len() >= limits::SESSIONS_AWAITED_MAX {
            sessions.remove(0);
        }
        sessions.push(over.clone());
        Turn { before, over }
    }
}
