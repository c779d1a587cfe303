//! Moves that a crash, or a disk, has cut short: of the files of one segment, those go that its row
//! does not mean, so that they do not come back as footage without a row once that row is gone.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use archive::{SegmentPlace, Volume};
use base::VolumeId;
use catalog::{Catalog, Change, MovingRow, SegmentRow, SegmentState};

use super::{DrainError, elsewhere, failed, whole};

/// Settles moves. Only for whoever moves segments, and while it moves none.
pub struct Settling<'a> {
    /// Its catalog.
    pub catalog: &'a Catalog,
    /// A volume, while it is open.
    pub open: &'a dyn Fn(VolumeId) -> Option<Arc<Volume>>,
    /// Whether files can be removed from a volume, as far as is known.
    pub may_remove: &'a dyn Fn(VolumeId) -> bool,
    /// Hears how many bytes were read since the last call, waits as long as it likes, and says
    /// whether to go on.
    pub pace: &'a mut dyn FnMut(u64) -> bool,
}

/// What came of one move.
#[derive(Clone, Debug)]
pub enum Settled {
    /// What tells the catalog: that nothing is left, or that another file counts, after which it is
    /// to be settled again.
    Tell(Vec<Change>),
    /// A volume is not open, or can only be read, or it was broken off.
    Waits,
    /// No file is whole, and they are not the same: what may be the best one stays.
    Doubtful,
}

impl Settling<'_> {
    /// Removes what a move has left, as the segment's row says now, once the file that counts was
    /// read and is whole. Where another one is, and that one is not or cannot be read, the other
    /// one counts.
    pub fn settle(&mut self, moving: &MovingRow) -> Result<Settled, DrainError> {
        let place = SegmentPlace {
            camera_slug: moving.camera_slug.clone(),
            stream: moving.stream_name.clone(),
            start: moving.start,
            id: moving.segment,
        };
        let settled = Settled::Tell(vec![Change::SegmentSettled(moving.clone())]);
        let row = self.catalog.segment(moving.segment)?;
        let counts = row.as_ref().map(|row| row.volume);
        let (mut others, mut waits) = (Vec::new(), false);
        for id in BTreeSet::from([moving.source, moving.target]) {
            match (self.open)(id).filter(|_| (self.may_remove)(id)) {
                _ if counts == Some(id) => {}
                Some(volume) => others.push(volume),
                // The others are cleared all the same: this one may never come back.
                None => waits = true,
            }
        }
        let drafts = others.clone();
        others.retain(|volume| volume.may_hold(&place));
        match row {
            // What was removed while it moved has no row; what is garbage goes where its row says.
            Some(row) if row.state == SegmentState::Sealed && !others.is_empty() => {
                if let Some(otherwise) = self.keep_one(&row, &place, &others)? {
                    return Ok(otherwise);
                }
            }
            Some(row) if row.state == SegmentState::Open => return Ok(settled),
            _ => {}
        }
        // One that fails does not keep the others.
        let removed = others.iter().map(|volume| (volume, volume.remove(&place)));
        let removed: Vec<_> = removed.collect();
        for (volume, removed) in removed {
            removed.map_err(|source| failed(volume, source))?;
        }
        for volume in &drafts {
            volume.remove_draft(&place).map_err(|source| failed(volume, source))?;
        }
        Ok(if waits { Settled::Waits } else { settled })
    }

    /// What is to be done instead of removing the files on `others`; `None` where they may go.
    fn keep_one(
        &mut self,
        row: &SegmentRow,
        place: &SegmentPlace,
        others: &[Arc<Volume>],
    ) -> Result<Option<Settled>, DrainError> {
        let Some(own) = (self.open)(row.volume) else { return Ok(Some(Settled::Waits)) };
        let unread = match self.is_whole(&own, place, row) {
            Ok(Some(true)) => return Ok(None),
            Ok(Some(false)) => None,
            Ok(None) => return Ok(Some(Settled::Waits)),
            // What cannot be read helps nobody; what is whole elsewhere does.
            Err(error) if own.is_there().is_ok() => Some(error),
            Err(error) => return Err(error),
        };
        for other in others {
            match self.is_whole(other, place, row)? {
                Some(false) => {}
                None => return Ok(Some(Settled::Waits)),
                Some(true) => {
                    return Ok(Some(Settled::Tell(elsewhere::on(other, place, row)?)));
                }
            }
        }
        if let Some(error) = unread {
            return Err(error);
        }
        // What was damaged before it moved is the same on both.
        for other in others {
            let same = own.may_hold(place)
                && other.holds_the_same(&own, place, self.pace).map_err(|it| failed(other, it))?;
            if !same {
                return Ok(Some(Settled::Doubtful));
            }
        }
        Ok(None)
    }

    /// `None` where it is broken off.
    fn is_whole(
        &mut self,
        volume: &Volume,
        place: &SegmentPlace,
        row: &SegmentRow,
    ) -> Result<Option<bool>, DrainError> {
        let found: io::Result<Option<bool>> = whole::is_whole(volume, place, row, self.pace);
        found.map_err(|source| failed(volume, source))
    }
}
