//! The commit protocol.

use std::sync::Arc;
use std::time::Duration;

use archive::{ArchiveKey, Volume};
use base::{CameraId, MonoTime, StreamId, WallTime};
use catalog::Catalog;
use media::Predecessor;
use stream::{EndCause, StreamReader};
use world::{Clock, Entropy};

use crate::Now;
use crate::parallel::Parallel;
use crate::report::{FinishReport, StepReport};

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
    /// What was recorded of it before, as [`crate::recover::survey`] found it.
    pub before: Option<Before>,
}

/// The last footage of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// Its last durable commit.
    pub last: Predecessor,
    /// Where it ends: what comes next must not begin earlier.
    pub end: WallTime,
}

/// Records all streams of one volume. It is driven from outside: when [`VolumeRecorder::due`] has
/// come, [`VolumeRecorder::step`] writes, syncs and publishes what came since.
pub struct VolumeRecorder {
    site: Site,
    settings: Settings,
}

impl VolumeRecorder {
    /// A recorder without streams.
    pub fn new(site: Site, settings: Settings, now: Now) -> Self {
        let _ = now;
        Self { site, settings }
    }

    /// Changes the settings from the next step on.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Records another stream from its newest key frame on.
    pub fn add(&mut self, job: StreamJob) {
        let _ = (&self.site, job);
    }

    /// Ends a stream's recording: the next steps write and seal what it has, then it is gone.
    pub fn remove(&mut self, stream: StreamId, cause: EndCause) {
        let _ = (stream, cause);
    }

    /// Whether the stream is (still) recorded here.
    pub fn has(&self, stream: StreamId) -> bool {
        let _ = stream;
        false
    }

    /// When the next step is due.
    pub fn due(&self) -> MonoTime {
        MonoTime::default()
    }

    /// Writes what came, syncs it, publishes it, and seals what is complete.
    pub fn step(&mut self, now: Now, parallel: &dyn Parallel) -> StepReport {
        let _ = (now, parallel);
        StepReport::default()
    }

    /// Writes, syncs and seals everything now: for shutdown, after the cameras' runs have ended.
    /// It blocks as long as the disk does; whoever has a deadline calls it on a thread.
    pub fn finish(&mut self, now: Now, parallel: &dyn Parallel) -> FinishReport {
        let _ = (now, parallel);
        FinishReport::default()
    }
}
