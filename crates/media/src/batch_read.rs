//! Reading one batch back: its samples, its commit record, and whether its hash fits.

use std::sync::Arc;

use crate::chain::Chain;
use crate::commit::{self, COMMIT, CommitRecord, HASH_LEN};
use crate::fragment::{self, ReadRun};
use crate::header::FREE_LEN;
use crate::identity::CommitRef;
use crate::index::{IndexPart, SegmentIndex};
use crate::mp4::reader::{self, Head};
use crate::params::TrackParams;
use crate::part::PartBuilder;

/// The last commit record that stands whole in `bytes`, and where in them it begins. Whether its
/// hash fits is told by [`verify_batch`].
pub fn find_last_commit(bytes: &[u8]) -> Option<(usize, CommitRecord)> {
    // The user type comes after the size (4 bytes) and `uuid`.
    let mut end = bytes.len();
    loop {
        let at = bytes[..end].windows(COMMIT.len()).rposition(|window| window == COMMIT)?;
        end = at + COMMIT.len() - 1;
        let start = at.checked_sub(8)?;
        if let Some(record) = commit::read(&bytes[start..]) {
            return Some((start, record));
        }
    }
}

/// Whether `batch`, the bytes from the end of the commit `before` (the start of the file for the
/// first) to the end of the record `commit`, is what that record closes.
pub fn verify_batch(before: Option<CommitRef>, batch: &[u8], commit: CommitRef) -> bool {
    let Some(hashed) = batch.len().checked_sub(HASH_LEN) else { return false };
    let (hashed, hash) = batch.split_at(hashed);
    let mut chain = Chain::after(before.map(|before| before.hash));
    if before.is_some() {
        chain.update(hashed);
    } else {
        let Some(file_type) = reader::boxes(hashed).next() else { return false };
        let free = file_type.whole.len();
        let Some(behind) = hashed.get(free + FREE_LEN..) else { return false };
        chain.update(&hashed[..free]);
        chain.update(behind);
    }
    let number = before.map_or(Some(0), |before| before.number.checked_add(1));
    number == Some(commit.number) && hash == commit.hash && chain.finish() == commit.hash
}

/// What `batch`, verified bytes as in [`verify_batch`] that begin at `offset` in the file, adds to
/// `index`.
pub fn read_batch(index: &SegmentIndex, offset: u64, batch: &[u8]) -> Option<IndexPart> {
    let tracks: Vec<_> = index.tracks.iter().map(|track| track.params.clone()).collect();
    let mut reader = BatchReader::after(index, 1);
    let mut boxes = reader::boxes(batch).peekable();
    if offset == 0 {
        // The header; its `free` may already be an `mdat` that spans the rest of the file.
        let file_type = boxes.next()?.whole.len();
        let behind = file_type + FREE_LEN;
        let moov = reader::boxes(batch.get(behind..)?).next()?;
        let skipped = behind + moov.whole.len();
        return read_batch_boxes(&mut reader, skipped as u64, &batch[skipped..], &tracks);
    }
    read_batch_boxes(&mut reader, offset, batch, &tracks)
}

fn read_batch_boxes(
    batch: &mut BatchReader,
    offset: u64,
    bytes: &[u8],
    tracks: &[Arc<TrackParams>],
) -> Option<IndexPart> {
    for inner in reader::boxes(bytes) {
        let at = offset + inner.offset as u64;
        match &inner.head.kind {
            b"prft" => {}
            b"moof" => batch.take_moof(at, inner.whole, inner.head, tracks)?,
            b"mdat" => batch.take_mdat(at, inner.head)?,
            _ => return batch.finish(&commit::read(inner.whole)?),
        }
    }
    None
}

/// Gathers what the boxes of one batch hold.
#[derive(Debug)]
pub(crate) struct BatchReader {
    part: Option<PartBuilder>,
    /// The runs of a `moof` that waits for its `mdat`, and where the `moof` begins and ends.
    runs: Option<(u64, u64, Vec<ReadRun>)>,
    pub(crate) next_fragment: u32,
}

impl BatchReader {
    pub(crate) fn after(index: &SegmentIndex, next_fragment: u32) -> Self {
        Self { part: Some(PartBuilder::after(index)), runs: None, next_fragment }
    }

    pub(crate) fn take_moof(
        &mut self,
        at: u64,
        bytes: &[u8],
        head: Head,
        tracks: &[Arc<TrackParams>],
    ) -> Option<()> {
        let (sequence, runs) = fragment::read_moof(&bytes[head.len..], tracks)?;
        let waits = self.runs.replace((at, at + head.size, runs)).is_some();
        self.next_fragment = sequence.wrapping_add(1);
        (!waits).then_some(())
    }

    /// The samples of the `moof` before must lie inside.
    pub(crate) fn take_mdat(&mut self, at: u64, head: Head) -> Option<()> {
        let (moof, end, runs) = self.runs.take()?;
        let (first, last) = (at + head.len as u64, at.checked_add(head.size)?);
        if end != at || head.size < head.len as u64 {
            return None;
        }
        for run in runs {
            if moof + run.data_offset < first || moof + run.data_end() > last {
                return None;
            }
            let offset = moof + run.data_offset;
            let part = self.part.as_mut()?;
            part.push_run(run.track, run.first_decode, &run.samples, offset).ok()?;
        }
        Some(())
    }

    pub(crate) fn finish(&mut self, record: &CommitRecord) -> Option<IndexPart> {
        let part = self.part.take()?;
        if self.runs.is_some() || part.is_empty() {
            return None;
        }
        part.finish(&record.anchors).ok()
    }
}
