//! Writing one segment, as steps: what blocks on the platter is a [`Syncer`] of its own, so that a
//! caller can sync all segments of a volume at one moment.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use media::{Batch, BatchError, CommitRef, Identity, IndexPart, SegmentBuilder, SegmentIndex};
use media::{Sealing as SealBytes, TrackParams};
use world::{Disk, DiskFile};

use crate::bytes::SegmentBytes;
use crate::key::ArchiveKey;
use crate::place::SegmentPlace;
use crate::volume::{DurableFolders, Volume, VolumeIdentity};

/// Space is reserved ahead of a growing segment in steps as long as the segment is, between these.
const RESERVE_MIN: u64 = 1 << 20;
const RESERVE_MAX: u64 = 32 << 20;

/// A segment could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The disk said so. Unless it was a sync, the same may be tried again.
    #[error("{doing} segment {segment}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file, below its volume.
        segment: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The batch breaks a rule of the format.
    #[error("batch of segment {segment}: {source}")]
    Batch {
        /// The file, below its volume.
        segment: String,
        /// The rule.
        source: BatchError,
    },
    /// A sync of this file has failed before, or it is sealed: write to a new segment.
    #[error("segment {segment} takes no more data: begin another")]
    Closed {
        /// The file, below its volume.
        segment: String,
    },
}

/// A batch that stands in the file, durable after the next sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The commit record that closes it.
    pub commit: CommitRef,
    /// The file's length up to and with that record.
    pub end: u64,
    /// What it added to the index.
    pub added: IndexPart,
}

/// What a segment has become by sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedInfo {
    /// The file's length.
    pub len: u64,
    /// Bytes that it takes on the disk.
    pub allocated: u64,
    /// Its last commit.
    pub last: CommitRef,
}

/// A growing segment. Nothing touches the disk before the first batch, for the header needs it.
pub struct SegmentWriter {
    file: Option<Arc<dyn DiskFile>>,
    shared: Arc<Shared>,
    builder: SegmentBuilder,
    reserved: u64,
    sealed: bool,
}

/// What a writer and its syncers have in common.
struct Shared {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    identity: VolumeIdentity,
    path: PathBuf,
    folders: Arc<DurableFolders>,
    segment: String,
    /// Its file was made, or that failed and it may be there all the same.
    begun: AtomicBool,
    /// Its name in the folder is durable.
    named: AtomicBool,
    /// Something that counts was written since the last sync.
    dirty: AtomicBool,
    /// Bytes that the file took on the disk at the sync after space was last reserved; 0 before
    /// the first.
    allocated: AtomicU64,
    /// Space was reserved since then: asking at each sync costs a look-up of the path.
    measure: AtomicBool,
    /// A sync has failed: nothing in this file can be relied on after its last durable commit.
    dead: AtomicBool,
}

impl Volume {
    /// A new segment at `place`. No file exists before its first [`SegmentWriter::append`].
    pub fn create(
        &self,
        place: &SegmentPlace,
        identity: Identity,
        tracks: Vec<Arc<TrackParams>>,
    ) -> Result<SegmentWriter, WriteError> {
        let segment = place.relative();
        let path = self.writable().and_then(|()| place.path(&self.root)).map_err(|source| {
            WriteError::Io { doing: "creating", segment: segment.clone(), source }
        })?;
        let builder = SegmentBuilder::new(identity, tracks);
        let shared = Arc::new(Shared::new(self, path, segment));
        Ok(SegmentWriter { file: None, shared, builder, reserved: 0, sealed: false })
    }
}

impl SegmentWriter {
    /// Writes `batch` behind the last one, the first time with the header in front, in vectored
    /// writes of some of its bytes each. It is durable after [`Syncer::sync`]. A failed write
    /// leaves the segment as it was, and may be tried again.
    pub fn append(&mut self, batch: &Batch) -> Result<Appended, WriteError> {
        self.open_for_data()?;
        let segment = || self.shared.segment.clone();
        let encoded = self.builder.encode(batch);
        let encoded = encoded.map_err(|source| WriteError::Batch { segment: segment(), source })?;
        let io = |doing| move |source| WriteError::Io { doing, segment: segment(), source };
        let file = match &self.file {
            Some(file) => file.clone(),
            None => {
                let file = self.shared.create().map_err(io("creating"))?;
                self.file.insert(file).clone()
            }
        };
        let end = encoded.offset + encoded.len;
        if end > self.reserved {
            let step = end.clamp(RESERVE_MIN, RESERVE_MAX);
            // A full disk may still take the batch itself: the write decides.
            let _ = file.reserve(end + step);
            self.reserved = end + step;
            self.shared.measure.store(true, Ordering::Release);
        }
        let written = encoded.write(|pieces, offset| file.write_all_at(pieces, offset));
        let commit = written.map_err(io("writing"))?;
        self.shared.dirty.store(true, Ordering::Release);
        self.builder.commit(&encoded, commit);
        Ok(Appended { commit, end, added: encoded.added })
    }

