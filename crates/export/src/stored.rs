//! A finished export as it is downloaded: any range of it, slice by slice.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use base::limits;
use bytes::Bytes;
use playback::{ReadError, Slices};
use world::{Disk, DiskFile};

/// An export's file, open for reading.
#[derive(Clone)]
pub struct StoredFile {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    len: u64,
}

impl StoredFile {
    /// Opens it.
    pub fn open(disk: &dyn Disk, path: PathBuf) -> std::io::Result<Self> {
        let file = disk.open(&path, false)?;
        let len = file.len()?;
        Ok(Self { path, file, len })
    }

    /// Its bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A part of it, cut to its length.
    pub fn read(&self, range: Range<u64>) -> impl Slices + use<> {
        let rest = range.start.min(self.len)..range.end.min(self.len);
        FileSlices { path: self.path.clone(), file: self.file.clone(), rest }
    }
}

struct FileSlices {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    rest: Range<u64>,
}

impl Iterator for FileSlices {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.rest.start;
        let left = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        let len = left.min(limits::BODY_SLICE_BYTES_MAX);
        if len == 0 {
            return None;
        }
        let mut buffer = vec![0; len];
        let read = self.file.read_exact_at(&mut buffer, offset);
        self.rest.start = if read.is_ok() { offset + len as u64 } else { self.rest.end };
        let what = self.path.display().to_string();
        Some(read.map(|()| buffer.into()).map_err(|error| ReadError::Other { what, offset, error }))
    }
}

impl Slices for FileSlices {
    fn remaining(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }

    fn rest(&mut self, unread: u64) {
        self.rest.start = self.rest.start.saturating_sub(unread);
    }
}
