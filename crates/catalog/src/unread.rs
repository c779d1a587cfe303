//! Footage that a process before this one left in files that nobody has read since: it is durable,
//! and nobody can say yet where it ends. Until it is read, how far its stream is durable is not
//! known, and no clip that it belongs to is final.

use std::collections::{BTreeMap, BTreeSet};

use base::{SegmentId, StreamId, VolumeId, WallTime};

/// A segment that was cut off and not read since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadSegment {
    /// Which.
    pub id: SegmentId,
    /// Its stream.
    pub stream: StreamId,
    /// Where its file lies.
    pub volume: VolumeId,
    /// Where it begins.
    pub start: WallTime,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    segments: BTreeMap<SegmentId, UnreadSegment>,
    /// Volumes that were not looked at yet: what lies there without a row is not known.
    awaited: BTreeSet<VolumeId>,
    /// Volumes that cannot be looked at: what lies there is not waited for.
    away: BTreeSet<VolumeId>,
}

/// How far a stream is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// That is not known yet.
    Unknown,
    /// Up to here.
    Until(WallTime),
    /// Up to the end of its newest sealed segment.
    Sealed,
}

impl Unread {
    pub(crate) fn put(&mut self, segment: UnreadSegment) {
        self.segments.insert(segment.id, segment);
    }

    pub(crate) fn remove(&mut self, segment: SegmentId) {
        self.segments.remove(&segment);
    }

    pub(crate) fn forget_volume(&mut self, volume: VolumeId) {
        self.segments.retain(|_, segment| segment.volume != volume);
        self.awaited.remove(&volume);
        self.away.remove(&volume);
    }

    pub(crate) fn await_volume(&mut self, volume: VolumeId) {
        self.awaited.insert(volume);
    }

    pub(crate) fn looked_at(&mut self, volume: VolumeId, is_there: bool) {
        self.awaited.remove(&volume);
        match is_there {
            true => self.away.remove(&volume),
            false => self.away.insert(volume),
        };
    }

    pub(crate) fn awaits_volumes(&self) -> bool {
        !self.awaited.is_empty()
    }

    pub(crate) fn is_away(&self, volume: VolumeId) -> bool {
        self.away.contains(&volume)
    }

    /// Those of a stream, by start.
    pub(crate) fn of(&self, stream: StreamId) -> Vec<UnreadSegment> {
        let of_stream = self.segments.values().filter(|segment| segment.stream == stream);
        let mut found: Vec<_> = of_stream.copied().collect();
        found.sort_by_key(|segment| segment.start);
        found
    }

    /// How far a stream is durable, where this process has `published` that or has not.
    pub(crate) fn reach(&self, stream: StreamId, published: Option<WallTime>) -> Reach {
        let mut left = self.segments.values().filter(|segment| segment.stream == stream);
        let (some, here) = (left.clone().next(), left.any(|left| !self.is_away(left.volume)));
        match published {
            _ if here => Reach::Unknown,
            Some(until) => Reach::Until(until),
            None if some.is_some() || !self.awaited.is_empty() => Reach::Unknown,
            None => Reach::Sealed,
        }
    }
}
