//! Moves that a crash has cut short: of two files of one segment, the one that its row does not
//! mean goes, so that it does not come back as footage without a row once that row is gone.

use std::sync::Arc;

use archive::{SegmentPlace, Volume};
use base::VolumeId;
use catalog::{Catalog, MovingRow, SegmentState};

use super::{DrainError, failed};

/// Removes what a move has left, as the segment's row says now; whether nothing is left. Otherwise
/// a volume is not open, or the file that counts is not there: what may be the last one stays. Only
/// for whoever moves segments, and while it moves none.
pub fn settle_left(
    moving: &MovingRow,
    catalog: &Catalog,
    open: &dyn Fn(VolumeId) -> Option<Arc<Volume>>,
) -> Result<bool, DrainError> {
    let place = SegmentPlace {
        camera_slug: moving.camera_slug.clone(),
        stream: moving.stream_name.clone(),
        start: moving.start,
        id: moving.segment,
    };
    let remove = |id: VolumeId| match open(id) {
        Some(volume) => {
            volume.remove(&place).map(|()| true).map_err(|source| failed(&volume, source))
        }
        None => Ok(false),
    };
    if let Some(target) = open(moving.target) {
        target.remove_draft(&place).map_err(|source| failed(&target, source))?;
    }
    let Some(row) = catalog.segment(moving.segment)? else {
        // It was removed while it moved.
        let (source, target) = (remove(moving.source)?, remove(moving.target)?);
        return Ok(source && target);
    };
    let other = match row.volume {
        volume if volume == moving.source => moving.target,
        volume if volume == moving.target => moving.source,
        // It has moved on.
        _ => return Ok(true),
    };
    match row.state {
        SegmentState::Open => Ok(true),
        // What is garbage goes where its row says.
        SegmentState::Garbage => remove(other),
        SegmentState::Sealed => {
            let usage = open(row.volume).and_then(|volume| volume.usage(&place).ok());
            let is_there = usage.is_some_and(|usage| usage.len == row.bytes);
            if is_there { remove(other) } else { Ok(false) }
        }
    }
}
