//! Writing one segment, as values: each batch becomes pieces to hash and write, and at the end the
//! final `moov`, the seal and the 16 bytes that turn the file into a classic MP4.

use std::borrow::Cow;
use std::sync::Arc;

use base::limits::TRACKS_MAX;
use bytes::Bytes;

use crate::batch::{Batch, BatchError, Fragment, TrackRun};
use crate::commit;
use crate::encoded::EncodedBatch;
use crate::fragment;
use crate::header;
use crate::identity::{CommitRef, Identity};
use crate::index::{Sample, SegmentIndex};
use crate::mp4::boxes::Boxes;
use crate::params::{TrackParams, lead_track};
use crate::part::PartBuilder;
use crate::sealed::{self, Seal};
use crate::walk::Walked;

/// The state of a segment that is being written. It does no I/O: write what [`encode`] returns,
/// then tell [`commit`].
///
/// [`encode`]: SegmentBuilder::encode
/// [`commit`]: SegmentBuilder::commit
#[derive(Clone, Debug)]
pub struct SegmentBuilder {
    identity: Identity,
    tracks: Vec<Arc<TrackParams>>,
    index: SegmentIndex,
    last: Option<CommitRef>,
    end: u64,
    next_fragment: u32,
}

impl SegmentBuilder {
    /// A segment without a byte.
    pub fn new(identity: Identity, tracks: Vec<Arc<TrackParams>>) -> Self {
        let index = SegmentIndex::new(&tracks);
        Self { identity, tracks, index, last: None, end: 0, next_fragment: 1 }
    }

    /// A segment found by [`crate::walk::Walk`], to be sealed or written on after its last commit.
    pub fn resume(walked: Walked) -> Self {
        Self {
            identity: walked.header.identity,
            tracks: walked.header.tracks,
            index: walked.index,
            last: Some(walked.last),
            end: walked.end,
            next_fragment: walked.next_fragment,
        }
    }

    /// The bytes of `batch` behind what is committed so far; the first time with the header in
    /// front.
    pub fn encode(&self, batch: &Batch) -> Result<EncodedBatch, BatchError> {
        if batch.fragments.iter().all(|fragment| fragment.runs.is_empty()) {
            return Err(BatchError::Empty);
        }
        if self.tracks.len() > TRACKS_MAX {
            return Err(BatchError::Track { track: TRACKS_MAX });
        }
        let mut encoder = Encoder {
            segment: self,
            batch,
            pieces: Vec::new(),
            free: None,
            offset: self.end,
            part: PartBuilder::after(&self.index),
            next_fragment: self.next_fragment,
        };
        if self.last.is_none() {
            encoder.put_header();
        }
        for fragment in batch.fragments.iter().filter(|fragment| !fragment.runs.is_empty()) {
            encoder.put_fragment(fragment)?;
        }
        encoder.finish()
    }

    /// Makes an encoded batch part of the segment: the last one encoded, closed by `commit`, which
    /// [`EncodedBatch::write`] gave.
    pub fn commit(&mut self, batch: &EncodedBatch, commit: CommitRef) {
        assert_eq!(batch.offset, self.end, "a batch goes where the one before it ends");
        self.index.extend(&batch.added);
        self.last = Some(commit);
        self.end = batch.offset + batch.len;
        self.next_fragment = batch.next_fragment;
    }

    /// What is committed so far.
    pub fn index(&self) -> &SegmentIndex {
        &self.index
    }

    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The last commit and where the next batch goes.
    pub fn last(&self) -> (Option<CommitRef>, u64) {
        (self.last, self.end)
    }

    /// What seals the segment as it stands. `sign` signs a message with the archive's Ed25519 key;
    /// `None` where there is no key. `None` while nothing is committed.
    pub fn seal(&self, sign: Option<Sign<'_>>) -> Option<Sealing> {
        let last = self.last?;
        let moov = sealed::write_final_moov(&self.identity, &self.tracks, &self.index);
        let mut seal = Seal {
            commits: last.number + 1,
            last_hash: last.hash,
            moov_offset: self.end,
            moov_hash: *blake3::hash(&moov).as_bytes(),
            signature: [0; 64],
        };
        if let Some(sign) = sign {
            seal.signature = sign(&seal.message(self.identity.segment));
        }
        let mut tail = Boxes::new();
        tail.bytes(&moov);
        seal.put(&mut tail);

        let head_offset = file_type_len();
        let mut head = Boxes::new();
        head.u32(1).bytes(b"mdat").u64(self.end - head_offset);
        let head = head.into_bytes().try_into().expect("a 64-bit box header has 16 bytes");
        let tail = tail.into_bytes().into();
        Some(Sealing { tail, tail_offset: self.end, head, head_offset })
    }
}

/// Where `free` stands in every segment of this format version.
fn file_type_len() -> u64 {
    let mut b = Boxes::new();
    header::put_file_type(&mut b);
    b.len() as u64
}

