//! One picture of encoded footage as a JPEG, decoded in a process of its own.
//!
//! The only place that decodes, and never in the process that records: [`Program::draw`] starts a
//! worker for one [`Job`], hands it over a pipe and takes the answer. The worker ([`work`]) gives
//! up what a process may do before it reads the first byte ([`confine`]), does the job and ends.
//! It may die at any time.

mod canvas;
mod decode;
mod job;
mod planes;
mod program;
mod sandbox;
mod scale;
mod worker;

pub use job::{Cell, Drawn, Job};
pub use program::{DrawError, Program};
pub use sandbox::{NotConfined, confine};
pub use worker::{draw, work};
