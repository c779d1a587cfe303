//! What a power cut leaves, and how it becomes a sealed segment: everything up to the last commit
//! record that is whole and whose hash fits.

use std::io;
use std::sync::Arc;

use media::{CommitRef, Identity, SegmentBuilder, SegmentIndex, TrackParams, Walk, WalkError};

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
}

/// Reads the first batch and the last ones of a segment: how far it has come, and the last commit
/// that counts.
pub fn tail(volume: &Volume, place: &SegmentPlace) -> Result<Tail, RecoverError> {
    let segment = place.relative();
    let io = |source| RecoverError::Io { segment: segment.clone(), source };
    let bytes = SegmentBytes::open(volume, place, false).map_err(io)?;
    let opening = bytes.walk_first_batch().map_err(io)?.map_err(|e| no_segment(&segment, e))?;
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

/// Reads all of a segment, cuts off what follows its last commit that counts, and seals it.
///
/// `keep` is the last commit that was durable, where it is known (the successor names it): later
/// ones are cut off too, for their samples stand in the successor.
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
    let tail = bytes.tail().map_err(io)?;
    let limit = match (keep, &tail) {
        (Some(keep), Some(tail)) => bytes.end_of(tail, keep.number).map_err(io)?,
        _ => None,
    };
    let walked = bytes.walk(Walk::new(), limit.unwrap_or(bytes.len())).map_err(io)?;
    let walked = walked.map_err(|error| no_segment(&segment, error))?;
    let (identity, last, end, turned) =
        (walked.header.identity.clone(), walked.last, walked.end, walked.turned);
    let seal = tail.and_then(|tail| tail.sealed);
    let whole = seal.is_some_and(|seal| {
        let covers =
            seal.last_hash == last.hash && seal.commits.checked_sub(1) == Some(last.number);
        covers && seal.moov_offset == end
    });
    let was = match (whole, turned) {
        (false, _) => FileState::Growing,
        (true, false) => FileState::Unturned,
        (true, true) => FileState::Sealed,
    };
    let builder = SegmentBuilder::resume(walked);
    let sign = key.map(|key| move |message: &[u8]| key.sign(message));
    let sign = sign.as_ref().map(|sign| sign as &dyn Fn(&[u8]) -> [u8; 64]);
    let seal_bytes = builder.seal(sign).expect("a walk that ends well has a commit");
    let sealing = Sealing::of(volume, place, &bytes, (seal_bytes, last)).map_err(io)?;
    if !whole {
        sealing.write_tail()?;
    }
    // Also where nothing was written: what the file says may never have been synced.
    sealing.syncer().sync().map_err(io)?;
    if was != FileState::Sealed {
        sealing.turn()?;
        sealing.syncer().sync().map_err(io)?;
    }
    let sealed = sealing.finish()?;
    let cut = if whole { 0 } else { bytes.len() - end };
    let missing = keep.filter(|keep| *keep != last);
    Ok(Recovered { identity, index: builder.index().clone(), sealed, was, cut, missing })
}

fn no_segment(segment: &str, error: WalkError) -> RecoverError {
    let segment = segment.to_owned();
    match error {
        WalkError::NoCommit => RecoverError::Nothing { segment },
        WalkError::Header(why) => RecoverError::NotASegment { segment, why },
    }
}
