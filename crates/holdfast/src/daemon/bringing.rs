//! Notes beside footage that come from other volumes: written by the thread that keeps the volume
//! they are for, so that nobody else writes them meanwhile.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Result, bail};
use api::operations::VolumeState;
use archive::Volume;
use base::{MonoTime, StreamId, VolumeId};
use recorder::{Removals, Site};

use super::health::VolumeHealth;
use super::house::House;
use super::record::Command;
use super::retaining::Retaining;

/// How often whoever waits looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);
/// Whoever takes a volume out waits no longer for each of the others, and not once everything ends.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Notes that somebody waits for.
pub struct Bringing {
    /// What is protected and deleted of the stream is to be noted too: footage of it will lie here.
    comes: Option<StreamId>,
    removed: Option<Removals>,
    done: SyncSender<Result<(), String>>,
}

impl Bringing {
    /// Writes them at `site`.
    pub fn carry_out(self, site: &Site, retaining: &mut Retaining) {
        let removed = match &self.removed {
            Some(removals) => removals.write(&site.volume, site.key.as_deref()).map(|_| ()),
            None => Ok(()),
        };
        let brought = removed.map_err(|error| error.to_string());
        let brought = brought.and_then(|()| match self.comes {
            Some(stream) => retaining.bring(stream),
            None => Ok(()),
        });
        // Whoever asked may have gone away.
        let _ = self.done.try_send(brought);
    }
}

/// Has notes written on `volume`, and waits until they are durable, for as long as `waits` says:
/// what was removed of a stream, and, where footage of the stream `comes`, what is protected and
/// deleted of it.
pub fn bring(
    house: &House,
    volume: VolumeId,
    comes: Option<StreamId>,
    removed: Option<Removals>,
    waits: &dyn Fn() -> bool,
) -> Result<()> {
    let (done, wait) = sync_channel(1);
    if !house.volumes.tell(volume, Command::Bring(Bringing { comes, removed, done })) {
        bail!("the volume takes no commands");
    }
    loop {
        match wait.recv_timeout(LOOK) {
            Ok(brought) => return brought.map_err(anyhow::Error::msg),
            Err(RecvTimeoutError::Disconnected) => bail!("the volume is not open"),
            Err(RecvTimeoutError::Timeout) if !waits() => bail!("the volume does not answer"),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// The volumes that are to know what was removed on one that goes.
pub struct Elsewhere<'a> {
    house: &'a House,
    volumes: Vec<VolumeHealth>,
}

impl<'a> Elsewhere<'a> {
    /// All that are well but `without`.
    pub fn than(house: &'a House, without: VolumeId) -> Self {
        let now = house.machine.mono();
        let mut volumes = house.volumes.health();
        volumes.retain(|it| it.id.is_some_and(|id| id != without) && is_well(it, now));
        Self { house, volumes }
    }

    /// Has what was removed noted where there is footage of the same streams. What fails is said,
    /// and no reason to stop; that volume is not asked again.
    pub fn note(&mut self, removed: &[Removals]) {
        let house = self.house;
        self.volumes.retain(|volume| {
            let noted = volume.id.map_or(Ok(()), |id| note_on(house, id, removed));
            noted
                .inspect_err(|error| {
                    let name = &volume.name;
                    tracing::error!(volume = name, "noting what was removed elsewhere: {error}");
                })
                .is_ok()
        });
    }
}

fn note_on(house: &House, volume: VolumeId, removed: &[Removals]) -> Result<()> {
    let until = house.machine.mono() + WAIT_MAX;
    let waits = || !house.cameras.wait(Duration::ZERO) && house.machine.mono() < until;
    let here = house.catalog.totals_on(volume)?;
    let has = |it: &&Removals| here.iter().any(|(stream, _)| *stream == it.stream);
    removed
        .iter()
        .filter(has)
        .try_for_each(|it| bring(house, volume, None, Some(it.clone()), &waits))
}

/// A volume that is open and well.
pub fn well(house: &House, id: VolumeId) -> Option<Arc<Volume>> {
    let (all, now) = (house.volumes.health(), house.machine.mono());
    let well = all.iter().any(|volume| volume.id == Some(id) && is_well(volume, now));
    house.open.get(id).filter(|_| well)
}

/// Whether a volume can be read and written, as far as is known.
pub fn is_well(volume: &VolumeHealth, now: MonoTime) -> bool {
    volume.open && matches!(volume.judge(now).0, VolumeState::Ok | VolumeState::Degraded)
}
