//! Secrets of sessions, tokens and links: 32 random bytes, of which only a hash is kept.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

/// Every secret starts so, that a leaked one can be found by a scanner.
const PREFIX: &str = "hf_";

/// A secret that a caller shows: `hf_` and 43 letters of base64url (RFC 4648 section 5). It does
/// not show in logs.
#[derive(Clone)]
pub struct SecretToken([u8; 32]);

impl SecretToken {
    /// A secret from 32 random bytes.
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The text for the caller, shown once.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0))
    }

    /// What is kept of it. One pass is enough: 256 random bits cannot be guessed.
    pub fn hash(&self) -> SecretHash {
        SecretHash(blake3::derive_key(
            "holdfast 2026-11 secret of a session, token or link",
            &self.0,
        ))
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// The text is no secret of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of this program: expected hf_ and 43 letters")]
pub struct BadSecret;

impl FromStr for SecretToken {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let text = text.strip_prefix(PREFIX).ok_or(BadSecret)?;
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) => Ok(Self(bytes)),
            _ => Err(BadSecret),
        }
    }
}

/// The BLAKE3 hash of a secret: what rows keep. Comparison takes the same time for all values.
#[derive(Clone, Copy, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash whose bytes stand in a row.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, as they stand in rows.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    /// The first bytes: enough to tell rows apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}{:02x}{:02x}…", self.0[0], self.0[1], self.0[2])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_secret_does_not_show_unless_asked() {
        let secret = SecretToken::new([7; 32]);
        assert!(!format!("{secret:?} {:?}", secret.hash()).contains(&secret.expose()[3..]));
    }

    #[test]
    fn text_that_is_no_secret_is_refused() {
        let good = SecretToken::new([7; 32]).expose();
        assert!(good.parse::<SecretToken>().is_ok());
        for bad in ["", "hf_", &good[3..], &good[..20], &format!("{good}A"), &format!("{good}=")] {
            assert_eq!(bad.parse::<SecretToken>().err(), Some(BadSecret), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_secret_survives_its_text_and_only_it_has_its_hash(
            bytes: [u8; 32],
            flip in 0usize..256
        ) {
            let secret = SecretToken::new(bytes);
            let back: SecretToken = secret.expose().parse().unwrap();
            assert_eq!(back.hash(), secret.hash());
            let mut other = bytes;
            other[flip / 8] ^= 1 << (flip % 8);
            assert_ne!(SecretToken::new(other).hash(), secret.hash());
        }
    }
}
