//! The index of one segment: where each sample lies in the file and which instant it stands for.

mod columns;
mod pack;
mod times;

use std::sync::Arc;

use base::{Ticks, Timescale, WallTime};

use crate::mp4::tables::runs;
use crate::params::{TrackParams, lead_track};

pub use columns::{Along, Runs, SegmentColumns, TrackColumns};
pub(crate) use pack::{pack_anchors, unpack_anchors};
pub use times::{SampleTime, Stride, Strides, Times, Walls, nearest_ticks};

/// One sample (an access unit or audio frame) in decode order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Bytes.
    pub size: u32,
    /// Decode time of the next sample less its own, in ticks. The last of a segment has its usual
    /// duration.
    pub duration: u32,
    /// Presentation time less decode time, in ticks.
    pub composition_offset: i32,
    /// Whether decoding can start here.
    pub key: bool,
}

/// Samples that lie one after another in the file: those of one track in one fragment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Index of its first sample in [`TrackIndex::samples`].
    pub first_sample: u32,
    /// Where its first byte lies in the file.
    pub offset: u64,
}

/// What wall time a media time stands for, from one commit on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// Index of the first sample of the commit in [`TrackIndex::samples`].
    pub first_sample: u32,
    /// Presentation time of that sample on the segment's scale.
    pub media: Ticks,
    /// The wall time of that instant.
    pub wall: WallTime,
}

/// One track of a segment. Times are on the segment's scale: 0 is the segment's origin, an instant
/// at or before the earliest decode time of its first samples.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackIndex {
    /// What a decoder must know.
    pub params: Arc<TrackParams>,
    /// Decode time of the first sample.
    pub start: Ticks,
    /// In decode order.
    pub samples: Vec<Sample>,
    /// In file order; together they hold every sample once.
    pub chunks: Vec<Chunk>,
    /// One for each commit that has samples of this track, in order; the first one's first sample
    /// is 0.
    pub anchors: Vec<Anchor>,
}

/// All samples of one segment, by track.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SegmentIndex {
    /// In the order of the stream's tracks.
    pub tracks: Vec<TrackIndex>,
}

/// What one batch adds to an index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IndexPart {
    /// One for each track of the segment, empty ones too.
    pub tracks: Vec<TrackPart>,
}

/// What one batch adds to one track. Sample numbers count from the segment's first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TrackPart {
    /// Decode time of the first sample here: it gives the sample before it its true duration.
    pub first_decode: Ticks,
    /// In decode order.
    pub samples: Vec<Sample>,
    /// In file order.
    pub chunks: Vec<Chunk>,
    /// `None` when there is no sample.
    pub anchor: Option<Anchor>,
}

/// Sums over one track of a segment: what a clip's tables take without reading the index. Runs are
/// counted on the absolute grid (see [`SampleTime::grid_dts`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrackTotals {
    /// How many samples.
    pub samples: u32,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them are key frames.
    pub key_frames: u32,
    /// Runs of equal durations (grid decode time of the successor less its own); the last sample
    /// is always a run of its own.
    pub duration_runs: u32,
    /// Runs of equal composition offsets (grid presentation time less grid decode time).
    pub composition_runs: u32,
    /// How many chunks.
    pub chunks: u32,
}

impl SegmentIndex {
    /// An index without samples.
    pub fn new(tracks: &[Arc<TrackParams>]) -> Self {
        let track = |params: &Arc<TrackParams>| TrackIndex::new(params.clone());
        Self { tracks: tracks.iter().map(track).collect() }
    }

    /// Appends what a batch adds.
    pub fn extend(&mut self, part: &IndexPart) {
        for (track, part) in self.tracks.iter_mut().zip(&part.tracks) {
            track.extend(part);
        }
    }

    /// The track that leads it; `None` without tracks.
    pub fn lead(&self) -> Option<&TrackIndex> {
        let params: Vec<&TrackParams> = self.tracks.iter().map(|track| &*track.params).collect();
        self.tracks.get(lead_track(&params)?)
    }

    /// The wall times [start, end) that it covers: those of the lead track, from its first
    /// sample's presentation to the end of its last one's. `None` without samples.
    pub fn span(&self) -> Option<(WallTime, WallTime)> {
        self.lead()?.span()
    }

    /// The index in bytes, without the parameters: about 2 bytes a sample at a steady rate.
    pub fn pack(&self) -> Vec<u8> {
        pack::pack(self)
    }

    /// Reads what [`SegmentIndex::pack`] wrote, given the parameters of all tracks in order.
    /// `None` when the bytes are damaged or of another version.
    pub fn unpack(bytes: &[u8], tracks: &[Arc<TrackParams>]) -> Option<Self> {
        SegmentColumns::unpack(bytes, tracks).map(SegmentColumns::by_samples)
    }

    /// The sizes in bytes of all samples in what [`SegmentIndex::pack`] wrote, by track, in decode
    /// order: a fraction of the work of [`SegmentIndex::unpack`]. Only those of the tracks that are
    /// `wanted`; others have none. `None` as there; damage outside of the sizes may pass.
    pub fn unpack_sizes(bytes: &[u8], wanted: &[bool]) -> Option<Vec<Vec<u32>>> {
        pack::unpack_sizes(bytes, wanted)
    }
}

