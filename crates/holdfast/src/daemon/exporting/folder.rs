//! The folder that exports lie in. Where the configuration names one it may be on a disk that is
//! not mounted: then nothing is written where that is to be, but told.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use base::ArchiveId;
use world::Disk;

/// Lies in a folder that was made for exports, and holds the archive's id.
const MARKER: &str = "holdfast-exports";
/// Lies beside the catalog and holds the path of the folder that has a marker.
const MADE: &str = "exports-folder";
/// More than either of them has.
const BYTES_MAX: u64 = 8192;

/// The folder, and what says which one it is.
pub(super) struct Folder {
    pub disk: Arc<dyn Disk>,
    pub path: PathBuf,
    /// Where the catalog lies.
    pub catalog: PathBuf,
    /// Whose exports lie in it.
    pub archive: ArchiveId,
}

impl Folder {
    /// Makes it where it is missing, durably. An error where it was there before and is not now.
    pub fn make(&self) -> Result<()> {
        let disk = &self.disk;
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        if parent == self.catalog {
            return Ok(disk.create_dir_all(&self.path)?);
        }
        if let Some(archive) = self.read(&self.path.join(MARKER))? {
            self.ensure_own(&archive)?;
        } else {
            self.is_there()?;
            let is_new = !self.is_made()?;
            if is_new {
                self.may_be_made(parent)?;
                disk.create_dir_all(&self.path)?;
            }
            // Before it is noted that there is one. Who made it by hand may have put it where
            // nobody but them may look.
            match self.sync_parent(parent) {
                Err(error) if is_new || !is_denied(&error) => return Err(error),
                _ => {}
            }
            let archive = self.archive.to_string();
            self.write(self.path.join(MARKER), &archive)?;
        }
        self.note_made()
    }

    /// Makes the folder itself durable, before an export in it is said to be: else a power cut
    /// could take it. Another one than that beside the catalog is so before it has its marker.
    pub fn settle(&self) -> Result<()> {
        match self.path.parent() {
            Some(parent) if parent == self.catalog => self.sync_parent(parent),
            _ => Ok(()),
        }
    }

    /// Makes durable what an export that was found is called: who wrote it may have come no
    /// further than to give it its name.
    pub fn settle_name(&self) -> Result<()> {
        let synced = self.disk.sync_dir(&self.path);
        synced.with_context(|| format!("cannot sync {}", self.path.display()))?;
        self.settle()
    }

    /// Removes a file in it where it is there, durably. One that is not there may have gone before
    /// a sync that failed.
    pub fn remove(&self, path: &Path) -> Result<()> {
        let where_there = |done: std::io::Result<()>| match done {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done,
        };
        where_there(self.disk.remove_file(path))
            .and_then(|()| where_there(self.disk.sync_dir(&self.path)))
            .with_context(|| format!("cannot remove {}", path.display()))
    }

    /// Whether what lies in it is this archive's.
    pub fn is_own(&self) -> Result<bool> {
        let own = self.path.parent() == Some(&*self.catalog);
        let archive = self.archive.to_string();
        Ok(own || self.read(&self.path.join(MARKER))?.as_deref() == Some(&*archive))
    }

    /// An error where the folder was made before and has no marker now: its disk is away, and with
    /// it what lies there.
    pub fn is_there(&self) -> Result<()> {
        let made = self.catalog.join(MADE);
        ensure!(
            self.is_own()? || self.read(&made)?.as_deref() != Some(&*self.path.to_string_lossy()),
            "{} was made before, and {MARKER} is not in it: mount its disk; or, where it is to be \
             made anew, remove {}",
            self.path.display(),
            made.display()
        );
        Ok(())
    }

    fn ensure_own(&self, archive: &str) -> Result<()> {
        ensure!(
            archive == self.archive.to_string(),
            "it is the folder of archive {archive}: set another path under [exports]"
        );
        Ok(())
    }

    /// Whether there is such a folder.
    fn is_made(&self) -> Result<bool> {
        match self.disk.list(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            listed => listed.map(|_| true).with_context(|| self.path.display().to_string()),
        }
    }

