//! What is asked for, and the span that there is.

use base::{StreamId, WallTime};

use crate::hidden::Hidden;
use crate::source::{Source, SourceError};

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

/// A half-open range of wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
}

/// From the oldest to the newest footage of a stream.
pub(crate) fn recorded(source: &dyn Source, stream: StreamId) -> Result<Option<Span>, SourceError> {
    let oldest = source.segment_after(stream, WallTime::EPOCH)?;
    let newest = source.segments_before(stream, WallTime::MAX, 1)?;
    let spans = oldest.zip(newest.into_iter().next());
    let Some((from, to)) = spans.map(|(oldest, newest)| (oldest.start, newest.end)) else {
        return Ok(None);
    };
    let first = Hidden::of(source, stream, from, from.plus_micros(1))?.around(from);
    let last = to.plus_micros(-1);
    let last = Hidden::of(source, stream, last, to)?.around(last);
    let span = Span { from: first.map_or(from, |of| of.1), to: last.map_or(to, |of| of.0) };
    Ok(Some(span).filter(|span| span.from < span.to))
}
