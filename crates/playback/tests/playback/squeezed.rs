//! Gaps taken out: the same samples, all tracks still in step, and nothing stands still.

use std::collections::HashMap;
use std::sync::Arc;

use base::{Ticks, Timescale, WallTime};
use playback::{ClipPlan, ClipRequest};
use proptest::prelude::*;

use crate::archive::{Memory, stream};
use crate::clip::{read, stored};
use crate::mp4::{self, Text, Track};
use crate::random::{FRAME, Random, START, archive, recipe};
use crate::timestamps::spoken;

const SKEW_MICROS: i64 = base::limits::AUDIO_SKEW_MAX.as_micros() as i64;

fn request(from: i64, to: i64, squeeze: bool) -> ClipRequest {
    let at = WallTime::from_micros;
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let request = ClipRequest::new(stream(), at(from), at(to));
    ClipRequest { zone, timestamps: true, squeeze, ..request }
}

fn clip(memory: &Arc<Memory>, request: ClipRequest) -> Option<(Arc<ClipPlan>, Vec<u8>)> {
    let plan = Arc::new(ClipPlan::new(&**memory, request).ok()?);
    let file = read(memory, &plan, 0..plan.len());
    Some((plan, file))
}

/// Bytes of all samples, track by track.
fn bytes<'a>(file: &'a [u8], tracks: &[Track]) -> Vec<Vec<(&'a [u8], bool, u32)>> {
    let own = |track: &Track| {
        let own = track.samples.iter();
        own.map(|s| (&file[s.offset..s.offset + s.size], s.key, s.description)).collect()
    };
    tracks.iter().map(own).collect()
}

/// When the samples of a track are shown: microseconds after clip time 0, and on the wall's clock.
fn shown(file: &[u8], track: &Track, walls: &HashMap<&[u8], i64>) -> Vec<(i64, i64)> {
    let scale = Timescale::new(track.timescale).unwrap();
    let late = Timescale::VIDEO.to_micros(Ticks(track.late as i64));
    let end = late + Timescale::VIDEO.to_micros(Ticks(track.edit.0 as i64));
    let shown = track.samples.iter().map(|sample| {
        let at = late + scale.to_micros(Ticks(sample.pts - track.edit.1));
        (at, walls[&file[sample.offset..sample.offset + sample.size]])
    });
    shown.filter(|(at, _)| (0..end).contains(at)).collect()
}

