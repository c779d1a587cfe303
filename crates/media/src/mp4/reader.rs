//! Reading boxes from bytes that may be anything: every step can fail, none panics.

use super::boxes::FourCc;

/// A position in the bytes of a box; each call takes from the front, `None` where too few are
/// left.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Takes `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Takes an array.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// Takes one byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    /// Takes a 16-bit integer.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// Takes a 32-bit integer.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Takes a 64-bit integer.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// Takes a signed 32-bit integer.
    pub fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    /// Takes a signed 64-bit integer.
    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// Takes version and flags of a full box.
    pub fn version_flags(&mut self) -> Option<(u8, u32)> {
        let word = self.u32()?;
        Some(((word >> 24) as u8, word & 0xff_ffff))
    }

    /// Takes a table's count, then says whether that many entries of `entry_len` bytes can follow.
    pub fn count(&mut self, entry_len: usize) -> Option<usize> {
        let count = self.u32()? as usize;
        (count.checked_mul(entry_len)? <= self.0.len()).then_some(count)
    }
}

/// The start of a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Its four-character code.
    pub kind: FourCc,
    /// The user type of a `uuid` box.
    pub user_type: Option<[u8; 16]>,
    /// Bytes before its body: 8, 16 or with a user type 16 more.
    pub len: usize,
    /// Bytes of the whole box; 0 means up to the end of the file.
    pub size: u64,
}

/// What the first bytes of a box say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Peeked {
    /// More bytes are needed: at most 32 in all.
    Short,
    /// The size is less than the head's own length.
    Bad,
    /// A head.
    Head(Head),
}

/// Reads the head of the box that `bytes` begin with.
pub fn peek(bytes: &[u8]) -> Peeked {
    let mut reader = Reader::new(bytes);
    let (Some(short), Some(kind)) = (reader.u32(), reader.array::<4>()) else {
        return Peeked::Short;
    };
    let size = match short {
        1 => match reader.u64() {
            Some(size) => size,
            None => return Peeked::Short,
        },
        size => size.into(),
    };
    let mut user_type = None;
    if kind == *b"uuid" {
        user_type = reader.array();
        if user_type.is_none() {
            return Peeked::Short;
        }
    }
    let len = bytes.len() - reader.rest().len();
    if size < len as u64 && size != 0 || short == 1 && size == 0 {
        return Peeked::Bad;
    }
    Peeked::Head(Head { kind, user_type, len, size })
}

/// A box inside bytes at hand.
#[derive(Clone, Copy, Debug)]
pub struct BoxView<'a> {
    /// How it starts.
    pub head: Head,
    /// Where it begins in the bytes that were walked.
    pub offset: usize,
    /// The whole box.
    pub whole: &'a [u8],
    /// What follows the head.
    pub body: &'a [u8],
}

/// The boxes that `bytes` hold, one after another; ends at the first that does not fit.
pub fn boxes(bytes: &[u8]) -> impl Iterator<Item = BoxView<'_>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = &bytes[offset..];
        let Peeked::Head(mut head) = peek(rest) else { return None };
        if head.size == 0 {
            head.size = rest.len() as u64;
        }
        let whole = rest.get(..usize::try_from(head.size).ok()?)?;
        let view = BoxView { head, offset, whole, body: &whole[head.len..] };
        offset += whole.len();
        Some(view)
    })
}

/// The body of the first box of `kind` in `bytes`.
pub fn find(bytes: &[u8], kind: FourCc) -> Option<&[u8]> {
    boxes(bytes).find(|inner| inner.head.kind == kind).map(|inner| inner.body)
}

/// The body of the first `uuid` box of `user_type` in `bytes`.
pub fn find_uuid<'a>(bytes: &'a [u8], user_type: &[u8; 16]) -> Option<&'a [u8]> {
    let is_it = |inner: &BoxView<'_>| inner.head.user_type.as_ref() == Some(user_type);
    boxes(bytes).find(is_it).map(|inner| inner.body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mp4::boxes::Boxes;

    #[test]
    fn boxes_are_found_again() {
        let mut built = Boxes::new();
        built.boxed(*b"moov", |b| b.full(*b"mvhd", 1, 2, |b| b.u64(3).end()));
        built.uuid(b"0123456789abcdef", |b| b.u8(4).end());
        let bytes = built.into_bytes();
        let moov = find(&bytes, *b"moov").expect("was written");
        let mut mvhd = Reader::new(find(moov, *b"mvhd").expect("was written"));
        assert_eq!((mvhd.version_flags(), mvhd.u64()), (Some((1, 2)), Some(3)));
        assert_eq!(find_uuid(&bytes, b"0123456789abcdef"), Some(&[4][..]));
        assert_eq!(boxes(&bytes[..bytes.len() - 1]).count(), 1, "a cut box is not there");
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        assert_eq!(peek(&[0, 0, 0, 7, b'm', b'd', b'a', b't']), Peeked::Bad);
        assert_eq!(peek(&[0, 0, 0, 1, b'm', b'd', b'a', b't']), Peeked::Short);
        assert_eq!(peek(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Peeked::Bad);
        assert_eq!(peek(&[0, 0, 0, 20, b'u', b'u', b'i', b'd', 0, 0, 0]), Peeked::Short);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_walked(bytes: Vec<u8>) {
            assert!(boxes(&bytes).map(|inner| inner.whole.len()).sum::<usize>() <= bytes.len());
        }
    }
}
