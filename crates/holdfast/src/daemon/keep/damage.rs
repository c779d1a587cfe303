//! When the catalog is asked again how many segments are known to be damaged: seldom, for that
//! looks at all of them, and hardly ever changes.

use std::time::Duration;

use base::MonoTime;
use catalog::Change;

/// What others change of it (footage that goes, or is moved away) is seen after so long.
const ASK_EVERY: Duration = Duration::from_secs(60);

/// When it was asked last.
#[derive(Default)]
pub struct Damage {
    asked: Option<MonoTime>,
}

impl Damage {
    /// Whether it is to be asked at `now`; then it counts as asked.
    pub(super) fn is_due(&mut self, now: MonoTime) -> bool {
        let due = self.asked.is_none_or(|asked| now.since(asked) >= ASK_EVERY);
        self.asked = if due { Some(now) } else { self.asked };
        due
    }

    /// These changes were made: the next look asks where they say that something is damaged, or no
    /// more.
    pub(super) fn changed_by(&mut self, changes: &[Change]) {
        let is_of_it =
            |change: &Change| matches!(change, Change::PutDamage(_) | Change::RemoveDamage(_));
        if changes.iter().any(is_of_it) {
            self.changed();
        }
    }

    /// It may be otherwise: the next look asks.
    pub(super) fn changed(&mut self) {
        self.asked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SegmentId;

    #[test]
    fn it_is_asked_once_a_minute_and_when_a_check_has_changed_it() {
        let at = |second: i64| MonoTime::from_micros(second * 1_000_000);
        let segment = SegmentId::from_bytes([1; 16]);
        let mut damage = Damage::default();
        let asked = |damage: &mut Damage, seconds: std::ops::Range<i64>| -> Vec<i64> {
            seconds.step_by(5).filter(|second| damage.is_due(at(*second))).collect()
        };
        assert_eq!(asked(&mut damage, 0..130), [0, 60, 120]);
        damage.changed_by(&[Change::SegmentDue(segment)]);
        assert_eq!(asked(&mut damage, 130..180), [0; 0]);
        damage.changed_by(&[Change::SegmentDue(segment), Change::RemoveDamage(segment)]);
        assert_eq!(asked(&mut damage, 180..200), [180]);
        damage.changed();
        assert_eq!(asked(&mut damage, 200..250), [200]);
    }
}
