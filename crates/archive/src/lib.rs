//! Segment files on volumes: the only place that forms a media path.
//!
//! The bytes are those of `docs/format/segment.md`; `media` knows the boxes, this crate knows the
//! files: where they lie, in which order they are written and synced, how they are found again.

pub mod key;
pub mod place;
pub mod reader;
pub mod volume;

pub use key::{ArchiveKey, KeyError, is_signed};
pub use place::{DayFolder, SegmentPlace};
pub use reader::SegmentReader;
pub use volume::{Expect, OpenVolumeError, Volume, VolumeIdentity};
