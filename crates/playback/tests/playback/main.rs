//! The public face of playback, against archives in memory.
#![allow(clippy::unwrap_used)]

mod archive;
mod clip;
mod failures;
mod ffmpeg;
mod hidden;
mod hls;
mod hls_cases;
mod keyframes;
mod long;
mod media_segment;
mod mp4;
mod random;
mod recordings;
mod speed;
mod stored;
mod tree;
