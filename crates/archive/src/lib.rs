//! Segment files on volumes: the only place that forms a media path.
//!
//! The bytes are those of `docs/format/segment.md`; `media` knows the boxes, this crate knows the
//! files: where they lie, in which order they are written and synced, how they are found again.

mod bytes;
pub mod gate;
pub mod key;
mod lost;
pub mod moving;
pub mod place;
pub mod problem;
pub mod proof;
pub mod reader;
pub mod recover;
pub mod verify;
pub mod volume;
pub mod writer;

pub use gate::{ReadGate, Urgency};
pub use key::{ArchiveKey, KeyError, is_signed};
pub use place::{DayFolder, SegmentPlace};
pub use problem::Problem;
pub use proof::{Doubt, Link, Links, Proof, Wound, prove, prove_links};
pub use reader::SegmentReader;
pub use recover::{FileState, RecoverError, Recovered, Tail};
pub use verify::{Depth, PIECE_BYTES, Verified, Verify, Verifying, verify, verify_link};
pub use volume::{
    Expect, HiddenSpan, Kept, LOST_FOUND, OpenVolumeError, ProtectedSpan, REMOVED_FILE,
    RemovalReason, Removed, RemovedSpan, Volume, VolumeIdentity,
};
pub use writer::{Appended, SealedInfo, Sealing, SegmentWriter, Syncer, WriteError};
