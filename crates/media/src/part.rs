//! Gathers what one batch adds to an index, and holds it against the rules: for the writer and for
//! whoever reads a segment that may be damaged.

use base::Ticks;
use base::limits::SEGMENT_SAMPLES_MAX;

use crate::batch::{BatchAnchor, BatchError};
use crate::index::{Anchor, Chunk, IndexPart, Sample, SegmentIndex, TrackPart};

#[derive(Clone, Debug)]
pub(crate) struct PartBuilder {
    tracks: Vec<Gathered>,
}

#[derive(Clone, Debug)]
struct Gathered {
    samples_before: usize,
    last_decode: Option<i64>,
    part: TrackPart,
}

impl PartBuilder {
    /// For a batch that follows what `index` holds.
    pub(crate) fn after(index: &SegmentIndex) -> Self {
        let tracks = index.tracks.iter().map(|track| Gathered {
            samples_before: track.samples.len(),
            last_decode: track.last_decode().map(|decode| decode.0),
            part: TrackPart::default(),
        });
        Self { tracks: tracks.collect() }
    }

    /// Whether nothing was gathered.
    pub(crate) fn is_empty(&self) -> bool {
        self.tracks.iter().all(|track| track.part.samples.is_empty())
    }

    /// Adds samples of one track that lie one after another in the file from `offset` on.
    pub(crate) fn push_run(
        &mut self,
        track: usize,
        first_decode: Ticks,
        samples: &[Sample],
        offset: u64,
    ) -> Result<(), BatchError> {
        let Some(gathered) = self.tracks.get_mut(track).filter(|_| !samples.is_empty()) else {
            return Err(BatchError::Track { track });
        };
        let last = gathered.last_decode.unwrap_or(-1);
        let decode = first_decode.0;
        let too_large = BatchError::TooLarge { track };
        if decode <= last || decode > DECODE_MAX {
            return Err(BatchError::DecodeTime { track, decode, last });
        }
        let first_sample = gathered.samples_before + gathered.part.samples.len();
        if first_sample + samples.len() > SEGMENT_SAMPLES_MAX {
            return Err(too_large);
        }
        if gathered.last_decode.is_some() {
            let since = u32::try_from(decode - last).map_err(|_| too_large)?;
            if let Some(before) = gathered.part.samples.last_mut() {
                before.duration = since;
            }
        }
        let mut at = decode;
        for sample in &samples[..samples.len() - 1] {
            if sample.duration == 0 {
                return Err(BatchError::DecodeTime { track, decode: at, last: at });
            }
            at += i64::from(sample.duration);
        }
        gathered.last_decode = Some(at);
        if gathered.part.samples.is_empty() {
            gathered.part.first_decode = first_decode;
        }
        gathered.part.samples.extend_from_slice(samples);
        gathered.part.chunks.push(Chunk { first_sample: first_sample as u32, offset });
        Ok(())
    }

    /// What the batch adds; its anchors must be those of its tracks, in order.
    pub(crate) fn finish(self, anchors: &[BatchAnchor]) -> Result<IndexPart, BatchError> {
        let mut anchors = anchors.iter().peekable();
        let mut tracks = Vec::with_capacity(self.tracks.len());
        for (track, Gathered { samples_before, mut part, .. }) in
            self.tracks.into_iter().enumerate()
        {
            if let Some(first) = part.samples.first() {
                let pts = part.first_decode.0 + i64::from(first.composition_offset);
                let is_its = |anchor: &&BatchAnchor| anchor.track == track && anchor.media.0 == pts;
                let anchor = anchors.next_if(is_its).ok_or(BatchError::Track { track })?;
                let first_sample = samples_before as u32;
                let (media, wall) = (anchor.media, anchor.wall);
                part.anchor = Some(Anchor { first_sample, media, wall });
            }
            tracks.push(part);
        }
        match anchors.next() {
            Some(extra) => Err(BatchError::Track { track: extra.track }),
            None => Ok(IndexPart { tracks }),
        }
    }
}

/// No decode time of a segment is later: 200 years at 192 kHz, and sums stay within 64 bits.
const DECODE_MAX: i64 = 1 << 50;