/// One batch on its way to bytes.
struct Encoder<'a> {
    segment: &'a SegmentBuilder,
    batch: &'a Batch,
    pieces: Vec<Bytes>,
    /// Where in the first piece a hole of the hash begins.
    free: Option<usize>,
    /// Where the next byte goes in the file.
    offset: u64,
    part: PartBuilder,
    next_fragment: u32,
}

impl Encoder<'_> {
    fn push(&mut self, piece: Bytes) {
        self.offset += piece.len() as u64;
        self.pieces.push(piece);
    }

    fn put_header(&mut self) {
        let SegmentBuilder { identity, tracks, .. } = self.segment;
        let (header, free) = header::write(identity, tracks, &self.batch.anchors);
        self.free = Some(free);
        self.push(header.into());
    }

    fn put_fragment(&mut self, fragment: &Fragment) -> Result<(), BatchError> {
        let tracks = &self.segment.tracks;
        let in_order = fragment.runs.is_sorted_by(|one, next| one.track < next.track);
        let unfit = fragment
            .runs
            .iter()
            .find(|run| !in_order || run.track >= tracks.len() || run.samples.is_empty());
        if let Some(run) = unfit {
            return Err(BatchError::Track { track: run.track });
        }
        let fragment = with_durations(fragment, tracks);
        let mut boxes = Boxes::new();
        self.put_reference_time(&mut boxes, &fragment);
        let moof = self.offset + boxes.len() as u64;
        let too_large = BatchError::TooLarge { track: fragment.runs[0].track };
        let offsets = fragment::put_moof(&mut boxes, self.next_fragment, tracks, &fragment.runs);
        for (run, offset) in fragment.runs.iter().zip(offsets.ok_or(too_large)?) {
            let samples: Vec<Sample> = run.samples.iter().map(Sample::from).collect();
            self.part.push_run(run.track, run.first_decode, &samples, moof + offset)?;
        }
        self.push(boxes.into_bytes().into());
        for sample in fragment.runs.iter().flat_map(|run| &run.samples) {
            self.push(sample.data.clone());
        }
        self.next_fragment = self.next_fragment.wrapping_add(1);
        Ok(())
    }

    /// Of the lead track where the fragment has it.
    fn put_reference_time(&self, boxes: &mut Boxes, fragment: &Fragment) {
        let lead = lead_track(&self.segment.tracks);
        let leads = |run: &&TrackRun| Some(run.track) == lead;
        let run = fragment.runs.iter().find(leads).unwrap_or(&fragment.runs[0]);
        let anchor = self.batch.anchors.iter().find(|anchor| anchor.track == run.track);
        if let (Some(anchor), Some(first)) = (anchor, run.samples.first()) {
            let offset = i64::from(first.composition_offset);
            let pts = base::Ticks(run.first_decode.0.saturating_add(offset));
            let scale = self.segment.tracks[run.track].timescale();
            let wall = fragment::wall_at(scale, pts, (anchor.media, anchor.wall));
            fragment::put_reference_time(boxes, run.track, pts, wall);
        }
    }

    fn finish(self) -> Result<EncodedBatch, BatchError> {
        let (last, offset) = (self.segment.last, self.segment.end);
        let number = last.map_or(0, |last| last.number + 1);
        let added = self.part.finish(&self.batch.anchors)?;
        let record = commit::unhashed(number, offset, &self.batch.anchors);
        Ok(EncodedBatch {
            offset,
            len: self.offset + record.len() as u64 - offset,
            added,
            next_fragment: self.next_fragment,
            previous: last.map(|last| last.hash),
            pieces: self.pieces,
            free: self.free,
            number,
            record,
        })
    }
}

/// The fragment with a duration where the last sample of a run had none.
fn with_durations<'a>(fragment: &'a Fragment, tracks: &[Arc<TrackParams>]) -> Cow<'a, Fragment> {
    let unknown = |run: &TrackRun| run.samples.last().is_some_and(|sample| sample.duration == 0);
    if !fragment.runs.iter().any(unknown) {
        return Cow::Borrowed(fragment);
    }
    let mut fragment = fragment.clone();
    for run in fragment.runs.iter_mut().filter(|run| unknown(run)) {
        let usual = tracks[run.track].timescale().hertz() / USUAL_RATE;
        let Some((last, before)) = run.samples.split_last_mut() else { continue };
        last.duration = before.last().map_or(usual.max(1), |sample| sample.duration);
    }
    Cow::Owned(fragment)
}

/// Frames a second where nothing is known.
const USUAL_RATE: u32 = 30;

/// Signs a message with Ed25519.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> [u8; 64];

/// What seals a segment: first `tail` at `tail_offset`, synced, then `head` at `head_offset`,
/// synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// The final `moov` and the seal.
    pub tail: Bytes,
    /// Where they go: after the last commit. Whatever stands there is overwritten and cut.
    pub tail_offset: u64,
    /// The 64-bit `mdat` header that replaces the 16 bytes of `free`.
    pub head: [u8; 16],
    /// Where those 16 bytes stand.
    pub head_offset: u64,
}
