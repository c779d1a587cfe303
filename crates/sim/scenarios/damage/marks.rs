//! Damage that stays is marked, and only as long as it is there.

use catalog::DamageRow;
use recorder::{Now, Scrub};
use world::sim::{Effect, Fault, Operation};

use super::*;

/// Bytes a second of the background check.
const SCRUB_RATE: u64 = 4 << 20;
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Damaged {
    fn mark(&mut self, number: usize, name: &str) {
        let (segment, found) = (self.rows[number].id, self.later());
        let (name, words) = (name.to_owned(), name.to_owned());
        self.world.apply(&[Change::PutDamage(DamageRow { segment, name, words, found })]);
    }

    /// Removes a segment as retention does, with a signed note on its volume.
    fn remove_with_note(&mut self, number: usize) {
        let row = self.rows[number].clone();
        self.world.note_removed(0, &row);
        self.world.apply(&[Change::SegmentGarbage(row.id)]);
        self.world.disk.remove_file(&self.path(number)).unwrap();
        self.world.apply(&[Change::SegmentDeleted(row.id)]);
    }

    /// The background check of the volume, a day later: it leaves alone what is fresh.
    fn scrub(&self) -> Scrub {
        self.world.clock.advance(DAY);
        let machine = self.world.machine.as_ref().unwrap();
        let now = Now::of(&self.world.clock).mono;
        Scrub::new(machine.volume(), machine.catalog.clone(), SCRUB_RATE, now)
    }

    /// One whole pass of it; what it read and found.
    fn pass(&mut self, scrub: &mut Scrub) -> (u64, Vec<String>) {
        let (mut read, mut found, mut over) = (0, Vec::new(), false);
        while !over {
            let due = scrub.due().unwrap();
            self.world.clock.advance(due.since(self.world.clock.mono()));
            let done = scrub.step(Now::of(&self.world.clock)).unwrap();
            read += done.read;
            found.extend(done.findings.iter().map(|finding| self.name(finding)));
            let ends = |it: &Change| matches!(it, Change::PutScrub(it) if it.finished.is_some());
            over = done.changes.iter().any(ends);
            self.world.apply(&done.changes);
        }
        (read, found)
    }
}

#[test]
fn a_sector_that_cannot_be_read_is_marked_and_nothing_is_written_there() {
    let mut damaged = recorded();
    let fault = Fault::new(Operation::Read, Effect::Fail(std::io::ErrorKind::Other));
    let id = damaged.rows[1].id.to_string();
    damaged.world.disk.add_fault(fault.on(&id));
    assert_eq!(damaged.findings(), ["1 unreadable"]);
    let done = damaged.world.repair(damaged.later()).unwrap();
    assert_eq!(done[0].1.name(), "marked");
    assert_eq!(damaged.findings(), ["(1 unreadable)"]);
    damaged.world.disk.clear_faults();
    assert_eq!(damaged.findings(), ["(1 healed)"], "the disk gives it again");
    assert!(damaged.world.check(damaged.later()).unwrap().is_clean());
    assert_eq!(damaged.repair(), ["1 healed: unmarked"]);
    assert_eq!((damaged.findings(), damaged.marks()), (vec![], vec![]));
}

#[test]
fn the_background_check_takes_back_what_it_said_of_a_disk_in_trouble() {
    let mut damaged = recorded();
    let fault = Fault::new(Operation::Read, Effect::Fail(std::io::ErrorKind::Other));
    let id = damaged.rows[1].id.to_string();
    damaged.world.disk.add_fault(fault.on(&id));
    let mut scrub = damaged.scrub();
    damaged.pass(&mut scrub);
    assert_eq!(damaged.marks(), ["1 unreadable"]);
    // The disk recovers; a week later all is read again.
    damaged.world.disk.clear_faults();
    damaged.world.clock.advance(Duration::from_secs(8 * 24 * 3600));
    damaged.pass(&mut scrub);
    assert_eq!((damaged.marks(), damaged.findings()), (vec![], vec![]));
}

#[test]
fn a_removal_that_nobody_signed_is_a_gap() {
    let mut damaged = recorded();
    let id = damaged.rows[1].id;
    damaged.world.apply(&[Change::SegmentGarbage(id)]);
    damaged.world.apply(&[Change::SegmentDeleted(id)]);
    damaged.world.disk.remove_file(&damaged.path(1)).unwrap();
    assert_eq!(damaged.findings(), ["2 gap"]);
    assert_eq!(damaged.repair(), ["2 gap: marked"]);
    assert_eq!(damaged.findings(), ["(2 gap)"]);
    // That all of its bytes are whole says nothing of what stood before them.
    let mut scrub = damaged.scrub();
    damaged.pass(&mut scrub);
    assert_eq!(damaged.marks(), ["2 gap"]);
}

#[test]
fn what_follows_footage_that_was_rightly_removed_is_not_marked_by_a_repair() {
    let mut damaged = recorded();
    damaged.remove_with_note(1);
    assert_eq!(damaged.findings(), NOTHING);
    let name = damaged.path(2).file_name().unwrap().to_owned();
    let elsewhere = damaged.world.volume_root().join("camera-9/main/2026-11-22").join(name);
    damaged.make(&elsewhere, &damaged.bytes(2));
    damaged.world.disk.remove_file(&damaged.path(2)).unwrap();
    assert_eq!(damaged.repair(), ["2 misplaced: nothing", "2 missing: moved-back"]);
    assert_eq!((damaged.findings(), damaged.marks()), (vec![], vec![]));
    // What an earlier version marked all the same is found out.
    damaged.mark(2, "gap");
    assert_eq!(damaged.findings(), ["(2 healed)"]);
    assert_eq!(damaged.repair(), ["2 healed: unmarked"]);
    assert_eq!((damaged.findings(), damaged.marks()), (vec![], vec![]));
}

