//! `holdfast-volume.json`: which volume of which archive a folder is.

use std::io;
use std::path::Path;

use base::{ArchiveId, VolumeId};
use serde::{Deserialize, Serialize};
use world::Disk;

use super::error::OpenVolumeError;
use super::hex::{from_hex, to_hex};
use super::is_absent;

/// Says that a folder is a volume, and which.
pub const IDENTITY_FILE: &str = "holdfast-volume.json";
pub(super) const DRAFT_FILE: &str = "holdfast-volume.json.new";
pub(super) const FORMAT_VERSION: u32 = 1;
const IDENTITY_BYTES_MAX: u64 = 64 << 10;

/// Which volume of which archive a folder is; the content of [`IDENTITY_FILE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeIdentity {
    /// The volume.
    pub volume: VolumeId,
    /// The archive that its footage belongs to.
    pub archive: ArchiveId,
    /// The archive's Ed25519 public key.
    pub public_key: [u8; 32],
}

impl VolumeIdentity {
    /// Whether the folder `root` is this volume now.
    pub(crate) fn is_at(&self, disk: &dyn Disk, root: &Path) -> Result<(), OpenVolumeError> {
        let expect = Expect { volume: Some(self.volume), archive: self.archive };
        expect.check(root, &read(disk, root)?)
    }
}

/// Which volume a caller wants to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The volume, where it is known.
    pub volume: Option<VolumeId>,
    /// The archive.
    pub archive: ArchiveId,
}

impl Expect {
    pub(super) fn check(&self, root: &Path, found: &VolumeIdentity) -> Result<(), OpenVolumeError> {
        let path = root.to_owned();
        if found.archive != self.archive {
            let (found, expected) = (found.archive, self.archive);
            return Err(OpenVolumeError::OfAnotherArchive { path, found, expected });
        }
        match self.volume {
            Some(expected) if expected != found.volume => {
                Err(OpenVolumeError::AnotherVolume { path, found: found.volume, expected })
            }
            _ => Ok(()),
        }
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct IdentityFile {
    version: u32,
    volume: VolumeId,
    archive: ArchiveId,
    public_key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later_keys: Vec<String>,
}

/// Reads what the folder `root` says of itself.
pub(super) fn read(disk: &dyn Disk, root: &Path) -> Result<VolumeIdentity, OpenVolumeError> {
    read_with_keys(disk, root).map(|(identity, _)| identity)
}

/// [`read`], and the keys that the archive has signed with: the first one, then those that came
/// after it was lost, in order.
pub(super) fn read_with_keys(
    disk: &dyn Disk,
    root: &Path,
) -> Result<(VolumeIdentity, Vec<[u8; 32]>), OpenVolumeError> {
    let bytes = match disk.read_all(&root.join(IDENTITY_FILE), IDENTITY_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if is_absent(&error) => {
            return Err(OpenVolumeError::Missing { path: root.to_owned() });
        }
        Err(source) => return Err(OpenVolumeError::failed("reading", root, source)),
    };
    let damaged = |why: String| OpenVolumeError::Damaged { path: root.to_owned(), why };
    let version: Version =
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if version.version > FORMAT_VERSION {
        return Err(OpenVolumeError::TooNew { path: root.to_owned(), found: version.version });
    }
    let file: IdentityFile =
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let public_key = from_hex(&file.public_key)
        .ok_or_else(|| damaged("public_key is not 64 hexadecimal digits".to_owned()))?;
    let later = file.later_keys.iter().map(|key| from_hex(key));
    let keys: Option<Vec<_>> = [Some(public_key)].into_iter().chain(later).collect();
    let keys =
        keys.ok_or_else(|| damaged("one of later_keys is not 64 hexadecimal digits".to_owned()))?;
    Ok((VolumeIdentity { volume: file.volume, archive: file.archive, public_key }, keys))
}

/// Writes the description so that it is either there and whole, or not there.
pub(super) fn write(
    disk: &dyn Disk,
    root: &Path,
    identity: &VolumeIdentity,
    later_keys: &[[u8; 32]],
) -> io::Result<()> {
    let file = IdentityFile {
        version: FORMAT_VERSION,
        volume: identity.volume,
        archive: identity.archive,
        public_key: to_hex(&identity.public_key),
        later_keys: later_keys.iter().map(|key| to_hex(key)).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&file).map_err(io::Error::other)?;
    text.push(b'\n');
    let draft = root.join(DRAFT_FILE);
    match disk.remove_file(&draft) {
        Err(error) if !is_absent(&error) => return Err(error),
        _ => {}
    }
    let file = disk.create(&draft)?;
    file.write_all_at(&[&text], 0)?;
    file.sync_data()?;
    disk.rename(&draft, &root.join(IDENTITY_FILE))?;
    disk.sync_dir(root)
}
