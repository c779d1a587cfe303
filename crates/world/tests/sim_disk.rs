//! What a simulated disk promises: what was synced survives every power cut, nothing else must.
#![allow(clippy::unwrap_used)]

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::WallTime;
use proptest::prelude::*;
use world::sim::{Effect, Fault, Operation, Random, SimClock, SimDisk};
use world::{Clock, Disk, LockHeld};

#[derive(Clone, Debug)]
enum Step {
    Write { file: usize, offset: u64, len: usize, fill: u8 },
    SetLen { file: usize, len: u64 },
    Sync { file: usize },
    SyncDir,
}

fn step() -> impl Strategy<Value = Step> {
    let file = 0..3usize;
    prop_oneof![
        4 => (file.clone(), 0..4000u64, 1..3000usize, any::<u8>())
            .prop_map(|(file, offset, len, fill)| Step::Write { file, offset, len, fill }),
        1 => (file.clone(), 0..5000u64).prop_map(|(file, len)| Step::SetLen { file, len }),
        2 => file.prop_map(|file| Step::Sync { file }),
        1 => Just(Step::SyncDir),
    ]
}

fn path(file: usize) -> PathBuf {
    PathBuf::from(format!("/vol/{file}"))
}

fn content(disk: &SimDisk, path: &Path) -> io::Result<Vec<u8>> {
    disk.read_all(path, 1 << 20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_was_synced_survives_and_the_seed_decides_the_rest(
        steps in proptest::collection::vec(step(), 0..40),
        seed in any::<u64>(),
    ) {
        let run = || {
            let disk = SimDisk::new();
            disk.create_dir_all(Path::new("/vol")).unwrap();
            disk.sync_dir(Path::new("/")).unwrap();
            let files: Vec<_> = (0..3).map(|n| disk.create(&path(n)).unwrap()).collect();
            // Per file: what is durable for sure, and whether it was touched since.
            let mut synced: Vec<(Vec<u8>, bool)> = vec![(Vec::new(), false); 3];
            let mut named = false;
            for step in &steps {
                match *step {
                    Step::Write { file, offset, len, fill } => {
                        files[file].write_all_at(&[&vec![fill; len]], offset).unwrap();
                        synced[file].1 = true;
                    }
                    Step::SetLen { file, len } => {
                        files[file].set_len(len).unwrap();
                        synced[file].1 = true;
                    }
                    Step::Sync { file } => {
                        files[file].sync_data().unwrap();
                        synced[file] = (content(&disk, &path(file)).unwrap(), false);
                    }
                    Step::SyncDir => {
                        disk.sync_dir(Path::new("/vol")).unwrap();
                        named = true;
                    }
                }
            }
            disk.power_cut(&mut Random::new(seed));
            assert!(files[0].len().is_err(), "handles die with the power");
            for (file, (durable, touched)) in synced.iter().enumerate() {
                match content(&disk, &path(file)) {
                    Ok(found) if !touched => assert_eq!(&found, durable),
                    Ok(_) => {}
                    Err(error) => assert!(!named, "a synced name is lost: {error}"),
                }
            }
            (0..3).map(|file| content(&disk, &path(file)).ok()).collect::<Vec<_>>()
        };
        prop_assert_eq!(run(), run());
    }
}

/// A disk with a durable folder `/vol`.
fn disk() -> SimDisk {
    let disk = SimDisk::with_capacity(1 << 20);
    disk.create_dir_all(Path::new("/vol")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    disk
}

#[test]
fn unsynced_data_is_lost_torn_or_kept() {
    let (mut lost, mut torn, mut kept) = (0, 0, 0);
    for seed in 0..100 {
        let disk = disk();
        let file = disk.create(&path(0)).unwrap();
        disk.sync_dir(Path::new("/vol")).unwrap();
        file.write_all_at(&[&[7; 4096]], 0).unwrap();
        disk.power_cut(&mut Random::new(seed));
        match content(&disk, &path(0)).unwrap() {
            found if found.is_empty() => lost += 1,
            found if found == [7; 4096] => kept += 1,
            _ => torn += 1,
        }
    }
    assert!(lost > 10 && torn > 10 && kept > 10, "{lost} {torn} {kept}");
}

#[test]
fn unsynced_names_may_be_lost_and_removed_ones_come_back() {
    let (mut lost, mut back) = (0, 0);
    for seed in 0..100 {
        let disk = disk();
        disk.create(&path(0)).unwrap();
        disk.sync_dir(Path::new("/vol")).unwrap();
        disk.remove_file(&path(0)).unwrap();
        disk.create(&path(1)).unwrap().sync_data().unwrap();
        disk.power_cut(&mut Random::new(seed));
        back += usize::from(content(&disk, &path(0)).is_ok());
        lost += usize::from(content(&disk, &path(1)).is_err());
    }
    assert!((20..80).contains(&lost) && (20..80).contains(&back), "{lost} {back}");
}

#[test]
fn a_rename_is_all_or_nothing() {
    for seed in 0..50 {
        let disk = disk();
        disk.create(&path(0)).unwrap();
        disk.sync_dir(Path::new("/vol")).unwrap();
        disk.rename(&path(0), &path(1)).unwrap();
        disk.power_cut(&mut Random::new(seed));
        assert_eq!(disk.list(Path::new("/vol")).unwrap().len(), 1);
    }
}

#[test]
fn a_failed_sync_drops_the_data_for_good() {
    let disk = disk();
    let file = disk.create(&path(0)).unwrap();
    disk.sync_dir(Path::new("/vol")).unwrap();
    disk.add_fault(Fault::new(Operation::SyncData, Effect::Fail(ErrorKind::Other)).times(1));
    file.write_all_at(&[b"frame"], 0).unwrap();
    assert!(file.sync_data().is_err());
    assert!(file.sync_data().is_ok(), "the kernel forgets that it failed");
    assert_eq!(content(&disk, &path(0)).unwrap(), b"frame");
    disk.power_cut(&mut Random::new(1));
    assert_eq!(content(&disk, &path(0)).unwrap(), b"");
}

#[test]
fn a_full_disk_takes_what_fits_and_frees_what_is_removed() {
    let disk = disk();
    let file = disk.create(&path(0)).unwrap();
    disk.set_others((1 << 20) - 8192);
    let refused = file.write_all_at(&[&[1; 10_000]], 0).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::StorageFull);
    assert_eq!(file.len().unwrap(), 8192);
    assert_eq!(disk.space(Path::new("/vol")).unwrap().available, 0);
    let other = disk.create(&path(1)).unwrap();
    assert_eq!(other.reserve(1).unwrap_err().kind(), ErrorKind::StorageFull);
    disk.remove_file(&path(0)).unwrap();
    other.reserve(8192).unwrap();
    assert_eq!(disk.usage(&path(1)).unwrap().allocated, 8192);
    other.set_len(0).unwrap();
    assert_eq!(disk.space(Path::new("/vol")).unwrap().available, 8192);
}

#[test]
fn power_fails_at_a_chosen_call_and_comes_back_with_the_cut() {
    let disk = disk();
    disk.fail_power_after(1);
    let file = disk.create(&path(0)).unwrap();
    assert!(file.write_all_at(&[b"x"], 0).is_err());
    assert!(disk.sync_dir(Path::new("/vol")).is_err());
    assert!(disk.list(Path::new("/vol")).is_err());
    disk.power_cut(&mut Random::new(3));
    assert!(disk.list(Path::new("/vol")).is_ok());
}

#[test]
fn faults_hit_the_calls_that_they_name() {
    let disk = disk();
    let clock = SimClock::new(WallTime::EPOCH);
    disk.set_clock(clock.clone());
    let fail = Effect::Fail(ErrorKind::Other);
    disk.add_fault(Fault::new(Operation::Write, fail).on("/1").after(1).times(1));
    disk.add_fault(Fault::new(Operation::SyncData, Effect::Slow(Duration::from_secs(3))));
    let (a, b) = (disk.create(&path(0)).unwrap(), disk.create(&path(1)).unwrap());
    for _ in 0..3 {
        a.write_all_at(&[b"ab"], 0).unwrap();
    }
    b.write_all_at(&[b"ab"], 0).unwrap();
    assert!(b.write_all_at(&[b"cd"], 0).is_err());
    assert_eq!(content(&disk, &path(1)).unwrap(), b"cb", "half of it was written");
    b.write_all_at(&[b"cd"], 0).unwrap();
    b.sync_data().unwrap();
    assert_eq!(clock.wall(), WallTime::EPOCH + Duration::from_secs(3));
}

#[test]
fn a_hanging_call_goes_on_when_the_fault_is_cleared_and_fails_when_the_power_goes() {
    for cut in [false, true] {
        let disk = disk();
        let file = disk.create(&path(0)).unwrap();
        disk.add_fault(Fault::new(Operation::SyncData, Effect::Hang));
        let hanging = std::thread::spawn(move || file.sync_data().is_ok());
        std::thread::sleep(Duration::from_millis(5));
        assert!(disk.list(Path::new("/vol")).is_ok(), "others go on");
        if cut {
            disk.power_cut(&mut Random::new(1));
        } else {
            disk.clear_faults();
        }
        assert_eq!(hanging.join().unwrap(), !cut);
    }
}

#[test]
fn locks_are_exclusive_and_end_with_the_process() {
    let disk = disk();
    let lock = Path::new("/vol/lock");
    let first = disk.lock(lock, "first").unwrap();
    let refused = disk.lock(lock, "second").err().unwrap();
    assert_eq!(LockHeld::of(&refused).unwrap().by, "process 0 (first)");
    disk.kill();
    let second = disk.lock(lock, "second").unwrap();
    drop(first);
    assert!(disk.lock(lock, "third").is_err(), "a dead guard frees nothing");
    drop(second);
    assert!(disk.lock(lock, "third").is_ok());
}

#[test]
fn a_read_only_disk_refuses_changes_and_lets_reads_through() {
    let disk = disk();
    disk.create(&path(0)).unwrap();
    disk.set_read_only(true);
    let refused = disk.lock(Path::new("/vol/lock"), "me").err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::ReadOnlyFilesystem);
    assert!(disk.open(&path(0), true).is_err());
    assert!(disk.open(&path(0), false).is_ok());
}
