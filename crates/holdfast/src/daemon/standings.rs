//! What the threads of all volumes know in common of the streams: where each one's recording
//! stands, and what files that await recovery say of one another. Locks guard memory only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use base::{StreamId, VolumeId};
use recorder::recover::{Claims, Survey};
use recorder::{Standing, Unfinished};

/// Clones share it.
#[derive(Clone, Default)]
pub struct Standings(Arc<Shared>);

#[derive(Default)]
struct Shared {
    streams: Mutex<BTreeMap<StreamId, Arc<Standing>>>,
    claims: Claims,
    /// Volumes that were not looked at yet.
    awaited: Mutex<BTreeSet<VolumeId>>,
}

impl Standings {
    /// Where a stream's recording stands, for as long as the process lives.
    pub fn of(&self, stream: StreamId) -> Arc<Standing> {
        let mut streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.entry(stream).or_default().clone()
    }

    /// Whether a recorder of `volume` has a stream.
    pub fn is_recorded_on(&self, volume: VolumeId) -> bool {
        let streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.values().any(|standing| standing.volume() == Some(volume))
    }

    /// A volume is about to be looked at.
    pub fn await_volume(&self, volume: VolumeId) {
        self.0.awaited.lock().unwrap_or_else(PoisonError::into_inner).insert(volume);
    }

    /// What a volume may know more about is not settled before that was looked at, or is taken out
    /// of the archive.
    pub fn has_to_hear(&self, volume: VolumeId) {
        self.0.claims.await_volume(volume);
    }

    /// A volume was looked at, or cannot be.
    pub fn looked_at(&self, volume: VolumeId) {
        self.0.awaited.lock().unwrap_or_else(PoisonError::into_inner).remove(&volume);
    }

    /// Whether all volumes that are there were looked at.
    pub fn is_complete(&self) -> bool {
        self.0.awaited.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Takes in what a volume's survey found.
    pub fn learn(&self, volume: VolumeId, survey: &Survey) {
        self.0.claims.learn(volume, survey, &|stream| Some(self.of(stream)));
    }

    /// Nobody waits for a volume any more.
    pub fn heard(&self, volume: VolumeId) {
        self.0.claims.heard(volume, &|stream| Some(self.of(stream)));
        self.looked_at(volume);
    }

    /// Says of a file what those of other volumes know; whether it is to be finished now.
    pub fn settle(&self, job: &mut Unfinished) -> bool {
        self.0.claims.settle(job)
    }

    /// Whether a volume that is not there may be left out at the next start.
    pub fn can_do_without(&self, volume: VolumeId) -> bool {
        self.0.claims.can_do_without(volume)
    }

    /// A file is finished.
    pub fn forget(&self, job: &Unfinished) {
        self.0.claims.forget(job.place.id);
    }
}
