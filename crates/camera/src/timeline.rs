//! From RTP timestamps to positions on one unbroken line: pure.
//!
//! A timestamp has 32 bits, starts anywhere and wraps (RFC 3550 section 5.1). Cameras repeat
//! timestamps, step back, start with zeros and jump when their clock is set. What fits the line
//! is taken as it stands; what does not is placed by its time of arrival, and when the timestamps
//! that follow go on from there, the line goes on with them.

use std::collections::VecDeque;
use std::time::Duration;

use base::MonoTime;

/// A frame may be presented this long before one that came earlier (B-frames).
const REORDER_SECONDS: i64 = 1;
/// Media may run ahead of its arrival by this much before it is called a jump.
const AHEAD_SECONDS: i64 = 2;
/// A timestamp that stands still for longer than this is not believed.
const STUCK: Duration = Duration::from_secs(1);
/// What comes is read in ticks, several frames at one instant: a frame that is placed by arrival
/// may stand so long before it, one usual distance behind the frame before. More than the longest
/// tick.
const BATCH: Duration = Duration::from_millis(300);
/// Positions that are remembered, to tell a repeated one from a reordered one.
const RECENT_MAX: usize = 32;

/// The line of one track of one run. Positions are in the ticks of the RTP clock; the first frame
/// stands at 0.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    hertz: i64,
    order: Order,
    line: Option<Line>,
}

/// In which order the frames of a track are presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// A frame may be presented before one that came earlier: B-frames.
    Any,
    /// As they come; what steps back is a clock that was set.
    Rising,
    /// As they come, and times may overlap a little: audio.
    Sound,
}

#[derive(Clone, Debug)]
struct Line {
    base: Base,
    /// Where timestamps that did not fit would go on, if the next one bears them out.
    candidate: Option<Base>,
    /// The furthest position so far, and when its frame came.
    furthest: i64,
    arrival: MonoTime,
    /// Of the last frame whose timestamp was taken as it stands: where it stands and when it came.
    trusted: Met,
    /// The same of the last one that came at an earlier instant than that: the last that is read
    /// in a tick is the least late.
    before: Met,
    /// The last timestamp, and when it was first seen.
    last: (u32, MonoTime),
    /// The usual distance of two frames.
    step: i64,
    recent: VecDeque<i64>,
}

/// A position, and when its frame came.
#[derive(Clone, Copy, Debug)]
struct Met {
    position: i64,
    arrival: MonoTime,
}

impl Met {
    /// Where a frame stands that comes now, if none is late.
    fn at(self, now: MonoTime, hertz: i64) -> i64 {
        self.position + ticks(now.micros_since(self.arrival), hertz)
    }
}

/// A timestamp and the position it stands for.
#[derive(Clone, Copy, Debug)]
struct Base {
    rtp: u32,
    position: i64,
}

impl Base {
    fn at(self, rtp: u32) -> i64 {
        self.position + i64::from(rtp.wrapping_sub(self.rtp).cast_signed())
    }
}

/// Where a frame stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// In ticks of the RTP clock since the track's first frame; no two frames share one.
    pub(crate) position: i64,
    /// How it was found.
    pub(crate) how: How,
}

/// How a place was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// The timestamp says so.
    Timestamp,
    /// The timestamp was one already taken; the next free position.
    Repeated,
    /// The timestamp says nothing; the time of arrival does.
    Arrival,
    /// The timestamp says so, on a line that a jump has moved by so many ticks.
    Moved(i64),
}

impl Timeline {
    /// A line for timestamps of `hertz` ticks a second.
    pub(crate) fn new(hertz: u32, order: Order) -> Self {
        Self { hertz: i64::from(hertz.max(1)), order, line: None }
    }

    /// From now on frames come in this order.
    pub(crate) fn set_order(&mut self, order: Order) {
        self.order = order;
    }

    /// The place of the next frame in the order of arrival.
    pub(crate) fn push(&mut self, rtp: u32, arrival: MonoTime) -> Place {
        let Some(line) = &mut self.line else {
            let base = Base { rtp, position: 0 };
            let met = Met { position: 0, arrival };
            self.line = Some(Line {
                base,
                candidate: None,
                furthest: 0,
                arrival,
                trusted: met,
                before: met,
                last: (rtp, arrival),
                step: 0,
                recent: VecDeque::from([0]),
            });
            return Place { position: 0, how: How::Timestamp };
        };
        let elapsed = ticks(arrival.micros_since(line.arrival), self.hertz);
        let back = match self.order {
            // It may be repeated.
            Order::Rising => 1,
            Order::Any | Order::Sound => REORDER_SECONDS * self.hertz,
        };
        let fits = |line: &Line, position: i64| {
            position > line.furthest - back
                && position <= line.furthest + elapsed + AHEAD_SECONDS * self.hertz
        };
        let by_arrival = line.by_arrival(arrival, self.hertz);
        let straight = line.base.at(rtp);
        let moved = line.candidate.map(|base| base.at(rtp)).filter(|at| fits(line, *at));
        let (wanted, how) = if line.is_stuck(rtp, arrival) {
            (by_arrival, How::Arrival)
        } else if fits(line, straight) {
            (straight, How::Timestamp)
        } else if let Some(moved) = moved {
            (moved, How::Moved(straight - moved))
        } else {
            line.candidate = Some(Base { rtp, position: by_arrival });
            (by_arrival, How::Arrival)
        };
        if how != How::Arrival {
            (line.base, line.candidate) = (Base { rtp, position: wanted }, None);
        }
        line.settle(wanted, how, arrival, self.order != Order::Any)
    }

