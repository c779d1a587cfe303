//! The track of timestamps: the time of day of each second, nothing over gaps, and no other
//! sample is another one.

use std::ops::Range;
use std::sync::Arc;

use base::{Ticks, Timescale, WallTime};
use jiff::tz::TimeZone;
use playback::{ClipPlan, ClipRequest, PlanError};
use proptest::prelude::*;

use crate::archive::{Memory, stream};
use crate::clip::read;
use crate::mp4::{self, Text};
use crate::names::probe;
use crate::random::{Random, START, archive, plain, recipe};

/// Breaks up to this long are no gaps.
const BREAK_MICROS: i64 = 2_000_000;

fn request(from: i64, to: i64) -> ClipRequest {
    let at = WallTime::from_micros;
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    ClipRequest { zone, timestamps: true, ..ClipRequest::new(stream(), at(from), at(to)) }
}

fn clip(memory: &Arc<Memory>, request: ClipRequest) -> Result<(Vec<u8>, WallTime), PlanError> {
    let plan = Arc::new(ClipPlan::new(&**memory, request)?);
    Ok((read(memory, &plan, 0..plan.len()), plan.shown().from))
}

/// By how much sound is off in these archives, at most.
const SOUND_MICROS: i64 = 500_000;

/// Where there is footage, breaks that are no gaps included.
fn footage(memory: &Memory) -> Vec<Range<i64>> {
    let mut all: Vec<Range<i64>> = Vec::new();
    for segment in &memory.segments {
        let (from, to) = (segment.row.start.as_micros(), segment.row.end.as_micros());
        match all.last_mut().filter(|last| from - last.end <= BREAK_MICROS) {
            Some(last) => last.end = last.end.max(to),
            None => all.push(from..to),
        }
    }
    all
}

/// A second as timestamps show it.
pub fn spoken(micros: i64) -> String {
    let at = jiff::Timestamp::from_second(micros.div_euclid(1_000_000)).unwrap();
    // Berlin in November.
    let there = jiff::tz::Offset::constant(1).to_datetime(at);
    format!("{} +01:00", there.to_string().replace('T', " "))
}

/// Every timestamp tells the time of the pictures that it stands in front of.
fn check_texts(texts: &[Text], zero: i64, memory: &Memory) {
    let footage = footage(memory);
    for (number, text) in texts.iter().enumerate() {
        let [from, to] = [text.start, text.start + text.duration]
            .map(|ticks| zero + Timescale::VIDEO.to_micros(Ticks(ticks)));
        let middle = (from + to) / 2;
        // Sound may begin before pictures do, and go on where they have ended.
        let sound = |of: &Range<i64>| of.start - SOUND_MICROS..of.end + SOUND_MICROS;
        let near = |at: i64| footage.iter().any(|of| sound(of).contains(&at));
        if text.text.is_empty() {
            assert!(to - from > BREAK_MICROS - 50, "{text:?}");
            assert!(!footage.iter().any(|of| of.start < to - 24 && of.end > from + 24));
            continue;
        }
        assert!(near(middle), "{text:?} is in a gap");
        assert_eq!(text.text, spoken(middle), "from {from} to {to}");
        assert!(text.duration <= 90_000 || number + 1 == texts.len());
    }
}

/// A sample: its time, whether it is a key frame, its sample entry, its bytes.
type Own<'a> = (i64, bool, u32, &'a [u8]);

