//! Running other programs, and saying so.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The workspace's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("xtask lies two folders below the workspace").to_owned()
}

/// A command to run in `folder` (below the workspace), its words separated by spaces.
pub fn command(folder: &str, words: &str) -> Command {
    let mut words = words.split_whitespace();
    let mut command = Command::new(words.next().expect("a command has a word"));
    command.args(words).current_dir(root().join(folder));
    command
}

/// Says what is run, runs it, and fails when it fails.
pub fn run(folder: &str, words: &str) -> Result<()> {
    run_command(command(folder, words), words)
}

/// Says `title`, runs `command`, and fails when it fails.
pub fn run_command(mut command: Command, title: &str) -> Result<()> {
    println!("\n── {title}");
    let status = command.status().with_context(|| format!("cannot start `{title}`"))?;
    if !status.success() {
        bail!("`{title}` failed: {status}");
    }
    Ok(())
}

/// Whether `program` can be started (asked for its version).
pub fn exists(program: &str, version_flag: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(version_flag).stdout(std::process::Stdio::null());
    command.stderr(std::process::Stdio::null()).stdin(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
