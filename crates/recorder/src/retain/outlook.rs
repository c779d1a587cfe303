//! What will come: how far back each stream will reach, and what would go under other rules. It
//! asks what deletion asks.

use std::time::Duration;

use base::{StreamId, VolumeId, WallTime, limits};
use catalog::ReadError;

use super::share::{Share, Sharer, share};
use super::{AHEAD_PART, AHEAD_SECONDS, RetainError, Retention, Rules, Scale};

/// Rates are measured over this much time.
const RATE_MICROS: i64 = 24 * 3600 * 1_000_000;
/// The least time that says something about a rate.
const RATE_MICROS_MIN: i64 = 60 * 1_000_000;

/// What one stream has to expect on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The stream.
    pub stream: StreamId,
    /// Bytes a second that it wrote over the last day; 0 where it is not recorded here.
    pub bytes_per_second: u64,
    /// Bytes of its footage that are not protected, once the volume is full or its limits are
    /// reached; `None` where it is not recorded here: what it has ages out.
    pub share_bytes: Option<u64>,
    /// How far back that reaches, ten years for any more; `None` as above.
    pub reaches_back: Option<Duration>,
    /// Bytes of its protected footage, on all volumes.
    pub protected_bytes: u64,
}

/// What would be removed of one stream at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The stream.
    pub stream: StreamId,
    /// How many segments.
    pub segments: u64,
    /// Their bytes on the disk.
    pub bytes: u64,
    /// The first instant of what would go.
    pub from: WallTime,
    /// The first instant after the last of what would go.
    pub to: WallTime,
}

impl Retention {
    /// What each stream that has footage on the volume has to expect under `rules`.
    pub fn outlook(&mut self, rules: &Rules, now: WallTime) -> Result<Vec<Outlook>, RetainError> {
        let mut scale = self.weigh(rules)?;
        let mut sharers = Vec::with_capacity(scale.streams.len());
        for stream in &scale.streams {
            let bytes_per_second = match self.home(stream.stream)? == Some(self.id()) {
                true => self.rate(stream.stream, now)?,
                false => 0,
            };
            sharers.push(Sharer { stream: stream.stream, keep: stream.keep, bytes_per_second });
        }
        self.look_ahead(&mut scale, &sharers)?;
        let shares = share(scale.capacity(), &sharers);
        let outlook = |sharer: &Sharer| {
            let share: Option<&Share> = shares.iter().find(|of| of.stream == sharer.stream);
            let of = scale.streams.iter().find(|of| of.stream == sharer.stream);
            Outlook {
                stream: sharer.stream,
                bytes_per_second: sharer.bytes_per_second,
                share_bytes: share.map(|share| share.bytes),
                reaches_back: share.map(|share| share.reaches_back),
                protected_bytes: of.map_or(0, |of| of.held.all),
            }
        };
        Ok(sharers.iter().map(outlook).collect())
    }

    /// What `rules` would remove from the volume as of `now`, by stream; whether that is all of it
    /// (only so many segments are looked at).
    pub fn preview(
        &mut self,
        rules: &Rules,
        now: WallTime,
    ) -> Result<(Vec<Removal>, bool), RetainError> {
        let scale = self.weigh(rules)?;
        let (segments, choice) = self.choose(&scale, now, limits::FORECAST_SEGMENTS_MAX)?;
        let mut removals: Vec<Removal> = Vec::new();
        for segment in choice.remove.iter().map(|(at, _)| &segments[*at]) {
            let (stream, from, to) = (segment.stream, segment.start, segment.end);
            let at = removals.iter().position(|removal| removal.stream == stream);
            let at = at.unwrap_or_else(|| {
                removals.push(Removal { stream, segments: 0, bytes: 0, from, to });
                removals.len() - 1
            });
            let removal = &mut removals[at];
            removal.segments += 1;
            removal.bytes += segment.allocated;
            (removal.from, removal.to) = (removal.from.min(from), removal.to.max(to));
        }
        Ok((removals, !choice.more))
    }

    /// Room for what is to come: as measured by the day where that is more than now.
    fn look_ahead(&self, scale: &mut Scale, sharers: &[Sharer]) -> Result<(), RetainError> {
        let rate: u64 = sharers.iter().map(|sharer| sharer.bytes_per_second).sum();
        let unmeasured = |source| RetainError::Space { volume: self.root(), source };
        let most = self.volume.space().map_err(unmeasured)?.total / AHEAD_PART;
        let ahead = rate.saturating_mul(AHEAD_SECONDS).min(most);
        scale.budget.ahead = scale.budget.ahead.max(ahead);
        Ok(())
    }

    /// The volume that the stream is recorded on, as its newest footage tells.
    fn home(&self, stream: StreamId) -> Result<Option<VolumeId>, ReadError> {
        if let Some(volume) = self.catalog.tail().volume_of(stream) {
            return Ok(Some(volume));
        }
        let newest = self.catalog.segments_before(stream, WallTime::MAX, 1)?;
        Ok(newest.first().map(|row| row.volume))
    }

    /// Bytes a second of the last day, or since the stream's footage begins.
    fn rate(&self, stream: StreamId, now: WallTime) -> Result<u64, ReadError> {
        let day = now.plus_micros(-RATE_MICROS);
        let tail = self.catalog.tail();
        let growing = tail.first_start(stream);
        let hours = self.catalog.hours(stream, day, now.plus_micros(1))?;
        let sealed: u64 = hours.iter().map(|hour| hour.bytes).sum();
        let first = hours.first().map(|hour| hour.first).into_iter().chain(growing).min();
        let Some(first) = first else { return Ok(0) };
        // The first hour may begin before the day does: all of it is counted then.
        let micros = now.micros_since(first).max(RATE_MICROS_MIN);
        let bytes = u128::from(sealed.saturating_add(tail.bytes_of(stream)));
        let rate = bytes * 1_000_000 / u128::from(micros.unsigned_abs());
        Ok(u64::try_from(rate).unwrap_or(u64::MAX))
    }
}

impl Scale {
    /// Bytes that footage which is not protected may take on the volume.
    fn capacity(&self) -> u64 {
        let free = self.budget.available.saturating_add(self.budget.leaving);
        let held: u64 = self.streams.iter().map(|stream| stream.held.here).sum();
        let reserved = self.budget.keep_free.saturating_add(self.budget.ahead);
        free.saturating_add(self.footage).saturating_sub(reserved).saturating_sub(held)
    }
}
