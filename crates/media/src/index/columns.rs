//! The index of a segment by columns: sizes one by one, all else of samples as runs of equal
//! values. That is how it is packed, and what the tables of a clip are made of; what is steady
//! takes next to no memory or work.

use std::ops::Range;
use std::sync::Arc;

use base::Ticks;

use super::times::{Strides, Walls};
use super::{Anchor, Chunk, Sample, SegmentIndex, TrackIndex, fit};
use crate::params::TrackParams;

/// Values of all samples of a track in order, as runs of equal ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Runs<T>(Vec<Run<T>>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Run<T> {
    /// Index of the sample after its last one.
    end: u32,
    value: T,
}

impl<T: Copy + PartialEq> Runs<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Gives back what was asked for in advance.
    pub(super) fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    /// Appends the same value so many times.
    #[inline]
    pub(super) fn push(&mut self, count: u32, value: T) {
        match self.0.last_mut() {
            Some(last) if last.value == value => last.end += count,
            last => {
                let end = last.map_or(0, |last| last.end) + count;
                self.0.push(Run { end, value });
            }
        }
    }

    /// Goes along them from a sample on.
    pub fn along(&self, from: usize) -> Along<'_, T> {
        let first = self.0.partition_point(|run| run.end as usize <= from);
        Along { runs: &self.0[first..], at: from }
    }

    fn of(values: impl Iterator<Item = T>) -> Self {
        let mut runs = Self::new();
        values.for_each(|value| runs.push(1, value));
        runs
    }
}

/// Goes along runs, sample by sample or many at once.
#[derive(Clone, Debug)]
pub struct Along<'a, T> {
    runs: &'a [Run<T>],
    /// Index of the next sample.
    at: usize,
}

impl<T: Copy> Along<'_, T> {
    /// The next samples of one value as far as `end`: how many, and the value. `None` at `end`.
    #[inline]
    pub fn until(&mut self, end: usize) -> Option<(u32, T)> {
        let (run, after) = self.runs.split_first()?;
        let stop = end.min(run.end as usize);
        let count = stop.checked_sub(self.at).filter(|count| *count > 0)?;
        self.at = stop;
        if stop == run.end as usize {
            self.runs = after;
        }
        Some((count as u32, run.value))
    }
}

/// One track of a segment: what [`TrackIndex`] has, by columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackColumns {
    /// What a decoder must know.
    pub params: Arc<TrackParams>,
    /// Decode time of the first sample.
    pub start: Ticks,
    /// See [`Sample::duration`].
    pub durations: Runs<u32>,
    /// See [`Sample::composition_offset`].
    pub composition_offsets: Runs<i32>,
    /// See [`Sample::key`].
    pub keys: Runs<bool>,
    /// See [`Sample::size`]; one for each sample.
    pub sizes: Vec<u32>,
    /// See [`TrackIndex::chunks`].
    pub chunks: Vec<Chunk>,
    /// See [`TrackIndex::anchors`].
    pub anchors: Vec<Anchor>,
}

/// All samples of one segment, by track.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SegmentColumns {
    /// In the order of the stream's tracks.
    pub tracks: Vec<TrackColumns>,
}

impl SegmentColumns {
    /// The same index by columns.
    pub fn of(index: &SegmentIndex) -> Self {
        Self { tracks: index.tracks.iter().map(TrackColumns::of).collect() }
    }

    /// Reads what [`SegmentIndex::pack`] wrote, as [`SegmentIndex::unpack`] does, in less time.
    pub fn unpack(bytes: &[u8], tracks: &[Arc<TrackParams>]) -> Option<Self> {
        super::pack::unpack(bytes, tracks)
    }

    /// The same index by samples.
    pub(super) fn by_samples(self) -> SegmentIndex {
        SegmentIndex { tracks: self.tracks.into_iter().map(TrackColumns::by_samples).collect() }
    }
}

impl TrackColumns {
    pub(super) fn of(track: &TrackIndex) -> Self {
        let samples = track.samples.iter();
        Self {
            params: track.params.clone(),
            start: track.start,
            durations: Runs::of(samples.clone().map(|sample| sample.duration)),
            composition_offsets: Runs::of(samples.clone().map(|sample| sample.composition_offset)),
            keys: Runs::of(samples.clone().map(|sample| sample.key)),
            sizes: samples.map(|sample| sample.size).collect(),
            chunks: track.chunks.clone(),
            anchors: track.anchors.clone(),
        }
    }

    fn by_samples(self) -> TrackIndex {
        let Self { params, start, chunks, anchors, .. } = self;
        let sample = |size| Sample { size, duration: 0, composition_offset: 0, key: false };
        let mut samples: Vec<Sample> = self.sizes.into_iter().map(sample).collect();
        fill(&mut samples, &self.durations, |sample, duration| sample.duration = duration);
        fill(&mut samples, &self.composition_offsets, |sample, offset| {
            sample.composition_offset = offset;
        });
        fill(&mut samples, &self.keys, |sample, key| sample.key = key);
        TrackIndex { params, start, samples, chunks, anchors }
    }

    /// The times of some samples on the absolute grid, many at once: a fraction of the work of
    /// [`TrackIndex::times`].
    pub fn strides(&self, samples: Range<usize>) -> Strides<'_> {
        Strides::new(self, samples)
    }

    /// Whether decoding can start at a sample.
    pub fn is_key(&self, sample: usize) -> bool {
        self.keys.along(sample).until(sample + 1).is_some_and(|(_, is_key)| is_key)
    }

    /// The wall times at which samples are presented, asked for in rising order.
    pub fn walls(&self) -> Walls<'_> {
        Walls::new(self)
    }

    /// As [`TrackIndex::is_sound`].
    pub(super) fn is_sound(&self) -> bool {
        let scale = self.params.timescale();
        fit(self.sizes.len(), self.start, &self.chunks, &self.anchors, scale)
    }
}

/// Gives each sample its value; they are 0 as it is.
fn fill<T: Copy + PartialEq + Default>(
    samples: &mut [Sample],
    values: &Runs<T>,
    set: impl Fn(&mut Sample, T),
) {
    let (mut along, mut left) = (values.along(0), samples);
    while let Some((count, value)) = along.until(usize::MAX) {
        let Some((run, rest)) = left.split_at_mut_checked(count as usize) else { return };
        left = rest;
        if value != T::default() {
            run.iter_mut().for_each(|sample| set(sample, value));
        }
    }
}
