//! What the airings of one camera's streams have in common: players go from one to the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of the newest break of any of them. Streams of one camera have to count alike
/// (section 6.2.4), and seldom break together: a break of one is one of the others, a little later.
///
/// The first one counts from 0, in every process: a player that goes on with the next airing looks
/// for a media segment under the number that it knows (hls.js 1.7 takes a lower one for that, and
/// loads nothing more where it is higher and its playlist was old).
#[derive(Clone, Debug, Default)]
pub(crate) struct Kin(Arc<AtomicU64>);

impl Kin {
    /// The number of the newest break.
    pub fn newest(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// One of them is there.
    pub fn raise(&self, breaks: u64) {
        self.0.fetch_max(breaks, Ordering::Relaxed);
    }
}
