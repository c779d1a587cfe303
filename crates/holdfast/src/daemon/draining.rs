//! The thread that moves footage off volumes that are to be drained, slowly enough that nobody
//! notices.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use archive::Volume;
use base::{MonoTime, SegmentId, Shutdown, StreamId, VolumeId, limits};
use catalog::{MovingRow, SegmentRow};
use config::VolumeUse;
use recorder::{Drain, DrainError};

use super::bringing;
use super::health::VolumeHealth;
use super::house::House;
use super::settling::{self, Unsettled};
use crate::vital::Vital;

/// How often it is looked whether there is something to drain.
const PERIOD: Duration = Duration::from_secs(5);
/// After something could not be moved, the next is tried no sooner.
const FAILED_PAUSE: Duration = Duration::from_secs(1);
/// The keeping thread of a volume that footage goes to is waited for no longer than this.
const NOTES_MAX: Duration = Duration::from_secs(60);
/// What could not be moved is tried again after this, then ever later.
const AGAIN_MIN: Duration = Duration::from_secs(60);
const AGAIN_MAX: Duration = Duration::from_secs(3600);
/// Failures that are told one by one in a pass.
const TOLD_MAX: u64 = 20;
/// Room that a volume has beside what it keeps free, before anything is moved there.
const ROOM_MIN: u64 = 64 << 20;

/// Starts the thread; it ends when `shutdown` is requested.
pub fn start(house: &Arc<House>, shutdown: Shutdown) -> std::io::Result<()> {
    let house = house.clone();
    std::thread::Builder::new().name("drain".to_owned()).spawn(move || {
        let _vital = Vital::new("moves footage off volumes");
        let mut draining = Draining {
            house,
            shutdown,
            passes: BTreeMap::new(),
            unsettled: Unsettled::default(),
            unread: BTreeSet::new(),
            failed: BTreeMap::new(),
        };
        while !draining.shutdown.wait_timeout(PERIOD) {
            draining.look();
        }
    })?;
    Ok(())
}

struct Draining {
    house: Arc<House>,
    shutdown: Shutdown,
    /// Volumes of which all is noted that an earlier process has left of what it had moved.
    passes: BTreeMap<VolumeId, Pass>,
    /// What moves have left.
    unsettled: Unsettled,
    /// Notes on volumes that cannot be read, which was said.
    unread: BTreeSet<(VolumeId, StreamId)>,
    /// How often a move failed in this pass, by source and target: whichever of both it was.
    failed: BTreeMap<(VolumeId, VolumeId), u64>,
}

/// How far it has come with a volume. Whatever fails is passed over, and tried again in the next
/// pass: one segment that a disk does not give keeps no other from being moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pass {
    /// Everything up to it was moved, or failed.
    after: Option<SegmentId>,
    /// Segments that could not be moved.
    failed: u64,
    /// How long was waited after the last pass.
    waited: Duration,
    /// Nothing is done before.
    due: MonoTime,
}

impl Pass {
    /// All was tried: when the next pass is due.
    fn over(self, now: MonoTime) -> Self {
        let waited = match self.failed {
            0 => Duration::ZERO,
            _ => (self.waited * 2).clamp(AGAIN_MIN, AGAIN_MAX),
        };
        Self { after: None, failed: 0, waited, due: now + waited }
    }
}

/// What one segment's move came to.
enum Moved {
    /// It lies elsewhere now.
    Yes,
    /// There is none left.
    NoneLeft,
    /// No volume has room for it.
    NoRoom,
    /// An earlier move of it is to be settled first.
    Unsettled,
}

/// Where a segment may go.
enum Target {
    Volume(Arc<Volume>),
    NoRoom,
    /// Only where a file of it may lie already.
    Unsettled,
}

impl Draining {
    fn look(&mut self) {
        if let Err(error) = self.unsettled.look(&self.house, &self.shutdown) {
            tracing::error!("what moves have left: {error:#}");
        }
        // A disk that hangs would hold up what moves between others; the state of each is asked for
        // again, for the one before may have taken hours.
        for volume in self.house.volumes.health() {
            let drains = volume.r#use == VolumeUse::Drain;
            let Some(id) = volume.id.filter(|id| drains && self.still_drains(*id)) else {
                continue;
            };
            let Some(from) = self.house.open.get(id) else { continue };
            if let Err(error) = self.drain(&volume, &from) {
                tracing::error!(volume = volume.name, "{error:#}");
            }
        }
    }

