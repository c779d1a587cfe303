//! Writes an export in one pass: clips, page, manifest, signature, directory.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use archive::ArchiveKey;
use playback::{ReadError, Slices, SourceError};
use world::{Disk, DiskFile};

use crate::error::WriteError;
use crate::hashes::Hashing;
use crate::manifest::MemberHashes;
use crate::plan::{Content, Plan};
use crate::zip::{CRC_AT, Directory};

/// What is written is handed to the disk after so many bytes, and waited for before the next: no
/// more of the machine's memory than that is taken from what records.
const WRITE_OUT_BYTES: u64 = 8 << 20;

/// How far it has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes written.
    pub written: u64,
    /// Bytes that it will have.
    pub total: u64,
}

/// A finished export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its bytes.
    pub bytes: u64,
    /// BLAKE3 of its manifest, in hexadecimal digits: whoever has the same one has the same bytes.
    pub manifest_hash: String,
}

/// An export that is being written. It stands under a name that says that it is not whole until all
/// of it is durable.
pub struct Exporter {
    disk: Arc<dyn Disk>,
    part: PathBuf,
    whole: PathBuf,
    out: Arc<dyn DiskFile>,
    key: Arc<ArchiveKey>,
    plan: Plan,
    directory: Directory,
    total: u64,
    /// Clips that are not begun.
    waiting: VecDeque<Arc<dyn Content>>,
    /// The number of the member that comes next, or is under way.
    number: usize,
    under_way: Option<UnderWay>,
    at: u64,
    written_out: u64,
}

struct UnderWay {
    slices: Box<dyn Slices>,
    hashing: Hashing,
    /// Where its head is.
    head: u64,
}

impl Exporter {
    /// Begins the file `whole`, under `part` until it is; an older part is replaced. They are in
    /// one folder.
    pub fn begin(
        disk: Arc<dyn Disk>,
        (part, whole): (PathBuf, PathBuf),
        plan: Plan,
        key: Arc<ArchiveKey>,
    ) -> Result<Self, WriteError> {
        let failed = |error| WriteError::Disk { doing: "making", path: part.clone(), error };
        match disk.remove_file(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
        let out = disk.create(&part).map_err(failed)?;
        let directory = plan.directory();
        Ok(Self {
            total: directory.len(),
            waiting: plan.contents.iter().cloned().collect(),
            disk,
            part,
            whole,
            out,
            key,
            plan,
            directory,
            number: 0,
            under_way: None,
            at: 0,
            written_out: 0,
        })
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        Progress { written: self.at, total: self.total }
    }

    /// Writes some more, a slice of a clip at the most; what was written once it is whole, durable
    /// and under its name. After an error it is given up: [`Exporter::give_up`].
    pub fn step(&mut self) -> Result<Option<Written>, WriteError> {
        if let Some(mut clip) = self.under_way.take() {
            match clip.slices.next() {
                Some(slice) => {
                    let slice = slice.map_err(|why| self.unreadable(why))?;
                    clip.hashing.update(&slice);
                    self.put(&slice)?;
                    self.under_way = Some(clip);
                }
                None => self.end_clip(clip)?,
            }
            return Ok(None);
        }
        match self.waiting.pop_front() {
            Some(content) => {
                let head = self.at;
                self.put(&self.directory.head(self.number))?;
                let (slices, hashing) = (content.read(), Hashing::default());
                self.under_way = Some(UnderWay { slices, hashing, head });
                Ok(None)
            }
            None => self.finish().map(Some),
        }
    }

    fn end_clip(&mut self, clip: UnderWay) -> Result<(), WriteError> {
        let (crc, hashes) = clip.hashing.finish();
        let planned = self.directory.members[self.number].len;
        if hashes.bytes != planned {
            let file = self.directory.members[self.number].name.clone();
            return Err(WriteError::OtherLength { file });
        }
        self.directory.members[self.number].crc = crc;
        self.plan.manifest.clips[self.number].hashes = hashes;
        let crc = crc.to_le_bytes();
        let done = self.out.write_all_at(&[&crc], clip.head + CRC_AT);
        done.map_err(|error| self.failed("writing", error))?;
        self.number += 1;
        Ok(())
    }

    /// All that follows the clips.
    fn finish(&mut self) -> Result<Written, WriteError> {
        self.plan.may_still_be_seen()?;
        let page = std::mem::take(&mut self.plan.page);
        self.plan.manifest.page = self.small(&page)?;
        let manifest = self.plan.manifest.to_bytes();
        self.small(&manifest)?;
        let signature = self.key.sign(&manifest);
        self.small(&signature)?;
        let tail = self.directory.tail();
        self.put(&tail)?;
        self.out.sync_data().map_err(|error| self.failed("syncing", error))?;
        // A disk may have taken long for that.
        self.plan.may_still_be_seen()?;
        let renamed = self.disk.rename(&self.part, &self.whole);
        renamed.map_err(|error| self.failed("naming", error))?;
        let folder = self.whole.parent().unwrap_or(Path::new("/"));
        self.disk.sync_dir(folder).map_err(|error| self.failed("syncing", error))?;
        let manifest_hash = blake3::hash(&manifest).to_hex().to_string();
        Ok(Written { bytes: self.at, manifest_hash })
    }

    /// A file of bytes at hand.
    fn small(&mut self, bytes: &[u8]) -> Result<MemberHashes, WriteError> {
        let (crc, hashes) = Hashing::of(bytes);
        self.directory.members[self.number].crc = crc;
        let head = self.directory.head(self.number);
        self.put(&head)?;
        self.put(bytes)?;
        self.number += 1;
        Ok(hashes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let done = self.out.write_all_at(&[bytes], self.at);
        done.map_err(|error| self.failed("writing", error))?;
        self.at += bytes.len() as u64;
        if self.at - self.written_out >= WRITE_OUT_BYTES {
            let done = self.out.finish_write_out();
            done.map_err(|error| self.failed("writing", error))?;
            self.written_out = self.at;
        }
        Ok(())
    }

    fn failed(&self, doing: &'static str, error: std::io::Error) -> WriteError {
        WriteError::Disk { doing, path: self.part.clone(), error }
    }

    fn unreadable(&self, why: ReadError) -> WriteError {
        let file = self.directory.members[self.number].name.clone();
        match why {
            ReadError::Source(why @ SourceError::Removed(_)) => WriteError::Removed { file, why },
            why => WriteError::Footage { file, why },
        }
    }

    /// Removes what was written: it is not whole, and nobody should take it for that.
    pub fn give_up(self) {
        // Where even this fails, its name says that it is a part; the next start tries again.
        let _ = self.disk.remove_file(&self.part);
    }
}

#[cfg(test)]
pub(crate) mod tests;
