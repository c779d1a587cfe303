//! The bytes of a clip, slice by slice.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use base::limits;
use bytes::Bytes;
use media::SegmentIndex;

use crate::assembly::{Lazy, Stretch};
use crate::error::{Disagrees, ReadError};
use crate::plan::ClipPlan;
use crate::source::{SegmentFile, Source};
use crate::tables::{self, Piece, Table, Writer};

/// Bytes between two pieces of one read that are read and thrown away; across more, two reads are
/// cheaper.
const SKIPPED_BYTES_MAX: u64 = 16 << 10;

/// Reads a part of a clip. Each item is at most `limits::BODY_SLICE_BYTES_MAX` bytes; together
/// they are exactly the range, or the last one is an error. Calls block on the disk.
pub struct ClipReader {
    plan: Arc<ClipPlan>,
    source: Arc<dyn Source>,
    rest: Range<u64>,
    begun: bool,
    /// Indexes of parts, the least recently used first.
    held: VecDeque<(usize, Arc<Held>)>,
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
        Self { plan, source, rest, begun: false, held: VecDeque::new(), file: None }
    }

    /// Bytes that are still to come.
    pub fn remaining(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
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
                    out.extend_from_slice(&bytes[within.start as usize..within.end as usize]);
                }
                // The first byte waits for no index.
                Stretch::Lazy(_) if !self.begun && !out.is_empty() => break,
                Stretch::Lazy(Lazy::Table { table, track, member }) => {
                    let bytes = self.table(*table, *track, *member, end - start)?;
                    out.extend_from_slice(&bytes[within.start as usize..within.end as usize]);
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
                first.ok_or(disagrees)? + take.shift
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
        let mut out = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
        let fits = writer.write(table, &mut out);
        if fits && out.len() as u64 == len { Ok(out) } else { Err(disagrees.into()) }
    }

    /// Samples of a part from one read: `within` counts from the part's first byte. The boxes of
    /// the segment that lie between are read too, and squeezed out.
    fn media(&mut self, part: usize, within: Range<u64>) -> Result<Bytes, ReadError> {
        let held = self.held(part)?;
        let first = held.pieces.partition_point(|piece| piece.at + piece.len <= within.start);
        let own = held.pieces[first..].iter().map_while(|piece| {
            let start = piece.at.max(within.start);
            let end = (piece.at + piece.len).min(within.end);
            let offset = piece.offset + (start - piece.at);
            (start < end).then(|| offset..offset + (end - start))
        });
        let mut wanted: Vec<Range<u64>> = Vec::new();
        for mut range in own {
            let begin = wanted.first().map_or(range.start, |first| first.start);
            range.end = range.end.min(begin + limits::BODY_SLICE_BYTES_MAX as u64);
            let skipped = wanted.last().map_or(0, |last| range.start.saturating_sub(last.end));
            if range.is_empty() || skipped > SKIPPED_BYTES_MAX {
                break;
            }
            wanted.push(range);
        }
        let segment = self.plan.layout.parts[part].row.id;
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
            return Err(Disagrees { segment }.into());
        };
        let offset = first.start;
        let mut buffer = vec![0; (last.end - offset) as usize];
        let read = self.file(part)?.read_exact_at(&mut buffer, offset);
        read.map_err(|error| ReadError::File { segment, offset, error })?;
        let mut kept = 0;
        for range in wanted {
            let from = (range.start - offset) as usize..(range.end - offset) as usize;
            let len = from.len();
            if from.start != kept {
                buffer.copy_within(from, kept);
            }
            kept += len;
        }
        buffer.truncate(kept);
        Ok(buffer.into())
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
        let pieces = tables::pieces(&index, &own.takes);
        let bytes: u64 = pieces.iter().map(|piece| piece.len).sum();
        if bytes != self.plan.layout.media[part].1 {
            return Err(Disagrees { segment: own.row.id }.into());
        }
        let held = Arc::new(Held { index, pieces });
        if self.held.len() >= limits::CLIP_INDEXES_MAX {
            self.held.pop_front();
        }
        self.held.push_back((part, held.clone()));
        Ok(held)
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
