//! What the tests need from Debian.

use anyhow::{Result, bail};

use crate::run::{command, exists, run, run_command};

/// Packages, and a program of each (with a flag that makes it answer) that shows it is there.
const NEEDED: &[(&str, &str, &str)] = &[
    ("chromium", "chromium", "--version"),
    ("firefox-esr", "firefox-esr", "--version"),
    ("ffmpeg", "ffmpeg", "-version"),
    ("gcc", "gcc", "--version"),
    ("gstreamer1.0-tools", "gst-launch-1.0", "--version"),
    ("mediainfo", "mediainfo", "--Version"),
    ("mpv", "mpv", "--version"),
    ("python3", "python3", "--version"),
    ("strace", "strace", "--version"),
    ("unzip", "unzip", "-v"),
];

/// Packages that no program shows to be there, and files of them: those at an absolute path, the
/// others in the folder of libraries of some architecture.
const WITHOUT_AN_ANSWER: &[(&str, &[&str])] = &[
    // GStreamer's RTSP server, used as a foreign camera, and Python's module for it.
    (
        "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
         gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav python3-gi",
        &[
            "girepository-1.0/GstRtspServer-1.0.typelib",
            "/usr/lib/python3/dist-packages/gi/__init__.py",
        ],
    ),
    // VLC does not answer root. Its plugins read MP4, decode, and play into nothing.
    ("vlc-bin vlc-plugin-base", &["/usr/bin/cvlc", "vlc/plugins/codec/libavcodec_plugin.so"]),
];

fn is_there(file: &str) -> bool {
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    libraries.map(|entry| entry.path().join(file)).any(|path| path.exists())
}

/// What real power cuts need beyond that.
const FOR_POWER_CUTS: &[(&str, &str, &str)] = &[
    ("binutils", "strip", "--version"),
    ("busybox-static", "busybox", "--help"),
    ("e2fsprogs", "mkfs.ext4", "-V"),
    ("qemu-system-x86", "qemu-system-x86_64", "--version"),
];

/// What counts instructions.
const FOR_COUNTING: &[(&str, &str, &str)] = &[("valgrind", "valgrind", "--version")];

/// Installs what is missing when this is root; otherwise says what to install.
pub fn install() -> Result<()> {
    let mut missing = missing(NEEDED);
    for (packages, files) in WITHOUT_AN_ANSWER {
        if !files.iter().all(|file| is_there(file)) {
            missing.push(packages);
        }
    }
    install_all(&missing)
}

/// The same for what `cargo xtask powercut` needs.
pub fn install_for_power_cuts() -> Result<()> {
    install_all(&missing(FOR_POWER_CUTS))
}

/// The same for what `cargo xtask count` needs.
pub fn install_for_counting() -> Result<()> {
    install_all(&missing(FOR_COUNTING))
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
