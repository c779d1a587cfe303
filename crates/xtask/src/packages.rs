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

/// Whether they are there: the description of GStreamer's RTSP server, which the first of them
/// brings, and Python's module for it.
fn have_them() -> bool {
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let described = libraries
        .map(|entry| entry.path().join("girepository-1.0/GstRtspServer-1.0.typelib"))
        .any(|path| path.exists());
    described && std::path::Path::new("/usr/lib/python3/dist-packages/gi/__init__.py").exists()
}

/// What real power cuts need beyond that.
const FOR_POWER_CUTS: &[(&str, &str, &str)] = &[
    ("binutils", "strip", "--version"),
    ("busybox-static", "busybox", "--help"),
    ("e2fsprogs", "mkfs.ext4", "-V"),
    ("qemu-system-x86", "qemu-system-x86_64", "--version"),
];

/// Installs what is missing when this is root; otherwise says what to install.
pub fn install() -> Result<()> {
    let mut missing = missing(NEEDED);
    if !have_them() {
        missing.extend(WITH_THEM.split_whitespace());
    }
    install_all(&missing)
}

/// The same for what `cargo xtask powercut` needs.
pub fn install_for_power_cuts() -> Result<()> {
    install_all(&missing(FOR_POWER_CUTS))
}

fn missing(of: &[(&'static str, &str, &str)]) -> Vec<&'static str> {
    let missing = of.iter().filter(|(_, program, flag)| !exists(program, flag));
    missing.map(|(package, ..)| *package).collect()
}

fn install_all(missing: &[&str]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_root() {
        bail!("the tests need more programs; install them with: sudo apt-get install {list}");
    }
    run("", "apt-get update -q")?;
    let words = format!("apt-get install -qy --no-install-recommends {list}");
    let mut install = command("", &words);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run_command(install, &words)
}

/// Whether this is root, who may mount file systems and install packages.
pub fn is_root() -> bool {
    let user = std::process::Command::new("id").arg("-u").output();
    user.is_ok_and(|user| user.stdout == b"0\n")
}
