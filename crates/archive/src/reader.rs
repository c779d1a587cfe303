//! Reading a segment at any position.

use std::io;
use std::sync::Arc;

use world::DiskFile;

/// An open segment. Clones share the file, and read it from as many threads as they like.
#[derive(Clone)]
pub struct SegmentReader(Arc<dyn DiskFile>);

impl SegmentReader {
    pub(crate) fn new(file: Arc<dyn DiskFile>) -> Self {
        Self(file)
    }

    /// Reads exactly `buffer.len()` bytes at `offset`; `UnexpectedEof` past the end.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    /// The file's length now.
    pub fn file_len(&self) -> io::Result<u64> {
        self.0.len()
    }
}
