//! Exports that older versions wrote are proven by this one.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use export::{Flaw, verify};
use world::{Disk as _, SystemDisk};

/// The public key of the recorder that wrote `formats/1.zip`.
const KEY: [u8; 32] = [
    0x01, 0x50, 0xd7, 0x1d, 0x82, 0x54, 0x55, 0x98, 0x6a, 0x2c, 0x91, 0x20, 0xca, 0x96, 0x19, 0x5d,
    0x70, 0xca, 0x68, 0x46, 0xb9, 0x50, 0x74, 0x78, 0x0d, 0xde, 0x20, 0x47, 0xb9, 0x9b, 0x0b, 0x8c,
];

#[test]
fn the_first_format_is_proven() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/1.zip");
    let file = SystemDisk.open(&path, false).unwrap();
    let verdict = verify(&*file, &[KEY], &mut |_| {}).unwrap();
    assert_eq!(verdict.findings, []);
    let manifest = verdict.manifest.unwrap();
    assert_eq!((manifest.name.as_str(), manifest.clips.len()), ("Format 1", 2));
    assert_eq!(manifest.clips[1].streams[0].camera, "driveway");
    let other = verify(&*file, &[[7; 32]], &mut |_| {}).unwrap();
    assert!(matches!(other.findings[0].what, Flaw::OtherKey(_)), "{other:?}");
}
