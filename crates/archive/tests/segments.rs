//! Segments on a simulated disk: whatever happens to the power or the disk, what was synced is
//! found again.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::ErrorKind;
use std::path::Path;

use archive::{Depth, FileState, RecoverError, SegmentPlace, Volume, WriteError, recover, verify};
use common::*;
use media::{CommitRef, Identity, Predecessor, SegmentIndex};
use world::Disk;
use world::sim::{Effect, Fault, Operation, Random, SimDisk};

const BATCHES: u32 = 4;

/// What one recording knew to be durable when the power went.
#[derive(Default)]
struct Known {
    durable: Option<CommitRef>,
    sealed: bool,
}

/// Records [`BATCHES`] batches and seals them, as far as the power lasts.
fn record(volume: &Volume, known: &mut Known) -> Option<()> {
    let mut writer = volume.create(&place(1), segment(1), tracks()).ok()?;
    for n in 0..BATCHES {
        let appended = writer.append(&batch(n)).ok()?;
        writer.syncer()?.sync().ok()?;
        known.durable = Some(appended.commit);
    }
    let sealing = writer.seal(Some(&key())).ok()?;
    sealing.syncer().sync().ok()?;
    sealing.turn().ok()?;
    sealing.syncer().sync().ok()?;
    sealing.finish().ok()?;
    known.sealed = true;
    Some(())
}

fn found(volume: &Volume) -> Option<SegmentPlace> {
    let days = volume.days().unwrap();
    days.iter().flat_map(|day| volume.segments(day).unwrap()).next()
}

fn pictures(index: &SegmentIndex) -> usize {
    index.tracks[0].samples.len()
}

#[test]
fn a_power_cut_at_any_step_costs_nothing_that_was_synced() {
    let whole = disk();
    let before = whole.changes();
    record(&open(&whole), &mut Known::default()).unwrap();
    let steps = whole.changes() - before;
    assert!((20..60).contains(&steps), "{steps} steps");
    for step in 0..=steps {
        for seed in 0..4 {
            let disk = disk();
            let volume = open(&disk);
            let mut known = Known::default();
            disk.fail_power_after(step);
            record(&volume, &mut known);
            drop(volume);
            disk.power_cut(&mut Random::new(seed * 1000 + step));
            check_recovery(
                &disk,
                &known,
                &format!("step {step}, seed {seed}"),
                (seed * 5 + step) % 11,
            );
        }
    }
}

/// Recovers the one segment of `disk`, with the power failing once more on the way.
fn check_recovery(disk: &SimDisk, known: &Known, case: &str, fail_after: u64) {
    let volume = open(disk);
    let Some(place) = found(&volume) else {
        assert!(known.durable.is_none(), "{case}: a synced segment has lost its name");
        return;
    };
    let tail = recover::tail(&volume, &place);
    if known.durable.is_some() {
        let last = tail.as_ref().expect(case).last;
        assert!(Some(last.number) >= known.durable.map(|commit| commit.number), "{case}");
    }
    disk.fail_power_after(fail_after);
    let _ = recover::finish(&volume, &place, Some(&key()), None);
    drop(volume);
    disk.power_cut(&mut Random::new(fail_after));
    let volume = open(disk);
    match recover::finish(&volume, &place, Some(&key()), None) {
        Ok(found) => {
            let durable = known.durable.map_or(0, |commit| commit.number);
            assert!(found.sealed.last.number >= durable, "{case}");
            let batches = found.sealed.last.number as usize + 1;
            assert_eq!(pictures(&found.index), batches * PICTURES as usize, "{case}");
            assert_eq!(found.identity, segment(1), "{case}");
            assert_eq!(tail.expect(case).last, found.sealed.last, "{case}: tail and walk differ");
            let again = recover::finish(&volume, &place, Some(&key()), None).expect(case);
            assert_eq!((again.was, again.cut), (FileState::Sealed, 0), "{case}");
            assert_eq!(again.index, found.index, "{case}");
            let checked = verify(&volume, &place, Depth::Everything).unwrap();
            assert_eq!(checked.problems, [], "{case}");
        }
        Err(RecoverError::Nothing { .. }) => assert!(known.durable.is_none(), "{case}"),
        Err(error) => panic!("{case}: {error}"),
    }
    if known.sealed {
        assert_eq!(tail_state(&volume, &place), FileState::Sealed, "{case}");
    }
}

fn tail_state(volume: &Volume, place: &SegmentPlace) -> FileState {
    recover::tail(volume, place).unwrap().state
}

