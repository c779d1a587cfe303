//! What the API needs done by whoever runs the system (`control`, wired in `holdfast`).

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base::{CameraId, ExportId, SegmentId, StreamId, VolumeId, WallTime};
use media::TrackParams;

pub use crate::wire::camera::{Recording, StreamState};
pub use crate::wire::demand::RecordingPlan;
pub use crate::wire::server::{Applied, VolumeState};

/// A boxed future, so that [`Operations`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The running system, as the API sees it. What returns plainly answers from memory at once;
/// what may wait for disk or database returns a future.
pub trait Operations: Send + Sync + 'static {
    /// All cameras and how they stand, by name.
    fn cameras(&self) -> Vec<CameraStatus>;

    /// All volumes and how they stand, by name.
    fn volumes(&self) -> Vec<VolumeStatus>;

    /// What the whole process measures of itself.
    fn process(&self) -> ProcessStatus;

    /// Makes the text of a configuration (cameras, streams, retention) the one that runs. `audit`
    /// is noted in the transactions that change rows; its detail says what they change. Limits
    /// become tighter, which deletes footage, only where that `may_delete` it.
    fn apply(
        &self,
        text: String,
        may_delete: bool,
        audit: catalog::AuditRow,
    ) -> BoxFuture<'_, Result<Applied, ApplyError>>;

    /// Adds or changes a camera by difference, and makes that run; which it is. `audit` is noted
    /// with it; its detail says what was before and what is after. Limits become tighter, which
    /// deletes footage, only where that `may_delete` it.
    fn edit_camera(
        &self,
        edit: CameraEdit,
        may_delete: bool,
        audit: catalog::AuditRow,
    ) -> BoxFuture<'_, Result<CameraId, CameraError>>;

    /// Removes a camera: it is no more connected, nor shown. Its footage ages out, or is deleted,
    /// which is refused where some of it is protected. `audit` is noted with it.
    fn remove_camera(
        &self,
        camera: CameraId,
        delete_footage: bool,
        audit: catalog::AuditRow,
    ) -> BoxFuture<'_, Result<(), CameraError>>;

    /// Records streams of a camera, by name, for so long from now on whatever their settings say;
    /// or, without a length, no longer. Without names the streams are meant that are recorded at
    /// some time, or else the first one. `audit` is noted with it; its detail says which they are.
    fn demand(
        &self,
        camera: CameraId,
        streams: Option<Vec<String>>,
        length: Option<Duration>,
        audit: catalog::AuditRow,
    ) -> BoxFuture<'_, Result<(), CameraError>>;

    /// What a camera is to be, of one that is known and not removed.
    fn camera_settings(
        &self,
        camera: CameraId,
    ) -> BoxFuture<'_, Result<config::Camera, CameraError>>;

    /// Asks a camera once what it sends at an address that is sound.
    fn probe(
        &self,
        url: String,
        login: Login,
    ) -> BoxFuture<'_, Result<Result<camera::ProbeReport, camera::Fault>, CameraError>>;

    /// Cameras, streams and retention as text.
    fn export(&self) -> BoxFuture<'_, Result<String, OperationError>>;

    /// Makes changes of rows durable, in one transaction: all of them or none.
    fn commit(&self, changes: Vec<catalog::Change>) -> BoxFuture<'_, Result<(), CommitError>>;

    /// How far streams will reach, and what would be removed at once, with what is `proposed`.
    /// Nothing is changed.
    fn forecast(
        &self,
        proposed: Proposed,
    ) -> BoxFuture<'_, Result<Vec<StreamForecast>, OperationError>>;

    /// Looks at what a check has found on a volume anew, and repairs it.
    fn repair(
        &self,
        volume: VolumeId,
        segment: Option<SegmentId>,
        file: String,
    ) -> BoxFuture<'_, Result<crate::wire::repair::Repaired, OperationError>>;

    /// Takes a volume out of the archive; how many segments on it are forgotten. While there is
    /// footage on it that is refused, unless `forget` says so. `audit` is noted before the first
    /// of them is forgotten; its detail says how many there are.
    fn remove_volume(
        &self,
        volume: VolumeId,
        forget: bool,
        audit: catalog::AuditRow,
    ) -> BoxFuture<'_, Result<u64, VolumeError>>;

    /// Changes what a volume is for, and what stays free on it; `audit` is noted with it.
    fn change_volume(
        &self,
        volume: VolumeId,
        r#use: Option<config::VolumeUse>,
        keep_free: Option<config::KeepFree>,
        audit: catalog::AuditRow,
    ) -> BoxFuture<'_, Result<(), VolumeError>>;

    /// How exports stand beside their rows, and what they are made with.
    fn exporting(&self) -> Exporting;

    /// An export was asked for, or removed.
    fn exports_changed(&self);

    /// Opens the file of an export that is done.
    fn open_export(
        &self,
        id: ExportId,
    ) -> BoxFuture<'_, Result<export::StoredFile, OperationError>>;

    /// The alarms that last, newest first.
    fn alarms(&self) -> Vec<catalog::AlarmRow>;

    /// Whether the system can record and serve. Never waits for a disk.
    fn readiness(&self) -> Readiness;
}

