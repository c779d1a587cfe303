//! Which folders are known to be durable.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use world::Disk;

/// Beyond this many, all are forgotten and synced once more.
const DURABLE_FOLDERS_MAX: usize = 4096;

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

    pub(super) fn forget(&self, folder: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
    }
}
