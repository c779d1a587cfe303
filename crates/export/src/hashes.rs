//! Everything that is computed over the bytes of one file of an export, in one go.

use sha2::Digest;

use crate::manifest::MemberHashes;

/// Hashes under way.
#[derive(Default)]
pub(crate) struct Hashing {
    crc: crc32fast::Hasher,
    blake3: blake3::Hasher,
    sha256: sha2::Sha256,
    bytes: u64,
}

impl Hashing {
    pub fn update(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.blake3.update(bytes);
        self.sha256.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// The CRC-32, and what a manifest says of the bytes.
    pub fn finish(self) -> (u32, MemberHashes) {
        let hashes = MemberHashes {
            bytes: self.bytes,
            blake3: self.blake3.finalize().to_hex().to_string(),
            sha256: hex(&self.sha256.finalize()),
        };
        (self.crc.finalize(), hashes)
    }

    /// All of it for bytes at hand.
    pub fn of(bytes: &[u8]) -> (u32, MemberHashes) {
        let mut hashing = Self::default();
        hashing.update(bytes);
        hashing.finish()
    }
}

/// Two lower-case digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 32 bytes of 64 hexadecimal digits in lower case.
pub(crate) fn key_of(digits: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() != 64 || !digits.bytes().all(is_digit) {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(key)
}
