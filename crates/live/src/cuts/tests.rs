//! Frames of made-up cameras, cut.

use super::*;
use proptest::prelude::*;

type Span = (i64, i64);

/// Times between which frames of these distances lie in media segments, and in their parts.
#[derive(Debug, Default)]
struct Cuts {
    /// Where they begin, whether they follow, and from where to where their parts are.
    segments: Vec<(i64, bool, Vec<Span>)>,
    target: Option<i64>,
}

fn cut(frames: impl IntoIterator<Item = LeadFrame>) -> Cuts {
    let (mut cutter, mut cuts) = (Cutter::default(), Cuts::default());
    let mut begins_part = true;
    for frame in frames {
        let step = cutter.step(frame);
        if let Opens::Segment { follows } = step.opens {
            cuts.segments.push((frame.at, follows, Vec::new()));
        }
        let (_, _, parts) = cuts.segments.last_mut().expect("the first frame opens one");
        if begins_part || step.opens != Opens::Nothing {
            parts.push((frame.at, step.to));
        }
        parts.last_mut().expect("one has begun").1 = step.to;
        begins_part = step.closes;
    }
    cuts.target = cutter.part_target();
    cuts
}

/// Frames so far apart, a key frame each so many.
fn steady(micros: i64, gop: i64, count: i64) -> impl Iterator<Item = LeadFrame> {
    (0..count).map(move |n| LeadFrame { at: n * micros, key: n % gop == 0, bytes: 1000 })
}

fn starts(cuts: &Cuts) -> Vec<i64> {
    cuts.segments.iter().map(|(at, ..)| at / 1000).collect()
}

#[test]
fn media_segments_begin_with_the_first_key_frame_after_two_seconds() {
    // A key frame each second; the first media segment is a short one.
    let cuts = cut(steady(40_000, 25, 25 * 8));
    assert_eq!(starts(&cuts), [0, 1000, 3000, 5000, 7000]);
    assert_eq!(cuts.target, Some(572_000));
    let (_, _, parts) = &cuts.segments[1];
    let lengths: Vec<i64> = parts.iter().map(|(from, to)| (to - from) / 1000).collect();
    assert_eq!(lengths, [520, 520, 520, 440]);
}

#[test]
fn a_long_group_of_pictures_is_cut_between_pictures_and_ends_with_a_media_segment() {
    let cuts = cut(steady(40_000, 250, 600));
    assert_eq!(starts(&cuts), [0, 4400, 8800, 10_000, 14_400, 18_800, 20_000]);
    assert!(cuts.segments[1..].iter().all(|(_, follows, _)| *follows));
}

#[test]
fn slow_cameras_have_longer_parts() {
    for (micros, target) in [(33_333, 586_660), (66_666, 586_660), (200_000, 660_000)] {
        assert_eq!(cut(steady(micros, 20, 200)).target, Some(target), "{micros}");
    }
    assert_eq!(cut(steady(1_000_000, 2, 20)).target, Some(1_100_000));
    assert_eq!(cut(steady(2_000_000, 2, 20)).target, Some(2_200_000));
}

#[test]
fn what_is_missing_is_a_break_and_what_is_late_is_none() {
    let mut frames: Vec<LeadFrame> = steady(40_000, 50, 300).collect();
    frames.iter_mut().skip(120).for_each(|frame| frame.at += 900_000);
    frames.iter_mut().skip(160).for_each(|frame| frame.at += 1_100_000);
    let cuts = cut(frames);
    let breaks: Vec<i64> =
        cuts.segments.iter().filter(|(_, follows, _)| !follows).map(|(at, ..)| *at).collect();
    assert_eq!(breaks, [0, 160 * 40_000 + 2_000_000]);
    let mut cutter = Cutter::default();
    let at = |at| LeadFrame { at, key: true, bytes: 1 };
    cutter.step(at(0));
    cutter.interrupt();
    assert_eq!(cutter.step(at(40_000)).opens, Opens::Segment { follows: false });
}

#[test]
fn many_bytes_end_a_media_segment() {
    let bytes = limits::LIVE_HLS_SEGMENT_BYTES_MAX / 10;
    let frames = (0..50).map(|n| LeadFrame { at: n * 40_000, key: n == 0, bytes });
    assert_eq!(starts(&cut(frames)), [0, 400, 800, 1200, 1600]);
}

proptest! {
    #[test]
    fn what_was_promised_is_kept(
        distance in 20_000_i64..400_000,
        gop in 1_i64..200,
        late in proptest::collection::vec(0_i64..10_000, 400),
    ) {
        let frames = steady(distance, gop, 400).zip(&late);
        let cuts = cut(frames.map(|(frame, late)| LeadFrame { at: frame.at + late, ..frame }));
        let ends = cuts.segments.iter().skip(1).map(|(at, ..)| *at);
        for ((from, _, parts), to) in cuts.segments.iter().zip(ends) {
            prop_assert!(to - from < 4_499_999, "{from} to {to}");
            prop_assert_eq!(parts[0].0, *from);
        }
        // The first one has no parts that are shown.
        let target = cuts.target.unwrap_or(i64::MAX);
        for (_, _, parts) in cuts.segments.iter().skip(1) {
            for (from, to) in parts {
                prop_assert!(to - from <= target, "{from} to {to} of {target}");
            }
            for pair in parts.windows(2) {
                prop_assert!(pair[0].1.abs_diff(pair[1].0) <= 30_000, "{pair:?}");
            }
        }
    }
}
