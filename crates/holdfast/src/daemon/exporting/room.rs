//! Whether there is room for an export: on its disk, beside what others need there, and among all
//! exports.

use anyhow::{Context, Result};
use base::limits;
use catalog::ExportRow;

use super::Exporting;

impl Exporting {
    /// An error where the disk has not so much room, beside what it needs for others: there may be
    /// the catalog on it.
    pub(super) fn room(&self, bytes: u64) -> Result<()> {
        let space = self.house.machine.disk.space(&self.folder.path);
        let free = space.with_context(|| self.folder.path.display().to_string())?.available;
        let needed = bytes.saturating_add(limits::EXPORT_ROOM_LEFT);
        anyhow::ensure!(
            free >= needed,
            "the disk of {} has {free} bytes free, and {needed} are needed, of which others keep \
             {}: free space there, delete exports, or set path under [exports] to another disk",
            self.folder.path.display(),
            limits::EXPORT_ROOM_LEFT
        );
        Ok(())
    }

    /// An error where it has become longer than it was when it was asked for, and all of them
    /// together longer than they may be.
    pub(super) fn within_quota(&self, row: &ExportRow, bytes: u64) -> Result<()> {
        let (taken, most) = (self.house.catalog.export_bytes()?, self.house.export_bytes_max());
        let all = taken.saturating_sub(row.bytes).saturating_add(bytes);
        anyhow::ensure!(
            bytes <= row.bytes || all <= most,
            "this export takes {bytes} bytes by now, and exports would take {all} of {most} bytes: \
             delete some, or set max_bytes under [exports] higher"
        );
        Ok(())
    }
}
