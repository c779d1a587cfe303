//! Comparing catalog and files, reading only. It is clean while recording goes on: whatever looks
//! wrong is looked at again before it is said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use archive::{Depth, Problem, SegmentPlace, Verified, Volume, verify, verify_link};
use base::{SegmentId, StreamId, WallTime, limits};
use catalog::{Catalog, ReadError, SegmentRow, SegmentState};

use crate::rows::place_of;

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;
/// A file this young may be waiting for its row.
const BEING_BORN_MICROS: i64 = 120_000_000;

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The segment.
    pub segment: SegmentId,
    /// Its file, below the volume.
    pub file: String,
    /// What is wrong.
    pub damage: Damage,
}

/// What is wrong with a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// There is a row, and no file.
    Missing,
    /// The file is shorter than its row says.
    Truncated {
        /// Bytes by the row.
        expected: u64,
        /// Bytes in the file.
        found: u64,
    },
    /// The disk does not give the file.
    Unreadable(String),
    /// There is a file, and no row: the next start of the server adopts it.
    NoRow,
    /// The same segment lies in two places.
    TwoFiles {
        /// The other file.
        other: String,
    },
    /// It and another segment of its stream hold the same time.
    Overlaps {
        /// The other segment.
        other: SegmentId,
        /// For how long, in microseconds.
        micros: i64,
    },
    /// File and row tell of different footage.
    RowDiffers {
        /// In what.
        what: &'static str,
    },
    /// What is wrong in the file itself.
    File(Problem),
}

impl Damage {
    /// Its stable name, for scripts and tests.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Truncated { .. } => "truncated",
            Self::Unreadable(_) => "unreadable",
            Self::NoRow => "no-row",
            Self::TwoFiles { .. } => "two-files",
            Self::Overlaps { .. } => "overlaps",
            Self::RowDiffers { .. } => "row-differs",
            Self::File(problem) => problem.name(),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the file is missing"),
            Self::Truncated { expected, found } => {
                write!(f, "the file is cut short: {found} bytes of {expected}")
            }
            Self::Unreadable(why) => write!(f, "the file cannot be read: {why}"),
            Self::NoRow => f.write_str("the catalog does not know the file: a start adopts it"),
            Self::TwoFiles { other } => write!(f, "the same segment lies in {other} as well"),
            Self::Overlaps { other, micros } => {
                write!(f, "it overlaps segment {other} by {} ms", micros / 1000)
            }
            Self::RowDiffers { what } => write!(f, "file and catalog differ in {what}"),
            Self::File(problem) => problem.fmt(f),
        }
    }
}

/// What a check saw.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// What is wrong, in no order that matters.
    pub findings: Vec<Finding>,
    /// Rows that were compared.
    pub rows: u64,
    /// Files that were seen.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The volume cannot be listed.
    #[error("looking through volume {volume}: {source}")]
    Volume {
        /// Its folder.
        volume: String,
        /// Why.
        source: io::Error,
    },
    /// The catalog gives no answer.
    #[error(transparent)]
    Catalog(#[from] ReadError),
}

/// Compares the rows and files of one volume. With [`Depth::Everything`] every byte is read and
/// the hash chain verified, also from segment to segment. `progress` is told of each file.
pub fn check(
    volume: &Volume,
    catalog: &Catalog,
    depth: Depth,
    now: WallTime,
    progress: &mut dyn FnMut(&CheckReport),
) -> Result<CheckReport, CheckError> {
    let checker = Checker { volume, catalog, depth };
    let mut report = CheckReport::default();
    let mut spans: BTreeMap<StreamId, Vec<(WallTime, WallTime, SegmentRow)>> = BTreeMap::new();
    let mut after = None;
    loop {
        let rows = catalog.rows_on(volume.identity().volume, after, ROWS_AT_ONCE)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in rows.into_iter().filter(|row| row.state != SegmentState::Garbage) {
            report.rows += 1;
            checker.row(&row, &mut report)?;
            progress(&report);
            if row.state == SegmentState::Sealed {
                spans.entry(row.stream).or_default().push((row.start, row.end, row));
            }
        }
    }
    checker.files(now, &mut report)?;
    for spans in spans.into_values() {
        overlaps(spans, &mut report);
    }
    Ok(report)
}

struct Checker<'a> {
    volume: &'a Volume,
    catalog: &'a Catalog,
    depth: Depth,
}

