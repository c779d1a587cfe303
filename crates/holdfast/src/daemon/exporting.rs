//! The thread that writes exports, one after the other and slowly enough that nobody notices; and
//! the desk where it hears that there is something to do.

mod awaiting;
mod desk;
mod folder;
mod found;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use base::{ExportId, MonoTime, WallTime, limits};
use catalog::{Change, ExportEnd, ExportRow, ExportState};
use export::{Exporter, Plan, Request, StoredFile};
use playback::Source;

pub use desk::ExportDesk;

use super::house::House;
use super::serving::footage;
use crate::software;

/// What could not be done is tried again after so long.
const AGAIN: Duration = Duration::from_secs(60);
/// After so many bytes it is looked whether the disk still has room for others.
const LOOK_BYTES: u64 = 16 << 20;
/// Bytes written between two pauses.
const STRETCH_BYTES: u64 = 4 << 20;

/// Starts the thread; it ends when the desk is closed.
pub fn start(house: &Arc<House>) -> std::io::Result<()> {
    let house = house.clone();
    std::thread::Builder::new().name("export".to_owned()).spawn(move || {
        let mut exporting = Exporting {
            source: Arc::new(footage(&house)),
            folder: house.exports.folder.clone(),
            catalog: house.catalog_folder(),
            started: house.machine.mono(),
            unnoted: None,
            house,
        };
        if let Err(error) = exporting.tidy_up() {
            tracing::error!("exports: {error:#}");
        }
        let mut again = None;
        while exporting.house.exports.wait(again) {
            again = match exporting.work() {
                Ok(()) => None,
                Err(error) => {
                    tracing::error!("exports: {error:#}");
                    Some(AGAIN)
                }
            };
        }
    })?;
    Ok(())
}

/// Opens the file of an export that is done.
pub fn open(house: &House, id: ExportId) -> std::io::Result<StoredFile> {
    StoredFile::open(&*house.machine.disk, file_in(house.exports.folder.clone(), id, "zip"))
}

/// How long so many bytes take at the least.
fn time_of(bytes: u64) -> Duration {
    Duration::from_micros(bytes.saturating_mul(1_000_000) / limits::EXPORT_BYTES_PER_SECOND)
}

fn file_in(folder: PathBuf, id: ExportId, ending: &str) -> PathBuf {
    folder.join(format!("{id}.{ending}"))
}

struct Exporting {
    house: Arc<House>,
    source: Arc<dyn Source>,
    folder: PathBuf,
    /// Where the catalog lies.
    catalog: PathBuf,
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
    /// Removes what an earlier process had begun: nobody takes a part of an export for one.
    fn tidy_up(&self) -> Result<()> {
        if !self.is_own_folder()? {
            return Ok(());
        }
        let disk = &self.house.machine.disk;
        let found = match disk.list(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            found => found.with_context(|| self.folder.display().to_string())?,
        };
        for entry in found {
            let part = entry.name.strip_suffix(".part").map(str::parse::<ExportId>);
            let zip = entry.name.strip_suffix(".zip").and_then(|id| id.parse().ok());
            // What is not called as ours is not ours.
            let goes = match zip {
                Some(id) => self.came_to_nothing(id)?,
                None => part.is_some_and(|id| id.is_ok()),
            };
            if goes {
                let path = self.folder.join(&entry.name);
                disk.remove_file(&path).with_context(|| path.display().to_string())?;
                disk.sync_dir(&self.folder).with_context(|| path.display().to_string())?;
            }
        }
        Ok(())
    }

