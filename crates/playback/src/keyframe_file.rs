//! Key frames in one compact file (docs/format/keyframes.md), slice by slice.

use std::ops::Range;
use std::sync::Arc;

use base::{SegmentId, limits};
use bytes::Bytes;
use media::VideoParams;

use crate::error::ReadError;
use crate::keyframes::{KeyFrame, KeyFrames};
use crate::slices::{Slices, in_memory};
use crate::source::{SegmentFile, Source};

/// What the file begins with.
const MAGIC: [u8; 4] = *b"hfkf";
/// Part of the file, and of every entity tag.
const VERSION: u8 = 1;
/// Bytes before a key frame's own: wall time, configuration, nothing, length.
const RECORD_HEAD_BYTES: usize = 16;

/// A file of key frames: everything about it but the bytes that come from segments.
#[derive(Debug)]
pub struct KeyFrameFile {
    key_frames: KeyFrames,
    head: Bytes,
    /// For each frame, the place of its record and what it begins with.
    records: Vec<(u64, [u8; RECORD_HEAD_BYTES])>,
    len: u64,
    etag: String,
}

impl KeyFrameFile {
    /// Lays the file out.
    pub fn new(key_frames: KeyFrames) -> Self {
        let mut configs: Vec<&VideoParams> = Vec::new();
        let mut table = Vec::new();
        let mut numbers = Vec::with_capacity(key_frames.frames.len());
        for frame in &key_frames.frames {
            let known = configs.iter().position(|config| *config == frame.params());
            numbers.push(known.unwrap_or_else(|| {
                configs.push(frame.params());
                put_config(&mut table, frame);
                configs.len() - 1
            }));
        }
        let mut head = Vec::with_capacity(16 + table.len());
        head.extend(MAGIC);
        head.extend([VERSION, 0]);
        // Bounded by the number of frames, which is far below.
        head.extend((configs.len() as u16).to_be_bytes());
        head.extend((numbers.len() as u32).to_be_bytes());
        head.extend((table.len() as u32).to_be_bytes());
        head.extend(table);
        let mut at = head.len() as u64;
        let records = key_frames.frames.iter().zip(numbers).map(|(frame, number)| {
            let place = at;
            at += (RECORD_HEAD_BYTES as u64) + u64::from(frame.size);
            (place, record_head(frame, number as u16))
        });
        let records = records.collect();
        let mut hash = blake3::Hasher::new();
        hash.update(b"holdfast key frames").update(&[VERSION]).update(&head);
        key_frames.identify(&mut hash);
        let etag = format!("\"{}\"", &hash.finalize().to_hex()[..32]);
        Self { key_frames, head: head.into(), records, len: at, etag }
    }

    /// The frames that are in it.
    pub fn key_frames(&self) -> &KeyFrames {
        &self.key_frames
    }

    /// Up to where the segment is read once the head of the disk is at a key frame: the whole of
    /// it, and its neighbours as far as they lie close and before `end` of this file.
    fn at_once(&self, number: usize, end: u64) -> u64 {
        let frames = &self.key_frames.frames;
        let first = &frames[number];
        let mut until = first.offset + u64::from(first.size);
        let asked = self.records[number + 1..].iter().take_while(|(place, _)| *place < end);
        for (next, _) in frames[number + 1..].iter().zip(asked) {
            let (near, after) =
                (until + limits::KEY_FRAMES_APART, next.offset + u64::from(next.size));
            let fits = after <= first.offset + limits::KEY_FRAMES_AT_ONCE;
            if next.row != first.row || next.offset < until || next.offset > near || !fits {
                break;
            }
            until = after;
        }
        until
    }

    /// The length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Never: a file has at least its head.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The strong entity tag, with its quotes: equal tags mean equal bytes.
    pub fn etag(&self) -> &str {
        &self.etag
    }
}

/// One configuration, as the format's page says.
fn put_config(out: &mut Vec<u8>, frame: &KeyFrame) {
    let params = frame.params();
    let name = frame.codec_string().unwrap_or_default();
    out.push(name.len() as u8);
    out.extend(name.as_bytes());
    let (across, down) = params.pixel_aspect;
    for number in [params.width, params.height, across, down] {
        out.extend(number.to_be_bytes());
    }
    out.extend((params.config.len() as u32).to_be_bytes());
    out.extend_from_slice(&params.config);
}

