//! The camera task against real RTSP servers: `testcam` with its faults, and GStreamer's.
#![allow(clippy::unwrap_used, missing_docs)]

mod exact;
mod failures;
mod gstreamer;
mod jpeg;
mod judge;
mod playing;
mod stopping;
mod support;
mod timestamps;
