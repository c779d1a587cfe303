//! Live fan-out: one fragmented MP4 of a stream, many viewers.
//!
//! The encoder of a stream starts with its first viewer and ends with its last. Each fragment is
//! encoded once; viewers share its bytes. A new viewer begins with the newest key frame, a slow one
//! skips to it and is told. For players that ask again and again (HLS) the newest fragments are
//! kept as parts and media segments, from the first request until a while after the last. Nothing
//! here knows of disks: live works while recording does not.

mod channel;
mod cuts;
mod encoder;
mod feed;
mod hls;
mod hub;
mod message;
mod scale;
mod timeline;
mod viewer;
mod visit;

pub use hls::{Awaited, LiveFile, LiveFileError, OnAir, Wanted, with_reports};
pub use hub::{LiveHub, SubscribeError};
pub use message::{Clock, Fragment, Init, LiveMessage, LiveState, Skipped};
pub use viewer::Viewer;
pub use visit::Visit;
