//! The binary's own parts: command line, threads and loops, shutdown order.

mod cli;
pub mod client;
mod command;
mod daemon;
#[cfg(feature = "demo")]
mod demo;
mod exit;
mod files;
mod logging;
mod pool;
mod rows;
mod shutdown;
mod vital;
mod when;

use std::process::ExitCode;

use clap::Parser;

/// Runs the program as its command line says.
pub fn start() -> ExitCode {
    world::host::keep_little_memory();
    let cli = cli::Cli::parse();
    let log = logging::start();
    match command::carry_out(cli, log) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("holdfast: {error:#}");
            exit::Exit::Problems.into()
        }
    }
}

/// What this program calls itself in what it writes.
fn software() -> String {
    format!("holdfast {}", env!("CARGO_PKG_VERSION"))
}

/// What this process writes about itself into the locks that it holds.
fn note() -> String {
    "holdfast".to_owned()
}
