//! Fragmented MP4 for viewers: an init segment and fragments of a few access units, as Media
//! Source Extensions take them.

use std::sync::Arc;

use bytes::Bytes;

use crate::batch::SegmentScale;
use crate::frame::Frame;
use crate::params::TrackParams;

/// Makes the init segment and the fragments of one epoch for viewers.
#[derive(Debug, Clone)]
pub struct LiveMuxer {
    tracks: Vec<Arc<TrackParams>>,
    scale: SegmentScale,
    next_fragment: u32,
}

impl LiveMuxer {
    /// `scale` takes the run's times to those that viewers see. Tracks that no browser plays
    /// (G.711) are left out.
    pub fn new(tracks: &[Arc<TrackParams>], scale: SegmentScale) -> Self {
        Self { tracks: tracks.to_vec(), scale, next_fragment: 1 }
    }

    /// `ftyp` and `moov`; `None` when no track is left.
    pub fn init(&self) -> Option<Bytes> {
        todo!()
    }

    /// `video/mp4; codecs="…"` for `MediaSource.isTypeSupported` and `addSourceBuffer`.
    pub fn mime(&self) -> String {
        todo!()
    }

    /// One `moof` and `mdat` of `frames` (in the stream's order); `None` when no frame of them is
    /// of a track that viewers get.
    pub fn fragment(&mut self, _frames: &[Frame]) -> Option<Bytes> {
        todo!()
    }
}
