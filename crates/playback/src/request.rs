//! What is asked for, and the span that there is.

use std::ops::Range;

use base::{StreamId, WallTime};
use jiff::tz::TimeZone;

use crate::hidden::Hidden;
use crate::source::{Source, SourceError};

/// What a clip is asked to show: the frames of its streams presented in [from, to).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipRequest {
    /// The streams, in the order of their tracks; at least one, each once.
    pub streams: Vec<ClipStream>,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// Where times that people read are those of the clock on the wall.
    pub zone: TimeZone,
    /// Whether a track of text shows the time of day.
    pub timestamps: bool,
    /// Whether gaps are taken out: what follows one comes right behind what is before it.
    pub squeeze: bool,
    /// Whether parameters that change stand before key frames, rather than in other sample entries.
    pub in_band: bool,
}

/// A stream of a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipStream {
    /// Which.
    pub id: StreamId,
    /// What people call it, with its camera; where it is empty, the names in its files count.
    pub name: String,
}

impl ClipRequest {
    /// All of one stream in [from, to), as it is; times that people read are UTC.
    pub fn new(stream: StreamId, from: WallTime, to: WallTime) -> Self {
        let streams = vec![ClipStream { id: stream, name: String::new() }];
        Self {
            streams,
            from,
            to,
            zone: TimeZone::UTC,
            timestamps: false,
            squeeze: false,
            in_band: false,
        }
    }

    pub(crate) fn window(&self) -> Range<WallTime> {
        self.from..self.to
    }
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
