//! Exports that somebody has touched.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use world::Disk as _;
use world::sim::SimDisk;

use super::*;
use crate::hashes::Hashing;
use crate::manifest::PAGE;
use crate::writer::tests::{exported, key};
use crate::zip::{Directory, DosTime, Member};

mod tampered;

const CLIPS: &[(&str, &[u8])] = &[("door_main.mp4", b"some pictures"), ("yard_main.mp4", b"more")];

fn verdict(bytes: &[u8], keys: &[[u8; 32]]) -> Verdict {
    let disk = SimDisk::new();
    let file = disk.create(Path::new("/a.zip")).unwrap();
    file.write_all_at(&[bytes], 0).unwrap();
    verify(&*file, keys, &mut |_| {}).unwrap()
}

/// File and name of everything that is wrong.
fn found(verdict: &Verdict) -> Vec<(&str, &'static str)> {
    let of = |finding: &Finding| finding.what.name();
    let all = verdict.findings.iter();
    all.map(|finding| (finding.file.as_deref().unwrap_or(""), of(finding))).collect()
}

/// The members of an export, by name.
fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let disk = SimDisk::new();
    let file = disk.create(Path::new("/a.zip")).unwrap();
    file.write_all_at(&[bytes], 0).unwrap();
    let directory = zip::read(&*file).unwrap().unwrap();
    let member = |number: usize| {
        let range = directory.data(number);
        let own = bytes[range.start as usize..range.end as usize].to_vec();
        (directory.members[number].name.clone(), own)
    };
    (0..directory.members.len()).map(member).collect()
}

/// A ZIP of these members, as whoever knows the format could make it.
fn zipped(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    zipped_at(members, DosTime::of("2026-11-22T20:15:00Z".parse().unwrap()))
}

/// One whose members carry that instant.
fn zipped_at(members: &[(String, Vec<u8>)], made: DosTime) -> Vec<u8> {
    let member = |(name, own): &(String, Vec<u8>)| {
        let crc = crc32fast::hash(own);
        Member { name: name.clone(), len: own.len() as u64, crc }
    };
    let directory = Directory { members: members.iter().map(member).collect(), made };
    let mut bytes = Vec::new();
    for (number, (_, own)) in members.iter().enumerate() {
        bytes.extend(directory.head(number));
        bytes.extend(own);
    }
    bytes.extend(directory.tail());
    bytes
}

/// Every kind of change, by somebody who can make a sound ZIP.
fn after(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Verdict {
    let mut members = members(&exported(CLIPS));
    change(&mut members);
    verdict(&zipped(&members), &[])
}

fn at(members: &[(String, Vec<u8>)], name: &str) -> usize {
    members.iter().position(|(other, _)| other == name).unwrap()
}

#[test]
fn every_single_byte_counts() {
    let bytes = exported(CLIPS);
    assert_eq!(found(&verdict(&bytes, &[])), []);
    // The page is long, and one of its bytes is as another.
    let page = members(&bytes).iter().position(|(name, _)| name == PAGE).unwrap();
    let own = &members(&bytes)[page].1;
    let start = bytes.windows(own.len()).position(|window| window == own).unwrap();
    let (first, last) = (start + 20, start + own.len() - 20);
    for place in (0..first).chain((first..last).step_by(997)).chain(last..bytes.len()) {
        let mut changed = bytes.clone();
        changed[place] ^= 0x20;
        let verdict = verdict(&changed, &[]);
        assert_ne!(found(&verdict), [], "byte {place} of {}", bytes.len());
    }
}

#[test]
fn what_was_changed_added_or_taken_away_is_named() {
    let changed = after(|members| members[0].1[3] ^= 1);
    assert_eq!(found(&changed), [("door_main.mp4", "changed")]);
    let longer = after(|members| members[1].1.push(0));
    assert_eq!(found(&longer), [("yard_main.mp4", "changed")]);
    let gone = after(|members| drop(members.remove(1)));
    assert_eq!(found(&gone), [("yard_main.mp4", "missing")]);
    let added = after(|members| members.push(("evil.html".into(), b"<script>".to_vec())));
    assert_eq!(found(&added), [("evil.html", "extra-file")]);
    let twice = after(|members| members.push(members[0].clone()));
    assert_eq!(found(&twice), [("door_main.mp4", "twice")]);
    let page = after(|members| {
        let page = at(members, PAGE);
        members[page].1.extend(b"<p>");
    });
    assert_eq!(found(&page), [(PAGE, "changed")]);
    let unsigned = after(|members| {
        let signature = at(members, SIGNATURE);
        members.remove(signature);
    });
    assert_eq!(found(&unsigned), [(SIGNATURE, "missing")]);
    let bare = after(|members| {
        let manifest = at(members, MANIFEST);
        members.remove(manifest);
    });
    assert_eq!(found(&bare), [(MANIFEST, "missing")]);
}

#[test]
fn a_manifest_that_tells_other_hashes_does_not_bear_the_signature() {
    let forge = |key: Option<u64>| {
        let mut all = members(&exported(CLIPS));
        all[0].1[3] ^= 1;
        let (manifest, signature) = (at(&all, MANIFEST), at(&all, SIGNATURE));
        let mut says: Manifest = serde_json::from_slice(&all[manifest].1).unwrap();
        says.clips[0].hashes = Hashing::of(&all[0].1).1;
        if let Some(seed) = key {
            says.public_key = crate::hashes::hex(&super::tests::key(seed).public_key());
            all[manifest].1 = says.to_bytes();
            all[signature].1 = super::tests::key(seed).sign(&all[manifest].1).to_vec();
        }
        all[manifest].1 = says.to_bytes();
        zipped(&all)
    };
    let own = key(1).public_key();
    assert_eq!(found(&verdict(&forge(None), &[])), [(SIGNATURE, "bad-signature")]);
    assert_eq!(found(&verdict(&forge(None), &[own])), [(SIGNATURE, "bad-signature")]);
    // Signed by somebody else: only who knows the recorder's key can tell.
    assert_eq!(found(&verdict(&forge(Some(2)), &[])), []);
    assert_eq!(found(&verdict(&forge(Some(2)), &[own])), [(SIGNATURE, "other-key")]);
    let bytes = exported(CLIPS);
    let (lost, other) = (key(7).public_key(), key(8).public_key());
    assert_eq!(found(&verdict(&bytes, &[lost, own])), [], "any of them may have signed");
    assert_eq!(found(&verdict(&bytes, &[lost, other])), [(SIGNATURE, "other-key")]);
}

#[test]
fn what_is_no_export_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK", &[0; 5000]] {
        assert_eq!(found(&verdict(bytes, &[])), [("", "not-an-export")]);
    }
    let bytes = exported(CLIPS);
    assert_eq!(found(&verdict(&bytes[..bytes.len() - 1], &[])), [("", "not-an-export")]);
    assert_eq!(found(&verdict(&[&bytes[..], b"x"].concat(), &[])), [("", "not-an-export")]);
    let newer = after(|members| {
        let manifest = at(members, MANIFEST);
        let text = String::from_utf8(members[manifest].1.clone()).unwrap();
        members[manifest].1 =
            text.replace("\"holdfast_export\": 1", "\"holdfast_export\": 2").into();
    });
    assert_eq!(found(&newer)[0], (MANIFEST, "unreadable"));
}
