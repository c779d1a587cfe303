//! What a viewer gets.

use std::sync::Arc;

use base::{RunId, WallTime};
use bytes::Bytes;
use media::TrackParams;

/// One message to a viewer. Media time counts microseconds on one scale for as long as the stream
/// has viewers: it has gaps, but never restarts.
#[derive(Clone, Debug)]
pub enum LiveMessage {
    /// How the stream stands: first of all, and whenever it changes.
    State(LiveState),
    /// Parameters of the fragments that follow: before the first one, and when they change.
    Init(Arc<Init>),
    /// What wall time media time stands for from now on.
    Clock(Clock),
    /// One or a few access units.
    Fragment(Arc<Fragment>),
    /// The viewer was too slow; what follows begins with a key frame.
    Late(Skipped),
}

/// How a stream stands for its viewers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Frames flow.
    Live {
        /// Since when.
        since: WallTime,
    },
    /// No key frame has come yet in this run.
    WaitingForKeyFrame,
    /// The camera sends only what no browser plays.
    Unplayable,
    /// No run: nothing comes from the camera.
    NoSignal {
        /// Since when, and why, where a run was seen to end.
        ended: Option<(WallTime, stream::EndCause)>,
    },
}

/// The initialisation segment of one set of parameters.
#[derive(Debug, PartialEq, Eq)]
pub struct Init {
    /// `ftyp` and `moov`.
    pub bytes: Bytes,
    /// For `MediaSource.addSourceBuffer`: `video/mp4; codecs="…"`.
    pub mime: String,
    /// The session with the camera.
    pub run: RunId,
    /// The tracks in it.
    pub tracks: Vec<Arc<TrackParams>>,
    /// Tracks of the camera that browsers do not play, and that are not in it.
    pub left_out: Vec<Arc<TrackParams>>,
}

/// What wall time media time stands for: `wall + (t − media_micros)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Media time.
    pub media_micros: i64,
    /// The instant it stands for.
    pub wall: WallTime,
}

/// A media segment (`moof`, `mdat`) that all viewers share.
#[derive(Debug)]
pub struct Fragment {
    /// It.
    pub bytes: Bytes,
    /// Whether it begins with a key frame of the leading track.
    pub key: bool,
    /// Media time at which it begins.
    pub start_micros: i64,
    /// Media time at which it ends.
    pub end_micros: i64,
}

/// What a slow viewer did not get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Skipped {
    /// Fragments (0 when frames were lost before they became fragments).
    pub fragments: u64,
    /// Their time.
    pub micros: i64,
}
