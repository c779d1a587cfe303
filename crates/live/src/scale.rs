//! The scale that the streams of one camera have in common: players go from one to another.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base::WallTime;

/// Media time starts this long after its zero, so that audio that leads video is not negative.
pub(crate) const LEAD_IN_MICROS: i64 = 1_000_000;

/// The wall time of media time 0, in microseconds, as that of a camera's streams knows it now that
/// was encoded last; clones share it. It moves as the camera's clock drifts, and as the wall clock
/// is set: media time itself does neither.
#[derive(Clone, Debug)]
pub(crate) struct Scale(Arc<AtomicI64>);

impl Scale {
    /// One on which nothing is before `begun`.
    pub fn since(begun: WallTime) -> Self {
        let zero = begun.as_micros().saturating_sub(LEAD_IN_MICROS);
        Self(Arc::new(AtomicI64::new(zero)))
    }

    /// The wall time of media time 0.
    pub fn zero(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// A stream that is encoded knows it to be there now.
    pub fn learn(&self, zero: i64) {
        self.0.store(zero, Ordering::Relaxed);
    }
}