/// How exports stand beside their rows, and what they are made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exporting {
    /// The one that is being written, and how many bytes of it are.
    pub writing: Option<(ExportId, u64)>,
    /// Bytes that all of them may take.
    pub bytes_max: u64,
    /// The public half of the key that signs them.
    pub public_key: [u8; 32],
    /// What writes them: `holdfast 0.1.0`.
    pub software: String,
}

/// Whether the system can record and serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// What keeps it from that, in words; it is ready when there is nothing.
    pub problems: Vec<String>,
    /// What works worse than it should, and keeps it from nothing, in words.
    pub degraded: Vec<String>,
}

/// How far a stream will reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// How far back, ten years for any more; `None` while nothing is recorded.
    pub reaches_back: Option<Duration>,
    /// Bytes that it will come to have, without what is protected.
    pub share_bytes: Option<u64>,
    /// Bytes of its protected footage.
    pub protected_bytes: u64,
}

/// What would come of other limits for one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamForecast {
    /// The stream.
    pub stream: StreamId,
    /// How far it would reach.
    pub forecast: Forecast,
    /// What would be removed at once.
    pub removed: Option<RemovedFootage>,
}

/// Limits that are thought of; what is not named keeps its own.
#[derive(Clone, Debug, Default)]
pub struct Proposed {
    /// Of streams.
    pub streams: Vec<(StreamId, config::Keep)>,
    /// What would stay free on volumes.
    pub volumes: Vec<(VolumeId, config::KeepFree)>,
}

/// Footage that would be removed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemovedFootage {
    /// Its first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// How many segments.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether that is all.
    pub complete: bool,
}

/// One camera.
#[derive(Clone, Debug)]
pub struct CameraStatus {
    /// Its id.
    pub id: CameraId,
    /// Its fixed short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether a configuration file names it.
    pub managed_by_file: bool,
    /// Whether it is known but not in use.
    pub paused: bool,
    /// Its streams, the main one first.
    pub streams: Vec<StreamStatus>,
}

/// One stream. Counters count since the process started.
#[derive(Clone, Debug)]
pub struct StreamStatus {
    /// Its id.
    pub id: StreamId,
    /// Its name.
    pub name: String,
    /// Whether its camera has it no more: it is shown while there is footage of it.
    pub taken_out: bool,
    /// How the connection stands.
    pub state: StreamState,
    /// Since when it stands so.
    pub since: Option<WallTime>,
    /// When the next attempt is made.
    pub retry_at: Option<WallTime>,
    /// Why the last connection or attempt ended, in words.
    pub last_error: Option<String>,
    /// What is odd but does not stop it, in words.
    pub warnings: Vec<String>,
    /// Whether it is recorded.
    pub recording: Recording,
    /// Why it is not recorded though it should be.
    pub recording_problem: Option<String>,
    /// Since when it is recorded, or is not to be, while the session went on.
    pub recording_since: Option<WallTime>,
    /// When that changes by itself, where it may.
    pub recording_plan: Option<RecordingPlan>,
    /// What it carries; of the last run where none is under way.
    pub tracks: Vec<Arc<TrackParams>>,
    /// Pictures a second, measured.
    pub frame_rate: Option<f64>,
    /// Bits a second of all tracks, measured.
    pub bit_rate: Option<u64>,
    /// Frames of all tracks received.
    pub frames: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Frames received and not recorded though they should have been.
    pub lost_frames: u64,
    /// Those of them that came where recording began, before the next key frame: the newest one was
    /// not in memory any more.
    pub passed_over_frames: u64,
    /// Packets that the network lost.
    pub lost_packets: u64,
    /// Connections after the first.
    pub reconnects: u64,
    /// Bytes received that are not durable yet.
    pub waiting_bytes: u64,
    /// How the camera's clock stands to ours; `None` until it has sent something.
    pub clock: Option<CameraClock>,
    /// How far its footage will reach; `None` until that was worked out.
    pub forecast: Option<Forecast>,
    /// By how many seconds its footage is dated later than it is, for older footage stands there.
    pub dated_late_seconds: f64,
}

/// How a camera's clock stands to ours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CameraClock {
    /// Whether the camera tells its time of day by sender reports.
    pub reports: bool,
    /// Its time of day less ours, in milliseconds.
    pub offset_ms: Option<f64>,
    /// How much faster than ours it runs, in parts per million.
    pub drift_ppm: Option<f64>,
    /// How often it jumped since the process started.
    pub jumps: u64,
    /// Since when it is measured without a break.
    pub since: WallTime,
}

