//! Looking at one row and its file.

use std::io;

use archive::{Depth, Problem, SegmentPlace, Verified, Verify, Verifying, Volume};
use archive::{verify, verify_link};
use catalog::{Catalog, ReadError, SegmentRow, SegmentState};

use super::Damage;
use crate::rows::place_of;

/// Why a gap behind a segment is known: its file was lost, and its row says so.
pub(crate) const LOST: &str = "lost";

/// One row and its file, in steps.
pub(crate) struct Look {
    /// The row as it was when this began.
    pub row: SegmentRow,
    depth: Depth,
    verifying: io::Result<Verifying>,
}

/// What a look came to.
pub(crate) enum Looked {
    /// So many bytes were read; there is more.
    Read(u64),
    /// What is wrong, the root of it, and what the file is.
    Done(Vec<Damage>, Option<Box<Verified>>),
}

impl Look {
    /// Begins with the file of `row`. What grows may be read in the middle of a write: only its
    /// ends are looked at.
    pub fn begin(volume: &Volume, row: SegmentRow, depth: Depth) -> Self {
        let depth = if row.state == SegmentState::Open { Depth::Ends } else { depth };
        let verifying = Verifying::begin(volume, &place_of(&row), depth);
        Self { row, depth, verifying }
    }

    /// The next piece. Not to be called again when it is done.
    pub fn step(&mut self, volume: &Volume, catalog: &Catalog) -> Result<Looked, ReadError> {
        let step = match &mut self.verifying {
            Ok(verifying) => verifying.step(),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        Ok(match step {
            Ok(Verify::Read(bytes)) => Looked::Read(bytes),
            Ok(Verify::Done(found)) => {
                let mut damages = compare(&self.row, &found);
                if damages.is_empty() && self.depth == Depth::Everything {
                    damages.extend(link(volume, catalog, &found)?.map(Damage::File));
                }
                Looked::Done(damages, Some(found))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Looked::Done(vec![Damage::Missing], None)
            }
            Err(error) => Looked::Done(vec![Damage::Unreadable(error.to_string())], None),
        })
    }

    /// All of it at once.
    pub fn all(
        volume: &Volume,
        catalog: &Catalog,
        row: SegmentRow,
    ) -> Result<(Vec<Damage>, Option<Box<Verified>>), ReadError> {
        let mut look = Self::begin(volume, row, Depth::Everything);
        loop {
            if let Looked::Done(damages, found) = look.step(volume, catalog)? {
                return Ok((damages, found));
            }
        }
    }
}

/// Whether a file is not what its name says.
pub(crate) const fn is_stranger(problem: &Problem) -> bool {
    matches!(problem, Problem::OtherSegment(_) | Problem::OtherArchive(_))
}

/// Problems that count here: that a segment was first written to another volume is none, for
/// volumes are drained and streams moved.
pub(crate) fn problems(found: &Verified) -> impl Iterator<Item = &Problem> {
    found.problems.iter().filter(|problem| !matches!(problem, Problem::OtherVolume(_)))
}

/// What is wrong, the root of it: what only follows from that is left out.
fn compare(row: &SegmentRow, found: &Verified) -> Vec<Damage> {
    if found.problems == [Problem::Empty] {
        return vec![Damage::File(Problem::Empty)];
    }
    let strangers: Vec<_> = problems(found).filter(|it| is_stranger(it)).cloned().collect();
    if !strangers.is_empty() || row.state == SegmentState::Open {
        return strangers.into_iter().map(Damage::File).collect();
    }
    if found.len < row.bytes {
        return vec![Damage::Truncated { expected: row.bytes, found: found.len }];
    }
    let wrong: Vec<_> = problems(found).cloned().map(Damage::File).collect();
    if !wrong.is_empty() {
        return wrong;
    }
    let identity = found.identity.as_ref();
    let differs = [
        ("length", found.len != row.bytes),
        ("stream", identity.is_some_and(|identity| identity.stream != row.stream)),
        ("run", identity.is_some_and(|identity| identity.run != row.run)),
        ("last commit", found.last != row.last_commit),
        ("samples", samples_differ(row, found)),
    ];
    let differs = differs.into_iter().filter(|(_, differs)| *differs);
    differs.map(|(what, _)| Damage::RowDiffers { what }).collect()
}

/// What is wrong between a segment and the one that it follows, while that is here.
fn link(
    volume: &Volume,
    catalog: &Catalog,
    found: &Verified,
) -> Result<Option<Problem>, ReadError> {
    let Some(identity) = &found.identity else { return Ok(None) };
    let Some(named) = identity.predecessor else { return Ok(None) };
    let Some(before) = catalog.segment(named.segment)? else { return Ok(None) };
    let here = before.volume == volume.identity().volume;
    let cut = before.end_cause.as_deref() == Some(LOST);
    if before.state != SegmentState::Sealed || !here || cut {
        return Ok(None);
    }
    // A file that is damaged is its own finding.
    let found = verify(volume, &place_of(&before), Depth::Ends).ok();
    let whole = found.filter(|it| it.len >= before.bytes && problems(it).next().is_none());
    Ok(whole.and_then(|whole| verify_link(identity, &whole)))
}

fn samples_differ(row: &SegmentRow, found: &Verified) -> bool {
    let Some(index) = &found.index else { return false };
    let in_row = row.tracks.iter().map(|track| u64::from(track.totals.samples));
    let in_file = index.tracks.iter().map(|track| track.samples.len() as u64);
    !in_row.eq(in_file)
}

/// Whether the file at `place` is whole and the segment that its name says.
pub(crate) fn is_good(volume: &Volume, place: &SegmentPlace) -> bool {
    let found = verify(volume, place, Depth::Everything);
    found.is_ok_and(|found| problems(&found).next().is_none())
}
