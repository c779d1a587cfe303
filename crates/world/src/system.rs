//! The real disk: positioned vectored writes, `fdatasync`, `fallocate`, `flock`.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::num::NonZero;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Advice, FallocateFlags, FlockOperation};
use rustix::io::Errno;

use crate::disk::{Disk, DiskFile, Entry, LockHeld, Space, Usage};

/// Footage is for its owner and group: what the API refuses, no stranger reads from the disk.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;

/// Pieces that one call may take (`IOV_MAX` of Linux).
const PIECES_PER_CALL_MAX: usize = 1024;
/// A lock file's note is cut here when it is read.
const LOCK_NOTE_BYTES_MAX: usize = 256;

/// The file systems of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(FILE_MODE);
        Ok(Arc::new(SystemFile(options.open(path)?)))
    }

    fn create_private(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        Ok(Arc::new(SystemFile(options.open(path)?)))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(write).open(path)?;
        Ok(Arc::new(SystemFile(file)))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            entries.push(Entry { name, is_dir: entry.file_type()?.is_dir() });
        }
        Ok(entries)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn usage(&self, path: &Path) -> io::Result<Usage> {
        let of = std::fs::metadata(path)?;
        // st_blocks counts 512 bytes whatever the file system's block is (stat(2)).
        Ok(Usage { len: of.len(), allocated: of.blocks() * 512 })
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let of = rustix::fs::statvfs(path)?;
        let bytes = |blocks: u64| blocks.saturating_mul(of.f_frsize);
        let (total, available) = (bytes(of.f_blocks), bytes(of.f_bavail));
        Ok(Space { total, available, free: bytes(of.f_bfree) })
    }

    fn lock(&self, path: &Path, note: &str) -> io::Result<Box<dyn Send + Sync>> {
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(held(&file)),
            Err(error) => return Err(error.into()),
        }
        // The note is a courtesy to whoever comes next: a full disk must not keep the lock away.
        let _ = file.set_len(0);
        let _ = write!(file, "process {} ({note})", std::process::id());
        Ok(Box::new(file))
    }
}

fn held(file: &File) -> io::Error {
    let mut note = vec![0; LOCK_NOTE_BYTES_MAX];
    let len = file.read_at(&mut note, 0).unwrap_or(0);
    let by = match String::from_utf8_lossy(&note[..len]).trim() {
        "" => "another process".to_owned(),
        note => note.to_owned(),
    };
    io::Error::new(io::ErrorKind::WouldBlock, LockHeld { by })
}

/// Writes the whole file out of the page cache (sync_file_range(2)); nothing is durable by that.
#[expect(unsafe_code, reason = "no safe wrapper has this call")]
fn write_out(file: &File, flags: libc::c_uint) -> Result<(), Errno> {
    // SAFETY: the descriptor is open as long as `file` is, and no memory is handed over.
    let done = unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, flags) };
    if done == 0 {
        return Ok(());
    }
    Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO))
}

struct SystemFile(File);

impl DiskFile for SystemFile {
    fn write_all_at(&self, pieces: &[&[u8]], mut offset: u64) -> io::Result<()> {
        let mut slices: Vec<IoSlice> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut rest = slices.as_mut_slice();
        // Drops empty pieces at the front, so that 0 bytes written always means no progress.
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            let now = &rest[..rest.len().min(PIECES_PER_CALL_MAX)];
            match rustix::io::pwritev(&self.0, now, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    offset += written as u64;
                    IoSlice::advance_slices(&mut rest, written);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn read_as_asked(&self) {
        // A system that cannot reads as it likes.
        let _ = rustix::fs::fadvise(&self.0, 0, None, Advice::Random);
    }

    fn will_read(&self, offset: u64, len: u64) {
        // Then it is read when it is asked for.
        let _ = rustix::fs::fadvise(&self.0, offset, NonZero::new(len), Advice::WillNeed);
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn start_write_out(&self) {
        // What goes wrong here is told when it is waited for.
        let _ = write_out(&self.0, libc::SYNC_FILE_RANGE_WRITE);
    }

    fn finish_write_out(&self) -> io::Result<()> {
        let flags = libc::SYNC_FILE_RANGE_WAIT_BEFORE
            | libc::SYNC_FILE_RANGE_WRITE
            | libc::SYNC_FILE_RANGE_WAIT_AFTER;
        match write_out(&self.0, flags) {
            Err(Errno::NOSYS | Errno::PERM) => Ok(()),
            done => Ok(done?),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn reserve(&self, len: u64) -> io::Result<()> {
        match rustix::fs::fallocate(&self.0, FallocateFlags::KEEP_SIZE, 0, len) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
