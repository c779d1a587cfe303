//! Footage is proven from its files and a public key: each touched second and each hole is named.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::{Path, PathBuf};

use archive::{Link, Proof, RemovalReason, RemovedSpan, SegmentPlace, prove, prove_links};
use base::WallTime;
use common::{ROOT, START, batch, disk, key, open, place, segment, tracks};
use media::{BatchAnchor, CommitRef, Identity, Predecessor};
use world::Disk;
use world::sim::SimDisk;

const BATCHES: u32 = 10;
/// Between two segments of the chain, in microseconds.
const APART: i64 = 4_000_000;

fn place_of(n: u8) -> SegmentPlace {
    let start = WallTime::from_micros(START + i64::from(n - 1) * APART);
    SegmentPlace { start, ..place(n) }
}

fn path(n: u8) -> PathBuf {
    Path::new(ROOT).join(place_of(n).relative())
}

/// Segments 1 to `count`, each of ten batches of 0.4 s, that follow one another.
fn chain(count: u8) -> (SimDisk, Vec<Predecessor>) {
    let disk = disk();
    let volume = open(&disk);
    let mut lasts: Vec<Predecessor> = Vec::new();
    for n in 1..=count {
        let identity =
            Identity { predecessor: lasts.last().copied(), start: place_of(n).start, ..segment(n) };
        let mut writer = volume.create(&place_of(n), identity, tracks()).unwrap();
        for number in 0..BATCHES {
            let mut batch = batch(number);
            let later = i64::from(n - 1) * APART;
            let move_on = |it: &mut BatchAnchor| it.wall = it.wall.plus_micros(later);
            batch.anchors.iter_mut().for_each(move_on);
            writer.append(&batch).unwrap();
        }
        writer.syncer().unwrap().sync().unwrap();
        let sealing = writer.seal(Some(&key())).unwrap();
        sealing.syncer().sync().unwrap();
        sealing.turn().unwrap();
        sealing.syncer().sync().unwrap();
        let commit = sealing.finish().unwrap().last;
        lasts.push(Predecessor { segment: place(n).id, commit });
    }
    (disk, lasts)
}

fn proven(disk: &SimDisk, n: u8) -> Proof {
    prove(disk, &path(n), Some(key().public_key())).unwrap()
}

/// What is wrong, and from which millisecond of the segment to which.
fn wounds(proof: &Proof, n: u8) -> Vec<(&'static str, Option<(i64, i64)>)> {
    let millis = |at: WallTime| at.micros_since(place_of(n).start) / 1000;
    let wounds = proof.wounds.iter();
    wounds
        .map(|wound| (wound.what.name(), wound.span.map(|(from, to)| (millis(from), millis(to)))))
        .collect()
}

fn flip(disk: &SimDisk, path: &Path, offset: u64) {
    let file = disk.open(path, true).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[&[byte[0] ^ 1]], offset).unwrap();
}

#[test]
fn what_was_recorded_is_proven() {
    let (disk, _) = chain(3);
    let proofs: Vec<_> = (1..=3).map(|n| proven(&disk, n)).collect();
    assert!(proofs.iter().all(|proof| proof.wounds.is_empty()), "{proofs:#?}");
    assert_eq!(prove_links(&disk, &proofs), []);
    let with_its_own_key = prove(&disk, &path(1), None).unwrap();
    assert!(with_its_own_key.wounds.is_empty());
    assert_eq!(with_its_own_key.key, Some(key().public_key()));
    let anothers = prove(&disk, &path(1), Some([7; 32])).unwrap();
    assert_eq!(anothers.wounds[0].what.name(), "bad-signature");
}

#[test]
fn each_touched_second_is_named_wherever_a_bit_is_turned() {
    let (disk, _) = chain(2);
    let len = disk.usage(&path(2)).unwrap().len;
    let whole = disk.read_all(&path(2), 1 << 24).unwrap();
    let mut seen = 0;
    for offset in (0..len).step_by(997) {
        flip(&disk, &path(2), offset);
        let proof = proven(&disk, 2);
        assert!(!proof.wounds.is_empty(), "bit at {offset} of {len}");
        for (what, span) in wounds(&proof, 2) {
            if what != "chain-broken" {
                continue;
            }
            let (from, to) = span.unwrap();
            assert!(from % 400 == 0 && to - from <= 800 && to > from, "{offset}: {from} to {to}");
            // What was touched lies where it is said to: batches are about as long as each other.
            let at = offset as i64 * 4000 / len as i64;
            assert!((from - 600..=to + 600).contains(&at), "{offset}: {from} to {to}, not {at}");
            seen += 1;
        }
        flip(&disk, &path(2), offset);
    }
    assert!(seen > 50, "{seen}");
    assert_eq!(disk.read_all(&path(2), 1 << 24).unwrap(), whole);
}

#[test]
fn a_file_that_ends_early_names_what_is_missing() {
    let (disk, _) = chain(1);
    let len = disk.usage(&path(1)).unwrap().len;
    disk.open(&path(1), true).unwrap().set_len(len / 2).unwrap();
    let proof = proven(&disk, 1);
    assert_eq!(proof.wounds[0].what.name(), "seal-missing", "{proof:#?}");
    let (from, _) = wounds(&proof, 1)[0].1.unwrap();
    assert!((1000..=2000).contains(&from), "{from}");
}

#[test]
fn a_hole_between_files_is_explained_or_named() {
    let (disk, lasts) = chain(4);
    let all: Vec<_> = (1..=4).map(|n| proven(&disk, n)).collect();
    let without_2 = [all[0].clone(), all[2].clone(), all[3].clone()];
    let hole = (all[0].span.unwrap().1, all[2].span.unwrap().0);
    assert_eq!(prove_links(&disk, &without_2), [(1, Link::Missing(lasts[1], Some(hole)))]);
    assert_eq!(prove_links(&disk, &all[2..]), [(0, Link::Begins(lasts[1]))]);
    let span = RemovedSpan {
        after: Some(lasts[0]),
        first: lasts[1].segment,
        last: lasts[1],
        from: place_of(2).start,
        to: place_of(3).start,
        segments: 1,
        removed: place_of(4).start,
        reasons: vec![RemovalReason::Deleted],
        joined: false,
    };
    let note = |key| {
        let stream = segment(1).stream;
        let names = ("front-door", "main");
        open(&disk).note_removed(names, stream, vec![span.clone()], key).unwrap();
    };
    note(None);
    let links = prove_links(&disk, &without_2);
    assert!(matches!(links[..], [(1, Link::Missing(..))]), "nobody signed that: {links:#?}");
    note(Some(&key()));
    assert_eq!(prove_links(&disk, &without_2), [(1, Link::Removed(span.clone()))]);
}

#[test]
fn a_predecessor_that_is_another_is_named() {
    let (disk, lasts) = chain(3);
    let mut proofs: Vec<_> = (1..=3).map(|n| proven(&disk, n)).collect();
    proofs[0].last = Some(CommitRef { number: 4, ..lasts[0].commit });
    proofs[1].last = Some(CommitRef { hash: [1; 32], ..lasts[1].commit });
    let named: Vec<_> = prove_links(&disk, &proofs)
        .into_iter()
        .map(|(number, link)| match link {
            Link::Wound(wound) => (number, wound.what.name()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(named, [(1, "predecessor-short"), (2, "predecessor-differs")]);
}