    /// The position that `rtp` stands for, which no frame need have; `None` before the first
    /// frame.
    pub(crate) fn at(&self, rtp: u32) -> Option<i64> {
        self.line.as_ref().map(|line| line.base.at(rtp))
    }

    /// The usual distance of two frames, 0 while unknown.
    pub(crate) fn step(&self) -> i64 {
        self.line.as_ref().map_or(0, |line| line.step)
    }
}

impl Line {
    /// Whether timestamps have not moved for so long that arrival tells more.
    fn is_stuck(&mut self, rtp: u32, arrival: MonoTime) -> bool {
        if rtp != self.last.0 {
            self.last = (rtp, arrival);
        }
        arrival.since(self.last.1) > STUCK
    }

    /// Where a frame stands whose timestamp says nothing. It is reckoned from the last one that
    /// said something: reckoned from frame to frame, each of those that are read at one instant
    /// would be a distance later, and the line ahead of the time.
    fn by_arrival(&self, now: MonoTime, hertz: i64) -> i64 {
        let latest = self.trusted.at(now, hertz).max(self.before.at(now, hertz));
        let batch = ticks(BATCH.as_micros() as i64, hertz);
        let wanted = match self.step {
            0 => latest,
            step => (self.furthest + step).clamp(latest - batch, latest),
        };
        wanted.max(self.furthest + 1)
    }

    /// Takes the wanted position, or the next free one.
    fn settle(&mut self, wanted: i64, how: How, arrival: MonoTime, ordered: bool) -> Place {
        let mut position = if ordered { wanted.max(self.furthest + 1) } else { wanted };
        while self.recent.contains(&position) {
            position += 1;
        }
        if position > self.furthest {
            if how != How::Arrival && position == wanted {
                self.step = position - self.furthest;
            }
            self.furthest = position;
            self.arrival = arrival;
        }
        if how != How::Arrival && position == wanted {
            if arrival != self.trusted.arrival {
                self.before = self.trusted;
            }
            self.trusted = Met { position, arrival };
        }
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(position);
        let repeated = position != wanted && how == How::Timestamp;
        Place { position, how: if repeated { How::Repeated } else { how } }
    }
}

