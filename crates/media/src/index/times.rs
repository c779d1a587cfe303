//! Which instant each sample stands for.

use base::{Ticks, Timescale, WallTime};

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
    let ticks = (i128::from(micros) * i128::from(scale.hertz()) + 500_000).div_euclid(1_000_000);
    Ticks(ticks.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}
