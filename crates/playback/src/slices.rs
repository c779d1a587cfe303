//! Files that are made while they are read.

use bytes::Bytes;

use crate::error::ReadError;

/// A part of a file, slice by slice: together exactly what was asked for, or the last one is an
/// error. Calls block on the disk.
pub trait Slices: Iterator<Item = Result<Bytes, ReadError>> + Send {
    /// Bytes that are still to come.
    fn remaining(&self) -> u64;
}
