//! Proves an export from its file and a public key: that all of it is as it was signed, and that
//! nothing is in it beside that.

use std::convert::Infallible;
use std::ops::ControlFlow;

use archive::is_signed;
use base::limits;
use world::DiskFile;

use crate::hashes::key_of;
use crate::manifest::{FORMAT, MANIFEST, Manifest, SIGNATURE, SIGNATURE_LEN};
use crate::zip::{self, NotOurs};

mod members;

use members::Members;

/// What an export proves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What it says of itself; `None` where that cannot be read. It is to be believed only when
    /// nothing was found.
    pub manifest: Option<Manifest>,
    /// BLAKE3 of the manifest, in hexadecimal digits.
    pub manifest_hash: Option<String>,
    /// The key that its signature was held against.
    pub key: Option<[u8; 32]>,
    /// What is wrong with it; nothing: it is as it was written.
    pub findings: Vec<Finding>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file in the export; `None`: the export itself.
    pub file: Option<String>,
    /// What.
    pub what: Flaw,
}

/// What can be wrong with an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is no ZIP as we write it.
    #[error(transparent)]
    NotOurs(#[from] NotOurs),
    /// A file that every export has is not there.
    #[error("it is missing")]
    Missing,
    /// The manifest does not name it.
    #[error("the manifest does not name this file: somebody put it there")]
    Extra,
    /// It is there twice.
    #[error("it is there twice")]
    Twice,
    /// It does not have the bytes that it had.
    #[error("it was changed after it was signed")]
    Changed,
    /// It says what it cannot say.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// The signature over the manifest was not made with the key.
    #[error("it does not bear the signature of the key: it was changed, or made by somebody else")]
    BadSignature,
    /// It names another key than those that it is held against.
    #[error(
        "it is signed with a key that was not expected, {0}: it is of another recorder, or forged"
    )]
    OtherKey(String),
}

impl Flaw {
    /// The word for programs; these never change.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "not-an-export",
            Self::Missing => "missing",
            Self::Extra => "extra-file",
            Self::Twice => "twice",
            Self::Changed => "changed",
            Self::Unreadable(_) => "unreadable",
            Self::BadSignature => "bad-signature",
            Self::OtherKey(_) => "other-key",
        }
    }
}

/// Reads all of an export and holds it against its manifest, and that against its signature and
/// `keys`, any of which may have signed it; without keys against the one that the manifest itself
/// names, which proves only that nothing was changed since somebody signed it. `progress` is told
/// of bytes read. An error is the disk's.
pub fn verify(
    file: &dyn DiskFile,
    keys: &[[u8; 32]],
    progress: &mut dyn FnMut(u64),
) -> std::io::Result<Verdict> {
    let mut progress = |bytes| {
        progress(bytes);
        ControlFlow::<Infallible>::Continue(())
    };
    let ControlFlow::Continue(verdict) = verify_until(file, keys, &mut progress)?;
    Ok(verdict)
}

/// The same, unless `progress` breaks it off: then what that broke it off with.
pub fn verify_until<B>(
    file: &dyn DiskFile,
    keys: &[[u8; 32]],
    progress: &mut dyn FnMut(u64) -> ControlFlow<B>,
) -> std::io::Result<ControlFlow<B, Verdict>> {
    match Verdict::of(file, keys, progress) {
        Ok(verdict) => Ok(ControlFlow::Continue(verdict)),
        Err(Halt::BrokenOff(why)) => Ok(ControlFlow::Break(why)),
        Err(Halt::Disk(error)) => Err(error),
    }
}

/// Why there is no verdict.
enum Halt<B> {
    BrokenOff(B),
    Disk(std::io::Error),
}

impl<B> From<std::io::Error> for Halt<B> {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

impl Verdict {
    fn of<B>(
        file: &dyn DiskFile,
        keys: &[[u8; 32]],
        progress: &mut dyn FnMut(u64) -> ControlFlow<B>,
    ) -> Result<Self, Halt<B>> {
        let mut verdict = Self::default();
        let directory = match zip::read(file)? {
            Ok(directory) => directory,
            Err(why) => {
                verdict.add(None, why.into());
                return Ok(verdict);
            }
        };
        let members = Members { file, directory };
        members.name_all_twice(&mut verdict);
        let Some(manifest) = members.small(MANIFEST, limits::EXPORT_MANIFEST_BYTES_MAX)? else {
            verdict.add(Some(MANIFEST), Flaw::Missing);
            return Ok(verdict);
        };
        verdict.manifest_hash = Some(blake3::hash(&manifest).to_hex().to_string());
        verdict.read_manifest(&manifest);
        if let Some(why) = verdict.manifest.as_ref().and_then(|says| members.belies(says)) {
            verdict.add(None, why.into());
        }
        let signature = members.small(SIGNATURE, SIGNATURE_LEN)?;
        verdict.check_signature(&manifest, signature.as_deref(), keys);
        members.check_all(&mut verdict, progress)?;
        Ok(verdict)
    }

    /// What it says of itself, where that bears the signature of the key that it was held against.
    pub fn signed_manifest(&self) -> Option<&Manifest> {
        let doubted = |finding: &Finding| finding.file.as_deref() == Some(SIGNATURE);
        self.manifest.as_ref().filter(|_| !self.findings.iter().any(doubted))
    }

    fn add(&mut self, file: Option<&str>, what: Flaw) {
        self.findings.push(Finding { file: file.map(str::to_owned), what });
    }

    fn read_manifest(&mut self, bytes: &[u8]) {
        match serde_json::from_slice::<Manifest>(bytes) {
            Ok(manifest) if manifest.holdfast_export != FORMAT => {
                let words = format!("format {} is not known here", manifest.holdfast_export);
                self.add(Some(MANIFEST), Flaw::Unreadable(words));
            }
            Ok(manifest) if !manifest.names_each_once() => {
                let words = "it names a file twice, or one as we never name any".to_owned();
                self.add(Some(MANIFEST), Flaw::Unreadable(words));
            }
            Ok(manifest) => self.manifest = Some(manifest),
            Err(why) => self.add(Some(MANIFEST), Flaw::Unreadable(why.to_string())),
        }
    }

    fn check_signature(&mut self, manifest: &[u8], signature: Option<&[u8]>, keys: &[[u8; 32]]) {
        let named = self.manifest.as_ref().and_then(|manifest| key_of(&manifest.public_key));
        let Some(signature) = signature else {
            return self.add(Some(SIGNATURE), Flaw::Missing);
        };
        let signature: Option<[u8; 64]> = signature.try_into().ok();
        let signed = |key: &[u8; 32]| {
            signature.is_some_and(|signature| is_signed(key, manifest, &signature))
        };
        self.key = match keys {
            [] => named,
            keys => keys.iter().find(|key| signed(key)).or(keys.first()).copied(),
        };
        match self.key {
            Some(key) if signed(&key) && named == Some(key) => {}
            // It is whole, and of somebody else.
            _ if named.is_some_and(|named| signed(&named) && !keys.contains(&named)) => {
                let named = self.manifest.as_ref().map(|manifest| manifest.public_key.clone());
                self.add(Some(SIGNATURE), Flaw::OtherKey(named.unwrap_or_default()));
            }
            _ => self.add(Some(SIGNATURE), Flaw::BadSignature),
        }
    }
}

#[cfg(test)]
mod tests;
