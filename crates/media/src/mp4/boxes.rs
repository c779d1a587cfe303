//! A small builder for boxes: sizes are filled in when a box is closed.

/// A four-character code.
pub type FourCc = [u8; 4];

/// Bytes of boxes under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boxes {
    bytes: Vec<u8>,
}

impl Boxes {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a box with what `body` writes into it.
    pub fn boxed(&mut self, kind: FourCc, body: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.u32(0).bytes(&kind);
        body(self);
        let size = u32::try_from(self.bytes.len() - start).expect("boxes in memory are below 4 GB");
        self.bytes[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }

    /// Appends a full box: version and flags, then what `body` writes.
    pub fn full(&mut self, kind: FourCc, version: u8, flags: u32, body: impl FnOnce(&mut Self)) {
        self.boxed(kind, |b| {
            b.u32(u32::from(version) << 24 | flags & 0xff_ffff);
            body(b);
        });
    }

    /// Appends a `uuid` box.
    pub fn uuid(&mut self, user_type: &[u8; 16], body: impl FnOnce(&mut Self)) {
        self.boxed(*b"uuid", |b| {
            b.bytes(user_type);
            body(b);
        });
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Appends a 16-bit integer.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a 32-bit integer.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a 64-bit integer.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a signed 32-bit integer.
    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a signed 64-bit integer.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends `count` zero bytes.
    pub fn zeros(&mut self, count: usize) -> &mut Self {
        self.bytes.resize(self.bytes.len() + count, 0);
        self
    }

    /// Ends a chain of calls where nothing is to be returned.
    pub fn end(&mut self) {}

    /// How many bytes there are by now.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Overwrites 4 bytes at `at` with a 32-bit integer that was not known before.
    pub fn patch_u32(&mut self, at: usize, value: u32) {
        self.bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