/// What is shown says which time it is, and time passes as on the wall but for gaps.
fn check(file: &[u8], tracks: &[Track], memory: &Memory, texts: &[Text]) {
    let all = stored(memory, |_| true);
    let walls: HashMap<&[u8], i64> =
        all.iter().map(|sample| (sample.data, sample.time.wall.as_micros())).collect();
    let mut offsets: Vec<(i64, i64)> = Vec::new();
    for track in tracks {
        for (at, wall) in shown(file, track, &walls) {
            offsets.push((wall, wall - at));
            let ticks = Timescale::VIDEO.from_micros(at + 12).0;
            let text = texts.iter().rfind(|text| text.start <= ticks).unwrap();
            let near = [-40, 0, 40].map(|more| spoken(wall + more));
            assert!(!track.is_video || near.contains(&text.text), "{text:?} at {wall}");
        }
    }
    offsets.sort_unstable();
    for pair in offsets.windows(2) {
        let (apart, jump) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        // Ticks of 8 kHz are 125 µs long.
        assert!(jump >= -300, "time runs back by {jump}");
        assert!(jump <= apart + 300, "{jump} of {apart}");
        // What is left of a gap: sound that goes on, or begins before the pictures.
        assert!(apart - jump < 2 * SKEW_MICROS + 2 * SKEW_MICROS / 10, "{jump} of {apart}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn without_gaps_all_tracks_keep_step(recipe in recipe(), seed: u64) {
        let memory = Arc::new(archive(&recipe));
        let mut random = Random(seed);
        let end = memory.segments.last().unwrap().row.end.as_micros();
        let mut ranges = vec![(START - 2_000_000, end + 2_000_000)];
        for _ in 0..3 {
            let from = START - 1_000_000 + random.below(end - START);
            ranges.push((from, from + 1 + random.below(end - START + 2_000_000)));
        }
        for (from, to) in ranges {
            let Some((plan, file)) = clip(&memory, request(from, to, true)) else { continue };
            let (usual, whole) = clip(&memory, request(from, to, false)).unwrap();
            let (tracks, others) = (mp4::tracks(&file), mp4::tracks(&whole));
            prop_assert!(bytes(&file, &tracks) == bytes(&whole, &others));
            prop_assert_eq!(plan.shown().from, usual.shown().from);
            // Sound that ends with the range may do so a tick of its own earlier.
            prop_assert!(plan.shown().to.micros_since(usual.shown().to).abs() <= 130);
            check(&file, &tracks, &memory, &mp4::texts(&file).unwrap());
            for _ in 0..3 {
                let a = random.below(file.len() as i64);
                let b = a + 1 + random.below(file.len() as i64 - a);
                let own = &file[a as usize..b as usize];
                prop_assert!(read(&memory, &plan, a as u64..b as u64) == own);
            }
        }
    }
}

/// Whether a duration is that of so many ticks: clocks are slewed a little.
fn is_near(duration: u64, ticks: i64) -> bool {
    (duration as i64 - ticks).abs() < 100
}

#[test]
fn what_follows_a_gap_comes_right_behind() {
    // Two seconds of pictures, a gap of a minute, two seconds more.
    let memory = Arc::new(archive(&crate::random::apart(&[0, 60_000], 2)));
    let (from, to) = (START, START + 100_000_000);
    let (plan, file) = clip(&memory, request(from, to, true)).unwrap();
    let track = &mp4::tracks(&file)[0];
    let times: Vec<i64> = track.samples.iter().map(|sample| sample.pts).collect();
    assert_eq!(times.len(), 120);
    for pair in times.windows(2) {
        assert!((pair[1] - pair[0] - FRAME).abs() <= 60, "{pair:?}");
    }
    assert!(is_near(track.edit.0, 120 * FRAME));
    let texts = mp4::texts(&file).unwrap();
    assert!(texts.iter().all(|text| !text.text.is_empty()));
    // It still says which time it shows.
    assert!((plan.shown().to.as_micros() - START - 64_000_000).abs() < 400);
    let (_, usual) = clip(&memory, request(from, to, false)).unwrap();
    assert!(is_near(mp4::tracks(&usual)[0].edit.0, 64 * 90_000));
    let texts = mp4::texts(&usual).unwrap();
    assert_eq!(texts.iter().filter(|text| text.text.is_empty()).count(), 1);
}

#[test]
fn gaps_are_taken_out_of_a_clip_that_would_be_too_long() {
    let memory = Arc::new(archive(&crate::random::apart(&[0, 30_000_000], 2)));
    let wanted = |squeeze| request(START, START + 40_000_000_000, squeeze);
    assert!(clip(&memory, wanted(false)).is_none());
    let (_, file) = clip(&memory, wanted(true)).unwrap();
    assert!(is_near(mp4::tracks(&file)[0].edit.0, 120 * FRAME));
}

#[test]
fn beside_many_gaps_each_index_is_read_once() {
    let memory = Arc::new(archive(&crate::random::apart(&[60_000; 10], 2)));
    ClipPlan::new(&*memory, request(START, START + 1_000_000_000, true)).expect("it is planned");
    let read = memory.indexes_read.lock().expect("nobody panicked").clone();
    // Those at the two ends are read for the times of the clip, too.
    let (_, between) = memory.segments.split_first().expect("there is footage");
    for segment in &between[..between.len() - 1] {
        assert_eq!(read.iter().filter(|id| **id == segment.row.id).count(), 1, "{read:?}");
    }
}
