//! The note as a file: JSON that a person can read, replaced as a whole.

use std::io;
use std::path::Path;

use base::{SegmentId, StreamId, WallTime};
use media::{CommitRef, Predecessor};
use serde::{Deserialize, Serialize};
use world::Disk;

use super::{RemovalReason, Removed, RemovedSpan};
use crate::key::ArchiveKey;
use crate::volume::hex::{from_hex, to_hex};
use crate::volume::{Volume, is_absent};

/// The file's name.
pub const REMOVED_FILE: &str = "holdfast-removed.json";
const DRAFT_FILE: &str = "holdfast-removed.json.new";
/// A note that cannot be believed is kept under this name.
const DOUBTED_FILE: &str = "holdfast-removed.doubted.json";
const FORMAT_VERSION: u32 = 1;
/// Far more than [`base::limits::REMOVED_SPANS_MAX`] spans take.
const REMOVED_BYTES_MAX: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    stream: StreamId,
    removed: Vec<Span>,
    signature: String,
}

#[derive(Serialize, Deserialize)]
struct Span {
    from: WallTime,
    to: WallTime,
    reasons: Vec<String>,
    removed: WallTime,
    segments: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Link>,
    first: SegmentId,
    last: Link,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    joined: bool,
}

#[derive(Serialize, Deserialize)]
struct Link {
    segment: SegmentId,
    commit: u32,
    hash: String,
}

impl Link {
    fn of(link: &Predecessor) -> Self {
        let Predecessor { segment, commit: CommitRef { number, hash } } = link;
        Self { segment: *segment, commit: *number, hash: to_hex(hash) }
    }

    fn read(&self) -> Option<Predecessor> {
        let commit = CommitRef { number: self.commit, hash: from_hex(&self.hash)? };
        Some(Predecessor { segment: self.segment, commit })
    }
}

impl Span {
    fn of(span: &RemovedSpan) -> Self {
        Self {
            from: span.from,
            to: span.to,
            reasons: span.reasons.iter().map(|reason| reason.as_str().to_owned()).collect(),
            removed: span.removed,
            segments: span.segments,
            after: span.after.as_ref().map(Link::of),
            first: span.first,
            last: Link::of(&span.last),
            joined: span.joined,
        }
    }

    fn read(&self) -> Option<RemovedSpan> {
        let known = |word: &String| RemovalReason::ALL.into_iter().find(|it| it.as_str() == word);
        let after = match &self.after {
            Some(link) => Some(link.read()?),
            None => None,
        };
        Some(RemovedSpan {
            after,
            first: self.first,
            last: self.last.read()?,
            from: self.from,
            to: self.to,
            segments: self.segments,
            removed: self.removed,
            reasons: self.reasons.iter().map(known).collect::<Option<_>>()?,
            joined: self.joined,
        })
    }
}

impl Volume {
    /// Says durably what is about to be removed of a stream: `spans` are added to the note there
    /// is, which is signed anew. A note that is damaged, or signed by another, is kept under
    /// another name, and a new one begun; whether that was so.
    pub fn note_removed(
        &self,
        (camera_slug, stream_name): (&str, &str),
        stream: StreamId,
        spans: Vec<RemovedSpan>,
        key: Option<&ArchiveKey>,
    ) -> io::Result<bool> {
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        let folder = self.stream_folder(camera_slug, stream_name)?;
        let (path, draft) = (folder.join(REMOVED_FILE), folder.join(DRAFT_FILE));
        let fits = |found: &Removed| {
            let unsigned = key.is_none() && found.signature == [0; 64];
            let keys = self.keys().into_iter().chain(key.map(ArchiveKey::public_key));
            found.stream == stream && (unsigned || found.is_signed_by_any(keys))
        };
        let (mut removed, doubted) = match read_removed(&*self.disk, &path) {
            Ok(None) => (Removed::nothing(stream), false),
            Ok(Some(found)) if fits(&found) => (found, false),
            Ok(Some(_)) => (Removed::nothing(stream), true),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                (Removed::nothing(stream), true)
            }
            Err(error) => return Err(error),
        };
        let before = removed.clone();
        spans.into_iter().for_each(|span| removed.add(span));
        if removed == before && !doubted {
            // An earlier try may have failed at this very last step.
            self.folders.sync_name(&*self.disk, &self.root, &path)?;
            return Ok(false);
        }
        removed.signature = key.map_or([0; 64], |key| key.sign(&removed.message()));
        if doubted {
            self.disk.rename(&path, &folder.join(DOUBTED_FILE))?;
        }
        let text = text_of(&removed)?;
        match self.disk.remove_file(&draft) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        // Where the files went by another hand, so may the folder have.
        self.disk.create_dir_all(&folder)?;
        let file = self.disk.create(&draft)?;
        file.write_all_at(&[&text], 0)?;
        file.sync_data()?;
        self.disk.rename(&draft, &path)?;
        self.folders.sync_name(&*self.disk, &self.root, &path)?;
        Ok(doubted)
    }

    /// What was removed of a stream; `None` where nothing is said. `InvalidData` where what is
    /// said is damaged, or a later Holdfast's. Its signature is not looked at.
    pub fn read_removed(&self, camera_slug: &str, stream: &str) -> io::Result<Option<Removed>> {
        read_removed(&*self.disk, &self.stream_folder(camera_slug, stream)?.join(REMOVED_FILE))
    }
}

fn text_of(removed: &Removed) -> io::Result<Vec<u8>> {
    let file = File {
        version: FORMAT_VERSION,
        stream: removed.stream,
        removed: removed.spans.iter().map(Span::of).collect(),
        signature: to_hex(&removed.signature),
    };
    let mut text = serde_json::to_vec_pretty(&file).map_err(io::Error::other)?;
    text.push(b'\n');
    Ok(text)
}

/// [`Volume::read_removed`] of the file at `path`, with no volume at hand.
pub fn read_removed(disk: &dyn Disk, path: &Path) -> io::Result<Option<Removed>> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let bytes = match disk.read_all(path, REMOVED_BYTES_MAX) {
        Err(error) if is_absent(&error) => return Ok(None),
        bytes => bytes?,
    };
    let damaged = |why: &dyn std::fmt::Display| {
        let words = format!("{} is damaged: {why}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, words)
    };
    let version: Version = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
    if version.version > FORMAT_VERSION {
        let why = format!("it has format {}, upgrade this program", version.version);
        return Err(damaged(&why));
    }
    let file: File = serde_json::from_slice(&bytes).map_err(|e| damaged(&e))?;
    let spans = file.removed.iter().map(Span::read).collect::<Option<_>>();
    let signature = from_hex(&file.signature);
    let (Some(spans), Some(signature)) = (spans, signature) else {
        return Err(damaged(&"a hash, a reason or the signature is not what it should be"));
    };
    Ok(Some(Removed { stream: file.stream, spans, signature }))
}
