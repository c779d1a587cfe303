//! The bytes of a clip, slice by slice.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use base::limits;
use bytes::Bytes;
use media::SegmentIndex;

use crate::ahead::{Ahead, Place};
use crate::assembly::{Lazy, Stretch};
use crate::bits::{Bit, bits};
use crate::error::{Disagrees, ReadError};
use crate::plan::ClipPlan;
use crate::slices::{Slices, in_memory};
use crate::source::{SegmentFile, Source};
use crate::tables::{self, Piece};

mod pieces;

/// Reads a part of a clip. Each item is at most `limits::BODY_SLICE_BYTES_MAX` bytes; together
/// they are exactly the range, or the last one is an error. Calls block on the disk.
pub struct ClipReader {
    plan: Arc<ClipPlan>,
    source: Arc<dyn Source>,
    rest: Range<u64>,
    begun: bool,
    /// Indexes of parts, the least recently used first.
    held: VecDeque<(usize, Arc<Held>)>,
    /// The index that was read last, and of which part.
    index: Option<(usize, Arc<SegmentIndex>)>,
    /// The sizes alone that were read last, by track of their segment, and of which part.
    sizes: Option<(usize, Arc<Vec<Vec<u32>>>)>,
    ahead: Ahead,
    /// The piece of a table that was read last: the next slice may begin with the rest of it.
    last: Option<Place>,
    last_bytes: Vec<u8>,
    file: Option<(usize, Arc<dyn SegmentFile>)>,
    /// It has opened a file: what it reads of others goes on.
    goes_on: bool,
}

struct Held {
    index: Arc<SegmentIndex>,
    pieces: Vec<Piece>,
}

impl ClipReader {
    /// A reader of the bytes `range` of the clip, cut to its length.
    pub fn new(plan: Arc<ClipPlan>, source: Arc<dyn Source>, range: Range<u64>) -> Self {
        let rest = range.start.min(plan.len())..range.end.min(plan.len());
        Self {
            plan,
            source,
            rest,
            begun: false,
            held: VecDeque::new(),
            index: None,
            sizes: None,
            ahead: Ahead::default(),
            last: None,
            last_bytes: Vec::new(),
            file: None,
            goes_on: false,
        }
    }

    fn slice(&mut self) -> Result<Bytes, ReadError> {
        let plan = self.plan.clone();
        let stretches = &plan.layout.stretches;
        let limit = self.remaining().min(limits::BODY_SLICE_BYTES_MAX as u64);
        let mut out = Vec::new();
        let first = stretches.partition_point(|(start, _)| *start <= self.rest.start);
        for at in first.saturating_sub(1)..stretches.len() {
            let (start, stretch) = &stretches[at];
            let end = stretches.get(at + 1).map_or(plan.len(), |(next, _)| *next);
            let begin = self.rest.start + out.len() as u64;
            if begin == self.rest.start + limit {
                break;
            }
            let within = begin - start..(self.rest.start + limit).min(end) - start;
            match stretch {
                Stretch::Known(bytes) => {
                    out.extend_from_slice(&bytes[in_memory(within)]);
                }
                // The first byte waits for no index.
                Stretch::Lazy(_) if !self.begun && !out.is_empty() => break,
                Stretch::Lazy(Lazy::Table { table, track, member }) => {
                    let piece = self.table((*track, *table, *member), end - start)?;
                    put(&mut out, &piece[in_memory(within)], limit);
                }
                Stretch::Lazy(Lazy::TextSizes) => {
                    let texts = plan.layout.texts.as_ref();
                    out.extend(texts.map(|texts| texts.sizes(within)).unwrap_or_default());
                }
                Stretch::Lazy(Lazy::TextPlaces { part }) => {
                    let piece = self.text_places(*part)?;
                    put(&mut out, &piece[in_memory(within)], limit);
                }
                Stretch::Lazy(Lazy::Media { .. }) if !out.is_empty() => break,
                Stretch::Lazy(Lazy::Media { part }) => return self.media(*part, within),
            }
        }
        Ok(out.into())
    }

