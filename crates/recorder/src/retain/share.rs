//! How the space of a volume is shared, and how far back each stream will reach. Pure.
//!
//! What no rule assigns is shared in proportion to measured rates: for the oldest of the whole
//! volume goes first, all streams without limits of their own come to reach equally far back. The
//! forecast imagines ten years of footage at today's rates and asks [`choose`] what of it would
//! have to go: it cannot differ from what deletion does.

use std::time::Duration;

use base::{StreamId, WallTime};
use config::Keep;

use super::choose::{Candidate, Hold, StreamBudget, VolumeBudget, choose};

/// Nobody is told of more than ten years.
const AGE_MAX_MICROS: i64 = 10 * 365 * 24 * 3600 * 1_000_000;
/// Imagined footage is cut into pieces of this length while it is young …
const PIECE_MICROS: i64 = 36 * 1_000_000;
/// … and into ones of this part of its age when it is older: so precise is the forecast.
const PIECE_PART: i64 = 100;

/// A stream that is recorded on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharer {
    /// The stream.
    pub stream: StreamId,
    /// Its limits.
    pub keep: Keep,
    /// Bytes a second that it writes, as measured.
    pub bytes_per_second: u64,
}

/// What a stream will come to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The stream.
    pub stream: StreamId,
    /// Bytes of its footage, once the volume is full or its limits are reached; `u64::MAX` never
    /// stands here: it is bounded by ten years at its rate.
    pub bytes: u64,
    /// How far back that reaches, to about one percent; ten years for any more. Zero where the
    /// volume has no room.
    pub reaches_back: Duration,
}

/// Shares `capacity` bytes (what footage that is not protected may take) among `streams`. A stream
/// that writes nothing has no share.
pub fn share(capacity: u64, streams: &[Sharer]) -> Vec<Share> {
    let ages = ages();
    let writing: Vec<&Sharer> = streams.iter().filter(|s| s.bytes_per_second > 0).collect();
    let now = WallTime::from_micros(AGE_MAX_MICROS);
    let mut imagined = Vec::with_capacity(writing.len() * ages.len());
    let mut budgets = Vec::with_capacity(writing.len());
    let mut all = 0u64;
    for sharer in &writing {
        let first = imagined.len();
        for pair in ages.windows(2) {
            imagined.push(Candidate {
                stream: sharer.stream,
                start: now.plus_micros(-pair[1]),
                end: now.plus_micros(-pair[0]),
                bytes: bytes(sharer.bytes_per_second, pair[1] - pair[0]),
                here: true,
                hold: Hold::None,
            });
        }
        let bytes: u64 = imagined[first..].iter().map(|piece| piece.bytes).sum();
        budgets.push(StreamBudget { stream: sharer.stream, keep: sharer.keep, bytes });
        all = all.saturating_add(bytes);
    }
    let too_much = VolumeBudget { keep_free: all.saturating_sub(capacity), ..Default::default() };
    let mut gone = vec![false; imagined.len()];
    for (at, _) in choose(now, too_much, &budgets, &imagined, usize::MAX).remove {
        gone[at] = true;
    }
    let pieces = ages.len() - 1;
    let left = |number: usize| {
        let own = number * pieces..(number + 1) * pieces;
        own.filter(|at| !gone[*at]).map(|at| &imagined[at])
    };
    let shares = writing.iter().enumerate().map(|(number, sharer)| Share {
        stream: sharer.stream,
        bytes: left(number).map(|piece| piece.bytes).sum(),
        reaches_back: left(number).map(|piece| now.since(piece.start)).max().unwrap_or_default(),
    });
    shares.collect()
}

/// Where imagined footage is cut, by age.
fn ages() -> Vec<i64> {
    let mut ages = vec![0];
    let mut age = 0;
    while age < AGE_MAX_MICROS {
        age = (age + PIECE_MICROS.max(age / PIECE_PART)).min(AGE_MAX_MICROS);
        ages.push(age);
    }
    ages
}

