//! Carries placement out: looks how the volumes are, and tells their threads which streams have to
//! move (see [`control::guests`]).

use std::sync::Arc;
use std::time::Duration;

use api::operations::VolumeState;
use base::{MonoTime, Shutdown};
use control::guests::{self, STEADY_AFTER, TROUBLE_MIN};
use control::placement::{Fitness, Place};
use recorder::DiskFault;

use super::health::VolumeHealth;
use super::volumes::{Kept, State, Volumes};
use crate::vital::Vital;

/// How often it is looked while anything is on its way or in trouble.
const LOOK: Duration = Duration::from_millis(500);
/// How often while all is well: streams that come, go or want to move are placed at once, and a
/// volume that fails is in trouble for longer before anything is moved.
const LOOK_AT_REST: Duration = Duration::from_secs(2);
/// A volume that was just begun with may take so long to be opened.
const OPENING_MAX: Duration = Duration::from_secs(10);
/// A volume is slow for so long before a stream is taken off it, and so long until the next one.
const SLOW_MIN: Duration = Duration::from_secs(60);

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

    /// Whether it was just begun with, and nobody knows yet how it is.
    fn is_opening(&self, health: &VolumeHealth, now: MonoTime) -> bool {
        !health.open && !health.tried && now.since(self.begun) < OPENING_MAX
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
        if self.watch.is_opening(health, now) {
            return;
        }
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
        if watch.is_opening(health, now) {
            return Fitness::Opening;
        }
        let bad = watch.bad_since.is_some_and(|since| now.since(since) >= TROUBLE_MIN);
        if !health.open || health.suspect || bad {
            let full = health.fault == DiskFault::NoSpace;
            return if full { Fitness::Full } else { Fitness::Sick };
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
    /// Moves streams, where that has become necessary; when to look again.
    pub(super) fn place(&mut self, now: MonoTime) -> Duration {
        if self.ended {
            return LOOK_AT_REST;
        }
        let mut volumes = Vec::new();
        for kept in &mut self.volumes {
            let health = kept.health.snapshot();
            kept.look(&health, now);
            let (place, failing) = (kept.as_place(&health, now), health.trouble.into_keys());
            volumes.push(guests::Volume { place, failing: failing.collect() });
        }
        let orders = self.guests.look(&volumes, now);
        for moved in &orders.moved {
            if let Some(slow) = self.volumes.iter_mut().find(|kept| kept.row.id == moved.from) {
                slow.watch.slow_since = slow.watch.slow_since.map(|_| now);
            }
            let volume = self.kept(moved.to).map_or("", |kept| kept.row.name.as_str());
            tracing::info!(stream = moved.label, volume, "recording goes on on another volume");
        }
        for (volume, command) in orders.told {
            self.tell_of_stream(volume, command);
        }
        let is_well = |volume: &guests::Volume| {
            volume.failing.is_empty() && volume.place.fitness == Fitness::Well { steady: true }
        };
        match volumes.iter().all(is_well) && self.guests.are_at_rest() {
            true => LOOK_AT_REST,
            false => LOOK,
        }
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
        let mut next = LOOK;
        while !shutdown.wait_timeout(next) {
            next = volumes.place(clock.mono());
        }
    })?;
    Ok(())
}
