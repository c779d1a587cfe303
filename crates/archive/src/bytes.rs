//! Finding one's way in the bytes of a segment file: from its end back to the last commit that
//! counts, from its start to the first, or all of it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use base::limits;
use media::walk::{CommitRecord, find_last_commit, verify_batch};
use media::{CommitRef, Seal, Walk, WalkError, Walked, read_seal};
use world::{Disk, DiskFile};

use crate::place::SegmentPlace;
use crate::volume::Volume;

/// Bytes that are read at once.
const READ_BYTES: u64 = 1 << 20;
/// Where a disk does not give a piece, so many bytes of it are asked for at once.
const SECTOR_BYTES: u64 = 4096;
/// A commit record is shorter than this: its fixed fields, and an anchor a track.
const RECORD_BYTES_MAX: u64 = 128 + 17 * limits::TRACKS_MAX as u64;
/// The largest batch or final `moov` that is read in one piece.
const PIECE_BYTES_MAX: u64 = 256 << 20;
/// Commits that are told apart in one file: a day of them.
const COMMITS_MAX: usize = 1 << 17;
/// Batches longer than the file together, by this much, are made up: they are not looked at.
const TAIL_BYTES_SPARE: u64 = 64 << 20;

/// A segment file of fixed length.
pub(crate) struct SegmentBytes {
    file: Arc<dyn DiskFile>,
    len: u64,
}

/// A commit record in a file.
pub(crate) struct FoundCommit {
    /// What it says.
    pub record: CommitRecord,
    /// Whether its hash fits the bytes of its batch and the record before it.
    pub fits: bool,
}

/// What the end of a file says.
pub(crate) struct TailRead {
    /// The last commit that counts.
    pub last: CommitRef,
    /// Where it ends.
    pub end: u64,
    /// The seal behind it, where that is whole and its `moov` too.
    pub sealed: Option<Seal>,
}

impl SegmentBytes {
    pub fn open(volume: &Volume, place: &SegmentPlace, write: bool) -> io::Result<Self> {
        Self::open_at(&*volume.disk, &place.path(&volume.root)?, write)
    }

    pub fn open_at(disk: &dyn Disk, path: &Path, write: bool) -> io::Result<Self> {
        let file = disk.open(path, write)?;
        let len = file.len()?;
        Ok(Self { file, len })
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn file(&self) -> Arc<dyn DiskFile> {
        self.file.clone()
    }

    /// The bytes from `start` to `end`.
    pub fn read(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let len = end.checked_sub(start).filter(|len| *len <= PIECE_BYTES_MAX);
        let len = len.ok_or(io::ErrorKind::InvalidData)?;
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes)
    }

    /// Walks the bytes up to `limit`.
    pub fn walk(&self, mut walk: Walk, limit: u64) -> io::Result<Result<Walked, WalkError>> {
        let mut at = 0;
        while at < limit && !walk.is_done() {
            let skip = walk.skippable().min(limit - at);
            if skip > 0 {
                walk.skip(skip);
                at += skip;
                continue;
            }
            let next = (at + READ_BYTES).min(limit);
            walk.feed(&self.read(at, next)?);
            at = next;
        }
        Ok(walk.finish())
    }

    /// Walks the bytes up to the first that the disk does not give.
    pub fn walk_readable(&self, mut walk: Walk) -> Result<Walked, WalkError> {
        let (mut at, mut piece) = (0, READ_BYTES);
        while at < self.len && !walk.is_done() {
            let skip = walk.skippable().min(self.len - at);
            if skip > 0 {
                walk.skip(skip);
                at += skip;
                continue;
            }
            match self.read(at, (at + piece).min(self.len)) {
                Ok(bytes) => {
                    walk.feed(&bytes);
                    at += bytes.len() as u64;
                }
                Err(_) if piece > SECTOR_BYTES => piece = SECTOR_BYTES,
                Err(_) => break,
            }
        }
        walk.finish()
    }

    /// Walks the header and the first batch alone.
    pub fn walk_first_batch(&self) -> io::Result<Result<Walked, WalkError>> {
        let mut window = READ_BYTES.min(self.len);
        let end = loop {
            if let Some((at, record)) = find_last_commit(&self.read(0, window)?) {
                let first = self.first_of(at as u64, record)?;
                break first.unwrap_or(self.len);
            }
            if window == self.len {
                break self.len;
            }
            window = (window * 2).min(self.len);
            if window > PIECE_BYTES_MAX {
                break self.len;
            }
        };
        match self.walk(Walk::new(), end)? {
            // It only looked like a commit.
            Err(WalkError::NoCommit) if end < self.len => self.walk(Walk::new(), self.len),
            walked => Ok(walked),
        }
    }

