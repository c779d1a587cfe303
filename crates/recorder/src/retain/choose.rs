//! Which segments have to go so that the rules hold. Pure: deletion and forecast both ask it.
//!
//! Whole segments go, oldest first. When rules collide: what is protected stays, whatever else
//! holds; what was deleted by hand goes; what is older than `max_days` goes (it may be the law);
//! what is over `max_bytes` goes; then, for `keep_free`, the oldest of the volume goes, and only
//! when nothing else is left what `min_days` asks to stay.

use std::collections::BTreeMap;

use base::{StreamId, WallTime};
use config::Keep;

/// `max_days` and `min_days` count days of 24 hours, from the end of a segment to now.
pub const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// A sealed segment that may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its stream.
    pub stream: StreamId,
    /// Its first instant.
    pub start: WallTime,
    /// The first instant after it.
    pub end: WallTime,
    /// What its file takes on the disk.
    pub bytes: u64,
    /// Whether it lies on the volume in question. Others count for their stream's `max_bytes`, and
    /// go there.
    pub here: bool,
    /// What a person said about it.
    pub hold: Hold,
}

/// What a person said about a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nothing.
    None,
    /// It is protected.
    Protected,
    /// All of it was deleted by hand.
    Deleted,
}

/// What one stream may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamBudget {
    /// The stream.
    pub stream: StreamId,
    /// Its limits.
    pub keep: Keep,
    /// Bytes that it has now on all volumes: growing segments too, without what is protected or
    /// on its way out.
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
    /// Bytes that are to become free.
    pub fn missing(&self) -> u64 {
        let wanted = self.keep_free.saturating_add(self.ahead);
        wanted.saturating_sub(self.available.saturating_add(self.leaving))
    }

    /// The same, of a volume where nothing needs to become free.
    pub fn without_need(self) -> Self {
        Self { keep_free: 0, ahead: 0, ..self }
    }
}

/// Why a segment goes; in the order in which they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A person deleted it.
    Deleted,
    /// It is older than `max_days`.
    MaxDays,
    /// Its stream has more than `max_bytes`.
    MaxBytes,
    /// The volume must keep space free.
    KeepFree,
    /// The same, and nothing was left but what `min_days` asks to stay.
    MinDays,
}

/// What is to go.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Choice {
    /// Places in the list of candidates, in the order in which they go.
    pub remove: Vec<(usize, Why)>,
    /// Bytes that still miss on the volume when all of them are gone; 0 while there may be more to
    /// remove.
    pub short: u64,
    /// Whether as many were chosen as may be: there may be more.
    pub more: bool,
}

/// Chooses what has to go as of `now`, at most `count_max` segments, of `candidates` in any order:
/// of each stream at least its `count_max` oldest.
pub fn choose(
    now: WallTime,
    volume: VolumeBudget,
    streams: &[StreamBudget],
    candidates: &[Candidate],
    count_max: usize,
) -> Choice {
    let mut choosing = Choosing::new(now, volume, streams, candidates, count_max);
    for why in [Why::Deleted, Why::MaxDays, Why::MaxBytes, Why::KeepFree, Why::MinDays] {
        choosing.pass(why);
    }
    let Choosing { remove, missing, freed, .. } = choosing;
    let more = remove.len() >= count_max;
    let short = if more { 0 } else { missing.saturating_sub(freed) };
    Choice { remove, short, more }
}

struct Choosing<'a> {
    now: WallTime,
    candidates: &'a [Candidate],
    /// Places of those that are not protected, oldest first.
    left: Vec<usize>,
    keeps: BTreeMap<StreamId, Keep>,
    /// By stream, bytes over its `max_bytes`.
    over: BTreeMap<StreamId, u64>,
    missing: u64,
    freed: u64,
    remove: Vec<(usize, Why)>,
    count_max: usize,
}

impl<'a> Choosing<'a> {
    fn new(
        now: WallTime,
        volume: VolumeBudget,
        streams: &[StreamBudget],
        candidates: &'a [Candidate],
        count_max: usize,
    ) -> Self {
        let free = |at: &usize| candidates[*at].hold != Hold::Protected;
        let mut left: Vec<usize> = (0..candidates.len()).filter(free).collect();
        left.sort_by_key(|at| (candidates[*at].start, *at));
        let over = |s: &StreamBudget| {
            Some((s.stream, s.bytes.saturating_sub(s.keep.max_bytes?)))
                .filter(|(_, over)| *over > 0)
        };
        Self {
            now,
            candidates,
            left,
            keeps: streams.iter().map(|s| (s.stream, s.keep)).collect(),
            over: streams.iter().filter_map(over).collect(),
            missing: volume.missing(),
            freed: 0,
            remove: Vec::new(),
            count_max,
        }
    }

