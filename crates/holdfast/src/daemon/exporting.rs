//! The thread that writes exports, one after the other and slowly enough that nobody notices; and
//! the desk where it hears that there is something to do.

mod awaiting;
mod clearing;
mod desk;
mod folder;
mod found;
mod pacing;
mod room;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use base::{ExportId, MonoTime, WallTime};
use catalog::{Change, ExportEnd, ExportRow};
use export::{Exporter, Plan, Request, StoredFile};
use playback::Source;

pub use desk::ExportDesk;
use folder::Folder;
use pacing::Pacing;

use super::house::House;
use super::serving::footage;
use crate::software;

/// What could not be done is tried again after so long.
const AGAIN: Duration = Duration::from_secs(60);
/// After so many bytes it is looked whether the disk still has room for others.
const LOOK_BYTES: u64 = 16 << 20;

/// Starts the thread; it ends when the desk is closed.
pub fn start(house: &Arc<House>) -> std::io::Result<()> {
    let house = house.clone();
    std::thread::Builder::new().name("export".to_owned()).spawn(move || {
        let mut exporting = Exporting {
            source: Arc::new(footage(&house).patient()),
            folder: Folder {
                disk: house.machine.disk.clone(),
                path: house.exports.folder.clone(),
                catalog: house.catalog_folder(),
                archive: house.catalog.archive(),
            },
            started: house.machine.mono(),
            unnoted: None,
            house,
        };
        if let Err(error) = exporting.tidy_up() {
            tracing::error!("exports: {error:#}");
        }
        let (mut again, mut said) = (None, String::new());
        while exporting.house.exports.wait(again) {
            let Err(error) = exporting.work() else {
                (again, said) = (None, String::new());
                continue;
            };
            let words = format!("{error:#}");
            // A disk that stays away is told once.
            if words != said {
                tracing::error!("exports: {words}");
            }
            (again, said) = (Some(AGAIN), words);
        }
    })?;
    Ok(())
}

/// Opens the file of an export that is done.
pub fn open(house: &House, id: ExportId) -> std::io::Result<StoredFile> {
    StoredFile::open(&*house.machine.disk, file_in(&house.exports.folder, id, "zip"))
}

fn file_in(folder: &Path, id: ExportId, ending: &str) -> PathBuf {
    folder.join(format!("{id}.{ending}"))
}

struct Exporting {
    house: Arc<House>,
    source: Arc<dyn Source>,
    folder: Folder,
    /// When this process began with exports.
    started: MonoTime,
    /// What came of one, and when, which the catalog did not take yet.
    unnoted: Option<(ExportId, WallTime, ExportEnd)>,
}

/// What one turn at an export came to.
enum Ended {
    Over(ExportEnd),
    /// Nobody wants it any more.
    Removed,
    /// The server stops; the next start begins it anew.
    Closed,
}

impl Exporting {
    fn file(&self, id: ExportId, ending: &str) -> PathBuf {
        file_in(&self.folder.path, id, ending)
    }

    /// Does all that there is to do.
    fn work(&mut self) -> Result<()> {
        loop {
            self.note()?;
            // One that cannot be removed keeps no other from being written.
            let removed = self.remove_files();
            let Some(row) = self.house.catalog.waiting_export()? else { return removed };
            if self.house.exports.is_closed() {
                return Ok(());
            }
            self.house.exports.begin(row.id);
            // Whatever is wrong in here, what is recorded is not to end with it.
            let ended = catch_unwind(AssertUnwindSafe(|| self.carry_out(&row)));
            self.house.exports.end();
            let end = match ended {
                Ok(Ended::Over(end)) => end,
                Ok(Ended::Removed) => continue,
                Ok(Ended::Closed) => return Ok(()),
                Err(_) => ExportEnd::Failed { words: "a bug: see the log".to_owned() },
            };
            let end = self.without_part(row.id, end);
            match &end {
                ExportEnd::Done { bytes, .. } => {
                    tracing::info!(export = %row.id, bytes, "exported")
                }
                ExportEnd::Failed { words } => tracing::warn!(export = %row.id, "failed: {words}"),
            }
            self.unnoted = Some((row.id, self.house.machine.wall(), end));
        }
    }

    /// Notes what came of the last one. Until the catalog takes that, none is begun: the same one
    /// would be written once more, and again.
    fn note(&mut self) -> Result<()> {
        if let Some((id, at, end)) = self.unnoted.clone() {
            let ended = Change::EndExport { id, at, end };
            self.house.rows.apply(vec![ended]).context("what came of an export is not noted")?;
            self.unnoted = None;
        }
        Ok(())
    }

    fn carry_out(&self, row: &ExportRow) -> Ended {
        let failed = |words: String| Ended::Over(ExportEnd::Failed { words });
        match self.found(row) {
            Ok(ControlFlow::Break(ended)) => return ended,
            Ok(ControlFlow::Continue(Some(end))) => return Ended::Over(end),
            Ok(ControlFlow::Continue(None)) => {}
            Err(error) => return failed(format!("{error:#}")),
        }
        match self.wait_until_there(row) {
            Ok(None) => {}
            Ok(Some(ended)) => return ended,
            Err(error) => return failed(format!("{error:#}")),
        }
        let mut exporter = match self.begin(row) {
            Ok(exporter) => exporter,
            Err(error) => return failed(format!("{error:#}")),
        };
        let clock = &self.house.machine.clock;
        let (mut pacing, mut before, mut looked_at) = (Pacing::new(clock.mono()), 0, 0);
        loop {
            match exporter.step() {
                Ok(None) => {}
                Ok(Some(export::Written { bytes, manifest_hash })) => {
                    if let Err(error) = self.folder.settle() {
                        return self.without_file(row.id, format!("{error:#}"));
                    }
                    return Ended::Over(ExportEnd::Done { bytes, manifest_hash });
                }
                Err(error) => {
                    exporter.give_up();
                    return self.without_file(row.id, error.to_string());
                }
            }
            let written = exporter.progress().written;
            self.house.exports.wrote(written);
            let stopped = if self.house.exports.is_closed() {
                Some(Ended::Closed)
            } else if self.house.exports.take_changed() && self.is_removed(row.id) {
                Some(Ended::Removed)
            } else if written - looked_at >= LOOK_BYTES {
                looked_at = written;
                self.room(0).err().map(|error| failed(error.to_string()))
            } else {
                None
            };
            if let Some(stopped) = stopped {
                exporter.give_up();
                return stopped;
            }
            if let Some(early) = pacing.done(written - before, clock.mono()) {
                self.house.exports.pause(early);
                pacing.begin(clock.mono());
            }
            before = written;
        }
    }

    fn begin(&self, row: &ExportRow) -> Result<Exporter> {
        let house = &self.house;
        let request = Request::of(
            row,
            house.machine.wall(),
            (house.catalog.archive(), house.key.public_key()),
            (software(), house.catalog.time_zone()),
        );
        let plan = Plan::new(self.source.clone(), request)?;
        let disk = house.machine.disk.clone();
        let words = || format!("cannot use the folder for exports {}", self.folder.path.display());
        self.folder.make().with_context(words)?;
        self.room(plan.len())?;
        self.within_quota(row, plan.len())?;
        let name = |ending| self.file(row.id, ending);
        Ok(Exporter::begin(disk, (name("part"), name("zip")), plan, house.key.clone())?)
    }

    /// Whether somebody has deleted it; a catalog that gives no answer has other troubles.
    fn is_removed(&self, id: ExportId) -> bool {
        self.house.catalog.export(id).is_ok_and(|row| row.is_none())
    }
}
