//! Which instant each sample stands for.

use std::ops::Range;

use base::{Ticks, Timescale, WallTime};

use super::columns::{Along, TrackColumns};
use super::{Anchor, TrackIndex};

/// The instants of one sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SampleTime {
    /// Decode time on the segment's scale.
    pub dts: Ticks,
    /// Presentation time on the segment's scale.
    pub pts: Ticks,
    /// The wall time it is presented at.
    pub wall: WallTime,
    /// Decode time in ticks of the track's timescale since 1970: the absolute grid of clips.
    /// Never falls from one sample to the next.
    pub grid_dts: i64,
    /// Presentation time on the absolute grid.
    pub grid_pts: i64,
}

/// The instants of a track's samples in decode order; see [`TrackIndex::times`].
#[derive(Clone, Debug)]
pub struct Times<'a> {
    track: &'a TrackIndex,
    scale: Timescale,
    sample: usize,
    next_anchor: usize,
    anchor: Anchor,
    anchor_grid: i64,
    dts: i64,
    grid_dts: i64,
}

impl Iterator for Times<'_> {
    type Item = SampleTime;

    #[inline]
    fn next(&mut self) -> Option<SampleTime> {
        let sample = self.track.samples.get(self.sample)?;
        self.step_anchor();
        let Anchor { media, wall, .. } = self.anchor;
        let pts = self.dts.saturating_add(sample.composition_offset.into());
        let on_grid = |ticks: i64| self.anchor_grid.saturating_add(ticks.saturating_sub(media.0));
        self.grid_dts = self.grid_dts.max(on_grid(self.dts));
        let time = SampleTime {
            dts: Ticks(self.dts),
            pts: Ticks(pts),
            wall: wall.plus_micros(micros(self.scale, pts.saturating_sub(media.0))),
            grid_dts: self.grid_dts,
            grid_pts: on_grid(pts),
        };
        self.dts = self.dts.saturating_add(sample.duration.into());
        self.sample += 1;
        Some(time)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.track.samples.len() - self.sample;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Times<'_> {}

impl<'a> Times<'a> {
    pub(super) fn new(track: &'a TrackIndex) -> Self {
        Self {
            track,
            scale: track.params.timescale(),
            sample: 0,
            next_anchor: 0,
            anchor: Anchor { first_sample: 0, media: Ticks(0), wall: WallTime::EPOCH },
            anchor_grid: 0,
            dts: track.start.0,
            grid_dts: i64::MIN,
        }
    }

    /// Moves on to the anchor that the next sample begins with, if it does.
    #[inline]
    fn step_anchor(&mut self) {
        let next = self.track.anchors.get(self.next_anchor);
        if let Some(next) = next.filter(|next| next.first_sample as usize <= self.sample) {
            self.anchor = *next;
            self.anchor_grid = nearest_ticks(self.scale, next.wall.as_micros()).0;
            self.next_anchor += 1;
        }
    }
}

/// Samples in decode order that the grid has as the segment does: each begins on it when the one
/// before it ends, and is presented its composition offset after it is decoded, less `behind`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stride {
    /// Their indexes among those of the track; at least one.
    pub samples: Range<usize>,
    /// Decode time of the first one in ticks since 1970; see [`SampleTime::grid_dts`].
    pub grid_dts: i64,
    /// How much later that is than what its anchor says, so that decode times do not fall; 0
    /// wherever there is more than one sample.
    pub behind: i64,
}

/// The strides of some samples of a track; see [`TrackColumns::strides`].
#[derive(Clone, Debug)]
pub struct Strides<'a> {
    scale: Timescale,
    /// Those that are still to come.
    samples: Range<usize>,
    durations: Along<'a, u32>,
    /// The anchors that are still to come.
    anchors: &'a [Anchor],
    anchor_media: i64,
    anchor_grid: i64,
    /// The next sample's on the segment's scale, and the last one's on the grid.
    dts: i64,
    grid_dts: i64,
}

impl<'a> Strides<'a> {
    pub(super) fn new(track: &'a TrackColumns, samples: Range<usize>) -> Self {
        let mut strides = Self {
            scale: track.params.timescale(),
            samples: 0..samples.end.min(track.sizes.len()),
            durations: track.durations.along(0),
            anchors: &track.anchors,
            anchor_media: 0,
            anchor_grid: 0,
            dts: track.start.0,
            grid_dts: i64::MIN,
        };
        // Those before have their say in where decode times stand.
        while strides.samples.start < samples.start.min(strides.samples.end) {
            strides.step(samples.start.min(strides.samples.end));
        }
        strides
    }

