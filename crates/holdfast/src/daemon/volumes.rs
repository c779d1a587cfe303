//! All volumes: their threads, how they are, which are open for readers, and which streams are
//! recorded where.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use archive::Volume;
use base::{MonoTime, StreamId, VolumeId};
use catalog::VolumeRow;
use control::{Guests, RecordedStream, guests};
use stream::EndCause;

use super::health::{Health, VolumeHealth};
use super::placing::Watch;
use super::record::{Command, Door};
use super::standings::Standings;

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
    pub(super) guests: Guests,
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
        let standings = state.standings.clone();
        drop(state);
        standings.heard(id);
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
        let standing = state.standings.of(stream.wanted.stream);
        state.guests.record(stream, standing, last);
        state.place(now);
    }

    /// A stream wants to be on that volume from now on.
    pub fn wants(&self, stream: StreamId, volume: Option<VolumeId>, now: MonoTime) {
        let mut state = self.state();
        state.guests.wants(stream, volume);
        state.place(now);
    }

    /// Where a stream is recorded, or is about to be.
    pub fn volume_of(&self, stream: StreamId) -> Option<VolumeId> {
        self.state().guests.volume_of(stream)
    }

    /// The streams that are recorded on a volume, or are on their way there.
    pub fn streams_on(&self, volume: Option<VolumeId>) -> Vec<String> {
        volume.map(|volume| self.state().guests.labels_on(volume)).unwrap_or_default()
    }

    /// Ends a stream's recording, once what waits of it is written.
    pub fn forget(&self, stream: StreamId, cause: EndCause, now: MonoTime) {
        let mut state = self.state();
        state.guests.forget(stream, cause);
        state.place(now);
    }

    /// Moves streams, where that has become necessary; when to look again.
    pub fn place(&self, now: MonoTime) -> Duration {
        self.state().place(now)
    }

    /// Tells all volumes' threads about new settings.
    pub fn set(&self, settings: recorder::Settings) {
        for kept in &self.state().volumes {
            // A thread that is behind by thousands of commands is stuck; it reads them later.
            let _ = kept.door.try_send(Box::new(Command::Set(settings)));
        }
    }

    /// Hands a volume's thread a command; whether it has it.
    pub fn tell(&self, id: VolumeId, command: Command) -> bool {
        self.state().tell(id, command)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(super) fn kept(&self, id: VolumeId) -> Option<&Kept> {
        self.volumes.iter().find(|kept| kept.row.id == id)
    }

    /// Passes on what placement says of a stream; whether the volume's thread has it.
    pub(super) fn tell_of_stream(&self, volume: VolumeId, command: guests::Command) -> bool {
        let to = match command {
            guests::Command::Release(_, to) => self.kept(to).map(|kept| kept.door.clone()),
            _ => None,
        };
        self.tell(volume, Command::Stream(command, to))
    }

    /// Whether the volume's thread has the command.
    pub(super) fn tell(&self, volume: VolumeId, command: Command) -> bool {
        let Some(kept) = self.kept(volume) else { return false };
        let told = kept.door.try_send(Box::new(command)).is_ok();
        if !told {
            tracing::error!(
                volume = kept.row.name,
                "the volume's thread is stuck and takes no commands"
            );
        }
        told
    }
}
