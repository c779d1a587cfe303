//! The timestamps of a clip: a text for each second of the clock on the wall, an empty one over
//! each gap. None of them is held: each is worked out from its number.

use std::ops::Range;

use base::{Ticks, Timescale, WallTime};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use media::index::nearest_ticks;

use crate::gaps;
use crate::names::local;
use crate::part::Part;
use crate::slices::in_memory;

/// Ticks a second: those of pictures, so that a text stands with the picture of its instant.
pub(crate) const SCALE: Timescale = Timescale::VIDEO;
const SECOND: i64 = SCALE.hertz() as i64;
/// A length of 16 bits, and that many bytes of text (3GPP TS 26.245 clause 5.17).
const TEXT_BYTES: u64 = 2 + 26;
const EMPTY_BYTES: u64 = 2;

/// All timestamps of a clip.
#[derive(Debug)]
pub(crate) struct Texts {
    zone: TimeZone,
    stretches: Vec<Stretch>,
    /// Numbers of the empty ones.
    empty: Vec<u64>,
    /// The first one of each part, and how many there are.
    parts: Vec<u64>,
}

/// Timestamps that follow one another second by second, or one that is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    /// The number of its first one.
    first: u64,
    /// Ticks since 1970 on the wall's clock.
    from: i64,
    to: i64,
    is_gap: bool,
}

impl Stretch {
    fn count(&self) -> u64 {
        if self.is_gap {
            return 1;
        }
        let end = self.to.saturating_add(SECOND - 1).div_euclid(SECOND);
        u64::try_from(end - self.from.div_euclid(SECOND)).unwrap_or(0)
    }

    /// When a timestamp of it begins.
    fn start(&self, number: u64) -> i64 {
        match i64::try_from(number - self.first).unwrap_or(i64::MAX) {
            0 => self.from,
            after => (self.from.div_euclid(SECOND).saturating_add(after)).saturating_mul(SECOND),
        }
    }

    /// The first timestamp that begins at `at` or later.
    fn first_from(&self, at: i64) -> u64 {
        if at <= self.from {
            return self.first;
        }
        let seconds = at.saturating_add(SECOND - 1).div_euclid(SECOND);
        let after = u64::try_from(seconds - self.from.div_euclid(SECOND)).unwrap_or(0);
        self.first + after.min(self.count())
    }
}

/// Footage of the same distance to the wall's clock without a gap in it.
struct Footage {
    from: WallTime,
    to: WallTime,
    moved: i64,
}

/// What of the footage is shown, between gaps.
fn footage(parts: &[Part], shown: (WallTime, WallTime)) -> Vec<Footage> {
    let mut all: Vec<Footage> = Vec::new();
    for part in parts {
        let (from, to) = extent(part);
        let (from, to, moved) = (from.max(shown.0), to.min(shown.1), part.moved);
        if from >= to {
            continue;
        }
        match all.last_mut() {
            Some(last) if last.moved == moved && !gaps::is_gap(last.to, from) => {
                last.to = last.to.max(to);
            }
            _ => all.push(Footage { from, to, moved }),
        }
    }
    all
}

/// From the first to the last sample of a part. At the ends of a clip it may be shown by sound
/// alone, of which its row knows nothing; there its index is held.
fn extent(part: &Part) -> (WallTime, WallTime) {
    let Some(index) = part.index.as_ref().filter(|_| !part.whole) else { return part.span };
    let times = part.takes.iter().flat_map(|take| {
        let times = index.tracks[take.track].times();
        times.skip(take.samples.start).take(take.samples.len()).map(|time| time.wall)
    });
    times.fold(part.span, |(from, to), at| (from.min(at), to.max(at.plus_micros(1))))
}

impl Texts {
    /// Of a clip of so many ticks whose time 0 is `shown.0`, and which ends at `shown.1`, both on
    /// the wall's clock.
    pub fn new(zone: TimeZone, parts: &[Part], shown: (WallTime, WallTime), duration: i64) -> Self {
        let ticks = |at: WallTime| nearest_ticks(SCALE, at.as_micros()).0;
        let mut all: Vec<Stretch> = Vec::new();
        let mut first = 0;
        let (mut begin, mut moved_before) = (0, 0);
        for (number, footage) in footage(parts, shown).into_iter().enumerate() {
            let moved = nearest_ticks(SCALE, footage.moved).0;
            let (from, to) = (ticks(footage.from), ticks(footage.to));
            let from = if number == 0 { ticks(shown.0) } else { from };
            begin = if number == 0 { from + moved } else { begin };
            if let Some(last) = all.last_mut() {
                // What is left of the gap; squeezed, and rounded, it may be nothing or less.
                let gap = (from + moved) - (last.to + moved_before);
                last.to = (last.to + gap.min(0)).max(last.from + 1);
                first = last.first + last.count();
                let end = last.to;
                if gap > 0 {
                    all.push(Stretch { first, from: end, to: end + gap, is_gap: true });
                    first += 1;
                }
            }
            moved_before = moved;
            all.push(Stretch { first, from, to: to.max(from + 1), is_gap: false });
        }
        if let Some(last) = all.last_mut() {
            last.to = (begin + duration - moved_before).max(last.from + 1);
        }
        let empty = all.iter().filter(|stretch| stretch.is_gap).map(|gap| gap.first).collect();
        let mut texts = Self { zone, stretches: all, empty, parts: Vec::new() };
        let count = texts.stretches.last().map_or(0, |last| last.first + last.count());
        let begins = parts.iter().enumerate().map(|(number, part)| match number {
            0 => 0,
            _ => texts.first_from(ticks(part.span.0)),
        });
        let mut least = 0;
        let mut begins: Vec<u64> = begins
            .map(|begin| {
                least = begin.max(least);
                least
            })
            .collect();
        begins.push(count);
        texts.parts = begins;
        texts
    }

