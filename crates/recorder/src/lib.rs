//! From stream to archive to catalog: rotation, the commit protocol, recovery, retention, check.
//!
//! Everything here is driven from outside: nothing sleeps, spawns or reads a clock that was not
//! given. A driver calls [`VolumeRecorder::step`] when its beat is due and hands the changes of
//! the report to the catalog's one writer.

mod batch;
pub mod beat;
mod bringing;
pub mod check;
pub mod clock;
pub mod commit;
pub mod cut;
pub mod drain;
mod ghost;
mod growing;
mod known;
mod lane;
pub mod parallel;
pub mod rebuild;
pub mod recover;
mod removed;
pub mod repair;
pub mod report;
pub mod retain;
mod rows;
pub mod scrub;
pub mod site;
mod standing;
mod unfinished;
mod waiting;

pub use beat::Beat;
pub use bringing::Removals;
pub use check::{CheckReport, Checking, Damage, Finding, check, check_sums};
pub use commit::VolumeRecorder;
pub use drain::{Drain, DrainError, Settled, Settling};
pub use parallel::{InOrder, Job, Parallel};
pub use rebuild::{Rebuilt, rebuild};
pub use recover::{Successor, Survey, Unfinished};
pub use repair::{Repaired, Repairer, Suspect};
pub use report::{Alarm, DiskFault, FinishReport, LossCause, StepReport};
pub use retain::Retention;
pub use scrub::{Scrub, Scrubbed};
pub use site::{Settings, Site, StreamJob};
pub use standing::{Before, Standing};

use base::{MonoTime, WallTime};

/// One instant on both of the machine's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// UTC; it may step.
    pub wall: WallTime,
    /// Monotonic time.
    pub mono: MonoTime,
}

impl Now {
    /// What `clock` reads.
    pub fn of(clock: &dyn world::Clock) -> Self {
        Self { wall: clock.wall(), mono: clock.mono() }
    }
}
