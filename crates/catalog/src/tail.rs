//! What is durable of segments that still grow: in memory, because every batch changes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{SegmentId, StreamId, VolumeId, WallTime};
use media::{Activity, SegmentIndex};

use crate::rows::{SegmentRow, SegmentTrack};
use crate::unread::{Reach, Unread, UnreadSegment};

/// One growing segment, as far as it is durable.
#[derive(Clone, Debug)]
pub struct OpenSegment {
    /// Its row: `end`, `bytes` and `last_commit` move with every batch; the totals of its tracks
    /// are filled in when it is read.
    pub row: SegmentRow,
    /// Its samples. Extend it through [`Arc::make_mut`]: readers keep what they have.
    pub index: Arc<SegmentIndex>,
}

/// What moves in a segment that grows.
pub(crate) struct GrowingActivity {
    pub segment: SegmentId,
    /// From its first instant to its end, in microseconds.
    pub span: (i64, i64),
    pub activity: Activity,
}

/// Growing segments of all streams, and how far each stream is durable. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Tail(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    streams: Streams,
    unread: Unread,
}

type Streams = HashMap<StreamId, StreamTail>;

#[derive(Debug, Default)]
struct StreamTail {
    durable_until: Option<WallTime>,
    /// By start. Two for a moment after each rotation.
    open: Vec<OpenSegment>,
}

impl Tail {
    /// Takes a segment in, once its first batch is durable.
    pub fn open(&self, segment: OpenSegment) {
        let mut state = self.state();
        let stream = state.streams.entry(segment.row.stream).or_default();
        stream.open.retain(|other| other.row.id != segment.row.id);
        stream.open.push(segment);
        stream.open.sort_by_key(|segment| segment.row.start);
    }

    /// Changes a segment after another batch of it became durable; whether it was there.
    pub fn extend(&self, segment: SegmentId, change: impl FnOnce(&mut OpenSegment)) -> bool {
        let mut state = self.state();
        let mut open = state.streams.values_mut().flat_map(|stream| &mut stream.open);
        open.find(|open| open.row.id == segment).map(change).is_some()
    }

    /// Publishes that everything of the stream before `until` is durable. It never goes back.
    pub fn set_durable_until(&self, stream: StreamId, until: WallTime) {
        let mut state = self.state();
        let published = &mut state.streams.entry(stream).or_default().durable_until;
        *published = (*published).max(Some(until));
    }

    /// Everything of the stream before this is durable, as far as this process wrote it. `None`
    /// also while something that a process before left was not read yet.
    pub fn durable_until(&self, stream: StreamId) -> Option<WallTime> {
        match self.reach(stream) {
            Reach::Until(until) => Some(until),
            Reach::Unknown | Reach::Sealed => None,
        }
    }

    /// What [`Tail::set_durable_until`] has published.
    pub fn published(&self, stream: StreamId) -> Option<WallTime> {
        self.state().streams.get(&stream)?.durable_until
    }

    pub(crate) fn reach(&self, stream: StreamId) -> Reach {
        let state = self.state();
        let published = state.streams.get(&stream).and_then(|stream| stream.durable_until);
        state.unread.reach(stream, published)
    }

    /// A process before this one left the segment, which is to be read: until then nobody can say
    /// where it ends. Nothing happens where it grows here.
    pub fn left(&self, segment: UnreadSegment) {
        let mut state = self.state();
        let mut growing = state.streams.values().flat_map(|stream| &stream.open);
        if !growing.any(|open| open.row.id == segment.id) {
            state.unread.put(segment);
        }
    }

    /// A segment that was left was read, or will not be: it is not waited for.
    pub fn is_read(&self, segment: SegmentId) {
        self.state().unread.remove(segment);
    }

    /// The segments of a stream that were left and not read yet, by start.
    pub fn unread(&self, stream: StreamId) -> Vec<UnreadSegment> {
        self.state().unread.of(stream)
    }

    /// A volume is about to be looked at: there may be footage on it that has no row.
    pub fn await_volume(&self, volume: VolumeId) {
        self.state().unread.await_volume(volume);
    }

    /// A volume was looked at, or is not there: what was left on it is not waited for then.
    pub fn looked_at(&self, volume: VolumeId, is_there: bool) {
        self.state().unread.looked_at(volume, is_there);
    }

    pub(crate) fn is_away(&self, volume: VolumeId) -> bool {
        self.state().unread.is_away(volume)
    }

    pub(crate) fn awaits_volumes(&self) -> bool {
        self.state().unread.awaits_volumes()
    }

    /// The stream's growing segments by start, without those that hold no sample yet.
    pub fn segments(&self, stream: StreamId) -> Vec<OpenSegment> {
        let state = self.state();
        let open = state.streams.get(&stream).into_iter().flat_map(|stream| &stream.open);
        let mut found: Vec<OpenSegment> =
            open.filter(|segment| segment.has_samples()).cloned().collect();
        drop(state);
        found.iter_mut().for_each(OpenSegment::sum_up);
        found
    }

    /// The rows of [`Tail::segments`], with no totals of their tracks: adding those up takes time.
    pub(crate) fn rows(&self, stream: StreamId) -> Vec<SegmentRow> {
        let state = self.state();
        let open = state.streams.get(&stream).into_iter().flat_map(|stream| &stream.open);
        open.filter(|segment| segment.has_samples()).map(|segment| segment.row.clone()).collect()
    }

