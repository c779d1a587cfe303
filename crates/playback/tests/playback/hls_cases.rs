//! HLS of archives made for one case each: lengths, gaps, sound alone, what is not there.

use std::ops::Range;
use std::sync::Arc;

use base::{Ticks, WallTime};
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
use playback::{PlanError, Source};

use crate::archive::{Memory, Raw, aac, segment, video};
use crate::clip::stored;
use crate::hls::{check_sounds, check_times, play, playlist, recorded_until};
use crate::media_segment::{self, parse};
use crate::random::{START, archive, plain, short_segments, steady};

#[test]
fn a_day_reads_each_index_once_and_more_is_refused() {
    let memory = archive(&plain(60));
    let end = START + 60_000_000;
    playlist(&memory, START, end, false).unwrap();
    let mut read = memory.indexes_read.lock().unwrap().clone();
    let count = read.len();
    read.sort_unstable();
    read.dedup();
    assert_eq!((count, read.len()), (30, 30));
    let day = 25 * 3_600_000_000;
    let refused = playlist(&memory, START, START + day + 1, false);
    assert!(matches!(refused, Err(PlanError::PlaylistTooLong)));
    assert!(playlist(&memory, START, START + day, false).is_ok());
}

#[test]
fn media_segments_are_about_six_seconds_and_begin_at_key_frames() {
    let memory = archive(&steady(12, 2, 9));
    let text = playlist(&memory, START + 2_500_000, START + 21_500_000, false).unwrap();
    insta::assert_snapshot!(text);
}

/// The lengths of media segments in seconds, rounded.
fn lengths(text: &str) -> Vec<i64> {
    parse(text).0.iter().map(|item| (item.micros + 500_000) / 1_000_000).collect()
}

#[test]
fn a_long_gop_stays_whole_unless_more_will_follow() {
    let memory = Arc::new(archive(&steady(3, 30, 9)));
    let (from, to) = (START, START + 89_000_000);
    let ended = playlist(&memory, from, to, false).unwrap();
    assert_eq!(lengths(&ended), [30, 30, 29]);
    assert!(ended.contains("#EXT-X-TARGETDURATION:30\n"));
    let growing = playlist(&memory, from, to, true).unwrap();
    assert_eq!(lengths(&growing), [11, 11, 8, 11, 11, 8, 11, 11], "{growing}");
    assert!(growing.contains("#EXT-X-TARGETDURATION:12\n"));
    for text in [&ended, &growing] {
        let alone = text.contains("#EXT-X-INDEPENDENT-SEGMENTS");
        assert_eq!(alone, text.contains("VOD"));
        check_times(&play(&memory, text), text, &stored(&memory, TrackParams::is_video));
    }
}

#[test]
fn a_long_gop_is_cut_at_the_same_places_while_it_grows() {
    let whole = archive(&steady(3, 30, 2));
    let mut last = String::new();
    for step in 1..60 {
        let to = START + step * 1_490_000;
        let memory = recorded_until(&whole, to);
        let Ok(text) = playlist(&memory, START, to, true) else { continue };
        assert!(text.starts_with(&last), "{last}\nis not the start of\n{text}");
        last = text;
    }
    assert_eq!(lengths(&last), [11, 11, 8, 11, 11, 8, 11, 11]);
}

/// A minute with a key frame a second, of which `track` has nothing from 20 s to 40 s.
fn with_silence(tracks: &[Arc<TrackParams>], track: usize) -> Memory {
    let mut samples = Vec::new();
    for (number, params) in tracks.iter().enumerate() {
        let scale = i64::from(params.timescale().hertz());
        let (length, rate) = if params.is_video() { (scale / 10, 10) } else { (1024, 0) };
        let all = (0..60 * scale / length).map(|at| (at * length, rate > 0 && at % rate != 0));
        let all = all.filter(|(at, _)| number != track || !(20..40).contains(&(at / scale)));
        samples.extend(all.map(|(at, depends)| {
            let data = [number as u64 + 1, at as u64].map(u64::to_be_bytes).concat();
            (
                at * 1000 / scale,
                Raw { track: number, dts: at, pts: at, key: !depends, data, batch: false },
            )
        }));
    }
    samples.sort_by_key(|(millis, _)| *millis);
    let samples: Vec<Raw> = samples.into_iter().map(|(_, raw)| raw).collect();
    let wall = |track: usize, pts| START + tracks[track].timescale().to_micros(Ticks(pts));
    let made = segment(1, 1, tracks, &samples, &[9000, 1024], wall);
    Memory { segments: vec![made], ..Memory::default() }
}