/// Samples of all tracks as they are: bytes, times, edits.
fn samples(file: &[u8]) -> Vec<(String, Vec<Own<'_>>)> {
    let tracks = mp4::tracks(file).into_iter().map(|track| {
        let head = format!("{:?} {:?} {}", track.late, track.edit, track.duration);
        let own = track.samples.iter();
        let own = own.map(|s| (s.pts, s.key, s.description, &file[s.offset..s.offset + s.size]));
        (head, own.collect())
    });
    tracks.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn timestamps_change_no_other_sample(recipe in recipe(), seed: u64) {
        let memory = Arc::new(archive(&recipe));
        let mut random = Random(seed);
        let end = memory.segments.last().unwrap().row.end.as_micros();
        for _ in 0..4 {
            let from = START - 1_000_000 + random.below(end - START);
            let to = from + 1 + random.below(end - START + 2_000_000);
            let wanted = request(from, to);
            let Ok((with, zero)) = clip(&memory, wanted.clone()) else { continue };
            let (without, _) = clip(&memory, ClipRequest { timestamps: false, ..wanted.clone() })?;
            prop_assert!(samples(&with) == samples(&without));
            prop_assert!(mp4::texts(&without).is_none());
            check_texts(&mp4::texts(&with).unwrap(), zero.as_micros(), &memory);
            let plan = Arc::new(ClipPlan::new(&*memory, wanted)?);
            for _ in 0..4 {
                let a = random.below(with.len() as i64);
                let b = a + 1 + random.below(with.len() as i64 - a);
                let own = &with[a as usize..b as usize];
                prop_assert!(read(&memory, &plan, a as u64..b as u64) == own);
            }
        }
    }
}

#[test]
fn each_second_has_the_time_on_the_wall() {
    let memory = Arc::new(archive(&plain(20)));
    let (file, _) = clip(&memory, request(START + 300_000, START + 3_500_000)).unwrap();
    let texts = mp4::texts(&file).unwrap();
    let shown: Vec<&str> = texts.iter().map(|text| &text.text[11..]).collect();
    let wanted = [0, 1, 2, 3].map(|second| format!("21:15:{second:02} +01:00"));
    assert_eq!(shown, wanted);
    // From the picture at 0.4568 s to 3.6235 s after a whole second; the clock is slewed a little.
    let durations: Vec<i64> = texts.iter().map(|text| text.duration).collect();
    assert_eq!(durations[1..3], [90_000; 2]);
    assert!((durations[0] - 48_889).abs() < 30 && (durations[3] - 56_111).abs() < 30);
}

#[test]
fn clocks_that_are_put_back_show_an_hour_twice() {
    // One hour ahead until 21:15:10 there, which is 20:15:10 in UTC.
    let zone = TimeZone::posix("AAA0BBB,M1.1.0,M11.4.0/21:15:10").unwrap();
    let memory = Arc::new(archive(&plain(20)));
    let wanted = ClipRequest { zone, ..request(START + 8_000_000, START + 11_000_000) };
    let (file, _) = clip(&memory, wanted).unwrap();
    let texts = mp4::texts(&file).unwrap();
    let shown: Vec<&str> = texts.iter().map(|text| &text.text[11..]).collect();
    let wanted = ["21:15:08 +01:00", "21:15:09 +01:00", "20:15:10 +00:00", "20:15:11 +00:00"];
    assert_eq!(shown, wanted);
}

#[test]
fn other_rules_of_a_zone_are_another_clip() {
    let memory = Arc::new(archive(&plain(20)));
    let tag = |second: u8| {
        let zone = TimeZone::posix(&format!("AAA0BBB,M1.1.0,M11.4.0/21:15:{second}")).unwrap();
        let wanted = ClipRequest { zone, ..request(START + 1_000_000, START + 19_000_000) };
        ClipPlan::new(&*memory, wanted).unwrap().etag().to_owned()
    };
    assert_eq!(tag(10), tag(10));
    assert_ne!(tag(10), tag(11));
}

#[test]
fn players_read_timestamps_as_subtitles() {
    let memory = Arc::new(archive(&plain(20)));
    let (file, _) = clip(&memory, request(START + 1_000_000, START + 5_000_000)).unwrap();
    let shown = ["-select_streams", "s", "-show_streams", "-of", "default"];
    let Some(text) = probe(&file, &shown) else { return };
    for line in ["codec_name=mov_text", "DISPOSITION:default=1", "TAG:handler_name=Time"] {
        assert!(text.lines().any(|own| own == line), "{line} is not in {text}");
    }
}
