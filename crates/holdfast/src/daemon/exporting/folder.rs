//! The folder that exports lie in. Where the configuration names one it may be on a disk that is
//! not mounted: then nothing is written where that is to be, but told.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::Exporting;

/// Lies in a folder that was made for exports, and holds the archive's id.
const MARKER: &str = "holdfast-exports";
/// Lies beside the catalog and holds the path of the folder that has a marker.
const MADE: &str = "exports-folder";
/// More than either of them has.
const BYTES_MAX: u64 = 8192;

impl Exporting {
    /// Makes it where it is missing, durably. An error where it was there before and is not now.
    pub(super) fn make_folder(&self) -> Result<()> {
        let disk = &self.house.machine.disk;
        let catalog = self.catalog.clone();
        let parent = self.folder.parent().unwrap_or(Path::new("/"));
        let own = parent == catalog;
        if !own && self.read(&self.folder.join(MARKER))?.is_none() {
            self.may_be_made(&catalog, parent)?;
        }
        disk.create_dir_all(&self.folder)?;
        if own {
            return Ok(());
        }
        // Before it is noted that there is one.
        self.sync_folder()?;
        self.mark(&catalog)
    }

    /// Whether what lies in it is this archive's.
    pub(super) fn is_own_folder(&self) -> Result<bool> {
        let own = self.folder.parent() == Some(&*self.catalog);
        let archive = self.house.catalog.archive().to_string();
        Ok(own || self.read(&self.folder.join(MARKER))?.as_deref() == Some(&*archive))
    }

    /// Else a power cut could take the folder, and with it what is durable in there.
    pub(super) fn sync_folder(&self) -> Result<()> {
        let parent = self.folder.parent().unwrap_or(Path::new("/"));
        let synced = self.house.machine.disk.sync_dir(parent);
        synced.with_context(|| format!("cannot sync {}", parent.display()))
    }

    /// Only its last part is ever made: in those before it a disk may be missing.
    fn may_be_made(&self, catalog: &Path, parent: &Path) -> Result<()> {
        let made = self.read(&catalog.join(MADE))?;
        if made.as_deref() == Some(self.folder.to_string_lossy().as_ref()) {
            bail!(
                "it was made before, and {MARKER} is not in it: mount its disk; or, where it is to \
                 be made anew, remove {}",
                catalog.join(MADE).display()
            );
        }
        match self.house.machine.disk.list(parent) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("{} is missing: mount its disk, or make it", parent.display())
            }
            Err(error) => Err(error).with_context(|| parent.display().to_string()),
            Ok(_) => Ok(()),
        }
    }

    /// Leaves the marker, and then the note that there is one.
    fn mark(&self, catalog: &Path) -> Result<()> {
        let archive = self.house.catalog.archive().to_string();
        match self.read(&self.folder.join(MARKER))? {
            None => self.write(self.folder.join(MARKER), &archive)?,
            Some(other) => ensure!(
                other == archive,
                "it is the folder of archive {other}: set another path under [exports]"
            ),
        }
        let (made, folder) = (catalog.join(MADE), self.folder.to_string_lossy());
        match self.read(&made)?.as_deref() == Some(&*folder) {
            true => Ok(()),
            false => self.write(made, &folder),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<String>> {
        match self.house.machine.disk.read_all(path, BYTES_MAX) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Writes a small file under its name once it is durable.
    fn write(&self, path: PathBuf, text: &str) -> Result<()> {
        let disk = &self.house.machine.disk;
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
