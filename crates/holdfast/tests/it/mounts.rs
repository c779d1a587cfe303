//! File systems of a test's own, where the test runs as root.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mount that is gone with this value.
pub struct Mount(PathBuf);

impl Mount {
    /// A file system in memory at `at`, which is made, with options such as `size=60m`. Says
    /// loudly what is left out where that cannot be had.
    pub fn memory(at: &Path, options: &str, what: &str) -> Option<Self> {
        std::fs::create_dir_all(at).expect("the folder is made");
        let made = mount(&["-t", "tmpfs", "-o", options, "none"], at);
        if !made {
            eprintln!("LEFT OUT: {what}: it needs root, to mount file systems");
        }
        made.then(|| Self(at.to_owned()))
    }

    /// `from` seen at `at` too.
    pub fn bind(from: &Path, at: &Path, what: &str) -> Option<Self> {
        std::fs::create_dir_all(at).expect("the folder is made");
        let made = mount(&["--bind", &from.display().to_string()], at);
        if !made {
            eprintln!("LEFT OUT: {what}: it needs root, to mount file systems");
        }
        made.then(|| Self(at.to_owned()))
    }

    /// Makes it read-only (`ro`) or not (`rw`). The mount must be a bind.
    pub fn remount(&self, how: &str) {
        assert!(mount(&["-o", &format!("remount,bind,{how}")], &self.0), "remounted {how}");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Open files must not keep it: the process that has them may be ended later.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(words: &[&str], at: &Path) -> bool {
    let output = Command::new("mount").args(words).arg(at).output();
    output.is_ok_and(|output| output.status.success())
}

/// A folder in which nothing can be made or removed, for as long as this lives.
pub struct Frozen(PathBuf);

impl Frozen {
    /// Freezes `folder`. Says loudly what is left out where that cannot be had.
    pub fn new(folder: &Path, what: &str) -> Option<Self> {
        let done = attribute("+i", folder);
        if !done {
            eprintln!("LEFT OUT: {what}: it needs root, and a file system that knows chattr +i");
        }
        done.then(|| Self(folder.to_owned()))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        attribute("-i", &self.0);
    }
}

fn attribute(change: &str, folder: &Path) -> bool {
    let output = Command::new("chattr").arg(change).arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}
