//! The key frame that shows an instant.

use base::{StreamId, WallTime, limits};

use crate::error::PlanError;
use crate::hidden::Hidden;
use crate::keyframes::{KeyFrames, Walk};
use crate::source::Source;

/// Segments that are looked at for a key frame after the instant: more than one only where what
/// they show was deleted by hand, or where they have no pictures.
const SEGMENTS_AFTER_MAX: usize = 64;

impl KeyFrames {
    /// The last key frame at or before `at` that may be shown, where it is no older than
    /// `limits::STILL_LOOK_BACK`; else the first one after it. Empty when there is none.
    pub fn nearest(source: &dyn Source, stream: StreamId, at: WallTime) -> Result<Self, PlanError> {
        let mut chosen = Self { stream, rows: Vec::new(), frames: Vec::new() };
        let oldest = at.plus_micros(-(limits::STILL_LOOK_BACK.as_micros() as i64));
        let next = at.plus_micros(1);
        let hidden = Hidden::of(source, stream, oldest, next)?;
        let mut walk = Walk::new(source, stream, hidden);
        for row in source.segments(stream, oldest, next)?.into_iter().rev() {
            let keys = walk.hold(row)?.unwrap_or_default();
            let upto = &keys[..keys.partition_point(|key| key.at <= at)];
            if let Some(found) = upto.last().filter(|key| key.at >= oldest).copied() {
                chosen.push(found, &walk);
                return Ok(chosen);
            }
        }
        chosen.first_after(source, at)?;
        Ok(chosen)
    }

    /// Takes the first key frame after `at`.
    fn first_after(&mut self, source: &dyn Source, at: WallTime) -> Result<(), PlanError> {
        let stream = self.stream;
        let around = source.segments(stream, at, at.plus_micros(1))?.into_iter().next();
        let mut next = match around {
            Some(row) => Some(row),
            None => source.segment_after(stream, at)?,
        };
        for _ in 0..SEGMENTS_AFTER_MAX {
            let Some(row) = next else { return Ok(()) };
            let (start, end) = (row.start, row.end);
            let hidden = Hidden::of(source, stream, start, end)?;
            let mut walk = Walk::new(source, stream, hidden);
            let keys = walk.hold(row)?.unwrap_or_default();
            if let Some(found) = keys.iter().find(|key| key.at > at).copied() {
                self.push(found, &walk);
                return Ok(());
            }
            // The usual duration of its last picture may reach into the one that follows.
            next = source.segment_after(stream, start.plus_micros(1))?;
        }
        Ok(())
    }
}
