//! Reading a segment file from its start: which commits count, and what they hold. For recovery,
//! check and rebuild. Robust against any bytes.

use std::sync::Arc;

use crate::identity::{CommitRef, Identity};
use crate::index::{IndexPart, SegmentIndex};
use crate::params::TrackParams;

/// What the header of a segment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who it is.
    pub identity: Identity,
    /// Its tracks.
    pub tracks: Vec<Arc<TrackParams>>,
    /// Where the 16 bytes of `free` (or of the `mdat` header) stand.
    pub free_offset: u64,
    /// Bytes from the start of the file to the end of the header's `moov`.
    pub len: u64,
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The header.
    pub header: Header,
    /// The samples of all commits that count.
    pub index: SegmentIndex,
    /// The last commit that counts.
    pub last: CommitRef,
    /// Where it ends: what follows is a final `moov` and seal, or is to be cut off.
    pub end: u64,
    /// Where a final `moov` begins, when the commits are followed by one.
    pub moov_offset: Option<u64>,
    /// Whether the 16 bytes are already an `mdat` header.
    pub turned: bool,
}

/// Why a file is not a segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// The header is cut off or damaged.
    #[error("no whole segment header: {0}")]
    Header(String),
    /// There is a header, but no commit counts.
    #[error("no commit of this segment is whole: nothing of it was ever durable")]
    NoCommit,
}

/// Reads a segment file that is fed to it from the start in pieces of any size.
///
/// ```text
/// let mut walk = Walk::new();
/// loop { skip walk.skippable() bytes; feed the next; until walk.is_done() or the end }
/// walk.finish()
/// ```
#[derive(Debug)]
pub struct Walk {}

impl Walk {
    /// A walk that verifies every byte.
    pub fn new() -> Self {
        todo!()
    }

    /// A walk that believes the commits up to `commit`, which ends at `end`, and so can skip the
    /// samples before it.
    pub fn trusting(_commit: CommitRef, _end: u64) -> Self {
        todo!()
    }

    /// How many of the bytes that come next need not be read: pass them with [`Walk::skip`].
    pub fn skippable(&self) -> u64 {
        todo!()
    }

    /// Passes over `len` bytes, at most [`Walk::skippable`].
    pub fn skip(&mut self, _len: u64) {
        todo!()
    }

    /// Takes the bytes that come next.
    pub fn feed(&mut self, _bytes: &[u8]) {
        todo!()
    }

    /// Whether nothing that follows can count any more.
    pub fn is_done(&self) -> bool {
        todo!()
    }

    /// What was found.
    pub fn finish(self) -> Result<Walked, WalkError> {
        todo!()
    }
}

impl Default for Walk {
    fn default() -> Self {
        Self::new()
    }
}

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
    pub anchors: Vec<crate::batch::BatchAnchor>,
}

/// The last commit record that stands whole in `bytes`, and where in them it begins. Whether its
/// hash fits is told by [`verify_batch`].
pub fn find_last_commit(_bytes: &[u8]) -> Option<(usize, CommitRecord)> {
    todo!()
}

/// Whether `batch`, the bytes from the end of the commit `before` (the start of the file for the
/// first) to the end of the record `commit`, is what that record closes.
pub fn verify_batch(_before: Option<CommitRef>, _batch: &[u8], _commit: CommitRef) -> bool {
    todo!()
}

/// What `batch`, verified bytes as in [`verify_batch`] that begin at `offset` in the file, adds to
/// `index`.
pub fn read_batch(_index: &SegmentIndex, _offset: u64, _batch: &[u8]) -> Option<IndexPart> {
    todo!()
}
