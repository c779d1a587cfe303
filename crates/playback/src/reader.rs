//! The bytes of a clip, slice by slice.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use base::limits;
use bytes::Bytes;
use media::SegmentIndex;

use crate::ahead::Ahead;
use crate::assembly::{Lazy, Stretch};
use crate::bits::{Bit, bits};
use crate::error::{Disagrees, ReadError};
use crate::plan::ClipPlan;
use crate::slices::{Slices, in_memory};
use crate::source::{SegmentFile, Source};
use crate::tables::{self, Piece, Table, Writer};

/// Reads a part of a clip. Each item is at most `limits::BODY_SLICE_BYTES_MAX` bytes; together
/// they are exactly the range, or the last one is an error. Calls block on the disk.
pub struct ClipReader {
    plan: Arc<ClipPlan>,
    source: Arc<dyn Source>,
    rest: Range<u64>,
    begun: bool,
    /// Indexes of parts, the least recently used first.
    held: VecDeque<(usize, Arc<Held>)>,
    ahead: Ahead,
    file: Option<(usize, Arc<dyn SegmentFile>)>,
}

struct Held {
    index: Arc<SegmentIndex>,
    pieces: Vec<Piece>,
}

impl ClipReader {
    /// A reader of the bytes `range` of the clip, cut to its length.
    pub fn new(plan: Arc<ClipPlan>, source: Arc<dyn Source>, range: Range<u64>) -> Self {
        let rest = range.start.min(plan.len())..range.end.min(plan.len());
        let (held, ahead) = (VecDeque::new(), Ahead::default());
        Self { plan, source, rest, begun: false, held, ahead, file: None }
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
                    let bytes = self.table(*table, *track, *member, end - start)?;
                    out.extend_from_slice(&bytes[in_memory(within.clone())]);
                    if within.end < end - start {
                        // The next slice begins with the rest of it.
                        self.ahead.put((*track, *table, *member), bytes);
                    }
                }
                Stretch::Lazy(Lazy::TextSizes) => {
                    let texts = plan.layout.texts.as_ref();
                    out.extend(texts.map(|texts| texts.sizes(within)).unwrap_or_default());
                }
                Stretch::Lazy(Lazy::TextPlaces { part }) => {
                    let bytes = self.text_places(*part)?;
                    out.extend_from_slice(&bytes[in_memory(within)]);
                }
                Stretch::Lazy(Lazy::Media { .. }) if !out.is_empty() => break,
                Stretch::Lazy(Lazy::Media { part }) => return self.media(*part, within),
            }
        }
        Ok(out.into())
    }

    /// What a member of a track adds to one of its tables: `len` bytes.
    fn table(
        &mut self,
        table: Table,
        track: usize,
        member: usize,
        len: u64,
    ) -> Result<Vec<u8>, ReadError> {
        let made = match self.ahead.take((track, table, member)) {
            Some(made) => Some(made),
            None => {
                let made = self.make(table, track, member)?;
                self.look_ahead(table, track, member)?;
                made
            }
        };
        let part = self.plan.layout.tracks[track].members[member].part;
        let disagrees = Disagrees { segment: self.plan.layout.parts[part].row.id };
        made.filter(|made| made.len() as u64 == len).ok_or_else(|| disagrees.into())
    }

    /// Makes what the same part adds to tables that come later, while its index is held.
    fn look_ahead(&mut self, table: Table, track: usize, member: usize) -> Result<(), ReadError> {
        let plan = self.plan.clone();
        let layout = &plan.layout;
        // Who asks for a few bytes of the tables gets no more.
        let all = layout.media.first().is_some_and(|(media, _)| self.rest.end > *media);
        let part = layout.tracks[track].members[member].part;
        for (number, of) in layout.tracks.iter().enumerate().skip(track) {
            let first = of.members.partition_point(|member| member.part < part);
            let own = of.members.iter().enumerate().skip(first);
            for (member, _) in own.take_while(|(_, member)| member.part == part) {
                for later in Table::ALL {
                    let due = (number, later) > (track, table) && later.is_of(of.lane.is_video());
                    if !due || !all || self.ahead.is_full() {
                        continue;
                    }
                    if let Some(made) = self.make(later, number, member)? {
                        self.ahead.put((number, later, member), made);
                    }
                }
            }
        }
        if layout.texts.is_some() && all && !self.ahead.has_places(part) {
            let held = self.held(part)?;
            let places = tables::text_places(&held.pieces, layout.media[part].0);
            self.ahead.put_places(part, places);
        }
        Ok(())
    }

    /// The entries that a member of a track adds to one of its tables; `None` where one does not
    /// fit its field.
    fn make(
        &mut self,
        table: Table,
        track: usize,
        member: usize,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let plan = self.plan.clone();
        let layout = &plan.layout;
        let own = &layout.tracks[track].members[member];
        let held = self.held(own.part)?;
        let part = &layout.parts[own.part];
        let disagrees = Disagrees { segment: part.row.id };
        let take = &part.takes[own.take];
        let next = match layout.tracks[track].members.get(member + 1) {
            Some(next) if table == Table::Stts => {
                let take = &layout.parts[next.part].takes[next.take];
                let held = self.held(next.part)?;
                let mut times = held.index.tracks[take.track].times();
                let first = times.nth(take.samples.start).map(|time| time.grid_dts);
                first.ok_or(disagrees)? + take.shift + take.moved
            }
            _ => layout.tracks[track].times.decode_end,
        };
        let writer = Writer {
            track: &held.index.tracks[take.track],
            take,
            number: own.take,
            before: own.before,
            description: own.description,
            pieces: &held.pieces,
            media_start: layout.media[own.part].0,
            next,
        };
        let mut out = Vec::new();
        Ok(writer.write(table, &mut out).then_some(out))
    }

    /// Where the timestamps of a part begin in the clip, 8 bytes for each.
    fn text_places(&mut self, part: usize) -> Result<Vec<u8>, ReadError> {
        if let Some(made) = self.ahead.take_places(part) {
            return Ok(made);
        }
        let held = self.held(part)?;
        Ok(tables::text_places(&held.pieces, self.plan.layout.media[part].0))
    }

    /// Samples of a part from one read: `within` counts from the part's first byte. The boxes of
    /// the segment that lie between are read too, and squeezed out.
    fn media(&mut self, part: usize, within: Range<u64>) -> Result<Bytes, ReadError> {
        let held = self.held(part)?;
        let bits = bits(&held.pieces, within);
        let segment = self.plan.layout.parts[part].row.id;
        let mut in_file = bits.iter().filter_map(Bit::in_file);
        let (first, last) = (in_file.clone().next(), in_file.next_back());
        let offset = first.map_or(0, |first| first.start);
        let mut buffer = vec![0; in_memory(0..last.map_or(0, |last| last.end) - offset).end];
        if !buffer.is_empty() {
            let read = self.file(part)?.read_exact_at(&mut buffer, offset);
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
                let file = self.source.open(&self.plan.layout.parts[part].row)?;
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
        let own = &self.plan.layout.parts[part];
        let index = match &own.index {
            Some(index) => index.clone(),
            None => {
                let index = self.source.index(&own.row)?;
                tables::agrees(own, &index)?;
                index
            }
        };
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
}

impl Slices for ClipReader {
    fn remaining(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }

    fn rest(&mut self, unread: u64) {
        self.rest.start = self.rest.start.saturating_sub(unread);
        (self.held, self.ahead, self.file) = (VecDeque::new(), Ahead::default(), None);
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
