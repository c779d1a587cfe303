//! Whether what comes goes to the recorder: recording begins and ends while the session goes on.
//! Pure.
//!
//! It ends before a key frame, so that what begins again later begins with a frame that was not
//! recorded, and nothing is missing where it begins again at once. It begins with the newest key
//! frame at hand.

use base::{MonoTime, limits};

use crate::run::{EndCause, Entry};

/// Whether what comes goes to the recorder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Feed {
    /// It does, where there is or will be one.
    #[default]
    On,
    /// It does up to the next key frame.
    Ending {
        /// Why it ends.
        cause: EndCause,
        /// When that was said.
        since: MonoTime,
    },
    /// It does not. The first entry that did not go there has the number `from`.
    Rests {
        /// The number of the first entry that was not recorded.
        from: u64,
    },
    /// It does from the next key frame on: the beginning of this GOP is recorded already.
    FromKey,
}

impl Feed {
    /// Why recording ends before `entry`, which came at `now`, if it does.
    pub(crate) fn ends_before(self, entry: &Entry, now: MonoTime) -> Option<EndCause> {
        let Self::Ending { cause, since } = self else { return None };
        let late = now.since(since) >= limits::RECORDING_TAIL_MAX;
        let is_frame = matches!(entry, Entry::Frame(..));
        (is_frame && (late || entry.is_start())).then_some(cause)
    }

