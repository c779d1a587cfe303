//! Cameras and their streams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::demand::RecordingPlan;
use super::keeping::Forecast;
use super::{Span, Time};

/// `GET /api/v1/cameras`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Cameras {
    /// All cameras that the caller may see, by name.
    pub cameras: Vec<Camera>,
}

/// One camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Camera {
    /// Its id.
    pub id: String,
    /// Its short name in addresses; fixed.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether a configuration file names it: then it is changed there only.
    pub managed_by_file: bool,
    /// Whether it is paused: known, but not in use.
    pub paused: bool,
    /// Its streams, the main one first.
    pub streams: Vec<Stream>,
}

/// One stream of a camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stream {
    /// Its id.
    pub id: String,
    /// Its name: `main`, `sub`, …
    pub name: String,
    /// How the connection stands.
    pub state: StreamState,
    /// Since when it stands so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// When the next attempt to connect is made (with `waiting` and `denied`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Time>,
    /// Why the last connection or attempt ended, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// What is odd about the stream but does not stop it (a codec that is left out, …), in words.
    pub warnings: Vec<String>,
    /// Whether it is recorded.
    pub recording: Recording,
    /// Why it is not recorded though it should be, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_problem: Option<String>,
    /// When that changes by itself; missing where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_plan: Option<RecordingPlan>,
    /// What it carries; empty until it was connected once.
    pub tracks: Vec<Track>,
    /// Pictures a second, measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<f64>,
    /// Bits a second, all tracks, measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit_rate: Option<u64>,
    /// From its oldest to its newest footage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Span>,
    /// Footage before this instant is on the disk and stays there whatever happens: it never goes
    /// back. Left out while it is not known: where there is no footage, and after a start until
    /// what was recorded just before is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durable_until: Option<Time>,
    /// Bytes of footage.
    pub bytes: u64,
    /// How far its footage will reach; missing in the first minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// Frames received since the server started.
    pub frames: u64,
    /// Frames received and not recorded since the server started.
    pub lost_frames: u64,
    /// Connections made after the first since the server started.
    pub reconnects: u64,
    /// People who watch it now; those who do over HLS count as one.
    pub viewers: u64,
    /// How the camera's clock stands to ours; missing until the camera has sent something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<CameraClock>,
}

/// How a camera's clock stands to the server's. No footage is dated by it: footage is dated by
/// when it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CameraClock {
    /// The camera's time of day less the server's, in milliseconds; missing where the camera does
    /// not tell its time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<f64>,
    /// How much faster than the server's it runs, in parts per million; missing until some minutes
    /// were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_ppm: Option<f64>,
    /// What it is measured by.
    pub source: ClockSource,
    /// Since when it is measured without a break.
    pub since: Time,
    /// How often its timestamps or its time of day jumped since the server started.
    pub jumps: u64,
}

/// What a camera's clock is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSource {
    /// Reports that the camera sends of its own (RTCP), and when frames arrive.
    SenderReports,
    /// When frames arrive, alone.
    Arrival,
}

/// How the connection to a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StreamState {
    /// It is being connected.
    Connecting,
    /// Frames arrive.
    Playing,
    /// Not connected; a new attempt is made at `retry_at`.
    Waiting,
    /// The camera refused name or password; a new attempt is made at `retry_at`.
    Denied,
    /// Not connected on purpose: paused.
    Paused,
}

/// Whether a stream is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RecordingState")]
pub enum Recording {
    /// It is.
    On,
    /// It is not to be.
    Off,
    /// It should be, and nothing arrives, or nothing can be written.
    Stalled,
}

/// One track of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Track {
    /// Pictures.
    Video {
        /// Its name: `H.264`, `H.265`, `MJPEG`.
        codec: String,
        /// Its name for browsers (RFC 6381); missing where no browser's MSE plays it.
        #[serde(skip_serializing_if = "Option::is_none")]
        codec_string: Option<String>,
        /// Width of the picture in pixels.
        width: u16,
        /// Height of the picture in pixels.
        height: u16,
        /// Width over height as it is to be shown (not square pixels included).
        aspect: f64,
    },
    /// Sound.
    Audio {
        /// Its name: `AAC`, `G.711 A-law`, `G.711 µ-law`.
        codec: String,
        /// Its name for browsers (RFC 6381); missing where no browser's MSE plays it.
        #[serde(skip_serializing_if = "Option::is_none")]
        codec_string: Option<String>,
        /// Samples a second.
        sample_rate: u32,
        /// Channels.
        channels: u16,
    },
}
