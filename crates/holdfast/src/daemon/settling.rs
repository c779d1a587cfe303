//! Ends moves of footage that were cut short, each by itself: a disk that gives nothing, or takes
//! no change, keeps no other from it, and is asked ever more rarely.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use api::operations::VolumeState;
use base::{MonoTime, SegmentId, Shutdown, VolumeId, limits};
use catalog::MovingRow;
use recorder::{DrainError, Settled, Settling};

use super::health::VolumeHealth;
use super::house::House;

/// A volume that failed is tried again after this, then ever later.
const AGAIN_MIN: Duration = Duration::from_secs(60);
const AGAIN_MAX: Duration = Duration::from_secs(3600);

/// How far it has come with moves that were cut short.
#[derive(Debug, Default)]
pub struct Unsettled {
    /// Everything up to it was looked at in this pass.
    after: Option<MovingRow>,
    /// Volumes that failed.
    volumes: BTreeMap<VolumeId, Rest>,
    /// Segments that failed, or of which no file is whole, so that others come first; and when
    /// they are tried again.
    segments: BTreeSet<SegmentId>,
    segments_due: MonoTime,
}

/// A volume that failed is left alone for a while.
#[derive(Clone, Copy, Debug)]
struct Rest {
    waited: Duration,
    due: MonoTime,
}

impl Unsettled {
    /// Looks at the next moves.
    pub fn look(&mut self, house: &House, shutdown: &Shutdown) -> Result<()> {
        let now = house.machine.mono();
        if self.segments_due <= now {
            self.segments.clear();
        }
        let page = house.catalog.moving(self.after.as_ref(), limits::UNSETTLED_MOVES_AT_ONCE)?;
        let is_last = page.len() < limits::UNSETTLED_MOVES_AT_ONCE;
        for moving in page {
            if shutdown.is_requested() {
                return Ok(());
            }
            self.settle(house, shutdown, &moving)?;
            self.after = Some(moving);
        }
        if is_last {
            self.after = None;
        }
        Ok(())
    }

    /// Settles one move as far as that goes now; an error is the catalog's.
    fn settle(&mut self, house: &House, shutdown: &Shutdown, moving: &MovingRow) -> Result<()> {
        let now = house.machine.mono();
        if self.segments.contains(&moving.segment) || self.segments.len() >= SEGMENTS_MAX {
            return Ok(());
        }
        let settled = Settling {
            catalog: &house.catalog,
            open: &|id| {
                house.open.get(id).filter(|_| !self.rests(id, now) && answers(house, id, now))
            },
            may_remove: &|id| can_be_changed(house, id, now),
            pace: &mut |bytes| {
                let seconds = bytes as f64 / limits::DRAIN_BYTES_PER_SECOND as f64;
                !shutdown.wait_timeout(Duration::from_secs_f64(seconds))
            },
        }
        .settle(moving);
        match settled {
            Ok(Settled::Waits) => {}
            // It was broken off.
            Ok(Settled::Doubtful) if shutdown.is_requested() => {}
            Ok(Settled::Tell(changes)) => {
                house.rows.apply(changes)?;
                self.volumes.remove(&moving.source);
                self.volumes.remove(&moving.target);
            }
            Ok(Settled::Doubtful) => {
                self.pass_over(moving.segment, now);
                let segment = moving.segment.to_string();
                tracing::error!(segment, "a move was cut short, and no file is whole: both stay");
            }
            Err(DrainError::Volume { id, volume, source }) => {
                self.pass_over(moving.segment, now);
                self.failed(id, now, &format!("volume {volume}: {source}"));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// What a move has left stays, for a volume failed: said once until it works again.
    pub fn failed(&mut self, id: VolumeId, now: MonoTime, why: &str) {
        let before = self.volumes.get(&id).map(|rest| rest.waited);
        if before.is_none() {
            tracing::error!("what was moved has left files, which stay for now: {why}");
        }
        let waited = (before.unwrap_or_default() * 2).clamp(AGAIN_MIN, AGAIN_MAX);
        self.volumes.insert(id, Rest { waited, due: now + waited });
    }

    /// Whether a volume has failed, and is left alone for now.
    pub fn rests(&self, id: VolumeId, now: MonoTime) -> bool {
        self.volumes.get(&id).is_some_and(|rest| rest.due > now)
    }

    fn pass_over(&mut self, segment: SegmentId, now: MonoTime) {
        if self.segments.is_empty() {
            self.segments_due = now + AGAIN_MAX;
        }
        self.segments.insert(segment);
        if self.segments.len() == SEGMENTS_MAX {
            tracing::error!(segments = SEGMENTS_MAX, "no more moves are settled for an hour");
        }
    }
}

const SEGMENTS_MAX: usize = limits::UNSETTLED_SEGMENTS_MAX;

/// Whether files can be removed from a volume, as far as is known.
pub fn can_be_changed(house: &House, id: VolumeId, now: MonoTime) -> bool {
    let may = |it: &VolumeHealth| it.answers(now) && it.judge(now).0 != VolumeState::ReadOnly;
    health_of(house, id).as_ref().is_some_and(may)
}

/// Whether a volume's disk does not keep whoever asks it waiting, as far as is known.
pub fn answers(house: &House, id: VolumeId, now: MonoTime) -> bool {
    health_of(house, id).is_some_and(|volume| volume.answers(now))
}

fn health_of(house: &House, id: VolumeId) -> Option<VolumeHealth> {
    house.volumes.health().into_iter().find(|volume| volume.id == Some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_that_fails_is_asked_ever_more_rarely_and_others_are_not_kept_waiting() {
        let (bad, good) = (VolumeId::from_bytes([1; 16]), VolumeId::from_bytes([2; 16]));
        let (mut unsettled, mut now) = (Unsettled::default(), MonoTime::default());
        let mut waits = Vec::new();
        for _ in 0..8 {
            unsettled.failed(bad, now, "read-only");
            let due = unsettled.volumes.get(&bad).map(|rest| rest.due).unwrap_or_default();
            waits.push(due.since(now).as_secs());
            assert!(unsettled.rests(bad, now) && !unsettled.rests(good, now));
            now = due;
            assert!(!unsettled.rests(bad, now));
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }

    #[test]
    fn segments_that_settle_badly_are_bounded() {
        let mut unsettled = Unsettled::default();
        for number in 0..limits::UNSETTLED_SEGMENTS_MAX {
            let id = SegmentId::from_bytes((number as u128).to_be_bytes());
            unsettled.pass_over(id, MonoTime::default());
        }
        assert_eq!(unsettled.segments.len(), limits::UNSETTLED_SEGMENTS_MAX);
        assert_eq!(unsettled.segments_due, MonoTime::default() + AGAIN_MAX, "of the first one");
    }
}
