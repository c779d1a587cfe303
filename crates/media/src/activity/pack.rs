//! The packed form: one byte version, then for each stretch of values the varint count of seconds
//! before it that are 0, the varint count of its values, and these. What follows the last stretch
//! is 0. Described in `docs/format/catalog.md`.

use base::limits::ACTIVITY_SECONDS_MAX;

use crate::varint;

const VERSION: u8 = 1;
/// So few zeros between two stretches are cheaper among the values.
const ZEROS_INSIDE_MAX: usize = 2;

/// Packs values of equal steps: seconds of a segment, minutes of a day.
pub fn pack(values: &[u8]) -> Vec<u8> {
    let mut out = vec![VERSION];
    let mut from = 0;
    while let Some(zeros) = values[from..].iter().position(|value| *value > 0) {
        let begin = from + zeros;
        let mut end = begin + 1;
        while let Some(next) = values[end..].iter().position(|value| *value > 0)
            && next <= ZEROS_INSIDE_MAX
        {
            end += next + 1;
        }
        varint::put(&mut out, zeros as u64);
        varint::put(&mut out, (end - begin) as u64);
        out.extend_from_slice(&values[begin..end]);
        from = end;
    }
    out
}

/// Reads what [`pack`] wrote, without zeros at the end. `None` when the bytes are damaged or of
/// another version.
pub fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (version, mut rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let mut values = Vec::new();
    while !rest.is_empty() {
        let zeros = usize::try_from(varint::take(&mut rest)?).ok()?;
        let count = usize::try_from(varint::take(&mut rest)?).ok()?;
        let end = values.len().checked_add(zeros)?.checked_add(count)?;
        let (these, after) = rest.split_at_checked(count)?;
        if end > ACTIVITY_SECONDS_MAX {
            return None;
        }
        values.resize(values.len() + zeros, 0);
        values.extend_from_slice(these);
        rest = after;
    }
    Some(values)
}
