//! Gaps of archives that answer in parts.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use base::WallTime;
use catalog::{GapSpan, SegmentRow, TimelineSpans};
use media::SegmentIndex;
use playback::{SegmentFile, SourceError};

use super::*;

/// A stream with a gap of one microsecond after every three of footage, drawn as coarse as an
/// answer of `SPANS` has to be; and how often it was asked.
#[derive(Default)]
struct Torn(Mutex<usize>);

const SPANS: i64 = 8;

type Answer<T> = Result<T, SourceError>;

impl Source for Torn {
    fn segments(&self, _: StreamId, _: WallTime, _: WallTime) -> Answer<Vec<SegmentRow>> {
        Ok(vec![])
    }

    fn segments_before(&self, _: StreamId, _: WallTime, _: usize) -> Answer<Vec<SegmentRow>> {
        Ok(vec![])
    }

    fn segment_after(&self, _: StreamId, _: WallTime) -> Answer<Option<SegmentRow>> {
        Ok(None)
    }

    fn segment(&self, _: base::SegmentId) -> Answer<Option<SegmentRow>> {
        Ok(None)
    }

    fn timeline(&self, _: StreamId, from: WallTime, to: WallTime, _: i64) -> Answer<TimelineSpans> {
        *self.0.lock().unwrap() += 1;
        let (from, to) = (from.as_micros(), to.as_micros());
        let gap = |at: i64| GapSpan {
            from: WallTime::from_micros(at),
            to: WallTime::from_micros(at + 1),
            cause: Some("lost".into()),
        };
        let gaps: Vec<GapSpan> = (from..to).filter(|at| at % 4 == 3).map(gap).collect();
        let coarse = to - from > SPANS;
        let gaps = if coarse { vec![] } else { gaps };
        let resolution_micros = if coarse { 2 } else { 1 };
        Ok(TimelineSpans { resolution_micros, gaps, ..TimelineSpans::default() })
    }

    fn hidden(&self, _: StreamId, _: WallTime, _: WallTime) -> Answer<Vec<(WallTime, WallTime)>> {
        Ok(vec![])
    }

    fn index(&self, _: &SegmentRow) -> Answer<Arc<SegmentIndex>> {
        unreachable!("there is no segment")
    }

    fn open(&self, _: &SegmentRow) -> Answer<Arc<dyn SegmentFile>> {
        unreachable!("there is no segment")
    }
}

#[test]
fn a_manifest_names_every_gap_though_one_answer_does_not() {
    let torn = Torn::default();
    let within = playback::Span { from: WallTime::from_micros(0), to: WallTime::from_micros(1000) };
    let found = gaps(&torn, StreamId::from_bytes([1; 16]), within).unwrap();
    let starts: Vec<i64> = found.iter().map(|gap| gap.from.as_micros()).collect();
    assert_eq!(starts, (0..250).map(|number| 4 * number + 3).collect::<Vec<_>>());
    assert!(*torn.0.lock().unwrap() > 100, "one answer has not all of them");
    let week = playback::Span { to: WallTime::from_micros(1_000_000), ..within };
    let error = gaps(&torn, StreamId::from_bytes([1; 16]), week).unwrap_err();
    assert!(error.to_string().contains("at most 65536 gaps"), "{error}");
}
