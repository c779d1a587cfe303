//! What an export says of itself: `manifest.json`, whose exact bytes are signed.

use base::WallTime;
use serde::{Deserialize, Serialize};

use crate::zip;

/// The version of the format.
pub(crate) const FORMAT: u32 = 1;
/// The names of what is in every export beside its clips.
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const SIGNATURE: &str = "manifest.sig";
pub(crate) const PAGE: &str = "index.html";
/// Bytes of a signature.
pub(crate) const SIGNATURE_LEN: u64 = 64;

/// What is in an export, whose footage it is, and who took it when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format: 1.
    pub holdfast_export: u32,
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The archive that the footage is from.
    pub archive: String,
    /// The archive's public key (Ed25519), in hexadecimal digits.
    pub public_key: String,
    /// What wrote it: `holdfast 0.1.0`.
    pub software: String,
    /// When it was begun.
    pub made: WallTime,
    /// Who asked for it.
    pub by: String,
    /// The range asked for.
    pub asked: Span,
    /// Whether the clips carry the time of day as subtitles.
    pub timestamps: bool,
    /// The clips, by camera, stream and time.
    pub clips: Vec<Clip>,
    /// Streams asked for that have no footage in the range, as `camera/stream`.
    pub without_footage: Vec<String>,
    /// `index.html`.
    pub page: MemberHashes,
}

/// One clip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// Its name in the ZIP.
    pub file: String,
    /// Its bytes and their hashes.
    #[serde(flatten)]
    pub hashes: MemberHashes,
    /// What it shows: from the instant at its time 0 to that of its end.
    pub shown: Span,
    /// The streams in it, in the order of their tracks.
    pub streams: Vec<ClipStream>,
}

/// A stream of a clip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipStream {
    /// The camera's short name.
    pub camera: String,
    /// What people call the camera.
    pub camera_name: String,
    /// The camera's id.
    pub camera_id: String,
    /// The stream's name.
    pub stream: String,
    /// The stream's id.
    pub stream_id: String,
    /// Its codecs as RFC 6381 has them, each once.
    pub codecs: Vec<String>,
    /// Where it has no footage within what the clip shows.
    pub gaps: Vec<Gap>,
}

/// The length of a file and its hashes, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberHashes {
    /// How many bytes it has.
    pub bytes: u64,
    /// BLAKE3, 32 bytes.
    pub blake3: String,
    /// SHA-256.
    pub sha256: String,
}

impl MemberHashes {
    /// As long as those of a file of so many bytes, which nobody has read yet.
    pub(crate) fn unknown(bytes: u64) -> Self {
        Self { bytes, blake3: "0".repeat(64), sha256: "0".repeat(64) }
    }
}

/// A half-open span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
}

/// A span without footage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first instant.
    pub from: WallTime,
    /// The first instant after it.
    pub to: WallTime,
    /// Why; missing where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

impl Manifest {
    /// The members of its ZIP in their order: the clips, and what is in every export.
    pub(crate) fn members(&self) -> impl Iterator<Item = &str> {
        self.clips.iter().map(|clip| clip.file.as_str()).chain([PAGE, MANIFEST, SIGNATURE])
    }

    /// Whether each clip has a name that we give, and one of its own.
    pub(crate) fn names_each_once(&self) -> bool {
        let mut names: Vec<&str> = self.members().collect();
        let are_plain = names.iter().all(|name| zip::is_plain(name.as_bytes()));
        names.sort_unstable();
        are_plain && names.is_sorted_by(|before, after| before < after)
    }

    /// Its bytes as they stand in the ZIP, and are signed.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain values become JSON");
        bytes.push(b'\n');
        bytes
    }
}
