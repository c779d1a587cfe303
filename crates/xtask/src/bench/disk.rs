//! What recording does to the disks: on file systems of their own, and to that of the catalog.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Arguments, is_installed, measured};

/// File system, streams, `sync_interval`, the recorder beside, and whether a slow disk too.
const RECORDED: [(&str, u32, &str, &str, bool); 5] = [
    ("ext4", 24, "1s", "ffmpeg", false),
    ("xfs", 24, "1s", "ffmpeg", false),
    ("btrfs", 24, "1s", "ffmpeg", false),
    ("ext4", 6, "1s", "ffmpeg", false),
    ("ext4", 50, "5s", "none", true),
];
/// Each measurement takes two windows of so many seconds, and settles as long before each.
const SECONDS: &str = "12";
/// The catalog of so many cameras and days, made anew each time.
const CAMERAS: u32 = 12;
const DAYS: &str = "30";

/// Measures all of it; lines for the kept results. The tables go to `page`.
pub(super) fn measure(arguments: &Arguments, page: &mut String) -> Result<String> {
    let mut lines = String::new();
    let mut table = String::from(
        "\n| disk | streams | sync | writes and flushes of a stream and sync | a second \
         | bytes for one | round, ms | behind, ms | ms per stream-second | of ffmpeg \
         | every frame |\n",
    ) + &format!("|{}\n", "---|".repeat(11));
    for (file_system, streams, sync, peer, slow) in RECORDED {
        let what = format!("{streams} streams on {file_system}, a sync each {sync}");
        if let Some(why) = why_not(file_system, peer) {
            println!("LEFT OUT: {what}: {why}");
            continue;
        }
        let streams = streams.to_string();
        let mut args = vec!["disk", "--file-system", file_system, "--cameras", &streams];
        args.extend(["--sync", sync, "--peer", peer, "--seconds", SECONDS]);
        if slow {
            args.push("--slow");
        }
        println!("\n── {what}");
        for line in measured(arguments, &arguments.dir, &args)?.lines() {
            let row = row(&serde_json::from_str(line).context("a result is no JSON")?);
            println!("{row}");
            // Writing to a text cannot fail.
            let _ = (writeln!(table, "{row}"), writeln!(lines, "{line}"));
        }
    }
    *page += &table;
    lines += &of_the_catalog(arguments, page)?;
    Ok(lines)
}

fn of_the_catalog(arguments: &Arguments, page: &mut String) -> Result<String> {
    println!("\n── what a day of {CAMERAS} cameras writes to the catalog's disk");
    let dir = arguments.dir.join("bench-catalog-writes");
    let here = super::root().join(&dir);
    // What an earlier measurement left is of no use.
    let _ = std::fs::remove_dir_all(&here);
    let cameras = CAMERAS.to_string();
    measured(arguments, &dir, &["make", "--cameras", &cameras, "--days", DAYS, "--cache"])?;
    let lines = measured(arguments, &dir, &["writes"])?;
    let _ = std::fs::remove_dir_all(&here);
    *page += "\n";
    for line in lines.lines() {
        let result: Value = serde_json::from_str(line).context("a result is no JSON")?;
        let all = result["mb_per_camera_day"].as_f64().unwrap_or(f64::NAN) * f64::from(CAMERAS);
        let said = format!("{}: {all:.0} MB for {CAMERAS} cameras", result["what"]);
        println!("{said}");
        let _ = writeln!(page, "{said}  ");
    }
    Ok(lines)
}

/// Why it cannot be measured here.
pub(super) fn why_not(file_system: &str, peer: &str) -> Option<String> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !root {
        return Some("file systems are made and mounted for it: run it as root".to_owned());
    }
    let make = format!("mkfs.{file_system}");
    if Command::new(&make).arg("-V").output().is_err() {
        return Some(format!("{make} is not installed"));
    }
    (!is_installed(peer)).then(|| format!("{peer} is not installed"))
}

fn row(result: &Value) -> String {
    let number = |field: &str| match &result[field] {
        Value::Null => String::new(),
        value => value.to_string(),
    };
    let disk = result["file_system"].as_str().unwrap_or_default();
    let slow = result["writes_per_second_max"].as_u64();
    let disk = slow.map_or(disk.to_owned(), |most| format!("{disk}, {most} writes a second"));
    format!(
        "| {disk} | {} | {} | {}, {} | {}, {} | {} | {}, {} | {}, {} | {} | {} | {} |",
        result["cameras"],
        result["sync_interval"].as_str().unwrap_or_default(),
        result["writes_per_stream_sync"],
        result["flushes_per_stream_sync"],
        result["writes_per_second"],
        result["flushes_per_second"],
        number("bytes_per_byte"),
        result["sync_ms"][0],
        result["sync_ms"][1],
        result["durable_lag_ms"][0],
        result["durable_lag_ms"][1],
        number("cpu_ms_per_stream_second"),
        number("of_peer"),
        if result["every_frame"] == true && result["lost_frames"] == 0.0 { "yes" } else { "NO" },
    )
}
