//! The only place that reads a clock.

use std::time::Instant;

use base::{MonoTime, Shutdown, WallTime};

/// Tells the time, and waits for it.
pub trait Clock: Send + Sync {
    /// UTC now. It may step when the system's clock is set.
    fn wall(&self) -> WallTime;

    /// Monotonic time now.
    fn mono(&self) -> MonoTime;

    /// Blocks this thread until `until` or until `signal` is requested; whether it was requested.
    fn wait(&self, signal: &Shutdown, until: MonoTime) -> bool;
}

/// The system's clocks.
#[derive(Debug, Clone)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> WallTime {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        WallTime::EPOCH + since.unwrap_or_default()
    }

    fn mono(&self) -> MonoTime {
        MonoTime::default() + self.origin.elapsed()
    }

    fn wait(&self, signal: &Shutdown, until: MonoTime) -> bool {
        signal.wait_timeout(until.since(self.mono()))
    }
}
