//! Notes of what was removed: merging, signatures, power cuts.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use base::{ArchiveId, VolumeId};
use proptest::prelude::*;
use world::Disk;
use world::sim::{Random, SeededEntropy, SimDisk};

use super::*;
use crate::key::ArchiveKey;
use crate::volume::{Expect, Volume, VolumeIdentity};

const STREAM: StreamId = StreamId::from_bytes([5; 16]);

fn link(number: u8) -> Predecessor {
    let segment = SegmentId::from_bytes([number; 16]);
    Predecessor { segment, commit: CommitRef { number: 9, hash: [number; 32] } }
}

/// Segment `number` of a stream of minutes, the first of which is 1.
fn span(number: u8) -> RemovedSpan {
    let at = |minute: u8| WallTime::from_micros(i64::from(minute) * 60_000_000);
    RemovedSpan {
        after: (number > 1).then(|| link(number - 1)),
        first: link(number).segment,
        last: link(number),
        from: at(number),
        to: at(number + 1),
        segments: 1,
        removed: at(200),
        reasons: vec![RemovalReason::Retention],
        joined: false,
    }
}

fn noted(numbers: impl IntoIterator<Item = u8>) -> Removed {
    let mut removed = Removed::nothing(STREAM);
    numbers.into_iter().for_each(|number| removed.add(span(number)));
    removed
}

#[test]
fn what_follows_one_another_is_one_span_in_whatever_order_it_goes() {
    let whole = noted(1..=6);
    assert_eq!(whole.spans.len(), 1);
    assert_eq!((whole.spans[0].segments, whole.spans[0].last), (6, link(6)));
    assert_eq!(noted([3, 1, 6, 2, 5, 4]), whole);
    assert_eq!(noted([1, 2, 3, 2, 3, 4, 5, 6]), whole, "said twice is the same as once");
    let parts = noted([1, 2, 5, 6]);
    assert_eq!(parts.spans.len(), 2);
    assert!(parts.explains(&link(2)).is_some() && parts.explains(&link(6)).is_some());
    assert!(parts.explains(&link(4)).is_none(), "4 was never removed");
    let branch = "what follows 1 as well, where a start did not know of 2, is explained";
    assert!(parts.explains(&link(1)).is_some(), "{branch}");
    assert!(parts.follows(link(4).segment).is_some());
}

#[test]
fn a_segment_that_was_another_is_not_explained() {
    let removed = noted([1, 2]);
    let mut other = link(2);
    other.commit.hash = [99; 32];
    assert!(removed.explains(&other).is_none());
    other.commit = CommitRef { number: 10, hash: [2; 32] };
    assert!(removed.explains(&other).is_none(), "more was there than was removed");
    other.commit = CommitRef { number: 8, hash: [1; 32] };
    assert!(removed.explains(&other).is_some(), "what came after commit 8 did not count");
}

#[test]
fn what_a_clock_that_was_ahead_has_dated_explains_nothing_before_it() {
    let at = |year: i64| WallTime::from_micros((year - 1970) * 31_557_600_000_000);
    let end = |year: i64| {
        let commit = CommitRef { number: 7, hash: [9; 32] };
        Predecessor { segment: SegmentId::new(at(year), [1; 10]), commit }
    };
    let span = |after: Option<i64>, year: i64| RemovedSpan {
        after: after.map(end),
        first: end(year).segment,
        last: end(year),
        from: at(year),
        to: at(year).plus_micros(300_000_000),
        ..span(1)
    };
    let mut removed = Removed::nothing(STREAM);
    removed.add(span(Some(2026), 2099));
    removed.add(span(None, 2026));
    assert!(removed.explains(&end(2026)).is_some() && removed.explains(&end(2099)).is_some());
    assert!(removed.explains(&end(2028)).is_none(), "2028 was never removed");
    removed.add(span(Some(2027), 2028));
    assert_eq!(removed.spans.len(), 3, "what is removed later is noted");
    assert!(removed.explains(&end(2028)).is_some());
}

#[test]
fn what_follows_another_after_a_while_is_told_apart_and_both_ends_are_explained() {
    let minutes_later = |minutes: i64, number: u8| {
        let plain = span(number);
        let later = |at: WallTime| at.plus_micros(minutes * 60_000_000);
        RemovedSpan { from: later(plain.from), to: later(plain.to), ..plain }
    };
    for (minutes, spans) in [(0, 1), (10, 1), (11, 2), (1000, 2)] {
        let mut removed = noted([1, 2]);
        removed.add(minutes_later(minutes, 3));
        removed.add(minutes_later(minutes, 4));
        assert_eq!(removed.spans.len(), spans, "{minutes} min");
        for named in 1..=4 {
            let why = "what follows it as well, where a start did not know of all, is explained";
            assert!(removed.explains(&link(named)).is_some(), "{named}, {minutes} min: {why}");
        }
    }
}

#[test]
fn more_of_a_segment_that_is_noted_is_noted_too() {
    let mut less = span(2);
    less.last.commit = CommitRef { number: 8, hash: [1; 32] };
    let mut removed = noted([1]);
    removed.add(less);
    assert!(removed.explains(&link(2)).is_none());
    removed.add(span(2));
    assert!(removed.explains(&link(2)).is_some());
}

