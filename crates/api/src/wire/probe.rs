//! Asking a camera once, before it is added or changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/cameras/probe`: what is to be asked.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProbeRequest {
    /// `rtsp://host/path`, without user name and password.
    pub url: String,
    /// For the camera's login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For the camera's login. No answer holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The camera, by slug or id, whose stored login is used instead: at its own addresses only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probed {
    /// Whether there is something that can be recorded.
    pub usable: bool,
    /// Why the camera could not be seen; missing where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProbeProblem>,
    /// The software that the camera says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
    /// From the first request to the first frame, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_frame_ms: Option<u64>,
    /// Distance of its key frames (the length of a GOP) in milliseconds; missing where fewer than
    /// two came while it was watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_frame_interval_ms: Option<u64>,
    /// The camera's time of day less the server's, in milliseconds; missing where it does not tell
    /// its time of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<f64>,
    /// All tracks, also those that cannot be recorded.
    pub tracks: Vec<ProbedTrack>,
    /// What is odd, and what could be set better on the camera.
    pub advice: Vec<ProbeHint>,
    /// A picture of it: a `data:` URL of a JPEG; missing where none could be drawn, and
    /// for who may not look at live pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// Why a camera could not be seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProbeProblem {
    /// Which kind.
    pub kind: ProbeProblemKind,
    /// In words.
    pub detail: String,
}

/// Kinds of reasons why a camera could not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeProblemKind {
    /// Nothing there speaks RTSP.
    Unreachable,
    /// It did not answer in time, or sent nothing.
    Silent,
    /// It refused name or password, or wants some.
    Denied,
    /// It answered with an error, as where there is no such path.
    Refused,
    /// What it sends cannot be recorded.
    Unusable,
}

/// Something worth knowing about a camera.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProbeHint {
    /// What it is about. There may be more of them one day.
    pub kind: ProbeHintKind,
    /// In words.
    pub detail: String,
}

/// What hints about a camera are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeHintKind {
    /// A track is not recorded.
    TrackLeftOut,
    /// No key frame came while it was watched.
    NoKeyFrame,
    /// Key frames are so far apart that seeking and the live view begin slowly.
    KeyFramesRare,
    /// Too few key frames came to say how far apart they are.
    KeyFramesFew,
    /// It sends H.265, which not every browser plays.
    H265,
    /// It sends MJPEG, which takes much space, and is live as stills only.
    Mjpeg,
    /// It sends no sound.
    NoAudio,
}

/// One track that a camera offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProbedTrack {
    /// `video`, `audio` or another word of the camera's.
    pub media: String,
    /// What it is, as in `H.264 1920×1080`.
    pub summary: String,
    /// Whether it can be recorded.
    pub recordable: bool,
    /// Frames a second, counted while it was watched.
    pub frame_rate: f64,
    /// Bits a second.
    pub bit_rate: u64,
}
