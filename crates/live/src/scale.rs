//! The scale that the streams of one camera have in common: players go from one to another.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base::WallTime;

/// 2020: before any scale begins.
const EPOCH_MICROS: i64 = 1_577_836_800_000_000;
/// A scale that begins a second after another one is ahead of that by so many: more than a media
/// segment has, by a good deal.
const AHEAD: i64 = 8;

/// The wall time of media time 0, in microseconds, as that of a camera's streams knows it now that
/// was encoded last; clones share it. It moves as the camera's clock drifts, and as the wall clock
/// is set: media time itself does neither.
#[derive(Clone, Debug)]
pub(crate) struct Scale(Arc<AtomicI64>);

impl Scale {
    /// One that begins at `begun`, ahead of all that began earlier, over restarts too. A player
    /// that goes on over a restart takes it for the one that it knows; hls.js 1.7 seeks to where it
    /// would be if all numbers of media segments between had been used, one a second, and waits
    /// there where that is beyond what comes.
    pub fn since(begun: WallTime) -> Self {
        let since = begun.as_micros().saturating_sub(EPOCH_MICROS);
        let zero = begun.as_micros().saturating_sub(since.saturating_mul(AHEAD));
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
