//! The disk: made, mounted from an image, and looked over.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::promise::{AREA_BYTES, FILE_SYSTEM_BYTES};

/// Makes an image with an empty ext4 and, behind it, the area of promises. The journal is small,
/// so that the guest fills it more than once.
pub fn make(path: &Path) -> Result<()> {
    File::create(path)?.set_len(FILE_SYSTEM_BYTES + AREA_BYTES)?;
    let blocks = (FILE_SYSTEM_BYTES / 4096).to_string();
    let mut mkfs = Command::new("mkfs.ext4");
    // All tables are written now: no thread of the guest's kernel fills them in later.
    mkfs.args(["-q", "-F", "-b", "4096", "-N", "4096", "-J", "size=8", "-m", "0"]);
    mkfs.args(["-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard"]).arg(path).arg(blocks);
    let output = mkfs.output().context("cannot start mkfs.ext4 (Debian: e2fsprogs)")?;
    if !output.status.success() {
        bail!("mkfs.ext4 failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// A mounted image; the mount is gone with this value.
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts `image`, which makes ext4 replay its journal.
    pub fn new(image: &Path, at: &Path) -> Result<Self> {
        std::fs::create_dir_all(at)?;
        let output = Command::new("mount").args(["-o", "loop"]).arg(image).arg(at).output()?;
        if !output.status.success() {
            bail!("cannot mount the disk: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(Self(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let plain = Command::new("umount").arg(&self.0).output();
        if !plain.is_ok_and(|output| output.status.success()) {
            // Somebody still has a file open: it must not stay mounted for that.
            let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        }
    }
}

/// Whether this machine lets us mount images, tried on an empty one.
pub fn can_mount(scratch: &Path) -> Result<()> {
    let image = scratch.join("empty");
    make(&image)?;
    let mount = Mount::new(&image, &scratch.join("disk"))?;
    drop(mount);
    Ok(std::fs::remove_file(image)?)
}

/// What e2fsck finds wrong with a file system whose journal has been replayed.
pub fn complaints(image: &Path) -> Result<Option<String>> {
    let output = Command::new("e2fsck").arg("-fn").arg(image).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((!output.status.success()).then_some(text))
}
