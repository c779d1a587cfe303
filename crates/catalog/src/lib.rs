//! The only crate with SQL: schema, migrations, the one writer, read snapshots.
//!
//! [`Catalog`] answers questions (any thread, blocking); [`Writer`] makes [`Change`]s durable, one
//! transaction a call; [`Tail`] holds what is durable of segments that still grow. A media file is
//! named by volume and segment: no media path is known here.

mod access_rows;
mod active;
mod activity;
mod activity_rows;
mod alarm_rows;
mod apply;
mod backup;
mod catalog;
mod change;
mod check_rows;
mod check_sums;
mod clock_rows;
mod columns;
mod copy;
#[cfg(test)]
mod cost_tests;
mod counting;
mod demand_rows;
mod error;
mod export_changes;
mod export_rows;
mod folder;
mod forgotten_rows;
mod gaps;
mod index_cache;
mod kept_rows;
mod life_rows;
mod migration;
#[cfg(test)]
mod migration_tests;
mod moving_rows;
mod open;
mod params;
mod pieces;
mod protection_rows;
mod readers;
mod rows;
mod schema;
mod segment_changes;
mod segment_rows;
mod segments;
mod settings_rows;
mod settled;
mod shown;
mod spans;
mod summary;
mod tail;
#[cfg(test)]
mod testing;
mod timeline;
mod unread;
mod volume_rows;
mod writer;

pub use active::ActiveSpan;
pub use activity::ActivityLane;
pub use alarm_rows::AlarmRow;
pub use backup::{Rebuilding, Standing};
pub use catalog::Catalog;
pub use change::Change;
pub use check_rows::{DamageRow, Overlap, ScrubRow};
pub use clock_rows::ClockNote;
pub use copy::Saved;
pub use demand_rows::DemandRow;
pub use error::{ApplyError, BackUpError, OpenError, ReadError, Refusal};
pub use export_rows::{ExportEnd, ExportRow, ExportState, ExportStream};
pub use gaps::GapSpan;
pub use kept_rows::KeptRows;
pub use life_rows::LifeRow;
pub use migration::OwedBackUp;
pub use moving_rows::MovingRow;
pub use open::Options;
pub use protection_rows::{AuditRow, ProtectionRow};
pub use rows::{CameraRow, SegmentRow, SegmentState, SegmentTrack, StreamRow, VolumeRow};
pub use settled::Settled;
pub use shown::Shown;
pub use spans::SegmentSpan;
pub use summary::{DaySummary, HourSummary, Totals};
pub use tail::{OpenSegment, Tail};
pub use timeline::TimelineSpans;
pub use unread::UnreadSegment;
pub use writer::{Owed, Writer};
