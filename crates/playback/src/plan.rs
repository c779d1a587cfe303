//! A clip as a whole: from the request to everything but the bytes of samples and tables.

use catalog::SegmentState;
use media::{AudioCodec, TrackParams, VideoCodec};

use crate::assembly::Stretch;
use crate::error::{NoFootage, PlanError};
use crate::layout::Layout;
use crate::request::{ClipRequest, Span, recorded};
use crate::select::Selection;
use crate::source::{Source, SourceError};

/// Part of every entity tag: counts up whenever the same request would give other bytes.
const FORMAT: u8 = 2;

/// The layout of one clip, or of one media segment of HLS: everything about the file but the bytes
/// that come from segments.
#[derive(Debug)]
pub struct ClipPlan {
    pub(crate) layout: Layout,
    etag: String,
    /// How many streams were asked for.
    pub(crate) streams: usize,
}

impl ClipPlan {
    /// Plans the clip. Reads rows, and the indexes of the segments at its two ends (and beside
    /// breaks of less than two seconds).
    pub fn new(source: &dyn Source, request: ClipRequest) -> Result<Self, PlanError> {
        if request.to <= request.from {
            return Err(PlanError::EmptyRange { from: request.from, to: request.to });
        }
        let mut selection = Selection::of(source, &request)?;
        if request.squeeze {
            selection.squeeze(source)?;
        }
        selection.load_ends(source)?;
        let Some(mut layout) = Layout::new(selection, &request)? else {
            return Err(PlanError::NoFootage(Box::new(look(source, &request)?)));
        };
        let hash = hash(&layout, &request);
        // A plan may be kept for long, and holds no more than it must: indexes of what grows, which
        // would not be the same when they were read again.
        let sealed = layout.parts.iter_mut().filter(|p| p.row.state == SegmentState::Sealed);
        sealed.for_each(|part| part.index = None);
        Ok(Self::of(layout, &hash, request.streams.len()))
    }

    /// A file of so many streams whose bytes all follow from what was hashed.
    pub(crate) fn of(layout: Layout, hash: &blake3::Hasher, streams: usize) -> Self {
        Self { layout, etag: tag(hash.finalize()), streams }
    }

    /// The length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.layout.len
    }

    /// Never: a clip has at least its header.
    pub fn is_empty(&self) -> bool {
        self.layout.len == 0
    }

    /// The strong entity tag (RFC 9110 section 8.8.3), with its quotes: equal tags mean equal
    /// bytes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// How many segments it takes footage from.
    pub fn segments(&self) -> usize {
        self.layout.parts.len()
    }

    /// Whether some of its footage is of a segment that may still grow, or that is to go.
    pub fn may_grow(&self) -> bool {
        self.layout.parts.iter().any(|part| part.row.state != SegmentState::Sealed)
    }

    /// How many different parameters the track has that has most: players which know only the
    /// first ones of a track need that to be 1.
    pub fn parameters(&self) -> u32 {
        let members = self.layout.tracks.iter().flat_map(|track| &track.members);
        members.map(|member| member.description).max().unwrap_or(1)
    }

    /// Which streams of the request, by their place in it, have nothing in the range: they are
    /// left out.
    pub fn without_footage(&self) -> Vec<usize> {
        let has = |stream: &usize| self.layout.tracks.iter().any(|t| t.lane.stream == *stream);
        (0..self.streams).filter(|stream| !has(stream)).collect()
    }

    /// The codecs of a stream of the request as RFC 6381 has them (`alaw` and `ulaw`, for which it
    /// has nothing, as their sample entries), each once, in the order in which they come.
    pub fn codecs(&self, stream: usize) -> Vec<String> {
        let Layout { parts, tracks, .. } = &self.layout;
        let mut codecs: Vec<String> = Vec::new();
        for track in tracks.iter().filter(|track| track.lane.stream == stream) {
            for member in &track.members {
                let part = &parts[member.part];
                let params = part.row.tracks.get(part.takes[member.take].track);
                let codec = params.map(|track| codec(&track.params));
                codecs.extend(codec.filter(|codec| !codecs.contains(codec)));
            }
        }
        codecs
    }

    /// What the clip shows: from the instant at its time 0 to that of its end.
    pub fn shown(&self) -> Span {
        let (from, to) = self.layout.shown_wall;
        Span { from, to }
    }
}

fn codec(params: &TrackParams) -> String {
    let kind = match params {
        TrackParams::Audio(audio) if audio.codec == AudioCodec::Alaw => "alaw",
        TrackParams::Audio(audio) if audio.codec == AudioCodec::Ulaw => "ulaw",
        // RFC 6381 section 3.3: the object type of the sample entry.
        TrackParams::Video(video) if video.codec == VideoCodec::Jpeg => "mp4v.6C",
        _ => "unknown",
    };
    params.rfc6381().unwrap_or_else(|| kind.to_owned())
}

/// A strong entity tag (RFC 9110 section 8.8.3) of bytes, with its quotes.
pub fn entity_tag(bytes: &[u8]) -> String {
    tag(blake3::hash(bytes))
}

fn tag(hash: blake3::Hash) -> String {
    format!("\"{}\"", &hash.to_hex()[..32])
}

/// Everything that the bytes of a clip follow from: the request, each sample range, and all boxes.
fn hash(layout: &Layout, request: &ClipRequest) -> blake3::Hasher {
    let mut hash = blake3::Hasher::new();
    hash.update(b"holdfast clip").update(&[FORMAT]);
    hash.update(&(request.streams.len() as u64).to_be_bytes());
    for stream in &request.streams {
        hash.update(stream.id.as_bytes());
    }
    for number in [request.from.as_micros(), request.to.as_micros()] {
        hash.update(&number.to_be_bytes());
    }
    for part in &layout.parts {
        hash.update(part.row.id.as_bytes());
        for take in &part.takes {
            for number in [take.lane, take.track, take.samples.start, take.samples.end] {
                hash.update(&(number as u64).to_be_bytes());
            }
            hash.update(&take.shift.to_be_bytes()).update(&take.moved.to_be_bytes());
            hash.update(&take.sets_len().to_be_bytes());
            hash.update(take.sets.as_deref().unwrap_or_default());
        }
    }
    for (at, stretch) in &layout.stretches {
        hash.update(&at.to_be_bytes());
        if let Stretch::Known(bytes) = stretch {
            hash.update(bytes);
        }
    }
    if let Some(texts) = &layout.texts {
        texts.hash(&mut hash);
    }
    hash.update(&layout.len.to_be_bytes());
    hash
}

/// What there is around a range without footage, of all streams together.
pub(crate) fn look(source: &dyn Source, request: &ClipRequest) -> Result<NoFootage, SourceError> {
    let (from, to) = (request.from, request.to);
    let mut found = NoFootage { from, to, recorded: None, before: None, after: None };
    let span = |row: &catalog::SegmentRow| Span { from: row.start, to: row.end };
    for stream in &request.streams {
        let before = source.segments_before(stream.id, to, 1)?.first().map(span);
        let after = source.segment_after(stream.id, to)?.as_ref().map(span);
        let recorded = recorded(source, stream.id)?;
        let whole = |a: Span, b: Span| Span { from: a.from.min(b.from), to: a.to.max(b.to) };
        found.recorded = found.recorded.into_iter().chain(recorded).reduce(whole);
        found.before = found.before.into_iter().chain(before).max_by_key(|span| span.to);
        found.after = found.after.into_iter().chain(after).min_by_key(|span| span.from);
    }
    Ok(found)
}