#[test]
fn there_are_never_too_many_spans() {
    let mut removed = Removed::nothing(STREAM);
    for number in 0..limits::REMOVED_SPANS_MAX as u32 + 10 {
        let mut id = [0; 16];
        id[12..].copy_from_slice(&(2 * number).to_be_bytes());
        let segment = SegmentId::from_bytes(id);
        let last = Predecessor { segment, ..link(1) };
        let at = |minute: u32| WallTime::from_micros(i64::from(minute) * 60_000_000);
        let (from, to) = (at(2 * number), at(2 * number + 1));
        removed.add(RemovedSpan { after: None, first: segment, last, from, to, ..span(1) });
    }
    assert_eq!(removed.spans.len(), limits::REMOVED_SPANS_MAX);
    let first = removed.spans[0].clone();
    assert!(first.joined && first.segments == 11);
    let within = Predecessor { segment: first.first, ..link(1) };
    assert!(removed.explains(&within).is_some(), "what is in a joined span is explained");
}

proptest! {
    #[test]
    fn every_removed_segment_is_explained_to_its_successor(
        numbers in prop::collection::vec(1u8..60, 0..60),
    ) {
        let removed = noted(numbers.clone());
        for number in 1u8..60 {
            let gone = numbers.contains(&number);
            let successor_stands = !numbers.contains(&(number + 1));
            if successor_stands {
                prop_assert_eq!(removed.explains(&link(number)).is_some(), gone);
            }
        }
        let segments: u64 = removed.spans.iter().map(|span| span.segments).sum();
        let distinct: std::collections::BTreeSet<_> = numbers.iter().collect();
        prop_assert_eq!(segments, distinct.len() as u64);
    }
}

struct Ground {
    disk: SimDisk,
    key: ArchiveKey,
    identity: VolumeIdentity,
}

fn ground() -> Ground {
    let disk = SimDisk::new();
    let key = ArchiveKey::create(&disk, Path::new("/key"), &SeededEntropy::new(3)).unwrap();
    let identity = VolumeIdentity {
        volume: VolumeId::from_bytes([1; 16]),
        archive: ArchiveId::from_bytes([2; 16]),
        public_key: key.public_key(),
    };
    Volume::init(&disk, Path::new("/v"), &identity).unwrap();
    Ground { disk, key, identity }
}

impl Ground {
    fn volume(&self) -> Volume {
        let expect = Expect { volume: None, archive: self.identity.archive };
        Volume::open(Arc::new(self.disk.clone()), Path::new("/v"), expect, "test").unwrap()
    }

    fn note(&self, volume: &Volume, number: u8) -> std::io::Result<bool> {
        volume.note_removed(("door", "main"), STREAM, vec![span(number)], Some(&self.key))
    }
}

#[test]
fn a_note_is_read_back_signed() {
    let ground = ground();
    let volume = ground.volume();
    assert_eq!(volume.read_removed("door", "main").unwrap(), None);
    assert!(!ground.note(&volume, 1).unwrap());
    assert!(!ground.note(&volume, 2).unwrap());
    let read = volume.read_removed("door", "main").unwrap().unwrap();
    assert_eq!(read.spans, noted([1, 2]).spans);
    assert!(read.is_signed(&ground.key.public_key()));
    let mut forged = read.clone();
    forged.spans[0].reasons = vec![RemovalReason::Deleted];
    assert!(!forged.is_signed(&ground.key.public_key()));
    let path = Path::new("/v/door/main").join(REMOVED_FILE);
    assert_eq!(read_removed(&ground.disk, &path).unwrap(), Some(read));
}

#[test]
fn a_note_that_was_forged_is_kept_aside_and_never_signed() {
    let ground = ground();
    let volume = ground.volume();
    ground.note(&volume, 1).unwrap();
    let path = Path::new("/v/door/main").join(REMOVED_FILE);
    let text = String::from_utf8(ground.disk.read_all(&path, 1 << 20).unwrap()).unwrap();
    for forged in [text.replace("\"segments\": 1", "\"segments\": 9"), "{".to_owned()] {
        let file = ground.disk.open(&path, true).unwrap();
        file.set_len(0).unwrap();
        file.write_all_at(&[forged.as_bytes()], 0).unwrap();
        assert!(ground.note(&volume, 7).unwrap(), "it is said");
        let read = volume.read_removed("door", "main").unwrap().unwrap();
        assert_eq!(read.spans, noted([7]).spans);
        let aside = Path::new("/v/door/main/holdfast-removed.doubted.json");
        assert_eq!(ground.disk.read_all(aside, 1 << 20).unwrap(), forged.as_bytes());
    }
}

#[test]
fn whenever_the_power_goes_the_old_or_the_new_note_is_there() {
    for changes in 0..8 {
        for seed in 0..8 {
            let ground = ground();
            ground.note(&ground.volume(), 1).unwrap();
            let volume = ground.volume();
            ground.disk.fail_power_after(changes);
            let written = ground.note(&volume, 2);
            drop(volume);
            ground.disk.power_cut(&mut Random::new(seed));
            let read = ground.volume().read_removed("door", "main").unwrap().unwrap();
            let new = read.spans == noted([1, 2]).spans;
            assert!(new || (read.spans == noted([1]).spans && written.is_err()));
            assert!(read.is_signed(&ground.key.public_key()));
        }
    }
}
