//! The project's Rust files, as `tidy` reads them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// One Rust file.
pub struct Source {
    /// The crate's name, which is its folder's.
    pub krate: String,
    /// Path below the workspace.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// Whether the whole file is test code.
    pub is_test: bool,
}

impl Source {
    /// Lines that are not test code, with their numbers from 1.
    pub fn lines_outside_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = if self.is_test { 0 } else { usize::MAX };
        let mut inside_from: Option<usize> = None;
        self.text.lines().enumerate().take(lines).filter_map(move |(index, line)| {
            let indent = line.len() - line.trim_start().len();
            if let Some(from) = inside_from {
                if line.starts_with('}') && indent == from {
                    inside_from = None;
                }
                return None;
            }
            if line.trim() == "#[cfg(test)]" && !self.next_is_declaration(index) {
                inside_from = Some(indent);
                return None;
            }
            Some((index + 1, line))
        })
    }

    /// Whether the item after line `index` ends on its own line: `mod tests;`.
    fn next_is_declaration(&self, index: usize) -> bool {
        self.text.lines().nth(index + 1).is_some_and(|line| line.trim_end().ends_with(';'))
    }
}

/// Every Rust file of every crate.
pub fn all(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for krate in folders(&root.join("crates"))? {
        let name = krate.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut files = Vec::new();
        collect(&krate, &mut files)?;
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let path = file.strip_prefix(root)?.to_string_lossy().into_owned();
            let test_folder = ["/tests/", "/benches/", "/examples/", "/scenarios/"].iter();
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let is_test = test_folder.clone().any(|part| path.contains(part))
                || ["tests", "testing"].contains(&stem.as_str())
                || stem.ends_with("_tests");
            sources.push(Source { krate: name.clone(), path, text, is_test });
        }
    }
    Ok(sources)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    Ok(())
}
