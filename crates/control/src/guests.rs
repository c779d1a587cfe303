//! The streams that are recorded, and what the threads of volumes are told of them. Steps: whoever
//! has the threads looks now and then, and passes the orders on.
//!
//! From a volume that works, a stream is let go at its next key frame and then taken in elsewhere.
//! From one that fails or does not answer, it is simply taken in elsewhere: what that one still
//! does counts no more (see [`recorder::Standing`]). A stream that is no longer to be recorded is a
//! guest until what waits in its memory is written, on whatever volume can.

mod ending;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use base::{MonoTime, StreamId, VolumeId};
use recorder::Standing;
use stream::EndCause;

use crate::control::RecordedStream;
use crate::placement::{self, Fitness, Place};

pub use ending::{Ending, Outcome};

/// What fails for less may pass: the frames go to another file of the same volume.
pub const TROUBLE_MIN: Duration = Duration::from_millis(1500);
/// A volume that was in trouble is well for so long before streams that want it come back.
pub const STEADY_AFTER: Duration = Duration::from_secs(180);
/// After so long an order is given again.
const ORDER_MAX: Duration = Duration::from_secs(10);

/// All streams that are recorded.
#[derive(Default)]
pub struct Guests {
    guests: BTreeMap<StreamId, Guest>,
    /// Where the footage of those was last that have left.
    left: BTreeMap<StreamId, VolumeId>,
}

/// A volume, at one moment.
#[derive(Clone, Debug)]
pub struct Volume {
    /// How it takes footage.
    pub place: Place,
    /// The streams that it fails for.
    pub failing: BTreeSet<StreamId>,
}

/// What the thread of a volume is told of a stream: see [`crate::Roster`].
#[derive(Clone)]
pub enum Command {
    /// Record it, going on where its recording stands.
    Record(Box<RecordedStream>, Arc<Standing>),
    /// The same, from the volume that had it: where placement has said something of it since, that
    /// counts.
    HandOn(Box<RecordedStream>, Arc<Standing>),
    /// Let it go at its next key frame: it is recorded on that volume from then on.
    Release(StreamId, VolumeId),
    /// Another volume has taken it over.
    Cut(StreamId),
    /// Write what it has, and record it no more; that is why.
    Forget(StreamId, EndCause),
}

/// What is to be passed on after a look.
#[derive(Default)]
pub struct Orders {
    /// By volume, in this order.
    pub told: Vec<(VolumeId, Command)>,
    /// Streams that go on elsewhere.
    pub moved: Vec<Moved>,
}

/// A stream goes on elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What it is called in logs.
    pub label: String,
    /// Where it was.
    pub from: VolumeId,
    /// Where it goes.
    pub to: VolumeId,
}

/// A stream that is recorded.
struct Guest {
    stream: RecordedStream,
    standing: Arc<Standing>,
    /// Where its footage was last.
    last: Option<VolumeId>,
    /// Where it is on its way to.
    order: Option<Order>,
    /// Since when its volume, which takes others, fails for it.
    failing_since: Option<MonoTime>,
    refused: Option<(VolumeId, MonoTime)>,
    /// A volume was told to record it: until then, what stands there is of an earlier connection.
    told: bool,
    /// Its volume does not know yet what it is called now, and that it stays.
    renewed: bool,
    /// It is not to be recorded any more once what waits is.
    leaving: Option<Leaving>,
    /// Volumes that were to write what waits when everything ended.
    tried: BTreeSet<VolumeId>,
}

#[derive(Clone, Copy)]
struct Order {
    to: VolumeId,
    /// Its present volume lets it go at the next key frame.
    gently: bool,
    at: MonoTime,
}

#[derive(Clone, Copy)]
struct Leaving {
    cause: EndCause,
    /// Who was told, and when.
    told: Option<(VolumeId, MonoTime)>,
}

impl Command {
    /// Whether it is to record a stream, whoever says so.
    pub fn records(&self) -> bool {
        matches!(self, Self::Record(..) | Self::HandOn(..))
    }
}

impl Guests {
    /// A stream comes, or comes anew: its recording goes on where `standing` says. `last` is where
    /// its footage was last, as far as is known.
    pub fn record(
        &mut self,
        stream: RecordedStream,
        standing: Arc<Standing>,
        last: Option<VolumeId>,
    ) {
        let id = stream.wanted.stream;
        let left = self.left.remove(&id);
        let known = self.guests.get_mut(&id);
        if let Some(known) = known.filter(|known| known.stream.reader.is_same(&stream.reader)) {
            return known.come_again(stream);
        }
        let before = self.guests.remove(&id).and_then(|before| before.at());
        let guest = Guest::new(stream, standing, before.or(left).or(last));
        self.guests.insert(id, guest);
    }

