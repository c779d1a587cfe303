//! Decode times for streams that carry presentation times only (RTP): with B-frames, access units
//! come in decode order and their presentation times jump.

use base::Ticks;

/// A reorder depth that no codec exceeds (H.264 clause A.3.1, H.265 clause A.4.2).
const DEPTH_MAX: usize = 16;
/// The distance of two frames where nothing is known: 30 a second.
const USUAL_FRAME_TICKS: i64 = 3000;

/// Gives each access unit its decode time, as soon as it comes.
///
/// With reorder depth d, when the n-th unit (from 0) is decoded, n − d pictures can have been
/// presented before it. So its decode time is the (n − d)-th smallest presentation time up to it
/// (from 0): the (d + 1)-th largest. The first d units, for which there is none, are put before
/// the first one at equal distances.
#[derive(Clone, Debug)]
pub struct DecodeClock {
    depth: u8,
    frame_ticks: i64,
    /// The largest presentation times so far, largest first.
    largest: Vec<i64>,
    first: Option<i64>,
    /// How many units came, up to the depth.
    begun: u8,
    last: Option<i64>,
}

/// What [`DecodeClock::push`] found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// The decode time; rises strictly.
    pub dts: Ticks,
    /// The reorder depth this access unit shows: how many earlier ones are presented after it.
    /// When it is more than the clock's own, a new epoch with this depth is due.
    pub depth_seen: u8,
}

impl DecodeClock {
    /// A clock for a stream of this `reorder_depth` (at most 16); `frame_ticks` is the usual
    /// distance of two frames, 0 when unknown.
    pub fn new(reorder_depth: u8, frame_ticks: u32) -> Self {
        let frame_ticks = if frame_ticks == 0 { USUAL_FRAME_TICKS } else { frame_ticks.into() };
        let depth = reorder_depth.min(DEPTH_MAX as u8);
        Self { depth, frame_ticks, largest: Vec::new(), first: None, begun: 0, last: None }
    }

    /// The clock's own reorder depth.
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// The decode time of the next access unit in decode order, whose presentation time is `pts`.
    pub fn push(&mut self, pts: Ticks) -> Decoded {
        let Ticks(pts) = pts;
        let first = *self.first.get_or_insert(pts);
        let depth_seen = self.largest.partition_point(|other| *other > pts);
        self.largest.insert(depth_seen, pts);
        self.largest.truncate(DEPTH_MAX + 1);

        let mut dts = if self.begun < self.depth {
            let ahead = i64::from(self.depth - self.begun);
            self.begun += 1;
            first.saturating_sub(ahead.saturating_mul(self.frame_ticks))
        } else {
            // As many as the depth came before, and this one.
            self.largest[usize::from(self.depth)]
        };
        if let Some(last) = self.last {
            dts = dts.max(last.saturating_add(1));
        }
        self.last = Some(dts);
        Decoded { dts: Ticks(dts), depth_seen: depth_seen.min(DEPTH_MAX) as u8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presentation times of frames 3,000 ticks apart, by frame number in decode order.
    fn decode(depth: u8, frames: &[i64]) -> Vec<Decoded> {
        let mut clock = DecodeClock::new(depth, 3000);
        frames.iter().map(|frame| clock.push(Ticks(frame * 3000))).collect()
    }

    #[test]
    fn without_reordering_units_are_decoded_when_presented() {
        let decoded = decode(0, &[0, 1, 2, 5]);
        let times: Vec<_> = decoded.iter().map(|unit| unit.dts.0).collect();
        assert_eq!(times, [0, 3000, 6000, 15_000]);
        assert!(decoded.iter().all(|unit| unit.depth_seen == 0));
    }

    #[test]
    fn a_pyramid_is_decoded_at_a_steady_rate_and_never_late() {
        let frames = [0, 4, 2, 1, 3, 8, 6, 5, 7, 9];
        let decoded = decode(2, &frames);
        let times: Vec<_> = decoded.iter().map(|unit| unit.dts.0 / 3000).collect();
        assert_eq!(times, [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(decoded.iter().zip(frames).all(|(unit, frame)| unit.dts.0 <= frame * 3000));
        assert_eq!(decoded.iter().map(|unit| unit.depth_seen).max(), Some(2));
    }

    #[test]
    fn a_depth_that_is_too_small_is_seen() {
        let decoded = decode(0, &[0, 4, 2, 1, 3]);
        let seen: Vec<_> = decoded.iter().map(|unit| unit.depth_seen).collect();
        assert_eq!(seen, [0, 0, 1, 2, 1]);
    }

    proptest::proptest! {
        #[test]
        fn decode_times_rise_strictly(depth: u8, times: Vec<i32>) {
            let mut clock = DecodeClock::new(depth, 3000);
            let mut last = i64::MIN;
            for pts in times {
                let Decoded { dts, .. } = clock.push(Ticks(pts.into()));
                assert!(dts.0 > last);
                last = dts.0;
            }
        }

        #[test]
        fn with_the_right_depth_nothing_is_decoded_after_it_is_presented(
            steps in proptest::collection::vec((1i64..9000, 0usize..4), 1..200),
        ) {
            // Rising times, each moved up to 3 places later: a closed start, then reordering.
            let mut at = 0;
            let sorted: Vec<i64> = steps.iter().map(|(step, _)| { at += step; at }).collect();
            let mut order: Vec<i64> = sorted.clone();
            order[1..].sort_by_key(|pts| {
                let place = sorted.iter().position(|other| other == pts).unwrap_or(0);
                place + steps[place].1
            });
            let mut clock = DecodeClock::new(16, 3000);
            let depth = order.iter().map(|pts| clock.push(Ticks(*pts)).depth_seen).max();
            let mut clock = DecodeClock::new(depth.unwrap_or(0), 1);
            for pts in order {
                assert!(clock.push(Ticks(pts)).dts.0 <= pts);
            }
        }
    }
}
