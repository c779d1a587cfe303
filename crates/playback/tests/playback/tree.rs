//! The box tree of a clip.

use std::fmt::Write as _;
use std::sync::Arc;

use base::{Ticks, Timescale};
use media::TrackParams;

use crate::archive::{Memory, Raw, aac, segment, video};
use crate::clip::{plan, read};
use crate::random::{FRAME, START};

/// Boxes that hold boxes.
const CONTAINERS: [&[u8; 4]; 7] = [b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl", b"dinf"];
const ENTRIES: [(&[u8; 4], usize); 6] =
    [(b"stts", 8), (b"ctts", 8), (b"stss", 4), (b"stsc", 12), (b"co64", 8), (b"elst", 20)];

/// The tree, with the content of tables and headers as 32-bit numbers.
fn tree(bytes: &[u8], depth: usize, out: &mut String) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let number = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().unwrap());
        let kind: &[u8; 4] = rest[4..8].try_into().unwrap();
        let size = match number(0) {
            1 => u64::from_be_bytes(rest[8..16].try_into().unwrap()) as usize,
            size => size as usize,
        };
        write!(out, "{:indent$}{} {size}", "", kind.escape_ascii(), indent = depth * 2).unwrap();
        let (own, following) = rest.split_at(size);
        if CONTAINERS.contains(&kind) {
            out.push('\n');
            tree(&own[8..], depth + 1, out);
        } else {
            let skip = 16 - usize::from(kind == b"mvhd" || kind == b"tkhd" || kind == b"mdhd") * 4;
            let entry = ENTRIES.iter().find(|(name, _)| *name == kind);
            let wanted = entry.is_some() || skip == 12 || kind == b"stsz";
            if wanted {
                write!(out, " v{}:", own[8]).unwrap();
            }
            let len = entry.map_or(usize::MAX, |(_, len)| len / 4);
            let words = own[skip.min(size)..].chunks_exact(4);
            for (at, word) in words.enumerate().filter(|_| wanted) {
                let word = i32::from_be_bytes(word.try_into().unwrap());
                let separator = if at % len == 0 && at > 0 { ", " } else { " " };
                write!(out, "{separator}{word}").unwrap();
            }
            out.push('\n');
        }
        rest = following;
    }
}

/// Two segments of a run with B-frames and sound, and after a gap one of another run with other
/// parameters.
fn archive() -> Arc<Memory> {
    let pictures = [(0, 0), (1, 3), (2, 1), (3, 2), (4, 4), (5, 7), (6, 5), (7, 6)];
    let mut segments = Vec::new();
    for (id, at, width) in [(1, 0, 16), (2, 8, 16), (3, 60, 32)] {
        let params: Vec<Arc<TrackParams>> = vec![Arc::new(video(width)), Arc::new(aac(16_000))];
        let mut samples = Vec::new();
        for (decode, present) in pictures {
            let (dts, pts) = ((decode + at - 2) * FRAME, (present + at) * FRAME);
            let (key, data) =
                (decode == 0 || decode == 4, vec![decode as u8; 10 + decode as usize]);
            samples.push(Raw { track: 0, dts, pts, key, data, batch: decode == 0 });
        }
        for number in 0..4 {
            let pts = at * 16_000 / 30 + number * 1024 + 100;
            let data = vec![9; 5];
            samples.push(Raw { track: 1, dts: pts, pts, key: true, data, batch: false });
        }
        samples.sort_by_key(|raw| params[raw.track].timescale().to_micros(Ticks(raw.dts)));
        segments.push(segment(id, id / 3, &params, &samples, &[3000, 1024], |track, pts| {
            let scale = if track == 0 { Timescale::VIDEO } else { params[1].timescale() };
            START + scale.to_micros(Ticks(pts))
        }));
    }
    Arc::new(Memory { segments, ..Memory::default() })
}

fn tree_of(from: i64, to: i64) -> String {
    let memory = archive();
    let plan = Arc::new(plan(&memory, START + from * 1000, START + to * 1000).unwrap());
    let mut text = String::new();
    tree(&read(&memory, &plan, 0..plan.len()), 0, &mut text);
    text
}

#[test]
fn a_clip_over_segments_a_gap_and_other_parameters() {
    insta::assert_snapshot!(tree_of(-100, 5000));
}

#[test]
fn a_clip_from_the_middle_of_a_gop_to_the_middle_of_another() {
    insta::assert_snapshot!(tree_of(70, 350));
}

#[test]
fn a_clip_of_one_frame() {
    insta::assert_snapshot!(tree_of(60, 70));
}

#[test]
fn other_parameters_are_counted() {
    let memory = archive();
    let count = |from: i64, to: i64| {
        plan(&memory, START + from * 1000, START + to * 1000).unwrap().parameters()
    };
    assert_eq!((count(-100, 5000), count(70, 350)), (2, 1));
}
