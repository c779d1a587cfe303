//! Small boards have 32 bits: there a length or place in a file does not fit into what counts
//! memory. No such board can be tried here, but the linter knows where a number would be cut off.

use anyhow::{Context, Result, bail};

use crate::run::command;

/// The simulation and what only tests and measurements are made of run on nobody's board.
const CHECKED: &str = "clippy --workspace --lib --bins --exclude sim --exclude testcam \
    --exclude bench --exclude xtask --message-format short";
const LINT: &str = "clippy::cast_possible_truncation";
const CUT_OFF: &str = "on targets with 32-bit wide pointers";

/// Fails where a cast would cut a number off on a board of 32 bits.
pub fn check() -> Result<()> {
    println!("\n── casts that need 64 bits");
    let mut linting = command("", &format!("cargo {CHECKED} -- --force-warn {LINT}"));
    let output = linting.output().context("cannot start cargo clippy")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("clippy failed: {said}");
    }
    let is_of_memory = |line: &&str| line.contains(CUT_OFF) && line.contains("size`");
    let found: Vec<&str> = said.lines().filter(is_of_memory).collect();
    if !found.is_empty() {
        let found = found.join("\n");
        bail!("convert with `try_from`, and say what bounds it:\n{found}");
    }
    println!("no cast needs 64 bits");
    Ok(())
}
