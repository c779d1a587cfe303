//! Reading H.264 and H.265 syntax elements bit by bit (ITU-T H.264 clauses 7.2, 9.1): any bytes
//! may come, `None` is their end or a number out of range.

/// The bytes of a NAL unit without emulation prevention (H.264 clause 7.4.1).
pub(crate) fn unescaped(nal: &[u8]) -> impl Iterator<Item = u8> {
    let mut zeros = 0;
    nal.iter().copied().filter(move |byte| {
        let prevents = zeros >= 2 && *byte == 3;
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        !prevents
    })
}

/// [`unescaped`], all of it.
pub(crate) fn unescape(nal: &[u8]) -> Vec<u8> {
    unescaped(nal).collect()
}

/// A position in a bit string.
#[derive(Clone, Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// One bit as a truth value.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// An unsigned integer of `count` bits, at most 32.
    pub(crate) fn u(&mut self, count: u32) -> Option<u32> {
        let mut value = 0u32;
        for _ in 0..count {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// Passes over `count` bits.
    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= self.bytes.len().checked_mul(8)?).then_some(())
    }

    /// An unsigned Exp-Golomb number.
    pub(crate) fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.u(zeros)?;
        u32::try_from((1u64 << zeros) - 1 + u64::from(rest)).ok()
    }

    /// An unsigned Exp-Golomb number that is at most `max`.
    pub(crate) fn ue_max(&mut self, max: u32) -> Option<u32> {
        self.ue().filter(|value| *value <= max)
    }

    /// A signed Exp-Golomb number.
    pub(crate) fn se(&mut self) -> Option<i64> {
        let code = i64::from(self.ue()?);
        Some(if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_numbers_are_read() {
        // 1 | 010 | 011 | 00100 | 00101 : ue 0, 1, 2, se 2 (code 3), se -2 (code 4)
        let bytes = [0b1010_0110, 0b0100_0010, 0b1000_0000];
        let mut bits = Bits::new(&bytes);
        assert_eq!((bits.ue(), bits.ue(), bits.ue()), (Some(0), Some(1), Some(2)));
        assert_eq!((bits.se(), bits.se()), (Some(2), Some(-2)));
        assert_eq!(Bits::new(&[0; 8]).ue(), None, "an endless prefix is refused");
        assert_eq!(Bits::new(&[0xff]).u(9), None, "nothing is read past the end");
    }

    #[test]
    fn emulation_prevention_bytes_are_taken_out() {
        assert_eq!(unescape(&[0, 0, 3, 1, 0, 0, 3, 0, 0, 3]), [0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(unescape(&[0, 3, 0, 3]), [0, 3, 0, 3]);
    }
}
