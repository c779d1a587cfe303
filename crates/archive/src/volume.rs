//! Volumes: a folder on one disk that holds segment files of one archive, and what may be wrong
//! with it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base::{ArchiveId, VolumeId};
use serde::{Deserialize, Serialize};
use world::{Disk, LockHeld, Space, Usage};

use crate::place::{DayFolder, SegmentPlace, day_of, is_name};

/// Says that a folder is a volume, and which.
pub const IDENTITY_FILE: &str = "holdfast-volume.json";
const LOCK_FILE: &str = "holdfast-volume.lock";
const DRAFT_FILE: &str = "holdfast-volume.json.new";
/// What a new volume's folder may hold: the file system's own, and what a cut-off start left.
const IGNORED: [&str; 3] = ["lost+found", LOCK_FILE, DRAFT_FILE];
const FORMAT_VERSION: u32 = 1;
const IDENTITY_BYTES_MAX: u64 = 64 << 10;
/// Folders known to be durable; beyond this they are forgotten and synced once more.
const DURABLE_FOLDERS_MAX: usize = 4096;

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

/// Which volume a caller wants to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The volume, where it is known.
    pub volume: Option<VolumeId>,
    /// The archive.
    pub archive: ArchiveId,
}

/// A folder is not the volume that was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenVolumeError {
    /// There is no volume in the folder.
    #[error(
        "volume {} is missing (no {IDENTITY_FILE} there): mount its disk; it is never made anew",
        path.display()
    )]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A new volume wants an empty folder.
    #[error(
        "{} is not empty (it holds {found:?}): a new volume needs a folder of its own",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// The volume is another archive's.
    #[error(
        "volume {} belongs to archive {found}, not to this one ({expected}): \
         use another folder, or that archive's catalog",
        path.display()
    )]
    OfAnotherArchive {
        /// The folder.
        path: PathBuf,
        /// The archive that it belongs to.
        found: ArchiveId,
        /// This archive.
        expected: ArchiveId,
    },
    /// The volume is another one of this archive.
    #[error(
        "{} holds volume {found}, where volume {expected} was expected: \
         check which disk is mounted there",
        path.display()
    )]
    AnotherVolume {
        /// The folder.
        path: PathBuf,
        /// The volume that it holds.
        found: VolumeId,
        /// The volume that was asked for.
        expected: VolumeId,
    },
    /// Nothing can be written there.
    #[error(
        "volume {} is read-only ({source}): check its mount and who owns the folder",
        path.display()
    )]
    ReadOnly {
        /// The folder.
        path: PathBuf,
        /// What refused.
        source: io::Error,
    },
    /// Another process records there.
    #[error("volume {} is in use by {by}: stop that first", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// Who holds it: `process 4242 (holdfast)`.
        by: String,
    },
    /// The volume's description cannot be read.
    #[error(
        "{}/{IDENTITY_FILE} is damaged ({why}): restore it from a backup, or rebuild",
        path.display()
    )]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A later Holdfast made the volume.
    #[error(
        "volume {} has format {found}, this program knows up to {FORMAT_VERSION}: upgrade it",
        path.display()
    )]
    TooNew {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The disk failed.
    #[error("{doing} volume {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// An open volume. It stays locked for as long as this lives.
pub struct Volume {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) root: PathBuf,
    identity: VolumeIdentity,
    lock: Option<Box<dyn Send + Sync>>,
    pub(crate) folders: Arc<DurableFolders>,
}