    /// What it is once `entry`, of the number `next`, has come; and whether that goes there.
    pub(crate) fn take(self, entry: &Entry, next: u64) -> (Self, bool) {
        match self {
            Self::On => (self, true),
            // The run has ended by itself.
            Self::Ending { .. } if matches!(entry, Entry::End { .. }) => {
                (Self::Rests { from: next + 1 }, true)
            }
            Self::Ending { .. } => (self, true),
            Self::Rests { .. } => (self, false),
            Self::FromKey if entry.is_start() => (Self::On, true),
            // All of the next run is recorded.
            Self::FromKey if matches!(entry, Entry::End { .. }) => (Self::On, false),
            Self::FromKey => (self, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::run::Epoch;
    use crate::stream::{StreamReader, StreamWriter, stream};
    use crate::testing::{epoch, frame};
    use base::{RunId, WallTime};
    use media::Access;

    const GOP: i64 = 10;

    fn at(number: i64) -> MonoTime {
        MonoTime::from_micros(number * 100_000)
    }

    /// Ten frames a second, with a key frame each second.
    fn push(writer: &mut StreamWriter, numbers: std::ops::Range<i64>, gop: i64) {
        for n in numbers {
            let access = if n % gop == 0 { Access::Idr } else { Access::None };
            assert!(writer.push(media::Frame { received: at(n), ..frame(n, 10, access) }));
        }
    }

    /// A stream with some frames.
    fn with(frames: i64, gop: i64) -> (StreamWriter, StreamReader) {
        let (mut writer, reader) = stream();
        writer.begin_epoch(epoch());
        push(&mut writer, 0..frames, gop);
        (writer, reader)
    }

    /// What is recorded: numbers of frames, and why runs end.
    fn recorded(reader: &StreamReader) -> Vec<Result<i64, EndCause>> {
        let entries = reader.recorder_cursor().take(usize::MAX).entries.into_iter();
        let short = |entry| match entry {
            Entry::Frame(_, frame) => Ok(frame.pts.0),
            Entry::End { cause, .. } => Err(cause),
        };
        entries.map(short).collect()
    }

    fn frames(numbers: std::ops::Range<i64>) -> Vec<Result<i64, EndCause>> {
        numbers.map(Ok).collect()
    }

    #[test]
    fn recording_ends_before_a_key_frame_and_begins_again_with_the_newest() {
        let (mut writer, reader) = with(3, GOP);
        reader.retain();
        reader.rest(EndCause::NotScheduled, at(3));
        push(&mut writer, 3..25, GOP);
        let first = [frames(0..10), vec![Err(EndCause::NotScheduled)]].concat();
        assert!(reader.rests());
        assert_eq!(recorded(&reader), first);
        reader.retain();
        push(&mut writer, 25..27, GOP);
        assert_eq!(recorded(&reader), [first, frames(20..27)].concat(), "the GOP was at hand");
    }

    #[test]
    fn what_begins_again_before_it_has_ended_misses_nothing() {
        let (mut writer, reader) = with(3, GOP);
        reader.retain();
        reader.rest(EndCause::Off, at(3));
        push(&mut writer, 3..8, GOP);
        reader.retain();
        push(&mut writer, 8..12, GOP);
        assert_eq!(recorded(&reader), frames(0..12));
        reader.rest(EndCause::Off, at(12));
        push(&mut writer, 12..21, GOP);
        reader.retain();
        push(&mut writer, 21..23, GOP);
        let all = [frames(0..20), vec![Err(EndCause::Off)], frames(20..23)].concat();
        assert_eq!(recorded(&reader), all, "nor does what begins in the next GOP");
    }

    #[test]
    fn where_no_key_frame_comes_it_ends_all_the_same_and_nothing_is_recorded_twice() {
        let (mut writer, reader) = with(3, 1000);
        reader.retain();
        reader.rest(EndCause::Off, at(3));
        push(&mut writer, 3..200, 1000);
        let first = [frames(0..103), vec![Err(EndCause::Off)]].concat();
        assert_eq!(recorded(&reader), first);
        reader.retain();
        push(&mut writer, 200..300, 100);
        assert_eq!(recorded(&reader), [first, frames(200..300)].concat(), "from the next key on");
    }

    #[test]
    fn what_is_passed_over_until_the_next_key_frame_is_counted() {
        let (mut writer, reader) = stream();
        reader.rest(EndCause::NotScheduled, at(0));
        writer.begin_epoch(epoch());
        let big = |n: i64| {
            let access = if n % 20 == 0 { Access::Idr } else { Access::None };
            media::Frame { received: at(n), ..frame(n, limits::RECENT_BYTES_MAX / 8, access) }
        };
        (0..12).for_each(|n| assert!(writer.push(big(n))));
        let lost = || (reader.stats().dropped.frames, reader.stats().passed_over.frames);
        assert_eq!(lost(), (0, 0), "nobody wants them");
        // Its key frame is not in memory any more.
        reader.retain();
        (12..25).for_each(|n| assert!(writer.push(big(n))));
        assert_eq!(recorded(&reader), frames(20..25));
        assert_eq!(lost(), (0, 8), "the recorder has nothing to do with it");
        reader.rest(EndCause::NotScheduled, at(25));
        (25..45).for_each(|n| assert!(writer.push(big(n))));
        assert_eq!(lost(), (0, 8), "nobody wants those either");
    }

    #[test]
    fn all_of_the_next_run_is_recorded_whatever_it_begins_with() {
        for wanted_before_the_end in [false, true] {
            let (mut writer, reader) = with(3, 1000);
            reader.retain();
            reader.rest(EndCause::Off, at(3));
            push(&mut writer, 3..110, 1000);
            let first = [frames(0..103), vec![Err(EndCause::Off)]].concat();
            if wanted_before_the_end {
                reader.retain();
            }
            writer.end_run(EndCause::CameraGone, WallTime::EPOCH, at(110));
            reader.retain();
            writer.begin_epoch(epoch());
            push(&mut writer, 201..203, 100);
            assert_eq!(recorded(&reader), [first, frames(201..203)].concat());
            assert!(reader.stats().passed_over.is_none());
        }
    }

    #[test]
    fn a_stream_that_rests_from_the_start_keeps_nothing() {
        let (mut writer, reader) = stream();
        reader.rest(EndCause::NotScheduled, at(0));
        let mut cursor = reader.recorder_cursor();
        writer.begin_epoch(epoch());
        push(&mut writer, 0..35, GOP);
        assert!(cursor.take(usize::MAX).entries.is_empty());
        assert_eq!((reader.waiting().frames, reader.stats().waiting_bytes), (0, 0));
        reader.retain();
        push(&mut writer, 35..37, GOP);
        assert_eq!(cursor.take(usize::MAX).entries.len(), 7, "the same recorder gets it");
    }

    #[test]
    fn a_run_that_ends_by_itself_says_why_and_the_next_one_is_not_recorded() {
        let (mut writer, reader) = with(3, GOP);
        reader.retain();
        reader.rest(EndCause::NotScheduled, at(3));
        push(&mut writer, 3..5, GOP);
        writer.end_run(EndCause::CameraGone, WallTime::EPOCH, at(5));
        let run = RunId::new(WallTime::EPOCH, [2; 10]);
        writer.begin_epoch(Arc::new(Epoch { run, ..(*epoch()).clone() }));
        push(&mut writer, 10..15, GOP);
        writer.end_run(EndCause::CameraGone, WallTime::EPOCH, at(15));
        let first = [frames(0..5), vec![Err(EndCause::CameraGone)]].concat();
        assert_eq!(recorded(&reader), first);
        // The GOP at hand is of a run that is over.
        reader.retain();
        writer.begin_epoch(epoch());
        push(&mut writer, 20..22, GOP);
        assert_eq!(recorded(&reader), [first, frames(20..22)].concat());
    }
}
