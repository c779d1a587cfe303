//! Asks a camera once what it offers, for a person to read.

use std::sync::Arc;
use std::time::Duration;

use media::TrackParams;
use world::Clock;

use crate::fault::Fault;
use crate::source::StreamSource;

/// What a camera offers at an URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeReport {
    /// The software that it says it is, where it does.
    pub tool: Option<String>,
    /// All tracks, also those that cannot be recorded.
    pub tracks: Vec<ProbedTrack>,
    /// What works but not as it should, in words.
    pub warnings: Vec<String>,
    /// From the first request to the first frame.
    pub first_frame: Duration,
    /// Time covered by what follows.
    pub watched: Duration,
    /// Distance of the last two key frames, where two were seen.
    pub key_frame_interval: Option<Duration>,
}

/// One track of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbedTrack {
    /// `video`, `audio`, `application`.
    pub media: String,
    /// The encoding name of the camera's SDP, as in `h264`.
    pub encoding: String,
    /// What it is in words, as in `H.264 1920×1080`.
    pub summary: String,
    /// Its parameters; `None` when it cannot be recorded.
    pub params: Option<Arc<TrackParams>>,
    /// Frames seen.
    pub frames: u64,
    /// Bytes seen.
    pub bytes: u64,
}

/// Connects to `source`, watches it for `watch` and reports, or says what is wrong.
pub async fn probe(
    source: &StreamSource,
    clock: &Arc<dyn Clock>,
    watch: Duration,
) -> Result<ProbeReport, Fault> {
    let _ = (source, clock, watch);
    todo!()
}
