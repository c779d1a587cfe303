//! Volumes: a folder on one disk that holds segment files of one archive, and what may be wrong
//! with it.

mod aside;
mod error;
mod folders;
pub(crate) mod hex;
mod identity;
mod kept;
mod keys;
mod removed;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use world::{Disk, LockHeld, Space, Usage};

pub use aside::LOST_FOUND;
pub use error::OpenVolumeError;
pub(crate) use folders::DurableFolders;
pub use identity::{Expect, IDENTITY_FILE, VolumeIdentity};
pub use kept::{HiddenSpan, KEPT_FILE, Kept, ProtectedSpan};
pub use removed::{REMOVED_FILE, RemovalReason, Removed, RemovedSpan, read_removed};

use crate::gate::ReadGate;
use crate::place::{DayFolder, SegmentPlace, day_of, is_name};

const LOCK_FILE: &str = "holdfast-volume.lock";
/// Written and removed to see whether the disk works.
const PROBE_FILE: &str = "holdfast-volume.probe";
/// What a new volume's folder may hold: the file system's own, and what a cut-off start left.
const IGNORED: [&str; 4] = ["lost+found", LOCK_FILE, PROBE_FILE, identity::DRAFT_FILE];

/// An open volume. It stays locked for as long as this lives.
pub struct Volume {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) root: PathBuf,
    identity: VolumeIdentity,
    keys: keys::Keys,
    lock: Option<Box<dyn Send + Sync>>,
    pub(crate) folders: Arc<DurableFolders>,
    gate: ReadGate,
}

impl std::fmt::Debug for Volume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Volume").field("root", &self.root).field("is", &self.identity).finish()
    }
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
        make_folder(disk, root)
            .map_err(|source| OpenVolumeError::refused("making", root, source))?;
        let names =
            disk.list(root).map_err(|source| OpenVolumeError::failed("reading", root, source))?;
        let stranger = names.into_iter().find(|entry| !IGNORED.contains(&entry.name.as_str()));
        if let Some(entry) = stranger {
            return Err(OpenVolumeError::NotEmpty { path: root.to_owned(), found: entry.name });
        }
        identity::write(disk, root, identity, &[])
            .map_err(|source| OpenVolumeError::refused("making", root, source))
    }

    /// Which volume the folder `root` is, without locking it.
    pub fn peek(disk: &dyn Disk, root: &Path) -> Result<VolumeIdentity, OpenVolumeError> {
        identity::read(disk, root)
    }

    /// Opens and locks the volume at `root`; `note` tells others who holds it (`holdfast`).
    pub fn open(
        disk: Arc<dyn Disk>,
        root: &Path,
        expect: Expect,
        note: &str,
    ) -> Result<Self, OpenVolumeError> {
        let (identity, keys) = identity::read_with_keys(&*disk, root)?;
        expect.check(root, &identity)?;
        let lock =
            disk.lock(&root.join(LOCK_FILE), note).map_err(|source| {
                match LockHeld::of(&source).map(|held| held.by.clone()) {
                    Some(by) => OpenVolumeError::Locked { path: root.to_owned(), by },
                    None => OpenVolumeError::refused("locking", root, source),
                }
            })?;
        Ok(Self::with_lock(disk, root, (identity, keys), Some(lock)))
    }

    /// Opens the volume at `root` for reading alone, locked or not: nothing can be created,
    /// sealed or removed through it.
    pub fn open_to_read(
        disk: Arc<dyn Disk>,
        root: &Path,
        expect: Expect,
    ) -> Result<Self, OpenVolumeError> {
        let (identity, keys) = identity::read_with_keys(&*disk, root)?;
        expect.check(root, &identity)?;
        Ok(Self::with_lock(disk, root, (identity, keys), None))
    }

    fn with_lock(
        disk: Arc<dyn Disk>,
        root: &Path,
        (identity, keys): (VolumeIdentity, Vec<[u8; 32]>),
        lock: Option<Box<dyn Send + Sync>>,
    ) -> Self {
        let keys = keys::Keys::new(keys);
        let (folders, gate) = (Arc::default(), ReadGate::default());
        Self { disk, root: root.to_owned(), identity, keys, lock, folders, gate }
    }

    /// Which volume this is.
    pub fn identity(&self) -> &VolumeIdentity {
        &self.identity
    }

    /// Who reads from it, and when.
    pub fn gate(&self) -> &ReadGate {
        &self.gate
    }

    /// The volume's folder, for messages.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the folder is still this volume: a disk can go while its files are open, and
    /// another one, or none, may be under the same path.
    pub fn is_there(&self) -> Result<(), OpenVolumeError> {
        self.identity.is_at(&*self.disk, &self.root)
    }

    /// Whether the disk takes and keeps what it is given, tried with a small file.
    pub fn probe(&self) -> io::Result<()> {
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        let path = self.root.join(PROBE_FILE);
        match self.disk.remove_file(&path) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        let file = self.disk.create(&path)?;
        let tried = file.write_all_at(&[&[0x48; 4096]], 0).and_then(|()| file.sync_data());
        tried.and(self.disk.remove_file(&path))
    }

    /// Space of the file system that the volume lies on.
    pub fn space(&self) -> io::Result<Space> {
        self.is_there().map_err(io::Error::other)?;
        self.disk.space(&self.root)
    }

    /// What a segment's file takes.
    pub fn usage(&self, place: &SegmentPlace) -> io::Result<Usage> {
        self.disk.usage(&place.path(&self.root)?)
    }

    /// Whether a segment's file may be there: the volume is not there, or does not say that it is
    /// not.
    pub fn may_hold(&self, place: &SegmentPlace) -> bool {
        let absent = self.usage(place).is_err_and(|error| is_absent(&error));
        !absent || self.is_there().is_err()
    }

    /// Removes a segment's file, durably; folders that this leaves empty go too. A file that is
    /// not there is removed, as long as the volume is there.
    pub fn remove(&self, place: &SegmentPlace) -> io::Result<()> {
        self.remove_all(std::slice::from_ref(place)).pop().unwrap_or(Ok(()))
    }

    /// [`Volume::remove`] of several, with one sync for all that lie in one folder; the result of
    /// each, in their order.
    pub fn remove_all(&self, places: &[SegmentPlace]) -> Vec<io::Result<()>> {
        let there = || {
            self.writable()?;
            self.is_there().map_err(io::Error::other)
        };
        let mut folders: BTreeMap<DayFolder, Vec<usize>> = BTreeMap::new();
        let mut results: Vec<io::Result<()>> = Vec::with_capacity(places.len());
        for (number, place) in places.iter().enumerate() {
            results.push(there().and_then(|()| self.unlink(place)));
            folders.entry(place.folder()).or_default().push(number);
        }
        for (folder, numbers) in folders {
            if let Err(error) = there().and_then(|()| self.settle_removal(&folder)) {
                let words = error.to_string();
                for number in numbers {
                    results[number] = Err(io::Error::new(error.kind(), words.clone()));
                }
            }
        }
        results
    }

    fn unlink(&self, place: &SegmentPlace) -> io::Result<()> {
        match self.disk.remove_file(&place.path(&self.root)?) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes removals from a folder durable, and removes it where it is empty now.
    fn settle_removal(&self, folder: &DayFolder) -> io::Result<()> {
        let day = folder.path(&self.root)?;
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

pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
