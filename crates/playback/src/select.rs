//! Which samples of which segments a clip has: those presented in the range, the lead-in from the
//! key frame before them, and what lies between in decode order.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use base::{WallTime, limits};
use catalog::{SegmentRow, SegmentState};
use media::{SegmentIndex, TrackIndex, TrackParams};

use crate::error::PlanError;
use crate::part::{Lane, Part, Take};
use crate::request::{ClipRequest, recorded};
use crate::source::Source;
use crate::tables;

/// How far samples may stand outside their segment's span.
pub(crate) const SKEW_MICROS: i64 = limits::AUDIO_SKEW_MAX.as_micros() as i64;

const DAY_MICROS: i64 = 86_400_000_000;

/// What a clip is made of.
#[derive(Debug)]
pub(crate) struct Selection {
    /// In order of time.
    pub parts: Vec<Part>,
    pub lanes: Vec<Lane>,
}

impl Selection {
    /// Chooses, with seams still to be mended. Empty when nothing is presented in the range.
    pub fn new(source: &dyn Source, request: &ClipRequest) -> Result<Self, PlanError> {
        let (from, to) = (request.from, request.to);
        let rows = rows(source, request)?;
        let mut selection = Self { parts: Vec::with_capacity(rows.len()), lanes: Vec::new() };
        for row in rows {
            let inside = row.start >= from.plus_micros(SKEW_MICROS)
                && row.end <= to.plus_micros(-SKEW_MICROS);
            if inside && row.state == SegmentState::Sealed {
                selection.take_whole(row);
            } else {
                let index = source.index(&row)?;
                selection.take_shown(row, index, request)?;
            }
        }
        Ok(selection)
    }

    /// The takes of a lane, as indexes of part and take, in order of time.
    pub fn takes(&self, lane: usize) -> impl DoubleEndedIterator<Item = (usize, &Take)> {
        let parts = self.parts.iter().enumerate();
        parts
            .flat_map(|(at, part)| part.takes.iter().map(move |take| (at, take)))
            .filter(move |(_, take)| take.lane == lane)
    }

    /// The index of a part that is held.
    pub fn track(&self, part: usize, take: &Take) -> Option<&TrackIndex> {
        self.parts.get(part)?.index.as_ref()?.tracks.get(take.track)
    }

    fn take_whole(&mut self, row: SegmentRow) {
        let lanes = self.lanes_of(row.tracks.iter().map(|track| &*track.params));
        let takes = row.tracks.iter().zip(lanes).enumerate();
        let takes = takes.map(|(track, (sums, lane))| {
            let samples = 0..sums.totals.samples as usize;
            Take { track, lane, samples, shift: 0, sums: None }
        });
        let takes = takes.filter(|take| !take.samples.is_empty()).collect();
        self.parts.push(Part { row, index: None, whole: true, takes });
    }

    fn take_shown(
        &mut self,
        row: SegmentRow,
        index: Arc<SegmentIndex>,
        request: &ClipRequest,
    ) -> Result<(), PlanError> {
        tables::agrees_in_tracks(&row, &index)?;
        let lanes = self.lanes_of(index.tracks.iter().map(|track| &*track.params));
        let window = request.from..request.to;
        let mut takes = Vec::new();
        for (number, (track, lane)) in index.tracks.iter().zip(lanes).enumerate() {
            let Some(shown) = between_shown(track, &window) else { continue };
            let begun = self.takes(lane).next().is_some();
            let first = match (self.lanes[lane].is_video(), begun) {
                (false, _) => shown.start,
                (true, true) => 0,
                (true, false) => lead_in(track, &window, shown.start).unwrap_or_else(|| {
                    self.lead_in_before(&row, track, lane);
                    0
                }),
            };
            takes.push(Take {
                track: number,
                lane,
                samples: first..shown.end,
                shift: 0,
                sums: None,
            });
        }
        self.parts.push(Part { row, index: Some(index), whole: false, takes });
        Ok(())
    }

    /// Where a segment begins with pictures that need the GOP before it (its first key frame is no
    /// IDR), takes that GOP from the segment before.
    fn lead_in_before(&mut self, row: &SegmentRow, track: &TrackIndex, lane: usize) {
        let Some(before) = self.parts.last_mut() else { return };
        let Some(index) = before.index.as_ref().filter(|_| before.row.run == row.run) else {
            return;
        };
        let same = |other: &TrackIndex| other.params == track.params;
        let Some(number) = index.tracks.iter().position(same) else { return };
        let samples = &index.tracks[number].samples;
        let Some(key) = samples.iter().rposition(|sample| sample.key) else { return };
        let take = Take { track: number, lane, samples: key..samples.len(), shift: 0, sums: None };
        before.takes.push(take);
        before.takes.sort_by_key(|take| take.track);
    }

