//! Files and rows are damaged in every way: a check names each, and nothing else; a repair does
//! what it says, unlinks nothing, and touches no good footage.

#![allow(clippy::unwrap_used)]

#[path = "damage/marks.rs"]
mod marks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::{ArchiveId, WallTime};
use catalog::{Change, SegmentRow};
use sim::World;
use world::{Clock, Disk};

struct Damaged {
    world: World,
    rows: Vec<SegmentRow>,
}

/// A world that was recorded and stopped, and the segments of its second camera.
fn recorded() -> Damaged {
    let mut world = World::new(6);
    world.start().unwrap();
    world.run(Duration::from_secs(18));
    assert!(world.stop());
    let (_, stream) = world.streams()[1];
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    assert!(rows.len() >= 4);
    Damaged { world, rows }
}

fn place(row: &SegmentRow) -> archive::SegmentPlace {
    archive::SegmentPlace {
        camera_slug: row.camera_slug.to_string(),
        stream: row.stream_name.to_string(),
        start: row.start,
        id: row.id,
    }
}

impl Damaged {
    fn path(&self, number: usize) -> PathBuf {
        self.world.volume_root().join(place(&self.rows[number]).relative())
    }

    fn bytes(&self, number: usize) -> Vec<u8> {
        self.world.disk.read_all(&self.path(number), 1 << 30).unwrap()
    }

    fn write(&self, number: usize, bytes: &[u8]) {
        let file = self.world.disk.open(&self.path(number), true).unwrap();
        file.set_len(0).unwrap();
        file.write_all_at(&[bytes], 0).unwrap();
    }

    fn make(&self, path: &Path, bytes: &[u8]) {
        self.world.disk.create_dir_all(path.parent().unwrap()).unwrap();
        self.world.disk.create(path).unwrap().write_all_at(&[bytes], 0).unwrap();
    }

    fn later(&self) -> WallTime {
        self.world.clock.wall() + Duration::from_secs(3600)
    }

    fn name(&self, finding: &recorder::Finding) -> String {
        let at = self.rows.iter().position(|row| Some(row.id) == finding.segment);
        let number = at.map_or("?".to_owned(), |at| at.to_string());
        format!("{number} {}", finding.damage.name())
    }

    /// What a check an hour later says: the number of each segment, and the damage's name; what is
    /// known is in brackets.
    fn findings(&self) -> Vec<String> {
        let report = self.world.check(self.later()).unwrap();
        let name = |finding: &recorder::Finding| match finding.known {
            Some(_) => format!("({})", self.name(finding)),
            None => self.name(finding),
        };
        let mut names: Vec<_> = report.findings.iter().map(name).collect();
        names.sort();
        names
    }