fn record_head(frame: &KeyFrame, config: u16) -> [u8; RECORD_HEAD_BYTES] {
    let mut head = [0; RECORD_HEAD_BYTES];
    head[..8].copy_from_slice(&frame.at.as_micros().to_be_bytes());
    head[8..10].copy_from_slice(&config.to_be_bytes());
    head[12..].copy_from_slice(&frame.size.to_be_bytes());
    head
}

/// Reads a part of such a file. Each item is at most `limits::BODY_SLICE_BYTES_MAX` bytes; a key
/// frame that fits what is asked for takes one read. Calls block on the disk.
pub struct KeyFrameReader {
    file: Arc<KeyFrameFile>,
    source: Arc<dyn Source>,
    rest: Range<u64>,
    /// Bytes of a slice.
    limit: u64,
    open: Option<(usize, Arc<dyn SegmentFile>)>,
}

impl KeyFrameReader {
    /// A reader of the bytes `range` of the file, cut to its length.
    pub fn new(file: Arc<KeyFrameFile>, source: Arc<dyn Source>, range: Range<u64>) -> Self {
        let rest = range.start.min(file.len)..range.end.min(file.len);
        let limit = limits::BODY_SLICE_BYTES_MAX as u64;
        Self { file, source, rest, limit, open: None }
    }

    fn slice(&mut self) -> Result<Bytes, ReadError> {
        let file = self.file.clone();
        let limit = self.remaining().min(self.limit);
        let end = self.rest.start + limit;
        let after = file.records.partition_point(|(place, _)| *place <= self.rest.start);
        let Some(number) = after.checked_sub(1) else {
            return Ok(file
                .head
                .slice(in_memory(self.rest.start..end.min(file.head.len() as u64))));
        };
        let (place, head) = &file.records[number];
        let frame = &file.key_frames.frames[number];
        let size = RECORD_HEAD_BYTES as u64 + u64::from(frame.size);
        let within = self.rest.start - place..(end - place).min(size);
        let mut out = vec![0; in_memory(0..within.end - within.start).end];
        let own = (RECORD_HEAD_BYTES as u64).clamp(within.start, within.end);
        let (first, rest) = out.split_at_mut(in_memory(0..own - within.start).end);
        let of_head = in_memory(within.start.min(RECORD_HEAD_BYTES as u64)..0).start;
        first.copy_from_slice(&head[of_head..][..first.len()]);
        if !rest.is_empty() {
            let offset = frame.offset + (own - RECORD_HEAD_BYTES as u64);
            let at_once = file.at_once(number, self.rest.end) - offset;
            let (segment, opened) = self.open(frame.row)?;
            let read = opened.read_part_at(rest, offset, at_once);
            read.map_err(|error| ReadError::File { segment, offset, error })?;
        }
        Ok(out.into())
    }

    fn open(&mut self, row: usize) -> Result<(SegmentId, Arc<dyn SegmentFile>), ReadError> {
        let of = &self.file.key_frames.rows[row];
        let file = match &self.open {
            Some((open, file)) if *open == row => file.clone(),
            _ => self.source.open(of)?,
        };
        self.open = Some((row, file.clone()));
        Ok((of.id, file))
    }
}

impl Slices for KeyFrameReader {
    fn remaining(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }

    fn at_most(&mut self, bytes: usize) {
        self.limit = bytes.clamp(1, limits::BODY_SLICE_BYTES_MAX) as u64;
    }

    fn rest(&mut self, unread: u64) {
        self.rest.start = self.rest.start.saturating_sub(unread);
        self.open = None;
    }
}

impl Iterator for KeyFrameReader {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let slice = self.slice();
        match &slice {
            Ok(bytes) => self.rest.start += bytes.len() as u64,
            Err(_) => self.rest.start = self.rest.end,
        }
        Some(slice)
    }
}
