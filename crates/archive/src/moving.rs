//! A sealed segment that moves to another volume: its file is copied, byte for byte, and read back
//! against its hash chain. The identity in it keeps the volume that it was written on.

use std::io;

use media::CommitRef;

use crate::place::SegmentPlace;
use crate::problem::Problem;
use crate::verify::{Depth, verify};
use crate::volume::{Volume, is_absent};

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
    /// What was copied is not what was sealed: the file was damaged before.
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
    /// Whoever paces it wants no more.
    #[error("copying segment {segment} was broken off")]
    BrokenOff {
        /// The file, below its volume.
        segment: String,
    },
}

impl Volume {
    /// Copies the sealed segment at `place` of volume `from` here, durably, and reads the copy
    /// back; the bytes that it takes. `last` is its last commit. `pace` hears how many bytes were
    /// read or written since the last call, waits as long as it likes, and says whether to go on.
    pub fn copy_from(
        &self,
        from: &Self,
        place: &SegmentPlace,
        last: Option<CommitRef>,
        pace: &mut dyn FnMut(u64) -> bool,
    ) -> Result<u64, CopyError> {
        let segment = || place.relative();
        let io = |source| CopyError::Io { segment: segment(), source };
        if !self.write_copy(from, place, pace).map_err(io)? {
            return Err(CopyError::BrokenOff { segment: segment() });
        }
        let copied = verify(self, place, Depth::Everything).map_err(io)?;
        let usage = self.usage(place).map_err(io)?;
        if !pace(usage.len) {
            return Err(CopyError::BrokenOff { segment: segment() });
        }
        // That it was written elsewhere is what a move means.
        let mut problems = copied.problems.into_iter();
        let problem = problems.find(|problem| !matches!(problem, Problem::OtherVolume(_)));
        let differs = last.is_some() && last != copied.last;
        if problem.is_none() && !differs {
            return Ok(usage.allocated);
        }
        // The original stays; a copy of what is damaged helps nobody.
        self.remove(place).map_err(io)?;
        Err(match problem {
            Some(problem) => CopyError::Damaged { segment: segment(), problem },
            None => CopyError::Differs { segment: segment() },
        })
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
        let draft = path.with_extension("mp4.part");
        let source = from.disk.open(&place.path(&from.root)?, false)?;
        let folder = path.parent().unwrap_or(&self.root);
        self.disk.create_dir_all(folder)?;
        match self.disk.remove_file(&draft) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
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
