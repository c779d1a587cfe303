//! What an export waits for before it is planned: after a start, footage that was cut off is not
//! read yet, and volumes are not open yet, or their disks are mounted later than we start.

use std::time::Duration;

use anyhow::Result;
use base::limits::AUDIO_SKEW_MAX;
use catalog::{ExportRow, Settled, UnreadSegment};

use super::{Ended, Exporting};

/// How soon it is looked again; then after twice that, and so on.
const LOOK_SOON: Duration = Duration::from_secs(1);
/// How late at the latest.
const LOOK_AT_LATEST: Duration = Duration::from_secs(16);
/// After so long it is not waited for any more: others wait behind it.
const AWAIT_MAX: Duration = Duration::from_secs(600);

/// What is not there yet, in words.
enum Lacking {
    /// It is being read.
    Reading(String),
    /// Its disk is not there: after a start it may come.
    Disk(String),
}

impl Exporting {
    /// Waits until all of the footage can be read, for without some of it the export would not be
    /// what was asked for. An error where that takes too long.
    pub(super) fn wait_until_there(&self, row: &ExportRow) -> Result<Option<Ended>> {
        let clock = &self.house.machine.clock;
        let (began, mut pause) = (clock.mono(), LOOK_SOON);
        while let Some(lacking) = self.lacking(row)? {
            let (since, words) = match lacking {
                Lacking::Reading(words) => (began, words),
                // While it runs a disk that is missing is told at once: who asks is there.
                Lacking::Disk(words) => (self.started, words),
            };
            anyhow::ensure!(clock.mono().since(since) < AWAIT_MAX, "{words}");
            self.house.exports.pause(pause);
            pause = (pause * 2).min(LOOK_AT_LATEST);
            if self.house.exports.is_closed() {
                return Ok(Some(Ended::Closed));
            }
            if self.house.exports.take_changed() && self.is_removed(row.id) {
                return Ok(Some(Ended::Removed));
            }
        }
        Ok(None)
    }

    fn lacking(&self, row: &ExportRow) -> Result<Option<Lacking>> {
        for stream in &row.streams {
            match self.house.catalog.settled(stream.stream, row.from, row.to)? {
                Settled::Until(_) => {}
                Settled::NotYet => {
                    let words = "what was recorded before the start is still not read: ask again \
                                 later";
                    return Ok(Some(Lacking::Reading(words.to_owned())));
                }
                Settled::Away(UnreadSegment { id, volume, .. }) => {
                    let words =
                        format!("cannot read segment {id}: volume {volume} is missing: mount it");
                    return Ok(Some(Lacking::Disk(words)));
                }
            }
        }
        self.closed_volume(row)
    }

    /// A volume that is not open and has some of the footage.
    fn closed_volume(&self, row: &ExportRow) -> Result<Option<Lacking>> {
        let house = &self.house;
        let volumes = house.catalog.volumes()?;
        if volumes.iter().all(|volume| house.open.get(volume.id).is_some()) {
            return Ok(None);
        }
        let skew = i64::try_from(AUDIO_SKEW_MAX.as_micros()).unwrap_or(i64::MAX);
        let (from, to) = (row.from.plus_micros(-skew), row.to.plus_micros(skew));
        for stream in &row.streams {
            let rows = house.catalog.segments(stream.stream, from, to)?;
            if let Some(row) = rows.iter().find(|row| house.open.get(row.volume).is_none()) {
                let name = volumes.iter().find(|volume| volume.id == row.volume);
                let name = name.map_or("", |volume| volume.name.as_str());
                let words = format!("cannot read footage: volume {name:?} is missing: mount it");
                return Ok(Some(Lacking::Disk(words)));
            }
        }
        Ok(None)
    }
}
