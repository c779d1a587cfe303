//! Which samples a clip has, and where each byte of the file comes from.

use base::{StreamId, WallTime};

use crate::source::{Source, SourceError};
use crate::timeline::Span;

/// What a clip is asked to show: the frames of one stream presented in [from, to).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClipRequest {
    /// The stream.
    pub stream: StreamId,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
}

/// The layout of one clip: everything about the file but the bytes that come from segments.
#[derive(Debug)]
pub struct ClipPlan {
    len: u64,
    etag: String,
}

impl ClipPlan {
    /// Plans the clip. Reads rows, and the indexes of the segments at its two ends.
    pub fn new(source: &dyn Source, request: ClipRequest) -> Result<Self, PlanError> {
        let _ = (source, request);
        todo!()
    }

    /// The length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Never: a clip has at least its header.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The strong entity tag (RFC 9110 section 8.8.3), with its quotes: equal tags mean equal bytes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// What the clip shows: from the instant at its time 0 to its end.
    pub fn shown(&self) -> Span {
        todo!()
    }
}

/// A clip cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// `to` is not after `from`.
    #[error("the range is empty: it ends at {to}, which is not after its start {from}")]
    EmptyRange {
        /// As asked for.
        from: WallTime,
        /// As asked for.
        to: WallTime,
    },
    /// Nothing was recorded in the range.
    #[error("{0}")]
    NoFootage(Box<NoFootage>),
    /// Rows or indexes cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// What there is instead of the footage asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFootage {
    /// As asked for.
    pub from: WallTime,
    /// As asked for.
    pub to: WallTime,
    /// From the oldest to the newest footage of the stream; `None` when it has none.
    pub recorded: Option<Span>,
    /// The last footage before the range.
    pub before: Option<Span>,
    /// The first footage after the range.
    pub after: Option<Span>,
}

impl std::fmt::Display for NoFootage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no footage from {} to {}", self.from, self.to)
    }
}
