//! What may be wrong with a segment file, each by its name.

use std::fmt;

use base::{ArchiveId, SegmentId, VolumeId};
use media::{Seal, Walked};

/// Something that is wrong with a segment file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file has not one byte.
    Empty,
    /// The header cannot be read.
    Header(String),
    /// No commit counts.
    NoCommit,
    /// The file is another segment than its name says.
    OtherSegment(SegmentId),
    /// The file was written for another archive.
    OtherArchive(ArchiveId),
    /// The file was written to another volume.
    OtherVolume(VolumeId),
    /// The file is not sealed; so many bytes follow its last commit.
    NotSealed {
        /// Bytes behind the last commit.
        behind: u64,
    },
    /// It is sealed but for its header, which was not turned.
    NotTurned,
    /// The header is turned, and gives another length than up to the final `moov`: players find
    /// nothing, or the wrong bytes.
    HeaderLength {
        /// The length that it should give.
        expected: u64,
        /// The length that it gives.
        found: u64,
    },
    /// The header is turned, and there is no whole final `moov` and seal.
    SealMissing,
    /// The final `moov` cannot be read.
    FinalMoov(String),
    /// The hash chain breaks before the last commit.
    ChainBroken {
        /// The last commit before the break.
        last: u32,
        /// Commits that the file should hold.
        commits: u32,
    },
    /// It names a public key and has no signature.
    Unsigned,
    /// The signature is not that of the public key in the file.
    BadSignature,
    /// The file names a public key that its volume does not know.
    OtherKey,
    /// The final `moov` lists other samples than the fragments hold.
    IndexDiffers,
    /// The predecessor ends before the commit that its successor names: footage is missing.
    PredecessorShort {
        /// The commit that the successor names.
        named: u32,
        /// The last commit that the predecessor holds.
        holds: u32,
    },
    /// The predecessor holds commits after the one that its successor names: they count twice.
    PredecessorLong {
        /// The commit that the successor names.
        named: u32,
        /// The last commit that the predecessor holds.
        holds: u32,
    },
    /// The predecessor's commit has another hash than its successor names.
    PredecessorDiffers,
}

impl Problem {
    /// Its stable name, for scripts and tests.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Header(_) => "header",
            Self::NoCommit => "no-commit",
            Self::OtherSegment(_) => "other-segment",
            Self::OtherArchive(_) => "other-archive",
            Self::OtherVolume(_) => "other-volume",
            Self::NotSealed { .. } => "not-sealed",
            Self::NotTurned => "not-turned",
            Self::HeaderLength { .. } => "header-length",
            Self::SealMissing => "seal-missing",
            Self::FinalMoov(_) => "final-moov",
            Self::ChainBroken { .. } => "chain-broken",
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad-signature",
            Self::OtherKey => "other-key",
            Self::IndexDiffers => "index-differs",
            Self::PredecessorShort { .. } => "predecessor-short",
            Self::PredecessorLong { .. } => "predecessor-long",
            Self::PredecessorDiffers => "predecessor-differs",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::Header(why) => write!(f, "the header cannot be read: {why}"),
            Self::NoCommit => f.write_str("no commit is whole"),
            Self::OtherSegment(found) => write!(f, "the file is segment {found}, not its name's"),
            Self::OtherArchive(found) => write!(f, "the file belongs to archive {found}"),
            Self::OtherVolume(found) => write!(f, "the file was written to volume {found}"),
            Self::NotSealed { behind } => {
                write!(f, "the file is not sealed; {behind} bytes follow its last commit")
            }
            Self::NotTurned => f.write_str("sealing was cut short: the header is not turned"),
            Self::HeaderLength { expected, found } => write!(
                f,
                "the header says that {found} bytes hold the footage, and {expected} do: nothing \
                 of it is lost"
            ),
            Self::SealMissing => f.write_str("the header is turned, but there is no whole seal"),
            Self::FinalMoov(why) => write!(f, "the final moov cannot be read: {why}"),
            Self::ChainBroken { last, commits } => {
                write!(f, "the hash chain breaks after commit {last} of {commits} commits")
            }
            Self::Unsigned => f.write_str("the file names a public key and is not signed"),
            Self::BadSignature => f.write_str("the signature does not fit the public key"),
            Self::OtherKey => {
                f.write_str("the file names a public key that its volume does not know")
            }
            Self::IndexDiffers => {
                f.write_str("the final moov lists other samples than the fragments hold")
            }
            Self::PredecessorShort { named, holds } => {
                write!(f, "the predecessor ends with commit {holds}, its successor names {named}")
            }
            Self::PredecessorLong { named, holds } => write!(
                f,
                "the predecessor goes on to commit {holds} after {named}, which its successor names"
            ),
            Self::PredecessorDiffers => f.write_str(
                "the predecessor's last commit has another hash than its successor names",
            ),
        }
    }
}

impl Problem {
    /// What is wrong with the 16 bytes that turn a sealed file into a classic one: neither hash nor
    /// signature is over them, and what they must be follows from the rest.
    pub(crate) fn of_turned(walked: &Walked, seal: &Seal) -> Option<Self> {
        let expected = seal.moov_offset.saturating_sub(walked.header.free_offset);
        let found = walked.turned_len;
        (walked.turned && found != expected).then_some(Self::HeaderLength { expected, found })
    }
}