#[test]
fn an_orphan_that_is_beyond_help_is_left_and_the_rest_is_repaired() {
    let mut damaged = recorded();
    let (id, last) = (damaged.rows[1].id, damaged.rows.len() - 1);
    damaged.world.apply(&[Change::SegmentGarbage(id)]);
    damaged.world.apply(&[Change::SegmentDeleted(id)]);
    // Damaged in the middle, and no seal behind it.
    let mut bytes = damaged.bytes(1);
    let half = bytes.len() / 2;
    bytes[half] ^= 0x40;
    damaged.write(1, &bytes[..bytes.len() - 100]);
    damaged.write(last, &[]);
    assert_eq!(
        damaged.findings(),
        ["1 no-row".to_owned(), "2 gap".to_owned(), format!("{last} empty")]
    );
    let done = damaged.repair();
    assert_eq!(
        done,
        [
            "1 no-row: left".to_owned(),
            "2 gap: marked".to_owned(),
            format!("{last} empty: set-aside")
        ]
    );
}

#[test]
fn what_was_recorded_within_a_day_is_left_to_the_next_pass_of_the_background_check() {
    let mut damaged = recorded();
    let mut bytes = damaged.bytes(2);
    let half = bytes.len() / 2;
    bytes[half] ^= 0x40;
    damaged.write(2, &bytes);
    let machine = damaged.world.machine.as_ref().unwrap();
    let now = Now::of(&damaged.world.clock).mono;
    let mut scrub = Scrub::new(machine.volume(), machine.catalog.clone(), SCRUB_RATE, now);
    assert_eq!(damaged.pass(&mut scrub), (0, vec![]));
    // Which is a day later where there was nothing else.
    damaged.world.clock.advance(DAY);
    assert_eq!(damaged.pass(&mut scrub).1.len(), 1);
}

#[test]
fn old_footage_is_read_again_at_its_rate_and_damage_is_marked() {
    let mut damaged = recorded();
    let mut bytes = damaged.bytes(2);
    let half = bytes.len() / 2;
    bytes[half] ^= 0x40;
    damaged.write(2, &bytes);
    let machine = damaged.world.machine.as_ref().unwrap();
    let (volume, catalog) = (machine.volume(), machine.catalog.clone());
    let begin = Now::of(&damaged.world.clock);
    let off = Scrub::new(volume, catalog, 0, begin.mono);
    assert_eq!(off.due(), None);
    let mut scrub = damaged.scrub();
    let (read, found) = damaged.pass(&mut scrub);
    let took = damaged.world.clock.mono().since(begin.mono).as_secs_f64();
    assert!(read as f64 / took <= SCRUB_RATE as f64, "{read} bytes in {took} s");
    assert_eq!(found, ["2 chain-broken"]);
    assert_eq!(damaged.marks(), found);
    // A week later it begins again, and goes on where a start interrupts it.
    let again = |damaged: &mut Damaged| {
        damaged.world.clock.advance(Duration::from_secs(60));
        scrub.step(Now::of(&damaged.world.clock)).unwrap().read
    };
    let mut again = again;
    assert_eq!(again(&mut damaged), 0);
    damaged.world.clock.advance(Duration::from_secs(8 * 24 * 3600));
    assert!(again(&mut damaged) > 0);
}

#[test]
fn a_changed_sample_breaks_the_chain_and_is_known_from_then_on() {
    let mut damaged = recorded();
    let whole = damaged.bytes(2);
    let mut bytes = whole.clone();
    let half = bytes.len() / 2;
    bytes[half] ^= 0x40;
    damaged.write(2, &bytes);
    assert_eq!(damaged.findings(), ["2 chain-broken"]);
    assert_eq!(damaged.repair(), ["2 chain-broken: marked"]);
    assert_eq!(damaged.findings(), ["(2 chain-broken)"]);
    assert!(damaged.world.check(damaged.later()).unwrap().is_clean(), "it is known");
    assert_eq!(damaged.bytes(2), bytes, "nothing is cut: whole commits follow");
    assert_eq!(damaged.row(2).unwrap(), damaged.rows[2], "and it can still be played");
    // From a copy elsewhere.
    damaged.write(2, &whole);
    assert_eq!(damaged.findings(), ["(2 healed)"]);
    assert_eq!(damaged.repair(), ["2 healed: unmarked"]);
    assert_eq!((damaged.findings(), damaged.marks()), (vec![], vec![]));
}

#[test]
fn a_pass_tells_what_moves_in_segments_of_which_nobody_knew() {
    let mut damaged = recorded();
    let rows = damaged.rows.clone();
    let known = |damaged: &Damaged| -> Vec<media::Activity> {
        let catalog = &damaged.world.machine.as_ref().unwrap().catalog;
        rows.iter().map(|row| catalog.activity_of(row.id).unwrap()).collect()
    };
    let before = known(&damaged);
    assert!(before.iter().any(|activity| !activity.is_still()), "something moves");
    // As if they had been sealed by a program that did not look.
    for row in &rows {
        let (id, row) = (row.id, row.clone());
        damaged.world.apply(&[Change::SegmentGarbage(id), Change::SegmentDeleted(id)]);
        let sealed = Change::SegmentSealed { row, index: None, activity: None };
        damaged.world.apply(&[sealed]);
    }
    assert!(known(&damaged).iter().all(media::Activity::is_still));
    let mut scrub = damaged.scrub();
    damaged.pass(&mut scrub);
    assert_eq!(known(&damaged), before);
    assert!(damaged.world.check(damaged.later()).unwrap().is_clean());
}
