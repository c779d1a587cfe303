//! What a power cut leaves, and how it becomes a sealed segment: everything up to the last commit
//! record that is whole and whose hash fits.

use std::io;
use std::sync::Arc;

use media::sealed::Seal;
use media::{
    CommitRef, Identity, SegmentBuilder, SegmentIndex, TrackParams, Walk, WalkError, Walked,
    read_final_moov,
};

use crate::bytes::{SegmentBytes, TailRead};
use crate::key::ArchiveKey;
use crate::place::SegmentPlace;
use crate::volume::Volume;
use crate::writer::{SealedInfo, Sealing, WriteError};

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It has no whole final `moov`: growing, or cut off.
    Growing,
    /// The final `moov` and the seal are there, its header still says `free`.
    Unturned,
    /// Sealed.
    Sealed,
}

/// What the ends of a file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// How far the file has come.
    pub state: FileState,
    /// Who it is.
    pub identity: Identity,
    /// Its tracks.
    pub tracks: Vec<Arc<TrackParams>>,
    /// The last commit that is whole and whose hash fits.
    pub last: CommitRef,
    /// Where that commit ends.
    pub end: u64,
    /// The file's length.
    pub len: u64,
}

/// A segment that recovery has sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Who it is.
    pub identity: Identity,
    /// Every sample in it.
    pub index: SegmentIndex,
    /// What it has become.
    pub sealed: SealedInfo,
    /// How far it had come.
    pub was: FileState,
    /// Bytes behind the last commit that were cut off.
    pub cut: u64,
    /// The commit that was to be kept, where the file does not hold it: footage is lost.
    pub missing: Option<CommitRef>,
    /// The commit behind which a sealed file's hash chain breaks: what follows may be damaged.
    pub broken: Option<u32>,
}

/// A segment could not be recovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The disk failed.
    #[error("recovering segment {segment}: {source}")]
    Io {
        /// The file, below its volume.
        segment: String,
        /// Why it failed.
        source: io::Error,
    },
    /// It could not be sealed.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Not one commit is whole: nothing of it was ever durable, and it may be removed.
    #[error("segment {segment} was cut off before its first commit: there is nothing to keep")]
    Nothing {
        /// The file, below its volume.
        segment: String,
    },
    /// It is not a segment, or its header is damaged.
    #[error("{segment} is no segment that can be read ({why}): it is left as it is")]
    NotASegment {
        /// The file, below its volume.
        segment: String,
        /// What is wrong.
        why: String,
    },
    /// The chain breaks in the middle, and whole commits follow.
    #[error(
        "segment {segment} is damaged after commit {after} and goes on to commit {goes_on_to}: \
         it is left as it is"
    )]
    Damaged {
        /// The file, below its volume.
        segment: String,
        /// The last commit before the damage.
        after: u32,
        /// The last commit that is whole.
        goes_on_to: u32,
    },
}

/// Reads the first batch and the last ones of a segment: how far it has come, and the last commit
/// that counts.
pub fn tail(volume: &Volume, place: &SegmentPlace) -> Result<Tail, RecoverError> {
    let segment = place.relative();
    let io = |source| RecoverError::Io { segment: segment.clone(), source };
    let bytes = SegmentBytes::open(volume, place, false).map_err(io)?;
    let opening = bytes.walk_first_batch().map_err(io)?;
    let opening = opening.or_else(|error| no_segment(&bytes, &segment, error))?;
    let TailRead { last, end, sealed } = bytes
        .tail()
        .map_err(io)?
        .ok_or_else(|| RecoverError::Nothing { segment: segment.clone() })?;
    let state = match (sealed.is_some(), opening.turned) {
        (false, _) => FileState::Growing,
        (true, false) => FileState::Unturned,
        (true, true) => FileState::Sealed,
    };
    let (identity, tracks) = (opening.header.identity, opening.header.tracks);
    Ok(Tail { state, identity, tracks, last, end, len: bytes.len() })
}

/// What [`finish`] would keep of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Who it is.
    pub identity: Identity,
    /// Every sample in it.
    pub index: SegmentIndex,
    /// Its last commit.
    pub last: CommitRef,
    /// Where that ends in the file.
    pub end: u64,
}

