//! Footage that was deleted by hand and whose segments still stand: nobody is shown a picture of
//! it, nor given a byte.

use std::ops::Range;

use base::{StreamId, WallTime};
use media::{TrackIndex, TrackParams};

use crate::source::{Source, SourceError};

/// After what is hidden a segment is taken to begin with nothing that it could build on, if that
/// was no longer ago than this.
const GOP_MICROS_MAX: i64 = 60 * 1_000_000;

/// Hidden spans by start; they do not touch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden(Vec<(WallTime, WallTime)>);

/// Samples of a track that follow one another in decode order and may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// How many hidden spans begin before it: runs of several tracks with the same number belong
    /// together.
    pub place: usize,
    pub samples: Range<usize>,
}

impl Hidden {
    /// What is hidden of a stream around [from, to).
    pub fn of(
        source: &dyn Source,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Self, SourceError> {
        source.hidden(stream, from.plus_micros(-GOP_MICROS_MAX), to).map(Self)
    }

    /// Whether anything of [from, to) is hidden.
    pub fn touches(&self, from: WallTime, to: WallTime) -> bool {
        let after = self.0.partition_point(|(start, _)| *start < to);
        after.checked_sub(1).is_some_and(|last| self.0[last].1 > from)
    }

    /// The hidden span that holds an instant.
    pub fn around(&self, at: WallTime) -> Option<(WallTime, WallTime)> {
        let last = self.place(at).checked_sub(1)?;
        Some(self.0[last]).filter(|(_, to)| *to > at)
    }

    /// What is not hidden of [from, to), in order.
    pub fn visible(&self, from: WallTime, to: WallTime) -> Vec<(WallTime, WallTime)> {
        let mut visible = Vec::new();
        let mut at = from;
        for (start, end) in self.0.iter().filter(|(start, end)| *start < to && *end > from) {
            if at < *start {
                visible.push((at, *start));
            }
            at = at.max(*end);
        }
        if at < to {
            visible.push((at, to));
        }
        visible
    }

    /// The runs of a track of a segment. One of pictures that follows hidden ones begins with a key
    /// frame from which all of it can be decoded; `clean` says that the first one does so too.
    pub fn runs(&self, track: &TrackIndex, clean: bool) -> Vec<Run> {
        let times: Vec<WallTime> = track.times().map(|time| time.wall).collect();
        let is_video = matches!(*track.params, TrackParams::Video(_));
        let mut runs = Vec::new();
        let mut start = 0;
        while start < times.len() {
            let shown = times[start..].iter().take_while(|at| self.around(**at).is_none()).count();
            let samples = start..start + shown;
            let begin = match is_video && (clean || start > 0) {
                true => clean_key(track, &times, &samples),
                false => Some(start).filter(|_| shown > 0),
            };
            if let Some(begin) = begin {
                runs.push(Run { place: self.place(times[begin]), samples: begin..samples.end });
            }
            start = samples.end + 1;
        }
        runs
    }

    /// How many spans begin by `at`.
    fn place(&self, at: WallTime) -> usize {
        self.0.partition_point(|(start, _)| *start <= at)
    }
}

/// The first key frame of `samples` that none of those after it in decode order precedes in
/// presentation: such a one may build on what is before that key frame.
pub(crate) fn clean_key(
    track: &TrackIndex,
    times: &[WallTime],
    samples: &Range<usize>,
) -> Option<usize> {
    let mut least = WallTime::MAX;
    let mut found = None;
    for at in samples.clone().rev() {
        least = least.min(times[at]);
        if track.samples[at].key && times[at] <= least {
            found = Some(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(spans: &[(i64, i64)]) -> Hidden {
        let at = WallTime::from_micros;
        Hidden(spans.iter().map(|(from, to)| (at(*from), at(*to))).collect())
    }

    #[test]
    fn what_is_visible_is_what_is_left() {
        let hidden = hidden(&[(10, 20), (30, 40)]);
        let at = WallTime::from_micros;
        let visible = |from, to| -> Vec<(i64, i64)> {
            let visible = hidden.visible(at(from), at(to)).into_iter();
            visible.map(|(from, to)| (from.as_micros(), to.as_micros())).collect()
        };
        assert_eq!(visible(0, 50), [(0, 10), (20, 30), (40, 50)]);
        assert_eq!(visible(12, 35), [(20, 30)]);
        assert_eq!(visible(12, 18), []);
        assert_eq!(visible(20, 30), [(20, 30)]);
        assert!(hidden.touches(at(19), at(25)) && !hidden.touches(at(20), at(30)));
        assert_eq!(hidden.around(at(20)), None);
        assert_eq!(hidden.around(at(10)), Some((at(10), at(20))));
    }
}
