//! Real workers: what they draw, what they may not, and how they die.
#![allow(clippy::unwrap_used)]

mod dying;
mod pictures;
mod sandbox;

use std::path::PathBuf;

use still::Program;

/// A worker, or one that does a deed.
fn program(deed: Option<&str>) -> Program {
    let file = PathBuf::from(env!("CARGO_BIN_EXE_still-probe"));
    Program { file, arguments: deed.into_iter().map(Into::into).collect() }
}
