//! A second PPS for a stream that has one: slices are rewritten to use it. For streams with CAVLC,
//! whose slice data goes on bit by bit after the header (ITU-T H.264 7.3.4).

/// The same PPS under id 1. `None` when it does not have id 0.
pub(crate) fn second(pps: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits::of(pps.get(1..)?);
    let rest = match bits.exp_golomb()? {
        0 => bits,
        _ => return None,
    };
    Some(written(pps[0], &[], rest))
}

/// The same slice with PPS id 1 instead of 0. `None` for what is not such a slice.
pub(crate) fn moved(slice: &[u8]) -> Option<Vec<u8>> {
    if !matches!(slice.first()? & 0x1f, 1 | 5) {
        return None;
    }
    let mut bits = Bits::of(slice.get(1..)?);
    let (first, kind) = (bits.exp_golomb()?, bits.exp_golomb()?);
    match bits.exp_golomb()? {
        0 => Some(written(slice[0], &[first, kind], bits)),
        _ => None,
    }
}

/// Header byte, `before` in Exp-Golomb code, the id 1, then `rest`, with emulation prevention
/// (7.3.1).
fn written(header: u8, before: &[u32], mut rest: Bits) -> Vec<u8> {
    let mut out = Vec::new();
    for value in before.iter().chain(&[1]) {
        let code = value + 1;
        let length = 31 - code.leading_zeros();
        out.extend(std::iter::repeat_n(false, length as usize));
        out.extend((0..=length).rev().map(|bit| code >> bit & 1 == 1));
    }
    while let Some(bit) = rest.next() {
        out.push(bit);
    }
    // What follows the stop bit is filled up anew.
    while out.last() == Some(&false) {
        out.pop();
    }
    let byte =
        |bits: &[bool]| bits.iter().enumerate().fold(0, |b, (i, on)| b | u8::from(*on) << (7 - i));
    let (mut unit, mut zeros) = (vec![header], 0);
    for byte in out.chunks(8).map(byte) {
        if zeros == 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}

/// The bits of a NAL unit's payload, without emulation prevention.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn of(payload: &[u8]) -> Self {
        let (mut bytes, mut zeros) = (Vec::with_capacity(payload.len()), 0);
        for byte in payload {
            if zeros == 2 && *byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            bytes.push(*byte);
        }
        Self { bytes, at: 0 }
    }

    fn next(&mut self) -> Option<bool> {
        let bit = self.bytes.get(self.at / 8)? >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// An unsigned Exp-Golomb code (9.1).
    fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.next()? {
            zeros += 1;
        }
        let mut value = 1_u32;
        for _ in 0..zeros {
            value = value.checked_mul(2)? + u32::from(self.next()?);
        }
        Some(value - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_id_changes() {
        // first_mb 0 ("1"), slice type 5 ("00110"), PPS id 0 ("1"), data 1 0101 1001, stop bit.
        let slice = [0x65, 0b1001_1011, 0b0101_1001, 0b1000_0000];
        let moved = moved(&slice).expect("is a slice of PPS 0");
        assert_eq!(moved, [0x65, 0b1001_1001, 0b0101_0110, 0b0110_0000]);
        assert_eq!(super::moved(&moved), None);
        assert_eq!(second(&[0x68, 0b1100_1110]), Some(vec![0x68, 0b0101_0011, 0b1000_0000]));
    }
}
