//! The doors to reality: clock, disk and randomness. Each has a real form and a simulated twin, so
//! that whatever records can be driven from a seed.

pub mod clock;
pub mod disk;
pub mod entropy;
pub mod host;
pub mod sim;
pub mod system;

pub use clock::{Clock, SystemClock};
pub use disk::{Disk, DiskFile, Entry, LockHeld, Space, Usage};
pub use entropy::{Entropy, SystemEntropy};
pub use host::{Host, SystemHost};
pub use system::SystemDisk;
