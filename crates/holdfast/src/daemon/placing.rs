//! Carries placement out: looks how the volumes are, and moves the streams that have to move.
//!
//! From a volume that works, a stream is let go at its next key frame and then taken in elsewhere.
//! From one that fails or does not answer, it is simply taken in elsewhere: what that one still
//! does counts no more (see [`recorder::Standing`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use api::operations::VolumeState;
use base::{MonoTime, Shutdown, StreamId, VolumeId};
use control::RecordedStream;
use control::placement::{self, Fitness, Place};
use recorder::Standing;

use super::health::VolumeHealth;
use super::record::Command;
use super::volumes::{Kept, State, Volumes};
use crate::vital::Vital;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);
/// A volume that was just begun with may take so long to be opened.
const OPENING_MAX: Duration = Duration::from_secs(10);
/// What fails for less may pass: the frames go to another file of the same volume.
const TROUBLE_MIN: Duration = Duration::from_millis(1500);
/// A volume that was in trouble is well for so long before streams that want it come back.
const STEADY_AFTER: Duration = Duration::from_secs(180);
/// A volume is slow for so long before a stream is taken off it, and so long until the next one.
const SLOW_MIN: Duration = Duration::from_secs(60);
/// After so long an order is given again.
const ORDER_MAX: Duration = Duration::from_secs(10);

/// A stream that is recorded.
pub struct Guest {
    pub stream: RecordedStream,
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
    /// It is not to be recorded any more.
    left: bool,
}

#[derive(Clone, Copy)]
struct Order {
    to: VolumeId,
    /// Its present volume lets it go at the next key frame.
    gently: bool,
    at: MonoTime,
}

/// What is remembered of a volume from look to look.
pub struct Watch {
    begun: MonoTime,
    bad_since: Option<MonoTime>,
    bad_last: Option<MonoTime>,
    slow_since: Option<MonoTime>,
}

impl Watch {
    pub fn new(now: MonoTime) -> Self {
        Self { begun: now, bad_since: None, bad_last: None, slow_since: None }
    }
}

impl Guest {
    /// A stream that comes, or comes anew as `before`: its recording goes on where that stands.
    pub fn new(
        stream: RecordedStream,
        standing: Arc<Standing>,
        before: Option<Self>,
        last: Option<VolumeId>,
    ) -> Self {
        let last = before.and_then(|before| before.last).or(last);
        Self {
            stream,
            standing,
            last,
            order: None,
            failing_since: None,
            refused: None,
            told: false,
            left: false,
        }
    }

    /// Where it is recorded, or about to be.
    pub fn at(&self) -> Option<VolumeId> {
        let order = self.order.map(|order| order.to);
        if self.left { None } else { order.or(self.standing.volume()).or(self.last) }
    }

    /// It is not to be recorded any more; the volumes that have to know.
    pub fn leave(&mut self) -> Vec<VolumeId> {
        let mut volumes: Vec<_> = self.at().into_iter().chain(self.standing.volume()).collect();
        volumes.dedup();
        self.last = self.at();
        (self.left, self.order) = (true, None);
        volumes
    }

    /// Notes whether its volume fails for it alone.
    fn look(&mut self, volumes: &BTreeMap<VolumeId, VolumeHealth>, now: MonoTime) {
        let at = self.standing.volume();
        let health = at.and_then(|at| volumes.get(&at));
        let stream = self.stream.wanted.stream;
        let fails = health.is_some_and(|health| health.trouble.contains_key(&stream));
        self.failing_since = if fails { self.failing_since.or(Some(now)) } else { None };
        if let (Some(at), Some(since)) = (at, self.failing_since)
            && now.since(since) >= TROUBLE_MIN
        {
            self.refused = Some((at, now));
        }
        self.refused = self.refused.filter(|(_, when)| now.since(*when) < STEADY_AFTER);
    }
}

impl Kept {
    /// Whether footage may go there.
    pub(super) fn takes(&self, now: MonoTime) -> bool {
        let record = self.row.r#use == config::VolumeUse::Record;
        record && matches!(self.fitness(&self.health.snapshot(), now), Fitness::Well { .. })
    }

    /// Notes how the volume is.
    fn look(&mut self, health: &VolumeHealth, now: MonoTime) {
        let (state, _) = health.judge(now);
        let bad = !matches!(state, VolumeState::Ok | VolumeState::Degraded);
        let watch = &mut self.watch;
        if bad && !health.is_single_trouble(now) {
            watch.bad_since = watch.bad_since.or(Some(now));
            watch.bad_last = Some(now);
            if health.open && now.since(watch.bad_since.unwrap_or(now)) >= TROUBLE_MIN {
                // Only the disk itself can say that it is well again.
                self.health.update(|health| health.suspect = true);
            }
        } else if health.suspect {
            watch.bad_last = Some(now);
        } else {
            watch.bad_since = None;
        }
        let slow = health.state == VolumeState::Degraded;
        watch.slow_since = if slow { watch.slow_since.or(Some(now)) } else { None };
    }

