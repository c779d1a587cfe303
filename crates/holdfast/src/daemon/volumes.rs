//! All volumes: their threads, how they are, and which are open for readers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use archive::Volume;
use base::{StreamId, VolumeId};
use catalog::VolumeRow;
use control::RecordedStream;

use super::ending::{Teller, Told};
use super::health::{Health, VolumeHealth};
use super::record::{Command, Door};
use crate::shutdown::Part;

/// Volumes that are open; clones share them. Guards memory only.
#[derive(Clone, Default)]
pub struct OpenVolumes(Arc<RwLock<BTreeMap<VolumeId, Arc<Volume>>>>);

impl OpenVolumes {
    /// From now on readers find `volume`.
    pub fn add(&self, id: VolumeId, volume: Arc<Volume>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, volume);
    }

    /// An open volume.
    pub fn get(&self, id: VolumeId) -> Option<Arc<Volume>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

/// All volumes.
#[derive(Default)]
pub struct Volumes(Mutex<State>);

#[derive(Default)]
struct State {
    /// In the order of the configuration.
    volumes: Vec<(VolumeRow, Health, Door)>,
    /// Those that a file names and that could not even be made.
    unmade: Vec<Health>,
}

impl Volumes {
    /// Takes a volume in, with its thread.
    pub fn add(&self, row: VolumeRow, health: Health, door: Door) {
        self.state().volumes.push((row, health, door));
    }

    /// Takes over what its row says now.
    pub fn renew(&self, row: &VolumeRow) {
        let mut state = self.state();
        let known = state.volumes.iter_mut().find(|(known, ..)| known.id == row.id);
        let Some((known, health, _)) = known.filter(|(known, ..)| known != row) else { return };
        if known.path != row.path {
            tracing::warn!(volume = row.name, "its new path counts from the next start on");
        }
        health.update(|health| {
            health.name.clone_from(&row.name);
            health.keep_free = row.keep_free;
        });
        *known = row.clone();
    }

    /// Says that a volume could not be made.
    pub fn set_unmade(&self, unmade: Vec<Health>) {
        self.state().unmade = unmade;
    }

    /// Whether a volume has its thread.
    pub fn has(&self, id: VolumeId) -> bool {
        self.state().volumes.iter().any(|(row, ..)| row.id == id)
    }

    /// Where new footage goes: the first volume. Others serve what they hold.
    pub fn first(&self) -> Option<VolumeId> {
        self.state().volumes.first().map(|(row, ..)| row.id)
    }

    /// How they are.
    pub fn health(&self) -> Vec<VolumeHealth> {
        let state = self.state();
        let volumes = state.volumes.iter().map(|(_, health, _)| health);
        volumes.chain(&state.unmade).map(Health::snapshot).collect()
    }

    /// Records a stream on a volume.
    pub fn record(&self, volume: VolumeId, stream: RecordedStream) {
        self.tell(volume, Command::Record(Box::new(stream)));
    }

    /// Ends a stream's recording.
    pub fn forget(&self, volume: VolumeId, stream: StreamId) {
        self.tell(volume, Command::Forget(stream));
    }

    /// Tells all volumes' threads about new settings.
    pub fn set(&self, settings: recorder::Settings) {
        for (.., door) in &self.state().volumes {
            // A thread that is behind by thousands of commands is stuck; it reads them later.
            let _ = door.try_send(Command::Set(settings));
        }
    }

    /// Ends all volumes' threads; the last one to end tells.
    pub fn finish(&self, teller: &Teller) {
        let doors: Vec<Door> = self.state().volumes.iter().map(|(.., door)| door.clone()).collect();
        let collected = Collected::new(doors.len(), teller.clone());
        if doors.is_empty() {
            teller.tell(Told::Ended(Part::Footage, true));
        }
        for door in doors {
            if door.try_send(Command::Finish(collected.clone())).is_err() {
                collected.ended(false);
            }
        }
    }

    fn tell(&self, volume: VolumeId, command: Command) {
        let state = self.state();
        let found = state.volumes.iter().find(|(row, ..)| row.id == volume);
        let Some((row, _, door)) = found else { return };
        if door.try_send(command).is_err() {
            tracing::error!(
                volume = row.name,
                "the volume's thread is stuck and takes no commands"
            );
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells that footage is committed once every volume has said so; clones share the count.
#[derive(Clone)]
pub struct Collected {
    left: Arc<Mutex<(usize, bool)>>,
    teller: Teller,
}

impl Collected {
    fn new(count: usize, teller: Teller) -> Self {
        Self { left: Arc::new(Mutex::new((count, true))), teller }
    }

    /// One volume has ended.
    pub fn ended(&self, well: bool) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.0 = left.0.saturating_sub(1);
        left.1 &= well;
        if left.0 == 0 {
            self.teller.tell(Told::Ended(Part::Footage, left.1));
        }
    }
}
