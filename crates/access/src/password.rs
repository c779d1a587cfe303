//! Passwords: Argon2id (RFC 9106), kept as PHC strings.

use std::fmt;

use argon2::password_hash::phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// Memory of one hash in KiB (19 MiB), passes and lanes: OWASP's first choice for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Fewer letters than this are refused in a new password.
pub const LETTERS_MIN: usize = 10;
/// More bytes than this are refused: hashing them would only cost time.
const BYTES_MAX: usize = 1024;

/// The hash of a password, as a PHC string (`$argon2id$v=19$m=…`).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// A password that cannot be hashed, or a hash that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordHashError {
    /// There was no memory for it, or the password is longer than can be hashed.
    #[error("cannot hash the password: {0}")]
    Failed(String),
    /// The text is not an Argon2 hash.
    #[error("not an Argon2 password hash in PHC form")]
    NotAHash,
}

impl PasswordHash {
    /// Hashes `password` with 16 random bytes of salt. Takes tens of milliseconds and 19 MiB:
    /// never more than [`base::limits::PASSWORD_HASHES_MAX`] at once, never under a lock.
    pub fn make(password: &str, salt: [u8; 16]) -> Result<Self, PasswordHashError> {
        let failed = |why: &dyn fmt::Display| PasswordHashError::Failed(why.to_string());
        if password.len() > BYTES_MAX {
            return Err(failed(&format_args!("it is longer than {BYTES_MAX} bytes")));
        }
        let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash: phc::PasswordHash| Self(hash.to_string())).map_err(|why| failed(&why))
    }

    /// The hash in a row.
    pub fn from_phc(text: &str) -> Result<Self, PasswordHashError> {
        match phc::PasswordHash::new(text) {
            Ok(hash) if hash.algorithm.as_str().starts_with("argon2") && hash.hash.is_some() => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(PasswordHashError::NotAHash),
        }
    }

    /// The PHC string, as it stands in rows.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

fn hasher() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("the cost is within limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Whether `password` is the one of `hash`. Without a hash (no such user, or none set) the same
/// work is done, so that time does not tell which names exist. Costs as [`PasswordHash::make`].
pub fn verify(hash: Option<&PasswordHash>, password: &str) -> bool {
    if password.len() > BYTES_MAX {
        return false;
    }
    let Some(hash) = hash else {
        // Only the time it takes matters.
        let _ = PasswordHash::make(password, [0; 16]);
        return false;
    };
    let Ok(hash) = phc::PasswordHash::new(&hash.0) else { return false };
    hasher().verify_password(password.as_bytes(), &hash).is_ok()
}

/// A new password that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Too few letters.
    #[error("the password is too short; use at least {LETTERS_MIN} letters")]
    TooShort,
    /// Too many bytes.
    #[error("the password is longer than {BYTES_MAX} bytes")]
    TooLong,
    /// One of the first that are tried.
    #[error("the password is the user's name or too common; use another")]
    TooCommon,
}

/// Whether `password` may become the password of the user called `name`.
pub fn check_new_password(name: &str, password: &str) -> Result<(), WeakPassword> {
    let folded = password.to_lowercase();
    let mut letters = folded.chars();
    let first = letters.next();
    // Those that are long enough and still among the first that are tried.
    let common = ["1234567890", "0123456789", "password123", "passwort123", "qwertyuiop"];
    match () {
        () if password.chars().count() < LETTERS_MIN => Err(WeakPassword::TooShort),
        () if password.len() > BYTES_MAX => Err(WeakPassword::TooLong),
        () if folded == name.to_lowercase() => Err(WeakPassword::TooCommon),
        () if letters.all(|letter| Some(letter) == first) => Err(WeakPassword::TooCommon),
        () if common.contains(&folded.as_str()) => Err(WeakPassword::TooCommon),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_the_right_password_verifies() {
        let hash = PasswordHash::make("correct horse", [7; 16]).unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_phc());
        let hash = PasswordHash::from_phc(hash.as_phc()).unwrap();
        assert!(verify(Some(&hash), "correct horse"));
        assert!(!verify(Some(&hash), "correct horse "));
        assert!(!verify(Some(&hash), &"x".repeat(BYTES_MAX + 1)));
        assert!(!verify(None, ""));
        assert_ne!(hash, PasswordHash::make("correct horse", [8; 16]).unwrap());
    }

    #[test]
    fn text_that_is_no_hash_is_refused() {
        for bad in ["", "correct horse", "$2b$12$abcdefghijklmnopqrstuu", "$argon2id$v=19"] {
            assert!(PasswordHash::from_phc(bad).is_err(), "{bad}");
        }
        assert!(PasswordHash::make(&"x".repeat(BYTES_MAX + 1), [0; 16]).is_err());
    }

    #[test]
    fn weak_passwords_are_refused() {
        let check = |password: &str| check_new_password("Anna Maria", password);
        assert_eq!(check("tulip"), Err(WeakPassword::TooShort));
        assert_eq!(check("annA mariA"), Err(WeakPassword::TooCommon));
        assert_eq!(check("aaaaaaaaaaaa"), Err(WeakPassword::TooCommon));
        assert_eq!(check("Password123"), Err(WeakPassword::TooCommon));
        assert_eq!(check(&"tulip".repeat(300)), Err(WeakPassword::TooLong));
        assert_eq!(check("tulips in april"), Ok(()));
    }

    #[test]
    fn a_hash_does_not_show() {
        let hash = PasswordHash("$argon2id$…".into());
        assert_eq!(format!("{hash:?}"), "(hidden)");
    }
}
