//! Reading a sealed segment: its seal, and its final `moov` as an index.

use crate::identity::Identity;
use crate::index::SegmentIndex;
use crate::segment::Seal;

/// Why the end of a file is not that of a sealed segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file is not a sealed segment: {0}")]
pub struct SealedError(pub String);

/// The seal that ends a file: `end` is its last bytes, at least [`Seal::LEN`].
pub fn read_seal(_end: &[u8]) -> Option<Seal> {
    todo!()
}

/// What a final `moov`, whole, says of its segment.
pub fn read_final_moov(_moov: &[u8]) -> Result<(Identity, SegmentIndex), SealedError> {
    todo!()
}