    /// Samples of a part from one read: `within` counts from the part's first byte. The boxes of
    /// the segment that lie between are read too, and squeezed out.
    fn media(&mut self, part: usize, within: Range<u64>) -> Result<Bytes, ReadError> {
        // All tables stand before all samples.
        (self.last, self.last_bytes, self.sizes) = (None, Vec::new(), None);
        let held = self.held(part)?;
        let to_come = self.remaining().min(self.plan.layout.media[part].1 - within.start);
        let bits = bits(&held.pieces, within);
        let segment = self.plan.layout.parts[part].row.id;
        let mut in_file = bits.iter().filter_map(Bit::in_file);
        let (first, last) = (in_file.clone().next(), in_file.next_back());
        let offset = first.map_or(0, |first| first.start);
        let mut buffer = vec![0; in_memory(0..last.map_or(0, |last| last.end) - offset).end];
        if !buffer.is_empty() {
            // What comes soon after it is read in one go.
            let at_once = to_come.min(limits::READ_AT_ONCE);
            let read = self.file(part)?.read_part_at(&mut buffer, offset, at_once);
            read.map_err(|error| ReadError::File { segment, offset, error })?;
        }
        let texts = self.plan.layout.texts.as_ref();
        let is_made = bits.iter().any(|bit| bit.in_file().is_none());
        let mut out = if is_made { Vec::with_capacity(buffer.len()) } else { Vec::new() };
        let mut kept = 0;
        for bit in bits {
            match bit {
                Bit::Sets(take, own) => {
                    let sets = self.plan.layout.parts[part].takes[take].sets.as_deref();
                    let own = sets.and_then(|sets| sets.get(in_memory(own)));
                    out.extend_from_slice(own.ok_or(Disagrees { segment })?);
                }
                Bit::Text(number, own) => {
                    let sample = texts.map(|texts| texts.sample(number)).unwrap_or_default();
                    let own = sample.get(in_memory(own)).ok_or(Disagrees { segment })?;
                    out.extend_from_slice(own);
                }
                Bit::File(range) => {
                    let from = in_memory(range.start - offset..range.end - offset);
                    if is_made {
                        out.extend_from_slice(&buffer[from]);
                        continue;
                    }
                    let len = from.len();
                    if from.start != kept {
                        buffer.copy_within(from, kept);
                    }
                    kept += len;
                }
            }
        }
        if !is_made {
            buffer.truncate(kept);
            out = buffer;
        }
        if out.is_empty() { Err(Disagrees { segment }.into()) } else { Ok(out.into()) }
    }

    fn file(&mut self, part: usize) -> Result<Arc<dyn SegmentFile>, ReadError> {
        match &self.file {
            Some((open, file)) if *open == part => Ok(file.clone()),
            _ => {
                let row = &self.plan.layout.parts[part].row;
                let file = match self.goes_on {
                    true => self.source.open_later(row)?,
                    false => self.source.open(row)?,
                };
                self.goes_on = true;
                self.file = Some((part, file.clone()));
                Ok(file)
            }
        }
    }

    fn held(&mut self, part: usize) -> Result<Arc<Held>, ReadError> {
        if let Some(at) = self.held.iter().position(|(held, _)| *held == part)
            && let Some(found) = self.held.remove(at)
        {
            self.held.push_back(found.clone());
            return Ok(found.1);
        }
        let index = self.index(part)?;
        let own = &self.plan.layout.parts[part];
        let texts = self.plan.layout.texts.as_ref();
        let texts = texts.map(|texts| (texts, texts.of_part(part)));
        let pieces = tables::pieces(&index, &own.takes, texts);
        let bytes: u64 = pieces.iter().map(|piece| piece.len).sum();
        if bytes != self.plan.layout.media[part].1 {
            return Err(Disagrees { segment: own.row.id }.into());
        }
        let held = Arc::new(Held { index, pieces });
        // One of each stream, and what follows them.
        if self.held.len() >= (2 * self.plan.streams).min(limits::CLIP_INDEXES_MAX) {
            self.held.pop_front();
        }
        self.held.push_back((part, held.clone()));
        Ok(held)
    }

    /// The index of a part that is at hand: one of those held, or the one read last.
    fn index_at_hand(&self, part: usize) -> Option<Arc<SegmentIndex>> {
        if let Some((_, held)) = self.held.iter().find(|(held, _)| *held == part) {
            return Some(held.index.clone());
        }
        let last = self.index.as_ref().filter(|(read, _)| *read == part);
        last.map(|(_, index)| index).or(self.plan.layout.parts[part].index.as_ref()).cloned()
    }

    /// The index of a part.
    fn index(&mut self, part: usize) -> Result<Arc<SegmentIndex>, ReadError> {
        if let Some(index) = self.index_at_hand(part) {
            return Ok(index);
        }
        let own = &self.plan.layout.parts[part];
        let index = match self.goes_on {
            true => self.source.index_later(&own.row)?,
            false => self.source.index(&own.row)?,
        };
        tables::agrees(own, &index)?;
        self.index = Some((part, index.clone()));
        Ok(index)
    }
}

/// Appends to a slice of up to `limit` bytes, which takes no more memory than those.
fn put(out: &mut Vec<u8>, bytes: &[u8], limit: u64) {
    if out.capacity() - out.len() < bytes.len() {
        out.reserve_exact(in_memory(0..limit).end.saturating_sub(out.len()));
    }
    out.extend_from_slice(bytes);
}

impl Slices for ClipReader {
    fn remaining(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }

    fn rest(&mut self, unread: u64) {
        self.rest.start = self.rest.start.saturating_sub(unread);
        (self.held, self.ahead, self.file) = (VecDeque::new(), Ahead::default(), None);
        (self.index, self.sizes, self.last, self.last_bytes) = (None, None, None, Vec::new());
    }
}

impl Iterator for ClipReader {
    type Item = Result<Bytes, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let slice = self.slice();
        self.begun = true;
        match &slice {
            Ok(bytes) => self.rest.start += bytes.len() as u64,
            Err(_) => self.rest.start = self.rest.end,
        }
        Some(slice)
    }
}
