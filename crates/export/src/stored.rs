//! A finished export as it is downloaded: any range of it, slice by slice.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use base::limits;
use bytes::Bytes;
use playback::{ReadError, Slices};
use world::{Disk, DiskFile};

use crate::manifest::MANIFEST;
use crate::zip;

/// An export's file, open for reading.
#[derive(Clone)]
pub struct StoredFile {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    len: u64,
}

impl StoredFile {
    /// Opens it.
    pub fn open(disk: &dyn Disk, path: PathBuf) -> io::Result<Self> {
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

    /// Where the exact bytes of its manifest lie, and those bytes, which its signature is over.
    /// Neither is looked at here. An error is the disk's, or says that the file is no export as it
    /// was written.
    pub fn manifest(&self) -> io::Result<(Range<u64>, Vec<u8>)> {
        let directory = zip::read(&*self.file)?.map_err(io::Error::other)?;
        let of = directory.members.iter().position(|member| member.name == MANIFEST);
        let number = of.ok_or_else(|| io::Error::other("it has no manifest"))?;
        let range = directory.data(number);
        let len = range.end - range.start;
        if len > limits::EXPORT_MANIFEST_BYTES_MAX {
            return Err(io::Error::other("its manifest is too long"));
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, range.start)?;
        Ok((range, bytes))
    }

    /// A part of it, cut to its length.
    pub fn read(&self, range: Range<u64>) -> impl Slices + use<> {
        let rest = range.start.min(self.len)..range.end.min(self.len);
        let limit = limits::BODY_SLICE_BYTES_MAX;
        FileSlices { path: self.path.clone(), file: self.file.clone(), rest, limit }
    }
}

struct FileSlices {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    rest: Range<u64>,
    /// Bytes of a slice.
    limit: usize,
}

impl Iterator for FileSlices {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.rest.start;
        let left = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        let len = left.min(self.limit);
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

    fn at_most(&mut self, bytes: usize) {
        self.limit = bytes.clamp(1, limits::BODY_SLICE_BYTES_MAX);
    }

    fn rest(&mut self, unread: u64) {
        self.rest.start = self.rest.start.saturating_sub(unread);
    }
}
