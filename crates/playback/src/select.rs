//! Which samples of which segments a clip has: those presented in the range, the lead-in from the
//! key frame before them, and what lies between in decode order.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use base::{RunId, StreamId, WallTime, limits};
use catalog::{SegmentRow, SegmentState};
use media::{SegmentIndex, TrackIndex, TrackParams};

use crate::error::PlanError;
use crate::hidden::{Hidden, clean_key};
use crate::part::{Lane, Part, Take};
use crate::request::recorded;
use crate::source::Source;
use crate::tables;

/// How far samples may stand outside their segment's span.
pub(crate) const SKEW_MICROS: i64 = limits::AUDIO_SKEW_MAX.as_micros() as i64;

const DAY_MICROS: i64 = 86_400_000_000;
const HOUR_MICROS: i64 = 3_600_000_000;

/// What a clip is made of.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// In order of time.
    pub parts: Vec<Part>,
    pub lanes: Vec<Lane>,
    /// Whose lanes are made.
    stream: usize,
    /// The run whose newest segment so far ends before its last picture: what follows in it builds
    /// on pictures that are not shown.
    cut: Option<RunId>,
}

impl Selection {
    /// Chooses of one stream, with seams still to be mended. Empty when nothing is presented in
    /// `window`. `number` is the place of the stream among those of the clip.
    pub fn new(
        source: &dyn Source,
        (number, stream): (usize, StreamId),
        window: &Range<WallTime>,
    ) -> Result<Self, PlanError> {
        let (from, to) = (window.start, window.end);
        let rows = rows(source, stream, window)?;
        let parts = Vec::with_capacity(rows.len());
        let mut selection = Self { parts, lanes: Vec::new(), stream: number, cut: None };
        let (first, last) = (rows.first(), rows.last());
        let reach = first.zip(last).map(|(first, last)| (first.start, last.end));
        let (start, end) = reach.unwrap_or((from, to));
        let around = (start.plus_micros(-SKEW_MICROS), end.plus_micros(SKEW_MICROS));
        let hidden = Hidden::of(source, stream, around.0, around.1)?;
        for row in rows {
            let inside = row.start >= from.plus_micros(SKEW_MICROS)
                && row.end <= to.plus_micros(-SKEW_MICROS);
            let (start, end) = (row.start.plus_micros(-SKEW_MICROS), row.end);
            let seen = !hidden.touches(start, end.plus_micros(SKEW_MICROS));
            let goes_on = selection.cut != Some(row.run);
            if inside && seen && goes_on && row.state == SegmentState::Sealed {
                selection.take_whole(row);
            } else {
                let index = source.index(&row)?;
                selection.take_shown(row, index, window, &hidden)?;
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
        self.cut = None;
        let lanes = self.lanes_of(row.tracks.iter().map(|track| &*track.params));
        let takes = row.tracks.iter().zip(lanes).enumerate();
        let takes = takes.map(|(track, (sums, lane))| {
            let samples = 0..sums.totals.samples as usize;
            Take { track, lane, samples, shift: 0, moved: 0, sets: None, sums: None }
        });
        let takes = takes.filter(|take| !take.samples.is_empty()).collect();
        let span = (row.start, row.end);
        self.parts.push(Part { row, span, moved: 0, index: None, whole: true, takes });
    }

    fn take_shown(
        &mut self,
        row: SegmentRow,
        index: Arc<SegmentIndex>,
        window: &Range<WallTime>,
        hidden: &Hidden,
    ) -> Result<(), PlanError> {
        tables::agrees_in_tracks(&row, &index)?;
        let lanes = self.lanes_of(index.tracks.iter().map(|track| &*track.params));
        let clean = self.cut.take() == Some(row.run);
        // By place between hidden spans, and then by run: one take of a track in each.
        let mut pieces: BTreeMap<(usize, usize), Vec<Take>> = BTreeMap::new();
        for (number, (track, lane)) in index.tracks.iter().zip(lanes).enumerate() {
            let mut begun = self.takes(lane).next().is_some();
            let runs = hidden.runs(track, clean);
            if self.lanes[lane].is_video()
                && runs.last().is_none_or(|last| last.samples.end < track.samples.len())
            {
                self.cut = Some(row.run);
            }
            for run in runs {
                let Some(shown) = between_shown(track, window, &run.samples) else { continue };
                let first = match (self.lanes[lane].is_video(), begun) {
                    (false, _) => Some(shown.start),
                    (true, true) => Some(run.samples.start),
                    (true, false) => lead_in(track, window, &run.samples, shown.start)
                        .or_else(|| self.without_lead_in(&row, track, lane, &run.samples, hidden)),
                };
                let Some(first) = first.filter(|first| *first < shown.end) else { continue };
                begun = true;
                let level = pieces.range((run.place, 0)..(run.place + 1, 0));
                let taken = |takes: &Vec<Take>| takes.iter().any(|take| take.track == number);
                let level = level.filter(|(_, takes)| taken(takes)).count();
                let samples = first..shown.end;
                let take = Take {
                    track: number,
                    lane,
                    samples,
                    shift: 0,
                    moved: 0,
                    sets: None,
                    sums: None,
                };
                pieces.entry((run.place, level)).or_default().push(take);
            }
        }
        // One without takes may still give the next one its lead-in.
        if pieces.is_empty() {
            pieces.insert((0, 0), Vec::new());
        }
        for takes in pieces.into_values() {
            let span = span(&row, &index, &takes, hidden);
            let (row, index) = (row.clone(), Some(index.clone()));
            self.parts.push(Part { row, span, moved: 0, index, whole: false, takes });
        }
        Ok(())
    }

    /// Where a run begins that has no key frame before its first picture shown.
    fn without_lead_in(
        &mut self,
        row: &SegmentRow,
        track: &TrackIndex,
        lane: usize,
        run: &Range<usize>,
        hidden: &Hidden,
    ) -> Option<usize> {
        if run.start > 0 || !self.lead_in_before(row, track, lane, hidden) {
            let times: Vec<WallTime> = track.times().map(|time| time.wall).collect();
            let is_hidden = hidden.touches(row.start.plus_micros(-HOUR_MICROS), row.end);
            return if is_hidden { clean_key(track, &times, run) } else { Some(run.start) };
        }
        Some(run.start)
    }

    /// Where a segment begins with pictures that need the GOP before it (its first key frame is no
    /// IDR), takes that GOP from the segment before; whether there is one that may be shown.
    fn lead_in_before(
        &mut self,
        row: &SegmentRow,
        track: &TrackIndex,
        lane: usize,
        hidden: &Hidden,
    ) -> bool {
        let Some(before) = self.parts.last_mut() else { return false };
        let Some(index) = before.index.as_ref().filter(|_| before.row.run == row.run) else {
            return false;
        };
        let same = |other: &TrackIndex| other.params == track.params;
        let Some(number) = index.tracks.iter().position(same) else { return false };
        let samples = &index.tracks[number].samples;
        let Some(key) = samples.iter().rposition(|sample| sample.key) else { return false };
        let mut times = index.tracks[number].times().skip(key);
        if times.any(|time| hidden.around(time.wall).is_some()) {
            return false;
        }
        let take = Take {
            track: number,
            lane,
            samples: key..samples.len(),
            shift: 0,
            moved: 0,
            sets: None,
            sums: None,
        };
        before.takes.push(take);
        before.takes.sort_by_key(|take| take.track);
        true
    }

    /// The lanes of a segment's tracks, in order; new ones are made.
    fn lanes_of<'a>(&mut self, tracks: impl Iterator<Item = &'a TrackParams>) -> Vec<usize> {
        let mut lanes: Vec<usize> = Vec::new();
        for params in tracks {
            let mut lane = Lane::of(self.stream, params);
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
fn rows(
    source: &dyn Source,
    stream: StreamId,
    window: &Range<WallTime>,
) -> Result<Vec<SegmentRow>, PlanError> {
    let mut from = window.start.plus_micros(-SKEW_MICROS);
    let mut to = window.end.plus_micros(SKEW_MICROS);
    if to.micros_since(from) > DAY_MICROS {
        let Some(recorded) = recorded(source, stream)? else { return Ok(Vec::new()) };
        (from, to) = (from.max(recorded.from), to.min(recorded.to));
    }
    let mut rows: Vec<SegmentRow> = Vec::new();
    while from < to {
        let until = from.plus_micros(DAY_MICROS).min(to);
        let more = source.segments(stream, from, until)?;
        let last = rows.last().map(|row| row.id);
        rows.extend(more.into_iter().filter(|row| Some(row.id) != last));
        if rows.len() > limits::CLIP_SEGMENTS_MAX {
            return Err(PlanError::TooLong);
        }
        from = until;
    }
    Ok(rows)
}

/// What of a segment these takes show: all of it where nothing of it is hidden.
fn span(
    row: &SegmentRow,
    index: &SegmentIndex,
    takes: &[Take],
    hidden: &Hidden,
) -> (WallTime, WallTime) {
    if !hidden.touches(row.start, row.end) {
        return (row.start, row.end);
    }
    let times = takes.iter().flat_map(|take| {
        let times = index.tracks[take.track].times().map(|time| time.wall);
        times.skip(take.samples.start).take(take.samples.len())
    });
    let all = times.fold(None, |all: Option<(WallTime, WallTime)>, at| {
        Some(all.map_or((at, at), |(first, last)| (first.min(at), last.max(at))))
    });
    all.unwrap_or((row.start, row.end))
}

/// Of a run of samples, from the first in decode order that is presented in `window` to the last
/// one that is presented before its end; `None` when none is presented in it.
fn between_shown(
    track: &TrackIndex,
    window: &Range<WallTime>,
    run: &Range<usize>,
) -> Option<Range<usize>> {
    let times = track.times().enumerate().take(run.end).skip(run.start);
    let mut before_end = times.filter(|(_, time)| time.wall < window.end);
    let (first, _) = before_end.find(|(_, time)| time.wall >= window.start)?;
    let last = before_end.last().map_or(first, |(at, _)| at);
    Some(first..last + 1)
}

/// The key frame of a run from which all samples presented in `window`, of which `first` is the
/// first in decode order, can be decoded. A picture that follows a key frame in decode order and
/// precedes it in presentation may need what is before that key frame. `None`: it is in an earlier
/// segment.
fn lead_in(
    track: &TrackIndex,
    window: &Range<WallTime>,
    run: &Range<usize>,
    first: usize,
) -> Option<usize> {
    let times: Vec<WallTime> = track.times().take(run.end).map(|time| time.wall).collect();
    let mut keys = (run.start..=first).rev().filter(|&at| track.samples[at].key);
    keys.find(|&key| {
        let leading = window.start..times[key].min(window.end);
        !times[key..].iter().any(|time| leading.contains(time))
    })
}