/// Reads all of a segment, and changes nothing.
pub fn read(volume: &Volume, place: &SegmentPlace) -> Result<Counted, RecoverError> {
    let segment = place.relative();
    let opened = SegmentBytes::open(volume, place, false);
    let bytes = opened.map_err(|source| RecoverError::Io { segment: segment.clone(), source })?;
    let Walked { header, index, last, end, .. } = read_whole(&bytes, &segment, None)?.walked;
    Ok(Counted { identity: header.identity, index, last, end })
}

/// Reads all of a segment, cuts off what follows its last commit that counts, and seals it.
///
/// `keep` is the last commit that was durable, where it is known (the successor names it): later
/// ones are cut off too, for their samples stand in the successor. Commits that are whole are
/// never cut off otherwise, be there damage before them or not.
pub fn finish(
    volume: &Volume,
    place: &SegmentPlace,
    key: Option<&ArchiveKey>,
    keep: Option<CommitRef>,
) -> Result<Recovered, RecoverError> {
    let segment = place.relative();
    let io = |source| RecoverError::Io { segment: segment.clone(), source };
    volume.writable().map_err(io)?;
    let bytes = SegmentBytes::open(volume, place, true).map_err(io)?;
    let whole = read_whole(&bytes, &segment, keep)?;
    seal_whole(volume, place, key, keep, (&bytes, whole))
}

/// A segment that was sealed long ago, as its ends say: nothing is written, and little read.
/// `None` where it is not sealed, or where what it says does not fit: [`finish`] reads all of it.
pub fn sealed(volume: &Volume, place: &SegmentPlace) -> Result<Option<Recovered>, RecoverError> {
    let segment = place.relative();
    let io = |source| RecoverError::Io { segment: segment.clone(), source };
    let bytes = SegmentBytes::open(volume, place, false).map_err(io)?;
    let Some(seal) = bytes.seal().map_err(io)? else { return Ok(None) };
    let Ok(opening) = bytes.walk_first_batch().map_err(io)? else { return Ok(None) };
    let moov = bytes.read_final_moov(&seal).map_err(io)?;
    let Ok((identity, index)) = read_final_moov(&moov) else { return Ok(None) };
    if !opening.turned || opening.header.identity != identity {
        return Ok(None);
    }
    // A row says so from now on: a process that was killed may not have come to sync it.
    bytes.file().sync_data().map_err(io)?;
    let usage = volume.usage(place).map_err(io)?;
    let last = CommitRef { number: seal.commits.saturating_sub(1), hash: seal.last_hash };
    let sealed = SealedInfo { len: usage.len, allocated: usage.allocated, last };
    let (was, cut, missing, broken) = (FileState::Sealed, 0, None, None);
    Ok(Some(Recovered { identity, index, sealed, was, cut, missing, broken }))
}

/// Seals what of a file that was never sealed stands before the first damage, be that bytes that
/// changed or bytes that the disk does not give. What follows is cut off, whole commits too, once
/// a copy of the file lies aside, see [`Volume::copy_aside`]; where that is, below the volume.
pub fn finish_before_damage(
    volume: &Volume,
    place: &SegmentPlace,
    key: Option<&ArchiveKey>,
) -> Result<(Recovered, String), RecoverError> {
    let segment = place.relative();
    let io = |source| RecoverError::Io { segment: segment.clone(), source };
    volume.writable().map_err(io)?;
    let bytes = SegmentBytes::open(volume, place, true).map_err(io)?;
    let walked = bytes.walk_readable(Walk::new());
    let walked = walked.or_else(|error| no_segment(&bytes, &segment, error))?;
    let copy = volume.copy_aside(place).map_err(io)?;
    let whole = Whole { walked, seal: None, broken: None };
    Ok((seal_whole(volume, place, key, None, (&bytes, whole))?, copy))
}

