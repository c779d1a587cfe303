//! Where a camera's frames go: a trait of this crate's own, so that it needs to know nobody.

use std::sync::Arc;

use base::{RunId, WallTime};
use media::{Frame, TrackParams};

/// A span of a run in which the parameters of all tracks stay the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// The session with the camera, on one clock mapping.
    pub run: RunId,
    /// 0 for the first of its run, then 1, 2, …
    pub number: u32,
    /// Parameters by track; [`Frame::track`] is an index into them. Their number and order stay the
    /// same within a run.
    pub tracks: Vec<Arc<TrackParams>>,
    /// When its first frame was received.
    pub begun: WallTime,
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
    /// The camera's timestamps jumped, or its clock and ours no longer fit.
    Clock,
    /// Reading it broke off by a bug of ours.
    Crash,
    /// Whoever records could not keep up.
    Overload,
    /// The settings of the stream changed.
    Reconfigured,
    /// The task was told to stop.
    Shutdown,
}

/// The best known relation of media time to wall time.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ClockEstimate {
    /// By track: the wall time, in microseconds, of tick 0 of the run. `None` before the track's
    /// first frame.
    pub offsets: Vec<Option<i64>>,
    /// Whether it has seen enough frames to be committed to.
    pub settled: bool,
}

/// Takes what a camera sends. Calls never block: whatever overflows is the sink's to drop and
/// count.
///
/// Order: `begin_epoch`, then `frame`s of it; a further `begin_epoch` with the same run when
/// parameters change; `end_run` closes the run. Then nothing, or `begin_epoch` with another run.
pub trait FrameSink: Send {
    /// The frames that follow belong to `epoch`.
    fn begin_epoch(&mut self, epoch: Epoch);

    /// One access unit or audio frame of the current epoch, in the order of arrival.
    fn frame(&mut self, frame: Frame);

    /// What is now known of the relation of the run's media time to wall time.
    fn clock(&mut self, estimate: ClockEstimate);

    /// The run is over.
    fn end_run(&mut self, cause: EndCause, at: WallTime);

    /// Whether whoever reads the frames wants this run to end. Asked every time frames have come;
    /// answering withdraws the wish. It ends at the next key frame, which begins another run of the
    /// same session, so that no frame is lost.
    fn end_requested(&mut self) -> Option<EndCause> {
        None
    }

    /// Whether anybody wants the frames as they come. Otherwise they may be read in ticks.
    fn is_watched(&self) -> bool {
        false
    }
}
