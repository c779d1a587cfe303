//! The memory that all airings share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what airings hold, all together.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes_max: usize,
    bytes: AtomicUsize,
    airings: AtomicUsize,
}

/// What one airing holds of it; given back when that ends.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    /// Nobody holds anything of it.
    pub fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, bytes: AtomicUsize::new(0), airings: AtomicUsize::new(0) })
    }

    /// For one more airing.
    pub fn share(self: &Arc<Self>) -> Share {
        self.airings.fetch_add(1, Ordering::Relaxed);
        Share { budget: self.clone(), bytes: 0 }
    }

    /// Bytes that all airings hold.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Share {
    /// It holds so much now.
    pub fn set(&mut self, bytes: usize) {
        let all = &self.budget.bytes;
        // Added first, so that the sum is never below what is held.
        all.fetch_add(bytes, Ordering::Relaxed);
        all.fetch_sub(std::mem::replace(&mut self.bytes, bytes), Ordering::Relaxed);
    }

    /// Whether all together hold too much, and this one more than its even part: then it gives way.
    pub fn gives_way(&self) -> bool {
        let airings = self.budget.airings.load(Ordering::Relaxed).max(1);
        self.budget.bytes() > self.budget.bytes_max && self.bytes > self.budget.bytes_max / airings
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.budget.airings.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_more_than_others_gives_way() {
        let budget = Budget::new(100);
        let (mut small, mut large) = (budget.share(), budget.share());
        large.set(100);
        assert!(!large.gives_way(), "there is room for all of it");
        small.set(20);
        assert!(large.gives_way() && !small.gives_way());
        large.set(80);
        assert!(!large.gives_way());
        small.set(70);
        assert!(large.gives_way() && small.gives_way());
        drop(large);
        assert!(!small.gives_way());
        drop(small);
        assert_eq!(budget.bytes(), 0);
    }
}
