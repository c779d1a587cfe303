//! What a person does after something went wrong with disk or catalog: a repair, a rebuild.

use std::sync::Arc;

use archive::{Expect, OpenVolumeError, RemovalReason, RemovedSpan, Volume};
use base::WallTime;
use catalog::{Catalog, Change, SegmentRow};
use media::Predecessor;
use recorder::{Finding, Rebuilt, Repaired, Repairer, Suspect, rebuild};

use world::Clock;

use crate::rows::{root, rows};
use crate::scene::World;

impl World {
    /// Repairs what a check as of `now` finds on the first volume; what was done about each.
    pub fn repair(&mut self, now: WallTime) -> Result<Vec<(Finding, Repaired)>, String> {
        let found = self.check(now)?.findings;
        let mut done = Vec::with_capacity(found.len());
        for finding in found {
            let repaired = self.repair_one(&Suspect::from(&finding), now)?;
            self.say(format!("{}: {}: {repaired}", finding.file, finding.damage));
            done.push((finding, repaired));
        }
        Ok(done)
    }

    fn repair_one(&mut self, suspect: &Suspect, now: WallTime) -> Result<Repaired, String> {
        let key = self.key.clone();
        let machine = self.machine.as_mut().ok_or("nothing runs that could be repaired")?;
        let (volume, catalog) = (machine.volume(), machine.catalog.clone());
        let all = machine.volumes();
        let (writer, claims) = (&mut machine.writer, &machine.claims);
        let mut repairer = Repairer {
            volume: &volume,
            all: &all,
            catalog: &catalog,
            key: Some(&key),
            now,
            apply: &mut |changes| writer.apply(&changes),
            settle: &|job| claims.settle(job),
        };
        repairer.repair(suspect).map_err(|error| error.to_string())
    }

    /// Says on volume number `number`, signed, that the segment of `row` was removed there.
    pub fn note_removed(&mut self, number: usize, row: &SegmentRow) {
        let machine = self.machine.as_ref().expect("something runs");
        let at_work = machine.places[number].at_work.as_ref().expect("the volume is open");
        let commit = row.last_commit.expect("what is sealed has a commit");
        let span = RemovedSpan {
            after: row.predecessor,
            first: row.id,
            last: Predecessor { segment: row.id, commit },
            from: row.start,
            to: row.end,
            segments: 1,
            removed: self.clock.wall(),
            reasons: vec![RemovalReason::Retention],
            joined: false,
        };
        let names = (&*row.camera_slug, &*row.stream_name);
        let noted = at_work.volume.note_removed(names, row.stream, vec![span], Some(&self.key));
        noted.expect("the disk takes a note");
        self.say(format!("noted on volume {number}: {} is removed", row.id));
    }

    /// The next start finds a catalog that was rebuilt from the files of all volumes that are
    /// there, and then told of the cameras by their configuration; nothing may run.
    pub fn rebuild_catalog(&mut self) -> Result<Rebuilt, String> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        let (catalog, mut writer) = Catalog::memory(&self.options).map_err(|e| words(&e))?;
        let known = rows(&self.volumes, &self.cameras);
        let is_volume = |change: &&Change| matches!(change, Change::PutVolume(_));
        let volumes: Vec<Change> = known.iter().filter(is_volume).cloned().collect();
        writer.apply(&volumes).map_err(|e| words(&e))?;
        let mut all = Rebuilt::default();
        for (disk, identity) in self.disks.iter().zip(&self.volumes) {
            let expect = Expect { volume: Some(identity.volume), archive: identity.archive };
            let volume = Volume::open(Arc::new(disk.clone()), &root(), expect, "rebuild");
            let volume = match volume {
                Err(OpenVolumeError::Missing { .. }) => continue,
                volume => volume.map_err(|e| words(&e))?,
            };
            let mut apply = |changes: Vec<Change>| writer.apply(&changes);
            let done =
                rebuild(&volume, &catalog, &mut apply, &mut |_| {}).map_err(|e| words(&e))?;
            all.segments += done.segments;
            all.bytes += done.bytes;
            all.unfinished += done.unfinished;
            all.left.extend(done.left);
        }
        writer.apply(&known).map_err(|e| words(&e))?;
        let saved = writer.save().map_err(|e| words(&e))?;
        self.put_catalog(saved);
        self.say(format!("rebuilt: {} segments, {} to finish", all.segments, all.unfinished));
        Ok(all)
    }
}
