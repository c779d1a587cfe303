//! The thread that moves footage off volumes that are to be drained, slowly enough that nobody
//! notices.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use archive::Volume;
use base::{Shutdown, VolumeId, limits};
use config::VolumeUse;
use recorder::{Drain, DrainError};

use super::health::VolumeHealth;
use super::house::House;
use crate::vital::Vital;

/// How often it is looked whether there is something to drain.
const PERIOD: Duration = Duration::from_secs(5);
/// Room that a volume has beside what it keeps free, before anything is moved there.
const ROOM_MIN: u64 = 64 << 20;

/// Starts the thread; it ends when `shutdown` is requested.
pub fn start(house: &Arc<House>, shutdown: Shutdown) -> std::io::Result<()> {
    let house = house.clone();
    std::thread::Builder::new().name("drain".to_owned()).spawn(move || {
        let _vital = Vital::new("moves footage off volumes");
        let mut draining = Draining { house, shutdown, cleared: BTreeSet::new() };
        while !draining.shutdown.wait_timeout(PERIOD) {
            draining.look();
        }
    })?;
    Ok(())
}

struct Draining {
    house: Arc<House>,
    shutdown: Shutdown,
    /// Volumes on which nothing is left of what an earlier process had moved.
    cleared: BTreeSet<VolumeId>,
}

/// What one segment's move came to.
enum Moved {
    /// It lies elsewhere now.
    Yes,
    /// There is none left.
    NoneLeft,
    /// No volume has room for it.
    NoRoom,
}

impl Draining {
    fn look(&mut self) {
        let drained = |volume: &VolumeHealth| volume.open && volume.r#use == VolumeUse::Drain;
        for volume in self.house.volumes.health().into_iter().filter(drained) {
            let Some(from) = volume.id.and_then(|id| self.house.open.get(id)) else { continue };
            if let Err(error) = self.drain(&volume, &from) {
                tracing::error!(volume = volume.name, "{error:#}");
            }
        }
    }

    /// One pass over a volume.
    fn drain(&mut self, volume: &VolumeHealth, from: &Arc<Volume>) -> Result<()> {
        let id = from.identity().volume;
        let mut drain = Drain::new(from.clone(), self.house.catalog.clone());
        if !self.cleared.contains(&id) {
            let left = drain.clear_left()?;
            if left > 0 {
                tracing::info!(volume = volume.name, files = left, "removed what was moved before");
            }
            self.cleared.insert(id);
        }
        let mut moved = 0u64;
        while !self.shutdown.is_requested() && self.still_drains(id) {
            match self.move_next(&mut drain) {
                Ok(Moved::Yes) => moved += 1,
                Ok(Moved::NoneLeft | Moved::NoRoom) => break,
                Err(error) => tracing::error!(volume = volume.name, "not moved: {error:#}"),
            }
        }
        if moved > 0 {
            tracing::info!(volume = volume.name, segments = moved, "moved to other volumes");
        }
        Ok(())
    }

    fn still_drains(&self, id: VolumeId) -> bool {
        let volumes = self.house.volumes.health();
        volumes.iter().any(|volume| volume.id == Some(id) && volume.r#use == VolumeUse::Drain)
    }

    fn move_next(&self, drain: &mut Drain) -> Result<Moved> {
        let Some(row) = drain.next_sealed()? else { return Ok(Moved::NoneLeft) };
        let Some(to) = self.roomiest(row.allocated) else { return Ok(Moved::NoRoom) };
        let shutdown = &self.shutdown;
        let mut pace = |bytes: u64| {
            let seconds = bytes as f64 / limits::DRAIN_BYTES_PER_SECOND as f64;
            !shutdown.wait_timeout(Duration::from_secs_f64(seconds))
        };
        let change = match drain.copy(&row, &to, &mut pace) {
            Err(DrainError::Copy(archive::moving::CopyError::BrokenOff { .. })) => {
                return Ok(Moved::NoneLeft);
            }
            copied => copied?,
        };
        self.house.rows.apply(vec![change])?;
        drain.clear(row.id)?;
        Ok(Moved::Yes)
    }

    /// The volume with the most room beside what it keeps free.
    fn roomiest(&self, bytes: u64) -> Option<Arc<Volume>> {
        let takers = self.house.volumes.takers(self.house.machine.mono());
        let spare = |volume: &VolumeHealth| {
            let space = self.house.open.get(volume.id?)?.space().ok()?;
            let ahead = volume.bytes_per_second.saturating_mul(20 * 60);
            let kept = volume.keep_free.bytes_of(space.total).saturating_add(ahead);
            space.available.checked_sub(kept.saturating_add(bytes).saturating_add(ROOM_MIN))
        };
        let roomy = takers.iter().filter_map(|volume| Some((spare(volume)?, volume.id?)));
        roomy.max().and_then(|(_, id)| self.house.open.get(id))
    }
}
