//! Key frames of a range, evenly spaced: which ones, and where their bytes are.

use std::sync::Arc;

use base::{SegmentId, StreamId, WallTime, limits};
use bytes::Bytes;
use catalog::SegmentRow;
use media::params::lead_track;
use media::{SegmentIndex, TrackIndex, TrackParams, VideoCodec, VideoParams};

use crate::error::{Disagrees, PlanError, ReadError};
use crate::hidden::Hidden;
use crate::source::{SegmentFile, Source};

/// Which key frames are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFramesRequest {
    /// The stream.
    pub stream: StreamId,
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// At most so many: the range is cut into so many slots of one length, and each that has key
    /// frames gives its first.
    pub max: usize,
}

/// Key frames of one stream in order of time, which is the order of their segments and of their
/// places there.
#[derive(Debug)]
pub struct KeyFrames {
    pub(crate) stream: StreamId,
    pub(crate) rows: Vec<SegmentRow>,
    pub(crate) frames: Vec<KeyFrame>,
}

/// One key frame.
#[derive(Clone, Debug)]
pub struct KeyFrame {
    /// The instant at which it is presented.
    pub at: WallTime,
    /// Its bytes.
    pub size: u32,
    pub(crate) params: Arc<TrackParams>,
    /// Index of its segment's row.
    pub(crate) row: usize,
    /// Where it begins in its segment's file.
    pub(crate) offset: u64,
}

impl KeyFrame {
    /// What a decoder must know.
    pub fn params(&self) -> &VideoParams {
        match &*self.params {
            TrackParams::Video(video) => video,
            TrackParams::Audio(_) => unreachable!("key frames are chosen from video tracks only"),
        }
    }

    /// The codec by its RFC 6381 name, or `jpeg`, which is for image decoders and has none; `None`
    /// where its configuration is too short to say.
    pub fn codec_string(&self) -> Option<String> {
        if self.params().codec == VideoCodec::Jpeg {
            return Some("jpeg".to_owned());
        }
        self.params.rfc6381()
    }
}

impl KeyFrames {
    /// Chooses. A slot reads the rows and indexes of the first one or two segments in it.
    pub fn new(source: &dyn Source, request: KeyFramesRequest) -> Result<Self, PlanError> {
        let KeyFramesRequest { stream, from, to, max } = request;
        if to <= from {
            return Err(PlanError::EmptyRange { from, to });
        }
        let mut chosen = Self { stream, rows: Vec::new(), frames: Vec::new() };
        let mut walk = Walk::new(source, stream, Hidden::of(source, stream, from, to)?);
        for slot in 0..max {
            let (start, end) = (border(from, to, slot, max), border(from, to, slot + 1, max));
            let Some(found) = walk.first_in(start, end)? else { continue };
            chosen.push(found, &walk);
        }
        Ok(chosen)
    }

    /// The frames, by time.
    pub fn frames(&self) -> &[KeyFrame] {
        &self.frames
    }

    /// Adds to a hash what tells these frames from all others: what has been committed never
    /// changes, so that segment and place say all.
    pub fn identify(&self, hash: &mut blake3::Hasher) {
        hash.update(self.stream.as_bytes());
        for frame in &self.frames {
            hash.update(self.rows[frame.row].id.as_bytes());
            for number in [frame.offset, frame.size.into(), frame.at.as_micros() as u64] {
                hash.update(&number.to_be_bytes());
            }
        }
    }

    /// The bytes of a frame: length-prefixed NAL units without parameter sets, as they are stored.
    /// Blocks on the disk.
    pub fn read(&self, source: &dyn Source, frame: &KeyFrame) -> Result<Bytes, ReadError> {
        let row = &self.rows[frame.row];
        let mut buffer = vec![0; frame.size as usize];
        read_at(&*source.open(row)?, row.id, &mut buffer, frame.offset)?;
        Ok(buffer.into())
    }

    pub(crate) fn push(&mut self, found: Found, walk: &Walk<'_>) {
        let Some(held) = &walk.held else { return };
        if self.rows.last().is_none_or(|last| last.id != held.row.id) {
            self.rows.push(held.row.clone());
        }
        let Found { at, size, offset } = found;
        let (params, row) = (held.params.clone(), self.rows.len() - 1);
        self.frames.push(KeyFrame { at, size, params, row, offset });
    }
}

/// Reads from a segment's file, and says which one where that fails.
pub(crate) fn read_at(
    file: &dyn SegmentFile,
    segment: SegmentId,
    buffer: &mut [u8],
    offset: u64,
) -> Result<(), ReadError> {
    let read = file.read_exact_at(buffer, offset);
    read.map_err(|error| ReadError::File { segment, offset, error })
}

/// Where slot `number` of `count` begins.
fn border(from: WallTime, to: WallTime, number: usize, count: usize) -> WallTime {
    let micros = i128::from(to.as_micros()) - i128::from(from.as_micros());
    let at = i128::from(from.as_micros()) + micros * number as i128 / count as i128;
    // Between the two ends, which fit.
    WallTime::from_micros(at as i64)
}

/// A key frame in the segment that the walk holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub at: WallTime,
    pub size: u32,
    pub offset: u64,
}

/// Goes through a stream's segments forward, and holds the one that it stands at.
pub(crate) struct Walk<'a> {
    source: &'a dyn Source,
    stream: StreamId,
    hidden: Hidden,
    /// The segment at which it stands, read or not.
    row: Option<SegmentRow>,
    /// The first segment that begins after an instant, once that was asked.
    next: Option<(WallTime, Option<SegmentRow>)>,
    pub held: Option<Held>,
    looked_at: usize,
}