#[test]
fn a_killed_process_loses_nothing_that_it_wrote() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    for n in 0..3 {
        writer.append(&batch(n)).unwrap();
    }
    let last = writer.last_commit().unwrap();
    disk.kill();
    let volume = open(&disk);
    let tail = recover::tail(&volume, &place(1)).unwrap();
    assert_eq!((tail.last, tail.state), (last, FileState::Growing));
    assert_eq!((tail.end, tail.len), (writer.end(), writer.end()));
    assert_eq!((&tail.identity, &tail.tracks), (writer.identity(), &tracks()));
    let found = recover::finish(&volume, &place(1), None, None).unwrap();
    assert_eq!(&found.index, writer.index());
    assert_eq!((found.sealed.last, found.cut), (last, 0));
}

#[test]
fn a_sealed_segment_explains_itself_and_takes_no_more_space_than_it_needs() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    assert!(writer.syncer().is_none(), "nothing is on the disk before the first batch");
    assert_eq!(volume.days().unwrap(), []);
    let appended = writer.append(&batch(0)).unwrap();
    assert_eq!(appended.end, writer.end());
    assert_eq!(appended.added.tracks[0].samples.len(), PICTURES as usize);
    assert!(volume.usage(&place(1)).unwrap().allocated > 1 << 20, "space is reserved ahead");
    writer.syncer().unwrap().sync().unwrap();
    let sealing = writer.seal(Some(&key())).unwrap();
    assert!(!writer.is_open());
    assert!(matches!(writer.append(&batch(1)), Err(WriteError::Closed { .. })));
    sealing.syncer().sync().unwrap();
    assert_eq!(tail_state(&volume, &place(1)), FileState::Unturned);
    sealing.turn().unwrap();
    sealing.syncer().sync().unwrap();
    let info = sealing.finish().unwrap();
    assert_eq!(info.last, appended.commit);
    assert!(info.allocated < info.len + 4096);
    let (identity, index) = volume.sealed_index(&place(1)).unwrap();
    assert_eq!((&identity, &index), (&segment(1), writer.index()));
    for depth in [Depth::Ends, Depth::Everything] {
        let checked = verify(&volume, &place(1), depth).unwrap();
        assert_eq!((checked.problems, checked.last), (vec![], Some(info.last)), "{depth:?}");
    }
}

#[test]
fn samples_are_read_where_the_index_says() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    writer.append(&batch(0)).unwrap();
    writer.append(&batch(1)).unwrap();
    let reader = volume.reader(&place(1)).unwrap();
    for track in 0..2 {
        let written: Vec<u8> = (0..2)
            .flat_map(|n| batch(n).fragments)
            .flat_map(|fragment| fragment.runs.into_iter().filter(|run| run.track == track))
            .flat_map(|run| run.samples)
            .flat_map(|sample| sample.data)
            .collect();
        let index = &writer.index().tracks[track];
        let mut read = Vec::new();
        for (at, chunk) in index.chunks.iter().enumerate() {
            let next =
                index.chunks.get(at + 1).map_or(index.samples.len(), |c| c.first_sample as usize);
            let samples = &index.samples[chunk.first_sample as usize..next];
            let mut bytes = vec![0; samples.iter().map(|sample| sample.size as usize).sum()];
            reader.read_at(&mut bytes, chunk.offset).unwrap();
            read.extend(bytes);
        }
        assert_eq!(read, written, "track {track}");
    }
    let past = reader.read_at(&mut [0], reader.file_len().unwrap()).unwrap_err();
    assert_eq!(past.kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_failed_sync_closes_the_segment_and_its_successor_decides_what_counts() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    let mut commits = Vec::new();
    for n in 0..3 {
        commits.push(writer.append(&batch(n)).unwrap().commit);
        writer.syncer().unwrap().sync().unwrap();
    }
    disk.add_fault(Fault::new(Operation::SyncData, Effect::Fail(ErrorKind::Other)).times(1));
    writer.append(&batch(3)).unwrap();
    assert!(writer.syncer().unwrap().sync().is_err());
    assert!(writer.syncer().unwrap().sync().is_err(), "a failed sync is never tried again");
    assert!(matches!(writer.append(&batch(4)), Err(WriteError::Closed { .. })));
    assert!(matches!(writer.seal(None), Err(WriteError::Closed { .. })));
    let keep = commits[1];
    let found = recover::finish(&volume, &place(1), Some(&key()), Some(keep)).unwrap();
    assert_eq!((found.sealed.last, found.missing), (keep, None));
    assert_eq!(pictures(&found.index), 2 * PICTURES as usize);
    assert!(found.cut > 0);
    assert_eq!(verify(&volume, &place(1), Depth::Everything).unwrap().problems, []);
    let missing = recover::finish(&volume, &place(1), None, Some(commits[2])).unwrap();
    assert_eq!((missing.sealed.last, missing.missing), (keep, Some(commits[2])));
}

