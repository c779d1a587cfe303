//! The bytes of a clip, slice by slice.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use base::limits;
use bytes::Bytes;
use media::{SegmentColumns, SegmentIndex};

use crate::ahead::{Ahead, Place};
use crate::assembly::{Lazy, Stretch};
use crate::bits::{Bit, bits};
use crate::error::{Disagrees, ReadError};
use crate::pieces::{self, Piece};
use crate::plan::ClipPlan;
use crate::recent;
use crate::slices::{Slices, in_memory};
use crate::source::{SegmentFile, Source};
use crate::tables;

mod make;

/// Reads a part of a clip. Each item is at most `limits::BODY_SLICE_BYTES_MAX` bytes; together
/// they are exactly the range, or the last one is an error. Calls block on the disk.
pub struct ClipReader {
    plan: Arc<ClipPlan>,
    source: Arc<dyn Source>,
    rest: Range<u64>,
    /// Bytes of a slice.
    limit: u64,
    begun: bool,
    /// Indexes of parts, the least recently used first.
    held: VecDeque<(usize, Arc<Held>)>,
    /// The index that was read last, and of which part.
    columns: Option<(usize, Arc<SegmentColumns>)>,
    /// The sizes alone that were read last, and of which part.
    sizes: Option<(usize, Sizes)>,
    ahead: Ahead,
    /// The piece of a table that was read last: the next slice may begin with the rest of it.
    last: Option<Place>,
    last_bytes: Vec<u8>,
    file: Option<(usize, Arc<dyn SegmentFile>)>,
    /// It has opened a file: what it reads of others goes on.
    goes_on: bool,
}

struct Held {
    columns: Arc<SegmentColumns>,
    pieces: Vec<Piece>,
}

/// Sizes by track of a segment; of each, whether they were wanted.
type Sizes = (Vec<bool>, Arc<Vec<Vec<u32>>>);

impl ClipReader {
    /// A reader of the bytes `range` of the clip, cut to its length.
    pub fn new(plan: Arc<ClipPlan>, source: Arc<dyn Source>, range: Range<u64>) -> Self {
        let rest = range.start.min(plan.len())..range.end.min(plan.len());
        Self {
            plan,
            source,
            rest,
            limit: limits::BODY_SLICE_BYTES_MAX as u64,
            begun: false,
            held: VecDeque::new(),
            columns: None,
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
        let limit = self.remaining().min(self.limit);
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
        let bits = bits(&held.pieces, within, self.limit);
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
        let columns = self.columns(part)?;
        let own = &self.plan.layout.parts[part];
        let texts = self.plan.layout.texts.as_ref();
        let texts = texts.map(|texts| (texts, texts.of_part(part)));
        let pieces = pieces::pieces(&columns, &own.takes, texts);
        let bytes: u64 = pieces.iter().map(|piece| piece.len).sum();
        if bytes != self.plan.layout.media[part].1 {
            return Err(Disagrees { segment: own.row.id }.into());
        }
        let held = Arc::new(Held { columns, pieces });
        // One of each stream, and what follows them.
        if self.held.len() >= (2 * self.plan.streams).min(limits::CLIP_INDEXES_MAX) {
            self.held.pop_front();
        }
        self.held.push_back((part, held.clone()));
        Ok(held)
    }

    /// The index of a part that is at hand: one of those held, or the one read last.
    fn at_hand(&self, part: usize) -> Option<&Arc<SegmentColumns>> {
        if let Some((_, held)) = self.held.iter().find(|(held, _)| *held == part) {
            return Some(&held.columns);
        }
        let last = self.columns.as_ref().filter(|(read, _)| *read == part);
        last.map(|(_, columns)| columns)
    }

    /// The index of a part that was planned with: of what grows, which is not the same when it is
    /// read again.
    fn planned(&self, part: usize) -> Option<&Arc<SegmentIndex>> {
        let part = &self.plan.layout.parts[part];
        part.index.as_ref().filter(|_| !recent::is_final(&part.row))
    }

    /// The index of a part.
    fn columns(&mut self, part: usize) -> Result<Arc<SegmentColumns>, ReadError> {
        if let Some(columns) = self.at_hand(part) {
            return Ok(columns.clone());
        }
        let own = &self.plan.layout.parts[part];
        let columns = if let Some(planned) = self.planned(part) {
            Arc::new(SegmentColumns::of(planned))
        } else {
            let read = match self.goes_on {
                true => self.source.columns_later(&own.row)?,
                false => self.source.columns(&own.row)?,
            };
            tables::agrees_by_columns(own, &read)?;
            read
        };
        self.columns = Some((part, columns.clone()));
        Ok(columns)
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

    fn at_most(&mut self, bytes: usize) {
        self.limit = bytes.clamp(1, limits::BODY_SLICE_BYTES_MAX) as u64;
    }

    fn rest(&mut self, unread: u64) {
        self.rest.start = self.rest.start.saturating_sub(unread);
        (self.held, self.ahead, self.file) = (VecDeque::new(), Ahead::default(), None);
        (self.columns, self.sizes, self.last, self.last_bytes) = (None, None, None, Vec::new());
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