    fn fitness(&self, health: &VolumeHealth, now: MonoTime) -> Fitness {
        let watch = &self.watch;
        let young = now.since(watch.begun) < OPENING_MAX;
        if !health.open && !health.tried && young {
            return Fitness::Opening;
        }
        let bad = watch.bad_since.is_some_and(|since| now.since(since) >= TROUBLE_MIN);
        if !health.open || health.suspect || bad {
            return if health.full { Fitness::Full } else { Fitness::Sick };
        }
        if health.short > 0 {
            return Fitness::Full;
        }
        match watch.slow_since {
            Some(since) if now.since(since) >= SLOW_MIN => Fitness::Slow { relief: true },
            Some(_) if watch.bad_last.is_none() => Fitness::Slow { relief: false },
            _ => {
                let steady = watch.bad_last.is_none_or(|bad| now.since(bad) >= STEADY_AFTER);
                Fitness::Well { steady }
            }
        }
    }

    fn as_place(&self, health: &VolumeHealth, now: MonoTime) -> Place {
        let space = health.space.unwrap_or(world::Space { total: 0, available: 0, free: 0 });
        let room = space.total.saturating_sub(health.keep_free.bytes_of(space.total));
        let (id, r#use) = (self.row.id, self.row.r#use);
        Place { id, r#use, fitness: self.fitness(health, now), room }
    }
}

impl State {
    /// Moves streams, where that has become necessary.
    pub(super) fn place(&mut self, now: MonoTime) {
        if self.ended {
            return;
        }
        let mut healths = BTreeMap::new();
        for kept in &mut self.volumes {
            let health = kept.health.snapshot();
            kept.look(&health, now);
            healths.insert(kept.row.id, health);
        }
        let places: Vec<Place> =
            self.volumes.iter().map(|kept| kept.as_place(&healths[&kept.row.id], now)).collect();
        let mut guests = Vec::new();
        for (stream, guest) in self.guests.iter_mut().filter(|(_, guest)| !guest.left) {
            guest.look(&healths, now);
            guests.push(placement::Guest {
                stream: *stream,
                wanted: guest.stream.wanted.volume,
                current: guest.at().filter(|at| healths.contains_key(at)),
                refused: guest.refused.map(|(volume, _)| volume),
                rate: guest.rate(),
            });
        }
        for (stream, to) in placement::place(&places, &guests) {
            if let Some(to) = to {
                self.bring(stream, to, &places, now);
            }
        }
    }

    /// Brings a stream to a volume, unless it is there or on its way.
    fn bring(&mut self, stream: StreamId, to: VolumeId, places: &[Place], now: MonoTime) {
        let Some(guest) = self.guests.get_mut(&stream) else { return };
        let from = guest.standing.volume().filter(|_| guest.told);
        if from == Some(to) {
            return guest.order = None;
        }
        let works = |id: VolumeId| {
            let fitness = places.iter().find(|place| place.id == id).map(|place| place.fitness);
            matches!(fitness, Some(Fitness::Well { .. } | Fitness::Slow { .. }))
        };
        let gently = from.filter(|from| works(*from) && guest.refused.is_none_or(|r| r.0 != *from));
        if let Some(order) = guest.order.filter(|order| order.to == to) {
            let waits = order.gently == gently.is_some();
            if waits && (gently.is_some() || now.since(order.at) < ORDER_MAX) {
                return;
            }
        }
        // A volume that was not open when it was told must not begin with it later.
        let told = guest.order.map(|order| order.to).or(guest.last.filter(|_| guest.told));
        let order = Order { to, gently: gently.is_some(), at: now };
        (guest.order, guest.last, guest.told) = (Some(order), Some(to), true);
        let (recorded, standing) = (guest.stream.clone(), guest.standing.clone());
        if let Some(slow) = self.volumes.iter_mut().find(|kept| Some(kept.row.id) == from) {
            slow.watch.slow_since = slow.watch.slow_since.map(|_| now);
            let new = self.volumes.iter().find(|kept| kept.row.id == to);
            let new = new.map_or("", |kept| kept.row.name.as_str());
            let label = &recorded.wanted.source.label;
            tracing::info!(stream = label, volume = new, "recording goes on on another volume");
        }
        match gently {
            Some(from) => {
                let Some(door) = self.kept(to).map(|kept| kept.door.clone()) else { return };
                self.tell(from, Command::Release(stream, door));
            }
            None => {
                self.tell(to, Command::Record(Box::new(recorded), standing));
                let others: BTreeSet<_> = from.into_iter().chain(told).collect();
                for other in others.into_iter().filter(|other| *other != to) {
                    self.tell(other, Command::Cut(stream));
                }
            }
        }
    }
}

impl Guest {
    /// Roughly what it sends in a second: what is kept for viewers, a GOP or a second.
    fn rate(&self) -> u64 {
        self.stream.reader.stats().recent_bytes as u64
    }
}

/// Looks after all streams until `shutdown` is requested.
pub fn start(
    volumes: &Arc<Volumes>,
    clock: Arc<dyn world::Clock>,
    shutdown: Shutdown,
) -> std::io::Result<()> {
    let volumes = volumes.clone();
    std::thread::Builder::new().name("place".to_owned()).spawn(move || {
        let _vital = Vital::new("moves streams between volumes");
        while !shutdown.wait_timeout(LOOK) {
            volumes.place(clock.mono());
        }
    })?;
    Ok(())
}
