//! Footage is proven from its files and a public key: each touched second and each hole is named.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::{Path, PathBuf};

use archive::{ArchiveKey, Doubt, Link, Proof, REMOVED_FILE, RemovalReason, RemovedSpan};
use archive::{SegmentPlace, prove, prove_links};
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
    prove(disk, &path(n), &[key().public_key()]).unwrap()
}

/// What is wrong, and from which millisecond of the segment to which.
fn wounds(proof: &Proof, n: u8) -> Vec<(&'static str, Option<(i64, i64)>)> {
    let millis = |at: WallTime| at.micros_since(place_of(n).start) / 1000;
    let wounds = proof.wounds.iter();
    wounds
        .map(|wound| (wound.what.name(), wound.span.map(|(from, to)| (millis(from), millis(to)))))
        .collect()
}

/// What stands between files that were given one by one.
fn links(disk: &SimDisk, proofs: &[Proof]) -> Vec<(usize, Link)> {
    let found = prove_links(disk, proofs, &[], &[key().public_key()]);
    assert_eq!(found.doubts, []);
    found.links
}

/// Segment `n` of the chain as it is noted when it is removed.
fn span(n: u8, lasts: &[Predecessor]) -> RemovedSpan {
    let at = usize::from(n) - 1;
    RemovedSpan {
        after: at.checked_sub(1).map(|before| lasts[before]),
        first: lasts[at].segment,
        last: lasts[at],
        from: place_of(n).start,
        to: place_of(n + 1).start,
        segments: 1,
        removed: place_of(9).start,
        reasons: vec![RemovalReason::Deleted],
        joined: false,
    }
}

fn note(disk: &SimDisk, spans: Vec<RemovedSpan>, key: Option<&ArchiveKey>) {
    open(disk).note_removed(("front-door", "main"), segment(1).stream, spans, key).unwrap();
}

fn note_path() -> PathBuf {
    Path::new(ROOT).join("front-door/main").join(REMOVED_FILE)
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
    assert_eq!(links(&disk, &proofs), []);
    let with_its_own_key = prove(&disk, &path(1), &[]).unwrap();
    assert!(with_its_own_key.wounds.is_empty());
    assert_eq!(with_its_own_key.key, Some(key().public_key()));
    let anothers = prove(&disk, &path(1), &[[7; 32]]).unwrap();
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
    assert_eq!(links(&disk, &without_2), [(1, Link::Missing(lasts[1], Some(hole)))]);
    assert_eq!(links(&disk, &all[2..]), [(0, Link::Begins(lasts[1]))]);
    let span = span(2, &lasts);
    let note = |key| note(&disk, vec![span.clone()], key);
    note(None);
    let found = prove_links(&disk, &without_2, &[], &[key().public_key()]);
    let unsigned = Doubt { path: note_path(), why: None };
    assert!(matches!(found.links[..], [(1, Link::Missing(..))]), "nobody signed that: {found:#?}");
    assert_eq!(found.doubts, [unsigned]);
    note(Some(&key()));
    assert_eq!(links(&disk, &without_2), [(1, Link::Removed(span))]);
}

#[test]
fn a_predecessor_that_is_another_is_named() {
    let (disk, lasts) = chain(3);
    let mut proofs: Vec<_> = (1..=3).map(|n| proven(&disk, n)).collect();
    proofs[0].last = Some(CommitRef { number: 4, ..lasts[0].commit });
    proofs[1].last = Some(CommitRef { hash: [1; 32], ..lasts[1].commit });
    let named: Vec<_> = links(&disk, &proofs)
        .into_iter()
        .map(|(number, link)| match link {
            Link::Wound(wound) => (number, wound.what.name()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(named, [(1, "predecessor-short"), (2, "predecessor-differs")]);
}

#[test]
fn what_was_stolen_before_the_first_file_is_missing_where_the_streams_note_is_at_hand() {
    let (disk, lasts) = chain(4);
    let all: Vec<_> = (1..=4).map(|n| proven(&disk, n)).collect();
    // The first aged out, and the recorder says so.
    note(&disk, vec![span(1, &lasts)], Some(&key()));
    disk.remove_file(&path(1)).unwrap();
    let whole = |proofs: &[Proof]| {
        let found = prove_links(&disk, proofs, &[note_path()], &[key().public_key()]);
        assert_eq!(found.doubts, []);
        found.links
    };
    assert!(matches!(whole(&all[1..])[..], [(0, Link::Removed(_))]));
    // The second was not given, but is there.
    assert_eq!(whole(&all[2..]), [(0, Link::Begins(lasts[1]))]);
    // Somebody takes it away.
    disk.remove_file(&path(2)).unwrap();
    let hole = (place_of(2).start, all[2].span.unwrap().0);
    assert_eq!(whole(&all[2..]), [(0, Link::Missing(lasts[1], Some(hole)))]);
    // A file that was given alone may begin with anything.
    assert_eq!(links(&disk, &all[2..]), [(0, Link::Begins(lasts[1]))]);
}

#[test]
fn a_note_that_was_changed_is_named_and_explains_nothing() {
    let (disk, lasts) = chain(3);
    let all: Vec<_> = (1..=3).map(|n| proven(&disk, n)).collect();
    note(&disk, vec![span(1, &lasts)], Some(&key()));
    let text = String::from_utf8(disk.read_all(&note_path(), 1 << 20).unwrap()).unwrap();
    // It is to hide that the second was taken, too.
    let to = |n| place_of(n).start.to_string();
    let forged = text.replace(&to(2), &to(3));
    assert_ne!(forged, text);
    for (written, why) in [(forged, false), ("{".to_owned(), true)] {
        disk.remove_file(&note_path()).unwrap();
        disk.create(&note_path()).unwrap().write_all_at(&[written.as_bytes()], 0).unwrap();
        let found = prove_links(&disk, &all[1..], &[], &[key().public_key()]);
        assert_eq!(found.links, [(0, Link::Begins(lasts[0]))]);
        assert_eq!(found.doubts.len(), 1);
        assert_eq!((&found.doubts[0].path, found.doubts[0].why.is_some()), (&note_path(), why));
    }
}

#[test]
fn a_note_on_another_volume_explains_what_follows() {
    let (disk, lasts) = chain(3);
    let all: Vec<_> = (1..=3).map(|n| proven(&disk, n)).collect();
    note(&disk, vec![span(2, &lasts)], Some(&key()));
    // As where nothing of the stream is left on the volume but the note.
    let elsewhere = Path::new("/other/front-door/main").join(REMOVED_FILE);
    disk.create_dir_all(elsewhere.parent().unwrap()).unwrap();
    disk.rename(&note_path(), &elsewhere).unwrap();
    let without_2 = [all[0].clone(), all[2].clone()];
    assert!(matches!(links(&disk, &without_2)[..], [(1, Link::Missing(..))]));
    let found = prove_links(&disk, &without_2, &[elsewhere], &[key().public_key()]);
    assert_eq!(found.links, [(1, Link::Removed(span(2, &lasts)))]);
}

#[test]
fn footage_of_any_of_the_archives_keys_is_proven() {
    let (disk, _) = chain(2);
    let other = [7; 32];
    for keys in [[other, key().public_key()], [key().public_key(), other]] {
        let proof = prove(&disk, &path(2), &keys).unwrap();
        assert_eq!((proof.wounds, proof.key), (vec![], Some(key().public_key())));
    }
}
