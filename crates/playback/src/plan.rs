//! Which samples a clip has, and where each byte of the file comes from.

use base::{StreamId, WallTime};

use crate::assembly::Stretch;
use crate::boxes::wall;
use crate::layout::Layout;
use crate::reader::Disagrees;
use crate::select::Selection;
use crate::source::{Source, SourceError};

/// Part of every entity tag: counts up whenever the same request would give other bytes.
const FORMAT: u8 = 1;

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

/// The layout of one clip: everything about the file but the bytes that come from segments.
#[derive(Debug)]
pub struct ClipPlan {
    pub(crate) layout: Layout,
    etag: String,
}

impl ClipPlan {
    /// Plans the clip. Reads rows, and the indexes of the segments at its two ends (and beside
    /// breaks of less than two seconds).
    pub fn new(source: &dyn Source, request: ClipRequest) -> Result<Self, PlanError> {
        if request.to <= request.from {
            return Err(PlanError::EmptyRange { from: request.from, to: request.to });
        }
        let selection = Selection::new(source, &request)?;
        let Some(layout) = Layout::new(selection, &request)? else {
            return Err(PlanError::NoFootage(Box::new(NoFootage::look(source, &request)?)));
        };
        let etag = etag(&layout, &request);
        Ok(Self { layout, etag })
    }

    /// The length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.layout.len
    }

    /// Never: a clip has at least its header.
    pub fn is_empty(&self) -> bool {
        self.layout.len == 0
    }

    /// The strong entity tag (RFC 9110 section 8.8.3), with its quotes: equal tags mean equal
    /// bytes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// What the clip shows: from the instant at its time 0 to its end.
    pub fn shown(&self) -> Span {
        let (from, to) = self.layout.shown;
        Span { from: wall(from), to: wall(to) }
    }
}

/// Everything that the bytes of a clip follow from: the request, each sample range, and all boxes.
fn etag(layout: &Layout, request: &ClipRequest) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(b"holdfast clip").update(&[FORMAT]).update(request.stream.as_bytes());
    for number in [request.from.as_micros(), request.to.as_micros()] {
        hash.update(&number.to_be_bytes());
    }
    for part in &layout.parts {
        hash.update(part.row.id.as_bytes());
        for take in &part.takes {
            for number in [take.track, take.samples.start, take.samples.end] {
                hash.update(&(number as u64).to_be_bytes());
            }
            hash.update(&take.shift.to_be_bytes());
        }
    }
    for (at, stretch) in &layout.stretches {
        hash.update(&at.to_be_bytes());
        if let Stretch::Known(bytes) = stretch {
            hash.update(bytes);
        }
    }
    hash.update(&layout.len.to_be_bytes());
    let hash = hash.finalize().to_hex();
    format!("\"{}\"", &hash[..32])
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
    /// More segments, or larger tables, than one file may have.
    #[error(
        "the range takes more than {max} segments, too many for one clip: ask for parts of it",
        max = base::limits::CLIP_SEGMENTS_MAX
    )]
    TooLong,
    /// One sample would have to last longer than players can count.
    #[error(
        "the range has a gap from {from} to {to}, longer than a frame can last in one clip: \
         ask for the footage before and after it"
    )]
    GapTooLong {
        /// The end of the footage before the gap.
        from: WallTime,
        /// The start of the footage after it.
        to: WallTime,
    },
    /// Rows or indexes cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An index and its row do not belong together.
    #[error(transparent)]
    Disagrees(#[from] Disagrees),
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
    /// The segment that ends last before the range, or the one that the range lies in, where it
    /// lies between two frames.
    pub before: Option<Span>,
    /// The first segment after the range.
    pub after: Option<Span>,
}

impl NoFootage {
    fn look(source: &dyn Source, request: &ClipRequest) -> Result<Self, SourceError> {
        let ClipRequest { stream, from, to } = *request;
        let span = |row: &catalog::SegmentRow| Span { from: row.start, to: row.end };
        let before = source.segments_before(stream, to, 1)?.first().map(span);
        let after = source.segment_after(stream, to)?.as_ref().map(span);
        Ok(Self { from, to, recorded: recorded(source, stream)?, before, after })
    }
}

/// From the oldest to the newest footage of a stream.
pub(crate) fn recorded(source: &dyn Source, stream: StreamId) -> Result<Option<Span>, SourceError> {
    let oldest = source.segment_after(stream, WallTime::EPOCH)?;
    let newest = source.segments_before(stream, WallTime::MAX, 1)?;
    let spans = oldest.zip(newest.into_iter().next());
    Ok(spans.map(|(oldest, newest)| Span { from: oldest.start, to: newest.end }))
}

impl std::fmt::Display for NoFootage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to, .. } = self;
        write!(f, "no footage from {from} to {to}")?;
        let Some(recorded) = self.recorded else {
            return write!(f, ": nothing of this stream is recorded");
        };
        write!(f, ": the stream is recorded from {} to {}", recorded.from, recorded.to)?;
        if let Some(before) = self.before {
            write!(f, "; before the range up to {}", before.to.min(*to))?;
        }
        if let Some(after) = self.after {
            write!(f, "; after it from {}", after.from)?;
        }
        Ok(())
    }
}
