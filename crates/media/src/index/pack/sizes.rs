//! The sizes of samples alone, out of a packed index: a long clip makes its tables of them again,
//! for there is no room to keep them, when all else is made.

use super::{AS_DIFFERENCES, AS_RUNS, VERSION, unpack_column, unpack_count};
use super::{unpack_own_sizes, varint};

/// See [`crate::SegmentIndex::unpack_sizes`].
pub(crate) fn unpack_sizes(bytes: &[u8], wanted: &[bool]) -> Option<Vec<Vec<u32>>> {
    let (version, mut rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let sizes: Option<_> = wanted.iter().map(|wanted| unpack_track(&mut rest, *wanted)).collect();
    sizes.filter(|_| rest.is_empty())
}

fn unpack_track(from: &mut &[u8], is_wanted: bool) -> Option<Vec<u32>> {
    let count = unpack_count(from)?;
    varint::skip(from, 1)?; // where it starts
    skip_column(from, count)?; // durations
    skip_column(from, count)?; // composition offsets
    let sizes = if is_wanted {
        let keys = unpack_column(from, count, |key| Some(key != 0))?;
        unpack_own_sizes(from, count, &keys)?
    } else {
        skip_column(from, count)?; // which ones are key frames
        varint::skip(from, count)?;
        Vec::new()
    };
    // Chunks are two numbers each, anchors three.
    for numbers in [2, 3] {
        let count = usize::try_from(varint::take(from)?).ok()?;
        varint::skip(from, count.checked_mul(numbers)?)?;
    }
    Some(sizes)
}

fn skip_column(from: &mut &[u8], count: usize) -> Option<()> {
    let (form, rest) = from.split_first()?;
    *from = rest;
    match *form {
        AS_DIFFERENCES => varint::skip(from, count),
        AS_RUNS => {
            let mut left = count;
            while left > 0 {
                let run = usize::try_from(varint::take(from)?).ok().filter(|run| *run > 0)?;
                varint::skip(from, 1)?;
                left = left.checked_sub(run)?;
            }
            Some(())
        }
        _ => None,
    }
}
