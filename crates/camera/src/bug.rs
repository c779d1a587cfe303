//! A session that breaks off by a bug of ours is one that failed, and is tried again as any other:
//! it must not take its camera with it for ever, nor leave its run open.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use base::WallTime;
use futures_util::FutureExt;
use media::Frame;

use crate::sink::{ClockEstimate, EndCause, Epoch, FrameSink};

/// What comes of `session`, or the words of its panic.
pub(crate) async fn caught<T>(session: impl Future<Output = T>) -> Result<T, String> {
    // What it leaves half done is dropped here, but for the sink, whose run is then ended.
    let outcome = AssertUnwindSafe(session).catch_unwind().await;
    outcome.map_err(|panic| words(&*panic))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without words".to_owned())
}

/// A sink that knows whether a run is open.
pub(crate) struct Runs<S> {
    sink: S,
    open: bool,
}

impl<S: FrameSink> Runs<S> {
    /// No run is open.
    pub(crate) fn new(sink: S) -> Self {
        Self { sink, open: false }
    }

    /// Ends the run that a panic left open; whether there was one.
    pub(crate) fn end_left(&mut self, at: WallTime) -> bool {
        let left = self.open;
        // Where the sink itself is broken, that must not end the task either.
        let end = AssertUnwindSafe(|| self.end_run(EndCause::Crash, at));
        if left && catch_unwind(end).is_err() {
            tracing::error!("a run that broke off by a bug in Holdfast could not be ended");
        }
        left
    }
}

impl<S: FrameSink> FrameSink for Runs<S> {
    fn begin_epoch(&mut self, epoch: Epoch) {
        self.open = true;
        self.sink.begin_epoch(epoch);
    }

    fn frame(&mut self, frame: Frame) {
        self.sink.frame(frame);
    }

    fn clock(&mut self, estimate: ClockEstimate) {
        self.sink.clock(estimate);
    }

    fn end_run(&mut self, cause: EndCause, at: WallTime) {
        self.open = false;
        self.sink.end_run(cause, at);
    }

    fn end_requested(&mut self) -> Option<EndCause> {
        self.sink.end_requested()
    }

    fn is_watched(&self) -> bool {
        self.sink.is_watched()
    }
}