fn ticks(micros: i64, hertz: i64) -> i64 {
    let ticks = i128::from(micros.max(0)) * i128::from(hertz) / 1_000_000;
    i64::try_from(ticks).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HERTZ: u32 = 90_000;

    fn at(millis: i64) -> MonoTime {
        MonoTime::from_micros(millis * 1000)
    }

    /// Positions of frames with these timestamps that come every 40 ms.
    fn positions(timestamps: &[u32]) -> Vec<i64> {
        let mut line = Timeline::new(HERTZ, Order::Any);
        let place = |(i, rtp): (usize, &u32)| line.push(*rtp, at(40 * i as i64)).position;
        timestamps.iter().enumerate().map(place).collect()
    }

    #[test]
    fn timestamps_run_through_the_wrap() {
        let start = u32::MAX - 3599;
        assert_eq!(positions(&[start, 0, 3600, 7200]), [0, 3600, 7200, 10_800]);
    }

    #[test]
    fn reordered_frames_keep_their_times() {
        assert_eq!(positions(&[0, 10_800, 3600, 7200, 21_600]), [0, 10_800, 3600, 7200, 21_600]);
    }

    #[test]
    fn a_small_step_back_is_a_jump_where_nothing_is_reordered() {
        let timestamps: Vec<u32> =
            (0..40_u32).map(|n| 900_000 + n * 3600 - if n >= 20 { 45_000 } else { 0 }).collect();
        let mut line = Timeline::new(HERTZ, Order::Rising);
        let places =
            timestamps.iter().enumerate().map(|(n, rtp)| line.push(*rtp, at(40 * n as i64)));
        let places: Vec<Place> = places.collect();
        let positions: Vec<i64> = places.iter().map(|place| place.position).collect();
        assert_eq!(positions, (0..40).map(|n| n * 3600).collect::<Vec<_>>());
        assert_eq!((places[20].how, places[21].how), (How::Arrival, How::Moved(-45_000)));
        let mut line = Timeline::new(HERTZ, Order::Rising);
        line.push(0, at(0));
        line.push(3600, at(40));
        assert_eq!(line.push(3600, at(80)), Place { position: 3601, how: How::Repeated });
    }

    #[test]
    fn a_repeated_timestamp_gets_the_next_free_position() {
        let mut line = Timeline::new(HERTZ, Order::Any);
        line.push(0, at(0));
        line.push(3600, at(40));
        let repeated = line.push(3600, at(80));
        assert_eq!(repeated, Place { position: 3601, how: How::Repeated });
        assert_eq!(line.push(10_800, at(120)), Place { position: 10_800, how: How::Timestamp });
    }

    #[test]
    fn zeros_at_the_start_do_no_harm() {
        let jump = 4_000_000_000;
        let found = positions(&[0, 0, jump, jump + 3600, jump + 7200]);
        assert_eq!(found[3] - found[2], 3600);
        assert_eq!(found[4] - found[3], 3600);
        assert!(found[2] > 0 && found[2] < 2 * 3600 + 100, "{found:?}");
    }

    #[test]
    fn a_jump_is_placed_by_arrival_and_followed() {
        for jump in [1_000_000_000_u32, 3_000_000_000, 90_000 * 60] {
            let rtp: Vec<u32> = (0..10).map(|i| 3600 * i + if i >= 5 { jump } else { 0 }).collect();
            let want: Vec<i64> = (0..10).map(|i| 3600 * i).collect();
            assert_eq!(positions(&rtp), want, "jump of {jump}");
        }
    }

    #[test]
    fn a_single_wild_timestamp_moves_nothing_else() {
        let mut rtp: Vec<u32> = (0..10).map(|i| 3600 * i).collect();
        rtp[5] = 2_000_000_000;
        let want: Vec<i64> = (0..10).map(|i| 3600 * i).collect();
        assert_eq!(positions(&rtp), want);
    }

    #[test]
    fn a_clock_that_stands_still_is_replaced_by_arrival() {
        let found = positions(&[7; 100]);
        assert!(found.is_sorted_by(|a, b| a < b));
        let (last, want) = (found[99], 99 * 3600);
        assert!((last - want).abs() < 2 * i64::from(HERTZ), "{last} instead of {want}");
    }

    #[test]
    fn a_clock_that_stops_keeps_the_pace_of_arrival_however_many_frames_are_read_at_once() {
        for at_once in [1, 3, 5, 6] {
            for goes in [0, 100] {
                let mut line = Timeline::new(HERTZ, Order::Any);
                let mut places = Vec::new();
                for n in 0..1000 {
                    // All that came since the last tick, at its end.
                    let read = at((n / at_once + 1) * at_once * 40);
                    places.push(line.push(3600 * n.min(goes) as u32, read).position);
                }
                assert!(places.is_sorted_by(|a, b| a < b), "{at_once} at once");
                for n in (goes + 30)..1000 {
                    let off = (places[n as usize] - 3600 * n) / 90;
                    assert!((-340..=240).contains(&off), "{at_once} at once: {off} ms off at {n}");
                }
            }
        }
    }

    #[test]
    fn a_jump_between_frames_that_are_read_at_once_is_followed() {
        let mut line = Timeline::new(HERTZ, Order::Any);
        let found: Vec<i64> = (0..20)
            .map(|n| {
                let rtp = 3600 * n as u32 + if n >= 12 { 1_000_000_000 } else { 0 };
                line.push(rtp, at((n / 5 + 1) * 200)).position
            })
            .collect();
        assert_eq!(found, (0..20).map(|n| 3600 * n).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_wait_between_frames_is_no_jump() {
        let mut line = Timeline::new(HERTZ, Order::Any);
        line.push(0, at(0));
        let place = line.push(60 * HERTZ, at(60_100));
        assert_eq!(place, Place { position: 5_400_000, how: How::Timestamp });
    }

    proptest! {
        #[test]
        fn any_timestamps_give_distinct_positions_near_their_arrival(
            rtp in prop::collection::vec(prop_oneof![any::<u32>(), 0u32..9000], 1..120),
            order in prop_oneof![Just(Order::Any), Just(Order::Rising), Just(Order::Sound)],
        ) {
            let mut line = Timeline::new(HERTZ, order);
            let mut seen = Vec::new();
            for (i, rtp) in rtp.iter().enumerate() {
                let place = line.push(*rtp, at(40 * i as i64));
                let recent = &seen[seen.len().saturating_sub(RECENT_MAX)..];
                prop_assert!(!recent.contains(&place.position));
                let rises = seen.last().is_none_or(|last| *last < place.position);
                prop_assert!(order == Order::Any || rises);
                seen.push(place.position);
            }
        }

        #[test]
        fn good_timestamps_come_out_as_they_went_in(
            start: u32,
            steps in prop::collection::vec(1u32..18_000, 1..200),
        ) {
            let mut line = Timeline::new(HERTZ, Order::Any);
            let (mut rtp, mut total) = (start, 0i64);
            prop_assert_eq!(line.push(rtp, at(0)).position, 0);
            for step in steps {
                rtp = rtp.wrapping_add(step);
                total += i64::from(step);
                let place = line.push(rtp, MonoTime::from_micros(total * 1_000_000 / 90_000));
                prop_assert_eq!(place, Place { position: total, how: How::Timestamp });
            }
        }
    }
}