#[test]
fn where_nothing_is_presented_for_long_there_is_a_discontinuity() {
    let memory = Arc::new(with_silence(&[Arc::new(video(16)), Arc::new(aac(16_000))], 0));
    for is_growing in [false, true] {
        let text = playlist(&memory, START, START + 58_000_000, is_growing).unwrap();
        assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{text}");
        let played = play(&memory, &text);
        check_times(&played, &text, &stored(&memory, TrackParams::is_video));
        check_sounds(&memory, &played);
        let (before, after) = text.split_once("#EXT-X-DISCONTINUITY\n").unwrap();
        assert_eq!(lengths(before), [6, 6, 6, 2], "{text}");
        assert!(after.starts_with("#EXT-X-PROGRAM-DATE-TIME:2026-11-22T20:15:40.123457Z\n"));
    }
}

#[test]
fn sound_that_is_hidden_between_two_pictures_is_left_out() {
    let mut memory = with_silence(&[Arc::new(video(16)), Arc::new(aac(16_000))], 2);
    let sounds = |memory: Memory| -> (usize, usize) {
        let memory = Arc::new(memory);
        let text = playlist(&memory, START, START + 58_000_000, false).unwrap();
        let played = play(&memory, &text);
        check_sounds(&memory, &played);
        (played.pictures.concat().len(), played.sounds.concat().len())
    };
    let all = sounds(Memory { segments: memory.segments.clone(), ..Memory::default() });
    // Pictures come at 10.0 and 10.1 s, a frame of sound at 10.048 s.
    let at = |millis: i64| WallTime::from_micros(START + millis * 1000);
    memory.hidden = vec![(at(10_010), at(10_090))];
    assert_eq!(sounds(memory), (all.0, all.1 - 1));
}

#[test]
fn sound_may_be_alone_but_not_g711() {
    let memory = Arc::new(with_silence(&[Arc::new(aac(16_000))], 1));
    let text = playlist(&memory, START, START + 58_000_000, false).unwrap();
    assert!(text.contains("#EXT-X-INDEPENDENT-SEGMENTS"));
    let played = play(&memory, &text);
    check_times(&played, &text, &stored(&memory, |params| !params.is_video()));
    let TrackParams::Audio(alaw) = aac(8000) else { panic!("it is sound") };
    let alaw = AudioParams { codec: AudioCodec::Alaw, config: Vec::new().into(), ..alaw };
    let alaw = Arc::new(TrackParams::Audio(alaw));
    let memory = Arc::new(with_silence(&[Arc::new(video(16)), alaw.clone()], 2));
    let text = playlist(&memory, START, START + 58_000_000, false).unwrap();
    let played = play(&memory, &text);
    assert!(played.sounds.iter().all(Vec::is_empty));
    assert_eq!(media_segment::init(&memory, &played.items[0].map).trak.len(), 1);
    let TrackParams::Video(jpeg) = video(16) else { panic!("it is video") };
    let jpeg = VideoParams { codec: VideoCodec::Jpeg, config: Vec::new().into(), ..jpeg };
    let jpeg = Arc::new(TrackParams::Video(jpeg));
    // Nor is the sound alone given to who asks for pictures.
    for tracks in [vec![alaw], vec![jpeg.clone()], vec![jpeg, Arc::new(aac(16_000))]] {
        let memory = with_silence(&tracks, 1);
        let refused = playlist(&memory, START, START + 58_000_000, false);
        assert!(matches!(refused, Err(PlanError::NotForHls)));
    }
}

