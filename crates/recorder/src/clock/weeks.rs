//! Weeks of a camera whose clock is fast, slow or wanders: what the camera's side estimates from
//! arrival times, and what is committed of it, stays close to the truth and never goes back.

use base::{MonoTime, Ticks, Timescale, WallTime, limits};
use camera::Offsets;
use media::Frame;
use stream::ClockEstimate;

use super::{RunClock, Verdict};

const SECOND: i64 = 1_000_000;
const DAY_SECONDS: i64 = 24 * 3600;
const STEP_SECONDS: i64 = 4;
/// The system's clock when its monotonic side reads 0.
const WALL: i64 = 1_795_377_600 * SECOND;
/// How far a committed time may be from the true one.
const ERROR_MAX_MICROS: i64 = 100_000;

/// Small numbers that look random, the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64).rem_euclid(bound.max(1))
    }
}

/// How far committed times are from the true ones, at most, over `days` of a camera whose clock is
/// fast by `ppm` of the second.
fn worst_error(days: i64, ppm: impl Fn(i64) -> i64) -> i64 {
    let (mut offsets, mut numbers) = (Offsets::new(1, 0), Numbers(7));
    let (mut clock, mut worst, mut last) = (None::<RunClock>, 0, WallTime::EPOCH);
    let tick_max = limits::READ_TICK_MAX.as_micros() as i64;
    // The camera's clock, in millionths of a microsecond: it must not lose the parts.
    let mut media = 0i128;
    // One picture every few seconds: weeks in little time.
    for second in (0..days * DAY_SECONDS).step_by(STEP_SECONDS as usize) {
        let truth = second * SECOND;
        let at = (media / 1_000_000) as i64;
        media += i128::from(STEP_SECONDS * SECOND) * i128::from(1_000_000 + ppm(second));
        // On the way, and until the socket is read: at once for a moment of each minute, and in
        // the first ten seconds.
        let on_arrival = second < 10 || second % 60 == 0;
        let tick = if on_arrival { 0 } else { numbers.below(tick_max) };
        let arrival = truth + 3_000 + numbers.below(30_000) + tick;
        offsets.arrived(0, at, MonoTime::from_micros(arrival));
        let now = truth + STEP_SECONDS * SECOND;
        let (mono, wall) = (MonoTime::from_micros(now), WallTime::from_micros(WALL + now));
        let told = offsets.estimate(mono, wall, &[Some(0)]);
        let estimate = ClockEstimate { offsets: told.offsets, settled: told.settled };
        if !estimate.settled {
            continue;
        }
        let clock = clock.get_or_insert_with(|| {
            let none = std::iter::empty::<&Frame>();
            RunClock::settle(vec![Timescale::VIDEO], 0, Some(&estimate), none, None)
        });
        let elapsed = STEP_SECONDS * SECOND;
        let verdict = clock.slew(&estimate, elapsed, &[Some(elapsed)]);
        assert_eq!(verdict, Verdict::Steady, "second {second}");
        let wall = clock.wall(0, Ticks(at * i64::from(Timescale::VIDEO.hertz()) / SECOND));
        assert!(wall > last, "second {second}: {wall} is not after {last}");
        last = wall;
        worst = worst.max((wall.as_micros() - WALL - truth).abs());
    }
    worst
}

#[test]
fn a_clock_that_is_fast_or_slow_by_200_ppm_is_followed_for_two_weeks() {
    for ppm in [200, -200] {
        let worst = worst_error(14, |_| ppm);
        assert!(worst <= ERROR_MAX_MICROS, "{worst} µs at {ppm} ppm");
    }
}

#[test]
fn a_clock_that_wanders_is_followed_for_two_weeks() {
    // Warm by day and cold at night, with turns that no quartz makes.
    let wanders = |second: i64| match second / 1800 % 4 {
        0 => 200,
        1 => -200,
        2 => second % 1800 / 9,
        _ => 0,
    };
    let worst = worst_error(14, wanders);
    assert!(worst <= ERROR_MAX_MICROS, "{worst} µs");
}