    /// The stride that begins with the next sample, as far as `end`.
    fn step(&mut self, end: usize) -> Stride {
        let first = self.samples.start;
        while let Some((next, later)) = self.anchors.split_first()
            && next.first_sample as usize <= first
        {
            self.anchor_media = next.media.0;
            self.anchor_grid = nearest_ticks(self.scale, next.wall.as_micros()).0;
            self.anchors = later;
        }
        let own = self.anchor_grid.saturating_add(self.dts.saturating_sub(self.anchor_media));
        let grid_dts = self.grid_dts.max(own);
        let behind = grid_dts.saturating_sub(own);
        let next = self.anchors.first().map_or(end, |next| next.first_sample as usize);
        let last = if behind > 0 { first } else { next.min(end) - 1 };
        let until_last = self.last_until(last);
        self.grid_dts = grid_dts.saturating_add(until_last);
        let all = until_last.saturating_add(self.last_until(last + 1));
        self.dts = self.dts.saturating_add(all);
        self.samples.start = last + 1;
        Stride { samples: first..last + 1, grid_dts, behind }
    }

    /// How long the next samples last as far as `end`.
    #[inline]
    fn last_until(&mut self, end: usize) -> i64 {
        let mut all = 0;
        while let Some((count, duration)) = self.durations.until(end) {
            all += i64::from(count) * i64::from(duration);
        }
        all
    }
}

impl Iterator for Strides<'_> {
    type Item = Stride;

    fn next(&mut self) -> Option<Stride> {
        let end = self.samples.end;
        (self.samples.start < end).then(|| self.step(end))
    }
}

/// The wall times at which samples are presented; see [`TrackColumns::walls`].
#[derive(Clone, Debug)]
pub struct Walls<'a> {
    scale: Timescale,
    anchors: &'a [Anchor],
    anchor: Anchor,
    durations: Along<'a, u32>,
    offsets: Along<'a, i32>,
    /// The next sample's, on the segment's scale.
    dts: i64,
}

impl<'a> Walls<'a> {
    pub(super) fn new(track: &'a TrackColumns) -> Self {
        Self {
            scale: track.params.timescale(),
            anchors: &track.anchors,
            anchor: Anchor { first_sample: 0, media: Ticks(0), wall: WallTime::EPOCH },
            durations: track.durations.along(0),
            offsets: track.composition_offsets.along(0),
            dts: track.start.0,
        }
    }

    /// When a sample later than all those asked for before is presented; `None` past the last one.
    pub fn of(&mut self, sample: usize) -> Option<WallTime> {
        while let Some((next, later)) = self.anchors.split_first()
            && next.first_sample as usize <= sample
        {
            (self.anchor, self.anchors) = (*next, later);
        }
        while let Some((count, duration)) = self.durations.until(sample) {
            self.dts = self.dts.saturating_add(i64::from(count) * i64::from(duration));
        }
        while self.offsets.until(sample).is_some() {}
        let (_, offset) = self.offsets.until(sample + 1)?;
        let Anchor { media, wall, .. } = self.anchor;
        let pts = self.dts.saturating_add(offset.into());
        Some(wall.plus_micros(micros(self.scale, pts.saturating_sub(media.0))))
    }
}

/// [`Timescale::to_micros`], quick for what a segment holds: this runs for every sample of a clip.
#[inline]
fn micros(scale: Timescale, ticks: i64) -> i64 {
    match ticks.checked_mul(1_000_000) {
        Some(product) => product.div_euclid(i64::from(scale.hertz())),
        None => scale.to_micros(Ticks(ticks)),
    }
}

/// `micros` in ticks, rounded to the nearest.
pub fn nearest_ticks(scale: Timescale, micros: i64) -> Ticks {
    // Second by second, which is a fraction of the work of 128 bits.
    let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let hertz = i64::from(scale.hertz());
    let part = (rest * hertz + 500_000) / 1_000_000;
    let ticks = seconds.checked_mul(hertz).and_then(|whole| whole.checked_add(part));
    Ticks(ticks.unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
}
