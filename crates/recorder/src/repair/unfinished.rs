//! Files that were cut off and that recovery could not finish.

use archive::recover as file;
use catalog::{Change, SegmentRow};

use super::{RepairError, Repaired, Repairer};
use crate::check::LOST;
use crate::recover::{self, FinishError};
use crate::rows::{place_of, seal_row};
use crate::unfinished::Unfinished;

/// Why a file is not sealed yet.
pub(super) const WAITS: &str = "what follows it may lie on a volume that was not looked at yet: \
                                repair it once that is there, or is taken out of the archive";

impl Repairer<'_> {
    /// An open row. What grows, or what recovery still has to look at, is left alone.
    pub(super) fn unfinished(&mut self, row: SegmentRow) -> Result<Repaired, RepairError> {
        if self.catalog.tail().segment(row.id).is_some() {
            return Ok(Repaired::Left("it is being recorded".to_owned()));
        }
        let known = self.catalog.damaged(row.volume)?;
        if !known.iter().any(|known| known.segment == row.id) {
            return Ok(Repaired::Left("recovery, or the next start, finishes it".to_owned()));
        }
        let mut job = Unfinished { cause: None, ..recover::of_row(self.catalog, &row)? };
        if !self.volume.may_hold(&job.place) {
            return self.missing(&row, &job.place);
        }
        if !(self.settle)(&mut job) {
            return Ok(Repaired::Left(WAITS.to_owned()));
        }
        match recover::finish(self.volume, self.catalog, self.key, &job) {
            Ok(finished) if !finished.changes.is_empty() => {
                (self.apply)(finished.changes)?;
                Ok(Repaired::Cut { lost: false })
            }
            Ok(finished) => {
                let note = finished.notes.into_iter().next();
                Ok(Repaired::Left(note.unwrap_or_else(|| "it holds nothing".to_owned())))
            }
            Err(FinishError::File(_)) => self.before_damage(row),
            Err(FinishError::Lost { .. }) => self.useless(&row, &job.place),
            Err(error) => Err(error.into()),
        }
    }

    /// What stands before the damage can be watched from now on; all of the file stays as a copy.
    fn before_damage(&mut self, mut row: SegmentRow) -> Result<Repaired, RepairError> {
        let place = place_of(&row);
        let (recovered, copy) = match file::finish_before_damage(self.volume, &place, self.key) {
            Ok(done) => done,
            Err(error) => return Ok(Repaired::Left(error.to_string())),
        };
        let end = recovered.index.span().map_or(row.start, |(_, end)| end);
        row.end = end.max(row.start);
        row.end_cause = Some(LOST.to_owned());
        let sealed = seal_row(row.clone(), &recovered.index, recovered.sealed);
        (self.apply)(vec![sealed, Change::RemoveDamage(row.id)])?;
        Ok(Repaired::CutBeforeDamage { copy })
    }
}
