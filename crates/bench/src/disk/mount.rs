//! A file system of its own on a loop device, and what the kernel counts of that device.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Room for some minutes of fifty streams, and what is reserved for them; the image is sparse.
const SIZE: u64 = 8 << 30;
/// Where version 1 of control groups limits what reaches a device, whoever sends it.
const WRITES_MAX: &str = "/sys/fs/cgroup/blkio/blkio.throttle.write_iops_device";
/// The kernel counts sectors of 512 bytes whatever the device's are (iostats.rst).
const SECTOR: u64 = 512;

/// Which file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FileSystem {
    /// With its journal, data in order
    Ext4,
    Xfs,
    Btrfs,
}

impl FileSystem {
    /// As `mkfs` and `mount` call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ext4 => "ext4",
            Self::Xfs => "xfs",
            Self::Btrfs => "btrfs",
        }
    }

    /// Whether it can be made here.
    pub fn can_be_made(self) -> bool {
        Command::new(format!("mkfs.{}", self.name())).arg("-V").output().is_ok()
    }

    fn make(self, image: &Path) -> Result<()> {
        let options: &[&str] = match self {
            // What is done later otherwise would be counted.
            Self::Ext4 => &["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
            Self::Xfs | Self::Btrfs => &["-q", "-f"],
        };
        carry_out(Command::new(format!("mkfs.{}", self.name())).args(options).arg(image)).map(drop)
    }
}

/// A mounted file system; gone with its image when dropped.
pub struct Mounted {
    image: PathBuf,
    /// Where it is mounted.
    pub at: PathBuf,
    /// The device's name, such as `loop0`.
    device: String,
    throttled: bool,
}

/// What the device has done since it was there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    pub writes: u64,
    pub bytes: u64,
    pub flushes: u64,
}

impl Mounted {
    /// Makes and mounts one below `dir`.
    pub fn make(kind: FileSystem, dir: &Path) -> Result<Self> {
        let image = dir.join("disk.image");
        // What a measurement that was killed left behind.
        let _ = Command::new("umount").arg(dir.join("mounted")).output();
        fs::File::create(&image)?.set_len(SIZE)?;
        Self::of_image(kind, image, dir)
    }

    /// The same on an image that is there.
    pub fn of_image(kind: FileSystem, image: PathBuf, dir: &Path) -> Result<Self> {
        let at = dir.join("mounted");
        fs::create_dir_all(&at)?;
        kind.make(&image)?;
        let device = attach(&image)?;
        let name = device.trim_start_matches("/dev/").to_owned();
        let mounted = Self { image, at, device: name, throttled: false };
        let outcome = carry_out(Command::new("mount").arg(&device).arg(&mounted.at));
        // A device in use is detached when it is no longer: nothing stays behind then.
        carry_out(Command::new("losetup").arg("-d").arg(&device))?;
        outcome?;
        Ok(mounted)
    }

    /// What the device has done so far.
    pub fn done(&self) -> Result<Done> {
        let path = format!("/sys/block/{}/stat", self.device);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let fields: Vec<u64> = text.split_ascii_whitespace().flat_map(str::parse).collect();
        // Documentation/block/stat.rst: 4 writes, 6 sectors written, 15 flushes.
        let field = |place: usize| fields.get(place).copied().context("the kernel is too old");
        Ok(Done { writes: field(4)?, bytes: field(6)? * SECTOR, flushes: field(15)? })
    }

    /// The device's major and minor number.
    pub fn numbers(&self) -> Result<(u32, u32)> {
        let text = fs::read_to_string(format!("/sys/block/{}/dev", self.device))?;
        let (major, minor) = text.trim().split_once(':').context("no device has such a number")?;
        Ok((major.parse()?, minor.parse()?))
    }

    /// Which scheduler orders what waits for the device.
    pub fn schedule(&self, scheduler: &str) -> Result<()> {
        let path = format!("/sys/block/{}/queue/scheduler", self.device);
        fs::write(&path, scheduler).with_context(|| format!("cannot write {path}"))
    }

    /// Lets at most so many writes a second reach the device; whether that can be done here.
    pub fn throttle(&mut self, writes: u32) -> Result<bool> {
        let (major, minor) = self.numbers()?;
        self.throttled = fs::write(WRITES_MAX, format!("{major}:{minor} {writes}")).is_ok();
        Ok(self.throttled)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if self.throttled {
            // 0 lifts the limit; the device is used by others later.
            let _ = self.throttle(0);
        }
        let gone = carry_out(Command::new("umount").arg(&self.at));
        if let Err(error) = gone {
            eprintln!("STILL MOUNTED: {}: {error:#}", self.at.display());
        }
        let _ = fs::remove_file(&self.image);
    }
}

impl Done {
    pub fn since(self, before: Self) -> Self {
        Self {
            writes: self.writes - before.writes,
            bytes: self.bytes - before.bytes,
            flushes: self.flushes - before.flushes,
        }
    }
}

/// A loop device for the image, past the page cache of what lies below where that can be done.
fn attach(image: &Path) -> Result<String> {
    let find = ["--find", "--show"];
    let direct = Command::new("losetup").args(find).arg("--direct-io=on").arg(image).output();
    if let Ok(output) = direct
        && output.status.success()
    {
        return Ok(String::from_utf8(output.stdout)?.trim().to_owned());
    }
    Ok(carry_out(Command::new("losetup").args(find).arg(image))?.trim().to_owned())
}

/// What a program that has to succeed says.
fn carry_out(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} failed: {}", words.trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}
