//! Clips have the bytes that they had: players and caches put parts of a file together under its
//! entity tag, also across versions of the program.

use std::sync::Arc;

use base::WallTime;
use playback::hls::{MediaSegmentRequest, media_segment};
use playback::{ClipPlan, ClipReader, ClipRequest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::archive::{Memory, stream};
use crate::random::{archive, recipe};

/// Of the bytes of all clips below, and of their tags. It may change only where tags do too
/// (`FORMAT` in `plan.rs`), or the archives that are made here.
const EXPECTED: &str = "490548a964f2070a96713e3b6afde52cc5fb8101ff3a7e5c2001242befa0ab1e";

fn put(hash: &mut blake3::Hasher, memory: &Arc<Memory>, plan: ClipPlan) {
    hash.update(plan.etag().as_bytes());
    let plan = Arc::new(plan);
    for slice in ClipReader::new(plan.clone(), memory.clone(), 0..u64::MAX) {
        hash.update(&slice.unwrap());
    }
}

/// The whole archive in every way of asking, and a part of it; each segment as HLS has it.
fn put_all(hash: &mut blake3::Hasher, memory: &Arc<Memory>) {
    let rows: Vec<_> = memory.segments.iter().map(|segment| &segment.row).collect();
    let (from, to) = (rows[0].start, rows[rows.len() - 1].end);
    let micros = to.micros_since(from);
    let whole = ClipRequest::new(stream(), from, to);
    let part = (from.plus_micros(micros / 5), from.plus_micros(micros / 3 * 2));
    for way in 0..16 {
        let [timestamps, squeeze, in_band, is_part] = [1, 2, 4, 8].map(|bit| way & bit > 0);
        let (from, to): (WallTime, WallTime) = if is_part { part } else { (from, to) };
        let request = ClipRequest { from, to, timestamps, squeeze, in_band, ..whole.clone() };
        if let Ok(plan) = ClipPlan::new(&**memory, request) {
            put(hash, memory, plan);
        }
    }
    for (row, segment) in rows.iter().zip(&memory.segments) {
        let samples = 0..segment.index.tracks[0].samples.len();
        let request =
            MediaSegmentRequest { stream: stream(), segment: row.id, samples, is_last: false };
        if let Ok(Some(plan)) = media_segment(&**memory, &request) {
            put(hash, memory, plan);
        }
    }
}

#[test]
fn clips_of_any_archive_have_the_bytes_that_they_had() {
    let mut runner = TestRunner::deterministic();
    let mut hash = blake3::Hasher::new();
    for _ in 0..60 {
        let recipe = recipe().new_tree(&mut runner).unwrap().current();
        put_all(&mut hash, &Arc::new(archive(&recipe)));
    }
    assert_eq!(hash.finalize().to_hex().as_str(), EXPECTED);
}
