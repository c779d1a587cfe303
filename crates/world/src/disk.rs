//! The door to the disk: what the archive needs of a file system, and no more.

use std::io;
use std::path::Path;
use std::sync::Arc;

/// A file system. Paths are absolute. Every call may block for as long as the disk does.
pub trait Disk: Send + Sync {
    /// Creates a file that must not exist yet, for reading and writing.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// [`Disk::create`], readable by nobody but this process's user (mode 0600).
    fn create_private(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file that exists, for reading, and for writing where `write` says so.
    fn open(&self, path: &Path, write: bool) -> io::Result<Arc<dyn DiskFile>>;

    /// Makes a folder and its missing parents; existing ones are fine. Durable after
    /// [`Disk::sync_dir`] of each parent.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// The entries of a folder, in no order.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;

    /// Removes a file. Durable after [`Disk::sync_dir`].
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;

    /// Renames a file over whatever has the new name. Durable after [`Disk::sync_dir`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Length and space of a file.
    fn usage(&self, path: &Path) -> io::Result<Usage>;

    /// Space of the file system that holds `path`.
    fn space(&self, path: &Path) -> io::Result<Space>;

    /// Takes the exclusive lock of the file at `path` (made if missing) until the guard is
    /// dropped, and leaves `note` in it; `WouldBlock` around a [`LockHeld`] when another process
    /// or guard holds it.
    fn lock(&self, path: &Path, note: &str) -> io::Result<Box<dyn Send + Sync>>;

    /// The whole file; `FileTooLarge` when it is longer than `len_max`.
    fn read_all(&self, path: &Path, len_max: u64) -> io::Result<Vec<u8>> {
        let file = self.open(path, false)?;
        let len = file.len()?;
        if len > len_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }
}

/// Who holds a lock that was asked for; inside the error of [`Disk::lock`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("locked by {by}")]
pub struct LockHeld {
    /// The holder as its lock file names it: `process 4242 (holdfast run)`.
    pub by: String,
}

impl LockHeld {
    /// The holder that `error` names; `None` when it is another error.
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

/// An open file; closed on drop, never synced by it.
#[expect(clippy::len_without_is_empty, reason = "asking the disk is no cheap test")]
pub trait DiskFile: Send + Sync {
    /// Writes all of `pieces`, one after another, at `offset`.
    fn write_all_at(&self, pieces: &[&[u8]], offset: u64) -> io::Result<()>;

    /// Reads exactly `buffer.len()` bytes at `offset`; `UnexpectedEof` past the end.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// From now on nothing is read ahead of what is asked for. A hint: it changes no byte.
    fn read_as_asked(&self) {}

    /// Begins to read `len` bytes at `offset`, which are asked for in parts soon, in one go, and
    /// returns at once. A hint: it changes no byte.
    fn will_read(&self, _offset: u64, _len: u64) {}

    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Begins to write out what stands in the kernel's memory, and returns at once.
    fn start_write_out(&self);

    /// Waits until it is written out. It is not durable by that: a sync after it finds little left
    /// to do. An error is as final as one of [`DiskFile::sync_data`], which may not tell it again.
    /// Does nothing where the system cannot.
    fn finish_write_out(&self) -> io::Result<()>;

    /// Makes data and length durable (`fdatasync`). After an error the data may be lost for good:
    /// never retry.
    fn sync_data(&self) -> io::Result<()>;

    /// Cuts or extends the file.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Reserves space up to `len` without changing the length; does nothing where the file system
    /// cannot.
    fn reserve(&self, len: u64) -> io::Result<()>;
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, as far as it is Unicode.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// What a file takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Its length in bytes.
    pub len: u64,
    /// The bytes it takes on the disk.
    pub allocated: u64,
}

/// What a file system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// All bytes.
    pub total: u64,
    /// Bytes that this process may still write.
    pub available: u64,
    /// Bytes that are free, those too that are kept back from this process.
    pub free: u64,
}
