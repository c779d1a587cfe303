//! Judges: ffmpeg and what it makes of a file.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Presentation times in seconds of what a player shows of a file's first stream of `kind` (`v`,
/// `a`), edit lists applied. Panics when ffmpeg complains about anything.
pub fn shown(file: &Path, kind: &str) -> Vec<f64> {
    times(file, kind, &[])
}

/// The same of what never ends, for so many seconds of it.
pub fn shown_for(file: &Path, kind: &str, seconds: u32) -> Vec<f64> {
    times(file, kind, &["-t", &seconds.to_string()])
}

fn times(file: &Path, kind: &str, more: &[&str]) -> Vec<f64> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"]).arg(file);
    command.args(["-map", &format!("0:{kind}:0"), "-fps_mode", "passthrough"]).args(more);
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

/// Size and hash of every picture of a file's video as a player shows them, in order, each in its
/// own size. Panics when a decoder complains.
pub fn pictures(file: &Path) -> Vec<(u64, String)> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-xerror", "-err_detect", "explode", "-i"]).arg(file);
    command.args(["-map", "0:v:0", "-autoscale", "0", "-fps_mode", "passthrough"]);
    command.args(["-f", "framehash", "-hash", "crc32", "-"]);
    let output = command.output().expect("ffmpeg is installed");
    let complaints = String::from_utf8_lossy(&output.stderr);
    // ffmpeg's parser, which has no name, reads slices after a second sample entry by the first.
    let by_parser = |line: &str| line.contains("[NULL @") || line.contains("Last message repeated");
    let is_sound = output.status.success() && complaints.lines().all(by_parser);
    assert!(is_sound, "{}: {complaints}", file.display());
    let text = String::from_utf8_lossy(&output.stdout);
    let picture = |line: &str| {
        let mut fields = line.split(',').map(str::trim).skip(4);
        let size = fields.next().and_then(|size| size.parse().ok()).expect("has a size");
        (size, fields.next().expect("has a hash").to_owned())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(picture).collect()
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

/// The demo's scenes as files, and two clips made of one of them, in H.265 and in JPEG: what test
/// cameras play.
pub fn clips(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut clips = Vec::new();
    for (name, bytes) in testcam::SCENES {
        let path = folder.join(format!("{name}.mp4"));
        std::fs::write(&path, bytes).expect("the clip is written");
        clips.push((name.to_owned(), path));
    }
    let hevc = folder.join("hevc.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(folder.join("garden-sub.mp4"));
    command.args(["-an", "-t", "8", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params"]);
    command.args(["log-level=error:keyint=24:min-keyint=24:open-gop=0:bframes=2"]).arg(&hevc);
    assert!(command.status().expect("ffmpeg is installed").success());
    clips.push(("hevc".to_owned(), hevc));
    clips.push(("mjpeg".to_owned(), mjpeg(folder)));
    clips
}

/// A clip of JPEG pictures and AAC: six seconds of a scene that was written to `folder`.
fn mjpeg(folder: &Path) -> PathBuf {
    let mjpeg = folder.join("mjpeg.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(folder.join("door-main.mp4"));
    command.args(["-t", "6", "-vf", "scale=640:360", "-pix_fmt", "yuvj420p", "-c:v", "mjpeg"]);
    command.args(["-huffman", "default", "-q:v", "6", "-c:a", "copy"]).arg(&mjpeg);
    assert!(command.status().expect("ffmpeg is installed").success());
    mjpeg
}

/// By camera and session: the numbers of all stamped frames in these files, in order of number.
pub fn frames(files: &[PathBuf]) -> std::collections::BTreeMap<(u32, u32), Vec<testcam::Stamp>> {
    let mut found: std::collections::BTreeMap<_, Vec<testcam::Stamp>> = Default::default();
    for file in files {
        for stamp in testcam::stamps(&std::fs::read(file).expect("the file can be read")) {
            found.entry((stamp.camera, stamp.session)).or_default().push(stamp);
        }
    }
    found.values_mut().for_each(|stamps| stamps.sort_by_key(|stamp| stamp.frame));
    found
}

/// Panics unless these are all frames from the first to the last, each once.
pub fn assert_whole(stamps: &[testcam::Stamp], what: &str) {
    for pair in stamps.windows(2) {
        let (a, b) = (pair[0].frame, pair[1].frame);
        assert_eq!(a + 1, b, "{what}: frame {b} follows frame {a}");
    }
}

/// Whether a program is there; says loudly what is left out where it is not.
pub fn have(program: &str, flag: &str, what: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(flag).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let there = command.status().is_ok_and(|status| status.success());
    if !there {
        eprintln!("LEFT OUT: {what}: {program} is not installed");
    }
    there
}
