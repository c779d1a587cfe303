//! What may go wrong with a simulated disk, beside the power.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use base::WallTime;

/// The calls of a disk and of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `Disk::create` and `Disk::create_private`.
    Create,
    /// `Disk::open`.
    Open,
    /// `Disk::create_dir_all`.
    CreateDir,
    /// `Disk::sync_dir`.
    SyncDir,
    /// `Disk::list`.
    List,
    /// `Disk::remove_file`.
    RemoveFile,
    /// `Disk::remove_dir`.
    RemoveDir,
    /// `Disk::rename`.
    Rename,
    /// `Disk::usage` and `Disk::space`.
    Space,
    /// `Disk::lock`.
    Lock,
    /// `DiskFile::write_all_at`.
    Write,
    /// `DiskFile::read_exact_at` and `DiskFile::len`.
    Read,
    /// `DiskFile::finish_write_out`.
    WriteOut,
    /// `DiskFile::sync_data`.
    SyncData,
    /// `DiskFile::set_len`.
    SetLen,
    /// `DiskFile::reserve`.
    Reserve,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Create,
        Self::Open,
        Self::CreateDir,
        Self::SyncDir,
        Self::List,
        Self::RemoveFile,
        Self::RemoveDir,
        Self::Rename,
        Self::Space,
        Self::Lock,
        Self::Write,
        Self::Read,
        Self::WriteOut,
        Self::SyncData,
        Self::SetLen,
        Self::Reserve,
    ];

    /// Whether it changes what is on the disk, or how much of that is durable.
    pub const fn changes(self) -> bool {
        !matches!(self, Self::Open | Self::List | Self::Space | Self::Read | Self::WriteOut)
    }
}

/// What happens to a call that a [`Fault`] hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It fails. A write has then written its first half; what a failed sync should have made
    /// durable never becomes so, whatever a later sync says.
    Fail(io::ErrorKind),
    /// It takes this long on the disk's clock, then succeeds.
    Slow(Duration),
    /// It does not return until `SimDisk::clear_faults` or until the power is cut.
    Hang,
}

/// A call that a [`Fault`] has let fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What failed.
    pub operation: Operation,
    /// On what.
    pub path: PathBuf,
    /// When, on the disk's clock.
    pub at: WallTime,
    /// When the same first succeeded on the same path after that.
    pub mended: Option<WallTime>,
}

/// A rule that hits some calls of a simulated disk.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) operation: Operation,
    pub(super) path: String,
    pub(super) skip: u64,
    pub(super) times: u64,
    pub(super) effect: Effect,
}

impl Fault {
    /// Hits every call of `operation`.
    pub fn new(operation: Operation, effect: Effect) -> Self {
        Self { operation, path: String::new(), skip: 0, times: u64::MAX, effect }
    }

    /// Only calls on a path which contains `part`.
    pub fn on(self, part: &str) -> Self {
        Self { path: part.to_owned(), ..self }
    }

    /// Lets the first `calls` pass.
    pub fn after(self, calls: u64) -> Self {
        Self { skip: calls, ..self }
    }

    /// Hits at most `calls` calls.
    pub fn times(self, calls: u64) -> Self {
        Self { times: calls, ..self }
    }

    /// The effect on this call, which is counted.
    pub(super) fn hit(&mut self, operation: Operation, path: &str) -> Option<Effect> {
        if operation != self.operation || !path.contains(&self.path) || self.times == 0 {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times -= 1;
        Some(self.effect)
    }
}
