//! Reading a segment at any position.

use std::io;
use std::sync::Arc;

use media::{CommitRef, Identity, SegmentIndex, read_final_moov};
use world::DiskFile;

use crate::bytes::SegmentBytes;
use crate::place::SegmentPlace;
use crate::volume::Volume;

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

    /// Begins to read what is asked for in parts soon, in one go.
    pub fn will_read(&self, offset: u64, len: u64) {
        self.0.will_read(offset, len);
    }

    /// The file's length now.
    pub fn file_len(&self) -> io::Result<u64> {
        self.0.len()
    }
}

impl Volume {
    /// Opens a segment for reading: here and there, so nothing is read ahead.
    pub fn reader(&self, place: &SegmentPlace) -> io::Result<SegmentReader> {
        let path = place.path(&self.root)?;
        let file = self.disk.open(&path, false)?;
        file.read_as_asked();
        Ok(SegmentReader::new(file))
    }

    /// What the final `moov` of a sealed segment says: one read at its end. `InvalidData` where
    /// there is none that is whole.
    pub fn sealed_index(&self, place: &SegmentPlace) -> io::Result<(Identity, SegmentIndex)> {
        self.sealed(place).map(|(identity, index, _)| (identity, index))
    }

    /// [`Volume::sealed_index`], with the last commit by the seal.
    pub fn sealed(&self, place: &SegmentPlace) -> io::Result<(Identity, SegmentIndex, CommitRef)> {
        let bytes = SegmentBytes::open(self, place, false)?;
        let no_seal = || io::Error::new(io::ErrorKind::InvalidData, "the segment is not sealed");
        let seal = bytes.seal()?.ok_or_else(no_seal)?;
        let moov = bytes.read_final_moov(&seal)?;
        let read = read_final_moov(&moov);
        let (identity, index) =
            read.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let last = CommitRef { number: seal.commits.saturating_sub(1), hash: seal.last_hash };
        Ok((identity, index, last))
    }
}
