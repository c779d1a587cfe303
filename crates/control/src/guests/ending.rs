//! The end of everything: what a volume has not written by then is written by another one, in the
//! middle of a move or a take-over too.

use std::collections::{BTreeMap, BTreeSet};

use base::{MonoTime, VolumeId, limits};
use stream::Lost;

use super::{Command, Guest, Guests};

/// How far the threads of all volumes are, once they were told to write everything and end.
pub struct Ending {
    volumes: BTreeMap<VolumeId, Ended>,
    /// Those that are not waited for: others write what they have.
    given_up: BTreeSet<VolumeId>,
    began: MonoTime,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It has not said that it is done.
    NotYet,
    /// It is done, and has written all that it had.
    Well,
    /// It is done and was not able to write everything, or anything.
    Badly,
}

/// What a look at the end comes to.
#[derive(Default)]
pub struct Outcome {
    /// What volumes are to record at once, for others that cannot; those have not ended now.
    pub told: Vec<(VolumeId, Command)>,
    /// Whether everything is written, once nothing more is waited for.
    pub written: Option<bool>,
}

impl Ending {
    /// Every one of `volumes` is told to end now.
    pub fn new(volumes: impl IntoIterator<Item = VolumeId>, now: MonoTime) -> Self {
        let volumes = volumes.into_iter().map(|volume| (volume, Ended::NotYet)).collect();
        Self { volumes, given_up: BTreeSet::new(), began: now }
    }

    /// A volume's thread has done what it could; `well`: it has written everything it had.
    pub fn ended(&mut self, volume: VolumeId, well: bool) {
        self.volumes.insert(volume, if well { Ended::Well } else { Ended::Badly });
    }

    /// Finds somebody for what is not written, and looks whether everything has ended.
    pub fn look(&mut self, guests: &mut Guests, now: MonoTime) -> Outcome {
        let patient = now.since(self.began) < limits::SHUTDOWN_RESCUE_AFTER;
        let mut told = Vec::new();
        for guest in guests.guests.values_mut().filter(|guest| guest.waits()) {
            let busy: BTreeSet<_> = guest.holders().filter(|id| self.is_busy(*id)).collect();
            if patient && !busy.is_empty() {
                continue;
            }
            let able = self.volumes.iter().filter(|(_, ended)| **ended == Ended::Well);
            let mut able = able.map(|(id, _)| *id).filter(|id| !guest.tried.contains(id));
            if let Some(to) = able.next() {
                guest.tried.insert(to);
                guest.standing.assign(to, &guest.stream.reader);
                told.push((to, guest.as_command()));
                self.given_up.extend(busy);
            }
        }
        for (to, _) in &told {
            self.volumes.insert(*to, Ended::NotYet);
            self.given_up.remove(to);
        }
        let all = guests.waiting().is_empty();
        let busy = |id: &VolumeId| self.is_busy(*id);
        let over = match all {
            // Some may still seal, which the next start can do as well.
            true => {
                let late = now.since(self.began) >= limits::SHUTDOWN_SEAL_TIMEOUT;
                late || self.volumes.keys().all(|id| !busy(id) || self.given_up.contains(id))
            }
            // Whoever was given up may still come back, for what nobody else can write.
            false => !self.volumes.keys().any(busy),
        };
        Outcome { told, written: over.then_some(all) }
    }

    fn is_busy(&self, volume: VolumeId) -> bool {
        self.volumes.get(&volume) == Some(&Ended::NotYet)
    }
}

impl Guests {
    /// What is in memory and not durable, by the name of its stream.
    pub fn waiting(&self) -> Vec<(String, Lost)> {
        let guests = self.guests.values().filter(|guest| guest.waits());
        let name = |guest: &Guest| guest.stream.wanted.source.label.clone();
        guests.map(|guest| (name(guest), guest.stream.reader.waiting())).collect()
    }
}

impl Guest {
    pub(super) fn waits(&self) -> bool {
        !self.stream.reader.waiting().is_none()
    }

    /// The volumes that have it, or are about to.
    fn holders(&self) -> impl Iterator<Item = VolumeId> {
        let order = self.order.map(|order| order.to);
        self.standing.volume().into_iter().chain(order)
    }
}
