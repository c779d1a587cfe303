//! The records of a segment that say what wall times stand for and which bytes count: the boxes
//! `HoldfastCommit..` and `HoldfastAnchors.`.

use base::{Ticks, WallTime};

use crate::batch::BatchAnchor;
use crate::identity::CommitRef;
use crate::index::{Anchor, pack_anchors, unpack_anchors};
use crate::mp4::boxes::Boxes;
use crate::mp4::reader::{self, Peeked, Reader};

pub(crate) const COMMIT: &[u8; 16] = b"HoldfastCommit..";
const ANCHORS: &[u8; 16] = b"HoldfastAnchors.";
const ANCHORS_VERSION: u8 = 1;
/// The hash ends the record.
pub(crate) const HASH_LEN: usize = 32;

/// A commit record, found anywhere in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitRecord {
    /// Number and hash.
    pub commit: CommitRef,
    /// Where its batch begins: the end of the record before it, 0 for the first.
    pub batch_offset: u64,
    /// Bytes of the record.
    pub len: usize,
    /// What its anchors say.
    pub anchors: Vec<BatchAnchor>,
}

/// A commit record with zeros for its hash.
pub(crate) fn unhashed(number: u32, batch_offset: u64, anchors: &[BatchAnchor]) -> Vec<u8> {
    let mut record = Boxes::new();
    record.uuid(COMMIT, |b| {
        b.u32(number).u64(batch_offset).u8(anchors.len() as u8);
        for anchor in anchors {
            b.u8(anchor.track as u8).i64(anchor.media.0).i64(anchor.wall.as_micros());
        }
        b.zeros(HASH_LEN);
    });
    record.into_bytes()
}

/// The commit record that `bytes` begin with, whole; `None` when there is none.
pub(crate) fn read(bytes: &[u8]) -> Option<CommitRecord> {
    let Peeked::Head(head) = reader::peek(bytes) else { return None };
    if head.user_type.as_ref() != Some(COMMIT) {
        return None;
    }
    let len = usize::try_from(head.size).ok()?;
    let mut reader = Reader::new(bytes.get(head.len..len)?);
    let (number, batch_offset) = (reader.u32()?, reader.u64()?);
    let mut anchors = Vec::new();
    for _ in 0..reader.u8()? {
        let (track, media) = (reader.u8()?.into(), Ticks(reader.i64()?));
        anchors.push(BatchAnchor { track, media, wall: WallTime::from_micros(reader.i64()?) });
    }
    let commit = CommitRef { number, hash: reader.array()? };
    reader.rest().is_empty().then_some(CommitRecord { commit, batch_offset, len, anchors })
}

/// Appends the anchors of all tracks of a sealed segment.
pub(crate) fn put_anchors<'a>(b: &mut Boxes, tracks: impl Iterator<Item = &'a [Anchor]>) {
    let mut packed = vec![ANCHORS_VERSION];
    tracks.for_each(|anchors| pack_anchors(&mut packed, anchors));
    b.uuid(ANCHORS, |b| b.bytes(&packed).end());
}

/// The anchors of all tracks, in the body of a final `moov`.
pub(crate) fn read_anchors(moov: &[u8], tracks: usize) -> Option<Vec<Vec<Anchor>>> {
    let (version, mut rest) = reader::find_uuid(moov, ANCHORS)?.split_first()?;
    if *version != ANCHORS_VERSION {
        return None;
    }
    let anchors: Option<Vec<_>> = (0..tracks).map(|_| unpack_anchors(&mut rest)).collect();
    anchors.filter(|_| rest.is_empty())
}
