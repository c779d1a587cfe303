//! Cursors: the recorder's, for which frames are kept until they are durable, and those of live
//! viewers, which are overrun when they are slow.

use std::sync::Arc;

use base::RunId;
use tokio::sync::watch;

use crate::backlog::{Backlog, Part};
use crate::recent::Recent;
use crate::run::{ClockEstimate, EndCause, Entry, Epoch, Lost};
use crate::shared::Shared;

/// What the recorder takes at once.
#[derive(Debug, Default)]
pub struct Taken {
    /// In the order of the stream.
    pub entries: Vec<Entry>,
    /// What was dropped here because memory was used up: whole GOPs, older than the first entry
    /// that follows. In [`RecorderCursor::acknowledge`] a loss counts as one.
    pub lost: Lost,
    /// Whether a cursor was told of that loss before.
    pub told: bool,
    /// How camera time relates to wall time now, in the run that it is of: the newest, which may
    /// begin only after these entries.
    pub clock: Option<(RunId, ClockEstimate)>,
}

/// The recorder's cursor. What it has not acknowledged stays in memory, as far as the budget
/// allows, and goes to the next one: see [`crate::StreamReader::recorder_cursor`].
pub struct RecorderCursor {
    shared: Arc<Shared>,
    number: u64,
}

impl RecorderCursor {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let number = shared.state().attach_recorder(&shared.budget);
        Self { shared, number }
    }

    /// What came since the last call, up to about `max_bytes` (at least one entry if any), and no
    /// further than to where frames are missing.
    pub fn take(&mut self, max_bytes: usize) -> Taken {
        let mut state = self.shared.state();
        let clock = state.clock.clone();
        let Some(backlog) = state.backlog_of(self.number) else { return Taken::default() };
        let Part { entries, lost, told } = backlog.take(max_bytes);
        Taken { entries, lost, told, clock }
    }

    /// How camera time relates to wall time now: see [`Taken::clock`].
    pub fn clock(&self) -> Option<(RunId, ClockEstimate)> {
        self.shared.state().clock.clone()
    }

    /// The first `count` of what was taken and not acknowledged yet is durable, or given up: it
    /// need not be kept any longer. `false` where another cursor has taken this one's place: then
    /// nothing happens.
    pub fn acknowledge(&mut self, count: usize) -> bool {
        self.with_backlog(|backlog| backlog.acknowledge(count)).is_some()
    }

    /// Nothing more is to be recorded. What has come meanwhile all the same, and what may come
    /// while there still is a writer, waits for another cursor.
    pub fn end(self) {
        let mut state = self.shared.state();
        if state.recorder == self.number {
            state.end_recorder();
        }
    }

    /// The next [`Self::take`] begins again with the first entry that was not acknowledged.
    pub fn rewind(&mut self) {
        self.with_backlog(Backlog::rewind);
    }

    /// Asks the camera's side to end `run` with `cause`, unless it is over.
    pub fn request_end(&self, run: RunId, cause: EndCause) {
        self.shared.state().request_end(run, cause);
    }

    /// `None` once another cursor has taken this one's place.
    fn with_backlog<T>(&mut self, call: impl FnOnce(&mut Backlog) -> T) -> Option<T> {
        self.shared.state().backlog_of(self.number).map(call)
    }
}

/// What is not acknowledged waits for a cursor that is yet to come.
impl Drop for RecorderCursor {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if state.recorder == self.number {
            state.leave_recorder();
        }
    }
}

/// One step of a live cursor.
#[derive(Debug)]
pub enum LiveItem {
    /// The next entry.
    Entry(Entry),
    /// It was too slow: this many entries are gone. The next one is a key frame or an end.
    Skipped(u64),
}

/// A live viewer's place in the stream.
pub struct LiveCursor {
    shared: Arc<Shared>,
    changed: watch::Receiver<u64>,
    next: u64,
    needs_start: bool,
}