fn bytes(per_second: u64, micros: i64) -> u64 {
    let bytes = u128::from(per_second) * u128::from(micros.unsigned_abs()) / 1_000_000;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: u64 = 24 * 3600;

    fn sharer(n: u8, bytes_per_second: u64, keep: Keep) -> Sharer {
        Sharer { stream: StreamId::from_bytes([n; 16]), keep, bytes_per_second }
    }

    fn days(share: &Share) -> f64 {
        share.reaches_back.as_secs_f64() / DAY as f64
    }

    fn about(days: f64, wanted: f64) -> bool {
        (days - wanted).abs() <= wanted * 0.03
    }

    #[test]
    fn streams_without_limits_reach_equally_far_whatever_they_write() {
        let streams = [sharer(1, 500_000, Keep::default()), sharer(2, 50_000, Keep::default())];
        let shares = share(550_000 * DAY * 21, &streams);
        assert!(shares.iter().all(|share| about(days(share), 21.0)), "{shares:?}");
        assert!(about(shares[0].bytes as f64, shares[1].bytes as f64 * 10.0), "{shares:?}");
    }

    #[test]
    fn what_limits_leave_goes_to_the_others() {
        let bytes = Keep { max_bytes: Some(500_000 * DAY * 5), ..Keep::default() };
        let old = Keep { max_days: Some(3), ..Keep::default() };
        let streams = [
            sharer(1, 500_000, bytes),
            sharer(2, 500_000, old),
            sharer(3, 100_000, Keep::default()),
        ];
        let shares = share(500_000 * DAY * 8 + 100_000 * DAY * 40, &streams);
        let reach: Vec<f64> = shares.iter().map(days).collect();
        assert!(about(reach[0], 5.0) && about(reach[1], 3.0) && about(reach[2], 40.0), "{reach:?}");
    }

    #[test]
    fn least_days_take_from_those_that_asked_for_none() {
        let least = Keep { min_days: Some(30), ..Keep::default() };
        let streams = [sharer(1, 100_000, least), sharer(2, 100_000, Keep::default())];
        let reach = |capacity| -> Vec<f64> { share(capacity, &streams).iter().map(days).collect() };
        let found = reach(100_000 * DAY * 40);
        assert!(about(found[0], 30.0) && about(found[1], 10.0), "{found:?}");
        let found = reach(100_000 * DAY * 20);
        assert!(about(found[0], 20.0) && found[1] < 0.1, "{found:?}");
        assert!(reach(0).iter().all(|days| *days < 0.1));
    }

    #[test]
    fn nobody_is_told_of_more_than_ten_years() {
        let shares =
            share(u64::MAX, &[sharer(1, 1, Keep::default()), sharer(2, 0, Keep::default())]);
        assert_eq!(shares.len(), 1, "one that writes nothing has no share");
        assert_eq!(shares[0].reaches_back.as_secs(), 3650 * DAY);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn shares_fit_and_leave_nothing_that_somebody_could_use(
            streams in prop::collection::vec(
                (1u64..1_000_000, prop::option::of(1u64..1 << 40), prop::option::of(1u32..400),
                 prop::option::of(1u32..40)), 1..5),
            capacity in 0u64..1 << 42,
        ) {
            let streams: Vec<Sharer> = streams.iter().enumerate().map(|(n, of)| {
                let keep = Keep { max_bytes: of.1, max_days: of.2, min_days: of.3 };
                sharer(n as u8, of.0, keep)
            }).collect();
            let shares = share(capacity, &streams);
            let used: u64 = shares.iter().map(|share| share.bytes).sum();
            prop_assert!(used <= capacity);
            for (share, sharer) in shares.iter().zip(&streams) {
                prop_assert!(share.bytes <= sharer.keep.max_bytes.unwrap_or(u64::MAX));
                let days = u64::from(sharer.keep.max_days.unwrap_or(3650));
                // A piece that only begins before its limit stays.
                prop_assert!(share.reaches_back.as_secs() <= days * DAY * 102 / 100 + 36);
                // A stream that no limit of its own holds back uses what there is.
                let full = sharer.keep.max_bytes.is_none() && sharer.keep.max_days.is_none()
                    && share.reaches_back.as_secs() < 3650 * DAY;
                let oldest = shares.iter().map(|share| share.reaches_back.as_secs()).max();
                let piece = oldest.unwrap_or(0).div_ceil(PIECE_PART as u64).max(36) + 1;
                let rates: u64 = streams.iter().map(|s| s.bytes_per_second).sum();
                if full {
                    prop_assert!(capacity - used <= rates.saturating_mul(2 * piece));
                }
            }
        }
    }
}
