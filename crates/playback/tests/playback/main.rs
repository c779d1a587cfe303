//! The public face of playback, against archives in memory.
#![allow(clippy::unwrap_used)]

mod archive;
mod clip;
mod failures;
mod ffmpeg;
mod hidden;
mod hls;
mod hls_cases;
mod in_band;
mod keyframes;
mod long;
mod media_segment;
mod mp4;
mod names;
mod random;
mod recordings;
mod several;
mod speed;
mod squeezed;
mod stored;
mod timestamps;
mod tree;
mod unchanged;
mod week;
