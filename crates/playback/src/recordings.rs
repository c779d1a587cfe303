//! The list of recordings, newest first, in pages.

use std::sync::Arc;

use base::{RunId, SegmentId, StreamId, WallTime};
use media::TrackParams;

use crate::source::{Source, SourceError};

/// Segments of one run that follow one another, up to an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its first segment, which names it.
    pub first: SegmentId,
    /// The session with the camera that it came from.
    pub run: RunId,
    /// Its first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// How many segments.
    pub segments: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Samples of the lead track.
    pub frames: u64,
    /// Whether it still grows.
    pub growing: bool,
    /// Why the run ended with it, where it did.
    pub end_cause: Option<String>,
    /// The tracks of its newest segment.
    pub tracks: Vec<Arc<TrackParams>>,
}

/// Where the next, older, page begins; opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(WallTime);

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.as_micros())
    }
}

impl std::str::FromStr for Cursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|micros| Self(WallTime::from_micros(micros)))
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingsPage {
    /// Newest first; those that touch the range.
    pub recordings: Vec<Recording>,
    /// For the next, older, page; `None` on the last.
    pub next: Option<Cursor>,
}

impl RecordingsPage {
    /// The page of [from, to) that begins at `cursor` (the newest without one), at most `limit`
    /// and `limits::RECORDINGS_PAGE_MAX` long.
    pub fn new(
        source: &dyn Source,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Self, SourceError> {
        let _ = (source, stream, from, to, cursor, limit);
        todo!()
    }
}
