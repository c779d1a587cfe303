//! A file as a row of stretches: bytes that are known, and places for bytes that are made when
//! they are read.

use bytes::Bytes;
use media::mp4::boxes::{Boxes, FourCc};

use crate::tables::Table;

/// Bytes that are made when they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lazy {
    /// What a member of a track adds to one of its tables.
    Table { table: Table, track: usize, member: usize },
    /// The sizes of all timestamps.
    TextSizes,
    /// Where the timestamps among the samples of a part begin.
    TextPlaces { part: usize },
    /// The samples of a part.
    Media { part: usize },
}

/// One stretch of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stretch {
    Known(Bytes),
    Lazy(Lazy),
}

/// Stretches in order, under construction.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    stretches: Vec<(u64, Stretch)>,
    known: Vec<u8>,
    len: u64,
}

impl Assembly {
    /// Bytes so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.known.extend_from_slice(bytes);
        self.len += bytes.len() as u64;
    }

    /// Appends boxes.
    pub fn boxes(&mut self, body: impl FnOnce(&mut Boxes)) {
        let mut boxes = Boxes::new();
        body(&mut boxes);
        self.bytes(&boxes.into_bytes());
    }

    /// Appends bytes that are made when they are read.
    pub fn lazy(&mut self, len: u64, lazy: Lazy) {
        if len > 0 {
            self.close_known();
            self.stretches.push((len, Stretch::Lazy(lazy)));
            self.len += len;
        }
    }

    /// Appends a box with what `body` writes into it. Its size must fit 32 bits.
    pub fn boxed<E: From<TooLarge>>(
        &mut self,
        kind: FourCc,
        body: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut inner = Self::default();
        body(&mut inner)?;
        inner.close_known();
        let size = u32::try_from(inner.len + 8).map_err(|_| TooLarge)?;
        self.bytes(&size.to_be_bytes());
        self.bytes(&kind);
        for (len, stretch) in inner.stretches {
            match stretch {
                Stretch::Known(bytes) => self.bytes(&bytes),
                Stretch::Lazy(lazy) => self.lazy(len, lazy),
            }
        }
        Ok(())
    }

    /// The stretches, each with where it begins.
    pub fn finish(mut self) -> Vec<(u64, Stretch)> {
        self.close_known();
        let mut at = 0;
        let placed = self.stretches.into_iter().map(|(len, stretch)| {
            let start = at;
            at += len;
            (start, stretch)
        });
        placed.collect()
    }

    fn close_known(&mut self) {
        if !self.known.is_empty() {
            let bytes = Bytes::from(std::mem::take(&mut self.known));
            self.stretches.push((bytes.len() as u64, Stretch::Known(bytes)));
        }
    }
}

/// A box would not fit its 32-bit size.
#[derive(Debug)]
pub(crate) struct TooLarge;
