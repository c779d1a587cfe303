//! What the airings of one camera's streams have in common: players go from one to the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of the newest break of any of them. Streams of one camera have to count alike
/// (section 6.2.4), and seldom break together: a break of one is one of the others, a little later.
#[derive(Clone, Debug)]
pub(crate) struct Kin(Arc<AtomicU64>);

impl Kin {
    /// The first one counts from there.
    pub fn new(breaks: u64) -> Self {
        Self(Arc::new(AtomicU64::new(breaks)))
    }

    /// The number of the newest break.
    pub fn newest(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// One of them is there.
    pub fn raise(&self, breaks: u64) {
        self.0.fetch_max(breaks, Ordering::Relaxed);
    }
}
