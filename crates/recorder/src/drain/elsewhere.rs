//! Footage on a volume that is to go, all of which lies elsewhere too: a move of it was cut short.

use std::sync::Arc;

use archive::{SegmentPlace, Volume};
use base::VolumeId;
use catalog::{Catalog, Change, SegmentRow, SegmentState};

use super::{DrainError, failed, whole};
use crate::rows::place_of;

/// What tells the catalog that another file of `row` counts from now on: one on a volume that it
/// was moved to or from, which was read and is whole. `None` where there is none on those that are
/// `open`. `pace` hears how many bytes were read since the last call, waits as long as it likes,
/// and says whether to go on.
pub fn counts(
    catalog: &Catalog,
    row: &SegmentRow,
    open: &dyn Fn(VolumeId) -> Option<Arc<Volume>>,
    pace: &mut dyn FnMut(u64) -> bool,
) -> Result<Option<Vec<Change>>, DrainError> {
    let moves = catalog.moves_of(row.id)?;
    let ends = moves.iter().flat_map(|moving| [moving.source, moving.target]);
    let place = place_of(row);
    for id in ends.filter(|id| *id != row.volume && row.state == SegmentState::Sealed) {
        let Some(volume) = open(id) else { continue };
        let whole = whole::is_whole(&volume, &place, row, pace);
        if whole.map_err(|source| failed(&volume, source))? == Some(true) {
            return on(&volume, &place, row).map(Some);
        }
    }
    Ok(None)
}

/// What tells the catalog that the file on `volume`, which is whole, counts.
pub(super) fn on(
    volume: &Volume,
    place: &SegmentPlace,
    row: &SegmentRow,
) -> Result<Vec<Change>, DrainError> {
    let usage = volume.usage(place).map_err(|source| failed(volume, source))?;
    let (volume, allocated) = (volume.identity().volume, usage.allocated);
    let moved = Change::SegmentMoved { segment: row.id, volume, allocated };
    Ok(vec![moved, Change::RemoveDamage(row.id)])
}