    /// One pass over a volume.
    fn drain(&mut self, volume: &VolumeHealth, from: &Arc<Volume>) -> Result<()> {
        let id = from.identity().volume;
        let known = self.passes.get(&id).copied();
        let mut pass = known.unwrap_or_default();
        if pass.due > self.house.machine.mono() {
            return Ok(());
        }
        let drain = Drain::new(from.clone(), self.house.catalog.clone());
        let mut drain = drain.going_on(pass.after);
        if known.is_none() {
            self.note_left(volume, &drain)?;
        }
        let mut moved = 0u64;
        while !self.shutdown.is_requested() && self.still_drains(id) {
            match self.move_next(&mut drain) {
                Ok(Moved::Yes) => moved += 1,
                // The same one is next, once there is room.
                Ok(Moved::NoRoom) => break,
                Ok(Moved::Unsettled) => pass.failed += 1,
                Ok(Moved::NoneLeft) => {
                    let failed = pass.failed;
                    pass = pass.over(self.house.machine.mono());
                    self.failed.retain(|(from, _), _| *from != id);
                    if failed > 0 {
                        let again = pass.waited.as_secs();
                        tracing::error!(volume = volume.name, failed, again, "not all was moved");
                    }
                    break;
                }
                Err(error) => {
                    pass.failed += 1;
                    if pass.failed <= TOLD_MAX {
                        tracing::error!(volume = volume.name, "not moved: {error:#}");
                    }
                    self.shutdown.wait_timeout(FAILED_PAUSE);
                }
            }
            pass.after = drain.after();
        }
        self.passes.insert(id, pass);
        if moved > 0 {
            tracing::info!(volume = volume.name, segments = moved, "moved to other volumes");
        }
        Ok(())
    }

    /// Notes files of what had moved that nobody has noted, so that they are settled, too. A disk
    /// whose folders cannot be read is emptied all the same.
    fn note_left(&mut self, volume: &VolumeHealth, drain: &Drain) -> Result<()> {
        match self.find_left(drain) {
            Ok(0) => {}
            Ok(files) => {
                tracing::info!(volume = volume.name, files, "files of what had moved were found");
            }
            Err(error) => match error.downcast::<DrainError>()? {
                DrainError::Volume { id, volume, source } => {
                    let now = self.house.machine.mono();
                    self.unsettled.failed(id, now, &format!("volume {volume}: {source}"));
                }
                error => return Err(error.into()),
            },
        }
        Ok(())
    }

    fn find_left(&self, drain: &Drain) -> Result<usize> {
        let mut files = 0;
        for day in drain.days()? {
            if self.shutdown.is_requested() {
                break;
            }
            let left = drain.left(&day)?;
            files += left.len();
            if !left.is_empty() {
                self.house.rows.apply(left)?;
            }
        }
        Ok(files)
    }

    /// Whether it is to be drained still, and its disk does not hang.
    fn still_drains(&self, id: VolumeId) -> bool {
        let (volumes, now) = (self.house.volumes.health(), self.house.machine.mono());
        let is_drained = |it: &VolumeHealth| it.r#use == VolumeUse::Drain && it.answers(now);
        volumes.iter().any(|volume| volume.id == Some(id) && is_drained(volume))
    }

    fn move_next(&mut self, drain: &mut Drain) -> Result<Moved> {
        let Some(row) = drain.next_sealed()? else { return Ok(Moved::NoneLeft) };
        let to = match self.target(&row)? {
            Target::Volume(to) => to,
            Target::NoRoom => return Ok(Moved::NoRoom),
            Target::Unsettled => return Ok(Moved::Unsettled),
        };
        self.move_to(drain, &row, &to).inspect_err(|_| {
            *self.failed.entry((row.volume, to.identity().volume)).or_default() += 1;
        })
    }

    fn move_to(&mut self, drain: &Drain, row: &SegmentRow, to: &Arc<Volume>) -> Result<Moved> {
        self.bring_notes(drain, row, to)?;
        self.house.rows.apply(vec![drain.begins(row, to)])?;
        let shutdown = &self.shutdown;
        let mut pace = |bytes: u64| {
            let seconds = bytes as f64 / limits::DRAIN_BYTES_PER_SECOND as f64;
            !shutdown.wait_timeout(Duration::from_secs_f64(seconds))
        };
        let changes = match drain.copy(row, to, self.house.machine.wall(), &mut pace) {
            Err(DrainError::Copy(archive::moving::CopyError::BrokenOff { .. })) => {
                return Ok(Moved::NoneLeft);
            }
            copied => copied?,
        };
        self.house.rows.apply(changes)?;
        self.settle(drain, row, to)?;
        Ok(Moved::Yes)
    }