    /// What makes all that was appended so far durable; `None` while there is no file.
    pub fn syncer(&self) -> Option<Syncer> {
        let file = self.file.clone()?;
        Some(Syncer { file, shared: self.shared.clone() })
    }

    /// Whether its file may be there.
    pub fn has_begun(&self) -> bool {
        self.shared.begun.load(Ordering::Acquire)
    }

    /// Every sample that was appended.
    pub fn index(&self) -> &SegmentIndex {
        self.builder.index()
    }

    /// Who the segment is.
    pub fn identity(&self) -> &Identity {
        self.builder.identity()
    }

    /// The last commit that was appended, durable or not.
    pub fn last_commit(&self) -> Option<CommitRef> {
        self.builder.last().0
    }

    /// The file's length up to the last commit.
    pub fn end(&self) -> u64 {
        self.builder.last().1
    }

    /// Bytes that the file took on the disk, what is reserved included, at the sync after space was
    /// last reserved: where none can be reserved, it may have grown since. 0 before its first sync.
    pub fn allocated(&self) -> u64 {
        self.shared.allocated.load(Ordering::Acquire)
    }

    /// Whether the segment takes more data: not after a failed sync, nor after sealing began.
    pub fn is_open(&self) -> bool {
        !self.sealed && !self.shared.dead.load(Ordering::Acquire)
    }

    /// Writes the final `moov` and the seal, signed with `key`; all that was appended must be
    /// durable. On an error the same may be tried again; until then the file stays as a power cut
    /// would leave it, for [`crate::recover::finish`].
    ///
    /// # Panics
    /// When nothing was appended, or something is not synced.
    pub fn seal(&mut self, key: Option<&ArchiveKey>) -> Result<Sealing, WriteError> {
        self.open_for_data()?;
        assert!(!self.shared.is_dirty(), "a segment is sealed after its last batch is durable");
        let sign = key.map(|key| move |message: &[u8]| key.sign(message));
        let sign = sign.as_ref().map(|sign| sign as &dyn Fn(&[u8]) -> [u8; 64]);
        let bytes = self.builder.seal(sign);
        let (file, bytes) =
            self.file.clone().zip(bytes).expect("a segment is sealed after its first batch");
        let last = self.builder.last().0.expect("a segment with bytes has a commit");
        let syncer = Syncer { file, shared: self.shared.clone() };
        let sealing = Sealing { syncer, bytes, last };
        sealing.write_tail()?;
        self.sealed = true;
        Ok(sealing)
    }

    fn open_for_data(&self) -> Result<(), WriteError> {
        if self.is_open() {
            return Ok(());
        }
        Err(WriteError::Closed { segment: self.shared.segment.clone() })
    }
}

/// Makes what was written to one segment durable. May be sent to a thread of its own.
#[derive(Clone)]
pub struct Syncer {
    file: Arc<dyn DiskFile>,
    shared: Arc<Shared>,
}

impl Syncer {
    /// Makes all that was written before durable, the first time the file's name too. Nothing may
    /// be written to the segment meanwhile.
    ///
    /// A failure is final: the kernel may have dropped the data, so the segment takes no more and
    /// what was not durable belongs into a new one.
    pub fn sync(&self) -> io::Result<()> {
        self.refuse_dead()?;
        let synced = self.file.sync_data().and_then(|()| self.shared.sync_name());
        let flag = if synced.is_ok() { &self.shared.dirty } else { &self.shared.dead };
        flag.store(synced.is_err(), Ordering::Release);
        // Only a measure: retention counts what is reserved, too.
        if synced.is_ok()
            && self.shared.measure.load(Ordering::Acquire)
            && let Ok(usage) = self.shared.disk.usage(&self.shared.path)
        {
            self.shared.allocated.store(usage.allocated, Ordering::Release);
            self.shared.measure.store(false, Ordering::Release);
        }
        synced
    }

    /// Begins to write out what was appended, and returns at once.
    pub fn start_write_out(&self) {
        if !self.shared.dead.load(Ordering::Acquire) {
            self.file.start_write_out();
        }
    }

