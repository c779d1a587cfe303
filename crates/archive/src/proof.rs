//! Proving footage from its files and a public key alone: which second was touched, and what is
//! missing between two files. No volume, catalog or secret is needed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use base::{StreamId, WallTime};
use media::{CommitRef, Identity, Predecessor, Seal, Walk, WalkError, read_final_moov};
use world::Disk;

use crate::bytes::{FoundCommit, SegmentBytes};
use crate::key::is_signed;
use crate::problem::Problem;
use crate::volume::{Removed, RemovedSpan, read_removed_beside};

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
/// `key`; without a key against the one that the file itself names, which proves only that the
/// file was not changed after it was signed by somebody. An error is the disk's.
pub fn prove(disk: &dyn Disk, path: &Path, key: Option<[u8; 32]>) -> io::Result<Proof> {
    let bytes = SegmentBytes::open_at(disk, path, false)?;
    let mut proof = Proof {
        path: path.to_owned(),
        identity: None,
        span: None,
        last: None,
        key,
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
    proof.check_seal(seal.as_ref(), walked.as_ref().is_ok_and(|walked| walked.turned));
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
    fn add(&mut self, what: Problem, span: Option<(WallTime, WallTime)>) {
        self.wounds.push(Wound { what, span });
    }

    fn check_seal(&mut self, seal: Option<&Seal>, turned: bool) {
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
        self.key = self.key.or(named);
        match self.key {
            Some(_) if seal.signature == [0; 64] => self.add(Problem::Unsigned, self.span),
            Some(key) if !is_signed(&key, &message, &seal.signature) => {
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

/// What stands between two files of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The file's predecessor is another that was given, and something is wrong between them.
    Wound(Wound),
    /// What stood before it was removed by its owner, who signed that.
    Removed(RemovedSpan),
    /// What it follows is not among the files, and nothing explains why.
    Missing(Predecessor, Option<(WallTime, WallTime)>),
    /// What it follows is not among the files, which may begin with it.
    Begins(Predecessor),
}

/// What stands between the files of `proofs`, by the number of the later one. Notes of what was
/// removed are looked for beside each file, and believed when `key`, or that of the file, signed
/// them.
pub fn prove_links(disk: &dyn Disk, proofs: &[Proof]) -> Vec<(usize, Link)> {
    let mut by_stream: BTreeMap<StreamId, Vec<usize>> = BTreeMap::new();
    for (number, proof) in proofs.iter().enumerate() {
        if let Some(identity) = &proof.identity {
            by_stream.entry(identity.stream).or_default().push(number);
        }
    }
    let mut links = Vec::new();
    for mut numbers in by_stream.into_values() {
        let begin = |number: &usize| {
            let proof = &proofs[*number];
            proof.span.map(|(from, _)| from).or(proof.identity.as_ref().map(|it| it.start))
        };
        numbers.sort_by_key(begin);
        let notes = notes(disk, numbers.iter().map(|number| &proofs[*number]));
        for (place, number) in numbers.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| &proofs[numbers[place]]);
            let given = numbers.iter().map(|number| &proofs[*number]);
            let link = link(&proofs[*number], before, given, &notes);
            links.extend(link.map(|link| (*number, link)));
        }
    }
    links
}

fn link<'a>(
    proof: &Proof,
    before: Option<&Proof>,
    mut given: impl Iterator<Item = &'a Proof>,
    notes: &[Removed],
) -> Option<Link> {
    let named = proof.identity.as_ref()?.predecessor?;
    let is_named = |other: &&Proof| {
        other.identity.as_ref().is_some_and(|identity| identity.segment == named.segment)
    };
    let hole = before.and_then(|before| Some((before.span?.1, proof.span?.0)));
    if let Some(other) = given.find(is_named) {
        let last = other.last?;
        let span = other.span.zip(proof.span).map(|(other, own)| (other.1, own.0));
        let (named, holds) = (named.commit, last.number);
        let what = match holds.cmp(&named.number) {
            std::cmp::Ordering::Less => Problem::PredecessorShort { named: named.number, holds },
            std::cmp::Ordering::Greater => Problem::PredecessorLong { named: named.number, holds },
            std::cmp::Ordering::Equal if last.hash != named.hash => Problem::PredecessorDiffers,
            std::cmp::Ordering::Equal => return None,
        };
        return Some(Link::Wound(Wound { what, span }));
    }
    if let Some(span) = notes.iter().find_map(|note| note.explains(&named)) {
        return Some(Link::Removed(span.clone()));
    }
    Some(match before {
        None => Link::Begins(named),
        Some(_) => Link::Missing(named, hole),
    })
}

/// The signed notes beside the files.
fn notes<'a>(disk: &dyn Disk, proofs: impl Iterator<Item = &'a Proof>) -> Vec<Removed> {
    let mut notes: BTreeMap<PathBuf, Option<Removed>> = BTreeMap::new();
    for proof in proofs {
        let folder = proof.path.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        notes.entry(folder.to_owned()).or_insert_with(|| {
            let note = read_removed_beside(disk, &proof.path).ok().flatten()?;
            let of_stream = proof.identity.as_ref().is_some_and(|it| it.stream == note.stream);
            let signed = proof.key.is_some_and(|key| note.is_signed(&key));
            (of_stream && signed).then_some(note)
        });
    }
    notes.into_values().flatten().collect()
}
