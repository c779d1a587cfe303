//! What the pure code costs by itself: criterion's medians as results.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::page::{self, Page, number};
use crate::run::{root, run};

const MEASURE: &str = "cargo bench --quiet --package bench --bench hot -- --noplot \
    --warm-up-time 1 --measurement-time 3";
const FOUND: &str = "target/criterion";

/// Measures each; lines for the kept results. The table goes to `page`.
pub(super) fn measure(machine: &str, before: &[Value], page: &mut Page) -> Result<String> {
    let found = root().join(FOUND);
    // What an earlier version measured is no result of this one.
    let _ = std::fs::remove_dir_all(&found);
    run("", MEASURE)?;
    page.head(&["pure code", "median, µs", "GB/s", "before"]);
    let mut lines = String::new();
    for group in folders(&found)? {
        for of in folders(&group)? {
            let new = of.join("new");
            if !new.join("estimates.json").exists() {
                continue;
            }
            let result = result(&new, machine)?;
            let was = number(&page::earlier(before, &result)["median_us"]);
            let (of, rate) = (result["of"].as_str().unwrap_or_default(), &result["gb_per_second"]);
            let (median, rate) = (&result["median_us"], number(rate));
            // Writing to a text cannot fail.
            let _ = writeln!(page.text, "| {of} | {median} | {rate} | {was} |");
            let _ = writeln!(lines, "{result}");
        }
    }
    Ok(lines)
}

fn result(folder: &Path, machine: &str) -> Result<Value> {
    let (of, estimates) = (read(&folder.join("benchmark.json"))?, folder.join("estimates.json"));
    let median = read(&estimates)?["median"]["point_estimate"].as_f64();
    let median = median.with_context(|| format!("{} has no median", estimates.display()))?;
    let date = jiff::Timestamp::now().to_string();
    let bytes = of["throughput"]["Bytes"].as_f64();
    Ok(json!({
        "what": "pure code",
        "of": of["full_id"],
        "median_us": (median / 10.0).round() / 100.0,
        "gb_per_second": bytes.map(|bytes| (bytes / median * 100.0).round() / 100.0),
        "date": date.get(..10),
        "machine": machine,
    }))
}

fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

fn folders(path: &Path) -> Result<Vec<std::path::PathBuf>> {
    let entries = std::fs::read_dir(path);
    let entries = entries.with_context(|| format!("cannot read {}", path.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}
