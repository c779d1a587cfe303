//! From segments to the media segments of a playlist: what of each is in the range and may be
//! shown, where it is cut, and whether time goes on from what is before.

use std::ops::Range;
use std::sync::Arc;

use base::{RunId, WallTime};
use catalog::{SegmentRow, SegmentState};
use media::{SegmentIndex, TrackIndex, TrackParams};

use super::carried::{BREAK_MICROS, Carried, Timing};
use super::cuts::{Cut, Cutter};
use super::entry::{Entry, Init, PlaylistRequest};
use crate::hidden::{Hidden, Run};

/// What was hidden so shortly before a segment may be what its first pictures build on.
pub(crate) const LEAD_MICROS_MAX: i64 = 60_000_000;

/// A playlist under construction.
pub(crate) struct Gathering {
    request: PlaylistRequest,
    hidden: Hidden,
    /// The segment before, where its last picture is shown.
    last: Option<Shown>,
    pub inits: Vec<Init>,
    pub entries: Vec<Entry>,
}

/// A segment, as far as another one may follow it.
struct Shown {
    run: RunId,
    params: Option<Vec<Arc<TrackParams>>>,
    end: WallTime,
}

impl Shown {
    fn of(row: &SegmentRow) -> Self {
        Self { run: row.run, params: Carried::params(row), end: row.end }
    }

    fn is_followed_by(&self, row: &SegmentRow) -> bool {
        self.run == row.run
            && row.start.micros_since(self.end) <= BREAK_MICROS
            && self.params == Carried::params(row)
    }
}

/// Whether another segment goes on where one ends: the same run with the same parameters.
pub(crate) fn goes_on(one: &SegmentRow, next: &SegmentRow) -> bool {
    Shown::of(one).is_followed_by(next)
}

/// Samples of a segment that follow one another.
struct Stretch {
    samples: Range<usize>,
    /// When they end; `None` where more may follow.
    end: Option<WallTime>,
    /// Whether that is where the range ends, and not where they are cut.
    is_last: bool,
}

impl Gathering {
    pub fn new(request: PlaylistRequest, hidden: Hidden) -> Self {
        Self { request, hidden, last: None, inits: Vec::new(), entries: Vec::new() }
    }

    /// Adds a segment, given the one after it in the range.
    pub fn add(
        &mut self,
        row: &SegmentRow,
        next: Option<&SegmentRow>,
        index: &SegmentIndex,
        carried: Carried,
    ) {
        let follows = self.last.take().is_some_and(|last| last.is_followed_by(row));
        let lead = &index.tracks[carried.lead];
        let sealed = row.state == SegmentState::Sealed;
        let is_bounded = self.request.is_growing;
        // Else the segment that will go on where it ends may not be known yet.
        let is_followed = next.is_some_and(|next| next.start < self.request.to);
        let is_complete = is_followed || sealed && row.end_cause.is_some();
        let runs = self.runs(row, lead, follows);
        let timing = Timing::of(lead, &runs, row.end);
        let cutter = Cutter {
            lead,
            timing: &timing,
            reorder_depth: reorder_depth(&lead.params),
            is_bounded,
        };
        let mut adjacent = follows.then_some(0);
        let goes_on = follows && runs.first().is_some_and(|run| run.samples.start == 0);
        if let Some(before) = self.entries.last_mut().filter(|it| goes_on && !it.is_last) {
            // Its row knows less well when what follows begins.
            before.cut.to = timing.begins[0];
        }
        for run in runs {
            let reaches_end = run.samples.end == lead.samples.len();
            let Some(stretch) = self.stretch(row, lead, &timing, &run.samples, is_complete) else {
                continue;
            };
            let end = stretch.samples.end;
            for cut in cutter.cut(&stretch.samples, stretch.end) {
                if cut.to <= self.request.from {
                    continue;
                }
                let continues = adjacent == Some(cut.samples.start);
                adjacent = Some(cut.samples.end).filter(|_| !cut.gap);
                let bytes = bytes(row, lead, carried, &cut);
                let is_last = stretch.is_last && cut.samples.end == end;
                self.push(
                    row,
                    Entry {
                        segment: row.id,
                        cut,
                        is_last,
                        continues: continues && !self.entries.is_empty(),
                        init: 0,
                        bytes,
                    },
                );
            }
            if reaches_end && adjacent == Some(end) {
                self.last = Some(Shown::of(row));
            }
        }
    }