/// One volume.
#[derive(Clone, Debug)]
pub struct VolumeStatus {
    /// Its id; `None` until it was opened once.
    pub id: Option<VolumeId>,
    /// Its name.
    pub name: String,
    /// The folder that it is.
    pub path: PathBuf,
    /// What it is for.
    pub r#use: config::VolumeUse,
    /// Whether a configuration file names it.
    pub managed_by_file: bool,
    /// The streams that are recorded there now, as `camera/stream`.
    pub streams: Vec<String>,
    /// Whether it can be written.
    pub state: VolumeState,
    /// What is wrong and what to do, in words.
    pub problem: Option<String>,
    /// Bytes of its file system.
    pub total_bytes: u64,
    /// Bytes free on its file system.
    pub free_bytes: u64,
    /// What retention keeps free, as it is set.
    pub keep_free: config::KeepFree,
    /// Bytes that retention keeps free.
    pub keep_free_bytes: u64,
    /// Bytes of footage on it.
    pub footage_bytes: u64,
    /// The oldest footage on it.
    pub oldest: Option<WallTime>,
    /// Seconds that the last round of syncs took.
    pub sync_seconds: Option<f64>,
    /// Rounds of syncs since the process started.
    pub syncs: u64,
    /// Rounds of syncs that failed.
    pub sync_failures: u64,
    /// Segments on it that are known to be damaged.
    pub damaged_segments: u64,
    /// Bytes that the background check has read since the process started.
    pub scrubbed_bytes: u64,
}

/// The process itself.
#[derive(Clone, Debug, Default)]
pub struct ProcessStatus {
    /// When it started.
    pub started: WallTime,
    /// Processor seconds used.
    pub cpu_seconds: f64,
    /// Resident memory.
    pub resident_bytes: u64,
}

/// A configuration text was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// It is wrong; the text says where and what to write instead.
    #[error("{0}")]
    Invalid(String),
    /// It would change what a file manages.
    #[error("{0} is managed by a configuration file: change it there")]
    ManagedByFile(String),
    /// It makes this limit tighter, which deletes footage, and who asks may not do that.
    #[error("it makes {0} tighter, which deletes footage")]
    Tightens(String),
    /// It is right, but could not be put into effect.
    #[error(transparent)]
    Failed(#[from] OperationError),
}

/// A camera that is to be added, or changed.
pub enum CameraEdit {
    /// A new one.
    Add(Box<config::Camera>),
    /// Another one than it was.
    Change(CameraId, Box<crate::wire::camera_settings::CameraChange>),
}

/// How a camera is logged in to that is asked once.
pub enum Login {
    /// Not at all.
    None,
    /// With this name and password.
    Given(String, config::Secret),
    /// As this camera is, at an address of its own.
    Of(CameraId),
}

/// A camera was not added, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// There is none with that id.
    #[error("there is no such camera")]
    Unknown,
    /// A configuration file names it.
    #[error("camera {0:?} is managed by a configuration file: change it there")]
    ManagedByFile(String),
    /// Name or slug is another one's: which of them.
    #[error("{why}")]
    NameTaken {
        /// The member that says it.
        member: &'static str,
        /// Whose it is, in words.
        why: String,
    },
    /// It collides with what is there: there is no place for one more.
    #[error("{0}")]
    Taken(String),
    /// A value may not stand where it stands.
    #[error("{}: {}", .0.path.join("."), .0.message)]
    Invalid(config::FieldProblem),
    /// This limit would become tighter, which deletes footage, and who asks may not do that.
    #[error("{}: tighter limits delete footage", .0.join("."))]
    Tightens(Vec<String>),
    /// Some of its footage may not be deleted.
    #[error("{0}")]
    Protected(String),
    /// It could not be done now.
    #[error(transparent)]
    Failed(#[from] OperationError),
}

/// A volume was not changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// There is none with that id.
    #[error("there is no such volume")]
    Unknown,
    /// A configuration file names it.
    #[error("volume {0:?} is managed by a configuration file: change it there")]
    ManagedByFile(String),
    /// It holds what would be lost.
    #[error("{0}")]
    InUse(String),
    /// So much cannot be kept free on its disk.
    #[error("{0}")]
    KeepFree(String),
    /// It could not be done now.
    #[error(transparent)]
    Failed(#[from] OperationError),
}

/// Changes of rows were not made.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// One of them cannot be made.
    #[error(transparent)]
    Refused(#[from] catalog::Refusal),
    /// The catalog cannot be written now.
    #[error(transparent)]
    Failed(#[from] OperationError),
}

/// Something could not be done, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OperationError(pub String);