    /// All files of the volume.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.world.volume_root()];
        while let Some(folder) = folders.pop() {
            for entry in self.world.disk.list(&folder).unwrap() {
                let path = folder.join(&entry.name);
                match entry.is_dir {
                    true => folders.push(path),
                    false => {
                        let bytes = self.world.disk.read_all(&path, 1 << 30).unwrap();
                        files.insert(path, bytes);
                    }
                }
            }
        }
        files
    }

    /// Repairs everything: what was found and done. But for what was sealed anew (`cut`), every
    /// file is there still with the same bytes, under this name or another.
    fn repair(&mut self) -> Vec<String> {
        let before = self.files();
        let done = self.world.repair(self.later()).unwrap();
        let after = self.files();
        let sealed: Vec<PathBuf> = done
            .iter()
            .filter(|(_, repaired)| matches!(repaired.name(), "cut" | "adopted"))
            .map(|(finding, _)| self.world.volume_root().join(&finding.file))
            .collect();
        for (path, bytes) in &before {
            let stands = after.get(path) == Some(bytes) || after.values().any(|it| it == bytes);
            assert!(stands || sealed.contains(path), "{} was touched", path.display());
        }
        let mut words: Vec<_> = done
            .iter()
            .map(|(finding, repaired)| format!("{}: {}", self.name(finding), repaired.name()))
            .collect();
        words.sort();
        words
    }

    /// What is marked as damaged: the number of each segment, and the damage's name.
    fn marks(&self) -> Vec<String> {
        let machine = self.world.machine.as_ref().unwrap();
        let marks = machine.catalog.damaged(machine.volume().identity().volume).unwrap();
        let number = |id| self.rows.iter().position(|row| row.id == id).unwrap();
        marks.iter().map(|mark| format!("{} {}", number(mark.segment), mark.name)).collect()
    }

    fn set_aside(&self) -> usize {
        let folder = self.world.volume_root().join(archive::LOST_FOUND);
        self.world.disk.list(&folder).map_or(0, |entries| entries.len())
    }

    fn row(&self, number: usize) -> Option<SegmentRow> {
        let catalog = &self.world.machine.as_ref().unwrap().catalog;
        catalog.segment(self.rows[number].id).unwrap()
    }

    /// All that the machine still has of what was recorded is as it was; so many frames.
    fn frames(&self) -> usize {
        sim::audit::read_back(&self.world)
            .unwrap()
            .values()
            .map(std::collections::BTreeSet::len)
            .sum()
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn nothing_is_wrong_with_what_was_recorded() {
    let mut damaged = recorded();
    let before = damaged.files();
    assert_eq!(damaged.findings(), NOTHING);
    assert_eq!(damaged.repair(), NOTHING);
    assert_eq!(damaged.files(), before);
}

#[test]
fn a_missing_file_is_forgotten_and_the_gap_is_lost_footage() {
    let mut damaged = recorded();
    damaged.world.disk.remove_file(&damaged.path(1)).unwrap();
    assert_eq!(damaged.findings(), ["1 missing"]);
    assert_eq!(damaged.repair(), ["1 missing: forgotten"]);
    assert_eq!(damaged.row(1), None);
    assert_eq!(damaged.row(0).unwrap().end_cause.as_deref(), Some("lost"));
    assert_eq!(damaged.findings(), NOTHING);
    damaged.frames();
}

#[test]
fn a_file_that_was_moved_goes_back() {
    let mut damaged = recorded();
    let before = damaged.files();
    let name = damaged.path(1).file_name().unwrap().to_owned();
    let elsewhere = damaged.world.volume_root().join("camera-9/main/2026-11-22").join(name);
    damaged.make(&elsewhere, &damaged.bytes(1));
    damaged.world.disk.remove_file(&damaged.path(1)).unwrap();
    assert_eq!(damaged.findings(), ["1 misplaced", "1 missing"]);
    assert_eq!(damaged.repair(), ["1 misplaced: nothing", "1 missing: moved-back"]);
    assert_eq!(damaged.findings(), NOTHING);
    assert_eq!(damaged.files(), before);
}

#[test]
fn a_file_that_lost_its_end_is_sealed_anew_and_loses_nothing() {
    let mut damaged = recorded();
    let (bytes, frames) = (damaged.bytes(1), damaged.frames());
    damaged.write(1, &bytes[..bytes.len() - 100]);
    assert_eq!(damaged.findings(), ["1 truncated"]);
    assert_eq!(damaged.repair(), ["1 truncated: cut"]);
    assert_eq!(damaged.findings(), NOTHING);
    assert_eq!(damaged.bytes(1), bytes, "it is what it was, signature and all");
    assert_eq!(damaged.frames(), frames);
}

#[test]
fn a_file_that_was_cut_short_keeps_what_is_whole() {
    let mut damaged = recorded();
    let bytes = damaged.bytes(1);
    damaged.write(1, &bytes[..bytes.len() * 6 / 10]);
    assert_eq!(damaged.findings(), ["1 truncated"]);
    assert_eq!(damaged.repair(), ["1 truncated: cut"]);
    assert_eq!(damaged.findings(), NOTHING);
    let (before, after) = (damaged.rows[1].clone(), damaged.row(1).unwrap());
    assert_eq!((after.start, after.end_cause.as_deref()), (before.start, Some("lost")));
    assert!(after.end < before.end && after.end > before.start + Duration::from_secs(1));
    let commits = |row: &SegmentRow| row.last_commit.unwrap().number;
    assert!(commits(&after) >= commits(&before) / 2, "{after:?}");
    damaged.frames();
}

#[test]
fn an_empty_file_is_set_aside() {
    let mut damaged = recorded();
    damaged.write(1, &[]);
    assert_eq!(damaged.findings(), ["1 empty"]);
    assert_eq!(damaged.repair(), ["1 empty: set-aside"]);
    assert_eq!((damaged.findings(), damaged.set_aside()), (vec![], 1));
}

#[test]
fn the_bytes_that_make_a_file_playable_are_checked_and_written_anew() {
    let mut damaged = recorded();
    let whole = damaged.bytes(2);
    // `ftyp`, then the 64-bit header of `mdat`: `0001 mdat length`.
    let at = whole.windows(4).position(|window| window == b"mdat").unwrap() + 4;
    for (offset, value) in [(7, 1), (4, 9), (0, 0x40)] {
        let mut bytes = whole.clone();
        bytes[at + offset] ^= value;
        damaged.write(2, &bytes);
        assert_eq!(damaged.findings(), ["2 header-length"]);
        assert_eq!(damaged.repair(), ["2 header-length: cut"]);
        assert_eq!((damaged.findings(), damaged.bytes(2)), (vec![], whole.clone()));
    }
    // No length at all is what a power cut leaves of the write.
    let mut bytes = whole.clone();
    bytes[at..at + 8].copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, 3]);
    damaged.write(2, &bytes);
    assert_eq!(damaged.findings(), ["2 not-turned"]);
    assert_eq!(damaged.repair(), ["2 not-turned: cut"]);
    assert_eq!((damaged.findings(), damaged.bytes(2)), (vec![], whole));
}

