//! A batch on its way into a file: hashed and handed over stretch by stretch, so that the processor
//! reads each byte out of its cache when it is written.

use bytes::Bytes;

use crate::chain::Chain;
use crate::commit::HASH_LEN;
use crate::header::FREE_LEN;
use crate::identity::{ChainHash, CommitRef};
use crate::index::IndexPart;

/// What is hashed before it is handed over: it has to stay in the cache of one core (512 KiB in
/// many small ones), with the pages it is copied to. Stretches end at multiples of it in the file,
/// for a page cache takes a piece of its own size in one folio where it lies so, and else in six
/// or more.
const STRETCH: u64 = 128 << 10;

/// A batch as bytes, not yet part of its segment.
#[derive(Clone, Debug)]
pub struct EncodedBatch {
    /// Where it begins in the file.
    pub offset: u64,
    /// Bytes of all of it.
    pub len: u64,
    /// What it adds to the index.
    pub added: IndexPart,
    pub(crate) next_fragment: u32,
    pub(crate) previous: Option<ChainHash>,
    /// All but the commit record; samples are not copied.
    pub(crate) pieces: Vec<Bytes>,
    /// Where in the first piece the bytes begin that sealing replaces: no hash covers them.
    pub(crate) free: Option<usize>,
    pub(crate) number: u32,
    /// The commit record, with zeros for its hash.
    pub(crate) record: Vec<u8>,
}

impl EncodedBatch {
    /// Hands all bytes to `put`, in some stretches, each with where it goes in the file; the last
    /// of them ends with the commit record, without which nothing of the batch counts. The commit
    /// that it is, or the first error of `put`.
    pub fn write<E>(
        &self,
        mut put: impl FnMut(&[&[u8]], u64) -> Result<(), E>,
    ) -> Result<CommitRef, E> {
        let mut chain = Chain::after(self.previous);
        let mut stretch = Stretch { pieces: Vec::new(), len: 0, offset: self.offset };
        for (number, piece) in self.pieces.iter().enumerate() {
            if let (0, Some(free)) = (number, self.free) {
                chain.update(&piece[..free]);
                chain.update(&piece[free + FREE_LEN..]);
                stretch.add(piece);
                continue;
            }
            let mut rest = &piece[..];
            while !rest.is_empty() {
                if stretch.room() == 0 {
                    put(&stretch.pieces, stretch.offset)?;
                    stretch.next();
                }
                let (now, later) = rest.split_at(rest.len().min(stretch.room()));
                chain.update(now);
                stretch.add(now);
                rest = later;
            }
        }
        let (open, _) = self.record.split_at(self.record.len() - HASH_LEN);
        chain.update(open);
        let hash = chain.finish();
        stretch.add(open);
        stretch.add(&hash);
        put(&stretch.pieces, stretch.offset)?;
        Ok(CommitRef { number: self.number, hash })
    }
}

/// What was hashed and is not written yet.
struct Stretch<'a> {
    pieces: Vec<&'a [u8]>,
    len: usize,
    offset: u64,
}

impl<'a> Stretch<'a> {
    fn room(&self) -> usize {
        let whole = STRETCH - self.offset % STRETCH;
        // At most a stretch: it fits.
        usize::try_from(whole).unwrap_or(usize::MAX).saturating_sub(self.len)
    }

    fn add(&mut self, piece: &'a [u8]) {
        self.len += piece.len();
        self.pieces.push(piece);
    }

    fn next(&mut self) {
        self.pieces.clear();
        (self.offset, self.len) = (self.offset + self.len as u64, 0);
    }
}
