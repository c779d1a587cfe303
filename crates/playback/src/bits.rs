//! What one slice among the samples of a part is made of.

use std::ops::Range;

use crate::pieces::{Of, Piece};

/// Bytes between two pieces of one read that are read and thrown away; across more, two reads are
/// cheaper.
const SKIPPED_BYTES_MAX: u64 = 16 << 10;

/// What one slice of a part is made of.
pub(crate) enum Bit {
    /// A range of the segment's file.
    File(Range<u64>),
    /// A range of a timestamp.
    Text(u64, Range<u64>),
    /// A range of the parameter sets of a take.
    Sets(usize, Range<u64>),
}

impl Bit {
    pub fn in_file(&self) -> Option<&Range<u64>> {
        match self {
            Self::File(range) => Some(range),
            Self::Text(..) | Self::Sets(..) => None,
        }
    }
}

/// What the beginning of `within` is made of, as far as one read of `limit` bytes reaches.
pub(crate) fn bits(pieces: &[Piece], within: Range<u64>, limit: u64) -> Vec<Bit> {
    let first = pieces.partition_point(|piece| piece.at + piece.len <= within.start);
    let mut bits = Vec::new();
    let mut read: Option<Range<u64>> = None;
    for piece in &pieces[first..] {
        let start = piece.at.max(within.start);
        let end = (piece.at + piece.len).min(within.end);
        if start >= end {
            break;
        }
        let own = start - piece.at..end - piece.at;
        let (take, offset) = match piece.of {
            Of::Take(take, offset) => (take, offset),
            Of::Text(number) => {
                bits.push(Bit::Text(number, own));
                continue;
            }
        };
        if own.start < piece.sets {
            bits.push(Bit::Sets(take, own.start..own.end.min(piece.sets)));
        }
        if own.end <= piece.sets {
            continue;
        }
        let mut range =
            offset + own.start.saturating_sub(piece.sets)..offset + own.end - piece.sets;
        let before = read.clone().unwrap_or(range.start..range.start);
        let wanted = range.end;
        range.end = range.end.min(before.start + limit);
        if range.is_empty() || range.start.saturating_sub(before.end) > SKIPPED_BYTES_MAX {
            break;
        }
        read = Some(before.start..range.end);
        let is_cut = range.end < wanted;
        bits.push(Bit::File(range));
        if is_cut {
            break;
        }
    }
    bits
}