#[test]
fn what_could_not_be_written_out_is_not_synced() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    writer.append(&batch(0)).unwrap();
    writer.syncer().unwrap().sync().unwrap();
    disk.add_fault(Fault::new(Operation::WriteOut, Effect::Fail(ErrorKind::Other)).times(1));
    writer.append(&batch(1)).unwrap();
    let syncer = writer.syncer().unwrap();
    syncer.start_write_out();
    assert!(syncer.finish_write_out().is_err());
    // The kernel says it once: the sync itself would succeed.
    assert!(syncer.sync().is_err());
    assert!(syncer.finish_write_out().is_err());
    assert!(matches!(writer.append(&batch(2)), Err(WriteError::Closed { .. })));
}

#[test]
fn a_sealed_segment_is_cut_back_to_what_its_successor_names() {
    let disk = disk();
    let volume = open(&disk);
    record(&volume, &mut Known::default()).unwrap();
    let mut other = volume.create(&place(2), segment(2), tracks()).unwrap();
    let keep = other.append(&batch(0)).unwrap().commit;
    let found = recover::finish(&volume, &place(1), Some(&key()), Some(keep)).unwrap();
    assert_eq!(found.sealed.last.number, 0);
    assert_eq!(found.missing, Some(keep), "another segment's commit has another hash");
    assert_eq!(verify(&volume, &place(1), Depth::Everything).unwrap().problems, []);
}

#[test]
fn a_full_disk_leaves_the_segment_as_it_was() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    let first = writer.append(&batch(0)).unwrap();
    writer.syncer().unwrap().sync().unwrap();
    disk.add_fault(Fault::new(Operation::Write, Effect::Fail(ErrorKind::StorageFull)).times(2));
    for _ in 0..2 {
        let refused = writer.append(&batch(1)).unwrap_err();
        assert!(matches!(&refused, WriteError::Io { doing: "writing", .. }), "{refused}");
    }
    assert_eq!((writer.last_commit(), writer.end()), (Some(first.commit), first.end));
    assert_eq!(recover::tail(&volume, &place(1)).unwrap().last, first.commit);
    let second = writer.append(&batch(1)).unwrap();
    assert_eq!(second.commit.number, 1);
    writer.syncer().unwrap().sync().unwrap();
    disk.add_fault(Fault::new(Operation::Write, Effect::Fail(ErrorKind::StorageFull)).times(1));
    assert!(writer.seal(None).is_err());
    let sealing = writer.seal(Some(&key())).expect("sealing may be tried again");
    sealing.syncer().sync().unwrap();
    sealing.turn().unwrap();
    sealing.syncer().sync().unwrap();
    assert_eq!(sealing.finish().unwrap().last, second.commit);
    assert_eq!(verify(&volume, &place(1), Depth::Everything).unwrap().problems, []);
}

#[test]
fn a_file_without_a_whole_commit_is_nothing() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    let end = writer.append(&batch(0)).unwrap().end;
    let path = Path::new(ROOT).join(place(1).relative());
    for len in [0, 1, 24, 40, 500, end / 2, end - 1] {
        let file = disk.open(&path, true).unwrap();
        file.set_len(len).unwrap();
        let nothing = recover::finish(&volume, &place(1), None, None).unwrap_err();
        assert!(matches!(nothing, RecoverError::Nothing { .. }), "{len}: {nothing}");
        let nothing = recover::tail(&volume, &place(1)).unwrap_err();
        assert!(matches!(nothing, RecoverError::Nothing { .. }), "{len}: {nothing}");
    }
}

#[test]
fn footage_that_looks_like_a_commit_fools_nobody() {
    let disk = disk();
    let volume = open(&disk);
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    let first = writer.append(&batch(0)).unwrap();
    let mut bytes = vec![0; first.end as usize];
    volume.reader(&place(1)).unwrap().read_at(&mut bytes, 0).unwrap();
    // A camera that sends back a whole segment, commit record and all, as one picture.
    let mut echo = batch(1);
    echo.fragments[1].runs[0].samples[2].data = bytes.repeat(40).into();
    let second = writer.append(&echo).unwrap();
    let tail = recover::tail(&volume, &place(1)).unwrap();
    assert_eq!((tail.last, tail.end), (second.commit, second.end));
    let path = Path::new(ROOT).join(place(1).relative());
    disk.open(&path, true).unwrap().set_len(second.end - 1).unwrap();
    let tail = recover::tail(&volume, &place(1)).unwrap();
    assert_eq!((tail.last, tail.end), (first.commit, first.end));
    let found = recover::finish(&volume, &place(1), None, None).unwrap();
    assert_eq!(found.sealed.last, first.commit);
}

