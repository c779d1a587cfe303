//! The list of recordings, newest first, in pages.

use std::sync::Arc;

use base::{RunId, SegmentId, StreamId, WallTime, limits};
use catalog::{SegmentRow, SegmentState};
use media::TrackParams;
use media::params::lead_track;

use crate::source::{Source, SourceError};

/// A recording holds segments that begin in one and the same hour (UTC): so it is the same one
/// however the list is asked for, and stays so while the next hour grows.
const RECORDING_MICROS: i64 = 3_600_000_000;
/// Segments of one run that are further apart are two recordings: one between them was removed.
const BREAK_MICROS: i64 = 1_000_000;
/// Rows read at once.
const ROWS: usize = 512;
/// Rows read for one page: segments may be short.
const ROWS_MAX: usize = 8192;

/// Segments of one run that follow one another without a break, up to about an hour.
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
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        text.parse().map(|micros| Self(WallTime::from_micros(micros))).map_err(|_| BadCursor)
    }
}

/// The text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: pass what the page before gave as its next one")]
pub struct BadCursor;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingsPage {
    /// Newest first; of each the segments that touch the range.
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
        let limit = limit.clamp(1, limits::RECORDINGS_PAGE_MAX);
        let mut before = cursor.map_or(to, |cursor| cursor.0.min(to));
        let mut recordings: Vec<Recording> = Vec::new();
        let mut rows_read = 0;
        loop {
            let rows = source.segments_before(stream, before, ROWS)?;
            let last = rows.len() < ROWS;
            rows_read += rows.len();
            for row in rows {
                if row.end <= from {
                    return Ok(Self { recordings, next: None });
                }
                before = row.start;
                let full = recordings.len() >= limit || rows_read > ROWS_MAX;
                match recordings.last_mut() {
                    Some(newer) if newer.follows(&row) => newer.begin_with(&row),
                    Some(oldest) if full => {
                        let next = Some(Cursor(oldest.from));
                        return Ok(Self { recordings, next });
                    }
                    _ => recordings.push(Recording::of(row)),
                }
            }
            if last {
                return Ok(Self { recordings, next: None });
            }
        }
    }
}

impl Recording {
    fn of(row: SegmentRow) -> Self {
        Self {
            first: row.id,
            run: row.run,
            from: row.start,
            to: row.end,
            segments: 1,
            bytes: row.bytes,
            frames: frames(&row),
            growing: row.state == SegmentState::Open,
            end_cause: row.end_cause,
            tracks: row.tracks.into_iter().map(|track| track.params).collect(),
        }
    }

    /// Whether it goes on where `older` ends.
    fn follows(&self, older: &SegmentRow) -> bool {
        let hour = |at: WallTime| at.as_micros().div_euclid(RECORDING_MICROS);
        self.run == older.run
            && hour(self.from) == hour(older.start)
            && self.from.micros_since(older.end) <= BREAK_MICROS
    }

    fn begin_with(&mut self, older: &SegmentRow) {
        self.first = older.id;
        self.from = older.start;
        self.segments += 1;
        self.bytes += older.bytes;
        self.frames += frames(older);
    }
}

fn frames(row: &SegmentRow) -> u64 {
    let params: Vec<&TrackParams> = row.tracks.iter().map(|track| &*track.params).collect();
    lead_track(&params).map_or(0, |lead| row.tracks[lead].totals.samples.into())
}
