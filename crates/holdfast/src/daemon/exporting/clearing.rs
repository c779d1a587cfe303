//! Files of exports that go: of those that were deleted, that came to nothing, or that an earlier
//! process had begun.

use std::io::ErrorKind;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use base::ExportId;
use catalog::{Change, ExportEnd, ExportState};

use super::{Ended, Exporting};

impl Exporting {
    /// Removes what an earlier process had begun: nobody takes a part of an export for one. Tries
    /// all of it; the last error.
    pub(super) fn tidy_up(&self) -> Result<()> {
        if !self.folder.is_own()? {
            return Ok(());
        }
        let found = match self.house.machine.disk.list(&self.folder.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            found => found.with_context(|| self.folder.path.display().to_string())?,
        };
        let mut tried = Ok(());
        for entry in found {
            // What is not called as ours is not ours.
            let named = entry.name.rsplit_once('.');
            let tidied = match named.and_then(|(id, ending)| Some((id.parse().ok()?, ending))) {
                Some((id, "part")) => self.remove(id, "part"),
                Some((id, "zip")) => self.settle_failed(id),
                _ => Ok(()),
            };
            tried = tidied.and(tried);
        }
        tried
    }

    /// An export that has failed and has a file under its name all the same: where that is whole
    /// the export is done, which is found once; otherwise the file goes.
    fn settle_failed(&self, id: ExportId) -> Result<()> {
        let row = self.house.catalog.export(id)?;
        let Some(row) = row.filter(|row| row.state == ExportState::Failed) else { return Ok(()) };
        match self.found(&row)? {
            // The next start looks again; what was deleted goes with all that were.
            ControlFlow::Break(_) => Ok(()),
            ControlFlow::Continue(None) => self.remove(id, "zip"),
            ControlFlow::Continue(Some(end)) => {
                let at = self.house.machine.wall();
                let ended = Change::EndExport { id, at, end };
                Ok(self.house.rows.apply(vec![ended])?)
            }
        }
    }

    /// One that failed when it may have had its name already, before a sync failed.
    pub(super) fn without_file(&self, id: ExportId, words: String) -> Ended {
        let left = self.remove(id, "zip").err();
        let left = left.map_or_else(String::new, |left| format!("; and {left:#}"));
        Ended::Over(ExportEnd::Failed { words: words + &left })
    }

    /// One that came to nothing leaves no part of a file; where it does, its words say so.
    pub(super) fn without_part(&self, id: ExportId, end: ExportEnd) -> ExportEnd {
        let ExportEnd::Failed { words } = end else { return end };
        match self.remove(id, "part") {
            Ok(()) => ExportEnd::Failed { words },
            Err(error) => ExportEnd::Failed { words: format!("{words}; and {error:#}") },
        }
    }

    /// Removes the files of exports that were deleted, and forgets those. Where the disk of their
    /// folder is away they are not forgotten. Tries all of them; the last error.
    pub(super) fn remove_files(&self) -> Result<()> {
        let mut tried = Ok(());
        for id in self.house.catalog.removed_exports()? {
            let gone = self.folder.is_there().and_then(|()| self.remove(id, "part"));
            match gone.and_then(|()| self.remove(id, "zip")) {
                Ok(()) => self.house.rows.apply(vec![Change::ForgetExport(id)])?,
                Err(error) => tried = Err(error.context("a deleted export still has its file")),
            }
        }
        tried
    }

    /// Removes a file where it is there, durably.
    pub(super) fn remove(&self, id: ExportId, ending: &str) -> Result<()> {
        self.folder.remove(&self.file(id, ending))
    }
}