#[test]
fn a_changed_final_moov_is_made_anew_from_the_fragments() {
    let mut damaged = recorded();
    let whole = damaged.bytes(2);
    let mut bytes = whole.clone();
    let end = bytes.len() - 400;
    bytes[end] ^= 1;
    damaged.write(2, &bytes);
    assert_eq!(damaged.findings(), ["2 seal-missing"]);
    assert_eq!(damaged.repair(), ["2 seal-missing: cut"]);
    assert_eq!((damaged.findings(), damaged.bytes(2)), (vec![], whole));
}

#[test]
fn another_segments_bytes_are_set_aside() {
    let mut damaged = recorded();
    damaged.write(1, &damaged.bytes(2));
    assert_eq!(damaged.findings(), ["1 other-segment"]);
    assert_eq!(damaged.repair(), ["1 other-segment: set-aside"]);
    assert_eq!((damaged.findings(), damaged.row(1)), (vec![], None));
}

#[test]
fn two_files_that_took_each_others_names_are_told_apart() {
    let mut damaged = recorded();
    let (one, two) = (damaged.bytes(1), damaged.bytes(2));
    damaged.write(1, &two);
    damaged.write(2, &one);
    assert_eq!(damaged.findings(), ["1 other-segment", "2 other-segment"]);
    damaged.repair();
    let content: Vec<_> = damaged.files().into_values().collect();
    assert!(content.contains(&one) && content.contains(&two));
    assert_eq!(damaged.findings(), NOTHING);
    assert_eq!((damaged.bytes(1), damaged.bytes(2)), (one, two), "each has its own name again");
}