    /// The first instant of a segment that is in the range and may be shown.
    pub fn first_shown(&self, row: &SegmentRow) -> Option<WallTime> {
        let PlaylistRequest { from, to, .. } = self.request;
        let shown = self.hidden.visible(row.start.max(from), row.end.min(to));
        shown.first().map(|(begin, _)| *begin)
    }

    /// Of a playlist that grows, leaves out what may not be known whole.
    pub fn finish(mut self) -> (Vec<Init>, Vec<Entry>) {
        let PlaylistRequest { to, is_growing, .. } = self.request;
        if let Some(end) = self.entries.iter().position(|entry| is_growing && entry.cut.to > to) {
            self.entries.truncate(end);
        }
        (self.inits, self.entries)
    }

    /// What of a segment is not hidden.
    fn runs(&self, row: &SegmentRow, lead: &TrackIndex, follows: bool) -> Vec<Run> {
        let before = row.start.plus_micros(-LEAD_MICROS_MAX);
        let clean = !follows && self.hidden.touches(before, row.start.plus_micros(1));
        self.hidden.runs(lead, clean)
    }

    /// What of a run of samples is in the range; `None` where nothing is.
    fn stretch(
        &self,
        row: &SegmentRow,
        lead: &TrackIndex,
        timing: &Timing,
        run: &Range<usize>,
        is_complete: bool,
    ) -> Option<Stretch> {
        let PlaylistRequest { from, to, is_growing, .. } = self.request;
        let to_the_end = run.end == lead.samples.len();
        let start = first(lead, timing, run, from);
        let known = if to_the_end { row.end } else { timing.end_of(run.clone(), lead) };
        if is_growing {
            let end = Some(known).filter(|_| is_complete || !to_the_end);
            return Some(Stretch { samples: start..run.end, end, is_last: false });
        }
        let last = run.clone().rev().find(|at| timing.shown[*at] < to)?;
        let samples = Some(start..last + 1).filter(|samples| !samples.is_empty())?;
        // What comes later, of which an answer must not depend, may be what decides the end.
        let is_open = to_the_end && (to <= row.end || !is_complete);
        let is_last = is_open || samples.end < run.end;
        let end = if is_last { timing.end_of(samples.clone(), lead) } else { known };
        Some(Stretch { samples, end: Some(end), is_last })
    }

    fn push(&mut self, row: &SegmentRow, mut entry: Entry) {
        if let Some(before) = self.entries.last_mut().filter(|it| it.is_last && entry.continues) {
            // The range ends with it but for pictures before the start of the next segment.
            before.is_last = false;
            before.cut.to = entry.cut.from;
        }
        let params = Carried::params(row).unwrap_or_default();
        let known = self.inits.iter().position(|init| init.params == params);
        entry.init = known.unwrap_or_else(|| {
            self.inits.push(Init { segment: row.id, params });
            self.inits.len() - 1
        });
        self.entries.push(entry);
    }
}

/// The last key frame from which all that is presented from `from` on can be decoded.
fn first(lead: &TrackIndex, timing: &Timing, run: &Range<usize>, from: WallTime) -> usize {
    if timing.begins[run.start] >= from {
        return run.start;
    }
    let mut keys = run.clone().rev().filter(|at| lead.samples[*at].key);
    keys.find(|at| timing.shown[*at] <= from).unwrap_or(run.start)
}

fn reorder_depth(params: &TrackParams) -> usize {
    match params {
        TrackParams::Video(video) => video.reorder_depth.into(),
        TrackParams::Audio(_) => 0,
    }
}

/// Bytes of a media segment, with as much sound as there is in the mean.
fn bytes(row: &SegmentRow, lead: &TrackIndex, carried: Carried, cut: &Cut) -> u64 {
    let samples = &lead.samples[cut.samples.clone()];
    let own: u64 = samples.iter().map(|sample| u64::from(sample.size)).sum();
    let sound = carried.sound.map_or(0, |sound| row.tracks[sound].totals.bytes);
    let whole = row.end.micros_since(row.start).max(1);
    let share = i128::from(sound) * i128::from(cut.to.micros_since(cut.from)) / i128::from(whole);
    own + u64::try_from(share).unwrap_or(0)
}
