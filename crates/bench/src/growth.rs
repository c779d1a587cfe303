//! How what is asked and written grows with the archive: the same questions of ever older ones.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::made::Making;
use crate::{ask, made, writes};

/// A day, a month, a year and ten.
const DAYS: [u32; 4] = [1, 30, 366, 3660];

/// How large they are.
#[derive(clap::Args)]
pub struct Growing {
    #[arg(long, default_value_t = 4)]
    cameras: u32,
    /// Ages in days
    #[arg(long, default_values_t = DAYS)]
    days: Vec<u32>,
}

/// Makes an archive of each age, asks it, writes a day to it, and removes it.
pub fn measure(dir: &Path, growing: &Growing) -> Result<Vec<Value>> {
    let mut results = Vec::new();
    for &days in &growing.days {
        let dir = dir.join(format!("bench-growth-{days}"));
        std::fs::create_dir_all(&dir)?;
        let making = Making { seed: 1, cameras: growing.cameras, days, cache: false, files: false };
        let made = made::make(&dir, &making)?;
        let mut result = json!({ "what": "growth", "days": days, "made": made });
        for answer in ask::measure(&dir)? {
            let what = answer["what"].as_str().unwrap_or_default().to_owned();
            result[what] = answer["median_ms"].clone();
        }
        for written in writes::measure(&dir)? {
            let what = written["what"].as_str().unwrap_or_default().to_owned();
            result[what] = written["bytes_per_transaction"].clone();
        }
        std::fs::remove_dir_all(&dir)?;
        eprintln!("{result}");
        results.push(result);
    }
    Ok(results)
}
