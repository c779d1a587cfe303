//! Proving footage from its files and public keys alone: which second was touched, and what is
//! missing between two files. No volume, catalog or secret is needed.

mod links;

use std::io;
use std::path::{Path, PathBuf};

use base::WallTime;
use media::{CommitRef, Identity, Seal, Walk, WalkError, read_final_moov};
use world::Disk;

use crate::bytes::{FoundCommit, SegmentBytes};
use crate::key::is_signed;
use crate::problem::Problem;

pub use links::{Doubt, Link, Links, prove_links};

/// What follows a commit that nobody knows the end of.
const COMMIT_MICROS: i64 = 1_000_000;

/// What one file proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The file.
    pub path: PathBuf,
    /// Who it is; `None` where neither header nor final `moov` can be read.
    pub identity: Option<Identity>,
    /// The time that it holds, as far as it can be read.
    pub span: Option<(WallTime, WallTime)>,
    /// The last commit that it says it holds.
    pub last: Option<CommitRef>,
    /// The key that its signature was held against; `None` where none is known.
    pub key: Option<[u8; 32]>,
    /// What is wrong with it; nothing: it is what the recorder wrote.
    pub wounds: Vec<Wound>,
}

/// Something that is wrong, and the time that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wound {
    /// What.
    pub what: Problem,
    /// From the first instant that is not proven to the first that is again, where that is known.
    pub span: Option<(WallTime, WallTime)>,
}

/// Reads all of the segment file at `path` and holds it against its chain, its signature and
/// `keys`, any of which may have signed it; without keys against the one that the file itself
/// names, which proves only that the file was not changed after it was signed by somebody. An
/// error is the disk's.
pub fn prove(disk: &dyn Disk, path: &Path, keys: &[[u8; 32]]) -> io::Result<Proof> {
    let bytes = SegmentBytes::open_at(disk, path, false)?;
    let mut proof = Proof {
        path: path.to_owned(),
        identity: None,
        span: None,
        last: None,
        key: None,
        wounds: Vec::new(),
    };
    if bytes.len() == 0 {
        proof.add(Problem::Empty, None);
        return Ok(proof);
    }
    let walked = bytes.walk(Walk::new(), bytes.len())?;
    let seal = bytes.seal()?;
    let moov = match &seal {
        Some(seal) => read_final_moov(&bytes.read_final_moov(seal)?).ok(),
        None => None,
    };
    proof.identity = match (&walked, &moov) {
        (Ok(walked), _) => Some(walked.header.identity.clone()),
        (Err(_), Some((identity, _))) => Some(identity.clone()),
        _ => None,
    };
    proof.span = match (&moov, &walked) {
        (Some((_, index)), _) => index.span(),
        (None, Ok(walked)) => walked.index.span(),
        _ => None,
    };
    proof.last = match (&seal, &walked) {
        (Some(seal), _) => Some(last_of(seal)),
        (None, Ok(walked)) => Some(walked.last),
        _ => None,
    };
    if let (Some(seal), Ok(walked)) = (&seal, &walked)
        && let Some(problem) = Problem::of_turned(walked, seal)
    {
        proof.add(problem, None);
    }
    proof.check_seal(seal.as_ref(), walked.as_ref().is_ok_and(|walked| walked.turned), keys);
    let reached = walked.as_ref().ok().map(|walked| walked.last);
    if reached.is_none() || reached != proof.last {
        let upper = seal.as_ref().map_or(bytes.len(), |seal| seal.moov_offset);
        proof.find_wounds(&bytes.records(upper)?, walked.as_ref().err());
    } else if let (Some((_, index)), Ok(walked)) = (&moov, &walked)
        && *index != walked.index
    {
        proof.add(Problem::IndexDiffers, proof.span);
    }
    Ok(proof)
}

fn last_of(seal: &Seal) -> CommitRef {
    CommitRef { number: seal.commits.saturating_sub(1), hash: seal.last_hash }
}

impl Proof {
    /// The key that it was held against, or that a file names which is not sealed yet.
    fn named_key(&self) -> Option<[u8; 32]> {
        self.key.or(self.identity.as_ref().and_then(|identity| identity.public_key))
    }

    fn add(&mut self, what: Problem, span: Option<(WallTime, WallTime)>) {
        self.wounds.push(Wound { what, span });
    }

    fn check_seal(&mut self, seal: Option<&Seal>, turned: bool, keys: &[[u8; 32]]) {
        let named = self.identity.as_ref().and_then(|identity| identity.public_key);
        let Some(seal) = seal else {
            let what = match turned {
                true => Problem::SealMissing,
                false => Problem::NotSealed { behind: 0 },
            };
            let end = self.span.map(|(_, end)| (end, end.plus_micros(COMMIT_MICROS)));
            return self.add(what, end);
        };
        let Some(identity) = &self.identity else { return };
        let message = seal.message(identity.segment);
        let signed = |key: &&[u8; 32]| is_signed(key, &message, &seal.signature);
        let is_named = |key: &&[u8; 32]| named == Some(**key);
        self.key = match keys {
            [] => named,
            keys => keys.iter().find(is_named).or_else(|| keys.iter().find(signed)).copied(),
        };
        // None of them is the one that it names, or has signed it.
        self.key = self.key.or(keys.first().copied());
        match self.key {
            Some(_) if seal.signature == [0; 64] => self.add(Problem::Unsigned, self.span),
            Some(key) if !signed(&&key) => {
                self.add(Problem::BadSignature, self.span);
            }
            Some(key) if named.is_some_and(|named| named != key) => {
                self.add(Problem::OtherKey, self.span);
            }
            Some(_) => {}
            None => self.add(Problem::Unsigned, self.span),
        }
    }

    /// Says which of the commits do not hold what they held when they were written.
    fn find_wounds(&mut self, found: &[FoundCommit], error: Option<&WalkError>) {
        let commits = self.last.map_or(0, |last| last.number.saturating_add(1));
        let start = |found: &FoundCommit| found.record.anchors.iter().map(|it| it.wall).min();
        let (begin, end) = match self.span {
            Some((begin, end)) => (Some(begin), Some(end)),
            None => (found.first().and_then(start), None),
        };
        // (number before the wound, from, to), what touches being one.
        let mut wounds: Vec<(u32, Option<WallTime>, Option<WallTime>)> = Vec::new();
        let mut expected = 0;
        let mut since = begin;
        for (at, commit) in found.iter().enumerate() {
            let number = commit.record.commit.number;
            let next = found.get(at + 1).and_then(start).or(end);
            let missing = number > expected;
            if missing || !commit.fits {
                let from = if missing { since } else { start(commit).or(since) };
                let to = if commit.fits { start(commit) } else { next };
                match wounds.last_mut() {
                    Some(last) if last.2 >= from => last.2 = last.2.max(to),
                    _ => wounds.push((expected.saturating_sub(1), from, to)),
                }
            }
            (expected, since) = (number.saturating_add(1).max(expected), start(commit).or(since));
        }
        if expected < commits {
            wounds.push((expected.saturating_sub(1), since, end));
        }
        if wounds.is_empty()
            && let Some(error) = error
        {
            let what = match error {
                WalkError::Header => Problem::Header(error.to_string()),
                WalkError::NoCommit => Problem::NoCommit,
            };
            return self.add(what, self.span);
        }
        for (last, from, to) in wounds {
            let to = to.or(from.map(|from| from.plus_micros(COMMIT_MICROS)));
            self.add(Problem::ChainBroken { last, commits }, from.zip(to));
        }
    }
}
