//! What should run becomes what runs: cameras, recorders, health, by difference.
//!
//! [`rows::by_difference`] turns configuration files into rows, [`wanted::wanted`] rows into what
//! should run, and [`Control::reconcile`] makes it run, through the [`Machinery`] it is given.

pub mod alarms;
pub mod clocks;
mod control;
mod gate;
pub mod guests;
pub mod lives;
pub mod placement;
mod rates;
pub mod roster;
pub mod rows;
mod session;
mod sink;
pub mod switch;
pub mod wanted;

pub use control::{CameraView, Control, Machinery, Owed, RecordedStream, StreamView};
pub use gate::Gate;
pub use guests::Guests;
pub use rates::Rate;
pub use roster::Roster;
pub use rows::Known;
pub use session::{CameraTask, Turn};
pub use sink::{Farewell, StreamSink};
pub use wanted::{Unusable, Wanted};
