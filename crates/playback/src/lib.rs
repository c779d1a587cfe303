//! From a range of time to a plan to bytes: clips of recorded footage, the timeline, and the list
//! of recordings.
//!
//! [`ClipPlan::new`] decides which samples a clip has and where every byte of it comes from, from
//! the rows of the segments and the indexes of those at its two ends. [`ClipReader`] then gives any
//! part of it, slice by slice. Both see the archive through [`Source`] only.

mod ahead;
mod assembly;
mod bits;
mod boxes;
mod error;
mod gaps;
mod hidden;
mod layout;
mod names;
mod part;
mod plan;
mod reader;
mod recordings;
mod request;
mod seams;
mod select;
mod source;
mod squeeze;
mod stored;
mod streams;
mod tables;
mod text_track;
mod texts;
mod timeline;
mod track;

pub use error::{Disagrees, NoFootage, PlanError, ReadError};
pub use plan::ClipPlan;
pub use reader::ClipReader;
pub use recordings::{BadCursor, Cursor, Recording, RecordingsPage};
pub use request::{ClipRequest, ClipStream, Span};
pub use source::{SegmentFile, Source, SourceError};
pub use stored::{StoredFootage, Volumes};
pub use timeline::{Gap, Timeline, TimelineRequest};
