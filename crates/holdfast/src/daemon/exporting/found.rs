//! Exports that were whole before the catalog knew: their end was not noted, or the catalog is one
//! that was restored.

use std::io::ErrorKind;

use anyhow::{Context, Result};
use catalog::{ExportEnd, ExportRow};

use super::{Exporting, STRETCH_BYTES, file_in, time_of};

impl Exporting {
    /// What an export that waits came to, where its file is there under its name, whole and signed
    /// by this archive. Reads all of it, no faster than exports are written.
    pub(super) fn found(&self, row: &ExportRow) -> Result<Option<ExportEnd>> {
        let path = file_in(self.folder.clone(), row.id, "zip");
        let words = || path.display().to_string();
        let file = match self.house.machine.disk.open(&path, false) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.with_context(words)?,
        };
        let clock = &self.house.machine.clock;
        let (mut began, mut read) = (clock.mono(), 0);
        let mut pace = |bytes: u64| {
            read += bytes;
            if read >= STRETCH_BYTES {
                let due = time_of(read);
                self.house.exports.pause(due.saturating_sub(clock.mono().since(began)));
                (began, read) = (clock.mono(), 0);
            }
        };
        let verdict = export::verify(&*file, &[self.house.key.public_key()], &mut pace);
        let verdict = verdict.with_context(words)?;
        let id = row.id.to_string();
        let manifest = verdict.signed_manifest().filter(|manifest| manifest.id == id);
        let is_whole = verdict.findings.is_empty() && manifest.is_some();
        let bytes = file.len().with_context(words)?;
        let done = |manifest_hash| ExportEnd::Done { bytes, manifest_hash };
        Ok(verdict.manifest_hash.filter(|_| is_whole).map(done))
    }
}
