//! What a volume recorder is given: where it records, with which settings, and which streams.

use std::sync::Arc;
use std::time::Duration;

use archive::{ArchiveKey, Volume};
use base::{CameraId, StreamId};
use catalog::Catalog;
use stream::StreamReader;
use world::{Clock, Entropy};

use crate::standing::Standing;

/// Where a volume's streams are recorded, and with what.
#[derive(Clone)]
pub struct Site {
    /// The volume, opened for writing.
    pub volume: Arc<Volume>,
    /// The archive's key, which signs sealed segments.
    pub key: Option<Arc<ArchiveKey>>,
    /// Questions about rows, and the tail of growing segments.
    pub catalog: Catalog,
    /// Measures how long rounds take.
    pub clock: Arc<dyn Clock>,
    /// For ids.
    pub entropy: Arc<dyn Entropy>,
}

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The greatest age of a frame that is not yet on the platter.
    pub sync_interval: Duration,
    /// How long segments are.
    pub segment_duration: Duration,
}

/// A stream that is to be recorded.
#[derive(Clone)]
pub struct StreamJob {
    /// The camera.
    pub camera: CameraId,
    /// The camera's folder.
    pub camera_slug: String,
    /// The camera's name now.
    pub camera_name: String,
    /// The stream.
    pub stream: StreamId,
    /// The stream's name and folder.
    pub stream_name: String,
    /// Its frames.
    pub reader: StreamReader,
    /// Where its recording stands: one for all recorders that the stream ever has.
    pub standing: Arc<Standing>,
}
