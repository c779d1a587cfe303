//! Encoded media, pure: codec parameters, frames, the packed sample index, ISO-BMFF reading and
//! writing. No files, no sockets, no clocks.

pub mod frame;
pub mod index;
pub mod params;

pub use frame::{Access, Frame};
pub use index::{Anchor, Chunk, Sample, SegmentIndex, TrackIndex};
pub use params::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