#[test]
fn good_footage_behind_damage_is_never_cut_off() {
    for (sealed, at) in [(true, 60), (true, 0), (false, 60), (false, 0)] {
        let disk = disk();
        let volume = open(&disk);
        let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
        let end = writer.append(&batch(0)).unwrap().end;
        for n in 1..BATCHES {
            writer.append(&batch(n)).unwrap();
        }
        writer.syncer().unwrap().sync().unwrap();
        let sealing = sealed.then(|| writer.seal(Some(&key())).unwrap());
        let path = Path::new(ROOT).join(place(1).relative());
        flip(&disk, &path, if at == 0 { end + 2000 } else { at });
        let before = disk.read_all(&path, 1 << 20).unwrap();
        let found = recover::finish(&volume, &place(1), Some(&key()), None);
        let case = format!("sealed {sealed}, damage at {at}");
        match (sealed, at) {
            (true, 0) => {
                let found = found.expect(&case);
                assert_eq!((found.was, found.broken), (FileState::Unturned, Some(0)), "{case}");
                assert_eq!(found.index, *writer.index(), "{case}");
                assert_eq!(sealing.unwrap().last_commit(), found.sealed.last, "{case}");
                continue;
            }
            (false, 0) => {
                let checked = verify(&volume, &place(1), Depth::Everything).unwrap();
                let names = checked.problems.iter().map(archive::Problem::name);
                assert_eq!(names.collect::<Vec<_>>(), ["not-sealed", "chain-broken"], "{case}");
                let error = found.unwrap_err();
                assert!(
                    matches!(error, RecoverError::Damaged { after: 0, goes_on_to: 3, .. }),
                    "{case}: {error}"
                );
            }
            _ => {
                let error = found.unwrap_err();
                assert!(matches!(error, RecoverError::NotASegment { .. }), "{case}: {error}");
            }
        }
        assert_eq!(disk.read_all(&path, 1 << 20).unwrap(), before, "{case}: it was changed");
    }
}

/// Records, damages what `damage` says, and checks.
fn problems(damage: impl FnOnce(&SimDisk, &Path)) -> Vec<&'static str> {
    let disk = disk();
    let volume = open(&disk);
    record(&volume, &mut Known::default()).unwrap();
    damage(&disk, &Path::new(ROOT).join(place(1).relative()));
    let checked = verify(&volume, &place(1), Depth::Everything).unwrap();
    checked.problems.iter().map(archive::Problem::name).collect()
}

fn flip(disk: &SimDisk, path: &Path, offset: u64) {
    let file = disk.open(path, true).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[&[byte[0] ^ 1]], offset).unwrap();
}

#[test]
fn check_names_what_is_wrong() {
    assert_eq!(problems(|_, _| {}), [""; 0]);
    let len = |disk: &SimDisk, path: &Path| disk.usage(path).unwrap().len;
    assert_eq!(problems(|disk, path| flip(disk, path, len(disk, path) / 2)), ["chain-broken"]);
    assert_eq!(problems(|disk, path| flip(disk, path, len(disk, path) - 1)), ["bad-signature"]);
    let cut = |disk: &SimDisk, path: &Path| {
        let len = len(disk, path);
        disk.open(path, true).unwrap().set_len(len - 1).unwrap();
    };
    assert_eq!(problems(cut), ["seal-missing"]);
    assert_eq!(problems(|disk, path| flip(disk, path, 4)), ["header"]);
    assert_eq!(problems(|disk, path| flip(disk, path, 60)), ["no-commit"]);
    let empty = |disk: &SimDisk, path: &Path| disk.open(path, true).unwrap().set_len(0).unwrap();
    assert_eq!(problems(empty), ["empty"]);
    let elsewhere = |disk: &SimDisk, path: &Path| {
        disk.rename(path, &Path::new(ROOT).join(place(2).relative())).unwrap();
    };
    let disk = disk();
    let volume = open(&disk);
    record(&volume, &mut Known::default()).unwrap();
    elsewhere(&disk, &Path::new(ROOT).join(place(1).relative()));
    let checked = verify(&volume, &place(2), Depth::Ends).unwrap();
    assert_eq!(checked.problems[0].name(), "other-segment");
}

#[test]
fn check_follows_the_chain_from_segment_to_segment() {
    let disk = disk();
    let volume = open(&disk);
    let mut known = Known::default();
    record(&volume, &mut known).unwrap();
    let first = verify(&volume, &place(1), Depth::Ends).unwrap();
    let last = known.durable.unwrap();
    let link = |number: u32, hash| {
        let commit = CommitRef { number, hash };
        let predecessor = Some(Predecessor { segment: place(1).id, commit });
        let successor = Identity { predecessor, ..segment(2) };
        archive::verify_link(&successor, &first).map(|problem| problem.name())
    };
    assert_eq!(link(last.number, last.hash), None);
    assert_eq!(link(last.number + 1, last.hash), Some("predecessor-short"));
    assert_eq!(link(last.number - 1, last.hash), Some("predecessor-long"));
    assert_eq!(link(last.number, [0; 32]), Some("predecessor-differs"));
    assert_eq!(archive::verify_link(&segment(2), &first), None);
}
