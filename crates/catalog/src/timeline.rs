//! Where there is footage and why there is none elsewhere, as coarse as asked for.

use base::{StreamId, WallTime};

use crate::error::ReadError;
use crate::open::Catalog;

/// Footage and gaps of one range of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TimelineSpans {
    /// At least what was asked for; more where the answer would have had too many spans.
    pub resolution_micros: i64,
    /// Footage, half-open, cut to the range, in order; what is closer than the resolution is
    /// joined.
    pub footage: Vec<(WallTime, WallTime)>,
    /// The gaps between footage, cut to the range, in order.
    pub gaps: Vec<GapSpan>,
}

/// A span without footage between two with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapSpan {
    /// The end of the footage before it.
    pub from: WallTime,
    /// The start of the footage after it.
    pub to: WallTime,
    /// Why the run before it ended; `None` when nobody knows.
    pub cause: Option<String>,
}

impl Catalog {
    /// Draws [from, to) of a stream; growing footage too. Spans and gaps are at most
    /// [`base::limits::TIMELINE_SPANS_MAX`] together. From a resolution of one hour on, hour
    /// summaries are read in place of segments.
    pub fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, ReadError> {
        let _ = (stream, from, to, resolution_micros);
        todo!()
    }
}
