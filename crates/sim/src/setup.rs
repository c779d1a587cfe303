//! What a simulated world is made of.

use std::time::Duration;

use base::limits;

use crate::camera::CameraKind;

/// What a world begins with. Everything else follows from its seed.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The cameras, by their number.
    pub cameras: Vec<CameraKind>,
    /// How many volumes there are. Cameras are recorded on them in turn: see
    /// [`crate::World::set_home`].
    pub volumes: usize,
    /// Bytes of each disk.
    pub capacity: u64,
    /// The greatest age of a frame that is not yet on the platter.
    pub sync_interval: Duration,
    /// How long segments are. The short default gives a run of seconds its rotations.
    pub segment_duration: Duration,
    /// What a sync takes.
    pub sync_time: Duration,
    /// Bytes that all streams together may hold for recorders that cannot write.
    pub memory_max: usize,
    /// By how much a recorded time may differ from the true one.
    pub tolerance: Duration,
    /// Streams are recorded where the program's placement says, and not each at its home.
    pub placed: bool,
}

impl Default for Setup {
    /// Two cameras on one volume, with short segments.
    fn default() -> Self {
        Self {
            cameras: vec![CameraKind::Plain, CameraKind::Rich],
            volumes: 1,
            capacity: 1 << 40,
            sync_interval: Duration::from_secs(1),
            segment_duration: Duration::from_secs(4),
            sync_time: Duration::from_millis(8),
            memory_max: limits::RETAIN_BYTES_DEFAULT,
            tolerance: crate::model::TOLERANCE,
            placed: false,
        }
    }
}

impl Setup {
    /// `count` cameras of two small pictures a second, recorded with few large syncs: for days
    /// and weeks.
    pub fn of_weeks(count: usize) -> Self {
        Self {
            cameras: vec![CameraKind::Tiny; count],
            sync_interval: Duration::from_secs(30),
            segment_duration: Duration::from_secs(300),
            ..Self::default()
        }
    }
}
