//! The rows as plain values. Row numbers never leave this crate.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use base::{CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};
use config::{Keep, KeepFree, Password, Schedule, Transport, VolumeUse};
use media::{CommitRef, Predecessor, TrackParams, TrackTotals};

/// One camera, known once and never forgotten while footage of it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraRow {
    /// Its id.
    pub id: CameraId,
    /// Its fixed name in paths and URLs; unique.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Whether a configuration file names it (then that file's values stand here too).
    pub managed_by_file: bool,
    /// Known, but not in use: its file names it no more, or a person paused it.
    pub paused: bool,
    /// Taken away by a person; its footage ages out.
    pub removed: bool,
    /// For the camera's login.
    pub username: Option<String>,
    /// For the camera's login.
    pub password: Option<Password>,
}

/// One stream of a camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamRow {
    /// Its id.
    pub id: StreamId,
    /// Whose it is.
    pub camera: CameraId,
    /// Its name, fixed; unique within the camera.
    pub name: String,
    /// `rtsp://…`, without credentials; empty: taken out of its camera.
    pub url: String,
    /// How media travels.
    pub transport: Transport,
    /// Whether it is recorded.
    pub record: bool,
    /// When in a week it is recorded; `None`: always.
    pub schedule: Option<Schedule>,
    /// Known, but not in use.
    pub paused: bool,
    /// Where it is to be recorded, while that works; `None`: where there is most room.
    pub volume: Option<VolumeId>,
    /// How much footage is kept.
    pub keep: Keep,
}

impl StreamRow {
    /// Whether its camera has it no more: it is paused then, and its footage ages out.
    pub fn is_taken_out(&self) -> bool {
        self.url.is_empty()
    }
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeRow {
    /// Its id, as in its `holdfast-volume.json`.
    pub id: VolumeId,
    /// Its name; unique.
    pub name: String,
    /// Its folder. Where there is none, the disk is missing: it is never initialised again.
    pub path: PathBuf,
    /// The space that retention leaves free.
    pub keep_free: KeepFree,
    /// What it is for.
    pub r#use: VolumeUse,
    /// Whether a configuration file names it.
    pub managed_by_file: bool,
}

/// Where a segment stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentState {
    /// Its header is durable; it grows, or was cut off and awaits recovery.
    Open,
    /// Complete, for ever.
    Sealed,
    /// Its file is about to be removed, or is gone already.
    Garbage,
}

/// One track of a segment, summed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentTrack {
    /// What a decoder must know.
    pub params: Arc<TrackParams>,
    /// Sums over its samples; zeros in a row that is open.
    pub totals: TrackTotals,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentRow {
    /// Its id.
    pub id: SegmentId,
    /// Whose footage it is.
    pub stream: StreamId,
    /// Where its file is.
    pub volume: VolumeId,
    /// The session with the camera that it came from.
    pub run: RunId,
    /// The camera's slug, for the path. Joined on reading, ignored on writing.
    pub camera_slug: Arc<str>,
    /// The stream's name, for the path. Joined on reading, ignored on writing.
    pub stream_name: Arc<str>,
    /// Where it stands in its life. On writing, the [`crate::Change`] decides.
    pub state: SegmentState,
    /// Wall time of its first lead sample.
    pub start: WallTime,
    /// Wall time of the end of its last lead sample; of a growing one, of the last durable one.
    pub end: WallTime,
    /// Bytes of its file.
    pub bytes: u64,
    /// Bytes that the file takes on the disk.
    pub allocated: u64,
    /// In the order of its tracks.
    pub tracks: Vec<SegmentTrack>,
    /// The segment that its stream wrote before it.
    pub predecessor: Option<Predecessor>,
    /// Its last durable commit.
    pub last_commit: Option<CommitRef>,
    /// Why its run ended with it; `None` when the run went on, or nobody knows.
    pub end_cause: Option<String>,
}

impl SegmentState {
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Sealed => 1,
            Self::Garbage => 2,
        }
    }

    pub(crate) const fn of_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Open),
            1 => Some(Self::Sealed),
            2 => Some(Self::Garbage),
            _ => None,
        }
    }
}

impl fmt::Display for SegmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Sealed => "sealed",
            Self::Garbage => "garbage",
        })
    }
}
