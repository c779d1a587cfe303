//! The list of recordings, newest first, in pages.

use std::sync::Arc;

use base::{RunId, SegmentId, StreamId, WallTime, limits};
use catalog::{SegmentRow, SegmentState};
use media::TrackParams;
use media::params::lead_track;

use crate::hidden::Hidden;
use crate::source::{Source, SourceError};

/// A recording holds segments that begin in one and the same hour (UTC): so it is the same one
/// however the list is asked for, and stays so while the next hour grows.
const RECORDING_MICROS: i64 = 3_600_000_000;
/// Segments of one run that are further apart are two recordings: one between them was removed.
const BREAK_MICROS: i64 = 1_000_000;
/// Why a recording ends where the rest was deleted by hand.
const DELETED: &str = "deleted";
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
    /// and `limits::PAGE_MAX` long.
    pub fn new(
        source: &dyn Source,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Self, SourceError> {
        let limit = limit.clamp(1, limits::PAGE_MAX);
        let mut before = cursor.map_or(to, |cursor| cursor.0.min(to));
        let mut recordings: Vec<Recording> = Vec::new();
        let mut rows_read = 0;
        // Where the one before begins: ends are guesses until something follows.
        let mut bound = cursor.map_or(WallTime::MAX, |cursor| cursor.0);
        loop {
            let rows = source.segments_before(stream, before, ROWS)?;
            let last = rows.len() < ROWS;
            rows_read += rows.len();
            let reach = rows.last().map_or(from, |oldest| oldest.start);
            let end = rows.first().map_or(before, |newest| newest.end);
            let upper = before;
            let hidden = Hidden::of(source, stream, reach, end.max(upper))?;
            let done = rows.iter().position(|row| row.end <= from);
            before = rows.last().map_or(before, |row| row.start);
            let rows = rows.into_iter().take(done.unwrap_or(ROWS)).map(|mut row| {
                row.end = row.end.min(bound).max(row.start);
                bound = bound.min(row.start);
                row
            });
            let seen = rows.flat_map(|row| visible(row, &hidden));
            for row in seen.filter(|row| row.start < upper && row.end > from) {
                let full = recordings.len() >= limit || rows_read > ROWS_MAX;
                match recordings.last_mut() {
                    Some(newer) if newer.follows(&row, &hidden) => newer.begin_with(&row),
                    Some(oldest) if full => {
                        let next = Some(Cursor(oldest.from));
                        return Ok(Self { recordings, next });
                    }
                    _ => recordings.push(Recording::of(row)),
                }
            }
            if last || done.is_some() {
                return Ok(Self { recordings, next: None });
            }
        }
    }
}

/// What of a segment may be shown, newest first: more than one piece where something in its middle
/// is hidden. Bytes and frames are in proportion.
fn visible(row: SegmentRow, hidden: &Hidden) -> Vec<SegmentRow> {
    let (start, end) = (row.start, row.end);
    if !hidden.touches(start, end) {
        return vec![row];
    }
    let whole = end.micros_since(start).max(1);
    let cut = |(from, to): (WallTime, WallTime)| {
        let part = |count: u64| {
            let part = i128::from(count) * i128::from(to.micros_since(from)) / i128::from(whole);
            u64::try_from(part).unwrap_or(0)
        };
        let mut piece = row.clone();
        (piece.start, piece.end) = (from, to);
        piece.bytes = part(row.bytes);
        for track in &mut piece.tracks {
            track.totals.samples = part(track.totals.samples.into()) as u32;
        }
        if to < end {
            piece.end_cause = Some(DELETED.to_owned());
            piece.state = SegmentState::Sealed;
        }
        if from > start {
            // It names a recording, of which there may be several in one segment.
            let mut random = [0; 10];
            random.copy_from_slice(&row.id.as_bytes()[6..]);
            piece.id = SegmentId::new(from, random);
        }
        piece
    };
    hidden.visible(start, end).into_iter().rev().map(cut).collect()
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

    /// Whether it goes on where `older` ends, and nothing between them was deleted by hand.
    fn follows(&self, older: &SegmentRow, hidden: &Hidden) -> bool {
        let hour = |at: WallTime| at.as_micros().div_euclid(RECORDING_MICROS);
        self.run == older.run
            && hour(self.from) == hour(older.start)
            && self.from.micros_since(older.end) <= BREAK_MICROS
            && !hidden.touches(older.end, self.from)
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
