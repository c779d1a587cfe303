//! What the tests need from Debian.

use anyhow::{Result, bail};

use crate::run::{command, exists, run, run_command};

/// Packages, and a program of each (with a flag that makes it answer) that shows it is there.
const NEEDED: &[(&str, &str, &str)] = &[
    ("chromium", "chromium", "--version"),
    ("ffmpeg", "ffmpeg", "-version"),
    ("gcc", "gcc", "--version"),
    ("gstreamer1.0-tools", "gst-launch-1.0", "--version"),
    ("python3-minimal", "python3", "--version"),
    ("strace", "strace", "--version"),
];

/// Packages without a program: GStreamer's RTSP server, used as a foreign camera.
const WITH_THEM: &str = "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
    gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly \
    gstreamer1.0-libav python3-gi";

/// A module that only those bring.
const SIGN_OF_THEM: &str = "/usr/lib/python3/dist-packages/gi/__init__.py";

/// Installs what is missing when this is root; otherwise says what to install.
pub fn install() -> Result<()> {
    let mut missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(_, program, flag)| !exists(program, flag))
        .map(|(package, ..)| *package)
        .collect();
    if !std::path::Path::new(SIGN_OF_THEM).exists() {
        missing.extend(WITH_THEM.split_whitespace());
    }
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let user = std::process::Command::new("id").arg("-u").output()?;
    if user.stdout != b"0\n" {
        bail!("the tests need more programs; install them with: sudo apt-get install {list}");
    }
    run("", "apt-get update -q")?;
    let words = format!("apt-get install -qy --no-install-recommends {list}");
    let mut install = command("", &words);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run_command(install, &words)
}