    /// What moves in the growing segments that reach into [from, to).
    pub(crate) fn activities(
        &self,
        stream: StreamId,
        (from, to): (WallTime, WallTime),
    ) -> Vec<GrowingActivity> {
        let state = self.state();
        let open = state.streams.get(&stream).into_iter().flat_map(|stream| &stream.open);
        let reaches = |open: &&OpenSegment| open.row.start < to && open.row.end > from;
        let of = |open: &OpenSegment| {
            let span = (open.row.start.as_micros(), open.row.end.as_micros());
            (open.row.id, span, open.index.clone())
        };
        let found: Vec<_> =
            open.filter(|open| open.has_samples()).filter(reaches).map(of).collect();
        drop(state);
        // Who writes copies an index that somebody holds: it is let go of at once.
        let of = |(segment, span, index): (_, _, Arc<SegmentIndex>)| GrowingActivity {
            segment,
            span,
            activity: Activity::of(&index),
        };
        found.into_iter().map(of).collect()
    }

    /// Bytes of the growing segments on a volume.
    pub fn bytes_on(&self, volume: VolumeId) -> u64 {
        let state = self.state();
        let open = state.streams.values().flat_map(|stream| &stream.open);
        open.filter(|open| open.row.volume == volume).map(|open| open.row.bytes).sum()
    }

    /// Bytes that the growing segments on a volume take on its disk.
    pub fn allocated_on(&self, volume: VolumeId) -> u64 {
        let state = self.state();
        let open = state.streams.values().flat_map(|stream| &stream.open);
        open.filter(|open| open.row.volume == volume).map(|open| open.row.allocated).sum()
    }

    /// Bytes that the growing segments of a stream take on their disks.
    pub fn allocated_of(&self, stream: StreamId) -> u64 {
        self.sum_of(stream, |row| row.allocated)
    }

    /// Bytes of the growing segments of a stream.
    pub fn bytes_of(&self, stream: StreamId) -> u64 {
        self.sum_of(stream, |row| row.bytes)
    }

    fn sum_of(&self, stream: StreamId, of: impl Fn(&SegmentRow) -> u64) -> u64 {
        let state = self.state();
        let open = state.streams.get(&stream).into_iter().flat_map(|stream| &stream.open);
        open.map(|open| of(&open.row)).sum()
    }

    /// Where the first growing segment of a stream begins.
    pub fn first_start(&self, stream: StreamId) -> Option<WallTime> {
        self.state().streams.get(&stream)?.open.first().map(|open| open.row.start)
    }

    /// The volume of the newest growing segment of a stream.
    pub fn volume_of(&self, stream: StreamId) -> Option<VolumeId> {
        self.state().streams.get(&stream)?.open.last().map(|open| open.row.volume)
    }

    /// One growing segment.
    pub fn segment(&self, id: SegmentId) -> Option<OpenSegment> {
        let state = self.state();
        let mut open = state.streams.values().flat_map(|stream| &stream.open);
        let mut found = open.find(|open| open.row.id == id).cloned()?;
        drop(state);
        found.sum_up();
        Some(found)
    }

    /// The index of one growing segment.
    pub(crate) fn index(&self, id: SegmentId) -> Option<Arc<SegmentIndex>> {
        let state = self.state();
        let mut open = state.streams.values().flat_map(|stream| &stream.open);
        open.find(|open| open.row.id == id).map(|open| open.index.clone())
    }

    /// Drops a segment that is sealed or garbage.
    pub(crate) fn retire(&self, segment: SegmentId) {
        let mut state = self.state();
        for stream in state.streams.values_mut() {
            stream.open.retain(|open| open.row.id != segment);
        }
        state.unread.remove(segment);
    }

    /// Drops what is on a volume that is the archive's no more: what had no row would stay.
    pub(crate) fn retire_volume(&self, volume: VolumeId) {
        let mut state = self.state();
        for stream in state.streams.values_mut() {
            stream.open.retain(|open| open.row.volume != volume);
        }
        state.unread.forget_volume(volume);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenSegment {
    fn has_samples(&self) -> bool {
        self.index.tracks.iter().any(|track| !track.samples.is_empty())
    }

    fn sum_up(&mut self) {
        let tracks = self.index.tracks.iter();
        let sums = tracks
            .map(|track| SegmentTrack { params: track.params.clone(), totals: track.totals() });
        self.row.tracks = sums.collect();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{STREAM, growing, id, segment};

    fn second(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    #[test]
    fn two_segments_of_a_stream_stand_side_by_side_after_a_rotation() {
        let tail = Tail::default();
        tail.open(growing(segment(2, second(10), second(12))));
        tail.open(growing(segment(1, second(0), second(10))));
        let ids: Vec<_> = tail.segments(STREAM).iter().map(|open| open.row.id).collect();
        assert_eq!(ids, [id(1), id(2)]);
        tail.retire(id(1));
        assert_eq!(tail.rows(STREAM).len(), 1);
    }

    #[test]
    fn readers_keep_what_they_have_while_it_grows() {
        let tail = Tail::default();
        tail.open(growing(segment(1, second(0), second(1))));
        let before = tail.segment(id(1)).unwrap();
        let grown = tail.extend(id(1), |open| {
            open.row.end = second(2);
            let track = &mut Arc::make_mut(&mut open.index).tracks[0];
            track.samples.push(track.samples[0]);
        });
        assert!(grown && !tail.extend(id(2), |_| ()));
        assert_eq!(before.index.tracks[0].samples.len(), 1);
        let after = tail.segment(id(1)).unwrap();
        assert_eq!((after.row.end, after.row.tracks[0].totals.samples), (second(2), 2));
    }

    #[test]
    fn a_segment_without_samples_is_not_readable_yet() {
        let tail = Tail::default();
        let mut empty = growing(segment(1, second(0), second(0)));
        empty.index = Arc::default();
        tail.open(empty);
        assert!(tail.segments(STREAM).is_empty() && tail.rows(STREAM).is_empty());
    }
}
