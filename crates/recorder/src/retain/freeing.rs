//! Whether what is removed becomes free: at once on most disks, seconds later on ZFS and btrfs,
//! and not at all while a snapshot holds it. Pure.

use std::time::Duration;

use base::MonoTime;

/// A disk that frees what was removed does so within this time.
pub(super) const COMES_WITHIN: Duration = Duration::from_secs(60);
/// How often one segment is removed to see whether that frees anything again.
pub(super) const TRY_AGAIN: Duration = Duration::from_secs(10 * 60);
/// The last part of what was removed may be kept by what grows meanwhile.
const REST_PART: u64 = 8;
/// Space that is reserved ahead of segments that have just begun, at most: so many bytes …
const RESERVED_BYTES: u64 = 16 << 20;
/// … and this part of the disk.
const RESERVED_PART: u64 = 100;

/// How the disk stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stand {
    /// Bytes that are free, those too that others alone may write.
    pub(super) free: u64,
    /// Bytes of footage, garbage too, as rows say.
    pub(super) footage: u64,
    /// Bytes of the disk.
    pub(super) total: u64,
    /// Bytes of segments that grow: about as much is reserved ahead of them.
    pub(super) growing: u64,
}

/// What was removed of late, and what came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Freeing {
    round: Option<Round>,
    /// Removing frees nothing; when that was last tried.
    futile: Option<MonoTime>,
}

/// Removals that the disk has not shown yet.
#[derive(Clone, Copy, Debug)]
struct Round {
    began: MonoTime,
    last: MonoTime,
    /// What was free or footage before the first of them.
    ours: u64,
    /// Bytes that were removed since.
    removed: u64,
    /// Of these, bytes that did not come as of the last look.
    missing: u64,
}

impl Freeing {
    /// A file that took `held` bytes was removed at `now`; its row said `said`, and the disk stood
    /// as `before` says. A file that was gone already frees nothing.
    pub(super) fn removed(&mut self, now: MonoTime, held: u64, said: u64, before: Stand) {
        let new = Round { began: now, last: now, ours: before.ours(), removed: 0, missing: 0 };
        let round = self.round.get_or_insert(new);
        let comes = held.min(said);
        round.last = now;
        round.ours = round.ours.saturating_sub(said - comes);
        round.removed = round.removed.saturating_add(comes);
        round.missing = round.missing.saturating_add(comes);
    }

    /// What was removed last was free at once: so it is with all that this disk frees.
    pub(super) fn comes_at_once(&mut self) {
        (self.round, self.futile) = (None, None);
    }

    /// Takes in how the disk stands.
    pub(super) fn look(&mut self, now: MonoTime, stand: Stand) {
        let Some(round) = &mut self.round else { return };
        round.missing = round.ours.saturating_sub(stand.ours()).min(round.removed);
        if round.missing <= round.removed / REST_PART {
            (self.round, self.futile) = (None, None);
            return;
        }
        if now.since(round.began) < COMES_WITHIN {
            return;
        }
        let Round { missing, removed, .. } = *round;
        if missing < removed - removed / 4 {
            // Most came; others took the rest, or what grows.
            self.round = None;
            if missing < removed / 2 {
                self.futile = None;
            }
        } else if self.futile.is_some() {
            self.round = None;
        } else if missing > stand.unsure() {
            (self.round, self.futile) = (None, Some(now));
        }
    }

    /// Bytes that were removed and are still to become free.
    pub(super) fn leaving(&self, now: MonoTime) -> u64 {
        let round = self.round.filter(|round| now.since(round.last) < COMES_WITHIN);
        round.map_or(0, |round| round.missing)
    }

    /// Whether removing frees nothing.
    pub(super) fn is_futile(&self) -> bool {
        self.futile.is_some()
    }

    /// Where removing frees nothing: whether it is time to see whether that is still so.
    pub(super) fn tries(&mut self, now: MonoTime) -> bool {
        let due =
            self.round.is_none() && self.futile.is_some_and(|tried| now.since(tried) >= TRY_AGAIN);
        if due {
            self.futile = Some(now);
        }
        due
    }

