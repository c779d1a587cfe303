//! What recording reports to its driver.

use std::time::Duration;

use base::{MonoTime, StreamId, WallTime};
use catalog::Change;
use stream::Lost;

use crate::unfinished::Unfinished;

/// What one step did.
#[derive(Debug, Default)]
pub struct StepReport {
    /// For the catalog's writer, in this order. The bytes that they speak of are durable.
    pub changes: Vec<Change>,
    /// What was published as durable: everything of the stream before that instant is.
    pub durable: Vec<(StreamId, WallTime)>,
    /// Files that are to be sealed by [`crate::recover::finish`], on a thread that may be slow.
    pub unfinished: Vec<Unfinished>,
    /// What somebody should know.
    pub alarms: Vec<Alarm>,
    /// Streams whose footage is dated later than it is, and by how much: older footage stands
    /// there, and it must not overlap that.
    pub dated_late: Vec<(StreamId, Duration)>,
    /// Streams that have no open segment here any more and may go on on another volume, as
    /// [`crate::VolumeRecorder::release`] wanted.
    pub released: Vec<StreamId>,
    /// Streams that another recorder has taken over.
    pub cut_off: Vec<StreamId>,
    /// Bytes of media that became durable.
    pub bytes: u64,
    /// When the next step is due, at the earliest: see [`crate::VolumeRecorder::comes_due`].
    pub due: MonoTime,
}

/// Something that went wrong, as it happens; the driver keeps what lasts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Alarm {
    /// Writing or syncing failed; the frames are still in memory and will be tried again.
    #[error("cannot record: {error}")]
    Disk {
        /// The stream.
        stream: StreamId,
        /// The error, with file and cause.
        error: String,
        /// What is wrong with the disk, as far as the error tells.
        fault: DiskFault,
    },
    /// Frames were not recorded.
    #[error("{} frames ({} bytes) were not recorded: {cause}", lost.frames, lost.bytes)]
    Lost {
        /// The stream.
        stream: StreamId,
        /// How much.
        lost: Lost,
        /// Why.
        cause: LossCause,
    },
    /// The disk is too slow for the sync interval.
    #[error("the disk is slow: footage is durable only after {} ms", age.as_millis())]
    Slow {
        /// The age that frames reach before they are durable.
        age: Duration,
    },
    /// Camera time and wall time no longer fit: the run was asked to end. Told once a run.
    #[error("camera time and wall time are {} ms apart: beginning a new run", error_micros / 1000)]
    Clock {
        /// The stream.
        stream: StreamId,
        /// The error in microseconds.
        error_micros: i64,
    },
    /// A run would have begun before the end of the last one: its footage is dated later.
    #[error("footage is dated {} ms late, for it must not overlap older footage", micros / 1000)]
    Held {
        /// The stream.
        stream: StreamId,
        /// By how much, in microseconds.
        micros: i64,
    },
}

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// There is no space left.
    NoSpace,
    /// It can only be read.
    ReadOnly,
    /// Anything else.
    Other,
}

/// Why frames were not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossCause {
    /// They came before the first key frame of their parameters.
    BeforeKey,
    /// Memory was used up while the disk did not keep up.
    Overload,
    /// They cannot stand in a segment: they precede its origin, or break the format's rules.
    Misplaced,
}

impl LossCause {
    /// Its name in logs and metrics; it never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeKey => "before-key",
            Self::Overload => "overload",
            Self::Misplaced => "misplaced",
        }
    }
}

impl std::fmt::Display for LossCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is committed when recording has ended.
#[derive(Debug, Default)]
pub struct FinishReport {
    /// What the last steps reported, together.
    pub step: StepReport,
    /// By stream, the frames that could not be made durable here, and still wait in its memory;
    /// empty when all footage is committed.
    pub uncommitted: Vec<(StreamId, Lost)>,
    /// Segments that are durable but not sealed; the next start seals them.
    pub unsealed: usize,
}

impl FinishReport {
    /// Whether every frame that was received is durable.
    pub fn all_committed(&self) -> bool {
        self.uncommitted.is_empty()
    }
}
