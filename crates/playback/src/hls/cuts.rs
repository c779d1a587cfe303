//! Where media segments begin and end. Pure, and decided by what is recorded so far: what is
//! recorded later changes no cut.

use std::ops::Range;

use base::WallTime;
use media::TrackIndex;

use super::carried::{GAP_MICROS, Timing};

/// A media segment ends before the first key frame that comes so long after its start: three GOPs
/// of two seconds, though cameras are not punctual.
const SHORTEST_MICROS: i64 = 5_500_000;

/// Samples of the lead track for one media segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub samples: Range<usize>,
    /// When it begins to be presented.
    pub from: WallTime,
    /// When what follows it does, or its own end where nothing does.
    pub to: WallTime,
    /// Whether it can be decoded alone.
    pub is_independent: bool,
    /// Whether nothing is presented for a while after it.
    pub gap: bool,
}

/// Cuts the samples of one segment.
pub(crate) struct Cutter<'a> {
    pub lead: &'a TrackIndex,
    pub timing: &'a Timing,
    /// How many pictures may precede one in decode order and follow it in presentation.
    pub reorder_depth: usize,
    /// Whether no media segment may be longer than that; else a GOP stays whole, however long.
    pub is_bounded: bool,
}

impl Cutter<'_> {
    /// Cuts `samples`, which end at `end`; without it more will follow them, and the rest of which
    /// nobody knows yet where it is cut is left out.
    pub fn cut(&self, samples: &Range<usize>, end: Option<WallTime>) -> Vec<Cut> {
        let mut cuts = Vec::new();
        let mut start = samples.start;
        while start < samples.end {
            let Some(next) = self.next(start, samples, end) else { break };
            let (from, last) = (self.time(start, samples, end), self.time(next - 1, samples, end));
            let follows = self.time(next, samples, end);
            let gap = follows.micros_since(last) > GAP_MICROS;
            let to = if gap { self.timing.end_of(start..next, self.lead) } else { follows };
            cuts.push(Cut {
                samples: start..next,
                from,
                to,
                is_independent: self.lead.samples[start].key && self.timing.is_clean(start),
                gap,
            });
            start = next;
        }
        cuts
    }

    /// Where the media segment that begins at `start` ends.
    fn next(&self, start: usize, samples: &Range<usize>, end: Option<WallTime>) -> Option<usize> {
        let is_known = |at: usize| end.is_some() || at + self.reorder_depth < samples.end;
        let time = |at| self.time(at, samples, end);
        let begin = time(start);
        let whole = self.lead.samples[start].key;
        for at in start + 1..samples.end {
            if !is_known(at) {
                return None;
            }
            let length = time(at).micros_since(begin);
            let is_key = self.lead.samples[at].key;
            if is_key && (length >= SHORTEST_MICROS || !whole)
                || time(at).micros_since(time(at - 1)) > GAP_MICROS
            {
                return Some(at);
            }
            let is_late =
                |since: WallTime| is_known(at + 1) && time(at + 1).micros_since(since) > GAP_MICROS;
            // One with a gap behind it is not long.
            if self.is_bounded && is_late(begin) && !is_late(time(at)) {
                return Some(at);
            }
        }
        end.map(|_| samples.end)
    }

    fn time(&self, at: usize, samples: &Range<usize>, end: Option<WallTime>) -> WallTime {
        let known = self.timing.begins[at];
        if at == samples.end { end.unwrap_or(known) } else { known }
    }
}