    /// Takes what goes for one reason, oldest first.
    fn pass(&mut self, why: Why) {
        for at in std::mem::take(&mut self.left) {
            let candidate = &self.candidates[at];
            if self.remove.len() >= self.count_max || !self.goes(candidate, why) {
                self.left.push(at);
                continue;
            }
            if let Some(over) = self.over.get_mut(&candidate.stream) {
                *over = over.saturating_sub(candidate.bytes);
            }
            if candidate.here {
                self.freed = self.freed.saturating_add(candidate.bytes);
                self.remove.push((at, why));
            }
        }
    }

    fn goes(&self, candidate: &Candidate, why: Why) -> bool {
        let keep = self.keeps.get(&candidate.stream).copied().unwrap_or_default();
        let older_than = |days: u32| {
            self.now.micros_since(candidate.end) >= i64::from(days).saturating_mul(DAY_MICROS)
        };
        let is_missing = candidate.here && self.freed < self.missing;
        match why {
            Why::Deleted => candidate.hold == Hold::Deleted,
            Why::MaxDays => keep.max_days.is_some_and(older_than),
            Why::MaxBytes => self.over.get(&candidate.stream).is_some_and(|over| *over > 0),
            Why::KeepFree => is_missing && keep.min_days.is_none_or(older_than),
            Why::MinDays => is_missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream(n: u8) -> StreamId {
        StreamId::from_bytes([n; 16])
    }

    fn days(days: i64) -> WallTime {
        WallTime::from_micros(days * DAY_MICROS)
    }

    /// A segment of a tenth of a day that ends `age` days before the 100th.
    fn aged(of: u8, age: i64) -> Candidate {
        let end = days(100 - age);
        let start = end.plus_micros(-DAY_MICROS / 10);
        Candidate { stream: stream(of), start, end, bytes: 100, here: true, hold: Hold::None }
    }

    fn budget(of: u8, keep: Keep, bytes: u64) -> StreamBudget {
        StreamBudget { stream: stream(of), keep, bytes }
    }

    fn missing(keep_free: u64) -> VolumeBudget {
        VolumeBudget { keep_free, ..VolumeBudget::default() }
    }

    fn at_100(volume: VolumeBudget, streams: &[StreamBudget], all: &[Candidate]) -> Choice {
        choose(days(100), volume, streams, all, 1000)
    }

    fn places(choice: &Choice) -> Vec<usize> {
        choice.remove.iter().map(|(at, _)| *at).collect()
    }

    #[test]
    fn when_rules_collide_each_gives_way_to_the_one_above_it() {
        let all = [
            Candidate { hold: Hold::Protected, ..aged(1, 50) },
            aged(1, 40),
            aged(2, 30),
            aged(1, 20),
            aged(2, 10),
            Candidate { hold: Hold::Deleted, ..aged(2, 1) },
        ];
        let keep = Keep { max_days: Some(35), max_bytes: None, min_days: Some(15) };
        let streams = [budget(1, keep, 300), budget(2, Keep { min_days: Some(20), ..keep }, 300)];
        let gone = |volume| places(&at_100(volume, &streams, &all));
        assert_eq!(gone(missing(0)), [5, 1], "by hand, then by age, with all the space there is");
        assert_eq!(gone(missing(200)), [5, 1]);
        assert_eq!(gone(missing(300)), [5, 1, 2]);
        assert_eq!(gone(missing(400)), [5, 1, 2, 3]);
        assert_eq!(gone(missing(500)), [5, 1, 2, 3, 4], "min_days gives way last");
        let last = at_100(missing(600), &streams, &all);
        assert_eq!((places(&last).len(), last.short), (5, 100), "what is protected stays");
        assert_eq!(last.remove.last(), Some(&(4, Why::MinDays)));
    }

    #[test]
    fn a_streams_bytes_count_on_all_volumes_and_its_oldest_go_wherever_they_are() {
        let keep = Keep { max_bytes: Some(250), ..Keep::default() };
        let elsewhere = Candidate { here: false, ..aged(1, 9) };
        let all = [aged(1, 8), elsewhere, aged(1, 7), aged(2, 10)];
        let gone = |bytes| places(&at_100(missing(0), &[budget(1, keep, bytes)], &all));
        assert_eq!(gone(250), [0usize; 0]);
        assert_eq!(gone(300), [0usize; 0], "the oldest is on another volume, and goes there");
        assert_eq!(gone(400), [0]);
        assert_eq!(gone(500), [0, 2]);
    }

    #[test]
    fn what_is_on_its_way_out_counts_as_free() {
        let all = [aged(1, 3), aged(1, 2)];
        let volume = VolumeBudget { available: 10, leaving: 90, keep_free: 100, ahead: 100 };
        assert_eq!(places(&at_100(volume, &[], &all)), [0]);
        let some = choose(days(100), missing(1000), &[], &all, 1);
        assert_eq!((places(&some), some.more, some.short), (vec![0], true, 0));
    }

    #[test]
    fn days_count_from_the_end_of_a_segment() {
        let keep = Keep { max_days: Some(2), ..Keep::default() };
        let end = |end: WallTime| Candidate { end, ..aged(1, 9) };
        let all = [end(days(98)), end(days(98).plus_micros(1))];
        assert_eq!(places(&at_100(missing(0), &[budget(1, keep, 0)], &all)), [0]);
    }

    fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (1u8..4, 0i64..60, 1u64..100, 0u8..10, prop::bool::weighted(0.9));
        prop::collection::vec(one, 0..40).prop_map(|all| {
            let candidate = |(of, age, bytes, hold, here)| Candidate {
                bytes,
                here,
                hold: match hold {
                    0 => Hold::Protected,
                    1 => Hold::Deleted,
                    _ => Hold::None,
                },
                ..aged(of, age)
            };
            all.into_iter().map(candidate).collect()
        })
    }

    fn keeps() -> impl Strategy<Value = Keep> {
        let bytes = prop::option::of(0u64..2000);
        (bytes, prop::option::of(20u32..60), prop::option::of(1u32..20))
            .prop_map(|(max_bytes, max_days, min_days)| Keep { max_bytes, max_days, min_days })
    }

    proptest! {
        /// The order of removal, for any footage and any rules.
        #[test]
        fn the_order_holds_whatever_there_is(
            all in candidates(),
            keeps in prop::collection::vec(keeps(), 3),
            keep_free in 0u64..4000,
        ) {
            let of = |n: u8| all.iter().filter(move |c| c.stream == stream(n));
            let bytes = |n: u8| of(n).filter(|c| c.hold != Hold::Protected).map(|c| c.bytes).sum();
            let budgets: Vec<StreamBudget> =
                (1u8..4).zip(&keeps).map(|(n, keep)| budget(n, *keep, bytes(n))).collect();
            let choice = at_100(missing(keep_free), &budgets, &all);
            let why = |at: usize| choice.remove.iter().find(|(gone, _)| *gone == at).map(|g| g.1);
            let freed: u64 = choice.remove.iter().map(|(at, _)| all[*at].bytes).sum();
            prop_assert_eq!(choice.short, keep_free.saturating_sub(freed));
            let keep = |c: &Candidate| keeps[usize::from(c.stream.as_bytes()[0]) - 1];
            let age = |c: &Candidate| days(100).micros_since(c.end) / DAY_MICROS;
            for (at, candidate) in all.iter().enumerate() {
                let (keep, age) = (keep(candidate), age(candidate));
                let too_old = keep.max_days.is_some_and(|max| age >= i64::from(max));
                if candidate.hold == Hold::Protected || !candidate.here {
                    prop_assert!(why(at).is_none(), "protected, or not here");
                } else if too_old || candidate.hold == Hold::Deleted {
                    prop_assert!(why(at).is_some(), "too old, or deleted by hand");
                } else if why(at).is_none() {
                    // What stayed is younger than all that went for the same reason.
                    let asked = keep.min_days.is_some_and(|min| age < i64::from(min));
                    for (gone, reason) in &choice.remove {
                        let (gone, same) = (&all[*gone], all[*gone].stream == candidate.stream);
                        let in_order = gone.start <= candidate.start;
                        match reason {
                            Why::MaxBytes if same => prop_assert!(in_order),
                            Why::KeepFree if !asked => prop_assert!(in_order),
                            Why::MinDays => {
                                prop_assert!(in_order);
                                prop_assert!(asked);
                            }
                            _ => {}
                        }
                    }
                }
            }
            // Nothing goes for space that is not needed.
            let for_space = |w: &Why| matches!(w, Why::KeepFree | Why::MinDays);
            if let Some((last, _)) = choice.remove.iter().rev().find(|(_, w)| for_space(w)) {
                prop_assert!(freed - all[*last].bytes < keep_free);
            }
            // No stream is left with more than it may have, as far as it can be helped here.
            for (budget, n) in budgets.iter().zip(1u8..4) {
                let gone: u64 = choice.remove.iter().map(|(at, _)| &all[*at])
                    .filter(|c| c.stream == stream(n)).map(|c| c.bytes).sum();
                let elsewhere: u64 = of(n).filter(|c| !c.here && c.hold != Hold::Protected)
                    .map(|c| c.bytes).sum();
                let most = budget.keep.max_bytes.unwrap_or(u64::MAX);
                prop_assert!(budget.bytes - gone <= most.saturating_add(elsewhere));
            }
        }
    }
}
