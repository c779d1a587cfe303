//! From a range of time to a plan to bytes: clips of recorded footage, the timeline, and the list
//! of recordings.
//!
//! [`ClipPlan::new`] decides which samples a clip has and where every byte of it comes from, from
//! the rows of the segments and the indexes of those at its two ends. [`ClipReader`] then gives any
//! part of it, slice by slice. Both see the archive through [`Source`] only.

pub mod plan;
pub mod reader;
pub mod recordings;
pub mod source;
pub mod timeline;

pub use plan::{ClipPlan, ClipRequest, NoFootage, PlanError};
pub use reader::{ClipReader, ReadError};
pub use recordings::{Cursor, Recording, RecordingsPage};
pub use source::{Segment, SegmentFile, Source, SourceError};
pub use timeline::{Gap, Span, Timeline, TimelineRequest};
