//! The only crate with SQL: schema, migrations, the one writer, read snapshots.
//!
//! [`Catalog`] answers questions (any thread, blocking); [`Writer`] makes [`Change`]s durable, one
//! transaction a call; [`Tail`] holds what is durable of segments that still grow. A media file is
//! named by volume and segment: no media path is known here.

mod access_rows;
mod apply;
mod catalog;
mod change;
mod columns;
mod copy;
mod counting;
mod error;
mod index_cache;
mod open;
mod params;
mod readers;
mod rows;
mod schema;
mod protection_rows;
mod segment_changes;
mod segment_rows;
mod segments;
mod settings_rows;
mod summary;
mod tail;
#[cfg(test)]
mod testing;
mod spans;
mod timeline;
mod writer;

pub use catalog::Catalog;
pub use change::Change;
pub use copy::Saved;
pub use error::{ApplyError, OpenError, ReadError, Refusal};
pub use open::Options;
pub use rows::{CameraRow, SegmentRow, SegmentState, SegmentTrack, StreamRow, VolumeRow};
pub use summary::{DaySummary, HourSummary, Totals};
pub use tail::{OpenSegment, Tail};
pub use timeline::{GapSpan, TimelineSpans};
pub use writer::Writer;
pub use protection_rows::{AuditRow, ProtectionRow};
pub use spans::SegmentSpan;