impl LiveCursor {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let changed = shared.changed.subscribe();
        let next = shared.state().recent.start();
        Self { shared, changed, next, needs_start: true }
    }

    /// The next item, or `None` when there is none yet.
    pub fn try_next(&mut self) -> Option<LiveItem> {
        let shared = self.shared.clone();
        let state = shared.state();
        let recent: &Recent = &state.recent;
        let first = self.next;
        let (mut number, mut entry) = recent.at_or_after(self.next)?;
        let overrun = number > first;
        self.needs_start |= overrun;
        while self.needs_start && !entry.is_start() && !matches!(entry, Entry::End { .. }) {
            self.next = number + 1;
            (number, entry) = recent.at_or_after(self.next)?;
        }
        if overrun {
            self.next = number;
            return Some(LiveItem::Skipped(number - first));
        }
        self.needs_start = matches!(entry, Entry::End { .. });
        self.next = number + 1;
        Some(LiveItem::Entry(entry.clone()))
    }

    /// Waits for the next item. Dropping the future loses nothing. `None` once all is read
    /// and the writer is gone.
    pub async fn next(&mut self) -> Option<LiveItem> {
        loop {
            self.changed.mark_unchanged();
            if let Some(item) = self.try_next() {
                return Some(item);
            }
            if self.shared.state().writers.is_none() {
                return None;
            }
            self.changed.changed().await.ok()?;
        }
    }

    /// Goes to the newest key frame; how many entries that passes over.
    pub fn skip_to_newest(&mut self) -> u64 {
        let start = self.shared.state().recent.start();
        let skipped = start.saturating_sub(self.next);
        self.next = self.next.max(start);
        self.needs_start = true;
        skipped
    }

    /// The current epoch; `None` between runs.
    pub fn epoch(&self) -> Option<Arc<Epoch>> {
        self.shared.state().epoch.clone()
    }

    /// How camera time relates to wall time in `run`, where that is the newest.
    pub fn clock(&self, run: RunId) -> Option<ClockEstimate> {
        self.shared.state().clock_of(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{StreamReader, StreamWriter, stream};
    use crate::testing::{epoch, frame};
    use base::{MonoTime, WallTime};
    use media::Access;

    fn with_frames(frames: i64, gop: i64) -> (StreamWriter, StreamReader) {
        let (mut writer, reader) = stream();
        writer.begin_epoch(epoch());
        for n in 0..frames {
            push(&mut writer, n, gop);
        }
        (writer, reader)
    }

    fn push(writer: &mut StreamWriter, n: i64, gop: i64) {
        let access = if n % gop == 0 { Access::Idr } else { Access::None };
        let received = MonoTime::from_micros(n * 100_000);
        assert!(writer.push(media::Frame { received, ..frame(n, 10, access) }));
    }

    fn number(item: Option<LiveItem>) -> Option<i64> {
        match item {
            Some(LiveItem::Entry(Entry::Frame(_, frame))) => Some(frame.pts.0),
            _ => None,
        }
    }

    #[test]
    fn a_stream_is_watched_while_it_has_live_cursors() {
        let (writer, reader) = with_frames(1, 1);
        let _recorder = reader.recorder_cursor();
        assert!(!writer.is_watched());
        let cursor = reader.live_cursor();
        assert!(writer.is_watched());
        drop(cursor);
        assert!(!writer.is_watched());
    }

    #[test]
    fn a_viewer_begins_with_the_newest_key_frame() {
        let (_writer, reader) = with_frames(47, 10);
        let mut cursor = reader.live_cursor();
        assert_eq!(number(cursor.try_next()), Some(40));
        assert_eq!(number(cursor.try_next()), Some(41));
    }

    #[test]
    fn an_overrun_viewer_is_told_and_resumes_at_a_key_frame() {
        let (mut writer, reader) = with_frames(5, 10);
        let mut cursor = reader.live_cursor();
        assert_eq!(number(cursor.try_next()), Some(0));
        (5..95).for_each(|n| push(&mut writer, n, 10));
        assert!(matches!(cursor.try_next(), Some(LiveItem::Skipped(89))));
        assert_eq!(number(cursor.try_next()), Some(90));
    }

    #[test]
    fn a_run_that_ends_is_seen_by_viewer_and_recorder() {
        let (mut writer, reader) = with_frames(3, 10);
        let (mut live, mut recorder) = (reader.live_cursor(), reader.recorder_cursor());
        writer.end_run(EndCause::Silent, WallTime::EPOCH, MonoTime::default());
        writer.begin_epoch(epoch());
        push(&mut writer, 5, 5);
        (0..3).for_each(|n| assert_eq!(number(live.try_next()), Some(n)));
        assert!(matches!(live.try_next(), Some(LiveItem::Entry(Entry::End { .. }))));
        assert_eq!(number(live.try_next()), Some(5));
        assert_eq!(recorder.take(usize::MAX).entries.len(), 5);
    }

    #[test]
    fn clock_and_wish_to_end_are_of_one_run() {
        let (mut writer, reader) = with_frames(3, 10);
        let (old, mut recorder) = (epoch().run, reader.recorder_cursor());
        writer.set_clock(ClockEstimate::default());
        assert_eq!(recorder.take(usize::MAX).clock, Some((old, ClockEstimate::default())));
        writer.end_run(EndCause::Silent, WallTime::EPOCH, MonoTime::default());
        let new = RunId::new(WallTime::EPOCH, [2; 10]);
        writer.begin_epoch(Arc::new(Epoch { run: new, ..(*epoch()).clone() }));
        writer.set_clock(ClockEstimate::default());
        assert_eq!(reader.clock(old), None);
        recorder.request_end(old, EndCause::Clock);
        assert_eq!(writer.end_requested(), None);
        recorder.request_end(new, EndCause::Clock);
        assert_eq!(writer.end_requested(), Some(EndCause::Clock));
        assert_eq!(recorder.take(usize::MAX).clock.map(|(run, _)| run), Some(new));
    }

    #[test]
    fn a_second_recorder_takes_over_what_the_first_has_not_acknowledged() {
        let (mut writer, reader) = with_frames(3, 10);
        let mut first = reader.recorder_cursor();
        (3..25).for_each(|n| push(&mut writer, n, 10));
        assert_eq!(first.take(usize::MAX).entries.len(), 25);
        assert!(first.acknowledge(4));
        let mut second = reader.recorder_cursor();
        assert!(!first.acknowledge(5), "it is cut off");
        assert!(first.take(usize::MAX).entries.is_empty());
        drop(first);
        assert_eq!(second.take(usize::MAX).entries.len(), 21, "from frame 4 on");
    }

    #[test]
    fn what_a_recorder_leaves_waits_for_the_next() {
        let (mut writer, reader) = with_frames(3, 10);
        let mut first = reader.recorder_cursor();
        first.take(usize::MAX);
        first.acknowledge(2);
        drop(first);
        (3..25).for_each(|n| push(&mut writer, n, 10));
        assert_eq!(reader.recorder_cursor().take(usize::MAX).entries.len(), 23);
    }

    #[test]
    fn frames_wait_for_a_recorder_that_comes_later() {
        let (mut writer, reader) = with_frames(12, 10);
        reader.retain();
        (12..40).for_each(|n| push(&mut writer, n, 10));
        reader.retain();
        let mut cursor = reader.recorder_cursor();
        assert_eq!(cursor.take(usize::MAX).entries.len(), 30, "from frame 10 on");
    }

    /// What a recorder that comes now would get.
    fn taken(reader: &StreamReader) -> Vec<Option<i64>> {
        let entries = reader.recorder_cursor().take(usize::MAX).entries.into_iter();
        entries.map(|entry| number(Some(LiveItem::Entry(entry)))).collect()
    }

    #[test]
    fn what_an_earlier_session_has_left_comes_before_what_the_next_one_brings() {
        let (mut old, reader) = with_frames(0, 10);
        reader.retain();
        (0..3).for_each(|n| push(&mut old, n, 10));
        let mut new = reader.writer(EndCause::Reconfigured);
        push(&mut old, 3, 10);
        assert!(!old.is_replaced() && !new.push(frame(10, 10, Access::Idr)), "it has no run yet");
        let run = RunId::new(WallTime::EPOCH, [2; 10]);
        new.begin_epoch(Arc::new(Epoch { run, ..(*epoch()).clone() }));
        assert!(old.is_replaced() && !old.push(frame(4, 10, Access::None)));
        old.end_run(EndCause::Silent, WallTime::EPOCH, MonoTime::default());
        old.begin_epoch(epoch());
        drop(old);
        assert!(!reader.is_closed());
        push(&mut new, 10, 10);
        assert_eq!(taken(&reader), [Some(0), Some(1), Some(2), Some(3), None, Some(10)]);
        let entries = reader.recorder_cursor().take(usize::MAX).entries;
        assert!(matches!(entries[4], Entry::End { cause: EndCause::Reconfigured, .. }));
        assert_eq!(reader.waiting().frames, 5);
        drop(new);
        assert!(reader.is_closed());
    }

    #[test]
    fn a_run_that_is_left_open_ends_with_what_its_session_was_told_first() {
        let ended = |told: &[EndCause]| {
            let (mut old, reader) = with_frames(0, 10);
            reader.retain();
            push(&mut old, 0, 10);
            // None but the last one ever connects.
            let mut new = None;
            told.iter().for_each(|cause| new = Some(reader.writer(*cause)));
            let run = RunId::new(WallTime::EPOCH, [2; 10]);
            new.expect("it was told").begin_epoch(Arc::new(Epoch { run, ..(*epoch()).clone() }));
            match reader.recorder_cursor().take(usize::MAX).entries.last() {
                Some(Entry::End { cause, .. }) => *cause,
                other => panic!("{other:?}"),
            }
        };
        use EndCause::{Paused, Reconfigured};
        assert_eq!(ended(&[Paused]), Paused);
        assert_eq!(ended(&[Reconfigured, Paused]), Reconfigured);
        assert_eq!(ended(&[Paused, Reconfigured]), Paused);
    }

    #[test]
    fn a_run_that_has_ended_is_not_ended_again_by_the_next_session() {
        let (mut old, reader) = with_frames(0, 10);
        reader.retain();
        push(&mut old, 0, 10);
        let mut new = reader.writer(EndCause::Reconfigured);
        old.end_run(EndCause::Paused, WallTime::EPOCH, MonoTime::default());
        drop(old);
        new.begin_epoch(epoch());
        push(&mut new, 10, 10);
        assert_eq!(taken(&reader), [Some(0), None, Some(10)]);
    }

    #[test]
    fn a_recorder_that_ends_keeps_nothing_but_what_may_still_come() {
        let (mut writer, reader) = with_frames(0, 10);
        reader.retain();
        push(&mut writer, 0, 10);
        let mut cursor = reader.recorder_cursor();
        cursor.take(usize::MAX);
        cursor.acknowledge(1);
        push(&mut writer, 1, 10);
        cursor.end();
        assert_eq!(taken(&reader), [Some(1)], "its camera was still there");
        writer.end_run(EndCause::Paused, WallTime::EPOCH, MonoTime::default());
        drop(writer);
        reader.recorder_cursor().end();
        assert!(!reader.is_idle(), "nobody has recorded the last one");
        let mut cursor = reader.recorder_cursor();
        assert_eq!(cursor.take(usize::MAX).entries.len(), 2);
        cursor.acknowledge(1);
        cursor.end();
        assert!(reader.is_idle());
        reader.retain();
        assert!(taken(&reader).is_empty(), "it was recorded, and its run is over");
    }

    #[tokio::test]
    async fn a_waiting_viewer_wakes_for_a_frame_and_for_the_end() {
        let (mut writer, reader) = with_frames(1, 10);
        let mut cursor = reader.live_cursor();
        assert_eq!(number(cursor.next().await), Some(0));
        let waiting = tokio::spawn(async move { (number(cursor.next().await), cursor) });
        tokio::task::yield_now().await;
        push(&mut writer, 1, 10);
        let (got, mut cursor) = waiting.await.expect("the task ends");
        assert_eq!(got, Some(1));
        drop(writer);
        assert!(cursor.next().await.is_none());
    }
}
