//! Volumes: each thing that may be wrong with a folder is told apart.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use archive::{DayFolder, Expect, OpenVolumeError, SegmentPlace, Volume, VolumeIdentity};
use base::{ArchiveId, SegmentId, VolumeId, WallTime};
use world::sim::{Random, SimDisk};
use world::{Disk, SystemDisk};

const ROOT: &str = "/disks/one";

fn identity(n: u8) -> VolumeIdentity {
    VolumeIdentity {
        volume: VolumeId::from_bytes([n; 16]),
        archive: ArchiveId::from_bytes([9; 16]),
        public_key: [n; 32],
    }
}

fn expect(identity: &VolumeIdentity) -> Expect {
    Expect { volume: Some(identity.volume), archive: identity.archive }
}

fn open(disk: &SimDisk, expect: Expect) -> Result<Volume, OpenVolumeError> {
    Volume::open(Arc::new(disk.clone()), Path::new(ROOT), expect, "holdfast")
}

fn ready() -> SimDisk {
    let disk = SimDisk::new();
    Volume::init(&disk, Path::new(ROOT), &identity(1)).unwrap();
    disk
}

fn place(slug: &str, start: i64) -> SegmentPlace {
    let start = WallTime::from_micros(start);
    let id = SegmentId::new(start, [1; 10]);
    SegmentPlace { camera_slug: slug.to_owned(), stream: "main".to_owned(), start, id }
}

#[test]
fn a_volume_made_once_is_found_again() {
    let disk = ready();
    Volume::init(&disk, Path::new(ROOT), &identity(1)).expect("it already is this volume");
    disk.power_cut(&mut Random::new(1));
    let volume = open(&disk, expect(&identity(1))).unwrap();
    assert_eq!(*volume.identity(), identity(1));
    assert_eq!(Volume::peek(&disk, Path::new(ROOT)).unwrap(), identity(1));
    assert!(volume.space().unwrap().available > 0);
}

#[test]
fn a_volume_whose_disk_went_away_takes_and_loses_nothing() {
    let disk = ready();
    let volume = open(&disk, expect(&identity(1))).unwrap();
    volume.is_there().unwrap();
    let (there, gone) =
        (Path::new(ROOT).join("holdfast-volume.json"), Path::new("/disks/one/away"));
    disk.rename(&there, gone).unwrap();
    assert!(matches!(volume.is_there(), Err(OpenVolumeError::Missing { .. })));
    let said = [volume.space().map(|_| ()), volume.remove(&place("door", 1))];
    for refused in said {
        let words = refused.unwrap_err().to_string();
        assert!(words.contains("mount its disk"), "{words}");
    }
    disk.rename(gone, &there).unwrap();
    volume.is_there().unwrap();
    volume.remove(&place("door", 1)).expect("a file that is not there is removed");
}

#[test]
fn a_volume_whose_disk_is_not_mounted_is_missing() {
    let disk = SimDisk::new();
    let missing = open(&disk, expect(&identity(1))).err().unwrap();
    assert!(matches!(missing, OpenVolumeError::Missing { .. }), "{missing}");
    disk.create_dir_all(Path::new(ROOT)).unwrap();
    let missing = open(&disk, expect(&identity(1))).err().unwrap();
    assert!(matches!(missing, OpenVolumeError::Missing { .. }), "{missing}");
}

#[test]
fn a_folder_with_strangers_files_is_never_made_a_volume() {
    let disk = SimDisk::new();
    disk.create_dir_all(&Path::new(ROOT).join("lost+found")).unwrap();
    disk.create(&Path::new(ROOT).join("holiday.jpg")).unwrap();
    let refused = Volume::init(&disk, Path::new(ROOT), &identity(1)).unwrap_err();
    assert!(matches!(&refused, OpenVolumeError::NotEmpty { found, .. } if found == "holiday.jpg"));
    disk.remove_file(&Path::new(ROOT).join("holiday.jpg")).unwrap();
    Volume::init(&disk, Path::new(ROOT), &identity(1)).unwrap();
}

#[test]
fn volumes_of_others_are_refused() {
    let disk = ready();
    let other = Expect { volume: None, archive: ArchiveId::from_bytes([8; 16]) };
    let refused = open(&disk, other).err().unwrap();
    assert!(matches!(refused, OpenVolumeError::OfAnotherArchive { .. }), "{refused}");
    let refused = open(&disk, expect(&identity(2))).err().unwrap();
    assert!(matches!(refused, OpenVolumeError::AnotherVolume { .. }), "{refused}");
    let refused = Volume::init(&disk, Path::new(ROOT), &identity(2)).unwrap_err();
    assert!(matches!(refused, OpenVolumeError::AnotherVolume { .. }), "{refused}");
}

#[test]
fn a_second_process_is_told_who_was_first() {
    let disk = ready();
    let first = open(&disk, expect(&identity(1))).unwrap();
    let second = open(&disk, expect(&identity(1))).err().unwrap();
    assert!(
        matches!(&second, OpenVolumeError::Locked { by, .. } if by == "process 0 (holdfast)"),
        "{second}"
    );
    let root = Path::new(ROOT);
    let reading = Volume::open_to_read(Arc::new(disk.clone()), root, expect(&identity(1))).unwrap();
    assert!(reading.remove(&place("a", 0)).is_err(), "what only reads removes nothing");
    drop(first);
    open(&disk, expect(&identity(1))).unwrap();
}

