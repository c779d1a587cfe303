//! The public face of playback, against archives in memory.
#![allow(clippy::unwrap_used)]

mod archive;
mod clip;
mod failures;
mod ffmpeg;
mod hidden;
mod keyframes;
mod long;
mod mp4;
mod random;
mod recordings;
mod speed;
mod stored;
mod tree;
