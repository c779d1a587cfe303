//! Files that are made while they are read.

use std::ops::Range;

use bytes::Bytes;

use crate::error::ReadError;

/// A part of a file, slice by slice: together exactly what was asked for, or the last one is an
/// error. Calls block on the disk.
pub trait Slices: Iterator<Item = Result<Bytes, ReadError>> + Send {
    /// Bytes that are still to come.
    fn remaining(&self) -> u64;

    /// From here on no slice is longer than `bytes`. Without it, than
    /// `limits::BODY_SLICE_BYTES_MAX`.
    fn at_most(&mut self, bytes: usize);

    /// Goes back by `unread` bytes, which it has given last, and holds no more than its place
    /// until it is asked again. After an error there is nothing to go back to.
    fn rest(&mut self, unread: u64);
}

/// The same range of what is held in memory: slices and tables, which their bounds keep far below
/// what 32 bits can count.
pub(crate) fn in_memory(range: Range<u64>) -> Range<usize> {
    let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
    place(range.start)..place(range.end)
}
