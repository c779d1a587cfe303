//! The end of a sealed segment: its final `moov`, which is its index, and the seal.

mod tables;
mod tables_read;

use std::sync::Arc;

use base::limits::MOOV_BYTES_MAX;
use base::{SegmentId, Ticks};

use crate::commit;
use crate::header::{Starts, edit_list, movie_length};
use crate::identity::{self, ChainHash, Identity};
use crate::index::{SegmentIndex, TrackIndex};
use crate::mp4::boxes::Boxes;
use crate::mp4::movie::{self, Edit, TrackHead};
use crate::mp4::movie_read;
use crate::mp4::reader::{self, Peeked, Reader};
use crate::params::TrackParams;

/// The final `moov` of a segment.
pub(crate) fn write_final_moov(
    identity: &Identity,
    tracks: &[Arc<TrackParams>],
    index: &SegmentIndex,
) -> Vec<u8> {
    let first = |track: &TrackIndex| {
        let sample = track.samples.first()?;
        Some(Ticks(track.start.0 + i64::from(sample.composition_offset)))
    };
    let firsts: Vec<_> = index.tracks.iter().map(first).collect();
    let starts = Starts::new(tracks, &firsts);
    let edits = index.tracks.iter().enumerate().map(|(at, track)| {
        let (empty, _) = starts.of(at);
        edits_of(track, firsts[at], empty)
    });
    let edits: Vec<Vec<Edit>> = edits.collect();
    let duration = |edits: &Vec<Edit>| edits.iter().map(|edit| edit.duration).sum::<u64>();

    let mut b = Boxes::new();
    b.boxed(*b"moov", |b| {
        let longest = edits.iter().map(duration).max().unwrap_or(0);
        movie::put_movie_header(b, identity.start, longest, tracks.len());
        for ((track, edits), id) in index.tracks.iter().zip(&edits).zip(1..) {
            let head = TrackHead {
                id,
                params: &track.params,
                created: identity.start,
                duration: duration(edits),
                media_duration: (track.end().0 - track.start.0) as u64,
                edits,
                enabled: !track.samples.is_empty(),
            };
            movie::put_track(b, &head, |b| tables::put_tables(b, track));
        }
        identity::put(b, identity, tracks);
        commit::put_anchors(b, index.tracks.iter().map(|track| &track.anchors[..]));
    });
    b.into_bytes()
}

/// Nothing up to where the track begins, then all of it from its first presentation on.
fn edits_of(track: &TrackIndex, first: Option<Ticks>, empty: u64) -> Vec<Edit> {
    let (Some(first), Some(last)) = (first, track.samples.last()) else { return Vec::new() };
    let presented = track.times().map(|time| time.pts.0).max().unwrap_or(first.0);
    let end = presented + i64::from(last.duration);
    let duration = movie_length(track.params.timescale(), end - first.0);
    let media_time = (first.0 - track.start.0).max(0);
    edit_list(empty, Edit { duration, media_time: Some(media_time) })
}

/// Why the end of a file is not that of a sealed segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the final moov of a segment: {0}")]
pub struct SealedError(pub &'static str);

/// What a final `moov`, whole, says of its segment.
pub fn read_final_moov(moov: &[u8]) -> Result<(Identity, SegmentIndex), SealedError> {
    let Peeked::Head(head) = reader::peek(moov) else {
        return Err(SealedError("it has no box header"));
    };
    let whole = head.size == moov.len() as u64 && head.size <= MOOV_BYTES_MAX;
    if head.kind != *b"moov" || !whole {
        return Err(SealedError("it is not one whole moov box"));
    }
    let body = &moov[head.len..];
    let (identity, reorder_depths) =
        identity::read(body).ok_or(SealedError("its identity is missing or damaged"))?;
    let tracks = movie_read::read_tracks(body, &reorder_depths)
        .ok_or(SealedError("its tracks are damaged"))?;
    let anchors = commit::read_anchors(body, tracks.len())
        .ok_or(SealedError("its anchors are missing or damaged"))?;
    let tracks = tracks.into_iter().zip(anchors).map(|(track, anchors)| {
        let (samples, chunks) = tables_read::read_tables(track.tables)?;
        let first = samples.first().map_or(0, |sample| i64::from(sample.composition_offset));
        let start = anchors.first().map_or(0, |anchor| anchor.media.0.saturating_sub(first));
        let (params, start) = (track.params, Ticks(start));
        let track = TrackIndex { params, start, samples, chunks, anchors };
        track.is_sound().then_some(track)
    });
    let tracks: Option<Vec<_>> = tracks.collect();
    let tracks = tracks.ok_or(SealedError("its sample tables are damaged"))?;
    Ok((identity, SegmentIndex { tracks }))
}

const USER_TYPE: &[u8; 16] = b"HoldfastSealed..";
const VERSION: u16 = 1;

/// The box `HoldfastSealed..`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seal {
    /// How many commits the segment has.
    pub commits: u32,
    /// Hash of the last one.
    pub last_hash: ChainHash,
    /// Where the final `moov` begins in the file.
    pub moov_offset: u64,
    /// BLAKE3 of the final `moov`, whole.
    pub moov_hash: [u8; 32],
    /// Ed25519 signature over [`Seal::message`]; zeros where there was no key.
    pub signature: [u8; 64],
}

impl Seal {
    /// Bytes of the box: a sealed segment ends with it.
    pub const LEN: usize = 8 + 16 + 2 + 4 + 32 + 8 + 32 + 64;

    /// What the signature signs.
    pub fn message(&self, segment: SegmentId) -> Vec<u8> {
        let mut message = Boxes::new();
        message.bytes(USER_TYPE).bytes(segment.as_bytes());
        self.put_fields(&mut message);
        message.into_bytes()
    }

    /// Whether it was made for this final `moov`.
    pub fn fits(&self, moov: &[u8]) -> bool {
        *blake3::hash(moov).as_bytes() == self.moov_hash
    }

    pub(crate) fn put(&self, b: &mut Boxes) {
        b.uuid(USER_TYPE, |b| {
            b.u16(VERSION);
            self.put_fields(b);
            b.bytes(&self.signature);
        });
    }

    fn put_fields(&self, b: &mut Boxes) {
        b.u32(self.commits).bytes(&self.last_hash).u64(self.moov_offset).bytes(&self.moov_hash);
    }
}

/// The seal that ends a file: `end` is its last bytes, at least [`Seal::LEN`].
pub fn read_seal(end: &[u8]) -> Option<Seal> {
    let whole = end.get(end.len().checked_sub(Seal::LEN)?..)?;
    let Peeked::Head(head) = reader::peek(whole) else { return None };
    if head.user_type.as_ref() != Some(USER_TYPE) || head.size != Seal::LEN as u64 {
        return None;
    }
    let mut reader = Reader::new(&whole[head.len..]);
    if reader.u16()? != VERSION {
        return None;
    }
    Some(Seal {
        commits: reader.u32()?,
        last_hash: reader.array()?,
        moov_offset: reader.u64()?,
        moov_hash: reader.array()?,
        signature: reader.array()?,
    })
}