    /// A stream wants to be on that volume from now on.
    pub fn wants(&mut self, stream: StreamId, volume: Option<VolumeId>) {
        if let Some(guest) = self.guests.get_mut(&stream) {
            guest.stream.wanted.volume = volume;
        }
    }

    /// A stream is not to be recorded any more, once what waits of it is written.
    pub fn forget(&mut self, stream: StreamId, cause: EndCause) {
        if let Some(guest) = self.guests.get_mut(&stream) {
            (guest.leaving, guest.order) = (Some(Leaving { cause, told: None }), None);
        }
    }

    /// Where a stream is recorded, or is about to be.
    pub fn volume_of(&self, stream: StreamId) -> Option<VolumeId> {
        self.guests.get(&stream)?.at()
    }

    /// What those are called that are recorded on `volume` now, or are on their way there.
    pub fn labels_on(&self, volume: VolumeId) -> Vec<String> {
        let is_there = |guest: &&Guest| {
            let rests = guest.stream.reader.rests() && !guest.waits();
            guest.at() == Some(volume) && !rests
        };
        let there = self.guests.values().filter(is_there);
        there.map(|guest| guest.stream.wanted.source.label.clone()).collect()
    }

    /// Whether all are where they are to be, and are to stay.
    pub fn are_at_rest(&self) -> bool {
        self.guests.values().all(Guest::is_at_rest)
    }

    /// Looks whether streams have to be moved, and whether those that leave have left.
    pub fn look(&mut self, volumes: &[Volume], now: MonoTime) -> Orders {
        let gone = self.guests.extract_if(.., |_, guest| guest.has_left());
        self.left.extend(gone.filter_map(|(stream, guest)| Some((stream, guest.at()?))));
        let places: Vec<Place> = volumes.iter().map(|volume| volume.place).collect();
        let mut seen = Vec::new();
        for (stream, guest) in &mut self.guests {
            guest.look(volumes, now);
            let wanted = guest.stream.wanted.volume;
            seen.push(placement::Guest {
                stream: *stream,
                // Whoever leaves is not moved for the sake of a wish.
                wanted: wanted.filter(|_| guest.leaving.is_none()),
                current: guest.at().filter(|at| places.iter().any(|place| place.id == *at)),
                refused: guest.refused.map(|(volume, _)| volume),
                rate: guest.rate(),
            });
        }
        let mut orders = Orders::default();
        for (stream, to) in placement::place(&places, &seen) {
            if let (Some(guest), Some(to)) = (self.guests.get_mut(&stream), to) {
                let to = guest.leaves_from(&places).unwrap_or(to);
                guest.bring(to, &places, now, &mut orders);
                guest.see_off(to, now, &mut orders);
            }
        }
        orders
    }
}

impl Guest {
    fn new(stream: RecordedStream, standing: Arc<Standing>, last: Option<VolumeId>) -> Self {
        Self {
            stream,
            standing,
            last,
            order: None,
            failing_since: None,
            refused: None,
            told: false,
            renewed: false,
            leaving: None,
            tried: BTreeSet::new(),
        }
    }

    /// Another session of the same stream, whose frames come after those that wait.
    fn come_again(&mut self, stream: RecordedStream) {
        (self.stream, self.renewed) = (stream, true);
        (self.leaving, self.order) = (None, None);
    }

    /// Where it is recorded, or about to be.
    fn at(&self) -> Option<VolumeId> {
        let order = self.order.map(|order| order.to);
        order.or(self.standing.volume()).or(self.last)
    }

    fn is_at_rest(&self) -> bool {
        let (at, wanted) = (self.standing.volume(), self.stream.wanted.volume);
        let settled = self.order.is_none() && self.leaving.is_none();
        settled
            && self.failing_since.is_none()
            && at.is_some()
            && (wanted.is_none() || at == wanted)
    }

    /// Whether everything of one that leaves is written. Then no order of before counts any more.
    fn has_left(&self) -> bool {
        self.leaving.is_some() && self.stream.reader.is_idle() && self.standing.retire()
    }

