//! What is written is read again: growing, cut off, half sealed, sealed.

use base::Ticks;
use media::walk::{find_last_commit, read_batch, read_header, verify_batch};
use media::{
    BatchError, DecodeClock, Seal, SegmentBuilder, SegmentIndex, Walk, WalkError, read_final_moov,
    read_seal,
};
use proptest::prelude::*;

use crate::support::{Recording, Written, aac, alaw, identity, put, video};

fn walk(file: &[u8], piece: usize) -> Result<media::Walked, WalkError> {
    let mut walk = Walk::new();
    file.chunks(piece).for_each(|bytes| walk.feed(bytes));
    walk.finish()
}

/// Up to three tracks of frames with any sizes, jitter and order, in the stream's order.
fn recordings() -> impl Strategy<Value = Recording> {
    let frame = (0usize..3, 1i64..9000, 0usize..3, 0usize..2000, 0u8..10);
    (1usize..4, 0i64..100_000, prop::collection::vec(frame, 1..80)).prop_map(
        |(tracks, start, frames)| {
            let mut recording = Recording::new(&[video(), aac(), alaw()][..tracks]);
            let mut clocks: Vec<_> = (0..tracks).map(|_| DecodeClock::new(2, 3000)).collect();
            let mut at = vec![start; tracks];
            for (track, step, back, size, kind) in frames {
                let track = track % tracks;
                at[track] += step;
                let pts = at[track] - if track == 0 { back as i64 * 3000 } else { 0 };
                let dts = clocks[track].push(Ticks(pts)).dts.0;
                let key = track > 0 || kind == 0;
                recording.push(track, pts, dts, step as u32, key, vec![kind; size].into());
            }
            recording
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_growing_file_gives_the_index_it_was_written_with(
        recording in recordings(),
        frames_each in 1usize..40,
        piece in 1usize..5000,
    ) {
        let written = Written::of(&recording, frames_each);
        let walked = walk(&written.growing, piece).unwrap();
        prop_assert_eq!(&walked.index, written.builder.index());
        prop_assert_eq!(&walked.header.identity, &identity());
        prop_assert_eq!((Some(walked.last), walked.end), written.builder.last());
        prop_assert_eq!(walked.moov_offset, None);
        // Every sample's bytes lie where the index says.
        let mut wanted: Vec<Vec<_>> = vec![Vec::new(); recording.tracks.len()];
        recording.frames.iter().for_each(|frame| wanted[frame.track].push(&frame.data[..]));
        for (track, wanted) in walked.index.tracks.iter().zip(wanted) {
            let mut chunks = track.chunks.iter().peekable();
            let mut at = 0;
            for (number, (sample, data)) in track.samples.iter().zip(wanted).enumerate() {
                if let Some(chunk) = chunks.next_if(|chunk| chunk.first_sample as usize == number) {
                    at = chunk.offset as usize;
                }
                prop_assert_eq!(&written.growing[at..at + sample.size as usize], data);
                at += sample.size as usize;
            }
        }
        // The frames' own times are those of the index.
        let scale = recording.scale();
        for (at, track) in walked.index.tracks.iter().enumerate() {
            let frames = recording.frames.iter().filter(|frame| frame.track == at);
            for (frame, time) in frames.zip(track.times()) {
                prop_assert_eq!(time.pts, scale.to_segment(at, frame.pts));
                prop_assert_eq!(time.dts, scale.to_segment(at, frame.dts));
            }
        }
    }

    #[test]
    fn a_sealed_file_explains_itself_at_its_end(recording in recordings(), each in 1usize..40) {
        let written = Written::of(&recording, each);
        let sealed = written.sealed();
        let seal = read_seal(&sealed).unwrap();
        let moov = &sealed[seal.moov_offset as usize..sealed.len() - Seal::LEN];
        prop_assert!(seal.fits(moov));
        let (read, index) = read_final_moov(moov).unwrap();
        prop_assert_eq!(&index, written.builder.index());
        prop_assert_eq!(read, identity());
        let message = blake3::hash(&seal.message(identity().segment));
        prop_assert_eq!(&seal.signature[..32], message.as_bytes());
        let (last, end) = written.builder.last();
        prop_assert_eq!((Some(seal.commits - 1), seal.last_hash, seal.moov_offset),
            (last.map(|last| last.number), last.unwrap().hash, end));
        // A walk sees the same through the turned header.
        let walked = walk(&sealed, 777).unwrap();
        prop_assert_eq!(&walked.index, written.builder.index());
        prop_assert_eq!((walked.moov_offset, walked.turned), (Some(end), true));
        let half = walk(&written.half_sealed(), 4096).unwrap();
        prop_assert_eq!((half.moov_offset, half.turned), (Some(end), false));
    }

    #[test]
    fn an_index_survives_packing(recording in recordings(), each in 1usize..40) {
        let written = Written::of(&recording, each);
        let packed = written.builder.index().pack();
        let unpacked = SegmentIndex::unpack(&packed, &recording.tracks);
        prop_assert_eq!(unpacked.as_ref(), Some(written.builder.index()));
    }

    #[test]
    fn a_file_that_is_cut_anywhere_counts_up_to_its_last_whole_commit(
        recording in recordings(),
        each in 1usize..40,
        cut in 0.0..1.0,
    ) {
        let written = Written::of(&recording, each);
        let cut = (written.growing.len() as f64 * cut) as usize;
        let whole = written.ends.iter().filter(|end| **end <= cut).count();
        match walk(&written.growing[..cut], 1000) {
            Ok(walked) => {
                prop_assert_eq!(walked.end as usize, written.ends[whole - 1]);
                prop_assert_eq!(walked.last.number as usize, whole - 1);
            }
            Err(WalkError::NoCommit) => {
                prop_assert_eq!(whole, 0);
                prop_assert!(read_header(&written.growing[..cut]).is_some());
            }
            Err(WalkError::Header) => {
                prop_assert!(read_header(&written.growing[..cut]).is_none());
            }
        }
    }
}

#[test]
fn a_recovered_segment_goes_on_as_if_nothing_had_happened() {
    let recording = Recording::with_b_frames(100, Some(aac()));
    let batches = recording.batches(60);
    let whole = Written::new(&recording.tracks, &batches);
    let half = Written::new(&recording.tracks, &batches[..2]);
    let mut resumed = SegmentBuilder::resume(walk(&half.growing, 5000).unwrap());
    let mut file = half.growing.clone();
    for batch in &batches[2..] {
        let encoded = resumed.encode(batch).unwrap();
        let commit = put(&mut file, &encoded);
        resumed.commit(&encoded, commit);
    }
    assert_eq!(file, whole.growing);
    assert_eq!(resumed.seal(None), whole.builder.seal(None));
}

#[test]
fn a_trusting_walk_skips_the_samples_and_finds_the_same() {
    let recording = Recording::with_b_frames(100, Some(aac()));
    let written = Written::of(&recording, 60);
    let trusted = walk(&written.growing[..written.ends[1]], 5000).unwrap();
    let mut walk = Walk::trusting(trusted.last, trusted.end);
    let (mut at, mut skipped) = (0, 0);
    while at < written.growing.len() {
        let skip = walk.skippable() as usize;
        walk.skip(skip as u64);
        skipped += skip;
        at += skip;
        let end = (at + 50).min(written.growing.len());
        walk.feed(&written.growing[at..end]);
        at = end;
    }
    let walked = walk.finish().unwrap();
    assert_eq!(&walked.index, written.builder.index());
    assert!(skipped > 1000, "{skipped} bytes were skipped");

    let mut wrong = trusted.last;
    wrong.hash[0] ^= 1;
    let mut walk = Walk::trusting(wrong, trusted.end);
    walk.feed(&written.growing);
    assert_eq!(walk.finish(), Err(WalkError::NoCommit), "a commit that is not there");
}

#[test]
fn the_last_commit_is_found_and_verified_from_the_end() {
    let recording = Recording::with_b_frames(100, Some(aac()));
    let written = Written::of(&recording, 60);
    let [.., start, end] = written.ends[..] else { unreachable!() };
    let torn = [&written.growing[..], &[0; 300]].concat();
    let (at, record) = find_last_commit(&torn[start - 100..]).unwrap();
    assert_eq!(start - 100 + at + record.len, end);
    assert_eq!(record.batch_offset as usize, start);
    let (before_at, before) = find_last_commit(&torn[..start]).unwrap();
    assert_eq!(before_at + before.len, start);
    assert_eq!(before.commit.hash, torn[start - 32..start]);
    assert!(verify_batch(Some(before.commit), &torn[start..end], record.commit));
    assert!(!verify_batch(Some(record.commit), &torn[start..end], record.commit));

    // Batch by batch, as a reader of a growing file takes them; the first with the header.
    let mut index = SegmentIndex::new(&recording.tracks);
    let mut start = 0;
    for end in written.ends {
        let part = read_batch(&index, start as u64, &torn[start..end]).unwrap();
        index.extend(&part);
        start = end;
    }
    assert_eq!(&index, written.builder.index());
    let (_, first) = find_last_commit(&torn[..written_first_end(&torn)]).unwrap();
    assert!(verify_batch(None, &torn[..written_first_end(&torn)], first.commit));
}

fn written_first_end(file: &[u8]) -> usize {
    let user_type = b"HoldfastCommit..";
    let at = file.windows(16).position(|window| window == user_type).unwrap();
    let size = u32::from_be_bytes(file[at - 8..at - 4].try_into().unwrap());
    at - 8 + size as usize
}

#[test]
fn batches_against_the_rules_are_refused() {
    let recording = Recording::with_b_frames(24, Some(aac()));
    let batches = recording.batches(24);
    let encode = |spoil: &dyn Fn(&mut media::Batch)| {
        let mut batch = batches[1].clone();
        spoil(&mut batch);
        let mut builder = SegmentBuilder::new(identity(), recording.tracks.clone());
        let first = builder.encode(&batches[0]).unwrap();
        let commit = put(&mut Vec::new(), &first);
        builder.commit(&first, commit);
        builder.encode(&batch).map(|_| ()).unwrap_err()
    };
    let track = |track| BatchError::Track { track };
    assert_eq!(encode(&|batch| batch.fragments.clear()), BatchError::Empty);
    assert_eq!(encode(&|batch| batch.anchors.truncate(1)), track(1));
    assert_eq!(encode(&|batch| batch.anchors.reverse()), track(0));
    assert_eq!(encode(&|batch| batch.anchors[0].media.0 += 1), track(0));
    assert_eq!(encode(&|batch| batch.fragments[0].runs.reverse()), track(1));
    assert_eq!(encode(&|batch| batch.fragments[0].runs[1].track = 7), track(7));
    assert_eq!(encode(&|batch| batch.fragments[0].runs[0].samples.clear()), track(0));
    let back = encode(&|batch| batch.fragments[0].runs[0].first_decode = Ticks(0));
    assert!(matches!(back, BatchError::DecodeTime { track: 0, decode: 0, .. }), "{back}");
    insta::assert_snapshot!(
        back,
        @"decode time 0 of track 0 is not after 39600: decode times must rise"
    );
}

#[test]
fn a_duration_that_nobody_knows_is_taken_from_the_sample_before() {
    let mut recording = Recording::with_b_frames(12, None);
    recording.frames.iter_mut().for_each(|frame| frame.duration = 0);
    let written = Written::of(&recording, 12);
    let durations: Vec<_> =
        written.builder.index().tracks[0].samples.iter().map(|sample| sample.duration).collect();
    assert_eq!(durations, [3600; 12]);
    assert_eq!(&walk(&written.growing, 100).unwrap().index, written.builder.index());
}

#[test]
fn large_batches_are_handed_over_in_stretches_that_lie_as_a_page_cache_likes_them() {
    const STRETCH: u64 = 128 << 10;
    let mut recording = Recording::with_b_frames(24, None);
    recording.frames.iter_mut().for_each(|frame| frame.data = vec![7; 50_000].into());
    let batches = recording.batches(12);
    let mut builder = SegmentBuilder::new(identity(), recording.tracks.clone());
    for batch in &batches {
        let encoded = builder.encode(batch).unwrap();
        let mut at = encoded.offset;
        let written = encoded.write(|pieces, offset| {
            assert_eq!(offset, at);
            assert!(offset == encoded.offset || offset % STRETCH == 0, "{offset}");
            at += pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
            assert!(at - offset <= STRETCH + 1024, "{}", at - offset);
            Ok::<_, std::convert::Infallible>(())
        });
        let Ok(commit) = written;
        assert_eq!(at, encoded.offset + encoded.len);
        builder.commit(&encoded, commit);
    }
}

#[test]
fn jpeg_pictures_are_not_a_fragment_each() {
    let recording = Recording::of_jpeg(75);
    assert!(recording.batches(50).iter().all(|batch| batch.fragments.len() == 1));
    let written = Written::of(&recording, 50);
    let index = &walk(&written.growing, 100).unwrap().index;
    assert_eq!(index, written.builder.index());
    assert_eq!(index.tracks[0].params.codec_name(), "MJPEG");
    assert_eq!(index.tracks[0].samples.len(), 75);
    assert!(index.tracks[0].samples.iter().all(|sample| sample.key));
    assert_eq!(index.tracks[0].chunks.len(), 3);
    let sealed = written.sealed();
    let moovs = sealed.windows(4).filter(|four| four == b"moov").count();
    assert_eq!(moovs, 2);
    assert_eq!(&walk(&sealed, 100).unwrap().index, index);
}