/// Forty seconds, of which some segments are of JPEG pictures.
fn with_jpeg(segments: Range<usize>) -> Memory {
    let mut memory = archive(&plain(40));
    let TrackParams::Video(jpeg) = video(16) else { panic!("it is video") };
    let jpeg = VideoParams { codec: VideoCodec::Jpeg, config: Vec::new().into(), ..jpeg };
    let jpeg = Arc::new(TrackParams::Video(jpeg));
    for segment in &mut memory.segments[segments] {
        Arc::make_mut(&mut segment.index).tracks[0].params = jpeg.clone();
        segment.row.tracks[0].params = jpeg.clone();
    }
    memory
}

#[test]
fn of_what_hls_does_not_carry_only_what_may_be_shown_of_the_range_is_named() {
    const WORDS: &str = "on the camera sent what HLS does not carry";
    let mut memory = with_jpeg(5..10);
    let (from, second) = (memory.segments[5].row.start, memory.segments[6].row.start);
    let until = memory.segments[9].row.end;
    // Where the range ends before it, it is none of its business.
    let text = playlist(&memory, START, from.as_micros(), false).unwrap();
    assert!(!text.contains(WORDS), "{text}");
    // What was deleted is not named: not when the rest begins where it began.
    let shown = second.plus_micros(700_000);
    memory.hidden = vec![(from.plus_micros(-1), shown)];
    let text = playlist(&memory, START, START + 39_000_000, false).unwrap();
    assert!(text.contains(&format!("## From {shown} {WORDS}")), "{text}");
    assert_eq!(text.matches(WORDS).count(), 1, "{text}");
    memory.hidden = vec![(from.plus_micros(-1), until.plus_micros(1))];
    let text = playlist(&memory, START, START + 39_000_000, false).unwrap();
    assert!(!text.contains(WORDS), "{text}");
    let nothing = playlist(&memory, from.as_micros(), until.as_micros(), false);
    assert!(matches!(nothing, Err(PlanError::NoFootage(_))));
}

#[test]
fn a_part_of_the_range_that_hls_does_not_carry_is_named() {
    let memory = with_jpeg(5..10);
    let from = memory.segments[5].row.start;
    let memory = Arc::new(memory);
    let text = playlist(&memory, START, START + 39_000_000, false).unwrap();
    let comment = format!("## From {from} on the camera sent what HLS does not carry");
    let (before, after) = text.split_once(&comment).expect("it is named, once");
    assert!(!before.contains("DISCONTINUITY") && !after.contains(&comment), "{text}");
    let next = after.lines().nth(1).expect("more follows");
    assert_eq!(next, "#EXT-X-DISCONTINUITY", "{text}");
    let items = parse(&text).0;
    assert!(items.len() > 4, "players pass the comment over: {text}");
    // One that grows stays as it was begun.
    let mut last = String::new();
    for step in 1..20 {
        let to = START + step * 2_000_000;
        let Ok(text) = playlist(&recorded_until(&memory, to), START, to, true) else { continue };
        assert!(text.starts_with(&last), "{last}\nis not the start of\n{text}");
        last = text;
    }
    assert!(last.contains(&comment), "{last}");
}

#[test]
fn what_is_asked_for_and_is_not_there_is_not_made() {
    let memory = Arc::new(archive(&short_segments(false, 3, 2, 0, 1)));
    let id = memory.segments[0].row.id;
    let count = memory.segments[0].index.tracks[0].samples.len();
    for file in [format!("0-{}.m4s", count + 1), "3-3.m4s".into(), "9-3.m4s".into()] {
        assert_eq!(media_segment::bytes(&memory, &format!("hls/{id}/{file}")), None, "{file}");
    }
    let other = memory.segment(base::SegmentId::from_bytes([200; 16])).unwrap();
    assert!(other.is_none());
    let nowhere = format!("hls/{}/0-1.m4s", base::SegmentId::from_bytes([200; 16]));
    assert_eq!(media_segment::bytes(&memory, &nowhere), None);
}
