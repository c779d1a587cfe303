//! Writing one segment, as values: each batch becomes the pieces of one write, and at the end the
//! final `moov`, the seal and the 16 bytes that turn the file into a classic MP4.

use std::sync::Arc;

use base::SegmentId;
use bytes::Bytes;

use crate::batch::Batch;
use crate::identity::{ChainHash, CommitRef, Identity};
use crate::index::{IndexPart, SegmentIndex};
use crate::params::TrackParams;
use crate::walk::Walked;

/// A batch that cannot be written: its sender broke a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// There is no sample in it.
    #[error("a batch without samples cannot be written: leave it out")]
    Empty,
    /// A track index is out of range, out of order, or has no anchor.
    #[error("track {track} of a batch has no such track, no anchor, or is out of order")]
    Track {
        /// Index of the track.
        track: usize,
    },
    /// A decode time is before the segment's origin or not after the last one.
    #[error("decode time {decode} of track {track} is not after {last}: decode times must rise")]
    DecodeTime {
        /// Index of the track.
        track: usize,
        /// The time on the segment's scale.
        decode: i64,
        /// The decode time before it, or -1 where there was none.
        last: i64,
    },
    /// A size or number does not fit its field.
    #[error("track {track} of a batch is too large for one segment: begin another")]
    TooLarge {
        /// Index of the track.
        track: usize,
    },
}

/// A batch as bytes, not yet part of its segment.
#[derive(Clone, Debug)]
pub struct EncodedBatch {
    /// What to write, one after another, in one vectored write; samples are not copied.
    pub pieces: Vec<Bytes>,
    /// Where the first piece goes in the file.
    pub offset: u64,
    /// Bytes of all pieces.
    pub len: u64,
    /// The commit that closes it.
    pub commit: CommitRef,
    /// What it adds to the index.
    pub added: IndexPart,
}

/// The state of a segment that is being written. It does no I/O: write what [`encode`] returns,
/// then tell [`commit`].
///
/// [`encode`]: SegmentBuilder::encode
/// [`commit`]: SegmentBuilder::commit
#[derive(Clone, Debug)]
pub struct SegmentBuilder {
    identity: Identity,
    tracks: Vec<Arc<TrackParams>>,
    index: SegmentIndex,
    last: Option<CommitRef>,
    end: u64,
    next_fragment: u32,
}

impl SegmentBuilder {
    /// A segment without a byte.
    pub fn new(identity: Identity, tracks: Vec<Arc<TrackParams>>) -> Self {
        let index = SegmentIndex::new(&tracks);
        Self { identity, tracks, index, last: None, end: 0, next_fragment: 1 }
    }

    /// A segment found by [`crate::walk::Walk`], to be sealed or written on after its last commit.
    pub fn resume(_walked: Walked) -> Self {
        todo!()
    }

    /// The bytes of `batch` behind what is committed so far; the first time with the header in
    /// front.
    pub fn encode(&self, _batch: &Batch) -> Result<EncodedBatch, BatchError> {
        todo!()
    }

    /// Makes an encoded batch part of the segment. It must be the last one encoded.
    pub fn commit(&mut self, _batch: &EncodedBatch) {
        todo!()
    }

    /// What is committed so far.
    pub fn index(&self) -> &SegmentIndex {
        &self.index
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The last commit and where the next batch goes.
    pub fn last(&self) -> (Option<CommitRef>, u64) {
        (self.last, self.end)
    }

    /// What seals the segment as it stands. `sign` signs a message with the archive's Ed25519 key;
    /// `None` where there is no key. `None` while nothing is committed.
    pub fn seal(&self, _sign: Option<&dyn Fn(&[u8]) -> [u8; 64]>) -> Option<Sealing> {
        todo!()
    }
}

/// What seals a segment: first `tail` at `tail_offset`, synced, then `head` at `head_offset`,
/// synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// The final `moov` and the seal.
    pub tail: Bytes,
    /// Where they go: after the last commit. Whatever stands there is overwritten and cut.
    pub tail_offset: u64,
    /// The 64-bit `mdat` header that replaces the 16 bytes of `free`.
    pub head: [u8; 16],
    /// Where those 16 bytes stand.
    pub head_offset: u64,
}

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
    pub fn message(&self, _segment: SegmentId) -> Vec<u8> {
        todo!()
    }
}
