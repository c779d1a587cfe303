//! Ids, time types, limits, the shutdown signal and harmless text: what every floor may use. No
//! I/O and no async runtime lives here.

pub mod ids;
pub mod limits;
pub mod printable;
pub mod shutdown;
pub mod time;

pub use ids::{
    AiringId, AlarmId, ArchiveId, CameraId, ExportId, RunId, SegmentId, StreamId, UserId, VolumeId,
};
pub use printable::printable;
pub use shutdown::Shutdown;
pub use time::{MonoTime, Ticks, Timescale, WallTime};
