//! Which media segments a playlist has.

use base::{WallTime, limits};

use super::carried::{BREAK_MICROS, Carried};
use super::entry::{Entry, Init, PlaylistRequest};
use super::gather::{Gathering, LEAD_MICROS_MAX};
use crate::error::PlanError;
use crate::hidden::Hidden;
use crate::plan::look;
use crate::request::ClipRequest;
use crate::source::Source;
use crate::tables;

/// A media playlist (RFC 8216 section 4.3.3), planned.
#[derive(Debug)]
pub struct Playlist {
    pub(crate) request: PlaylistRequest,
    pub(crate) inits: Vec<Init>,
    pub(crate) entries: Vec<Entry>,
    /// Stretches that HLS does not carry: before which entry they are, and when they begin.
    pub(crate) left_out: Vec<(usize, WallTime)>,
}

impl Playlist {
    /// Plans it. Reads rows, and the index of every segment of the range once.
    pub fn new(source: &dyn Source, request: PlaylistRequest) -> Result<Self, PlanError> {
        let PlaylistRequest { stream, from, to, .. } = request;
        if to <= from {
            return Err(PlanError::EmptyRange { from, to });
        }
        if to.since(from) > limits::HLS_RANGE_MAX {
            return Err(PlanError::PlaylistTooLong);
        }
        // Pictures may stand before the start of their segment.
        let rows = source.segments(stream, from, to.plus_micros(BREAK_MICROS))?;
        if rows.len() > limits::HLS_SEGMENTS_MAX {
            return Err(PlanError::PlaylistTooLong);
        }
        let (start, end) = (rows.first().map(|row| row.start), rows.last().map(|row| row.end));
        let before = start.unwrap_or(from).plus_micros(-LEAD_MICROS_MAX);
        let hidden = Hidden::of(source, stream, before, end.unwrap_or(to))?;
        let mut gathering = Gathering::new(request, hidden);
        // Stretches, and whether the last one goes on.
        let (mut left_out, mut unplayable) = (Vec::new(), false);
        for (number, row) in rows.iter().enumerate() {
            let Some(carried) = Carried::of(row.tracks.iter().map(|track| &*track.params)) else {
                let Some(begin) = gathering.first_shown(row) else { continue };
                if !std::mem::replace(&mut unplayable, true) {
                    left_out.push((gathering.entries.len(), begin));
                }
                continue;
            };
            unplayable = false;
            let index = source.index(row)?;
            tables::agrees_in_tracks(row, &index)?;
            gathering.add(row, rows.get(number + 1), &index, carried);
            if gathering.entries.len() > limits::HLS_MEDIA_SEGMENTS_MAX {
                return Err(PlanError::PlaylistTooLong);
            }
        }
        let (inits, entries) = gathering.finish();
        if !entries.is_empty() {
            return Ok(Self { request, inits, entries, left_out });
        }
        if !left_out.is_empty() {
            return Err(PlanError::NotForHls);
        }
        let around = look(source, &ClipRequest::new(stream, from, to))?;
        Err(PlanError::NoFootage(Box::new(around)))
    }
}
