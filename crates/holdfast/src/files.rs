//! Finding and reading configuration files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use config::Settings;

const SYSTEM: &str = "/etc/holdfast/holdfast.toml";

/// The configuration file: the one named, else the system's, else the user's.
pub fn find(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let user = user_file();
    let places = std::iter::once(PathBuf::from(SYSTEM)).chain(user.clone());
    if let Some(found) = places.into_iter().find(|path| path.exists()) {
        return Ok(found);
    }
    let user = user.map_or_else(String::new, |path| format!(" or {}", path.display()));
    bail!("there is no configuration file: write {SYSTEM}{user}, or name one with --config FILE")
}

fn user_file() -> Option<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
    let folder = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home)?;
    Some(folder.join("holdfast/holdfast.toml"))
}

/// The text of a file.
pub fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The settings in the file at `path`.
pub fn settings(path: &Path) -> Result<Settings> {
    config::parse(&text(path)?).map_err(|invalid| located(path, &invalid))
}

/// The cameras and volumes in the `--apply` file at `path`.
pub fn applied(path: &Path) -> Result<config::Applied> {
    config::parse_apply(&text(path)?).map_err(|invalid| located(path, &invalid))
}

/// Every problem of a file, one a line, each with the file's name as compilers write it.
fn located(path: &Path, invalid: &config::Invalid) -> anyhow::Error {
    let line = |problem: &config::Problem| format!("{}:{problem}", path.display());
    let lines: Vec<String> = invalid.problems.iter().map(line).collect();
    anyhow::anyhow!("the configuration is wrong; nothing was changed\n{}", lines.join("\n"))
}
