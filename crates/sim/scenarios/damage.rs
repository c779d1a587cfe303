//! Files and rows are damaged in every way: a check names each, and nothing else.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::time::Duration;

use base::WallTime;
use catalog::{Change, SegmentRow};
use sim::World;
use world::{Clock, Disk};

struct Damaged {
    world: World,
    rows: Vec<SegmentRow>,
}

/// A world that was recorded and stopped, and the segments of its second camera.
fn recorded() -> Damaged {
    let mut world = World::new(5);
    world.start().unwrap();
    world.run(Duration::from_secs(18));
    assert!(world.stop());
    let (_, stream) = world.streams()[1];
    let catalog = &world.machine.as_ref().unwrap().catalog;
    let rows = catalog.segments(stream, WallTime::EPOCH, WallTime::MAX).unwrap();
    assert!(rows.len() >= 4);
    Damaged { world, rows }
}

impl Damaged {
    fn path(&self, number: usize) -> PathBuf {
        let row = &self.rows[number];
        let place = archive::SegmentPlace {
            camera_slug: row.camera_slug.to_string(),
            stream: row.stream_name.to_string(),
            start: row.start,
            id: row.id,
        };
        self.world.volume_root().join(place.relative())
    }

    fn bytes(&self, number: usize) -> Vec<u8> {
        self.world.disk.read_all(&self.path(number), 1 << 30).unwrap()
    }

    fn write(&self, number: usize, bytes: &[u8]) {
        let file = self.world.disk.open(&self.path(number), true).unwrap();
        file.set_len(0).unwrap();
        file.write_all_at(&[bytes], 0).unwrap();
    }

    /// What a check an hour later says: the number of each segment, and the damage's name.
    fn findings(&self) -> Vec<String> {
        let now = self.world.clock.wall() + Duration::from_secs(3600);
        let report = self.world.check(now).unwrap();
        let number = |id| {
            let at = self.rows.iter().position(|row| Some(row.id) == id);
            at.map_or("?".to_owned(), |at| at.to_string())
        };
        let findings = report.findings.iter();
        let mut names: Vec<_> =
            findings.map(|f| format!("{} {}", number(f.segment), f.damage.name())).collect();
        names.sort();
        names
    }
}

#[test]
fn nothing_is_wrong_with_what_was_recorded() {
    assert_eq!(recorded().findings(), Vec::<String>::new());
}

#[test]
fn a_missing_file_is_named() {
    let damaged = recorded();
    damaged.world.disk.remove_file(&damaged.path(1)).unwrap();
    assert_eq!(damaged.findings(), ["1 missing"]);
}

#[test]
fn a_file_that_was_cut_short_is_named() {
    let damaged = recorded();
    let bytes = damaged.bytes(1);
    damaged.write(1, &bytes[..bytes.len() - 100]);
    assert_eq!(damaged.findings(), ["1 truncated"]);
}

#[test]
fn a_changed_sample_breaks_the_chain() {
    let damaged = recorded();
    let mut bytes = damaged.bytes(2);
    let half = bytes.len() / 2;
    bytes[half] ^= 0x40;
    damaged.write(2, &bytes);
    assert_eq!(damaged.findings(), ["2 chain-broken"]);
}

#[test]
fn another_segments_bytes_are_named() {
    let damaged = recorded();
    damaged.write(1, &damaged.bytes(2));
    assert_eq!(damaged.findings(), ["1 other-segment", "2 predecessor-differs"]);
}

#[test]
fn bytes_that_are_no_segment_are_named() {
    let damaged = recorded();
    damaged.write(1, &vec![7; damaged.bytes(1).len()]);
    assert_eq!(damaged.findings(), ["1 header"]);
}

#[test]
fn a_file_in_two_places_is_named() {
    let damaged = recorded();
    let folder = damaged.world.volume_root().join("camera-9/main/2026-11-22");
    damaged.world.disk.create_dir_all(&folder).unwrap();
    let name = damaged.path(1).file_name().unwrap().to_owned();
    let copy = damaged.world.disk.create(&folder.join(name)).unwrap();
    copy.write_all_at(&[&damaged.bytes(1)], 0).unwrap();
    assert_eq!(damaged.findings(), ["1 two-files"]);
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
    assert_eq!(damaged.findings(), Vec::<String>::new());
    let catalog = &damaged.world.machine.as_ref().unwrap().catalog;
    let adopted = catalog.segment(id).unwrap().unwrap();
    assert_eq!(SegmentRow { end_cause: None, ..adopted }, SegmentRow { end_cause: None, ..last });
}
