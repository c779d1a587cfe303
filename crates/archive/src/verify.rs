//! Checking one segment file without changing it.

use std::io;

use media::{CommitRef, Identity, Seal, SegmentIndex, Walk, WalkError, Walked, read_final_moov};

use crate::bytes::SegmentBytes;
use crate::key::is_signed;
use crate::place::SegmentPlace;
use crate::problem::Problem;
use crate::recover::FileState;
use crate::volume::{Volume, VolumeIdentity};

/// The most that one step reads.
pub const PIECE_BYTES: u64 = 1 << 20;

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

/// Reads the segment at `place` as far as `depth` says. An error is the disk's; whatever is wrong
/// with the bytes is a problem.
pub fn verify(volume: &Volume, place: &SegmentPlace, depth: Depth) -> io::Result<Verified> {
    let mut verifying = Verifying::begin(volume, place, depth)?;
    loop {
        if let Verify::Done(found) = verifying.step()? {
            return Ok(*found);
        }
    }
}

/// Verifying one segment in steps, so that a caller can go easy on the disk.
pub struct Verifying {
    bytes: SegmentBytes,
    place: SegmentPlace,
    expect: VolumeIdentity,
    keys: Vec<[u8; 32]>,
    depth: Depth,
    walk: Walk,
    at: u64,
}

/// What one step of [`Verifying`] came to.
#[derive(Debug)]
pub enum Verify {
    /// So many bytes were read; there is more.
    Read(u64),
    /// All that was to be read was.
    Done(Box<Verified>),
}

impl Verifying {
    /// Opens the segment at `place`.
    pub fn begin(volume: &Volume, place: &SegmentPlace, depth: Depth) -> io::Result<Self> {
        let bytes = SegmentBytes::open(volume, place, false)?;
        let (place, expect) = (place.clone(), volume.identity().clone());
        let (keys, walk) = (volume.keys(), Walk::new());
        Ok(Self { bytes, place, expect, keys, depth, walk, at: 0 })
    }

    /// Reads the next piece, of at most [`PIECE_BYTES`]; its ends, and the last step, may take a
    /// few more. Not to be called again after an error, or when it is done.
    pub fn step(&mut self) -> io::Result<Verify> {
        if self.depth == Depth::Everything && self.at < self.bytes.len() && !self.walk.is_done() {
            let next = (self.at + PIECE_BYTES).min(self.bytes.len());
            self.walk.feed(&self.bytes.read(self.at, next)?);
            let read = next - self.at;
            self.at = next;
            return Ok(Verify::Read(read));
        }
        let walked = match self.depth {
            Depth::Ends => self.bytes.walk_first_batch()?,
            Depth::Everything => std::mem::take(&mut self.walk).finish(),
        };
        Ok(Verify::Done(Box::new(self.judge(walked)?)))
    }

    fn judge(&self, walked: Result<Walked, WalkError>) -> io::Result<Verified> {
        let bytes = &self.bytes;
        let mut found = Verified {
            state: None,
            identity: None,
            index: None,
            last: None,
            len: bytes.len(),
            problems: Vec::new(),
        };
        let walked = match walked {
            Ok(walked) => walked,
            Err(error) => {
                found.problems.push(match error {
                    _ if bytes.len() == 0 => Problem::Empty,
                    WalkError::Header => Problem::Header(error.to_string()),
                    WalkError::NoCommit => Problem::NoCommit,
                });
                return Ok(found);
            }
        };
        self.check_identity(&walked.header.identity, &mut found.problems);
        found.identity = Some(walked.header.identity.clone());
        match bytes.seal()? {
            None => found.check_growing(bytes, walked, self.depth)?,
            Some(seal) => {
                let sealed = if walked.turned { FileState::Sealed } else { FileState::Unturned };
                found.state = Some(sealed);
                found.problems.extend(Problem::of_turned(&walked, &seal));
                let read = (self.depth == Depth::Everything).then_some((walked.last, walked.index));
                found.check_seal(bytes, &self.place, &seal, read)?;
            }
        }
        Ok(found)
    }

    fn check_identity(&self, identity: &Identity, problems: &mut Vec<Problem>) {
        if identity.segment != self.place.id {
            problems.push(Problem::OtherSegment(identity.segment));
        }
        if identity.archive != self.expect.archive {
            problems.push(Problem::OtherArchive(identity.archive));
        }
        if identity.volume != self.expect.volume {
            problems.push(Problem::OtherVolume(identity.volume));
        }
        if identity.public_key.is_some_and(|key| !self.keys.contains(&key)) {
            problems.push(Problem::OtherKey);
        }
    }
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
