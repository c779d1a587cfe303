//! Keeps one stream connected until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use base::{Shutdown, limits};
use world::{Clock, Entropy};

use crate::pace::Pace;
use crate::sink::FrameSink;
use crate::source::StreamSource;
use crate::status::StatusHandle;

/// What a stream's task is given of the world.
#[derive(Clone)]
pub struct Context {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// For ids and jitter.
    pub entropy: Arc<dyn Entropy>,
    /// Ends the task.
    pub shutdown: Shutdown,
    /// Where it says how it is doing.
    pub status: StatusHandle,
    /// The pacer of the thread it runs on, if that is paced.
    pub pace: Option<Pace>,
    /// Its bounds.
    pub bounds: Bounds,
}

/// The bounds of a session; tests shorten them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Each single request: [`limits::CAMERA_CALL_TIMEOUT`].
    pub call: Duration,
    /// Nothing delivered for this long ends the session: [`limits::CAMERA_SILENCE_MAX`].
    pub silence: Duration,
    /// Frames but no key frame for this long ends the session.
    pub key_frame: Duration,
    /// TEARDOWN: [`limits::TEARDOWN_TIMEOUT`].
    pub teardown: Duration,
    /// The first wait before a new try, and the longest.
    pub back_off: (Duration, Duration),
    /// The same after refused credentials.
    pub back_off_denied: (Duration, Duration),
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            call: limits::CAMERA_CALL_TIMEOUT,
            silence: limits::CAMERA_SILENCE_MAX,
            key_frame: Duration::from_secs(120),
            teardown: limits::TEARDOWN_TIMEOUT,
            back_off: (limits::BACK_OFF_MIN, limits::BACK_OFF_MAX),
            back_off_denied: (limits::BACK_OFF_DENIED_MIN, limits::BACK_OFF_DENIED_MAX),
        }
    }
}

/// Fetches `source` into `sink` until `context.shutdown` is requested: connects, receives, says in
/// the status what is wrong, waits and connects again. Returns after TEARDOWN, at most
/// [`Bounds::teardown`] after the request; the run is ended in the sink before that.
pub async fn run(source: StreamSource, sink: impl FrameSink, context: Context) {
    let _ = (source, sink, context);
    todo!()
}