    /// Waits until it is written out; nothing is durable by that. Where all files of a volume are
    /// written out before the first is synced, the file system has one commit to make for all. A
    /// failure is as final as one of [`Syncer::sync`].
    pub fn finish_write_out(&self) -> io::Result<()> {
        self.refuse_dead()?;
        let out = self.file.finish_write_out();
        if out.is_err() {
            self.shared.dead.store(true, Ordering::Release);
        }
        out
    }

    fn refuse_dead(&self) -> io::Result<()> {
        if self.shared.dead.load(Ordering::Acquire) {
            return Err(io::Error::other("an earlier sync of this segment has failed"));
        }
        Ok(())
    }

    /// The segment's file below its volume, for messages.
    pub fn segment(&self) -> &str {
        &self.shared.segment
    }
}

/// A segment that is being sealed: sync, [`Sealing::turn`], sync, [`Sealing::finish`].
pub struct Sealing {
    syncer: Syncer,
    bytes: SealBytes,
    last: CommitRef,
}

impl Sealing {
    /// A file found by recovery, to be sealed anew.
    pub(crate) fn of(
        volume: &Volume,
        place: &SegmentPlace,
        file: &SegmentBytes,
        (bytes, last): (SealBytes, CommitRef),
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(volume, place.path(&volume.root)?, place.relative()));
        Ok(Self { syncer: Syncer { file: file.file(), shared }, bytes, last })
    }

    /// The segment's last commit.
    pub fn last_commit(&self) -> CommitRef {
        self.last
    }

    /// What makes the step before durable.
    pub fn syncer(&self) -> Syncer {
        self.syncer.clone()
    }

    /// Turns the reserved 16 bytes into the header of the one `mdat`.
    ///
    /// # Panics
    /// When the final `moov` is not synced.
    pub fn turn(&self) -> Result<(), WriteError> {
        let shared = &self.syncer.shared;
        assert!(!shared.is_dirty(), "the header is turned after the final moov is durable");
        let written = self.syncer.file.write_all_at(&[&self.bytes.head], self.bytes.head_offset);
        written.map_err(|source| self.error("turning the header of", source))?;
        shared.dirty.store(true, Ordering::Release);
        Ok(())
    }

    /// What the segment has become.
    ///
    /// # Panics
    /// When the turned header is not synced.
    pub fn finish(self) -> Result<SealedInfo, WriteError> {
        let shared = &self.syncer.shared;
        assert!(!shared.is_dirty(), "a segment is sealed once its turned header is durable");
        let usage = shared.disk.usage(&shared.path);
        let usage = usage.map_err(|source| self.error("measuring", source))?;
        Ok(SealedInfo { len: usage.len, allocated: usage.allocated, last: self.last })
    }

    pub(crate) fn write_tail(&self) -> Result<(), WriteError> {
        let SealBytes { tail, tail_offset, .. } = &self.bytes;
        let write = || {
            self.syncer.file.write_all_at(&[tail], *tail_offset)?;
            // Gives back what was reserved and not used, even where the length stays.
            self.syncer.file.set_len(tail_offset + tail.len() as u64)
        };
        write().map_err(|source| self.error("sealing", source))?;
        self.syncer.shared.dirty.store(true, Ordering::Release);
        Ok(())
    }

    fn error(&self, doing: &'static str, source: io::Error) -> WriteError {
        WriteError::Io { doing, segment: self.syncer.shared.segment.clone(), source }
    }
}

impl Shared {
    fn new(volume: &Volume, path: PathBuf, segment: String) -> Self {
        Self {
            disk: volume.disk.clone(),
            root: volume.root.clone(),
            identity: volume.identity().clone(),
            path,
            folders: volume.folders.clone(),
            segment,
            begun: AtomicBool::new(false),
            named: AtomicBool::new(false),
            dirty: AtomicBool::new(false),
            allocated: AtomicU64::new(0),
            measure: AtomicBool::new(true),
            dead: AtomicBool::new(false),
        }
    }

    fn create(&self) -> io::Result<Arc<dyn DiskFile>> {
        // Where the disk is gone, its folder is another disk's, which is not to be filled.
        self.identity.is_at(&*self.disk, &self.root).map_err(io::Error::other)?;
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        self.disk.create_dir_all(folder)?;
        self.begun.store(true, Ordering::Release);
        match self.disk.create(&self.path) {
            // Its day folder was empty, and was removed just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.disk.create_dir_all(folder)?;
                self.disk.create(&self.path)
            }
            created => created,
        }
    }

    fn sync_name(&self) -> io::Result<()> {
        if !self.named.load(Ordering::Acquire) {
            self.folders.sync_name(&*self.disk, &self.root, &self.path)?;
            self.named.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::Acquire)
    }
}
