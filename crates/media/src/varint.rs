//! LEB128 integers, and zigzag for signed ones: small numbers take one byte.

/// Appends `value`, 7 bits a byte, lowest first.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `value` so that small negative numbers are small as well.
pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, (value << 1 ^ value >> 63) as u64);
}

/// Takes an unsigned integer from the front of `from`. Nearly all have one byte or two.
#[inline]
pub(crate) fn take(from: &mut &[u8]) -> Option<u64> {
    match **from {
        [only, ref rest @ ..] if only < 0x80 => {
            *from = rest;
            Some(only.into())
        }
        [low, high, ref rest @ ..] if high < 0x80 => {
            *from = rest;
            Some(u64::from(low & 0x7f) | u64::from(high) << 7)
        }
        _ => take_long(from),
    }
}

fn take_long(from: &mut &[u8]) -> Option<u64> {
    if let Some(bytes) = from.first_chunk::<8>() {
        let word = u64::from_le_bytes(*bytes);
        let ends = !word & GO_ON;
        if ends != 0 {
            let last = ends & ends.wrapping_neg();
            // What is up to the end of its last byte, then 7 bits of each byte, pushed together.
            let own = word & (last | (last - 1)) & !GO_ON;
            let own = own & 0x007f_007f_007f_007f | own >> 1 & 0x3f80_3f80_3f80_3f80;
            let own = own & 0x0000_3fff_0000_3fff | own >> 2 & 0x0fff_c000_0fff_c000;
            let own = own & 0x0fff_ffff | own >> 4 & 0x00ff_ffff_f000_0000;
            *from = &from[last.trailing_zeros() as usize / 8 + 1..];
            return Some(own);
        }
    }
    take_longest(from)
}

#[cold]
fn take_longest(from: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    let mut shift = 0;
    loop {
        let (&byte, rest) = from.split_first()?;
        *from = rest;
        let bits = u64::from(byte & 0x7f);
        if shift > 63 || shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
}

/// Takes a signed integer from the front of `from`.
#[inline]
pub(crate) fn take_signed(from: &mut &[u8]) -> Option<i64> {
    take(from).map(signed)
}

/// The signed integer that an unsigned one stands for.
#[inline]
pub(crate) fn signed(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// The highest bit of each byte: those in which a number goes on.
const GO_ON: u64 = 0x8080_8080_8080_8080;

/// Takes the next eight unsigned integers where each has one byte; else none.
#[inline]
pub(crate) fn take_eight(from: &mut &[u8]) -> Option<[u8; 8]> {
    let (bytes, rest) = from.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*bytes) & GO_ON != 0 {
        return None;
    }
    *from = rest;
    Some(*bytes)
}

/// Takes the next four unsigned integers where each has one byte or two, in whichever mixture; else
/// none. Without a branch for each: nobody could tell which way it goes.
#[inline]
pub(crate) fn take_four(from: &mut &[u8]) -> Option<[u64; 4]> {
    let mut window = u64::from_le_bytes(*from.first_chunk::<8>()?);
    let (mut used, mut goes_on, mut numbers) = (4, 0, [0; 4]);
    for number in &mut numbers {
        let two = window >> 7 & 1;
        goes_on |= window >> 15 & two;
        *number = window & 0x7f | window >> 1 & 0x3f80 & two.wrapping_neg();
        window >>= 8 << two;
        used += two as usize;
    }
    if goes_on != 0 {
        return None;
    }
    *from = &from[used..];
    Some(numbers)
}

/// Passes over `count` integers at the front of `from`.
pub(crate) fn skip(from: &mut &[u8], mut count: usize) -> Option<()> {
    // As long as no more than those can end in the next eight bytes.
    while count >= 8
        && let Some((bytes, rest)) = from.split_first_chunk::<8>()
    {
        let ends = (!u64::from_le_bytes(*bytes) & GO_ON) >> 7;
        count -= (ends.wrapping_mul(0x0101_0101_0101_0101) >> 56) as usize;
        *from = rest;
    }
    if let Some(before) = count.checked_sub(1) {
        let mut ends = from.iter().enumerate().filter(|(_, byte)| **byte < 0x80);
        let (end, _) = ends.nth(before)?;
        *from = &from[end + 1..];
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn numbers_survive_a_round_trip(unsigned: u64, signed: i64) {
            let mut bytes = Vec::new();
            put(&mut bytes, unsigned);
            put_signed(&mut bytes, signed);
            let mut rest = &bytes[..];
            assert_eq!(take(&mut rest), Some(unsigned));
            assert_eq!(take_signed(&mut rest), Some(signed));
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn numbers_of_every_length_survive_and_leave_what_follows() {
        for number in (0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            bytes.push(0xff);
            let mut rest = &bytes[..];
            assert_eq!((take(&mut rest), rest), (Some(number), &[0xff][..]));
        }
    }

    #[test]
    fn numbers_are_passed_over() {
        let mut bytes = Vec::new();
        [1, 300, 0, u64::MAX, 7].into_iter().for_each(|number| put(&mut bytes, number));
        for count in 0..5 {
            let mut rest = &bytes[..];
            assert_eq!(skip(&mut rest, count), Some(()));
            assert_eq!(take(&mut rest), Some([1, 300, 0, u64::MAX, 7][count]));
        }
        assert_eq!(skip(&mut &bytes[..], 6), None);
    }

    #[test]
    fn numbers_that_are_cut_or_too_large_are_refused() {
        assert_eq!(take(&mut &[0x80u8, 0x80][..]), None);
        assert_eq!(take(&mut &[0xffu8; 10][..]), None);
    }
}