    /// The old file goes. Where its disk takes no change it stays for now, and has moved all the
    /// same.
    fn settle(&mut self, drain: &Drain, row: &SegmentRow, to: &Volume) -> Result<()> {
        let now = self.house.machine.mono();
        let keeps =
            |id| self.unsettled.rests(id, now) || !settling::can_be_changed(&self.house, id, now);
        if keeps(row.volume) {
            return Ok(());
        }
        match drain.settle(row, to) {
            Ok(settled) => Ok(self.house.rows.apply(vec![settled])?),
            Err(DrainError::Volume { id, volume, source }) => {
                self.unsettled.failed(id, now, &format!("volume {volume}: {source}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is known of a segment's stream is noted where the segment goes, before it goes.
    fn bring_notes(&mut self, drain: &Drain, row: &SegmentRow, to: &Volume) -> Result<()> {
        let mut read = true;
        let removals = drain.removals(row, &mut |error| {
            read = false;
            if self.unread.insert((row.volume, row.stream)) {
                let stream = row.stream.to_string();
                tracing::error!(
                    stream,
                    "what was removed is not noted where footage goes: {error}"
                );
            }
        });
        if read {
            self.unread.remove(&(row.volume, row.stream));
        }
        let until = self.house.machine.mono() + NOTES_MAX;
        let waits = || !self.shutdown.is_requested() && self.house.machine.mono() < until;
        let (stream, target) = (Some(row.stream), to.identity().volume);
        bringing::bring(&self.house, target, stream, removals, &waits)
    }

    fn target(&self, row: &SegmentRow) -> Result<Target> {
        let (roomy, moves) = (self.roomy(row.allocated), self.house.catalog.moves_of(row.id)?);
        if roomy.is_empty() {
            return Ok(Target::NoRoom);
        }
        let failed = |id| self.failed.get(&(row.volume, id)).copied().unwrap_or_default();
        let Some(id) = best(&roomy, &moves, &failed) else { return Ok(Target::Unsettled) };
        Ok(self.house.open.get(id).map_or(Target::NoRoom, Target::Volume))
    }

    /// Volumes with room for so much, and the room that they have beside what they keep free.
    fn roomy(&self, bytes: u64) -> Vec<(u64, VolumeId)> {
        let takers = self.house.volumes.takers(self.house.machine.mono());
        let spare = |volume: &VolumeHealth| {
            let space = self.house.open.get(volume.id?)?.space().ok()?;
            let ahead = volume.bytes_per_second.saturating_mul(20 * 60);
            let kept = volume.keep_free.bytes_of(space.total).saturating_add(ahead);
            space.available.checked_sub(kept.saturating_add(bytes).saturating_add(ROOM_MIN))
        };
        takers.iter().filter_map(|volume| Some((spare(volume)?, volume.id?))).collect()
    }
}

/// Of the volumes on which no move of the segment has left anything the one that has failed least
/// often; of those the one with the most room.
fn best(
    roomy: &[(u64, VolumeId)],
    moves: &[MovingRow],
    failed: &dyn Fn(VolumeId) -> u64,
) -> Option<VolumeId> {
    let may_hold = |id| moves.iter().any(|moving| moving.source == id || moving.target == id);
    let free = roomy.iter().filter(|(_, id)| !may_hold(*id));
    free.max_by_key(|(room, id)| (Reverse(failed(*id)), *room, *id)).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(n: u8) -> VolumeId {
        VolumeId::from_bytes([n; 16])
    }

    #[test]
    fn nothing_goes_where_a_move_may_have_left_it() {
        let moving = |target| MovingRow {
            segment: SegmentId::from_bytes([1; 16]),
            camera_slug: "door".to_owned(),
            stream_name: "main".to_owned(),
            start: base::WallTime::EPOCH,
            source: volume(9),
            target: volume(target),
        };
        let roomy = [(5, volume(1)), (7, volume(2)), (6, volume(3))];
        let best = |roomy: &[_], moves: &[_]| best(roomy, moves, &|_| 0);
        assert_eq!(best(&roomy, &[]), Some(volume(2)));
        assert_eq!(best(&roomy, &[moving(2)]), Some(volume(3)));
        assert_eq!(best(&roomy, &[moving(2), moving(3)]), Some(volume(1)));
        assert_eq!(best(&roomy[..1], &[moving(1)]), None);
    }

    #[test]
    fn what_one_volume_did_not_take_goes_to_another_and_stays_nowhere_for_that() {
        let roomy = [(5, volume(1)), (7, volume(2)), (6, volume(3))];
        let failed = |failures: [u64; 3]| {
            best(&roomy, &[], &|id| {
                (1..).zip(failures).find(|(n, _)| volume(*n) == id).map_or(0, |(_, times)| times)
            })
        };
        assert_eq!(failed([0, 1, 0]), Some(volume(3)));
        assert_eq!(failed([0, 1, 1]), Some(volume(1)));
        // It may be the disk that it is to leave.
        assert_eq!(failed([1, 1, 1]), Some(volume(2)));
        assert_eq!(best(&roomy[1..2], &[], &|_| 9), Some(volume(2)));
    }

    #[test]
    fn what_cannot_be_moved_is_tried_again_ever_later() {
        let (mut pass, mut now) = (Pass::default(), MonoTime::default());
        let mut waits = Vec::new();
        for _ in 0..8 {
            pass =
                Pass { failed: 3, after: Some(SegmentId::from_bytes([1; 16])), ..pass }.over(now);
            waits.push(pass.due.since(now).as_secs());
            assert_eq!((pass.failed, pass.after), (0, None), "it begins again");
            now = pass.due;
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(pass.over(now), Pass { due: now, ..Pass::default() }, "all went well");
    }
}
