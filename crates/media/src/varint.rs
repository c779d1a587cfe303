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

#[cold]
fn take_long(from: &mut &[u8]) -> Option<u64> {
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
    let value = take(from)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}

/// Passes over `count` integers at the front of `from`.
pub(crate) fn skip(from: &mut &[u8], count: usize) -> Option<()> {
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
