//! What a stream carries: frames of epochs of runs, and why runs end.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base::{RunId, WallTime};
use media::{Frame, TrackParams};

/// A span of a run in which the parameters of all tracks stay the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// The session with the camera that it belongs to.
    pub run: RunId,
    /// 0 for the first of its run, then 1, 2, …
    pub number: u32,
    /// Parameters by track; [`Frame::track`] is an index into them.
    pub tracks: Vec<Arc<TrackParams>>,
    /// When it began to be received.
    pub begun: WallTime,
}

impl Epoch {
    /// The track that leads: its key frames are where files and viewers may begin.
    pub fn lead_track(&self) -> Option<usize> {
        self.tracks.iter().position(|t| t.is_video()).or((!self.tracks.is_empty()).then_some(0))
    }

    /// Whether a file or a viewer may begin at `frame`.
    pub fn starts_at(&self, frame: &Frame) -> bool {
        frame.access.is_key() && self.lead_track() == Some(frame.track)
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// The camera closed the connection or the network broke.
    CameraGone,
    /// The camera kept the connection but sent nothing.
    Silent,
    /// The camera sent what cannot be a stream: sizes or syntax out of bounds.
    BadData,
    /// Camera time and wall time no longer fit.
    Clock,
    /// The configuration of the stream changed.
    Reconfigured,
    /// The recorder could not keep up and its memory was used up.
    Overload,
    /// The disk failed.
    Disk,
    /// Holdfast was told to stop.
    Shutdown,
    /// The camera or the stream was paused.
    Paused,
    /// The stream is no longer to be recorded.
    Off,
    /// The stream's schedule says that it is not to be recorded now.
    NotScheduled,
    /// Holdfast ended without being told to, nobody knows how: a crash, a kill or a power cut.
    Cut,
    /// Holdfast crashed or was killed, while the machine went on; or reading this camera broke off
    /// by a bug.
    Crash,
    /// The machine went down without Holdfast being told to stop.
    Power,
}

impl EndCause {
    const NAMES: [(Self, &'static str); 14] = [
        (Self::CameraGone, "camera-gone"),
        (Self::Silent, "silent"),
        (Self::BadData, "bad-data"),
        (Self::Clock, "clock"),
        (Self::Reconfigured, "reconfigured"),
        (Self::Overload, "overload"),
        (Self::Disk, "disk"),
        (Self::Shutdown, "shutdown"),
        (Self::Paused, "paused"),
        (Self::Off, "off"),
        (Self::NotScheduled, "not-scheduled"),
        (Self::Cut, "cut"),
        (Self::Crash, "crash"),
        (Self::Power, "power"),
    ];

    /// The name that rows and the API use; it never changes.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(cause, _)| *cause == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a cause why a run ended")]
pub struct UnknownCause;

impl FromStr for EndCause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Self, UnknownCause> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text);
        found.map(|(cause, _)| *cause).ok_or(UnknownCause)
    }
}

/// One thing in a stream.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A frame, and the epoch it belongs to.
    Frame(Arc<Epoch>, Frame),
    /// The run ended: what follows belongs to another run.
    End {
        /// The run.
        run: RunId,
        /// Why.
        cause: EndCause,
        /// When.
        at: WallTime,
    },
}

impl Entry {
    /// Bytes of media it holds.
    pub fn size(&self) -> usize {
        match self {
            Self::Frame(_, frame) => frame.data.len(),
            Self::End { .. } => 0,
        }
    }

    /// Whether a file or a viewer may begin here.
    pub fn is_start(&self) -> bool {
        matches!(self, Self::Frame(epoch, frame) if epoch.starts_at(frame))
    }
}

/// The best known relation of camera time to wall time.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ClockEstimate {
    /// By track: the wall time, in microseconds, of tick 0 of the run. `None` before its first
    /// frame.
    pub offsets: Vec<Option<i64>>,
    /// Whether it has seen enough frames to be committed to.
    pub settled: bool,
}

/// What a cursor did not get, because it was too slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Frames of all tracks.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Lost {
    /// Whether nothing was lost.
    pub const fn is_none(&self) -> bool {
        self.frames == 0
    }

    pub(crate) fn add_all(&mut self, more: Self) {
        self.frames += more.frames;
        self.bytes += more.bytes;
    }

    pub(crate) fn add(&mut self, bytes: usize) {
        self.frames += 1;
        self.bytes += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_name_that_reads_back() {
        for (cause, name) in EndCause::NAMES {
            assert_eq!(name.parse(), Ok(cause));
            assert_eq!(cause.to_string(), name);
        }
        assert_eq!("".parse::<EndCause>(), Err(UnknownCause));
    }
}
