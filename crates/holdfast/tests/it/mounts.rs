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

/// An ext4 file system in a file, mounted.
pub struct Ext4 {
    image: PathBuf,
    at: PathBuf,
    mount: Option<Mount>,
}

impl Ext4 {
    /// A new one of `bytes` in the file `image`, mounted at `at`. Says loudly what is left out
    /// where that cannot be had.
    pub fn new(image: &Path, at: &Path, bytes: u64, what: &str) -> Option<Self> {
        let file = std::fs::File::create(image).expect("the image is made");
        file.set_len(bytes).expect("it has its size");
        let mut make = Command::new("mkfs.ext4");
        let made = make.args(["-q", "-F"]).arg(image).status().is_ok_and(|s| s.success());
        std::fs::create_dir_all(at).expect("the folder is made");
        let mut ext4 = Self { image: image.to_owned(), at: at.to_owned(), mount: None };
        let done = made && ext4.mount() && ext4.error_trigger().exists();
        if !done {
            eprintln!("LEFT OUT: {what}: it needs root, mkfs.ext4, loop devices and ext4");
        }
        done.then_some(ext4)
    }

    fn mount(&mut self) -> bool {
        let options = ["-o", "loop,errors=remount-ro", &self.image.display().to_string()];
        let mounted = mount(&options, &self.at);
        self.mount = mounted.then(|| Mount(self.at.clone()));
        mounted
    }

    /// What tells the kernel to act as if it had found an error on the disk.
    fn error_trigger(&self) -> PathBuf {
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let at = self.at.display().to_string();
        let device = mounts.lines().find_map(|line| {
            let (device, rest) = line.split_once(' ')?;
            (rest.split(' ').next() == Some(&at)).then_some(device)
        });
        let device = device.and_then(|device| device.strip_prefix("/dev/")).unwrap_or("none");
        Path::new("/sys/fs/ext4").join(device).join("trigger_fs_error")
    }

    /// The kernel finds an error: from now on it is read-only, also for files that are open.
    pub fn fail(&self) {
        std::fs::write(self.error_trigger(), "1").expect("the kernel takes it");
    }

    /// It is unmounted, repaired, and mounted again; nobody may have a file of it open.
    pub fn repair(&mut self) {
        self.mount = None;
        let fsck = Command::new("e2fsck").args(["-f", "-y"]).arg(&self.image).output();
        let code = fsck.expect("e2fsck is there").status.code();
        assert!(matches!(code, Some(0 | 1)), "it cannot be repaired: {code:?}");
        assert!(self.mount(), "it is mounted again");
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
