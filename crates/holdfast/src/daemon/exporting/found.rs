//! Exports that were whole before the catalog knew: their end was not noted, or the catalog is one
//! that was restored.

use std::io::ErrorKind;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use base::ExportId;
use catalog::{ExportEnd, ExportRow};
use world::Clock;

use super::folder::Folder;
use super::pacing::Pacing;
use super::{Ended, ExportDesk, Exporting, file_in};

/// What came of looking at a file.
type Found = ControlFlow<Ended, Option<ExportEnd>>;

impl Exporting {
    /// What an export that waits or has failed came to, where its file is there under its name,
    /// whole and signed by this archive. Reads all of it, no faster than exports are written, until
    /// the server stops or somebody deletes it.
    pub(super) fn found(&self, row: &ExportRow) -> Result<Found> {
        let desk = &self.house.exports;
        let mut pace = Pace::new(desk, &*self.house.machine.clock, || self.is_removed(row.id));
        self.folder.whole(row.id, self.house.key.public_key(), &mut |bytes| pace.read(bytes))
    }
}

/// Reads at the pace of exports, for as long as anybody wants that.
struct Pace<'a, R> {
    desk: &'a ExportDesk,
    clock: &'a dyn Clock,
    is_removed: R,
    pacing: Pacing,
}

impl<'a, R: Fn() -> bool> Pace<'a, R> {
    fn new(desk: &'a ExportDesk, clock: &'a dyn Clock, is_removed: R) -> Self {
        Self { desk, clock, is_removed, pacing: Pacing::new(clock.mono()) }
    }

    /// So many bytes more are read; whether to go on. The catalog is asked after each stretch.
    fn read(&mut self, bytes: u64) -> ControlFlow<Ended> {
        let early = self.pacing.done(bytes, self.clock.mono());
        if let Some(early) = early {
            self.desk.pause(early);
            self.pacing.begin(self.clock.mono());
        }
        if self.desk.is_closed() {
            return ControlFlow::Break(Ended::Closed);
        }
        match early.is_some() && (self.is_removed)() {
            true => ControlFlow::Break(Ended::Removed),
            false => ControlFlow::Continue(()),
        }
    }
}

impl Folder {
    /// What an export came to whose file is whole and signed; its name is durable then.
    fn whole(
        &self,
        id: ExportId,
        key: [u8; 32],
        read: &mut dyn FnMut(u64) -> ControlFlow<Ended>,
    ) -> Result<Found> {
        let path = file_in(&self.path, id, "zip");
        let words = || path.display().to_string();
        let file = match self.disk.open(&path, false) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(ControlFlow::Continue(None));
            }
            opened => opened.with_context(words)?,
        };
        let verdict = match export::verify_until(&*file, &[key], read).with_context(words)? {
            ControlFlow::Continue(verdict) => verdict,
            ControlFlow::Break(ended) => return Ok(ControlFlow::Break(ended)),
        };
        let id = id.to_string();
        let manifest = verdict.signed_manifest().filter(|manifest| manifest.id == id);
        let is_whole = verdict.findings.is_empty() && manifest.is_some();
        let Some(manifest_hash) = verdict.manifest_hash.filter(|_| is_whole) else {
            return Ok(ControlFlow::Continue(None));
        };
        self.settle_name()?;
        let bytes = file.len().with_context(words)?;
        Ok(ControlFlow::Continue(Some(ExportEnd::Done { bytes, manifest_hash })))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;
    use std::sync::Arc;

    use base::{ArchiveId, WallTime};
    use world::Disk;
    use world::sim::{Effect, Fault, Operation, Random, SimClock, SimDisk};

    use super::*;

    const WHOLE: &[u8] = include_bytes!("../../../../export/tests/formats/1.zip");

    /// A disk that lies there with an export whose name is not durable; the export, and its key.
    fn renamed() -> (SimDisk, Folder, ExportId, [u8; 32]) {
        let (disk, path) = (SimDisk::new(), Path::new("/catalog/exports"));
        disk.create_dir_all(path).unwrap();
        for parent in ["/", "/catalog"] {
            disk.sync_dir(Path::new(parent)).unwrap();
        }
        let file = disk.create(&path.join("part")).unwrap();
        file.write_all_at(&[WHOLE], 0).unwrap();
        file.sync_data().unwrap();
        let verdict = export::verify(&*file, &[], &mut |_| {}).unwrap();
        let id = verdict.manifest.unwrap().id.parse().unwrap();
        disk.rename(&path.join("part"), &file_in(path, id, "zip")).unwrap();
        let catalog = "/catalog".into();
        let archive = ArchiveId::from_bytes([1; 16]);
        let folder =
            Folder { disk: Arc::new(disk.clone()), path: path.to_owned(), catalog, archive };
        (disk, folder, id, verdict.key.unwrap())
    }

    /// What was found, by one whom nothing stops.
    fn whole(folder: &Folder, id: ExportId, key: [u8; 32]) -> Result<Option<ExportEnd>> {
        match folder.whole(id, key, &mut |_| ControlFlow::Continue(()))? {
            ControlFlow::Continue(end) => Ok(end),
            ControlFlow::Break(_) => unreachable!("nothing stops it"),
        }
    }

    #[test]
    fn it_is_read_at_a_pace_until_the_server_stops_or_it_is_deleted() {
        let (desk, clock) = (ExportDesk::new("/".into()), SimClock::new(WallTime::EPOCH));
        let removed = std::cell::Cell::new(false);
        let mut pace = Pace::new(&desk, &clock, || removed.get());
        let stretch = 4 << 20;
        let began = std::time::Instant::now();
        assert!(pace.read(stretch).is_continue());
        assert!(began.elapsed().as_millis() > 90, "at 40 MB a second: {:?}", began.elapsed());
        removed.set(true);
        assert!(pace.read(stretch / 2).is_continue(), "the catalog is not asked for each slice");
        assert!(matches!(pace.read(stretch / 2), ControlFlow::Break(Ended::Removed)));
        removed.set(false);
        desk.close();
        assert!(matches!(pace.read(1), ControlFlow::Break(Ended::Closed)));
        // And so the file is neither said to be whole nor not to be.
        let (_disk, folder, id, key) = renamed();
        let found = folder.whole(id, key, &mut |bytes| pace.read(bytes)).unwrap();
        assert!(matches!(found, ControlFlow::Break(Ended::Closed)));
    }

    #[test]
    fn one_that_is_done_outlives_the_power() {
        for seed in 0..20 {
            let (disk, folder, id, key) = renamed();
            let end = whole(&folder, id, key).unwrap();
            assert!(
                matches!(end, Some(ExportEnd::Done { bytes, .. }) if bytes == WHOLE.len() as u64)
            );
            disk.power_cut(&mut Random::new(seed));
            let end = whole(&folder, id, key).unwrap();
            assert!(end.is_some(), "it was gone after the power was");
        }
    }

    #[test]
    fn one_whose_name_cannot_be_made_durable_is_not_done() {
        for path in ["/catalog/exports", "/catalog"] {
            let (disk, folder, id, key) = renamed();
            let failing = Effect::Fail(ErrorKind::Other);
            disk.add_fault(Fault::new(Operation::SyncDir, failing).on(path).times(1));
            whole(&folder, id, key).unwrap_err();
            assert!(whole(&folder, id, key).unwrap().is_some());
        }
    }
}
