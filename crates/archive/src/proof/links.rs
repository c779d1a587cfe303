//! What stands between files of a stream: nothing, what was removed, or what is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base::{SegmentId, StreamId, WallTime};
use media::Predecessor;
use world::Disk;

use super::{Proof, Wound};
use crate::problem::Problem;
use crate::volume::{REMOVED_FILE, Removed, RemovedSpan, read_removed};

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

/// What stands between files, and whether what the recorder says of that can be believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// By the number of the later file.
    pub links: Vec<(usize, Link)>,
    /// Notes that explain nothing.
    pub doubts: Vec<Doubt>,
}

/// A note of what was removed that cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The note.
    pub path: PathBuf,
    /// Why not; `None`: none of the keys has signed what it says.
    pub why: Option<String>,
}

/// What stands between the files of `proofs`. Notes of what was removed are looked for beside each
/// file and at `notes`, those that were found in the folders of whole streams: of such a stream
/// all is at hand, and what is missing before its first file is missing. Notes are believed when
/// any of `keys`, or without keys any that the files name, has signed them.
pub fn prove_links(
    disk: &dyn Disk,
    proofs: &[Proof],
    notes: &[PathBuf],
    keys: &[[u8; 32]],
) -> Links {
    let Notes { told, doubts } = Notes::read(disk, proofs, notes, keys);
    let mut by_stream: BTreeMap<StreamId, Vec<usize>> = BTreeMap::new();
    for (number, proof) in proofs.iter().enumerate() {
        if let Some(identity) = &proof.identity {
            by_stream.entry(identity.stream).or_default().push(number);
        }
    }
    let mut links = Vec::new();
    for (stream, mut numbers) in by_stream {
        let begin = |number: &usize| {
            let proof = &proofs[*number];
            proof.span.map(|(from, _)| from).or(proof.identity.as_ref().map(|it| it.start))
        };
        numbers.sort_by_key(begin);
        let told = told.iter().filter(|told| told.note.stream == stream);
        let told: Vec<&Told> = told.collect();
        for (place, number) in numbers.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| &proofs[numbers[place]]);
            let given = numbers.iter().map(|number| &proofs[*number]);
            let link = link(disk, &proofs[*number], before, given, &told);
            links.extend(link.map(|link| (*number, link)));
        }
    }
    Links { links, doubts }
}

fn link<'a>(
    disk: &dyn Disk,
    proof: &Proof,
    before: Option<&Proof>,
    mut given: impl Iterator<Item = &'a Proof>,
    told: &[&Told],
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
    if let Some(span) = told.iter().find_map(|told| told.note.explains(&named)) {
        return Some(Link::Removed(span.clone()));
    }
    if before.is_some() {
        return Some(Link::Missing(named, hole));
    }
    // Where the note of the whole stream says what is gone, and this is not, it should be there.
    let mut whole = told.iter().filter(|told| told.whole).peekable();
    if whole.peek().is_none() || whole.any(|told| told.holds(disk, named.segment)) {
        return Some(Link::Begins(named));
    }
    let begin = proof.span.map(|(from, _)| from);
    let ends = told.iter().flat_map(|told| &told.note.spans).map(|span| span.to);
    let end = ends.filter(|end| begin.is_some_and(|begin| *end <= begin)).max();
    Some(Link::Missing(named, end.zip(begin)))
}

/// A note that can be believed.
struct Told {
    note: Removed,
    /// The folder of its stream.
    folder: PathBuf,
    /// It was found in the folder of its whole stream, which is at hand.
    whole: bool,
}

impl Told {
    /// Whether the stream's folder holds a segment, given or not.
    fn holds(&self, disk: &dyn Disk, segment: SegmentId) -> bool {
        let name = format!("_{segment}.mp4");
        let days = disk.list(&self.folder).unwrap_or_default().into_iter();
        let mut days = days.filter(|day| day.is_dir).map(|day| self.folder.join(day.name));
        days.any(|day| {
            let files = disk.list(&day).unwrap_or_default();
            files.iter().any(|file| file.name.ends_with(&name))
        })
    }
}

struct Notes {
    told: Vec<Told>,
    doubts: Vec<Doubt>,
}

impl Notes {
    fn read(disk: &dyn Disk, proofs: &[Proof], found: &[PathBuf], keys: &[[u8; 32]]) -> Self {
        let beside = proofs.iter().filter_map(|proof| proof.path.parent()?.parent());
        let beside = beside.map(|folder| (folder.join(REMOVED_FILE), false));
        let mut paths: BTreeMap<PathBuf, bool> = beside.collect();
        paths.extend(found.iter().map(|path| (path.clone(), true)));
        let named: BTreeSet<[u8; 32]> = match keys {
            [] => proofs.iter().filter_map(Proof::named_key).collect(),
            keys => keys.iter().copied().collect(),
        };
        let mut notes = Self { told: Vec::new(), doubts: Vec::new() };
        for (path, whole) in paths {
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            match read_removed(disk, &path) {
                Ok(Some(note)) if note.is_signed_by_any(named.iter().copied()) => {
                    notes.told.push(Told { note, folder, whole });
                }
                Ok(Some(_)) => notes.doubts.push(Doubt { path, why: None }),
                Ok(None) => {}
                Err(error) => notes.doubts.push(Doubt { path, why: Some(error.to_string()) }),
            }
        }
        notes
    }
}
