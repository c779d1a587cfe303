//! The seeded simulation: simulated world, fake cameras, a reference model, scenarios.
//!
//! The real stream, recorder, archive and catalog run on a simulated clock and disk, in one
//! thread, from one seed. The same seed always gives the same log.

mod acts;
pub mod audit;
pub mod camera;
pub mod clip;
pub mod driver;
mod ending;
mod keeper;
pub mod machine;
mod mend;
pub mod model;
mod orders;
mod parting;
mod placing;
pub mod play;
mod rows;
pub mod scenario;
pub mod scene;
mod sessions;
pub mod setup;
mod start;
mod volumes;

pub use audit::audit;
pub use camera::{CameraKind, FakeCamera, Stamp};
pub use driver::Ended;
pub use machine::Machine;
pub use model::Model;
pub use scenario::{Failure, Report, Scenario};
pub use scene::World;
pub use setup::Setup;
