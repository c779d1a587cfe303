//! What the program says of itself: the newest lines of its log, in memory, for whoever manages the
//! system. Secrets are taken out before a line is kept (`mask`), so that nobody can ask for them.
//! Whoever logs never waits for whoever reads (`log`).

mod kept;
mod layer;
mod line;
mod log;
mod mask;

pub use layer::Keeping;
pub use line::{Level, Line};
pub use log::{Asked, From, Log, Page};
pub use mask::masked;