impl Volume {
    /// Makes the folder `root` (made if missing, else empty) a volume, durably. Where it already
    /// is this very volume, nothing happens.
    pub fn init(
        disk: &dyn Disk,
        root: &Path,
        identity: &VolumeIdentity,
    ) -> Result<(), OpenVolumeError> {
        let expect = Expect { volume: Some(identity.volume), archive: identity.archive };
        match Self::peek(disk, root) {
            Ok(found) => return expect.check(root, &found),
            Err(OpenVolumeError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
        make_folder(disk, root).map_err(|source| refused("making", root, source))?;
        let names = disk.list(root).map_err(|source| failed("reading", root, source))?;
        let stranger = names.into_iter().find(|entry| !IGNORED.contains(&entry.name.as_str()));
        if let Some(entry) = stranger {
            return Err(OpenVolumeError::NotEmpty { path: root.to_owned(), found: entry.name });
        }
        write_identity(disk, root, identity).map_err(|source| refused("making", root, source))
    }

    /// Which volume the folder `root` is, without locking it.
    pub fn peek(disk: &dyn Disk, root: &Path) -> Result<VolumeIdentity, OpenVolumeError> {
        let bytes = match disk.read_all(&root.join(IDENTITY_FILE), IDENTITY_BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if is_absent(&error) => {
                return Err(OpenVolumeError::Missing { path: root.to_owned() });
            }
            Err(source) => return Err(failed("reading", root, source)),
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
        Ok(VolumeIdentity { volume: file.volume, archive: file.archive, public_key })
    }

    /// Opens and locks the volume at `root`; `note` tells others who holds it (`holdfast`).
    pub fn open(
        disk: Arc<dyn Disk>,
        root: &Path,
        expect: Expect,
        note: &str,
    ) -> Result<Self, OpenVolumeError> {
        let identity = Self::peek(&*disk, root)?;
        expect.check(root, &identity)?;
        let lock =
            disk.lock(&root.join(LOCK_FILE), note).map_err(|source| {
                match LockHeld::of(&source).map(|held| held.by.clone()) {
                    Some(by) => OpenVolumeError::Locked { path: root.to_owned(), by },
                    None => refused("locking", root, source),
                }
            })?;
        Ok(Self::with_lock(disk, root, identity, Some(lock)))
    }

    /// Opens the volume at `root` for reading alone, locked or not: nothing can be created,
    /// sealed or removed through it.
    pub fn open_to_read(
        disk: Arc<dyn Disk>,
        root: &Path,
        expect: Expect,
    ) -> Result<Self, OpenVolumeError> {
        let identity = Self::peek(&*disk, root)?;
        expect.check(root, &identity)?;
        Ok(Self::with_lock(disk, root, identity, None))
    }

    fn with_lock(
        disk: Arc<dyn Disk>,
        root: &Path,
        identity: VolumeIdentity,
        lock: Option<Box<dyn Send + Sync>>,
    ) -> Self {
        Self { disk, root: root.to_owned(), identity, lock, folders: Arc::default() }
    }

    /// Which volume this is.
    pub fn identity(&self) -> &VolumeIdentity {
        &self.identity
    }

    /// The volume's folder, for messages.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Space of the file system that the volume lies on.
    pub fn space(&self) -> io::Result<Space> {
        self.disk.space(&self.root)
    }

    /// What a segment's file takes.
    pub fn usage(&self, place: &SegmentPlace) -> io::Result<Usage> {
        self.disk.usage(&place.path(&self.root)?)
    }

    /// Removes a segment's file, durably; folders that this leaves empty go too. A file that is
    /// not there is removed.
    pub fn remove(&self, place: &SegmentPlace) -> io::Result<()> {
        self.writable()?;
        let path = place.path(&self.root)?;
        let day = place.folder().path(&self.root)?;
        match self.disk.remove_file(&path) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        match self.disk.sync_dir(&day) {
            Err(error) if is_absent(&error) => return Ok(()),
            synced => synced?,
        }
        self.remove_empty(&day)
    }

    /// The day folders of all streams, in order.
    pub fn days(&self) -> io::Result<Vec<DayFolder>> {
        let mut days = Vec::new();
        for camera_slug in self.folders_in(&self.root)? {
            for stream in self.folders_in(&self.root.join(&camera_slug))? {
                for name in self.folders_in(&self.root.join(&camera_slug).join(&stream))? {
                    let (camera_slug, stream) = (camera_slug.clone(), stream.clone());
                    days.extend(day_of(&name).map(|day| DayFolder { camera_slug, stream, day }));
                }
            }
        }
        days.sort();
        Ok(days)
    }

    /// The segments in a day's folder, by their names, in order; none where there is no such
    /// folder. Files of strangers are left out.
    pub fn segments(&self, day: &DayFolder) -> io::Result<Vec<SegmentPlace>> {
        let entries = match self.disk.list(&day.path(&self.root)?) {
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            entries => entries?,
        };
        let files = entries.iter().filter(|entry| !entry.is_dir);
        let mut places: Vec<_> = files.filter_map(|entry| day.segment(&entry.name)).collect();
        places.sort_by_key(|place| (place.start, place.id));
        Ok(places)
    }

    /// Refuses to change what was opened for reading.
    pub(crate) fn writable(&self) -> io::Result<()> {
        match self.lock {
            Some(_) => Ok(()),
            None => Err(io::Error::new(
                io::ErrorKind::ReadOnlyFilesystem,
                "the volume was opened for reading alone",
            )),
        }
    }

    fn folders_in(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match self.disk.list(path) {
            // It went with its last segment while this looked around.
            Err(error) if is_absent(&error) && path != self.root => return Ok(Vec::new()),
            entries => entries?,
        };
        let folders = entries.into_iter().filter(|entry| entry.is_dir && is_name(&entry.name));
        Ok(folders.map(|entry| entry.name).collect())
    }

    /// Removes `day` if it is empty. The folders above stay: they are the camera's and stream's,
    /// which go on.
    fn remove_empty(&self, day: &Path) -> io::Result<()> {
        if !self.disk.list(day)?.is_empty() {
            return Ok(());
        }
        // Forgotten first: whoever makes it again must sync it again.
        self.folders.forget(day);
        match self.disk.remove_dir(day) {
            // A segment was created in it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            Err(error) if is_absent(&error) => Ok(()),
            removed => removed,
        }
    }
}

impl Expect {
    fn check(&self, root: &Path, found: &VolumeIdentity) -> Result<(), OpenVolumeError> {
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

/// The folders whose own names are durable, so that a new file in them needs one sync, not four.
#[derive(Default)]
pub(crate) struct DurableFolders(Mutex<BTreeSet<PathBuf>>);

impl DurableFolders {
    /// Makes the name of `file`, which lies somewhere below `root`, durable with all above it.
    pub(crate) fn sync_name(&self, disk: &dyn Disk, root: &Path, file: &Path) -> io::Result<()> {
        let mut child = file;
        while let Some(folder) = child.parent() {
            disk.sync_dir(folder)?;
            if folder == root || self.knows(folder) {
                break;
            }
            child = folder;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= DURABLE_FOLDERS_MAX {
            known.clear();
        }
        known.extend(file.parent().map(Path::to_owned));
        Ok(())
    }

    fn knows(&self, folder: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(folder)
    }

    fn forget(&self, folder: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
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
}

/// Makes a folder and its parents, each name durable.
fn make_folder(disk: &dyn Disk, root: &Path) -> io::Result<()> {
    if disk.list(root).is_ok() {
        return Ok(());
    }
    disk.create_dir_all(root)?;
    for parent in root.ancestors().skip(1) {
        disk.sync_dir(parent)?;
    }
    Ok(())
}

fn write_identity(disk: &dyn Disk, root: &Path, identity: &VolumeIdentity) -> io::Result<()> {
    let file = IdentityFile {
        version: FORMAT_VERSION,
        volume: identity.volume,
        archive: identity.archive,
        public_key: to_hex(&identity.public_key),
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

fn refused(doing: &'static str, root: &Path, source: io::Error) -> OpenVolumeError {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match source.kind() {
        PermissionDenied | ReadOnlyFilesystem => {
            OpenVolumeError::ReadOnly { path: root.to_owned(), source }
        }
        _ => failed(doing, root, source),
    }
}

fn failed(doing: &'static str, root: &Path, source: io::Error) -> OpenVolumeError {
    OpenVolumeError::Io { doing, path: root.to_owned(), source }
}

pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}