fn seal_whole(
    volume: &Volume,
    place: &SegmentPlace,
    key: Option<&ArchiveKey>,
    keep: Option<CommitRef>,
    (bytes, whole): (&SegmentBytes, Whole),
) -> Result<Recovered, RecoverError> {
    let segment = place.relative();
    let io = |source| RecoverError::Io { segment: segment.clone(), source };
    let Whole { walked, seal, broken } = whole;
    let (identity, last, end) = (walked.header.identity.clone(), walked.last, walked.end);
    let was = match (seal.is_some(), walked.turned) {
        (false, _) => FileState::Growing,
        (true, false) => FileState::Unturned,
        (true, true) => FileState::Sealed,
    };
    let builder = SegmentBuilder::resume(walked);
    let sign = key.map(|key| move |message: &[u8]| key.sign(message));
    let sign = sign.as_ref().map(|sign| sign as &dyn Fn(&[u8]) -> [u8; 64]);
    let seal_bytes = builder.seal(sign).expect("a walk that ends well has a commit");
    let sealing = Sealing::of(volume, place, bytes, (seal_bytes, last)).map_err(io)?;
    // What stands there may be from a try whose sync has failed: it is seen, and no later sync
    // makes it durable. So it is written once more, the same bytes. (Without the key, or around
    // damage, they would be others.)
    let same = key.is_some() && broken.is_none();
    if seal.is_none() || (was == FileState::Unturned && same) {
        sealing.write_tail()?;
    }
    sealing.syncer().sync().map_err(io)?;
    sealing.turn()?;
    sealing.syncer().sync().map_err(io)?;
    let sealed = sealing.finish()?;
    let cut = if seal.is_some() { 0 } else { bytes.len() - end };
    let missing = keep.filter(|keep| *keep != last);
    let index = builder.index().clone();
    Ok(Recovered { identity, index, sealed, was, cut, missing, broken })
}

/// All of a file that counts.
struct Whole {
    walked: Walked,
    /// The seal that stands behind it as it should.
    seal: Option<Seal>,
    /// The commit behind which the chain breaks.
    broken: Option<u32>,
}

fn read_whole(
    bytes: &SegmentBytes,
    segment: &str,
    keep: Option<CommitRef>,
) -> Result<Whole, RecoverError> {
    let io = |source| RecoverError::Io { segment: segment.to_owned(), source };
    let Some(tail) = bytes.tail().map_err(io)? else {
        return Err(RecoverError::Nothing { segment: segment.to_owned() });
    };
    let limit = match keep {
        Some(keep) => bytes.end_of(&tail, keep.number).map_err(io)?,
        None => None,
    };
    let walked = bytes.walk(Walk::new(), limit.unwrap_or(bytes.len())).map_err(io)?;
    let mut walked = walked.or_else(|error| no_segment(bytes, segment, error))?;
    let seal = tail.sealed.filter(|_| limit.is_none_or(|limit| limit == tail.end));
    let expected = limit.and(keep).map_or(tail.last.number, |keep| keep.number);
    if walked.last.number >= expected {
        let fits = |seal: &Seal| {
            let last = CommitRef { number: seal.commits.saturating_sub(1), hash: seal.last_hash };
            last == walked.last && seal.moov_offset == walked.end
        };
        return Ok(Whole { seal: seal.filter(fits), walked, broken: None });
    }
    // Damage in the middle, which no power cut makes. What a final moov lists can still be read
    // around it; without one, cutting here would lose good footage.
    let broken = walked.last.number;
    let damaged = || RecoverError::Damaged {
        segment: segment.to_owned(),
        after: broken,
        goes_on_to: expected,
    };
    let seal = seal.ok_or_else(damaged)?;
    let moov = bytes.read_final_moov(&seal).map_err(io)?;
    (_, walked.index) = read_final_moov(&moov).map_err(|_| damaged())?;
    (walked.last, walked.end) = (tail.last, tail.end);
    Ok(Whole { walked, seal: Some(seal), broken: Some(broken) })
}

fn no_segment<T>(bytes: &SegmentBytes, segment: &str, error: WalkError) -> Result<T, RecoverError> {
    let (segment, why) = (segment.to_owned(), error.to_string());
    // What never reached the disk is worth nothing; what broke later may be.
    Err(match bytes.tail() {
        Ok(None) => RecoverError::Nothing { segment },
        Ok(Some(_)) => RecoverError::NotASegment { segment, why },
        Err(source) => RecoverError::Io { segment, source },
    })
}