    /// The last commit that counts, and the seal. `None` when no commit counts.
    pub fn tail(&self) -> io::Result<Option<TailRead>> {
        if let Some(seal) = self.seal()? {
            let last = CommitRef { number: seal.commits.saturating_sub(1), hash: seal.last_hash };
            return Ok(Some(TailRead { last, end: seal.moov_offset, sealed: Some(seal) }));
        }
        let (mut upper, mut budget) = (self.len, self.len + TAIL_BYTES_SPARE);
        while let Some((at, record)) = self.last_commit_before(upper)? {
            let end = at + record.len as u64;
            let Some(left) = budget.checked_sub(end.saturating_sub(record.batch_offset)) else {
                break;
            };
            budget = left;
            if self.fits(at, &record)? {
                return Ok(Some(TailRead { last: record.commit, end, sealed: None }));
            }
            upper = end - 1;
        }
        let walked = self.walk(Walk::new(), self.len)?.ok();
        Ok(walked.map(|walked| TailRead { last: walked.last, end: walked.end, sealed: None }))
    }

    /// The commit records that end at or before `upper`, from the first on, each with where it ends
    /// and whether its batch is what it was when it was written. What is damaged so that nobody
    /// knows it for a record is left out.
    pub fn records(&self, upper: u64) -> io::Result<Vec<FoundCommit>> {
        let mut found = Vec::new();
        let mut upper = upper;
        while upper > 0 {
            let next = match self.record_at_end(upper)? {
                Some(record) => Some(record),
                None => self.last_commit_before(upper)?,
            };
            let Some((at, record)) = next else { break };
            let end = at + record.len as u64;
            let fits = self.fits(at, &record)?;
            // A record that lies about where its batch begins must not lead past others.
            upper = if fits { record.batch_offset } else { end - 1 };
            found.push(FoundCommit { record, fits });
            if found.len() > COMMITS_MAX {
                break;
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Where commit `number` ends, followed back from `tail`. `None` when it is not before it.
    pub fn end_of(&self, tail: &TailRead, number: u32) -> io::Result<Option<u64>> {
        let (mut at, mut end) = (tail.last.number, tail.end);
        while at > number {
            let Some((_, record)) = self.record_at_end(end)? else { return Ok(None) };
            (at, end) = (at - 1, record.batch_offset);
        }
        Ok((at == number).then_some(end))
    }

    /// The seal that ends the file, where it and the final `moov` are whole.
    pub fn seal(&self) -> io::Result<Option<Seal>> {
        let Some(moov_end) = self.len.checked_sub(Seal::LEN as u64) else { return Ok(None) };
        let Some(seal) = read_seal(&self.read(moov_end, self.len)?) else { return Ok(None) };
        if seal.moov_offset >= moov_end || moov_end - seal.moov_offset > PIECE_BYTES_MAX {
            return Ok(None);
        }
        Ok(seal.fits(&self.read_final_moov(&seal)?).then_some(seal))
    }

    /// The final `moov` that stands before `seal`.
    pub fn read_final_moov(&self, seal: &Seal) -> io::Result<Vec<u8>> {
        self.read(seal.moov_offset, self.len.saturating_sub(Seal::LEN as u64))
    }

    /// The last commit record that ends at or before `upper`, whether it fits or not.
    fn last_commit_before(&self, upper: u64) -> io::Result<Option<(u64, CommitRecord)>> {
        let mut end = upper;
        loop {
            let start = end.saturating_sub(READ_BYTES);
            if let Some((at, record)) = find_last_commit(&self.read(start, end)?) {
                return Ok(Some((start + at as u64, record)));
            }
            if start == 0 {
                return Ok(None);
            }
            // A record may stand across the two windows.
            end = start + RECORD_BYTES_MAX;
        }
    }

    /// The commit record that ends exactly at `end`.
    fn record_at_end(&self, end: u64) -> io::Result<Option<(u64, CommitRecord)>> {
        let start = end.saturating_sub(RECORD_BYTES_MAX);
        let found = find_last_commit(&self.read(start, end)?);
        let found = found.map(|(at, record)| (start + at as u64, record));
        Ok(found.filter(|(at, record)| at + record.len as u64 == end && record.batch_offset < *at))
    }

    /// Whether the hash of the record at `at` fits.
    fn fits(&self, at: u64, record: &CommitRecord) -> io::Result<bool> {
        let end = at + record.len as u64;
        if record.batch_offset >= at || end - record.batch_offset > PIECE_BYTES_MAX {
            return Ok(false);
        }
        let before = match (record.batch_offset, record.commit.number.checked_sub(1)) {
            (0, None) => None,
            (0, Some(_)) | (_, None) => return Ok(false),
            (offset, Some(number)) => match self.record_at_end(offset)? {
                Some((_, before)) if before.commit.number == number => Some(before.commit),
                _ => return Ok(false),
            },
        };
        let batch = self.read(record.batch_offset, end)?;
        Ok(verify_batch(before, &batch, record.commit))
    }

    /// Where the first commit ends, followed back from the record at `at`.
    fn first_of(&self, at: u64, mut record: CommitRecord) -> io::Result<Option<u64>> {
        let mut end = at + record.len as u64;
        while record.batch_offset > 0 && record.batch_offset < end {
            end = record.batch_offset;
            match self.record_at_end(end)? {
                Some((_, before)) => record = before,
                None => return Ok(None),
            }
        }
        Ok(Some(end))
    }
}