    /// Whether an export has failed, and what has its name is not whole either.
    fn came_to_nothing(&self, id: ExportId) -> Result<bool> {
        let row = self.house.catalog.export(id)?;
        let Some(row) = row.filter(|row| row.state == ExportState::Failed) else {
            return Ok(false);
        };
        Ok(self.found(&row)?.is_none())
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

    /// One that came to nothing leaves no part of a file; where it does, its words say so.
    fn without_part(&self, id: ExportId, end: ExportEnd) -> ExportEnd {
        let ExportEnd::Failed { words } = end else { return end };
        match self.remove(id, "part") {
            Ok(()) => ExportEnd::Failed { words },
            Err(error) => ExportEnd::Failed { words: format!("{words}; and {error:#}") },
        }
    }

    /// Removes the files of exports that were deleted, and forgets those. Tries all of them; the
    /// last error.
    fn remove_files(&self) -> Result<()> {
        let mut tried = Ok(());
        for id in self.house.catalog.removed_exports()? {
            let gone = self.remove(id, "part").and_then(|()| self.remove(id, "zip"));
            match gone {
                Ok(()) => self.house.rows.apply(vec![Change::ForgetExport(id)])?,
                Err(error) => tried = Err(error),
            }
        }
        tried
    }

    /// Removes a file where it is there, durably.
    fn remove(&self, id: ExportId, ending: &str) -> Result<()> {
        let (disk, path) = (&self.house.machine.disk, file_in(self.folder.clone(), id, ending));
        let removed = disk.remove_file(&path).and_then(|()| disk.sync_dir(&self.folder));
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    fn carry_out(&self, row: &ExportRow) -> Ended {
        let failed = |words: String| Ended::Over(ExportEnd::Failed { words });
        match self.found(row) {
            Ok(Some(end)) => return Ended::Over(end),
            Ok(None) => {}
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
        let (mut began, mut paused_at, mut looked_at) = (clock.mono(), 0, 0);
        loop {
            match exporter.step() {
                Ok(None) => {}
                Ok(Some(written)) => {
                    if let Err(error) = self.sync_folder() {
                        let left = self.remove(row.id, "zip").err();
                        let left = left.map_or_else(String::new, |left| format!("; and {left:#}"));
                        return failed(format!("{error:#}{left}"));
                    }
                    let export::Written { bytes, manifest_hash } = written;
                    return Ended::Over(ExportEnd::Done { bytes, manifest_hash });
                }
                Err(error) => {
                    exporter.give_up();
                    return failed(error.to_string());
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
            if written - paused_at >= STRETCH_BYTES {
                // Each stretch for itself: after a slow one the next is no faster.
                let due = time_of(written - paused_at);
                self.house.exports.pause(due.saturating_sub(clock.mono().since(began)));
                (began, paused_at) = (clock.mono(), written);
            }
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
        let words = || format!("cannot use the folder for exports {}", self.folder.display());
        self.make_folder().with_context(words)?;
        self.room(plan.len())?;
        self.within_quota(row, plan.len())?;
        let name = |ending| file_in(self.folder.clone(), row.id, ending);
        Ok(Exporter::begin(disk, (name("part"), name("zip")), plan, house.key.clone())?)
    }

    /// An error where the disk has not so much room, beside what it needs for others: there may be
    /// the catalog on it.
    fn room(&self, bytes: u64) -> Result<()> {
        let space = self.house.machine.disk.space(&self.folder);
        let free = space.with_context(|| self.folder.display().to_string())?.available;
        let needed = bytes.saturating_add(limits::EXPORT_ROOM_LEFT);
        anyhow::ensure!(
            free >= needed,
            "the disk of {} has {free} bytes free, and {needed} are needed, of which others keep \
             {}: free space there, delete exports, or set path under [exports] to another disk",
            self.folder.display(),
            limits::EXPORT_ROOM_LEFT
        );
        Ok(())
    }

    /// An error where it has become longer than it was when it was asked for, and all of them
    /// together longer than they may be.
    fn within_quota(&self, row: &ExportRow, bytes: u64) -> Result<()> {
        let (taken, most) = (self.house.catalog.export_bytes()?, self.house.export_bytes_max());
        let all = taken.saturating_sub(row.bytes).saturating_add(bytes);
        anyhow::ensure!(
            bytes <= row.bytes || all <= most,
            "this export takes {bytes} bytes by now, and exports would take {all} of {most} bytes: \
             delete some, or set max_bytes under [exports] higher"
        );
        Ok(())
    }

    /// Whether somebody has deleted it; a catalog that gives no answer has other troubles.
    fn is_removed(&self, id: ExportId) -> bool {
        self.house.catalog.export(id).is_ok_and(|row| row.is_none())
    }
}
