//! What is asked for, and what a playlist is a row of.

use std::sync::Arc;

use base::{SegmentId, StreamId, WallTime};
use media::TrackParams;

use super::cuts::Cut;

/// What a playlist is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaylistRequest {
    /// The stream.
    pub stream: StreamId,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it; of one that grows, how far footage is durable.
    pub to: WallTime,
    /// Whether more will follow under the same address.
    pub is_growing: bool,
}

/// An init segment, named by the first segment that has its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Init {
    pub segment: SegmentId,
    pub params: Vec<Arc<TrackParams>>,
}

/// A media segment.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub segment: SegmentId,
    pub cut: Cut,
    /// Whether it ends where the range does, and not at a cut.
    pub is_last: bool,
    /// Whether time goes on from the one before.
    pub continues: bool,
    /// Index of its init segment.
    pub init: usize,
    /// Of its samples; of sound a mean.
    pub bytes: u64,
}
