//! All tests, in the order in which they find faults soonest.

use anyhow::Result;

use crate::run::{exists, root, run};
use crate::{build, count, narrow, packages, powercut, tidy};

/// Runs everything; the first failure ends it.
pub fn all(browser: bool) -> Result<()> {
    packages::install()?;
    run("", "cargo fmt --all --check")?;
    tidy::check()?;
    build::page()?;
    run("ui", "npm run check")?;
    run("ui", "npm test")?;
    run("", "cargo clippy --workspace --all-targets --quiet -- -D warnings")?;
    narrow::check()?;
    // What the lean build leaves out must not be missed by what stays.
    run("", &format!("cargo clippy --quiet {} -- -D warnings", build::LEAN))?;
    // These build the binary too, as all that follows uses it: built alone it would be built of
    // other features of the same crates, and almost everything twice.
    if exists("cargo-nextest", "--version") {
        run("", "cargo nextest run --workspace --no-fail-fast")?;
    } else {
        println!("cargo-nextest is not installed: running the same tests with cargo test");
        run("", "cargo test --quiet --workspace")?;
    }
    let counted = count::check()?;
    let power_cuts = powercut::short()?;
    if browser {
        run("ui", "npm run e2e")?;
    } else {
        println!("\nLEFT OUT: the browser tests, as asked");
    }
    println!("\nall tests passed");
    match power_cuts {
        Ok(summary) => println!("{summary}"),
        Err(why) => println!("LEFT OUT: real power cuts: {why}"),
    }
    match counted {
        Ok(summary) => println!("{summary}"),
        Err(why) => println!("LEFT OUT: the count of instructions: {why}"),
    }
    say_what_was_left_out();
    Ok(())
}

/// Tests that need what is not here pass without doing anything; this says which.
fn say_what_was_left_out() {
    let real_clips = root().join("../shared/media");
    if !real_clips.exists() {
        println!("LEFT OUT: tests on real clips, which lie beside the project: no ../shared/media");
    }
    if !packages::is_root() {
        println!("LEFT OUT: tests that mount a small file system: they need root");
    }
}