    /// Only its last part is ever made: in those before it a disk may be missing.
    fn may_be_made(&self, parent: &Path) -> Result<()> {
        match self.disk.list(parent) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("{} is missing: mount its disk, or make it", parent.display())
            }
            Err(error) => Err(error).with_context(|| parent.display().to_string()),
            Ok(_) => Ok(()),
        }
    }

    fn sync_parent(&self, parent: &Path) -> Result<()> {
        let synced = self.disk.sync_dir(parent);
        synced.with_context(|| format!("cannot sync {}", parent.display()))
    }

    /// Notes that there is a marker.
    fn note_made(&self) -> Result<()> {
        let (made, folder) = (self.catalog.join(MADE), self.path.to_string_lossy());
        match self.read(&made)?.as_deref() == Some(&*folder) {
            true => Ok(()),
            false => self.write(made, &folder),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<String>> {
        match self.disk.read_all(path, BYTES_MAX) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Writes a small file under its name once it is durable.
    fn write(&self, path: PathBuf, text: &str) -> Result<()> {
        let disk = &self.disk;
        let new = path.with_extension("new");
        let write = || -> std::io::Result<()> {
            match disk.remove_file(&new) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let file = disk.create(&new)?;
            file.write_all_at(&[text.as_bytes(), b"\n"], 0)?;
            file.sync_data()?;
            disk.rename(&new, &path)?;
            disk.sync_dir(path.parent().unwrap_or(Path::new("/")))
        };
        write().with_context(|| path.display().to_string())
    }
}

fn is_denied(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use world::sim::{Effect, Fault, Operation, Random, SimDisk};

    use super::*;

    fn folder(disk: &SimDisk, archive: u8) -> Folder {
        let (path, catalog) = (PathBuf::from("/srv/private/exports"), PathBuf::from("/catalog"));
        let archive = ArchiveId::from_bytes([archive; 16]);
        Folder { disk: Arc::new(disk.clone()), path, catalog, archive }
    }

    /// A disk on which nobody may look into the folder's parent.
    fn disk(with_folder: bool) -> SimDisk {
        let disk = SimDisk::new();
        for path in ["/catalog", "/srv/private"] {
            disk.create_dir_all(Path::new(path)).unwrap();
        }
        if with_folder {
            disk.create_dir_all(Path::new("/srv/private/exports")).unwrap();
        }
        let denied = Effect::Fail(ErrorKind::PermissionDenied);
        // Of the folder itself, then of its parent; and of its parent, then of itself.
        disk.add_fault(Fault::new(Operation::List, denied).on("/srv/private").after(1));
        disk.add_fault(Fault::new(Operation::SyncDir, denied).on("/srv/private").times(1));
        disk
    }

    #[test]
    fn one_that_was_made_by_hand_is_taken_where_nobody_may_look_beside_it() {
        let disk = disk(true);
        folder(&disk, 1).make().unwrap();
        assert!(folder(&disk, 1).is_own().unwrap());
        let synced = disk.calls(Operation::SyncDir);
        folder(&disk, 1).make().unwrap();
        assert_eq!(disk.calls(Operation::SyncDir), synced, "what is durable is not synced again");
        // Where it would have to be made there it could not be durable.
        let error = folder(&self::disk(false), 1).make().unwrap_err();
        assert!(format!("{error:#}").contains("/srv/private"), "{error:#}");
    }

    #[test]
    fn what_is_gone_is_forgotten_only_once_that_is_durable() {
        let disk = SimDisk::new();
        let path = Path::new("/srv/private/exports/a.zip");
        disk.create_dir_all(Path::new("/srv/private")).unwrap();
        let folder = folder(&disk, 1);
        folder.remove(path).expect("there is no folder, and so no file");
        disk.create_dir_all(&folder.path).unwrap();
        for parent in ["/", "/srv", "/srv/private"] {
            disk.sync_dir(Path::new(parent)).unwrap();
        }
        disk.create(path).unwrap().sync_data().unwrap();
        disk.sync_dir(&folder.path).unwrap();
        let failing = Effect::Fail(ErrorKind::Other);
        disk.add_fault(Fault::new(Operation::SyncDir, failing).times(2));
        folder.remove(path).unwrap_err();
        // It has gone, and may come back yet.
        folder.remove(path).unwrap_err();
        folder.remove(path).unwrap();
        disk.power_cut(&mut Random::new(1));
        assert_eq!(disk.list(&folder.path).unwrap(), []);
    }

    #[test]
    fn that_of_another_archive_is_left_alone() {
        let disk = disk(true);
        folder(&disk, 1).make().unwrap();
        let other = folder(&disk, 2);
        let error = other.make().unwrap_err();
        let words = "set another path under [exports]";
        assert!(error.to_string().contains(words), "{error:#}");
        assert!(!other.is_own().unwrap());
    }
}
