//! From a range of time to a plan to bytes: clips of recorded footage, HLS, the timeline, and the
//! list of recordings.
//!
//! [`ClipPlan::new`] decides which samples a clip has and where every byte of it comes from, from
//! the rows of the segments and the indexes of those at its two ends. [`ClipReader`] then gives any
//! part of it, slice by slice. [`KeyFrames`] chooses single pictures, for scrubbing and stills.
//! All see the archive through [`Source`] only.

mod ahead;
mod assembly;
mod bits;
mod blocks;
mod boxes;
mod compact;
mod error;
mod gaps;
mod gated;
mod hidden;
pub mod hls;
mod keyframe_file;
mod keyframes;
mod layout;
mod names;
mod nearest;
mod part;
mod pieces;
mod plan;
mod reader;
mod recent;
mod recordings;
mod request;
mod seams;
mod select;
mod slices;
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
pub use keyframe_file::{KeyFrameFile, KeyFrameReader};
pub use keyframes::{KeyFrame, KeyFrames, KeyFramesRequest};
pub use plan::{ClipPlan, entity_tag};
pub use reader::ClipReader;
pub use recordings::{BadCursor, Cursor, Recording, RecordingsPage};
pub use request::{ClipRequest, ClipStream, Span};
pub use slices::Slices;
pub use source::{SegmentFile, Source, SourceError};
pub use stored::{StoredFootage, Volumes};
pub use timeline::{Gap, Timeline, TimelineRequest};
