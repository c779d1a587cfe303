//! Which segments have to go so that the rules hold. Pure.
//!
//! Whole segments go, oldest first: first those of streams that are over their own limit, then
//! those of the whole volume until enough is free.

use std::collections::{BTreeMap, BTreeSet};

use base::{SegmentId, StreamId, WallTime};

/// A sealed segment that may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The segment.
    pub id: SegmentId,
    /// Its stream.
    pub stream: StreamId,
    /// When it starts.
    pub start: WallTime,
    /// What its file takes on the disk.
    pub bytes: u64,
}

/// What one stream may keep on the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamBudget {
    /// The stream.
    pub stream: StreamId,
    /// The most bytes it may keep; `None` for as many as there is room for.
    pub bytes_max: Option<u64>,
    /// Bytes that it has now, growing segments too, without what is on its way out.
    pub bytes: u64,
}

/// What the volume must keep free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct VolumeBudget {
    /// Bytes that can be written now.
    pub available: u64,
    /// Bytes of files on their way out, which are not available yet.
    pub leaving: u64,
    /// Bytes that stay free by configuration.
    pub keep_free: u64,
    /// Room for what will be written before retention is done again.
    pub ahead: u64,
}

impl VolumeBudget {
    fn missing(&self) -> u64 {
        let wanted = self.keep_free.saturating_add(self.ahead);
        wanted.saturating_sub(self.available.saturating_add(self.leaving))
    }
}

/// What is to go.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Choice {
    /// The segments, oldest first.
    pub remove: Vec<SegmentId>,
    /// Bytes that still miss on the volume when all of them are gone.
    pub short: u64,
}

/// Chooses what has to go, at most `count_max` segments, of `candidates` in any order.
pub fn choose(
    volume: VolumeBudget,
    streams: &[StreamBudget],
    candidates: &[Candidate],
    count_max: usize,
) -> Choice {
    let mut oldest_first: Vec<&Candidate> = candidates.iter().collect();
    oldest_first.sort_by_key(|candidate| (candidate.start, candidate.id));
    let mut over: BTreeMap<StreamId, u64> = streams
        .iter()
        .filter_map(|s| Some((s.stream, s.bytes.saturating_sub(s.bytes_max?))))
        .collect();
    let mut chosen = BTreeSet::new();
    let mut freed = 0u64;
    for candidate in &oldest_first {
        let Some(left) = over.get_mut(&candidate.stream).filter(|left| **left > 0) else {
            continue;
        };
        *left = left.saturating_sub(candidate.bytes);
        freed = freed.saturating_add(candidate.bytes);
        chosen.insert(candidate.id);
    }
    let missing = volume.missing();
    for candidate in &oldest_first {
        if freed >= missing {
            break;
        }
        if chosen.insert(candidate.id) {
            freed = freed.saturating_add(candidate.bytes);
        }
    }
    let chosen = oldest_first.iter().filter(|candidate| chosen.contains(&candidate.id));
    let remove = chosen.take(count_max).map(|candidate| candidate.id).collect();
    Choice { remove, short: missing.saturating_sub(freed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(n: u8) -> SegmentId {
        SegmentId::from_bytes([n; 16])
    }

    fn stream(n: u8) -> StreamId {
        StreamId::from_bytes([n; 16])
    }

    fn candidate(id: u8, of: u8, start: i64, bytes: u64) -> Candidate {
        let start = WallTime::from_micros(start);
        Candidate { id: segment(id), stream: stream(of), start, bytes }
    }

    fn budget(of: u8, bytes_max: Option<u64>, bytes: u64) -> StreamBudget {
        StreamBudget { stream: stream(of), bytes_max, bytes }
    }

    fn chosen(volume: VolumeBudget, streams: &[StreamBudget], all: &[Candidate]) -> (String, u64) {
        let choice = choose(volume, streams, all, 100);
        let names: Vec<_> = choice.remove.iter().map(|id| id.as_bytes()[0].to_string()).collect();
        (names.join(" "), choice.short)
    }

    #[test]
    fn oldest_first_by_the_streams_limit_then_by_the_volumes() {
        let all = [
            candidate(3, 1, 30, 100),
            candidate(1, 1, 10, 100),
            candidate(2, 2, 20, 100),
            candidate(4, 2, 40, 100),
        ];
        let streams = |max| [budget(1, max, 250), budget(2, None, 250)];
        let free =
            |available, keep_free| VolumeBudget { available, keep_free, ..Default::default() };
        for (volume, max, expected, short) in [
            (free(1000, 10), None, "", 0),
            (free(1000, 10), Some(250), "", 0),
            (free(1000, 10), Some(200), "1", 0),
            (free(1000, 10), Some(100), "1 3", 0),
            (free(0, 150), None, "1 2", 0),
            // What the stream's limit frees counts for the volume.
            (free(0, 150), Some(100), "1 3", 0),
            (free(0, 250), Some(100), "1 2 3", 0),
            (free(0, 1000), None, "1 2 3 4", 600),
            (VolumeBudget { leaving: 100, ahead: 50, keep_free: 100, available: 0 }, None, "1", 0),
        ] {
            let expected = (expected.to_owned(), short);
            assert_eq!(chosen(volume, &streams(max), &all), expected, "{volume:?} {max:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_goes_without_need_and_nothing_younger_before_older(
            sizes in prop::collection::vec((1u8..4, 1u64..100), 0..30),
            keep_free in 0u64..2000,
        ) {
            let all: Vec<_> = sizes
                .iter()
                .enumerate()
                .map(|(n, (of, bytes))| candidate(n as u8, *of, n as i64, *bytes))
                .collect();
            let volume = VolumeBudget { keep_free, ..Default::default() };
            let choice = choose(volume, &[], &all, usize::MAX);
            let freed: u64 = all[..choice.remove.len()].iter().map(|c| c.bytes).sum();
            for (at, id) in choice.remove.iter().enumerate() {
                prop_assert_eq!(*id, segment(at as u8));
            }
            prop_assert!(freed + choice.short >= keep_free);
            if let Some(last) = choice.remove.len().checked_sub(1) {
                prop_assert!(freed - all[last].bytes < keep_free);
            }
        }
    }
}
