//! The packed form of an index.

use std::sync::Arc;

use crate::index::SegmentIndex;
use crate::params::TrackParams;

pub(crate) fn pack(_index: &SegmentIndex) -> Vec<u8> {
    todo!()
}

pub(crate) fn unpack(_bytes: &[u8], _tracks: &[Arc<TrackParams>]) -> Option<SegmentIndex> {
    todo!()
}
