//! Repairing what a check has found, one finding at a time. Each is looked at anew first, and what
//! is done is what the look says. Nothing is ever unlinked: a file that is in the way is moved into
//! `holdfast-lost+found`, and good footage stays where it is.

mod adopt;
mod elsewhere;
mod unfinished;

use std::fmt;
use std::io;
use std::sync::Arc;

use archive::{ArchiveKey, Depth, Problem, RecoverError, SealedInfo, SegmentPlace};
use archive::{Verified, Volume, recover, verify};
use base::{SegmentId, VolumeId, WallTime, limits};
use catalog::{ApplyError, Catalog, Change, DamageRow, ReadError, SegmentRow, SegmentState};

pub(crate) use adopt::place_of_identity;
use elsewhere::Elsewhere;

use crate::check::{Damage, Finding, LOST, Look, Notes, OVERLAPS_MAX, is_good, problems};
use crate::recover::FinishError;
use crate::rows::{place_of, seal_row};
use crate::unfinished::Unfinished;

/// What to look at: what a [`Finding`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The segment, where it is about one.
    pub segment: Option<SegmentId>,
    /// The file below the volume, or `camera/stream`.
    pub file: String,
}

impl From<&Finding> for Suspect {
    fn from(finding: &Finding) -> Self {
        Self { segment: finding.segment, file: finding.file.clone() }
    }
}

/// What was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repaired {
    /// Nothing is wrong any more.
    Nothing,
    /// The file has a row now.
    Adopted,
    /// There is no file: the row is forgotten, and the gap says so.
    Forgotten,
    /// The row was made anew from the file.
    RowRenewed,
    /// The file was cut at its last whole commit that verifies, and sealed.
    Cut {
        /// Whether footage that was durable is gone.
        lost: bool,
    },
    /// The file was cut before its damage, and sealed.
    CutBeforeDamage {
        /// Where a copy of all of it is, below the volume.
        copy: String,
    },
    /// The file was moved to where it belongs.
    MovedBack,
    /// All of it lies on another volume: its row says so now.
    FoundElsewhere {
        /// The volume.
        volume: VolumeId,
    },
    /// The file was moved out of the way.
    SetAside {
        /// Where it is now, below the volume.
        to: String,
    },
    /// The damage stays, known: what is intact of the segment can still be played.
    Marked,
    /// It was marked as damaged, and is no more.
    Unmarked,
    /// Sums were added up anew.
    Recounted,
    /// It is left as it is, and why.
    Left(String),
}

impl Repaired {
    /// Its stable name, for scripts and tests.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Adopted => "adopted",
            Self::Forgotten => "forgotten",
            Self::RowRenewed => "row-renewed",
            Self::Cut { .. } => "cut",
            Self::CutBeforeDamage { .. } => "cut-before-damage",
            Self::MovedBack => "moved-back",
            Self::FoundElsewhere { .. } => "found-elsewhere",
            Self::SetAside { .. } => "set-aside",
            Self::Marked => "marked",
            Self::Unmarked => "unmarked",
            Self::Recounted => "recounted",
            Self::Left(_) => "left",
        }
    }
}

impl fmt::Display for Repaired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing is wrong any more"),
            Self::Adopted => f.write_str("taken into the catalog"),
            Self::Forgotten => {
                f.write_str("forgotten by the catalog, which shows the gap as lost footage")
            }
            Self::RowRenewed => f.write_str("its row was made anew from the file"),
            Self::Cut { lost: false } => f.write_str("sealed anew; no footage is lost"),
            Self::Cut { lost: true } => f.write_str(
                "cut at the last commit that is whole, and sealed; what followed is lost",
            ),
            Self::CutBeforeDamage { copy } => write!(
                f,
                "cut before the damage, and sealed; what followed is lost, and a copy of all of it \
                 is at {copy}"
            ),
            Self::MovedBack => f.write_str("moved to where it belongs"),
            Self::FoundElsewhere { volume } => {
                write!(f, "all of it lies on volume {volume}: its row says so now")
            }
            Self::SetAside { to } => write!(f, "moved out of the way, to {to}"),
            Self::Marked => f.write_str("kept, and marked as damaged"),
            Self::Unmarked => f.write_str("no longer marked as damaged"),
            Self::Recounted => f.write_str("added up anew"),
            Self::Left(why) => write!(f, "left as it is: {why}"),
        }
    }
}

