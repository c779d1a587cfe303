//! What a person said of a stream's footage: spans that are protected, and spans that are deleted.

use std::collections::HashMap;

use base::{StreamId, VolumeId, WallTime};
use catalog::{Catalog, ReadError, SegmentSpan, Totals};

use super::choose::Hold;

/// Spans of one stream, by start; they do not touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<(WallTime, WallTime)>);

impl Spans {
    /// Spans in any order, which may lie over one another.
    pub fn new(spans: impl IntoIterator<Item = (WallTime, WallTime)>) -> Self {
        let mut all: Vec<_> = spans.into_iter().filter(|(from, to)| from < to).collect();
        all.sort_unstable();
        let mut joined: Vec<(WallTime, WallTime)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match joined.last_mut() {
                Some((_, last)) if *last >= from => *last = to.max(*last),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// The spans.
    pub fn iter(&self) -> impl Iterator<Item = (WallTime, WallTime)> {
        self.0.iter().copied()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one touches [start, end). A segment without duration touches what holds its instant.
    pub fn touch(&self, start: WallTime, end: WallTime) -> bool {
        let end = end.max(start.plus_micros(1));
        let after = self.0.partition_point(|(from, _)| *from < end);
        after.checked_sub(1).is_some_and(|last| self.0[last].1 > start)
    }

    /// Whether one covers all of [start, end).
    pub fn cover(&self, start: WallTime, end: WallTime) -> bool {
        let after = self.0.partition_point(|(from, _)| *from <= start);
        after.checked_sub(1).is_some_and(|last| self.0[last].1 >= end.max(start.plus_micros(1)))
    }
}

/// What a person said of one stream's footage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Protected: whole segments that these touch stay, unless all of them was deleted before.
    pub protected: Spans,
    /// Deleted by hand: whole segments that lie in these go.
    pub deleted: Spans,
}

impl Said {
    /// What `catalog` has of a stream.
    pub fn of(catalog: &Catalog, stream: StreamId) -> Result<Self, ReadError> {
        let protected = catalog.protections(stream, WallTime::EPOCH, WallTime::MAX)?;
        let protected = Spans::new(protected.into_iter().map(|row| (row.from, row.to)));
        let deleted = catalog.hidden(stream, WallTime::EPOCH, WallTime::MAX)?;
        Ok(Self { protected, deleted: Spans::new(deleted) })
    }

    /// What that means for a segment. Nothing that is protected can be deleted: what is both was
    /// deleted first, and nobody is shown it any more.
    pub fn hold(&self, segment: &SegmentSpan) -> Hold {
        match (segment.start, segment.end) {
            (start, end) if self.deleted.cover(start, end) => Hold::Deleted,
            (start, end) if self.protected.touch(start, end) => Hold::Protected,
            _ => Hold::None,
        }
    }
}

/// Bytes of protected footage, looked up again only where something changed.
#[derive(Clone, Debug, Default)]
pub(super) struct ProtectedBytes(HashMap<StreamId, Known>);

#[derive(Clone, Debug)]
struct Known {
    spans: Spans,
    /// Sealed footage of the stream, on all volumes and on the one in question.
    totals: (Totals, Totals),
    bytes: HeldBytes,
}

/// Bytes that protected segments take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeldBytes {
    /// On all volumes.
    pub all: u64,
    /// On the volume in question.
    pub here: u64,
}

impl ProtectedBytes {
    /// What the protected segments of a stream take; `totals` are those of the stream now, on all
    /// volumes and on this one.
    pub fn of(
        &mut self,
        catalog: &Catalog,
        stream: StreamId,
        volume: VolumeId,
        spans: &Spans,
        totals: (Totals, Totals),
    ) -> Result<HeldBytes, ReadError> {
        if spans.is_empty() {
            self.0.remove(&stream);
            return Ok(HeldBytes::default());
        }
        let same = |known: &&Known| known.spans == *spans && known.totals == totals;
        if let Some(known) = self.0.get(&stream).filter(same) {
            return Ok(known.bytes);
        }
        let (mut bytes, mut last) = (HeldBytes::default(), None);
        for (from, to) in spans.iter() {
            for segment in catalog.spans(stream, from, to)? {
                // Two protections may touch one segment.
                if last.replace(segment.id) == Some(segment.id) {
                    continue;
                }
                bytes.all = bytes.all.saturating_add(segment.allocated);
                if segment.volume == volume {
                    bytes.here = bytes.here.saturating_add(segment.allocated);
                }
            }
        }
        self.0.insert(stream, Known { spans: spans.clone(), totals, bytes });
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(micros: i64) -> WallTime {
        WallTime::from_micros(micros)
    }

    proptest! {
        #[test]
        fn touching_and_covering_are_what_looking_at_every_span_gives(
            spans in prop::collection::vec((0i64..50, 1i64..10), 0..8),
            start in 0i64..60,
            len in 1i64..12,
        ) {
            let raw: Vec<_> = spans.iter().map(|(from, len)| (*from, from + len)).collect();
            let spans = Spans::new(raw.iter().map(|(from, to)| (at(*from), at(*to))));
            let inside = |at: i64| raw.iter().any(|(from, to)| (*from..*to).contains(&at));
            let range = start..start + len;
            prop_assert_eq!(spans.touch(at(start), at(start + len)), range.clone().any(inside));
            prop_assert_eq!(spans.cover(at(start), at(start + len)), range.clone().all(inside));
        }
    }
}
