//! The real world, as one value: disk, clock, randomness.

use std::sync::Arc;

use base::{MonoTime, WallTime};
use world::{Clock, Disk, Entropy, Host, SystemClock, SystemDisk, SystemEntropy, SystemHost};

/// The doors to reality; clones share them.
#[derive(Clone)]
pub struct Machine {
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What the operating system tells of itself.
    pub host: Arc<dyn Host>,
}

impl Machine {
    /// This machine.
    pub fn real() -> Self {
        Self {
            disk: Arc::new(SystemDisk),
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(SystemEntropy),
            host: Arc::new(SystemHost),
        }
    }

    /// UTC now.
    pub fn wall(&self) -> WallTime {
        self.clock.wall()
    }

    /// Monotonic time now.
    pub fn mono(&self) -> MonoTime {
        self.clock.mono()
    }

    /// 32 random bytes, for a secret.
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        bytes
    }
}
