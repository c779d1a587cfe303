//! What may be wrong with an archive, each by its stable name.

use std::fmt;

use archive::Problem;
use base::{SegmentId, WallTime};

/// The stable name of [`Damage::Gap`]: the one damage that does not lie in the file.
pub(crate) const GAP: &str = "gap";
/// The name of [`Damage::NotRecovered`].
pub(crate) const NOT_RECOVERED: &str = "not-recovered";

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The segment, where it is about one.
    pub segment: Option<SegmentId>,
    /// Its file, below the volume; or `camera/stream`, or a stranger's file.
    pub file: String,
    /// What is wrong.
    pub damage: Damage,
    /// Since when it is known and marked so, where it is.
    pub known: Option<WallTime>,
}

impl Finding {
    pub(crate) fn of(segment: SegmentId, file: String, damage: Damage) -> Self {
        Self { segment: Some(segment), file, damage, known: None }
    }

    /// Whether a repair has anything to begin with: not where a folder cannot be listed.
    pub const fn may_be_repaired(&self) -> bool {
        self.segment.is_some() || !matches!(self.damage, Damage::Unreadable(_))
    }

    /// Whether nothing is to be done about it: it is known, or a stranger's.
    pub const fn is_settled(&self) -> bool {
        self.known.is_some() || matches!(self.damage, Damage::Foreign)
    }
}

/// What is wrong.
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
    /// It was cut off, and recovery could not finish it: nobody can watch it.
    NotRecovered(String),
    /// There is a file, and no row: the next start of the server adopts it.
    NoRow,
    /// The same segment lies in two places.
    TwoFiles {
        /// The other file: the one that its row names.
        other: String,
    },
    /// The file is not where its row says, and nothing else is.
    Misplaced {
        /// Where it belongs.
        belongs: String,
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
    /// The segment before it is gone, and no signed note explains why.
    Gap {
        /// The segment that it follows.
        predecessor: SegmentId,
    },
    /// Sums of a stream are not what its segments add up to.
    WrongSums {
        /// Which.
        what: &'static str,
    },
    /// It is not Holdfast's.
    Foreign,
    /// It is marked as damaged, and nothing is wrong with it any more.
    Healed {
        /// The stable name of what was wrong.
        was: String,
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
            Self::NotRecovered(_) => NOT_RECOVERED,
            Self::NoRow => "no-row",
            Self::TwoFiles { .. } => "two-files",
            Self::Misplaced { .. } => "misplaced",
            Self::Overlaps { .. } => "overlaps",
            Self::RowDiffers { .. } => "row-differs",
            Self::Gap { .. } => GAP,
            Self::WrongSums { .. } => "wrong-sums",
            Self::Foreign => "foreign-file",
            Self::Healed { .. } => "healed",
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
            Self::NotRecovered(why) => {
                write!(f, "it was cut off and could not be finished, so nobody can watch it: {why}")
            }
            Self::NoRow => f.write_str("the catalog does not know the file: a start adopts it"),
            Self::TwoFiles { other } => write!(f, "the same segment lies in {other} as well"),
            Self::Misplaced { belongs } => write!(f, "the file belongs at {belongs}"),
            Self::Overlaps { other, micros } => {
                write!(f, "it overlaps segment {other} by {} ms", micros / 1000)
            }
            Self::RowDiffers { what } => write!(f, "file and catalog differ in {what}"),
            Self::Gap { predecessor } => write!(
                f,
                "segment {predecessor} before it is gone, and no signed note says that it was \
                 removed"
            ),
            Self::WrongSums { what } => {
                write!(f, "the catalog's {what} are not what the segments add up to")
            }
            Self::Foreign => f.write_str("the file is not Holdfast's: it is left alone"),
            Self::Healed { was } => write!(
                f,
                "the segment is marked as damaged ({was}), and nothing is wrong with it any more"
            ),
            Self::File(problem) => problem.fmt(f),
        }
    }
}
