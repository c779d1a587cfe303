//! Bytes that somebody made up or a dying disk changed: refused or cut short, never a panic.

use media::walk::{find_last_commit, read_batch, read_header, verify_batch};
use media::{
    CommitRef, SegmentColumns, SegmentIndex, TrackIndex, Walk, read_final_moov, read_seal,
};
use proptest::prelude::*;

use crate::support::{Recording, Written, aac};

fn damaged(good: &[u8], damage: &[(f64, u8)], cut: f64) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for (at, with) in damage {
        let at = (bytes.len() as f64 * at) as usize;
        bytes[at] = *with;
    }
    bytes.truncate((bytes.len() as f64 * cut) as usize);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_files_are_survived(
        damage in prop::collection::vec((0.0..1.0, any::<u8>()), 1..6),
        cut in 0.5..1.0f64,
        piece in 1usize..3000,
    ) {
        let recording = Recording::with_b_frames(30, Some(aac()));
        let written = Written::of(&recording, 20);
        let bytes = damaged(&written.sealed(), &damage, cut);
        let mut verifying = Walk::new();
        bytes.chunks(piece).for_each(|bytes| verifying.feed(bytes));
        if let Ok(walked) = verifying.finish() {
            // What counts is what was written, byte for byte.
            let whole = SegmentIndex::unpack(&walked.index.pack(), &recording.tracks);
            prop_assert_eq!(whole, Some(walked.index));
            prop_assert!(written.ends.contains(&(walked.end as usize)));
            let (end, free) = (walked.end as usize, walked.header.free_offset as usize);
            prop_assert_eq!(&bytes[..free], &written.growing[..free]);
            prop_assert_eq!(&bytes[free + 16..end], &written.growing[free + 16..end]);
        }
        // A walk that believes reads damaged boxes without a hash before them.
        let (last, end) = written.builder.last();
        let mut trusting = Walk::trusting(last.unwrap(), end);
        bytes.chunks(piece).for_each(|bytes| trusting.feed(bytes));
        let _ = trusting.finish();
        let _ = read_header(&bytes);
        let _ = read_seal(&bytes);
        if let Some((at, record)) = find_last_commit(&bytes) {
            let start = (record.batch_offset as usize).min(at);
            let before = Some(CommitRef { number: 0, hash: [0; 32] });
            verify_batch(before, &bytes[start..at + record.len], record.commit);
        }
        let index = SegmentIndex::new(&recording.tracks);
        for offset in [0, 1] {
            let _ = read_batch(&index, offset, &bytes);
            verify_batch(None, &bytes, CommitRef { number: 0, hash: [0; 32] });
        }
    }

    #[test]
    fn damaged_final_moovs_and_packed_indexes_are_survived(
        damage in prop::collection::vec((0.0..1.0, any::<u8>()), 1..6),
        cut in prop_oneof![Just(1.0f64), 0.5..1.0],
    ) {
        let recording = Recording::with_b_frames(30, Some(aac()));
        let written = Written::of(&recording, 20);
        let file = written.half_sealed();
        let moov = &file[written.growing.len()..file.len() - media::Seal::LEN];
        let moov = damaged(moov, &damage, cut);
        if let Ok((_, index)) = read_final_moov(&moov) {
            use_all(&index);
        }
        let packed = damaged(&written.builder.index().pack(), &damage, cut);
        let sizes = SegmentIndex::unpack_sizes(&packed, &vec![true; recording.tracks.len()]);
        let columns = SegmentColumns::unpack(&packed, &recording.tracks);
        let index = SegmentIndex::unpack(&packed, &recording.tracks);
        prop_assert_eq!(&columns, &index.as_ref().map(SegmentColumns::of));
        if let Some(columns) = &columns {
            use_columns(columns);
        }
        if let Some(index) = index {
            use_all(&index);
            let samples = |track: &TrackIndex| track.samples.iter().map(|one| one.size).collect();
            prop_assert_eq!(sizes, Some(index.tracks.iter().map(samples).collect()));
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        let mut walk = Walk::new();
        walk.feed(&bytes);
        prop_assert!(walk.finish().is_err());
        let recording = Recording::with_b_frames(1, None);
        prop_assert!(read_final_moov(&bytes).is_err());
        let _ = SegmentIndex::unpack_sizes(&bytes, &vec![true; recording.tracks.len()]);
        if let Some(index) = SegmentIndex::unpack(&bytes, &recording.tracks) {
            use_all(&index);
        }
    }
}

/// All that is computed from an index that a stranger may have written.
fn use_all(index: &SegmentIndex) {
    let _ = (index.span(), index.pack());
    for track in &index.tracks {
        let _ = (track.totals(), track.span(), track.end(), track.last_decode());
        assert_eq!(track.times().count(), track.samples.len());
    }
}

fn use_columns(columns: &SegmentColumns) {
    for track in &columns.tracks {
        let samples: usize = track.strides(0..usize::MAX).map(|own| own.samples.len()).sum();
        assert_eq!(samples, track.sizes.len());
        let mut walls = track.walls();
        assert!((0..track.sizes.len()).all(|sample| walls.of(sample).is_some()));
    }
}

#[test]
fn counts_that_promise_more_than_is_there_cost_no_memory() {
    let recording = Recording::with_b_frames(3, None);
    let written = Written::of(&recording, 3);
    let file = written.half_sealed();
    let moov = &file[written.growing.len()..file.len() - media::Seal::LEN];
    for table in [b"stsz", b"stts", b"ctts", b"stss", b"stsc", b"stco"] {
        let mut moov = moov.to_vec();
        let at = moov.windows(4).position(|kind| kind == table).unwrap();
        let count = at + if table == b"stsz" { 12 } else { 8 };
        moov[count..count + 4].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(read_final_moov(&moov).is_err(), "{}", String::from_utf8_lossy(table));
    }
}