    pub fn count(&self) -> u64 {
        self.parts.last().copied().unwrap_or(0)
    }

    /// Those that stand among the samples of a part.
    pub fn of_part(&self, part: usize) -> Range<u64> {
        self.parts[part]..self.parts[part + 1]
    }

    /// How many bytes some of them have.
    pub fn bytes(&self, numbers: Range<u64>) -> u64 {
        let before = |number| self.empty.partition_point(|empty| *empty < number) as u64;
        let empty = before(numbers.end) - before(numbers.start);
        (numbers.end - numbers.start - empty) * TEXT_BYTES + empty * EMPTY_BYTES
    }

    /// A range of the bytes of the table of sizes: 4 for each.
    pub fn sizes(&self, within: Range<u64>) -> Vec<u8> {
        let numbers = within.start / 4..within.end.div_ceil(4);
        let sizes = numbers.clone().flat_map(|number| {
            let size = self.bytes(number..number + 1);
            (size as u32).to_be_bytes()
        });
        let skip = within.start - numbers.start * 4;
        let within = in_memory(skip..skip + within.end - within.start);
        sizes.skip(within.start).take(within.len()).collect()
    }

    /// When one begins, on the wall's clock.
    pub fn start(&self, number: u64) -> WallTime {
        let start = self.stretch(number).map_or(0, |stretch| stretch.start(number));
        WallTime::from_micros(SCALE.to_micros(Ticks(start)))
    }

    /// The sample of one.
    pub fn sample(&self, number: u64) -> Vec<u8> {
        if self.empty.binary_search(&number).is_ok() {
            return vec![0; in_memory(0..EMPTY_BYTES).len()];
        }
        let text = local(self.start(number), &self.zone);
        [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat()
    }

    /// Runs of equal durations: count and ticks.
    pub fn durations(&self) -> Vec<(u64, i64)> {
        let mut runs: Vec<(u64, i64)> = Vec::new();
        let mut push = |count: u64, ticks: i64| match runs.last_mut() {
            _ if count == 0 => {}
            Some(last) if last.1 == ticks => last.0 += count,
            _ => runs.push((count, ticks)),
        };
        for stretch in &self.stretches {
            let count = stretch.count();
            if stretch.is_gap || count < 2 {
                push(1, stretch.to - stretch.from);
                continue;
            }
            push(1, stretch.start(stretch.first + 1) - stretch.from);
            push(count - 2, SECOND);
            push(1, stretch.to - stretch.start(stretch.first + count - 1));
        }
        runs
    }

    /// Everything that its samples follow from, beside the instants: how far the zone is from UTC,
    /// whose rules may be known better one day.
    pub fn hash(&self, hash: &mut blake3::Hasher) {
        let at = |ticks: i64| Timestamp::from_microsecond(SCALE.to_micros(Ticks(ticks)));
        let ends = self.stretches.first().zip(self.stretches.last());
        let ends = ends.and_then(|(first, last)| at(first.from).ok().zip(at(last.to).ok()));
        let Some((from, to)) = ends else { return };
        hash.update(&self.zone.to_offset(from).seconds().to_be_bytes());
        let changes = self.zone.following(from).take_while(|change| change.timestamp() < to);
        for change in changes {
            hash.update(&change.timestamp().as_microsecond().to_be_bytes());
            hash.update(&change.offset().seconds().to_be_bytes());
        }
        for stretch in &self.stretches {
            hash.update(&stretch.from.to_be_bytes()).update(&stretch.to.to_be_bytes());
        }
        self.parts.iter().for_each(|first| {
            hash.update(&first.to_be_bytes());
        });
    }

    fn first_from(&self, at: i64) -> u64 {
        let next = self.stretches.partition_point(|stretch| stretch.from < at);
        match next.checked_sub(1) {
            Some(own) => self.stretches[own].first_from(at),
            None => 0,
        }
    }

    fn stretch(&self, number: u64) -> Option<&Stretch> {
        let next = self.stretches.partition_point(|stretch| stretch.first <= number);
        self.stretches.get(next.checked_sub(1)?)
    }
}