    /// Notes whether its volume fails for it alone.
    fn look(&mut self, volumes: &[Volume], now: MonoTime) {
        let at = self.standing.volume();
        let volume = volumes.iter().find(|volume| Some(volume.place.id) == at);
        let fails = volume.is_some_and(|v| v.failing.contains(&self.stream.wanted.stream));
        self.failing_since = if fails { self.failing_since.or(Some(now)) } else { None };
        if let (Some(at), Some(since)) = (at, self.failing_since)
            && now.since(since) >= TROUBLE_MIN
        {
            self.refused = Some((at, now));
        }
        self.refused = self.refused.filter(|(_, when)| now.since(*when) < STEADY_AFTER);
    }

    /// Brings it to a volume, unless it is there or on its way.
    fn bring(&mut self, to: VolumeId, places: &[Place], now: MonoTime, orders: &mut Orders) {
        let from = self.standing.volume().filter(|_| self.told);
        if from == Some(to) {
            if let Some(order) = self.order.take().filter(|order| order.to != to) {
                // It stays after all: it was told otherwise, and maybe not to stay.
                let cut = Command::Cut(self.stream.wanted.stream);
                orders.told.push((order.to, cut));
                (self.renewed, self.last) = (true, Some(to));
            }
            self.standing.assign(to, &self.stream.reader);
            return self.renew_on(to, orders);
        }
        let gently = from.filter(|from| self.is_served_by(*from, places));
        if let Some(order) = self.order.filter(|order| order.to == to) {
            let waits = order.gently == gently.is_some();
            if waits && (gently.is_some() || now.since(order.at) < ORDER_MAX) {
                return;
            }
        }
        // A volume that was not open when it was told must not begin with it later.
        let told = self.order.map(|order| order.to).or(self.last.filter(|_| self.told));
        let order = Order { to, gently: gently.is_some(), at: now };
        match gently {
            Some(from) => self.standing.assign_after(from, to, &self.stream.reader),
            None => self.standing.assign(to, &self.stream.reader),
        }
        (self.order, self.last, self.told) = (Some(order), Some(to), true);
        if let Some(from) = from {
            let label = self.stream.wanted.source.label.clone();
            orders.moved.push(Moved { label, from, to });
        }
        if let Some(from) = gently {
            // Until then it must not leave from there.
            self.renew_on(from, orders);
            return orders.told.push((from, Command::Release(self.stream.wanted.stream, to)));
        }
        self.renewed = false;
        orders.told.push((to, self.as_command()));
        let others: BTreeSet<_> = from.into_iter().chain(told).collect();
        let cut = || Command::Cut(self.stream.wanted.stream);
        orders.told.extend(others.into_iter().filter(|id| *id != to).map(|id| (id, cut())));
    }

    /// Tells the volume that has it what it is called now, and that it stays, where that is new.
    fn renew_on(&mut self, volume: VolumeId, orders: &mut Orders) {
        if std::mem::take(&mut self.renewed) && self.leaving.is_none() {
            orders.told.push((volume, self.as_command()));
        }
    }

    /// Whether a volume writes what it has of this one.
    fn is_served_by(&self, id: VolumeId, places: &[Place]) -> bool {
        let fitness = places.iter().find(|place| place.id == id).map(|place| place.fitness);
        let works = matches!(fitness, Some(Fitness::Well { .. } | Fitness::Slow { .. }));
        works && self.refused.is_none_or(|(refused, _)| refused != id)
    }

    /// Where one that leaves is let finish, for that works.
    fn leaves_from(&self, places: &[Place]) -> Option<VolumeId> {
        self.leaving?;
        self.standing.volume().filter(|id| self.is_served_by(*id, places))
    }

    /// Tells the volume that is to write what waits of one that leaves.
    fn see_off(&mut self, to: VolumeId, now: MonoTime, orders: &mut Orders) {
        let Some(leaving) = &mut self.leaving else { return };
        let fresh = |(id, at): (VolumeId, MonoTime)| id == to && now.since(at) < ORDER_MAX;
        if !leaving.told.is_some_and(fresh) {
            leaving.told = Some((to, now));
            let command = Command::Forget(self.stream.wanted.stream, leaving.cause);
            orders.told.push((to, command));
        }
    }

    fn as_command(&self) -> Command {
        Command::Record(Box::new(self.stream.clone()), self.standing.clone())
    }

    /// Roughly what it sends in a second: what is kept for viewers, a GOP or a second.
    fn rate(&self) -> u64 {
        self.stream.reader.stats().recent_bytes as u64
    }
}

#[cfg(test)]
pub(crate) mod tests;
