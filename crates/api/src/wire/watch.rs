//! Messages over WebSockets: live pictures, and what changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;
use super::camera::{StreamState, Track};

/// A text message of `…/live`.
///
/// Order on the socket: `state` first; then for each set of parameters `init`, followed at once
/// by ONE binary message (the initialisation segment), then binary messages, each one media
/// segment (`moof` + `mdat`). Media time never restarts on one socket: after an `init` in the
/// middle, append its segment (`changeType` where `mime` differs) and go on. Media time has gaps
/// after `late` and between sessions with the camera: jump to where the next buffered range
/// begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LiveMessage {
    /// How the stream stands, sent at once and whenever it changes.
    State {
        /// It.
        state: LiveState,
        /// Since when, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
        /// Why there is no signal (`camera-gone`, `silent`, …: the names of causes of gaps).
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
    /// The next binary message is an initialisation segment.
    Init {
        /// For `MediaSource.isTypeSupported` and `addSourceBuffer`.
        mime: String,
        /// The tracks in it.
        tracks: Vec<Track>,
        /// Tracks of the camera that no browser's MSE plays and that are therefore not in it.
        left_out: Vec<Track>,
        /// The session with the camera.
        run: String,
    },
    /// What wall time media time stands for: `wall + (t − media_s)`. Sent after `init` and
    /// whenever it moves; valid from `media_s` on.
    Clock {
        /// Media time in seconds, as in `video.currentTime`.
        media_s: f64,
        /// The instant it stands for.
        wall: Time,
    },
    /// You were too slow: what follows starts at a later key frame.
    Late {
        /// Fragments that were left out.
        skipped_fragments: u64,
        /// Their time in seconds.
        skipped_s: f64,
    },
}

/// How a live stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LiveState {
    /// Pictures flow.
    Live,
    /// The camera sends, but no key frame yet: a decoder cannot start.
    WaitingForKeyFrame,
    /// The camera sends only what no browser plays.
    Unplayable,
    /// Nothing comes from the camera.
    NoSignal,
}

/// A text message of `/api/v1/changes`. It says that something changed, and the little that most
/// need to know of it; the rest is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ChangeMessage {
    /// Sent first, and again after messages were left out (you were too slow): ask for everything.
    Reset {
        /// The server's clock.
        now: Time,
    },
    /// Cameras or streams were added, removed or renamed: ask for `/cameras`.
    Cameras,
    /// The connection of a stream changed.
    StreamState {
        /// The camera's slug.
        camera: String,
        /// The stream's name.
        stream: String,
        /// How it stands now.
        state: StreamState,
        /// Why the last connection ended, in words.
        #[serde(skip_serializing_if = "Option::is_none")]
        last_error: Option<String>,
    },
    /// Footage of a stream grew; at most one a second and stream.
    Footage {
        /// The camera's slug.
        camera: String,
        /// The stream's name.
        stream: String,
        /// Footage before this instant is on the disk.
        durable_until: Time,
    },
    /// A volume's state changed: ask for `/volumes`.
    Volumes,
}
