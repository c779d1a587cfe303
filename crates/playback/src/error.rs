//! What can go wrong with a clip.

use base::{SegmentId, WallTime};

use crate::request::Span;
use crate::source::SourceError;

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
    /// Longer, or in more pieces, than one playlist may be.
    #[error(
        "the range is too long for one playlist, which has at most {hours} hours and \
         {segments} media segments: ask for parts of it",
        hours = base::limits::HLS_RANGE_MAX.as_secs() / 3600,
        segments = base::limits::HLS_MEDIA_SEGMENTS_MAX
    )]
    PlaylistTooLong,
    /// No track is one that HLS carries, or its pictures are not.
    #[error(
        "HLS carries pictures of H.264 and H.265 and sound of AAC, and what was recorded is of \
         another kind: use clip.mp4"
    )]
    NotForHls,
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

/// The clip cannot be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Rows, indexes or files cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A segment's file cannot be read.
    #[error("cannot read segment {segment} at byte {offset}: {error}{}", and_now(error))]
    File {
        /// Which.
        segment: SegmentId,
        /// Where in its file.
        offset: u64,
        /// What the system said.
        error: std::io::Error,
    },
    /// An index and its row do not belong together.
    #[error(transparent)]
    Disagrees(#[from] Disagrees),
    /// A file that holds no segment cannot be read.
    #[error("cannot read {what} at byte {offset}: {error}")]
    Other {
        /// Which.
        what: String,
        /// Where in it.
        offset: u64,
        /// What the system said.
        error: std::io::Error,
    },
}

/// The index of a segment does not agree with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the index of segment {segment} does not agree with its row: run holdfast check")]
pub struct Disagrees {
    /// Which.
    pub segment: SegmentId,
}

/// What to do about the file of a segment that cannot be read. That a disk does not answer says
/// nothing of the file.
pub(crate) fn and_now(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::TimedOut => "",
        _ => "; run holdfast check",
    }
}