#[test]
fn another_archives_file_is_set_aside() {
    let mut damaged = recorded();
    let mut bytes = damaged.bytes(1);
    let own = damaged.world.machine.as_ref().unwrap().catalog.archive();
    let at = bytes.windows(16).position(|window| window == own.as_bytes()).unwrap();
    bytes[at..at + 16].copy_from_slice(ArchiveId::from_bytes([9; 16]).as_bytes());
    damaged.write(1, &bytes);
    // Its first commit does not fit any more; what stands in the header is never believed then.
    assert_eq!(damaged.findings(), ["1 no-commit"]);
    assert_eq!(damaged.repair(), ["1 no-commit: marked"]);
}

#[test]
fn bytes_that_are_no_segment_are_marked() {
    let mut damaged = recorded();
    damaged.write(1, &vec![7; damaged.bytes(1).len()]);
    assert_eq!(damaged.findings(), ["1 header"]);
    assert_eq!(damaged.repair(), ["1 header: marked"]);
    assert_eq!(damaged.findings(), ["(1 header)"]);
}

#[test]
fn of_a_file_in_two_places_the_one_that_verifies_stays() {
    let second = |damaged: &Damaged| {
        let folder = damaged.world.volume_root().join("camera-9/main/2026-11-22");
        folder.join(damaged.path(1).file_name().unwrap())
    };
    let mut damaged = recorded();
    let whole = damaged.bytes(1);
    damaged.make(&second(&damaged), &whole);
    assert_eq!(damaged.findings(), ["1 two-files"]);
    assert_eq!(damaged.repair(), ["1 two-files: set-aside"]);
    assert_eq!((damaged.findings(), damaged.set_aside()), (vec![], 1));
    assert_eq!(damaged.bytes(1), whole);

    let mut damaged = recorded();
    let mut broken = whole.clone();
    broken[whole.len() / 2] ^= 1;
    damaged.make(&second(&damaged), &broken);
    assert_eq!(damaged.repair(), ["1 two-files: set-aside"]);
    assert_eq!((damaged.findings(), damaged.bytes(1)), (vec![], whole.clone()));

    let mut damaged = recorded();
    damaged.make(&second(&damaged), &whole);
    damaged.write(1, &broken);
    assert_eq!(damaged.findings(), ["1 chain-broken", "1 two-files"]);
    assert_eq!(damaged.repair(), ["1 chain-broken: marked", "1 two-files: moved-back"]);
    assert_eq!((damaged.findings(), damaged.bytes(1)), (vec![], whole));
}

#[test]
fn strangers_files_are_named_and_left_alone() {
    let mut damaged = recorded();
    let root = damaged.world.volume_root();
    for path in ["notes.txt", "camera-1/notes.txt", "camera-1/main/2026-11-22/notes.mp4"] {
        damaged.make(&root.join(path), b"dear");
    }
    let before = damaged.files();
    assert_eq!(damaged.findings(), ["? foreign-file"; 3]);
    assert!(damaged.world.check(damaged.later()).unwrap().is_clean());
    assert_eq!(damaged.repair(), ["? foreign-file: left"; 3]);
    assert_eq!(damaged.files(), before);
}

#[test]
fn a_row_that_tells_of_other_footage_is_made_anew_from_the_file() {
    let spoil: [fn(&mut SegmentRow); 4] = [
        |row| {
            row.last_commit = row.last_commit.map(|commit| media::CommitRef { number: 2, ..commit })
        },
        |row| row.bytes -= 7,
        |row| row.run = base::RunId::from_bytes([9; 16]),
        |row| row.tracks[0].totals.samples += 1,
    ];
    for spoil in spoil {
        let mut damaged = recorded();
        let row = damaged.rows[1].clone();
        let mut wrong = row.clone();
        spoil(&mut wrong);
        damaged.world.apply(&[Change::SegmentSealed { row: wrong, index: None, activity: None }]);
        assert_eq!(damaged.findings(), ["1 row-differs"]);
        assert_eq!(damaged.repair(), ["1 row-differs: row-renewed"]);
        assert_eq!((damaged.findings(), damaged.row(1)), (vec![], Some(row)));
    }
}

