//! What ended the process before, and what cut its files off. Pure.
//!
//! Every start leaves a row with the kernel's id of the boot. A life that ended without saying so
//! crashed when the next one finds the same boot, and went down with the machine when it finds
//! another.

use base::WallTime;
use catalog::LifeRow;
use stream::EndCause;

/// How the life before ended, unless its row says so, for one that begins in `boot` (`None` where
/// the system does not tell).
pub fn cause_of_end(before: Option<&LifeRow>, boot: Option<[u8; 16]>) -> EndCause {
    match (before, boot) {
        (Some(life), Some(boot)) if life.boot == boot => EndCause::Crash,
        (Some(life), Some(_)) if life.boot != UNKNOWN_BOOT => EndCause::Power,
        _ => EndCause::Cut,
    }
}

/// What stands in a row for a boot that is not known.
pub const UNKNOWN_BOOT: [u8; 16] = [0; 16];

/// The lives of the process so far, this one included.
#[derive(Clone, Debug, Default)]
pub struct Lives(Vec<LifeRow>);

impl Lives {
    /// Of rows, newest first.
    pub fn new(rows: Vec<LifeRow>) -> Self {
        Self(rows)
    }

    /// Why a file that was begun at `made` was cut off. `again`: its volume was open before in this
    /// life, so that this life's files may be among those that are found.
    pub fn cut_off(&self, made: WallTime, again: bool) -> EndCause {
        let of_this_life = |life: &&LifeRow| life.ended.is_none();
        if again && self.0.iter().find(of_this_life).is_some_and(|life| life.began <= made) {
            // While the process goes on, only a disk that fails leaves files behind.
            return EndCause::Disk;
        }
        let past = || self.0.iter().filter(|life| life.ended.is_some());
        // A clock that was set may date a file before or after its life.
        let life = past().find(|life| life.began <= made).or_else(|| past().next());
        life.and_then(|life| life.ended.as_deref()?.parse().ok()).unwrap_or(EndCause::Cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(boot: u8, began: i64, ended: Option<&str>) -> LifeRow {
        let began = WallTime::from_micros(began);
        LifeRow { boot: [boot; 16], began, seen: began, ended: ended.map(Into::into) }
    }

    #[test]
    fn the_boot_tells_a_crash_from_a_power_cut() {
        let before = life(1, 10, None);
        assert_eq!(cause_of_end(Some(&before), Some([1; 16])), EndCause::Crash);
        assert_eq!(cause_of_end(Some(&before), Some([2; 16])), EndCause::Power);
        assert_eq!(cause_of_end(Some(&before), None), EndCause::Cut);
        assert_eq!(cause_of_end(Some(&life(0, 10, None)), Some([2; 16])), EndCause::Cut);
        assert_eq!(cause_of_end(None, Some([2; 16])), EndCause::Cut);
    }

    #[test]
    fn a_file_was_cut_off_by_the_end_of_the_life_that_began_it() {
        let rows = vec![
            life(2, 300, None),
            life(2, 200, Some("crash")),
            life(1, 100, Some("power")),
            life(1, 50, Some("shutdown")),
        ];
        let lives = Lives::new(rows);
        let cause = |made, again| lives.cut_off(WallTime::from_micros(made), again);
        assert_eq!(cause(250, false), EndCause::Crash);
        assert_eq!(cause(150, false), EndCause::Power);
        assert_eq!(cause(60, false), EndCause::Shutdown);
        assert_eq!(cause(400, false), EndCause::Crash, "its clock was ahead");
        assert_eq!(cause(10, false), EndCause::Crash, "its clock was behind");
        assert_eq!(cause(400, true), EndCause::Disk);
        assert_eq!(cause(150, true), EndCause::Power);
        assert_eq!(Lives::default().cut_off(WallTime::EPOCH, true), EndCause::Cut);
    }
}