impl Checker<'_> {
    /// Looks at the file of one row.
    fn row(&self, row: &SegmentRow, report: &mut CheckReport) -> Result<(), CheckError> {
        let depth = if row.state == SegmentState::Open { Depth::Ends } else { self.depth };
        let damages = match verify(self.volume, &place_of(row), depth) {
            Ok(found) => {
                report.bytes += found.len;
                self.compare(row, &found)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => vec![Damage::Missing],
            Err(error) => vec![Damage::Unreadable(error.to_string())],
        };
        if damages.is_empty() {
            return Ok(());
        }
        // It may have been sealed or removed while it was read.
        let again = self.catalog.segment(row.id)?;
        if again.is_some_and(|again| again.state == row.state) {
            let file = place_of(row).relative();
            let finding = |damage| Finding { segment: row.id, file: file.clone(), damage };
            report.findings.extend(damages.into_iter().map(finding));
        }
        Ok(())
    }

    /// What is wrong, the root of it: what only follows from that is left out.
    fn compare(&self, row: &SegmentRow, found: &Verified) -> Vec<Damage> {
        let stranger = |problem: &&Problem| {
            use Problem::{OtherArchive, OtherSegment, OtherVolume};
            matches!(problem, OtherSegment(_) | OtherArchive(_) | OtherVolume(_))
        };
        let strangers: Vec<_> = found.problems.iter().filter(stranger).cloned().collect();
        // What grows may be read in the middle of a write: only who it is counts.
        if !strangers.is_empty() || row.state == SegmentState::Open {
            return strangers.into_iter().map(Damage::File).collect();
        }
        if found.len < row.bytes {
            return vec![Damage::Truncated { expected: row.bytes, found: found.len }];
        }
        if !found.problems.is_empty() {
            return found.problems.iter().cloned().map(Damage::File).collect();
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
        let link = if self.depth == Depth::Everything { self.link(found) } else { None };
        differs.map(|(what, _)| Damage::RowDiffers { what }).chain(link.map(Damage::File)).collect()
    }

    /// What is wrong between a segment and the one that it follows, while that is here.
    fn link(&self, found: &Verified) -> Option<Problem> {
        let identity = found.identity.as_ref()?;
        let before = self.catalog.segment(identity.predecessor?.segment).ok().flatten()?;
        if before.state != SegmentState::Sealed || before.volume != identity.volume {
            return None;
        }
        // A file that cannot be read is its own finding.
        let before = verify(self.volume, &place_of(&before), Depth::Ends).ok()?;
        verify_link(identity, &before)
    }

    /// Looks for files that have no row, or lie in two places.
    fn files(&self, now: WallTime, report: &mut CheckReport) -> Result<(), CheckError> {
        let listing = |source| CheckError::Volume {
            volume: self.volume.root().display().to_string(),
            source,
        };
        let mut seen: BTreeMap<SegmentId, SegmentPlace> = BTreeMap::new();
        for day in self.volume.days().map_err(listing)? {
            let places = self.volume.segments(&day).map_err(listing)?;
            report.files += places.len() as u64;
            let ids: Vec<_> = places.iter().map(|place| place.id).collect();
            let unknown: BTreeSet<_> = self.catalog.without_row(&ids)?.into_iter().collect();
            for place in places {
                let file = place.relative();
                let mut add = |damage| {
                    report.findings.push(Finding { segment: place.id, file: file.clone(), damage });
                };
                if unknown.contains(&place.id) && self.is_orphan(&place, now)? {
                    add(Damage::NoRow);
                }
                if let Some(other) = seen.get(&place.id) {
                    add(Damage::TwoFiles { other: other.relative() });
                }
                seen.insert(place.id, place);
            }
        }
        Ok(())
    }

    /// Whether a file that had no row has none still, and was not just begun or removed.
    fn is_orphan(&self, place: &SegmentPlace, now: WallTime) -> Result<bool, CheckError> {
        let young = now.micros_since(place.start).abs() < BEING_BORN_MICROS;
        let gone = || self.volume.usage(place).is_err();
        Ok(!young && !gone() && !self.catalog.without_row(&[place.id])?.is_empty())
    }
}

fn samples_differ(row: &SegmentRow, found: &Verified) -> bool {
    let Some(index) = &found.index else { return false };
    let in_row = row.tracks.iter().map(|track| u64::from(track.totals.samples));
    let in_file = index.tracks.iter().map(|track| track.samples.len() as u64);
    !in_row.eq(in_file)
}

fn overlaps(mut spans: Vec<(WallTime, WallTime, SegmentRow)>, report: &mut CheckReport) {
    spans.sort_by_key(|(start, _, row)| (*start, row.id));
    for pair in spans.windows(2) {
        let [(_, end, row), (start, _, next)] = pair else { continue };
        let micros = end.micros_since(*start);
        if micros > limits::CLOCK_ERROR_MAX_MICROS {
            let damage = Damage::Overlaps { other: next.id, micros };
            let file = place_of(row).relative();
            report.findings.push(Finding { segment: row.id, file, damage });
        }
    }
}
