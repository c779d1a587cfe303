//! A sealed segment that moves to another volume: its file is copied, byte for byte, and read back
//! against its hash chain. The identity in it keeps the volume that it was written on.

use std::io;

use media::CommitRef;

use crate::place::SegmentPlace;
use crate::problem::Problem;
use crate::verify::{Depth, verify};
use crate::volume::{Volume, is_absent};

/// What the name of a copy ends with until it is whole.
const DRAFT: &str = "mp4.part";
/// Bytes that are copied at once.
const PIECE: u64 = 1 << 20;

/// A segment was not copied. Nothing has changed but that the other volume may hold a file that
/// counts for nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// A disk said no.
    #[error("copying segment {segment}: {source}")]
    Io {
        /// The file, below its volume.
        segment: String,
        /// Why.
        source: io::Error,
    },
    /// What was copied is not what was sealed, nor what is there now; or it is another segment.
    #[error("segment {segment} is not copied, for it is damaged: {problem}")]
    Damaged {
        /// The file, below its volume.
        segment: String,
        /// The first thing that is wrong with it.
        problem: Problem,
    },
    /// It is not the segment that its row tells of.
    #[error("segment {segment} ends with another commit than its row says: run holdfast check")]
    Differs {
        /// The file, below its volume.
        segment: String,
    },
    /// There is a file of it already, which may be the only whole one.
    #[error("segment {segment} is not copied, for the other volume may have a file of it")]
    Exists {
        /// The file, below its volume.
        segment: String,
    },
    /// Whoever paces it wants no more.
    #[error("copying segment {segment} was broken off")]
    BrokenOff {
        /// The file, below its volume.
        segment: String,
    },
}

/// A segment that lies on both volumes now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Bytes that it takes on the other.
    pub allocated: u64,
    /// What is wrong with it, there as here.
    pub problem: Option<Problem>,
}

impl Volume {
    /// Copies the sealed segment at `place` of volume `from` here, where there is no file of it,
    /// durably, and reads the copy back. `last` is its last commit. What was damaged before is
    /// copied too, byte for byte: off a disk that fails it is safer than on it. `pace` hears
    /// how many bytes were read or written since the last call, waits as long as it likes, and says
    /// whether to go on.
    pub fn copy_from(
        &self,
        from: &Self,
        place: &SegmentPlace,
        last: Option<CommitRef>,
        pace: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Copied, CopyError> {
        let segment = || place.relative();
        let io = |source| CopyError::Io { segment: segment(), source };
        // What an earlier try has left here is not written over, for the other one may be damaged.
        self.is_there().map_err(|error| io(io::Error::other(error)))?;
        if self.may_hold(place) {
            return Err(CopyError::Exists { segment: segment() });
        }
        if !self.write_copy(from, place, pace).map_err(io)? {
            return Err(CopyError::BrokenOff { segment: segment() });
        }
        let copied = verify(self, place, Depth::Everything).map_err(io)?;
        let usage = self.usage(place).map_err(io)?;
        if !pace(usage.len) {
            return Err(CopyError::BrokenOff { segment: segment() });
        }
        // Its key goes with it.
        let key = copied.identity.as_ref().and_then(|identity| identity.public_key);
        if let Some(key) = key.filter(|key| from.keys().contains(key)) {
            // Where that fails, a check names the key: no reason for the footage to stay.
            let _ = self.take_key(key);
        }
        // That it was written elsewhere is what a move means; whose key signed it is no damage.
        let is_none = |it: &Problem| matches!(it, Problem::OtherVolume(_) | Problem::OtherKey);
        let problem = copied.problems.into_iter().find(|problem| !is_none(problem));
        let differs = last.is_some() && last != copied.last;
        if problem.is_none() && !differs {
            return Ok(Copied { allocated: usage.allocated, problem: None });
        }
        let is_other = |it: &Problem| {
            matches!(it, Problem::OtherSegment(_) | Problem::OtherArchive(_) | Problem::Empty)
        };
        if problem.as_ref().is_some_and(|it| !is_other(it))
            && self.holds_the_same(from, place, pace).map_err(io)?
        {
            return Ok(Copied { allocated: usage.allocated, problem });
        }
        // The original stays; a copy of something else helps nobody.
        self.remove(place).map_err(io)?;
        Err(match problem {
            Some(problem) => CopyError::Damaged { segment: segment(), problem },
            None => CopyError::Differs { segment: segment() },
        })
    }

    /// Removes what a copy of the segment at `place` has left here that never came to its name.
    pub fn remove_draft(&self, place: &SegmentPlace) -> io::Result<()> {
        self.writable()?;
        let draft = place.path(&self.root)?.with_extension(DRAFT);
        match self.disk.remove_file(&draft) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether the file at `place` is the same here and on `from`, byte for byte; `false` too where
    /// `pace`, which hears of the bytes that were read, says not to go on.
    pub fn holds_the_same(
        &self,
        from: &Self,
        place: &SegmentPlace,
        pace: &mut dyn FnMut(u64) -> bool,
    ) -> io::Result<bool> {
        let open = |volume: &Self| volume.disk.open(&place.path(&volume.root)?, false);
        let (here, there) = (open(self)?, open(from)?);
        let (len, mut at) = (there.len()?, 0);
        if here.len()? != len {
            return Ok(false);
        }
        let mut pieces = [Vec::new(), Vec::new()];
        while at < len {
            let piece = PIECE.min(len - at);
            for (file, bytes) in [&here, &there].into_iter().zip(&mut pieces) {
                bytes.resize(usize::try_from(piece).unwrap_or(0), 0);
                file.read_exact_at(bytes, at)?;
            }
            if pieces[0] != pieces[1] || !pace(2 * piece) {
                return Ok(false);
            }
            at += piece;
        }
        Ok(true)
    }

    /// Under its name there is the whole file or none; whether it was not broken off.
    fn write_copy(
        &self,
        from: &Self,
        place: &SegmentPlace,
        pace: &mut dyn FnMut(u64) -> bool,
    ) -> io::Result<bool> {
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        let path = place.path(&self.root)?;
        let draft = path.with_extension(DRAFT);
        let source = from.disk.open(&place.path(&from.root)?, false)?;
        let folder = path.parent().unwrap_or(&self.root);
        self.disk.create_dir_all(folder)?;
        self.remove_draft(place)?;
        let file = self.disk.create(&draft)?;
        let (len, mut at) = (source.len()?, 0);
        // Where there is no room for all of it, it is better known now.
        let written = file.reserve(len).and_then(|()| {
            while at < len {
                let mut piece = vec![0; usize::try_from(PIECE.min(len - at)).unwrap_or(0)];
                source.read_exact_at(&mut piece, at)?;
                file.write_all_at(&[&piece], at)?;
                at += piece.len() as u64;
                if !pace(2 * piece.len() as u64) {
                    return Ok(false);
                }
            }
            file.sync_data().map(|()| true)
        });
        if !matches!(written, Ok(true)) {
            // What remains of it is overwritten by the next try.
            let _ = self.disk.remove_file(&draft);
            return written;
        }
        self.disk.rename(&draft, &path)?;
        self.folders.sync_name(&*self.disk, &self.root, &path)?;
        Ok(true)
    }
}