    /// Enough is free: whatever held it has let go.
    pub(super) fn enough(&mut self) {
        self.futile = None;
    }
}

impl Stand {
    /// What others do not have of the disk.
    fn ours(&self) -> u64 {
        self.free.saturating_add(self.footage)
    }

    /// Bytes by which the disk may stand otherwise than rows say.
    fn unsure(&self) -> u64 {
        let reserved = RESERVED_BYTES.min(self.total / RESERVED_PART);
        self.growing.saturating_mul(2).saturating_add(reserved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    impl Freeing {
        fn frees(&mut self, now: MonoTime, bytes: u64, before: Stand) {
            self.removed(now, bytes, bytes, before);
        }
    }

    fn at(second: i64) -> MonoTime {
        MonoTime::from_micros(second * 1_000_000)
    }

    fn stand(ours: u64) -> Stand {
        let (free, footage) = (0, ours * MB);
        Stand { free, footage, total: 100_000 * MB, growing: 10 * MB }
    }

    #[test]
    fn what_was_removed_counts_until_it_is_free() {
        let mut freeing = Freeing::default();
        freeing.frees(at(0), 500 * MB, stand(1000));
        assert_eq!(freeing.leaving(at(0)), 500 * MB);
        freeing.look(at(5), stand(500));
        assert_eq!(freeing.leaving(at(5)), 500 * MB);
        freeing.look(at(10), stand(700));
        assert_eq!(freeing.leaving(at(10)), 300 * MB);
        freeing.look(at(15), stand(990));
        assert_eq!((freeing.leaving(at(15)), freeing.is_futile()), (0, false));
    }

    #[test]
    fn a_disk_that_frees_at_once_is_asked_no_more() {
        let mut freeing = Freeing::default();
        freeing.frees(at(0), 500 * MB, stand(1000));
        freeing.comes_at_once();
        assert_eq!(freeing.leaving(at(0)), 0);
        // What others take later is theirs.
        freeing.look(at(5), stand(100));
        assert_eq!((freeing.leaving(at(5)), freeing.is_futile()), (0, false));
    }

    #[test]
    fn where_nothing_becomes_free_that_is_found_out_and_tried_again() {
        let mut freeing = Freeing::default();
        freeing.frees(at(0), 500 * MB, stand(1000));
        freeing.look(at(59), stand(500));
        assert!(!freeing.is_futile());
        freeing.look(at(61), stand(500));
        assert!(freeing.is_futile() && !freeing.tries(at(70)));
        assert!(freeing.tries(at(661)) && !freeing.tries(at(662)));
        freeing.frees(at(661), 20 * MB, stand(500));
        freeing.look(at(722), stand(480));
        assert!(freeing.is_futile());
        // A snapshot less: what is tried becomes free.
        assert!(freeing.tries(at(1400)));
        freeing.frees(at(1400), 20 * MB, stand(480));
        freeing.look(at(1405), stand(480));
        assert!(!freeing.is_futile());
    }

    #[test]
    fn little_is_no_proof_and_adds_up() {
        let mut freeing = Freeing::default();
        let mut ours = 1000;
        for minute in 0..4 {
            assert!(!freeing.is_futile(), "{minute}");
            freeing.frees(at(61 * minute), 10 * MB, stand(ours));
            ours -= 10;
            freeing.look(at(61 * minute + 1), stand(ours));
        }
        freeing.look(at(300), stand(ours));
        assert!(freeing.is_futile(), "40 MB are more than may be reserved");
    }

    #[test]
    fn files_that_were_gone_already_prove_nothing() {
        let mut freeing = Freeing::default();
        freeing.removed(at(0), 0, 500 * MB, stand(1000));
        freeing.removed(at(0), 20 * MB, 20 * MB, stand(1000));
        assert_eq!(freeing.leaving(at(0)), 20 * MB);
        // Their rows were footage; what the other took has come.
        freeing.look(at(61), stand(500));
        assert_eq!((freeing.leaving(at(61)), freeing.is_futile()), (0, false));
    }
}
