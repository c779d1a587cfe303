//! Files without a row: taken in where they are ours and whole, else left alone.

use archive::{Problem, SegmentPlace};
use media::Identity;

use super::unfinished::WAITS;
use super::{RepairError, Repaired, Repairer, is_unsealed};
use crate::known::{Known, Stranger};
use crate::recover;

/// Where a segment's file belongs.
pub(crate) fn place_of_identity(identity: &Identity) -> SegmentPlace {
    SegmentPlace {
        camera_slug: identity.camera_slug.clone(),
        stream: identity.stream_name.clone(),
        start: identity.start,
        id: identity.segment,
    }
}

impl Repairer<'_> {
    /// A file without a row.
    pub(super) fn adopt(&mut self, place: &SegmentPlace) -> Result<Repaired, RepairError> {
        if self.volume.usage(place).is_err() {
            return Ok(Repaired::Nothing);
        }
        let (found, problems) = self.look_at(place)?;
        let Some(identity) = found.identity else {
            return Ok(match problems.first() {
                Some(Problem::Empty) => Repaired::SetAside { to: self.set_aside(place)? },
                Some(problem) => Repaired::Left(problem.to_string()),
                None => Repaired::Left("nobody knows what it is".to_owned()),
            });
        };
        if identity.archive != self.catalog.archive() {
            return Ok(Repaired::Left(format!(
                "it belongs to archive {}: move it to a volume of that",
                identity.archive
            )));
        }
        let proper = place_of_identity(&identity);
        if proper.relative() != place.relative() {
            let known = self.catalog.without_row(&[identity.segment])?.is_empty();
            if self.volume.relocate(place, &proper).is_err() {
                return Ok(Repaired::SetAside { to: self.set_aside(place)? });
            }
            // A row that waited for its file has it again.
            return if known { Ok(Repaired::MovedBack) } else { self.adopt(&proper) };
        }
        if !self.catalog.moves_of(identity.segment)?.is_empty() {
            let why = "it was removed while it moved to another volume, and goes with that move";
            return Ok(Repaired::Left(why.to_owned()));
        }
        let mut known = Known::of(self.catalog)?;
        match known.introduce(&identity) {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => (self.apply)(changes)?,
            Err(Stranger(why)) => return Ok(Repaired::Left(why)),
        }
        let stray = recover::stray(proper, false);
        let mut job = recover::judge(self.volume, self.catalog, &stray)?;
        if !problems.iter().any(is_unsealed) {
            // All of it was recorded here: nobody can know more of it.
            job.superseded = false;
        } else if !(self.settle)(&mut job) {
            return Ok(Repaired::Left(WAITS.to_owned()));
        } else if job.superseded {
            // What follows it holds all of it.
            return Ok(Repaired::SetAside { to: self.set_aside(place)? });
        }
        let finished = match recover::finish(self.volume, self.catalog, self.key, &job) {
            Ok(finished) => finished,
            // No try helps what is damaged; what the disk said may pass.
            Err(error) if error.may_pass() => return Err(error.into()),
            Err(error) => return Ok(Repaired::Left(error.to_string())),
        };
        if finished.changes.is_empty() {
            let note = finished.notes.into_iter().next();
            return Ok(Repaired::Left(note.unwrap_or_else(|| "it holds nothing".to_owned())));
        }
        (self.apply)(finished.changes)?;
        Ok(Repaired::Adopted)
    }
}
