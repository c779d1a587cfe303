//! Judges: ffmpeg and what it makes of a file.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Presentation times in seconds of what a player shows of a file's first stream of `kind` (`v`,
/// `a`), edit lists applied. Panics when ffmpeg complains about anything.
pub fn shown(file: &Path, kind: &str) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"]).arg(file);
    command.args(["-map", &format!("0:{kind}:0"), "-fps_mode", "passthrough"]);
    command.args(["-f", "framehash", "-hash", "crc32", "-"]);
    let output = command.output().expect("ffmpeg is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{}: {complaints}", file.display());
    let text = String::from_utf8_lossy(&output.stdout);
    let mut base = 1.0;
    let mut times = Vec::new();
    for line in text.lines() {
        if let Some(fraction) = line.strip_prefix("#tb 0: ") {
            let (over, under) = fraction.split_once('/').expect("is a fraction");
            let number = |text: &str| text.trim().parse::<f64>().expect("is a number");
            base = number(over) / number(under);
        } else if !line.starts_with('#') && !line.is_empty() {
            let pts = line.split(',').nth(2).expect("has a pts").trim();
            times.push(pts.parse::<f64>().expect("is a number") * base);
        }
    }
    times
}

/// Every MP4 file below a folder.
pub fn mp4_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(mp4_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "mp4") {
            found.push(path);
        }
    }
    found.sort();
    found
}