    /// The lanes of a segment's tracks, in order; new ones are made.
    fn lanes_of<'a>(&mut self, tracks: impl Iterator<Item = &'a TrackParams>) -> Vec<usize> {
        let mut lanes: Vec<usize> = Vec::new();
        for params in tracks {
            let mut lane = Lane::of(params);
            while lanes.iter().any(|&taken| self.lanes[taken] == lane) {
                lane.ordinal += 1;
            }
            let known = self.lanes.iter().position(|other| *other == lane);
            lanes.push(known.unwrap_or_else(|| {
                self.lanes.push(lane);
                self.lanes.len() - 1
            }));
        }
        lanes
    }

    pub fn take(&self, part: usize, lane: usize) -> Option<&Take> {
        self.parts[part].takes.iter().find(|take| take.lane == lane)
    }

    pub fn take_mut(&mut self, part: usize, lane: usize) -> Option<&mut Take> {
        self.parts[part].takes.iter_mut().find(|take| take.lane == lane)
    }

    /// Loads the first and the last part of each lane: clip times follow from them.
    pub fn load_ends(&mut self, source: &dyn Source) -> Result<(), PlanError> {
        for lane in 0..self.lanes.len() {
            let mut parts: VecDeque<usize> = self.takes(lane).map(|(part, _)| part).collect();
            for part in [parts.pop_front(), parts.pop_back()].into_iter().flatten() {
                self.load(source, part)?;
            }
        }
        Ok(())
    }

    /// Reads the index of a part that is not held.
    pub fn load(&mut self, source: &dyn Source, part: usize) -> Result<(), PlanError> {
        let part = &mut self.parts[part];
        if part.index.is_none() {
            let index = source.index(&part.row)?;
            tables::agrees(part, &index)?;
            part.index = Some(index);
        }
        Ok(())
    }
}

/// The segments that may have samples in the range. Those of a long one are asked for by the day,
/// so that one too long is refused before it fills the memory.
fn rows(source: &dyn Source, request: &ClipRequest) -> Result<Vec<SegmentRow>, PlanError> {
    let mut from = request.from.plus_micros(-SKEW_MICROS);
    let mut to = request.to.plus_micros(SKEW_MICROS);
    if to.micros_since(from) > DAY_MICROS {
        let Some(recorded) = recorded(source, request.stream)? else { return Ok(Vec::new()) };
        (from, to) = (from.max(recorded.from), to.min(recorded.to));
    }
    let mut rows: Vec<SegmentRow> = Vec::new();
    while from < to {
        let until = from.plus_micros(DAY_MICROS).min(to);
        let more = source.segments(request.stream, from, until)?;
        let last = rows.last().map(|row| row.id);
        rows.extend(more.into_iter().filter(|row| Some(row.id) != last));
        if rows.len() > limits::CLIP_SEGMENTS_MAX {
            return Err(PlanError::TooLong);
        }
        from = until;
    }
    Ok(rows)
}

/// From the first sample in decode order that is presented in `window` to the last one that is
/// presented before its end; `None` when none is presented in it.
fn between_shown(track: &TrackIndex, window: &Range<WallTime>) -> Option<Range<usize>> {
    let mut before_end = track.times().enumerate().filter(|(_, time)| time.wall < window.end);
    let (first, _) = before_end.find(|(_, time)| time.wall >= window.start)?;
    let last = before_end.last().map_or(first, |(at, _)| at);
    Some(first..last + 1)
}

/// The key frame from which all samples presented in `window`, of which `first` is the first in
/// decode order, can be decoded. A picture that follows a key frame in decode order and precedes it
/// in presentation may need what is before that key frame. `None`: it is in an earlier segment.
fn lead_in(track: &TrackIndex, window: &Range<WallTime>, first: usize) -> Option<usize> {
    let times: Vec<WallTime> = track.times().map(|time| time.wall).collect();
    let keys = (0..=first.min(track.samples.len().checked_sub(1)?)).rev();
    let mut keys = keys.filter(|&at| track.samples[at].key);
    keys.find(|&key| {
        let leading = window.start..times[key].min(window.end);
        !times[key..].iter().any(|time| leading.contains(time))
    })
}
