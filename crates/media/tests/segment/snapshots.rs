//! The boxes of a small segment, as a tree.

use media::mp4::reader::boxes;

use crate::support::{Recording, Written, aac};

const CONTAINERS: [&[u8; 4]; 10] =
    [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"mvex", b"moof", b"traf", b"dinf"];

fn tree(bytes: &[u8], depth: usize, out: &mut String) {
    for inner in boxes(bytes) {
        let kind = String::from_utf8_lossy(&inner.head.kind).into_owned();
        let indent = "  ".repeat(depth);
        if let Some(user_type) = inner.head.user_type {
            let user_type = String::from_utf8_lossy(&user_type).into_owned();
            *out += &format!("{indent}uuid {user_type} {}\n", inner.whole.len());
        } else if CONTAINERS.contains(&&inner.head.kind) {
            *out += &format!("{indent}{kind} {}\n", inner.whole.len());
            tree(inner.body, depth + 1, out);
        } else if inner.body.len() <= 120 && inner.head.kind != *b"mdat" {
            let hex: Vec<_> = inner
                .body
                .chunks(4)
                .map(|word| word.iter().map(|b| format!("{b:02x}")).collect::<String>())
                .collect();
            *out += &format!("{indent}{kind} {}\n", hex.join(" "));
        } else {
            *out += &format!("{indent}{kind} {}\n", inner.whole.len());
        }
    }
}

#[test]
fn a_growing_segment() {
    let written = Written::of(&Recording::with_b_frames(4, Some(aac())), 8);
    let mut out = String::new();
    tree(&written.growing, 0, &mut out);
    insta::assert_snapshot!(out);
}

#[test]
fn the_end_of_a_sealed_segment() {
    let written = Written::of(&Recording::with_b_frames(4, Some(aac())), 8);
    let mut out = String::new();
    tree(&written.sealed(), 0, &mut out);
    insta::assert_snapshot!(out);
}

#[test]
fn the_start_of_a_live_view() {
    let recording = Recording::with_b_frames(4, Some(aac()));
    let mut muxer = media::LiveMuxer::new(&recording.tracks, recording.scale());
    let mut out = String::new();
    tree(&muxer.init().unwrap(), 0, &mut out);
    tree(&muxer.fragment(&recording.frames).unwrap(), 0, &mut out);
    insta::assert_snapshot!(out);
}
