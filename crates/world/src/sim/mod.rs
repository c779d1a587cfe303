//! The simulated twins: a disk that loses power, fills up, fails and stalls, a clock that is set
//! by hand, randomness from a seed. The same seed always gives the same run.

mod clock;
mod disk;
mod fault;
mod random;
mod tree;

pub use clock::SimClock;
pub use disk::SimDisk;
pub use fault::{Effect, Failure, Fault, Operation};
pub use random::{Random, SeededEntropy};