/// A repair could not be made; it may be tried again, and nothing is worse than before.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// The disk failed.
    #[error("repairing {file}: {source}")]
    Disk {
        /// The file, below its volume.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A file without a row could not be taken in.
    #[error(transparent)]
    Finish(#[from] FinishError),
    /// The catalog gives no answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The catalog does not take it.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// Makes changes durable before it returns.
pub type Apply<'a> = &'a mut dyn FnMut(Vec<Change>) -> Result<(), ApplyError>;

/// Repairs one volume. Nothing else may write to its sealed segments meanwhile.
pub struct Repairer<'a> {
    /// The volume, locked.
    pub volume: &'a Volume,
    /// The volumes that are open, this one too: what was removed may be noted on any of them.
    pub all: &'a [Arc<Volume>],
    /// Its catalog.
    pub catalog: &'a Catalog,
    /// Signs what is sealed anew.
    pub key: Option<&'a ArchiveKey>,
    /// UTC.
    pub now: WallTime,
    /// Makes changes durable.
    pub apply: Apply<'a>,
    /// Says of a file that was cut off what those of other volumes know, as
    /// [`crate::recover::Claims::settle`] does; `false` while one that may know was not looked at.
    pub settle: &'a dyn Fn(&mut Unfinished) -> bool,
}

impl Repairer<'_> {
    /// Looks at `suspect` anew, and repairs what is wrong with it.
    pub fn repair(&mut self, suspect: &Suspect) -> Result<Repaired, RepairError> {
        let gone = |source| self.disk(&suspect.file, io::Error::other(source));
        self.volume.is_there().map_err(gone)?;
        let Some(place) = SegmentPlace::parse(&suspect.file) else {
            return self.recount(&suspect.file);
        };
        let Some(row) = self.catalog.segment(place.id)? else { return self.adopt(&place) };
        let belongs = place_of(&row);
        match row.state {
            SegmentState::Garbage => Ok(Repaired::Nothing),
            SegmentState::Open if row.volume == self.volume.identity().volume => {
                self.unfinished(row)
            }
            SegmentState::Open => {
                Ok(Repaired::Left(format!("its catalog row names volume {}", row.volume)))
            }
            SegmentState::Sealed if row.volume != self.volume.identity().volume => {
                Ok(Repaired::Left(format!("its catalog row names volume {}", row.volume)))
            }
            SegmentState::Sealed if belongs.relative() == place.relative() => self.row(row),
            SegmentState::Sealed => self.doubled(&row, &belongs, &place),
        }
    }

    fn disk(&self, file: &str, source: io::Error) -> RepairError {
        RepairError::Disk { file: file.to_owned(), source }
    }

    /// Sums of a stream, named `camera/stream`. Anything else is a stranger's.
    fn recount(&mut self, file: &str) -> Result<Repaired, RepairError> {
        let cameras = self.catalog.cameras()?;
        let streams = self.catalog.streams()?;
        let named = streams.iter().find(|stream| {
            let camera = cameras.iter().find(|camera| camera.id == stream.camera);
            camera.is_some_and(|camera| format!("{}/{}", camera.slug, stream.name) == file)
        });
        let Some(stream) = named else {
            return Ok(Repaired::Left("it is not Holdfast's".to_owned()));
        };
        if self.catalog.wrong_sums(stream.id)?.is_empty() {
            return Ok(Repaired::Nothing);
        }
        (self.apply)(vec![Change::Recount(stream.id)])?;
        Ok(Repaired::Recounted)
    }

    /// A sealed row, whose file is looked at anew, all of it.
    fn row(&mut self, row: SegmentRow) -> Result<Repaired, RepairError> {
        let place = place_of(&row);
        let (damages, found) = Look::all(self.volume, self.catalog, row.clone())?;
        let Some(damage) = damages.first() else { return self.sound(&row) };
        if let Some(done) = self.better(&row, damage)? {
            return Ok(done);
        }
        match damage {
            Damage::Missing => self.missing(&row, &place),
            Damage::File(Problem::Empty) => self.useless(&row, &place),
            Damage::Truncated { .. } => self.cut(row, &place, damage),
            Damage::File(problem) if is_unsealed(problem) => self.cut(row, &place, damage),
            Damage::File(Problem::OtherArchive(_) | Problem::OtherSegment(_)) => {
                self.misnamed(&row, &place, found.as_deref())
            }
            Damage::RowDiffers { what } if *what != "stream" => {
                self.renew(row, &place, found.as_deref())
            }
            damage => self.mark(&row, damage),
        }
    }

    /// Nothing is wrong with the file itself. The segment before it may be gone, or another may
    /// hold the same time; what is marked for anything else is marked no more.
    fn sound(&mut self, row: &SegmentRow) -> Result<Repaired, RepairError> {
        if let Some(gap) = Notes::on(self.all).gap(self.catalog, row)? {
            return self.mark(row, &gap);
        }
        let known = self.catalog.damaged(row.volume)?;
        let known = known.iter().any(|known| known.segment == row.id);
        if known {
            (self.apply)(vec![Change::RemoveDamage(row.id)])?;
        }
        let micros = limits::CLOCK_ERROR_MAX_MICROS;
        let overlaps = self.catalog.overlaps(row.stream, micros, OVERLAPS_MAX)?;
        if let Some(overlap) = overlaps.iter().find(|overlap| overlap.segment == row.id) {
            let why = format!("it and segment {} are both somebody's footage", overlap.next);
            return Ok(Repaired::Left(why));
        }
        Ok(if known { Repaired::Unmarked } else { Repaired::Nothing })
    }

    fn mark(&mut self, row: &SegmentRow, damage: &Damage) -> Result<Repaired, RepairError> {
        let (name, words) = (damage.name().to_owned(), damage.to_string());
        let damage = DamageRow { segment: row.id, name, words, found: self.now };
        (self.apply)(vec![Change::PutDamage(damage)])?;
        Ok(Repaired::Marked)
    }

    /// The file may lie elsewhere on the volume, or on another one; else it is gone.
    fn missing(&mut self, row: &SegmentRow, place: &SegmentPlace) -> Result<Repaired, RepairError> {
        let file = place.relative();
        let elsewhere = self.find(row.id).map_err(|source| self.disk(&file, source))?;
        if let Some(other) = elsewhere.filter(|other| is_good(self.volume, other)) {
            let moved = self.volume.relocate(&other, place);
            moved.map_err(|source| self.disk(&file, source))?;
            return Ok(Repaired::MovedBack);
        }
        let aside = self.volume.find_aside(row.id).map_err(|source| self.disk(&file, source))?;
        if let Some(name) = aside {
            let moved = self.volume.restore(&name, place);
            moved.map_err(|source| self.disk(&file, source))?;
            return Ok(Repaired::MovedBack);
        }
        match self.elsewhere(row)? {
            Elsewhere::On { volume, allocated } => self.counts(row, volume, allocated),
            Elsewhere::Unknown(why) => Ok(Repaired::Left(why)),
            Elsewhere::Nowhere => {
                self.forget(row)?;
                Ok(Repaired::Forgotten)
            }
        }
    }

    /// The row goes in the two steps of a removal, without touching a file.
    fn forget(&mut self, row: &SegmentRow) -> Result<(), RepairError> {
        (self.apply)(vec![Change::SegmentLost(row.id)])?;
        (self.apply)(vec![Change::SegmentDeleted(row.id)])?;
        Ok(())
    }

    /// Nothing of the file can be used as this segment.
    fn useless(&mut self, row: &SegmentRow, place: &SegmentPlace) -> Result<Repaired, RepairError> {
        let to = self.set_aside(place)?;
        self.forget(row)?;
        Ok(Repaired::SetAside { to })
    }

    fn set_aside(&self, place: &SegmentPlace) -> Result<String, RepairError> {
        let moved = self.volume.set_aside(place);
        moved.map_err(|source| self.disk(&place.relative(), source))
    }

    /// The end of the file is missing: what is whole is sealed again.
    fn cut(
        &mut self,
        mut row: SegmentRow,
        place: &SegmentPlace,
        damage: &Damage,
    ) -> Result<Repaired, RepairError> {
        let recovered = match recover::finish(self.volume, place, self.key, None) {
            Ok(recovered) => recovered,
            Err(RecoverError::Nothing { .. }) => return self.useless(&row, place),
            // Whole commits follow the damage, or what reads is doubtful: nothing is cut.
            Err(_) => return self.mark(&row, damage),
        };
        let lost = Some(recovered.sealed.last) != row.last_commit;
        if lost {
            let end = recovered.index.span().map_or(row.end, |(_, end)| end);
            row.end = row.end.min(end).max(row.start);
            row.end_cause = row.end_cause.or(Some(LOST.to_owned()));
        }
        let broken = recovered.broken.map(|last| Problem::ChainBroken {
            last,
            commits: recovered.sealed.last.number.saturating_add(1),
        });
        let sealed = seal_row(row.clone(), &recovered.index, recovered.sealed);
        (self.apply)(vec![sealed, Change::RemoveDamage(row.id)])?;
        if let Some(problem) = broken {
            return self.mark(&row, &Damage::File(problem));
        }
        Ok(Repaired::Cut { lost })
    }

    /// The file is another segment: it goes to its own place where that is free.
    fn misnamed(
        &mut self,
        row: &SegmentRow,
        place: &SegmentPlace,
        found: Option<&Verified>,
    ) -> Result<Repaired, RepairError> {
        let own = found.and_then(|found| found.identity.as_ref());
        let own = own.filter(|own| own.archive == self.catalog.archive());
        let proper = own.map(place_of_identity);
        let moved = proper.filter(|to| self.volume.relocate(place, to).is_ok());
        let to = match &moved {
            Some(proper) => {
                // Its row may have been forgotten by now.
                if self.catalog.segment(proper.id)?.is_none() {
                    self.adopt(proper)?;
                }
                None
            }
            None => Some(self.set_aside(place)?),
        };
        // Its own file may have been given another name, too.
        match self.missing(row, place)? {
            Repaired::Forgotten => {
                Ok(to.map_or(Repaired::Forgotten, |to| Repaired::SetAside { to }))
            }
            done => Ok(done),
        }
    }

    /// The file is whole, and the row says something else.
    fn renew(
        &mut self,
        row: SegmentRow,
        place: &SegmentPlace,
        found: Option<&Verified>,
    ) -> Result<Repaired, RepairError> {
        let file = place.relative();
        let usage = self.volume.usage(place).map_err(|source| self.disk(&file, source))?;
        let whole = found
            .and_then(|found| Some((found.identity.as_ref()?, found.index.as_ref()?, found.last?)));
        let Some((identity, index, last)) = whole else {
            return Ok(Repaired::Left("its index cannot be read".to_owned()));
        };
        let info = SealedInfo { len: usage.len, allocated: usage.allocated, last };
        let (run, predecessor) = (identity.run, identity.predecessor);
        let row = SegmentRow { run, predecessor, ..row };
        (self.apply)(vec![seal_row(row, index, info)])?;
        Ok(Repaired::RowRenewed)
    }

    /// The segment lies where its row says, and at `extra`; or at `extra` alone.
    fn doubled(
        &mut self,
        row: &SegmentRow,
        belongs: &SegmentPlace,
        extra: &SegmentPlace,
    ) -> Result<Repaired, RepairError> {
        if self.volume.usage(extra).is_err() {
            return Ok(Repaired::Nothing);
        }
        if is_good(self.volume, belongs) {
            return Ok(Repaired::SetAside { to: self.set_aside(extra)? });
        }
        if !is_good(self.volume, extra) {
            return Ok(match self.volume.usage(belongs) {
                Ok(_) => Repaired::Left("neither copy verifies: both stay".to_owned()),
                Err(_) => self.missing(row, belongs)?,
            });
        }
        if self.volume.usage(belongs).is_ok() {
            self.set_aside(belongs)?;
        }
        let moved = self.volume.relocate(extra, belongs);
        moved.map_err(|source| self.disk(&extra.relative(), source))?;
        self.row(row.clone())?;
        Ok(Repaired::MovedBack)
    }

    /// A file of this name anywhere on the volume.
    fn find(&self, id: SegmentId) -> io::Result<Option<SegmentPlace>> {
        for day in self.volume.days()? {
            let found = self.volume.segments(&day)?.into_iter().find(|place| place.id == id);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Who the file at `place` says it is, and what is wrong with it.
    fn look_at(&self, place: &SegmentPlace) -> Result<(Verified, Vec<Problem>), RepairError> {
        let found = verify(self.volume, place, Depth::Ends);
        let found = found.map_err(|source| self.disk(&place.relative(), source))?;
        let wrong = problems(&found).cloned().collect();
        Ok((found, wrong))
    }
}

/// Whether a file is as it is before it is sealed, lost its end, or what turns it is another: all
/// of that is written anew by sealing it.
const fn is_unsealed(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::SealMissing
            | Problem::NotSealed { .. }
            | Problem::NotTurned
            | Problem::HeaderLength { .. }
    )
}
