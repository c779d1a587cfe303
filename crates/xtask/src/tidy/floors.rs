//! A crate depends on lower floors only.

use std::path::Path;

use anyhow::{Context, Result};

/// The floors, from the ground up. Crates of one floor never depend on one another.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["world", "media", "config", "access", "logs"],
    &["camera", "stream", "archive", "catalog", "still"],
    &["recorder", "playback", "live"],
    &["control", "export"],
    &["api"],
    &["holdfast"],
];

/// What stands beside the house: may use any floor below the stated one and what else stands
/// there, and nobody on a floor but the binary may use it (tests may).
const BESIDE: &[(&str, usize)] = &[("testcam", 2), ("sim", 5), ("bench", 6), ("xtask", 1)];

/// Every dependency that goes sideways or up.
pub fn check(root: &Path) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let manifest = folder.join("Cargo.toml");
        let text =
            std::fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
        let manifest: toml::Table = text.parse()?;
        let Some(limit) = may_use_below(&name) else {
            breaches.push(format!("crates/{name}: stands on no floor (xtask tidy/floors.rs)"));
            continue;
        };
        let dependencies = manifest.get("dependencies").and_then(|d| d.as_table());
        for used in dependencies.into_iter().flat_map(|table| table.keys()) {
            let allowed = match floor(used) {
                Some(floor) => floor < limit,
                None => !is_beside(used) || name == "holdfast" || is_beside(&name),
            };
            if !allowed {
                breaches.push(format!("crates/{name}: depends on {used}, not on a lower floor"));
            }
        }
    }
    breaches.sort();
    Ok(breaches)
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

fn is_beside(name: &str) -> bool {
    BESIDE.iter().any(|(beside, _)| *beside == name)
}

fn may_use_below(name: &str) -> Option<usize> {
    floor(name).or_else(|| BESIDE.iter().find(|(beside, _)| *beside == name).map(|(_, f)| *f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_stands_on_one_floor_and_lower_ones_are_open_to_it() {
        assert_eq!(floor("base"), Some(0));
        assert_eq!(may_use_below("sim"), Some(5));
        assert_eq!(may_use_below("cellar"), None);
        assert!(floor("catalog") == floor("archive") && floor("recorder") > floor("stream"));
    }
}
