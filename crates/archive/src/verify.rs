//! Checking one segment file without changing it, and each problem by its name.

use std::fmt;
use std::io;

use base::{ArchiveId, SegmentId, VolumeId};
use media::{CommitRef, Identity, Seal, SegmentIndex, Walk, WalkError, Walked, read_final_moov};

use crate::bytes::SegmentBytes;
use crate::key::is_signed;
use crate::place::SegmentPlace;
use crate::recover::FileState;
use crate::volume::Volume;

/// How much of a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Its header, its last commit, its final `moov` and seal.
    Ends,
    /// Every byte, against the hash chain.
    Everything,
}

/// What one file is, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How far it has come; `None` where it is no segment.
    pub state: Option<FileState>,
    /// Who it is.
    pub identity: Option<Identity>,
    /// Every sample, where the final `moov` or all bytes were read.
    pub index: Option<SegmentIndex>,
    /// The last commit that counts.
    pub last: Option<CommitRef>,
    /// The file's length.
    pub len: u64,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Something that is wrong with a segment file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
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
    /// The file names another public key than its volume.
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
            Self::Header(_) => "header",
            Self::NoCommit => "no-commit",
            Self::OtherSegment(_) => "other-segment",
            Self::OtherArchive(_) => "other-archive",
            Self::OtherVolume(_) => "other-volume",
            Self::NotSealed { .. } => "not-sealed",
            Self::NotTurned => "not-turned",
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
            Self::Header(why) => write!(f, "the header cannot be read: {why}"),
            Self::NoCommit => f.write_str("no commit is whole"),
            Self::OtherSegment(found) => write!(f, "the file is segment {found}, not its name's"),
            Self::OtherArchive(found) => write!(f, "the file belongs to archive {found}"),
            Self::OtherVolume(found) => write!(f, "the file was written to volume {found}"),
            Self::NotSealed { behind } => {
                write!(f, "the file is not sealed; {behind} bytes follow its last commit")
            }
            Self::NotTurned => f.write_str("sealing was cut short: the header is not turned"),
            Self::SealMissing => f.write_str("the header is turned, but there is no whole seal"),
            Self::FinalMoov(why) => write!(f, "the final moov cannot be read: {why}"),
            Self::ChainBroken { last, commits } => {
                write!(f, "the hash chain breaks after commit {last} of {commits} commits")
            }
            Self::Unsigned => f.write_str("the file names a public key and is not signed"),
            Self::BadSignature => f.write_str("the signature does not fit the public key"),
            Self::OtherKey => f.write_str("the file names another public key than its volume"),
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

/// Reads the segment at `place` as far as `depth` says. An error is the disk's; whatever is wrong
/// with the bytes is a problem.
pub fn verify(volume: &Volume, place: &SegmentPlace, depth: Depth) -> io::Result<Verified> {
    let bytes = SegmentBytes::open(volume, place, false)?;
    let mut found = Verified {
        state: None,
        identity: None,
        index: None,
        last: None,
        len: bytes.len(),
        problems: Vec::new(),
    };
    let walked = match depth {
        Depth::Ends => bytes.walk_first_batch()?,
        Depth::Everything => bytes.walk(Walk::new(), bytes.len())?,
    };
    let walked = match walked {
        Ok(walked) => walked,
        Err(error) => {
            found.problems.push(match error {
                WalkError::Header => Problem::Header(error.to_string()),
                WalkError::NoCommit => Problem::NoCommit,
            });
            return Ok(found);
        }
    };
    found.check_identity(volume, place, &walked.header.identity);
    found.identity = Some(walked.header.identity.clone());
    match bytes.seal()? {
        None => found.check_growing(&bytes, walked, depth)?,
        Some(seal) => {
            found.state = Some(if walked.turned { FileState::Sealed } else { FileState::Unturned });
            let read = (depth == Depth::Everything).then_some((walked.last, walked.index));
            found.check_seal(&bytes, place, &seal, read)?;
        }
    }
    Ok(found)
}

/// What is wrong between two segments, of which `successor` names `predecessor`.
pub fn verify_link(successor: &Identity, predecessor: &Verified) -> Option<Problem> {
    let named = successor.predecessor?.commit;
    let last = predecessor.last?;
    match last.number.cmp(&named.number) {
        std::cmp::Ordering::Less => {
            Some(Problem::PredecessorShort { named: named.number, holds: last.number })
        }
        std::cmp::Ordering::Greater => {
            Some(Problem::PredecessorLong { named: named.number, holds: last.number })
        }
        std::cmp::Ordering::Equal => {
            (last.hash != named.hash).then_some(Problem::PredecessorDiffers)
        }
    }
}

impl Verified {
    fn check_identity(&mut self, volume: &Volume, place: &SegmentPlace, identity: &Identity) {
        let expect = volume.identity();
        if identity.segment != place.id {
            self.problems.push(Problem::OtherSegment(identity.segment));
        }
        if identity.archive != expect.archive {
            self.problems.push(Problem::OtherArchive(identity.archive));
        }
        if identity.volume != expect.volume {
            self.problems.push(Problem::OtherVolume(identity.volume));
        }
        if identity.public_key.is_some_and(|key| key != expect.public_key) {
            self.problems.push(Problem::OtherKey);
        }
    }

    fn check_growing(
        &mut self,
        bytes: &SegmentBytes,
        walked: Walked,
        depth: Depth,
    ) -> io::Result<()> {
        self.state = Some(FileState::Growing);
        let tail = bytes.tail()?;
        let end = tail.as_ref().map_or(0, |tail| tail.end);
        self.last = tail.map(|tail| tail.last);
        self.problems.push(if walked.turned {
            Problem::SealMissing
        } else {
            Problem::NotSealed { behind: bytes.len().saturating_sub(end) }
        });
        if depth == Depth::Everything {
            if let Some(last) = self.last.filter(|last| last.number > walked.last.number) {
                let (last, commits) = (walked.last.number, last.number + 1);
                self.problems.push(Problem::ChainBroken { last, commits });
            }
            self.last = Some(walked.last);
            self.index = Some(walked.index);
        }
        Ok(())
    }

    /// `read` is what all bytes gave, where they were read.
    fn check_seal(
        &mut self,
        bytes: &SegmentBytes,
        place: &SegmentPlace,
        seal: &Seal,
        read: Option<(CommitRef, SegmentIndex)>,
    ) -> io::Result<()> {
        if self.state == Some(FileState::Unturned) {
            self.problems.push(Problem::NotTurned);
        }
        let sealed = CommitRef { number: seal.commits.saturating_sub(1), hash: seal.last_hash };
        self.last = Some(sealed);
        let key = self.identity.as_ref().and_then(|identity| identity.public_key);
        let signed = |key| is_signed(&key, &seal.message(place.id), &seal.signature);
        match key {
            Some(_) if seal.signature == [0; 64] => self.problems.push(Problem::Unsigned),
            Some(key) if !signed(key) => self.problems.push(Problem::BadSignature),
            _ => {}
        }
        let moov = bytes.read_final_moov(seal)?;
        let index = match read_final_moov(&moov) {
            Ok((_, index)) => Some(index),
            Err(error) => {
                self.problems.push(Problem::FinalMoov(error.to_string()));
                None
            }
        };
        if let Some((last, walked)) = read {
            self.last = Some(last);
            if last != sealed {
                let (last, commits) = (last.number, seal.commits);
                self.problems.push(Problem::ChainBroken { last, commits });
            } else if index.as_ref().is_some_and(|index| *index != walked) {
                self.problems.push(Problem::IndexDiffers);
            }
        }
        self.index = index;
        Ok(())
    }
}
