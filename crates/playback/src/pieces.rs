//! The samples of a part as pieces that lie together in the file of its segment, and in the clip.

use std::ops::Range;

use base::WallTime;
use media::{Chunk, SegmentColumns};

use crate::part::Take;
use crate::texts::Texts;

/// What a piece of the samples of a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Samples of the take of this index, from this place in the segment's file on.
    Take(usize, u64),
    /// The timestamp of this number.
    Text(u64),
}

/// Samples of a take that lie together in the file of its segment, and so in the clip; or a
/// timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub of: Of,
    pub samples: u32,
    /// Bytes of parameter sets at its begin, which are not in the segment's file.
    pub sets: u64,
    /// Where it begins among the samples of the part.
    pub at: u64,
    pub len: u64,
}

/// The pieces of a part in the order in which they lie in the segment's file, with `texts` where
/// their seconds begin.
pub(crate) fn pieces(
    columns: &SegmentColumns,
    takes: &[Take],
    texts: Option<(&Texts, Range<u64>)>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (number, take) in takes.iter().enumerate() {
        let Some(track) = columns.tracks.get(take.track) else { continue };
        let mut walls = texts.as_ref().map(|_| track.walls());
        let chunks = chunks(&track.chunks, track.sizes.len(), &take.samples);
        pieces.extend(chunks.map(|(chunk, samples)| {
            let wall = walls.as_mut().and_then(|walls| walls.of(samples.start));
            let sum = |samples: Range<usize>| -> u64 {
                track.sizes[samples].iter().map(|size| u64::from(*size)).sum()
            };
            let offset = chunk.offset + sum(chunk.first_sample as usize..samples.start);
            let (of, len) = (Of::Take(number, offset), sum(samples.clone()));
            // A fragment ends before every key frame but of JPEG, which has no sets. Where one does
            // not, the sum of all pieces is another one than was planned.
            let sets = match take.sets_len() {
                0 => 0,
                len => len * u64::from(track.is_key(samples.start)),
            };
            let piece = Piece { of, samples: samples.len() as u32, sets, at: 0, len: len + sets };
            (offset, wall.unwrap_or(WallTime::EPOCH), piece)
        }));
    }
    pieces.sort_by_key(|(offset, ..)| *offset);
    let mut pieces = match texts {
        Some((texts, own)) => with_texts(pieces, texts, own),
        None => pieces.into_iter().map(|(.., piece)| piece).collect(),
    };
    let mut at = 0;
    for piece in &mut pieces {
        piece.at = at;
        at += piece.len;
    }
    pieces
}

/// Puts each text before the first piece that begins when it does, or later.
fn with_texts(pieces: Vec<(u64, WallTime, Piece)>, texts: &Texts, own: Range<u64>) -> Vec<Piece> {
    let mut texts = own
        .map(|number| {
            let len = texts.bytes(number..number + 1);
            (texts.start(number), Piece { of: Of::Text(number), samples: 1, sets: 0, at: 0, len })
        })
        .peekable();
    let mut all = Vec::with_capacity(pieces.len());
    for (_, wall, piece) in pieces {
        while let Some((_, text)) = texts.next_if(|(start, _)| *start <= wall) {
            all.push(text);
        }
        all.push(piece);
    }
    all.extend(texts.map(|(_, text)| text));
    all
}

/// Where the timestamps among the pieces of a part begin in the clip, 8 bytes for each.
pub(crate) fn text_places(pieces: &[Piece], media_start: u64) -> Vec<u8> {
    let texts = pieces.iter().filter(|piece| matches!(piece.of, Of::Text(_)));
    texts.flat_map(|text| (media_start + text.at).to_be_bytes()).collect()
}

/// The chunks, of so many samples, that hold samples of a range; and which those are.
pub(crate) fn chunks<'a>(
    chunks: &'a [Chunk],
    samples: usize,
    range: &Range<usize>,
) -> impl Iterator<Item = (&'a Chunk, Range<usize>)> {
    let range = range.start..range.end.min(samples);
    let first = |chunk: &Chunk| chunk.first_sample as usize;
    let begin = chunks.partition_point(|chunk| first(chunk) <= range.start);
    let own = chunks.iter().enumerate().skip(begin.saturating_sub(1));
    own.map_while(move |(at, chunk)| {
        let end = chunks.get(at + 1).map_or(samples, first);
        let own = first(chunk).max(range.start)..end.min(range.end);
        (!own.is_empty()).then_some((chunk, own))
    })
}
