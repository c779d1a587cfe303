//! The archive's Ed25519 key, which signs sealed segments: a PKCS #8 file beside the catalog that
//! only the recorder's user may read.

use std::io;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use world::{Disk, Entropy};

/// A key file is a few lines; a longer one is something else.
const KEY_FILE_BYTES_MAX: u64 = 16 << 10;

/// The key that signs what is sealed.
#[derive(Clone)]
pub struct ArchiveKey(SigningKey);

/// The key file could not be read or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The disk said so.
    #[error("{doing} the archive's key {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The key file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds no key.
    #[error("{} holds no Ed25519 key in PKCS #8 form: restore it from a backup", path.display())]
    NotAKey {
        /// The key file.
        path: PathBuf,
    },
}

impl ArchiveKey {
    /// Reads the key file at `path`.
    pub fn load(disk: &dyn Disk, path: &Path) -> Result<Self, KeyError> {
        let bytes = disk.read_all(path, KEY_FILE_BYTES_MAX).map_err(|source| KeyError::Io {
            doing: "reading",
            path: path.to_owned(),
            source,
        })?;
        let text = std::str::from_utf8(&bytes).ok();
        let key = text.and_then(|text| SigningKey::from_pkcs8_pem(text).ok());
        key.map(Self).ok_or_else(|| KeyError::NotAKey { path: path.to_owned() })
    }

    /// Makes a key and its file at `path`, durably and readable by this user alone (mode 0600).
    /// An existing file is never replaced.
    pub fn create(disk: &dyn Disk, path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        entropy.fill(&mut secret);
        let key = SigningKey::from_bytes(&secret);
        let text =
            key.to_pkcs8_pem(LineEnding::LF).expect("a key of 32 bytes always has a PKCS #8 form");
        write_new(disk, path, text.as_bytes()).map_err(|source| KeyError::Io {
            doing: "making",
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(key))
    }

    /// [`ArchiveKey::load`] where the file is there, else [`ArchiveKey::create`].
    pub fn load_or_create(
        disk: &dyn Disk,
        path: &Path,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeyError> {
        match Self::load(disk, path) {
            Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Self::create(disk, path, entropy)
            }
            loaded => loaded,
        }
    }

    /// The public half, as it stands in volumes and segments.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The signature over `message` (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for ArchiveKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ArchiveKey(secret)")
    }
}

/// Whether `signature` over `message` was made with the secret half of `public_key`.
pub fn is_signed(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let key = VerifyingKey::from_bytes(public_key);
    let signature = Signature::from_bytes(signature);
    key.is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// Writes a private file so that `path` names either nothing or all of it, whenever power fails.
fn write_new(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if disk.open(path, false).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let draft = path.with_extension("new");
    match disk.remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = disk.create_private(&draft)?;
    file.write_all_at(&[bytes], 0)?;
    file.sync_data()?;
    disk.rename(&draft, path)?;
    disk.sync_dir(path.parent().unwrap_or(Path::new("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use world::SystemDisk;
    use world::sim::{Random, SeededEntropy, SimDisk};

    #[test]
    fn a_made_key_is_private_and_read_back() {
        let folder = tempfile::tempdir().expect("the machine has a temporary folder");
        let path = folder.path().join("archive.key");
        let made = ArchiveKey::load_or_create(&SystemDisk, &path, &SeededEntropy::new(1));
        let made = made.expect("the folder can be written");
        let mode = std::fs::metadata(&path).expect("it was made").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = ArchiveKey::load_or_create(&SystemDisk, &path, &SeededEntropy::new(2));
        let read = read.expect("it was made");
        assert_eq!(read.public_key(), made.public_key());
        let signature = read.sign(b"footage");
        assert!(is_signed(&made.public_key(), b"footage", &signature));
        assert!(!is_signed(&made.public_key(), b"forgery", &signature));
        assert!(ArchiveKey::create(&SystemDisk, &path, &SeededEntropy::new(3)).is_err());
    }

    #[test]
    fn a_file_that_is_no_key_is_refused() {
        let disk = SimDisk::new();
        let path = Path::new("/key");
        let file = disk.create(path).expect("the disk is empty");
        file.write_all_at(&[b"hello"], 0).expect("the disk is empty");
        let loaded = ArchiveKey::load_or_create(&disk, path, &SeededEntropy::new(1));
        assert!(matches!(loaded, Err(KeyError::NotAKey { .. })));
    }

    #[test]
    fn a_power_cut_leaves_a_whole_key_or_none() {
        for seed in 0..64 {
            let (disk, path) = (SimDisk::new(), Path::new("/key"));
            disk.fail_power_after(seed % 8);
            let made = ArchiveKey::create(&disk, path, &SeededEntropy::new(seed));
            disk.power_cut(&mut Random::new(seed));
            let after = ArchiveKey::load_or_create(&disk, path, &SeededEntropy::new(99));
            let after = after.expect("a half-made key is made anew");
            if let Ok(made) = made {
                assert_eq!(made.public_key(), after.public_key());
            }
        }
    }
}
