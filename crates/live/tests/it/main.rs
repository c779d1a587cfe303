//! Watching a stream that is written to.
#![allow(clippy::unwrap_used)]

mod camera;
mod hls;
mod hub;
