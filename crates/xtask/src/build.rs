//! Building the page, the binary, and starting the demo.

use anyhow::{Result, bail};

use crate::run::{command, exists, root, run, run_command};

/// Builds `ui/dist` from `ui/`.
pub fn page() -> Result<()> {
    if !exists("npm", "--version") {
        bail!("npm is missing: the web page is built with Node 20 or newer (Debian: nodejs, npm)");
    }
    let lock = root().join("ui/package-lock.json");
    let stamp = root().join("ui/node_modules/.package-lock.json");
    let age = |path: &std::path::Path| path.metadata().and_then(|m| m.modified()).ok();
    // npm's own record of what it installed is newer than the lock file once it is in step.
    if age(&stamp).is_none_or(|installed| age(&lock).is_some_and(|wanted| wanted > installed)) {
        run("ui", "npm ci --no-audit --no-fund")?;
    }
    run("ui", "npm run build")
}

/// Builds the release binary with the page inside.
pub fn release() -> Result<()> {
    page()?;
    run("", "cargo build --release --package holdfast")?;
    println!("\nbuilt {}", root().join("target/release/holdfast").display());
    Ok(())
}

/// What the binary for small boards is built of.
pub const LEAN: &str = "--package holdfast --no-default-features";

/// Builds the binary for small boards, and says how large it is.
pub fn lean() -> Result<()> {
    page()?;
    run("", &format!("cargo build --profile lean {LEAN}"))?;
    let binary = root().join("target/lean/holdfast");
    let bytes = binary.metadata()?.len();
    println!("\nbuilt {}, {:.1} MB", binary.display(), bytes as f64 / 1e6);
    Ok(())
}

/// Builds everything and starts the demo; ends with it.
pub fn demo(listen: &str) -> Result<()> {
    release()?;
    let title = format!("target/release/holdfast demo --listen {listen}");
    run_command(command("", &title), &title)
}
