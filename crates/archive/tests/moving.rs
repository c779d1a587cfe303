//! Segments that move to another volume: whole, damaged, signed with a key that came later.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::sync::Arc;

use archive::moving::{Copied, CopyError};
use archive::{ArchiveKey, Depth, Expect, Problem, Volume, VolumeIdentity, verify};
use base::VolumeId;
use common::*;
use media::{CommitRef, Identity};
use world::Disk;
use world::sim::{SeededEntropy, SimDisk};

/// Another volume of the same archive, whose first key is `key`.
fn other(key: &ArchiveKey) -> Volume {
    let disk = SimDisk::new();
    let volume = VolumeId::from_bytes([2; 16]);
    let identity = VolumeIdentity { volume, public_key: key.public_key(), ..identity() };
    Volume::init(&disk, Path::new(ROOT), &identity).unwrap();
    let expect = Expect { volume: Some(volume), archive: identity.archive };
    Volume::open(Arc::new(disk), Path::new(ROOT), expect, "test").unwrap()
}

/// Records and seals segment `n` with `key`; its last commit.
fn sealed(volume: &Volume, n: u8, key: &ArchiveKey) -> CommitRef {
    let identity = Identity { public_key: Some(key.public_key()), ..segment(n) };
    let mut writer = volume.create(&place(n), identity, tracks()).unwrap();
    for number in 0..4 {
        writer.append(&batch(number)).unwrap();
    }
    writer.syncer().unwrap().sync().unwrap();
    let sealing = writer.seal(Some(key)).unwrap();
    sealing.syncer().sync().unwrap();
    sealing.turn().unwrap();
    sealing.syncer().sync().unwrap();
    sealing.finish().unwrap().last
}

fn copy(from: &Volume, to: &Volume, last: CommitRef) -> Result<Copied, CopyError> {
    to.copy_from(from, &place(1), Some(last), &mut |_| true)
}

fn names(volume: &Volume, n: u8) -> Vec<&'static str> {
    let found = verify(volume, &place(n), Depth::Everything).unwrap();
    found.problems.iter().map(Problem::name).collect()
}

fn flip(disk: &SimDisk, offset: u64) {
    let file = disk.open(&Path::new(ROOT).join(place(1).relative()), true).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[&[byte[0] ^ 1]], offset).unwrap();
}

#[test]
fn what_is_signed_with_a_later_key_is_whole_and_moves_with_its_key() {
    let disk = disk();
    let later = ArchiveKey::create(&SimDisk::new(), Path::new("/key"), &SeededEntropy::new(6));
    let later = later.unwrap();
    let volume = open(&disk);
    let last = sealed(&volume, 1, &later);
    assert_eq!(names(&volume, 1), ["other-key"], "nobody has said that it is the archive's");
    // Whoever signed it: that is no damage, and stays to be found.
    let target = other(&key());
    assert_eq!(copy(&volume, &target, last).unwrap().problem, None);
    assert_eq!(names(&target, 1), ["other-volume", "other-key"]);
    // As a start does where the first key is gone.
    assert!(volume.take_key(later.public_key()).unwrap());
    assert_eq!(names(&volume, 1), [""; 0]);
    sealed(&volume, 2, &key());
    assert_eq!(names(&volume, 2), [""; 0], "what the first key signed counts as before");
    let target = other(&key());
    assert_eq!(copy(&volume, &target, last).unwrap().problem, None);
    assert_eq!(names(&target, 1), ["other-volume"]);
    assert_eq!(target.keys(), [key().public_key(), later.public_key()]);
}

#[test]
fn what_was_damaged_before_moves_as_it_is() {
    let disk = disk();
    let volume = open(&disk);
    let last = sealed(&volume, 1, &key());
    flip(&disk, volume.usage(&place(1)).unwrap().len / 2);
    let target = other(&key());
    let copied = copy(&volume, &target, last).unwrap();
    assert_eq!(copied.problem.map(|problem| problem.name()), Some("chain-broken"));
    assert_eq!(names(&target, 1), ["other-volume", "chain-broken"]);
}

#[test]
fn a_copy_is_not_written_over() {
    let disk = disk();
    let volume = open(&disk);
    let last = sealed(&volume, 1, &key());
    let target = other(&key());
    copy(&volume, &target, last).unwrap();
    flip(&disk, volume.usage(&place(1)).unwrap().len / 2);
    let refused = copy(&volume, &target, last).unwrap_err();
    assert!(matches!(refused, CopyError::Exists { .. }), "{refused}");
    assert_eq!(names(&target, 1), ["other-volume"]);
}

#[test]
fn a_file_that_is_another_segment_stays() {
    let disk = disk();
    let volume = open(&disk);
    let last = sealed(&volume, 1, &key());
    sealed(&volume, 2, &key());
    let path = |n| Path::new(ROOT).join(place(n).relative());
    disk.remove_file(&path(1)).unwrap();
    disk.rename(&path(2), &path(1)).unwrap();
    let target = other(&key());
    let refused = copy(&volume, &target, last).unwrap_err();
    assert!(matches!(refused, CopyError::Damaged { .. }), "{refused}");
    assert!(target.usage(&place(1)).is_err());
    assert!(volume.usage(&place(1)).is_ok());
}
