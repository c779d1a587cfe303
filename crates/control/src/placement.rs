//! Where each stream is recorded, from how the volumes are and what the streams want. Pure.
//!
//! A stream stays where it is while that works: nothing is moved for the sake of balance. It
//! leaves a volume that cannot be written, is full, or is to take nothing new; it goes back to the
//! volume that it wants once that has been well for some minutes. A stream that wants none goes
//! where the room for each byte a second is greatest.

use std::collections::BTreeMap;

use base::{StreamId, VolumeId};
use config::VolumeUse;

/// How a volume takes footage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// It was just begun with, and is not open yet: whoever belongs there waits.
    Opening,
    /// It takes footage. `steady`: and has for some minutes.
    Well {
        /// For so long that streams which want it come back.
        steady: bool,
    },
    /// It takes footage, but has not kept up for a while. `relief`: one stream may go elsewhere
    /// now.
    Slow {
        /// Nothing was taken off it for a while.
        relief: bool,
    },
    /// It has no space left, and nothing that may go.
    Full,
    /// It is missing, read-only, failing, or does not answer.
    Sick,
}

/// A volume, as placement sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: VolumeId,
    /// What it is for.
    pub r#use: VolumeUse,
    /// How it takes footage.
    pub fitness: Fitness,
    /// Bytes of footage that it can hold.
    pub room: u64,
}

/// A stream that is to be recorded, as placement sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The stream.
    pub stream: StreamId,
    /// Where it is to be, while that works.
    pub wanted: Option<VolumeId>,
    /// Where it is.
    pub current: Option<VolumeId>,
    /// A volume that takes others, but fails for this stream.
    pub refused: Option<VolumeId>,
    /// Bytes a second; 0 where nobody knows yet.
    pub rate: u64,
}

/// Where each of `guests` is to be recorded; `None`: nowhere for now, its frames wait.
pub fn place(places: &[Place], guests: &[Guest]) -> BTreeMap<StreamId, Option<VolumeId>> {
    let mut placing = Placing { places, rates: BTreeMap::new() };
    let mut placed = BTreeMap::new();
    let mut movers = Vec::new();
    for guest in guests {
        match placing.stays(guest) {
            true => placing.settle(guest, guest.current, &mut placed),
            false => movers.push(guest),
        }
    }
    // The largest first: the rest fits around them.
    movers.sort_by_key(|guest| (std::cmp::Reverse(guest.rate), guest.stream));
    for guest in movers {
        let to = placing.best_for(guest);
        placing.settle(guest, to, &mut placed);
    }
    placing.relieve(guests, &mut placed);
    placed
}

struct Placing<'a> {
    places: &'a [Place],
    /// By volume, bytes a second of those that are recorded there.
    rates: BTreeMap<VolumeId, u64>,
}

impl Placing<'_> {
    fn of(&self, id: VolumeId) -> Option<&Place> {
        self.places.iter().find(|place| place.id == id)
    }

    /// Whether a stream remains where it is, without a look at what else there is.
    fn stays(&self, guest: &Guest) -> bool {
        let current = guest.current.filter(|id| guest.refused != Some(*id));
        let Some(current) = current.and_then(|id| self.of(id)) else { return false };
        let wants = guest.wanted.filter(|wanted| *wanted != current.id);
        let called = wants.filter(|id| guest.refused != Some(*id)).and_then(|id| self.of(id));
        current.serves() && !called.is_some_and(Place::calls)
    }

    /// Where a stream that cannot stay, or is called, goes.
    fn best_for(&self, guest: &Guest) -> Option<VolumeId> {
        let wanted = guest.wanted.filter(|id| guest.refused != Some(*id));
        if let Some(wanted) = wanted.and_then(|id| self.of(id)) {
            let opening = wanted.r#use == VolumeUse::Record && wanted.fitness == Fitness::Opening;
            let now = guest.current != Some(wanted.id) && wanted.takes();
            if wanted.calls() || now || (opening && guest.current.is_none()) {
                return Some(wanted.id);
            }
        }
        let opening =
            |place: &&Place| place.r#use == VolumeUse::Record && place.fitness == Fitness::Opening;
        let current = guest.current.and_then(|id| self.of(id));
        if current.as_ref().is_some_and(opening) {
            return guest.current;
        }
        // Once all are open it is known where there is most room.
        if guest.current.is_none() && self.places.iter().any(|place| opening(&place)) {
            return self.only();
        }
        let well = self.roomiest(guest, Place::takes);
        let any = || self.roomiest(guest, Place::serves);
        well.or_else(any).or(guest.current).or_else(|| self.only())
    }

    /// The one volume there is to record on: with it, nothing is to be decided.
    fn only(&self) -> Option<VolumeId> {
        let mut all = self.places.iter().filter(|place| place.r#use == VolumeUse::Record);
        all.next().filter(|_| all.next().is_none()).map(|place| place.id)
    }

    /// The volume with the most room for each byte a second, were the stream there.
    fn roomiest(&self, guest: &Guest, fits: impl Fn(&Place) -> bool) -> Option<VolumeId> {
        let offered = self.places.iter().filter(|place| guest.refused != Some(place.id));
        let fitting = offered.filter(|place| fits(place));
        let ratio = |place: &Place| {
            let there = self.rates.get(&place.id).copied().unwrap_or(0);
            // What is not measured yet counts like a little: streams do not all go to one volume.
            u128::from(place.room) * 1000 / u128::from(there + guest.rate.max(UNKNOWN_RATE))
        };
        fitting.max_by_key(|place| (ratio(place), std::cmp::Reverse(place.id))).map(|p| p.id)
    }

    fn settle(
        &mut self,
        guest: &Guest,
        to: Option<VolumeId>,
        placed: &mut BTreeMap<StreamId, Option<VolumeId>>,
    ) {
        if let Some(to) = to {
            *self.rates.entry(to).or_default() += guest.rate.max(UNKNOWN_RATE);
        }
        placed.insert(guest.stream, to);
    }

    /// Takes one stream off each volume that does not keep up, where another one is well.
    fn relieve(&mut self, guests: &[Guest], placed: &mut BTreeMap<StreamId, Option<VolumeId>>) {
        let slow = |place: &&Place| place.fitness == Fitness::Slow { relief: true };
        for place in self.places.iter().filter(slow) {
            let here = guests.iter().filter(|guest| {
                placed.get(&guest.stream) == Some(&Some(place.id)) && guest.wanted != Some(place.id)
            });
            let Some(guest) = here.max_by_key(|guest| (guest.rate, guest.stream)) else { continue };
            if let Some(to) = self.roomiest(guest, Place::takes) {
                self.settle(guest, Some(to), placed);
            }
        }
    }
}

/// What a stream is taken to send before it was measured, bytes a second.
const UNKNOWN_RATE: u64 = 100_000;

impl Place {
    /// Whether streams may come.
    fn takes(&self) -> bool {
        self.r#use == VolumeUse::Record && matches!(self.fitness, Fitness::Well { .. })
    }

    /// Whether streams that are here may stay.
    fn serves(&self) -> bool {
        let fit = matches!(self.fitness, Fitness::Well { .. } | Fitness::Slow { .. });
        self.r#use == VolumeUse::Record && fit
    }

    /// Whether streams that want it come back.
    fn calls(&self) -> bool {
        self.r#use == VolumeUse::Record && self.fitness == Fitness::Well { steady: true }
    }
}

#[cfg(test)]
mod tests;
