//! The bytes of a clip, slice by slice.

use std::ops::Range;
use std::sync::Arc;

use base::SegmentId;
use bytes::Bytes;

use crate::plan::ClipPlan;
use crate::source::{Source, SourceError};

/// Reads a part of a clip. Each item is at most `limits::BODY_SLICE_BYTES_MAX` bytes; together
/// they are exactly the range, or the last one is an error. Calls block on the disk.
pub struct ClipReader {
    plan: Arc<ClipPlan>,
    source: Arc<dyn Source>,
    rest: Range<u64>,
}

impl ClipReader {
    /// A reader of the bytes `range` of the clip, cut to its length.
    pub fn new(plan: Arc<ClipPlan>, source: Arc<dyn Source>, range: Range<u64>) -> Self {
        let rest = range.start.min(plan.len())..range.end.min(plan.len());
        Self { plan, source, rest }
    }

    /// Bytes that are still to come.
    pub fn remaining(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }
}

impl Iterator for ClipReader {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = (&self.plan, &self.source);
        todo!()
    }
}

/// The clip cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Rows, indexes or files cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A segment's file cannot be read.
    #[error("segment {segment} cannot be read at byte {offset}: {error}")]
    File {
        /// Which.
        segment: SegmentId,
        /// Where in its file.
        offset: u64,
        /// What the system said.
        error: std::io::Error,
    },
    /// The index of a segment does not agree with its row.
    #[error("the index of segment {segment} does not agree with its row: {what}; run check")]
    Disagrees {
        /// Which.
        segment: SegmentId,
        /// In what.
        what: &'static str,
    },
}
