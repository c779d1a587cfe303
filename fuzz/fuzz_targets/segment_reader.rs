//! Any bytes as a segment file: reading it in pieces and in one go tells the same, and nothing
//! panics, loops or takes memory that the bytes do not justify.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::walk::{find_last_commit, read_batch};
use media::{SegmentIndex, Walk, read_seal};

fuzz_target!(|data: &[u8]| {
    let Some((&step, bytes)) = data.split_first() else { return };
    let walk = |step: usize| {
        let mut walk = Walk::new();
        bytes.chunks(step).for_each(|piece| walk.feed(piece));
        walk.finish()
    };
    let whole = walk(bytes.len().max(1));
    assert_eq!(walk(usize::from(step).max(1)), whole);
    let _ = read_seal(bytes);
    let empty = SegmentIndex::new(&fuzz::common::tracks());
    let _ = read_batch(&empty, 0, bytes);
    let _ = read_batch(&empty, 1, bytes);
    if let Some((start, record)) = find_last_commit(bytes) {
        let commit = record.commit;
        let _ = trusting(bytes, commit, start as u64);
        let _ = trusting(bytes, commit, bytes.len() as u64);
    }
    if let Ok(walked) = whole {
        assert!(walked.end <= bytes.len() as u64);
        let again = trusting(bytes, walked.last, walked.end);
        assert_eq!(again, Ok(walked));
    }
});

/// A walk that believes `commit` to end at `end`, and skips what it may.
fn trusting(
    bytes: &[u8],
    commit: media::CommitRef,
    end: u64,
) -> Result<media::Walked, media::WalkError> {
    let (mut walk, mut rest) = (Walk::trusting(commit, end), bytes);
    while !rest.is_empty() {
        let skipped = (walk.skippable() as usize).min(rest.len());
        walk.skip(skipped as u64);
        rest = &rest[skipped..];
        let piece = rest.len().min(64);
        walk.feed(&rest[..piece]);
        rest = &rest[piece..];
    }
    walk.finish()
}
