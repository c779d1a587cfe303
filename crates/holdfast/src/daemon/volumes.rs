//! All volumes: their threads, how they are, which are open for readers, and which streams are
//! recorded where.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use archive::Volume;
use base::{MonoTime, StreamId, VolumeId};
use catalog::VolumeRow;
use control::RecordedStream;

use super::ending::{Teller, Told};
use super::health::{Health, VolumeHealth};
use super::placing::{Guest, Watch};
use super::record::{Command, Door};
use super::standings::Standings;
use crate::shutdown::Part;

/// Volumes that are open; clones share them. Guards memory only.
#[derive(Clone, Default)]
pub struct OpenVolumes(Arc<RwLock<BTreeMap<VolumeId, Arc<Volume>>>>);

impl OpenVolumes {
    /// From now on readers find `volume`.
    pub fn add(&self, id: VolumeId, volume: Arc<Volume>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, volume);
    }

    /// From now on nobody finds it.
    pub fn remove(&self, id: VolumeId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<Volume>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// An open volume.
    pub fn get(&self, id: VolumeId) -> Option<Arc<Volume>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

/// All volumes, and the streams that are recorded on them.
#[derive(Default)]
pub struct Volumes(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    /// In the order of the configuration.
    pub(super) volumes: Vec<Kept>,
    /// Those that a file names and that could not even be made.
    unmade: Vec<Health>,
    pub(super) guests: BTreeMap<StreamId, Guest>,
    /// Where each stream's recording stands.
    standings: Standings,
    /// Nothing is moved any more.
    pub(super) ended: bool,
}

/// One volume with its thread.
pub(super) struct Kept {
    pub(super) row: VolumeRow,
    pub(super) health: Health,
    pub(super) door: Door,
    pub(super) watch: Watch,
}

impl Volumes {
    /// Takes a volume in, with its thread.
    pub fn add(&self, row: VolumeRow, health: Health, door: Door, now: MonoTime) {
        let watch = Watch::new(now);
        self.state().volumes.push(Kept { row, health, door, watch });
    }

    /// Takes over what its row says now.
    pub fn renew(&self, row: &VolumeRow) {
        let mut state = self.state();
        let known = state.volumes.iter_mut().find(|known| known.row.id == row.id);
        let Some(known) = known.filter(|known| known.row != *row) else { return };
        if known.row.path != row.path {
            tracing::warn!(volume = row.name, "its new path counts from the next start on");
        }
        known.health.update(|health| {
            health.name.clone_from(&row.name);
            health.keep_free = row.keep_free;
            health.r#use = row.r#use;
            health.managed_by_file = row.managed_by_file;
        });
        known.row = row.clone();
    }

    /// Lets go of a volume: its streams go elsewhere at once, and its thread ends once its disk
    /// lets it.
    pub fn leave(&self, id: VolumeId, now: MonoTime) {
        let mut state = self.state();
        state.volumes.retain(|kept| kept.row.id != id);
        state.place(now);
    }

    /// Says that a volume could not be made.
    pub fn set_unmade(&self, unmade: Vec<Health>) {
        self.state().unmade = unmade;
    }

    /// Whether a volume has its thread.
    pub fn has(&self, id: VolumeId) -> bool {
        self.state().volumes.iter().any(|kept| kept.row.id == id)
    }

    /// What all volumes know in common of the streams.
    pub fn standings(&self) -> Standings {
        self.state().standings.clone()
    }

    /// How they are.
    pub fn health(&self) -> Vec<VolumeHealth> {
        let state = self.state();
        let volumes = state.volumes.iter().map(|kept| &kept.health);
        volumes.chain(&state.unmade).map(Health::snapshot).collect()
    }

    /// Where drained footage may go: volumes that record and are well.
    pub fn takers(&self, now: MonoTime) -> Vec<VolumeHealth> {
        let state = self.state();
        let takes = |kept: &&Kept| kept.takes(now);
        state.volumes.iter().filter(takes).map(|kept| kept.health.snapshot()).collect()
    }

    /// Records a stream, for now where its footage was last.
    pub fn record(&self, stream: RecordedStream, last: Option<VolumeId>, now: MonoTime) {
        let mut state = self.state();
        let id = stream.wanted.stream;
        let before = state.guests.remove(&id);
        let standing = state.standings.of(id);
        state.guests.insert(id, Guest::new(stream, standing, before, last));
        state.place(now);
    }

    /// A stream wants to be on that volume from now on.
    pub fn wants(&self, stream: StreamId, volume: Option<VolumeId>) {
        if let Some(guest) = self.state().guests.get_mut(&stream) {
            guest.stream.wanted.volume = volume;
        }
    }

    /// Where a stream is recorded, or is about to be.
    pub fn volume_of(&self, stream: StreamId) -> Option<VolumeId> {
        self.state().guests.get(&stream)?.at()
    }

    /// The streams that are recorded on a volume, or are on their way there.
    pub fn streams_on(&self, volume: Option<VolumeId>) -> Vec<String> {
        let state = self.state();
        let there = state.guests.values().filter(|guest| guest.at().is_some());
        let there = there.filter(|guest| guest.at() == volume);
        there.map(|guest| guest.stream.wanted.source.label.clone()).collect()
    }

    /// Ends a stream's recording.
    pub fn forget(&self, stream: StreamId) {
        let mut state = self.state();
        let Some(guest) = state.guests.get_mut(&stream) else { return };
        let volumes = guest.leave();
        for id in volumes {
            state.tell(id, Command::Forget(stream));
        }
    }

    /// Moves streams, where that has become necessary.
    pub fn place(&self, now: MonoTime) {
        self.state().place(now);
    }

    /// Tells all volumes' threads about new settings.
    pub fn set(&self, settings: recorder::Settings) {
        for kept in &self.state().volumes {
            // A thread that is behind by thousands of commands is stuck; it reads them later.
            let _ = kept.door.try_send(Command::Set(settings));
        }
    }

    /// Ends all volumes' threads; the last one to end tells.
    pub fn finish(&self, teller: &Teller) {
        let mut state = self.state();
        state.ended = true;
        let doors: Vec<Door> = state.volumes.iter().map(|kept| kept.door.clone()).collect();
        drop(state);
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

    /// Hands a volume's thread a command; whether it has it.
    pub fn tell(&self, id: VolumeId, command: Command) -> bool {
        self.state().tell(id, command)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(super) fn kept(&self, id: VolumeId) -> Option<&Kept> {
        self.volumes.iter().find(|kept| kept.row.id == id)
    }

    /// Whether the volume's thread has the command.
    pub(super) fn tell(&self, volume: VolumeId, command: Command) -> bool {
        let Some(kept) = self.kept(volume) else { return false };
        let told = kept.door.try_send(command).is_ok();
        if !told {
            tracing::error!(
                volume = kept.row.name,
                "the volume's thread is stuck and takes no commands"
            );
        }
        told
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
