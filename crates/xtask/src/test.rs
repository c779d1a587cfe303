//! All tests, in the order in which they find faults soonest.

use anyhow::Result;

use crate::run::{exists, run};
use crate::{build, packages, tidy};

/// Runs everything; the first failure ends it.
pub fn all(browser: bool) -> Result<()> {
    packages::install()?;
    run("", "cargo fmt --all --check")?;
    tidy::check()?;
    build::page()?;
    run("ui", "npm run check")?;
    run("ui", "npm test")?;
    run("", "cargo clippy --workspace --all-targets --quiet -- -D warnings")?;
    run("", "cargo build --quiet --package holdfast")?;
    if exists("cargo-nextest", "--version") {
        run("", "cargo nextest run --workspace --no-fail-fast")?;
    } else {
        println!("cargo-nextest is not installed: running the same tests with cargo test");
        run("", "cargo test --quiet --workspace")?;
    }
    if browser {
        run("ui", "npm run e2e")?;
    } else {
        println!("\nLEFT OUT: the browser tests, as asked");
    }
    println!("\nall tests passed");
    Ok(())
}
