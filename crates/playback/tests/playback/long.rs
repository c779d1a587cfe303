//! A long clip costs one look at each segment's index, not one for each of its tables.

use std::sync::Arc;

use crate::archive::{Memory, Raw, Segment, aac, segment, video};
use crate::clip::{plan, read};
use crate::random::{FRAME, START};

const SEGMENTS: i64 = 60;
const FRAMES: i64 = 25;

fn second(number: i64) -> Segment {
    let params = [Arc::new(video(16)), Arc::new(aac(16_000))];
    let mut samples = Vec::new();
    for frame in 0..FRAMES {
        let pts = (number * FRAMES + frame) * FRAME;
        let (key, batch) = (frame == 0, frame == 0);
        samples.push(Raw { track: 0, dts: pts, pts, key, data: vec![1; 9], batch });
        let pts = pts * 16_000 / 90_000;
        samples.push(Raw { track: 1, dts: pts, pts, key: true, data: vec![2; 5], batch: false });
    }
    let usual = [FRAME as u32, (FRAME * 16_000 / 90_000) as u32];
    segment(number as u8 + 1, 1, &params, &samples, &usual, |track, pts| {
        START + pts * 1_000_000 / if track == 0 { 90_000 } else { 16_000 }
    })
}

#[test]
fn a_long_clip_reads_each_index_once() {
    let segments = (0..SEGMENTS).map(second).collect();
    let memory = Arc::new(Memory { segments, ..Memory::default() });
    let plan = Arc::new(plan(&memory, START, START + SEGMENTS * 1_000_000).unwrap());
    memory.indexes_read.lock().unwrap().clear();
    let whole = read(&memory, &plan, 0..u64::MAX);
    let count = memory.indexes_read.lock().unwrap().len();
    // Once for its tables, and once more for its samples, long after that.
    assert!(count <= 2 * SEGMENTS as usize, "{count} indexes were read");
    memory.indexes_read.lock().unwrap().clear();
    let head = read(&memory, &plan, 0..40);
    assert_eq!(head, whole[..40]);
    assert_eq!(memory.indexes_read.lock().unwrap().len(), 0, "they are not needed for that");
}