/// What is needed of one segment's index.
pub(crate) struct Held {
    pub row: SegmentRow,
    pub params: Arc<TrackParams>,
    /// Those that may be shown, by time.
    pub keys: Vec<Found>,
}

impl<'a> Walk<'a> {
    pub fn new(source: &'a dyn Source, stream: StreamId, hidden: Hidden) -> Self {
        Self { source, stream, hidden, row: None, next: None, held: None, looked_at: 0 }
    }

    /// The first key frame of [start, end) that may be shown. Later calls ask for later ones.
    fn first_in(&mut self, start: WallTime, end: WallTime) -> Result<Option<Found>, PlanError> {
        let mut at = start;
        loop {
            let Some(row) = self.stand_at(at)?.filter(|row| row.start < end) else {
                return Ok(None);
            };
            let (from, to) = (row.start, row.end);
            let found = self.keys(from, to)?.and_then(|keys| {
                let first = keys.partition_point(|key| key.at < start);
                keys.get(first).filter(|key| key.at < end).copied()
            });
            if found.is_some() {
                return Ok(found);
            }
            if to < end {
                at = to;
            } else if !self.goes_on_before(from, end)? {
                return Ok(None);
            }
        }
    }

    /// Goes on to the segment that begins after `start`, where the one at hand begins, if that is
    /// before `end`: where a clock was corrected it may begin before the one at hand is over.
    fn goes_on_before(&mut self, start: WallTime, end: WallTime) -> Result<bool, PlanError> {
        let next = match self.next.take() {
            Some((after, next)) if after == start => next,
            _ => self.source.segment_after(self.stream, start.plus_micros(1))?,
        };
        let goes_on = next.as_ref().is_some_and(|next| next.start < end);
        if goes_on {
            self.row = next;
        } else {
            self.next = Some((start, next));
        }
        Ok(goes_on)
    }

    /// The first segment that ends after `at`.
    fn stand_at(&mut self, at: WallTime) -> Result<Option<&SegmentRow>, PlanError> {
        if self.row.as_ref().is_none_or(|row| row.end <= at) {
            self.looked_at += 1;
            if self.looked_at > limits::CLIP_SEGMENTS_MAX {
                return Err(PlanError::TooLong);
            }
            let (source, stream) = (self.source, self.stream);
            let around = source.segments(stream, at, at.plus_micros(1))?;
            self.row = match around.into_iter().find(|row| row.end > at) {
                Some(row) => Some(row),
                None => source.segment_after(stream, at)?,
            };
        }
        Ok(self.row.as_ref())
    }

    /// The key frames that may be shown of the segment at which it stands, which spans [from, to);
    /// `None` where a look at the row says that there are none.
    fn keys(&mut self, from: WallTime, to: WallTime) -> Result<Option<&[Found]>, PlanError> {
        let Some(row) = &self.row else { return Ok(None) };
        let is_hidden = self.hidden.around(from).is_some_and(|(_, end)| end >= to);
        let has_pictures = row.tracks.iter().any(|track| track.params.is_video());
        if is_hidden || !has_pictures {
            return Ok(None);
        }
        if self.held.as_ref().is_none_or(|held| held.row.id != row.id) {
            let index = self.source.index(row)?;
            self.held = Some(Held::new(row.clone(), &index, &self.hidden)?);
        }
        Ok(self.held.as_ref().map(|held| &*held.keys))
    }

    /// Stands at a segment and reads it.
    pub fn hold(&mut self, row: SegmentRow) -> Result<Option<&[Found]>, PlanError> {
        let (from, to) = (row.start, row.end);
        self.row = Some(row);
        self.keys(from, to)
    }
}

impl Held {
    fn new(row: SegmentRow, index: &SegmentIndex, hidden: &Hidden) -> Result<Self, Disagrees> {
        let disagrees = Disagrees { segment: row.id };
        let params: Vec<&TrackParams> = index.tracks.iter().map(|track| &*track.params).collect();
        let lead = lead_track(&params).and_then(|lead| index.tracks.get(lead));
        let track = lead.filter(|track| track.params.is_video()).ok_or(disagrees)?;
        let mut keys = Vec::new();
        let shown = |at: WallTime| hidden.around(at).is_none();
        let mut places = Places::of(track);
        for (sample, time) in track.times().enumerate() {
            let (offset, size) = places.next().ok_or(disagrees)?;
            if track.samples[sample].key && shown(time.wall) {
                keys.push(Found { at: time.wall, size, offset });
            }
        }
        keys.sort_by_key(|key| key.at);
        Ok(Self { row, params: track.params.clone(), keys })
    }
}

/// Where the samples of a track begin in their file, and their lengths, one after the other: each
/// is looked at once, for there may be many in one chunk.
struct Places<'a> {
    track: &'a TrackIndex,
    sample: usize,
    /// Chunks that have begun.
    begun: usize,
    offset: u64,
}

impl<'a> Places<'a> {
    fn of(track: &'a TrackIndex) -> Self {
        Self { track, sample: 0, begun: 0, offset: 0 }
    }
}

impl Iterator for Places<'_> {
    type Item = (u64, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let size = self.track.samples.get(self.sample)?.size;
        while let Some(chunk) = self.track.chunks.get(self.begun)
            && chunk.first_sample as usize <= self.sample
        {
            (self.begun, self.offset) = (self.begun + 1, chunk.offset);
        }
        let place = (self.begun > 0).then_some((self.offset, size));
        (self.sample, self.offset) = (self.sample + 1, self.offset + u64::from(size));
        place
    }
}
