//! What a timeline draws: where there is footage, and why there is none elsewhere.

use base::{StreamId, WallTime};

use crate::request::{Span, recorded};
use crate::source::{Source, SourceError};

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineRequest {
    /// The stream.
    pub stream: StreamId,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// What is shorter than this many microseconds may be merged with its neighbours.
    pub resolution_micros: i64,
}

/// A span without footage between two with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When.
    pub span: Span,
    /// Why; `None` when it is not known, or several were merged.
    pub cause: Option<String>,
}

/// Footage and gaps of one range, both in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// At least what was asked for; more where the answer would have grown too large.
    pub resolution_micros: i64,
    /// From the oldest to the newest footage of the stream, inside the range or not.
    pub recorded: Option<Span>,
    /// Footage, cut to the range. Together with the gaps at most `limits::TIMELINE_SPANS_MAX`.
    pub footage: Vec<Span>,
    /// What is missing between footage, cut to the range.
    pub gaps: Vec<Gap>,
    /// What no rule removes, cut to the range.
    pub protected: Vec<Span>,
}

impl Timeline {
    /// Draws the range. Nothing is drawn of one that ends before it begins.
    pub fn new(source: &dyn Source, request: TimelineRequest) -> Result<Self, SourceError> {
        let TimelineRequest { stream, from, to, resolution_micros } = request;
        let recorded = recorded(source, stream)?;
        let resolution_micros = resolution_micros.max(0);
        if to <= from {
            let (footage, gaps, protected) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Self { resolution_micros, recorded, footage, gaps, protected });
        }
        let spans = source.timeline(stream, from, to, resolution_micros)?;
        let span = |(from, to)| Span { from, to };
        let footage = spans.footage.into_iter().map(span);
        let gaps = spans.gaps.into_iter();
        let gaps =
            gaps.map(|gap| Gap { span: Span { from: gap.from, to: gap.to }, cause: gap.cause });
        Ok(Self {
            resolution_micros: spans.resolution_micros,
            recorded,
            footage: footage.collect(),
            gaps: gaps.collect(),
            protected: spans.protected.into_iter().map(span).collect(),
        })
    }
}
