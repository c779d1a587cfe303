//! How long to wait before a camera is tried again: pure.

use std::time::Duration;

/// Doubling waits with jitter, slower after refused credentials.
#[derive(Clone, Debug)]
pub(crate) struct BackOff {
    usual: (Duration, Duration),
    denied: (Duration, Duration),
    failures: u32,
    denials: u32,
}

impl BackOff {
    /// Waits between the two of `usual`, and between the two of `denied` after a refusal of the
    /// credentials.
    pub(crate) fn new(usual: (Duration, Duration), denied: (Duration, Duration)) -> Self {
        Self { usual, denied, failures: 0, denials: 0 }
    }

    /// A session worked: the next failure starts from the shortest wait.
    pub(crate) fn worked(&mut self) {
        (self.failures, self.denials) = (0, 0);
    }

    /// The wait after one more failure. `random` spreads it over three quarters to all of its full
    /// length, so that cameras behind one switch do not come back in step. After a denial it
    /// spreads upwards: a wait that is to keep an account from being locked is never cut.
    pub(crate) fn next(&mut self, denied: bool, random: u32) -> Duration {
        let (count, (first, longest)) = match denied {
            true => (&mut self.denials, self.denied),
            false => (&mut self.failures, self.usual),
        };
        let full = first.saturating_mul(1 << (*count).min(20)).min(longest);
        *count = count.saturating_add(1);
        let spread = full.mul_f64(0.25 * f64::from(random) / f64::from(u32::MAX));
        if denied { full + spread } else { full - spread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn back_off() -> BackOff {
        BackOff::new((SECOND, 60 * SECOND), (30 * SECOND, 600 * SECOND))
    }

    #[test]
    fn waits_double_up_to_the_longest_and_start_again_after_success() {
        let mut waits = back_off();
        let seconds: Vec<_> = (0..8).map(|_| waits.next(false, 0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        waits.worked();
        assert_eq!(waits.next(false, 0), SECOND);
    }

    #[test]
    fn refused_credentials_are_tried_far_less_often() {
        let mut waits = back_off();
        let seconds: Vec<_> = (0..6).map(|_| waits.next(true, 0).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 600]);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_short_nor_long(randoms in prop::collection::vec(any::<u32>(), 1..100)) {
            let mut waits = back_off();
            for random in randoms {
                let wait = waits.next(false, random);
                prop_assert!(wait >= SECOND.mul_f64(0.75) && wait <= 60 * SECOND);
                let wait = waits.next(true, random);
                prop_assert!(wait >= 30 * SECOND && wait <= 750 * SECOND);
            }
        }
    }
}