#[test]
fn a_read_only_disk_is_told() {
    let disk = ready();
    disk.set_read_only(true);
    let refused = open(&disk, expect(&identity(1))).err().unwrap();
    assert!(matches!(refused, OpenVolumeError::ReadOnly { .. }), "{refused}");
    let elsewhere = Volume::init(&disk, Path::new("/disks/two"), &identity(2)).unwrap_err();
    assert!(matches!(elsewhere, OpenVolumeError::ReadOnly { .. }), "{elsewhere}");
}

#[test]
fn a_damaged_or_newer_description_is_told() {
    for (text, too_new) in [("{", false), ("{\"version\":2}", true), ("{\"version\":1}", false)] {
        let disk = SimDisk::new();
        disk.create_dir_all(Path::new(ROOT)).unwrap();
        let file = disk.create(&Path::new(ROOT).join(archive::volume::IDENTITY_FILE)).unwrap();
        file.write_all_at(&[text.as_bytes()], 0).unwrap();
        match Volume::peek(&disk, Path::new(ROOT)).unwrap_err() {
            OpenVolumeError::TooNew { found: 2, .. } => assert!(too_new, "{text}"),
            OpenVolumeError::Damaged { .. } => assert!(!too_new, "{text}"),
            other => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn a_power_cut_while_making_a_volume_leaves_one_that_can_be_made() {
    for seed in 0..40 {
        let disk = SimDisk::new();
        disk.fail_power_after(seed % 8);
        let made = Volume::init(&disk, Path::new(ROOT), &identity(1)).is_ok();
        disk.power_cut(&mut Random::new(seed));
        if made {
            Volume::peek(&disk, Path::new(ROOT)).expect("what was made is durable");
        }
        Volume::init(&disk, Path::new(ROOT), &identity(1)).unwrap();
    }
}

#[test]
fn segments_are_found_by_name_and_removed_with_their_empty_folder() {
    let disk = ready();
    let volume = open(&disk, expect(&identity(1))).unwrap();
    let (day, next) = (86_400_000_000, 2 * 86_400_000_000);
    let places = [place("a", day + 5_000), place("a", day + 9_000), place("b", next)];
    for place in &places {
        let path = Path::new(ROOT).join(place.relative());
        disk.create_dir_all(path.parent().unwrap()).unwrap();
        disk.create(&path).unwrap();
        disk.create_dir_all(&Path::new(ROOT).join("a/main/notes")).unwrap();
        let stranger = path.with_extension("txt");
        disk.create(&stranger).unwrap();
        disk.remove_file(&stranger).unwrap();
    }
    let days = volume.days().unwrap();
    assert_eq!(days, [places[0].folder(), places[2].folder()]);
    assert_eq!(days[0], DayFolder::at("a", "main", WallTime::from_micros(next - 1)));
    assert_eq!(volume.segments(&days[0]).unwrap(), places[..2]);
    volume.remove(&places[0]).unwrap();
    volume.remove(&places[0]).expect("removing it again changes nothing");
    assert_eq!(volume.segments(&days[0]).unwrap(), places[1..2]);
    volume.remove(&places[1]).unwrap();
    assert_eq!(volume.days().unwrap(), [places[2].folder()]);
    assert!(volume.segments(&days[0]).unwrap().is_empty());
}

#[test]
fn the_real_disk_holds_a_volume_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("volume");
    Volume::init(&SystemDisk, &root, &identity(1)).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
    let first = Volume::open(disk.clone(), &root, expect(&identity(1)), "holdfast").unwrap();
    let second = Volume::open(disk.clone(), &root, expect(&identity(1)), "holdfast").err().unwrap();
    assert!(matches!(second, OpenVolumeError::Locked { .. }), "{second}");
    drop(first);
    Volume::open(disk, &root, expect(&identity(1)), "holdfast").unwrap();
}

#[test]
fn a_volume_knows_the_keys_that_came_after_the_first() {
    let disk = ready();
    let path = Path::new(ROOT).join("holdfast-volume.json");
    let text = || String::from_utf8(disk.read_all(&path, 1 << 16).unwrap()).unwrap();
    let before = text();
    assert!(!before.contains("later_keys"), "it is as it always was: {before}");
    let (first, second) = (identity(1).public_key, [77; 32]);
    let volume = open(&disk, expect(&identity(1))).unwrap();
    assert_eq!(volume.keys(), [first]);
    assert!(!volume.take_key(first).unwrap());
    assert_eq!(text(), before);
    assert!(volume.take_key(second).unwrap());
    assert!(!volume.take_key(second).unwrap());
    assert_eq!(volume.keys(), [first, second]);
    drop(volume);
    let volume = open(&disk, expect(&identity(1))).unwrap();
    assert_eq!((volume.keys(), volume.identity()), (vec![first, second], &identity(1)));
    for n in 2..64 {
        volume.take_key([100 + n; 32]).unwrap();
    }
    assert!(volume.take_key([99; 32]).is_err(), "there is a bound");
    let reader =
        Volume::open_to_read(Arc::new(disk.clone()), Path::new(ROOT), expect(&identity(1)));
    assert!(reader.unwrap().take_key([98; 32]).is_err());
}

#[test]
fn a_power_cut_while_a_key_is_taken_leaves_a_whole_description() {
    for seed in 0..32 {
        let disk = ready();
        let volume = open(&disk, expect(&identity(1))).unwrap();
        disk.fail_power_after(seed % 8);
        let taken = volume.take_key([77; 32]).is_ok();
        drop(volume);
        disk.power_cut(&mut Random::new(seed));
        let keys = open(&disk, expect(&identity(1))).unwrap().keys();
        assert_eq!(keys[0], identity(1).public_key);
        assert!(keys.len() == 2 || !taken, "seed {seed}");
    }
}