#[test]
fn segments_that_hold_the_same_time_are_named_and_left() {
    let mut damaged = recorded();
    let row = damaged.rows[1].clone();
    let long = SegmentRow { end: row.end + Duration::from_secs(1), ..row };
    damaged.world.apply(&[Change::SegmentSealed { row: long, index: None, activity: None }]);
    assert_eq!(damaged.findings(), ["1 overlaps"]);
    assert_eq!(damaged.repair(), ["1 overlaps: left"]);
    assert_eq!(damaged.findings(), ["1 overlaps"], "it is known by no mark");
}

#[test]
fn files_without_rows_are_adopted_at_once() {
    let mut damaged = recorded();
    let frames = damaged.frames();
    let rows: Vec<_> = damaged.rows.iter().skip(1).map(|row| row.id).collect();
    for id in &rows {
        damaged.world.apply(&[Change::SegmentGarbage(*id)]);
        damaged.world.apply(&[Change::SegmentDeleted(*id)]);
    }
    let expected: Vec<_> = (1..=rows.len()).map(|number| format!("{number} no-row")).collect();
    assert_eq!(damaged.findings(), expected);
    let expected: Vec<_> = expected.iter().map(|name| format!("{name}: adopted")).collect();
    assert_eq!(damaged.repair(), expected);
    assert_eq!((damaged.findings(), damaged.frames()), (vec![], frames));
}

#[test]
fn a_file_without_a_row_is_named_and_adopted_by_the_next_start() {
    let mut damaged = recorded();
    let last = damaged.rows.last().unwrap().clone();
    let id = last.id;
    damaged.world.apply(&[Change::SegmentGarbage(id)]);
    damaged.world.apply(&[Change::SegmentDeleted(id)]);
    assert_eq!(damaged.findings(), [format!("{} no-row", damaged.rows.len() - 1)]);
    damaged.world.forget_process();
    damaged.world.start().unwrap();
    damaged.world.finish_recovery().unwrap();
    assert!(damaged.world.stop());
    assert_eq!(damaged.findings(), NOTHING);
    let adopted = damaged.row(damaged.rows.len() - 1).unwrap();
    assert_eq!(SegmentRow { end_cause: None, ..adopted }, SegmentRow { end_cause: None, ..last });
}

#[test]
fn a_rebuilt_catalog_says_what_the_old_one_said() {
    let mut damaged = recorded();
    let sums = |damaged: &Damaged| {
        let catalog = damaged.world.machine.as_ref().unwrap().catalog.clone();
        let of = |(_, stream)| {
            let all = catalog.activity(stream, WallTime::EPOCH, damaged.later(), 1).unwrap();
            let days = catalog.days(stream).unwrap();
            let range = (days[0].first, damaged.later());
            let seconds = catalog.activity(stream, range.0, range.1, 1).unwrap();
            (catalog.totals(stream).unwrap(), days, all, seconds)
        };
        damaged.world.streams().into_iter().map(of).collect::<Vec<_>>()
    };
    let (before, frames) = (sums(&damaged), damaged.frames());
    let moves = before.iter().flat_map(|(_, _, _, seconds)| &seconds.values);
    assert!(moves.into_iter().any(|value| *value > 0), "something moves");
    damaged.world.forget_process();
    let rebuilt = damaged.world.rebuild_catalog().unwrap();
    assert_eq!((rebuilt.left, rebuilt.unfinished), (vec![], 0));
    damaged.world.start().unwrap();
    assert_eq!(sums(&damaged), before);
    for (number, row) in damaged.rows.iter().enumerate() {
        let again = damaged.row(number).unwrap();
        assert_eq!(SegmentRow { end_cause: row.end_cause.clone(), ..again }, *row);
    }
    assert_eq!(damaged.frames(), frames);
}
