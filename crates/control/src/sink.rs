//! Connects a camera to its stream: what `camera` delivers goes into the `stream` of the same
//! name. The two do not know each other.

use std::sync::{Arc, OnceLock};

use base::WallTime;
use camera::FrameSink;
use media::Frame;
use stream::{Epoch, StreamWriter};
use world::Clock;

use crate::gate::{Gate, Pass};

/// Why a camera's task is told to end, where that is not the end of everything. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Farewell(Arc<OnceLock<stream::EndCause>>);

impl Farewell {
    /// Says why; the first word counts.
    pub fn set(&self, cause: stream::EndCause) {
        self.0.get_or_init(|| cause);
    }
}

/// Puts what a camera sends into a stream. The camera's task owns it while it runs.
pub struct StreamSink {
    writer: StreamWriter,
    clock: Arc<dyn Clock>,
    farewell: Farewell,
    gate: Gate,
    open: Option<Pass>,
}

impl StreamSink {
    /// A sink into `writer`; ends of runs are stamped by `clock`. `farewell` says why the task is
    /// told to end; `gate` counts the run while one is open.
    pub fn new(
        writer: StreamWriter,
        clock: Arc<dyn Clock>,
        farewell: Farewell,
        gate: Gate,
    ) -> Self {
        Self { writer, clock, farewell, gate, open: None }
    }
}

impl FrameSink for StreamSink {
    fn begin_epoch(&mut self, epoch: camera::Epoch) {
        let camera::Epoch { run, number, tracks, begun } = epoch;
        self.open.get_or_insert_with(|| self.gate.enter());
        self.writer.begin_epoch(Arc::new(Epoch { run, number, tracks, begun }));
    }

    fn frame(&mut self, frame: Frame) {
        let taken = self.writer.push(frame);
        let in_order = taken || self.writer.is_replaced();
        debug_assert!(in_order, "a camera delivers frames after begin_epoch only");
    }

    fn clock(&mut self, estimate: camera::ClockEstimate) {
        let camera::ClockEstimate { offsets, settled } = estimate;
        self.writer.set_clock(stream::ClockEstimate { offsets, settled });
    }

    fn end_run(&mut self, cause: camera::EndCause, at: WallTime) {
        let told = (cause == camera::EndCause::Shutdown).then(|| self.farewell.0.get().copied());
        let cause = told.flatten().unwrap_or_else(|| to_stream(cause));
        self.writer.end_run(cause, at, self.clock.mono());
        self.open = None;
    }

    fn end_requested(&mut self) -> Option<camera::EndCause> {
        self.writer.end_requested().map(to_camera)
    }

    fn is_watched(&self) -> bool {
        self.writer.is_watched()
    }
}

fn to_stream(cause: camera::EndCause) -> stream::EndCause {
    match cause {
        camera::EndCause::CameraGone => stream::EndCause::CameraGone,
        camera::EndCause::Silent => stream::EndCause::Silent,
        camera::EndCause::BadData => stream::EndCause::BadData,
        camera::EndCause::Clock => stream::EndCause::Clock,
        camera::EndCause::Crash => stream::EndCause::Crash,
        camera::EndCause::Overload => stream::EndCause::Overload,
        camera::EndCause::Reconfigured => stream::EndCause::Reconfigured,
        camera::EndCause::Shutdown => stream::EndCause::Shutdown,
    }
}

/// What a reader may ask for; everything else means that the session must end all the same.
fn to_camera(cause: stream::EndCause) -> camera::EndCause {
    match cause {
        stream::EndCause::Clock => camera::EndCause::Clock,
        stream::EndCause::Overload => camera::EndCause::Overload,
        stream::EndCause::Shutdown => camera::EndCause::Shutdown,
        _ => camera::EndCause::Reconfigured,
    }
}
