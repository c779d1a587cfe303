//! The tracks of a clip, and the instants at which they begin and end.

use base::{Ticks, Timescale, WallTime};
use media::TrackTotals;

use crate::part::Lane;
use crate::tables::Before;

/// One track of the clip.
#[derive(Debug)]
pub(crate) struct Track {
    pub lane: Lane,
    pub members: Vec<Member>,
    pub times: Times,
}

/// One take of a track.
#[derive(Debug)]
pub(crate) struct Member {
    pub part: usize,
    /// Index of the take in the part.
    pub take: usize,
    pub sums: TrackTotals,
    pub before: Before,
    /// Which sample entry, from 1.
    pub description: u32,
}

/// When a track begins and ends, in its ticks since 1970 on the clip's clock: that of the wall
/// without the gaps that are taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// Decode time of its first sample.
    pub decode: i64,
    /// Presentation time of the first sample shown.
    pub first: i64,
    /// End of the last sample shown: its own, or the end of the range.
    pub end: i64,
    /// End of the last sample in decode order.
    pub decode_end: i64,
    /// How much of `first` and of `end` is due to gaps taken out before them.
    pub moved: (i64, i64),
}

/// A number of ticks since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant {
    pub ticks: i64,
    pub scale: Timescale,
}

impl Instant {
    /// Time since `earlier` in ticks of `scale`, to the nearest.
    pub fn since(self, earlier: Self, scale: Timescale) -> i64 {
        let (own, other) = (i128::from(self.scale.hertz()), i128::from(earlier.scale.hertz()));
        let distance = i128::from(self.ticks) * other - i128::from(earlier.ticks) * own;
        let (scaled, whole) = (distance * i128::from(scale.hertz()), own * other);
        let nearest = (2 * scaled + whole).div_euclid(2 * whole);
        nearest.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    pub fn is_before(self, other: Self) -> bool {
        let (own, others) = (i128::from(self.scale.hertz()), i128::from(other.scale.hertz()));
        i128::from(self.ticks) * others < i128::from(other.ticks) * own
    }
}

impl Track {
    pub fn first(&self) -> Instant {
        Instant { ticks: self.times.first, scale: self.lane.scale }
    }

    pub fn end(&self) -> Instant {
        Instant { ticks: self.times.end, scale: self.lane.scale }
    }

    /// The instants of its first sample shown and of its end on the wall's clock.
    pub fn shown_wall(&self) -> (WallTime, WallTime) {
        let Times { first, end, moved, .. } = self.times;
        let at = |ticks| WallTime::from_micros(self.lane.scale.to_micros(Ticks(ticks)));
        (at(first - moved.0), at(end - moved.1))
    }
}
