//! From a range of time to a plan to bytes: clips of recorded footage, the timeline, and the list
//! of recordings.
//!
//! [`ClipPlan::new`] decides which samples a clip has and where every byte of it comes from, from
//! the rows of the segments and the indexes of those at its two ends. [`ClipReader`] then gives any
//! part of it, slice by slice. Both see the archive through [`Source`] only.

mod assembly;
mod boxes;
mod layout;
pub mod plan;
pub mod reader;
pub mod recordings;
mod seams;
mod select;
pub mod source;
pub mod stored;
mod tables;
pub mod timeline;

pub use plan::{ClipPlan, ClipRequest, NoFootage, PlanError, Span};
pub use reader::{ClipReader, Disagrees, ReadError};
pub use recordings::{Cursor, Recording, RecordingsPage};
pub use source::{SegmentFile, Source, SourceError};
pub use stored::{StoredFootage, Volumes};
pub use timeline::{Gap, Timeline, TimelineRequest};