impl Anchor {
    /// Whether the instants counted from it stay so far from the ends of 64 bits that any two can
    /// be subtracted.
    fn is_sound(&self, scale: Timescale) -> bool {
        let grid = times::nearest_ticks(scale, self.wall.as_micros());
        (-(1 << 50)..1 << 50).contains(&self.media.0) && (-(1 << 60)..1 << 60).contains(&grid.0)
    }
}

impl TrackIndex {
    /// A track without samples.
    pub fn new(params: Arc<TrackParams>) -> Self {
        let (samples, chunks, anchors) = (Vec::new(), Vec::new(), Vec::new());
        Self { params, start: Ticks(0), samples, chunks, anchors }
    }

    /// The instants of all samples, in decode order.
    pub fn times(&self) -> Times<'_> {
        Times::new(self)
    }

    /// The wall time at which a sample is presented; `None` past the last one. It adds up all
    /// durations before it: for many samples use [`TrackIndex::times`].
    pub fn wall_of(&self, sample: usize) -> Option<WallTime> {
        self.times().nth(sample).map(|time| time.wall)
    }

    /// The wall times [start, end) of the track: from its first sample's presentation to the end
    /// of the one presented last.
    pub fn span(&self) -> Option<(WallTime, WallTime)> {
        let mut times = self.times();
        let first = times.next()?;
        let last = times.max_by_key(|time| time.pts).filter(|last| last.pts > first.pts);
        let usual = Ticks(self.samples.last()?.duration.into());
        let end = last.unwrap_or(first).wall.plus_micros(self.params.timescale().to_micros(usual));
        Some((first.wall, end))
    }

    /// Decode time after the last sample, on the segment's scale.
    pub fn end(&self) -> Ticks {
        let durations = self.samples.iter().map(|sample| i64::from(sample.duration));
        Ticks(durations.fold(self.start.0, i64::saturating_add))
    }

    /// Decode time of the last sample; `None` without samples.
    pub fn last_decode(&self) -> Option<Ticks> {
        let last = self.samples.last()?;
        Some(Ticks(self.end().0 - i64::from(last.duration)))
    }

    /// The sums over its samples.
    pub fn totals(&self) -> TrackTotals {
        let mut totals = TrackTotals {
            samples: self.samples.len() as u32,
            chunks: self.chunks.len() as u32,
            ..TrackTotals::default()
        };
        for sample in &self.samples {
            totals.bytes += u64::from(sample.size);
            totals.key_frames += u32::from(sample.key);
        }
        let decodes = || self.times().map(|time| time.grid_dts);
        let durations = decodes().zip(decodes().skip(1)).map(|(at, next)| next - at);
        let offsets = self.times().map(|time| time.grid_pts - time.grid_dts);
        totals.duration_runs = runs(durations).count() as u32 + u32::from(totals.samples > 0);
        totals.composition_runs = runs(offsets).count() as u32;
        totals
    }

    /// Whether chunks and anchors fit the samples, as all that reads an index relies on.
    pub(crate) fn is_sound(&self) -> bool {
        let scale = self.params.timescale();
        fit(self.samples.len(), self.start, &self.chunks, &self.anchors, scale)
    }

    fn extend(&mut self, part: &TrackPart) {
        if part.samples.is_empty() {
            return;
        }
        self.reach(part.first_decode);
        self.samples.extend_from_slice(&part.samples);
        self.chunks.extend_from_slice(&part.chunks);
        self.anchors.extend(part.anchor);
    }

    /// Gives the last sample the duration that its successor's decode time says.
    fn reach(&mut self, next: Ticks) {
        let end = self.end();
        let Some(last) = self.samples.last_mut() else {
            self.start = next;
            return;
        };
        let decode = end.0.saturating_sub(last.duration.into());
        last.duration = u32::try_from(next.0.saturating_sub(decode)).unwrap_or(last.duration);
    }
}

/// Whether chunks and anchors fit so many samples.
fn fit(
    samples: usize,
    start: Ticks,
    chunks: &[Chunk],
    anchors: &[Anchor],
    scale: Timescale,
) -> bool {
    /// Whether first samples begin with 0, rise, and are all there.
    fn rise(mut firsts: impl Iterator<Item = u32>, samples: usize) -> bool {
        let Some(mut last) = firsts.next() else { return samples == 0 };
        last == 0
            && firsts.all(|first| std::mem::replace(&mut last, first) < first)
            && (last as usize) < samples
    }
    rise(chunks.iter().map(|chunk| chunk.first_sample), samples)
        && rise(anchors.iter().map(|anchor| anchor.first_sample), samples)
        && chunks.iter().all(|chunk| chunk.offset < 1 << 62)
        && (-(1 << 50)..1 << 50).contains(&start.0)
        && anchors.iter().all(|anchor| anchor.is_sound(scale))
}

#[cfg(test)]
mod tests;
