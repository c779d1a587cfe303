//! The seeded simulation: simulated world, fake cameras, a reference model, scenarios.
//!
//! The real stream, recorder, archive and catalog run on a simulated clock and disk, in one
//! thread, from one seed. The same seed always gives the same log.

pub mod audit;
pub mod camera;
pub mod clip;
pub mod machine;
pub mod model;
mod rows;

pub use audit::audit;
pub use camera::{CameraKind, FakeCamera, Stamp};
pub use machine::{Machine, World};
pub use model::Model;
