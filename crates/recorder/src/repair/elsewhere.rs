//! Footage whose file is gone or damaged here, and lies on another volume: a move of it was cut
//! short, or the catalog is one from before it.

use base::VolumeId;
use catalog::{Change, SegmentRow};

use super::{RepairError, Repaired, Repairer};
use crate::check::{Damage, is_stranger};
use crate::drain::whole::is_whole;
use crate::rows::place_of;

/// What is known of a segment's files on other volumes.
pub(super) enum Elsewhere {
    /// All of it lies there.
    On {
        volume: VolumeId,
        /// Bytes that it takes there.
        allocated: u64,
    },
    /// Nowhere is all of it.
    Nowhere,
    /// Not all of them can be asked, and why.
    Unknown(String),
}

impl Repairer<'_> {
    /// Looks for a segment on the other volumes, and reads all of what it finds.
    pub(super) fn elsewhere(&self, row: &SegmentRow) -> Result<Elsewhere, RepairError> {
        let place = place_of(row);
        let own = self.volume.identity().volume;
        let is_open = |id| self.all.iter().any(|volume| volume.identity().volume == id);
        let moves = self.catalog.moves_of(row.id)?;
        let mut ends = moves.iter().flat_map(|moving| [moving.source, moving.target]);
        let closed = ends.find(|id| *id != own && !is_open(*id));
        let mut unknown = closed.map(|id| {
            format!("it was moving, and may lie on volume {id}, which is not open: repair it then")
        });
        for volume in self.all.iter().filter(|volume| volume.identity().volume != own) {
            let id = volume.identity().volume;
            let found = is_whole(volume, &place, row, &mut |_| true).and_then(|whole| {
                whole.unwrap_or_default().then(|| volume.usage(&place)).transpose()
            });
            match found {
                Ok(Some(usage)) => {
                    return Ok(Elsewhere::On { volume: id, allocated: usage.allocated });
                }
                Ok(None) => {}
                Err(error) => {
                    let why = format!("volume {id} may hold it, and cannot be read: {error}");
                    unknown = Some(why);
                }
            }
        }
        Ok(unknown.map_or(Elsewhere::Nowhere, Elsewhere::Unknown))
    }

    /// From now on the file on another volume counts.
    pub(super) fn counts(
        &mut self,
        row: &SegmentRow,
        volume: VolumeId,
        allocated: u64,
    ) -> Result<Repaired, RepairError> {
        let moved = Change::SegmentMoved { segment: row.id, volume, allocated };
        (self.apply)(vec![moved, Change::RemoveDamage(row.id)])?;
        Ok(Repaired::FoundElsewhere { volume })
    }

    /// Where a file is damaged here and all of it lies elsewhere, that one counts; where that is
    /// not known, nothing is done. `None`: what there is here is all there is.
    pub(super) fn better(
        &mut self,
        row: &SegmentRow,
        damage: &Damage,
    ) -> Result<Option<Repaired>, RepairError> {
        // What is missing may yet lie elsewhere on this volume.
        if matches!(damage, Damage::Missing) {
            return Ok(None);
        }
        let (volume, allocated) = match self.elsewhere(row)? {
            Elsewhere::Unknown(why) => return Ok(Some(Repaired::Left(why))),
            // What has the wrong name goes to its own place first.
            _ if matches!(damage, Damage::File(problem) if is_stranger(problem)) => {
                return Ok(None);
            }
            Elsewhere::On { volume, allocated } => (volume, allocated),
            Elsewhere::Nowhere => return Ok(None),
        };
        let place = place_of(row);
        // What is wrong may be beside the file: with what it follows, for one.
        if matches!(is_whole(self.volume, &place, row, &mut |_| true), Ok(Some(true))) {
            return Ok(None);
        }
        self.set_aside(&place)?;
        self.counts(row, volume, allocated).map(Some)
    }
}
