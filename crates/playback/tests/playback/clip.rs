//! Clips of random archives: exactly the samples asked for, at the right times, byte for byte.

use std::ops::Range;
use std::sync::Arc;

use base::{RunId, SegmentId, Ticks, Timescale, WallTime};
use media::index::nearest_ticks;
use media::{SampleTime, TrackParams};
use playback::{ClipPlan, ClipReader, ClipRequest, PlanError};
use proptest::prelude::*;

use crate::archive::{Memory, Raw, aac, segment, stream};
use crate::mp4::{self, Track};
use crate::random::{FRAME, Random, START, archive, recipe};

/// A sample of the archive.
pub struct Stored<'a> {
    pub time: SampleTime,
    pub data: &'a [u8],
    pub params: &'a Arc<TrackParams>,
    pub key: bool,
    run: RunId,
    pub segment: SegmentId,
}

/// All samples of the tracks that satisfy `chosen`, in decode order.
pub fn stored<'a>(memory: &'a Memory, chosen: impl Fn(&TrackParams) -> bool) -> Vec<Stored<'a>> {
    let mut all = Vec::new();
    for segment in &memory.segments {
        for track in segment.index.tracks.iter().filter(|track| chosen(&track.params)) {
            let mut chunks = track.chunks.iter().peekable();
            let mut at = 0;
            for (number, (sample, time)) in track.samples.iter().zip(track.times()).enumerate() {
                if let Some(chunk) = chunks.next_if(|c| c.first_sample as usize == number) {
                    at = chunk.offset as usize;
                }
                let data = &segment.file[at..at + sample.size as usize];
                at += sample.size as usize;
                let (params, key) = (&track.params, sample.key);
                let (run, segment) = (segment.row.run, segment.row.id);
                all.push(Stored { time, data, params, key, run, segment });
            }
        }
    }
    all
}

impl Stored<'_> {
    pub fn params(&self) -> &Arc<TrackParams> {
        self.params
    }
}

pub fn plan(memory: &Memory, from: i64, to: i64) -> Result<ClipPlan, PlanError> {
    let (from, to) = (WallTime::from_micros(from), WallTime::from_micros(to));
    ClipPlan::new(memory, ClipRequest::new(stream(), from, to))
}

pub fn read(memory: &Arc<Memory>, plan: &Arc<ClipPlan>, range: Range<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for slice in ClipReader::new(plan.clone(), memory.clone(), range) {
        let slice = slice.unwrap();
        assert!(!slice.is_empty() && slice.len() <= base::limits::BODY_SLICE_BYTES_MAX);
        bytes.extend_from_slice(&slice);
    }
    bytes
}

/// Checks the clip's video against the archive; gives clip time 0.
fn check_video(file: &[u8], track: &Track, all: &[Stored], window: &Range<WallTime>) -> i64 {
    let shown = |sample: &&Stored| window.contains(&sample.time.wall);
    let zero = all.iter().filter(shown).map(|s| s.time.grid_pts).min().unwrap();
    assert_eq!(track.late, 0);
    // In decode order from a key frame on, without a hole.
    let first = &track.samples[0];
    let data = |s: &mp4::Sample| &file[s.offset..s.offset + s.size];
    let begin = all.iter().position(|s| s.data == data(first)).unwrap();
    let own = &all[begin..begin + track.samples.len()];
    assert!(first.key);
    let (edit, media_time) = track.edit;
    let mut seen = 0;
    for (sample, stored) in track.samples.iter().zip(own) {
        assert!(data(sample) == stored.data, "sample {seen} is another one");
        assert_eq!(sample.key, stored.key);
        let TrackParams::Video(video) = &**stored.params else { panic!("is video") };
        assert_eq!(track.widths[sample.description as usize - 1], video.width);
        assert_eq!(sample.pts - media_time + zero, stored.time.grid_pts);
        let presented = (0..edit as i64).contains(&(sample.pts - media_time));
        assert_eq!(presented, window.contains(&stored.time.wall));
        seen += usize::from(presented);
    }
    assert_eq!(seen, all.iter().filter(shown).count());
    // Nothing that a picture shown needs is missing: the key frame it starts at has no leading
    // picture that is shown, unless there is nothing to decode that from.
    let key = &own[0];
    let leads = own.iter().any(|s| s.time.grid_pts < key.time.grid_pts && shown(&s));
    let before = begin.checked_sub(1).map(|before| &all[before]);
    let cut_off = before.is_none_or(|before| before.run != key.run || before.params != key.params);
    assert!(!leads || cut_off);
    // It ends at the end of the range, or of its last frame.
    let last = all.iter().filter(shown).max_by_key(|s| s.time.grid_pts).unwrap();
    let (last_pts, end) = (last.time.grid_pts, zero + edit as i64);
    let range_end = nearest_ticks(Timescale::VIDEO, window.end.as_micros()).0.max(last_pts + 1);
    assert!(last_pts < end && end <= range_end);
    if end < range_end {
        let following = all.iter().filter(|s| s.time.grid_pts > last_pts);
        let same = following.filter(|s| s.segment == last.segment);
        let own_end = same.map(|s| s.time.grid_pts).min().unwrap_or(last_pts + FRAME);
        assert_eq!(end, own_end);
    }
    assert!(track.duration as i64 >= media_time + edit as i64);
    zero
}

/// Checks one audio track against the archive.
fn check_audio(file: &[u8], track: &Track, all: &[Stored], window: &Range<WallTime>, zero: f64) {
    let hertz = f64::from(track.timescale);
    // Where two runs have sound for one instant, the later one's counts.
    let within: Vec<&Stored> = all.iter().filter(|s| window.contains(&s.time.wall)).collect();
    let kept = within.iter().enumerate().filter(|(at, sample)| {
        let later = within[*at..].iter().filter(|later| later.run != sample.run);
        later.map(|later| later.time.grid_dts).all(|later| sample.time.grid_dts < later)
    });
    let kept: Vec<&&Stored> = kept.map(|(_, sample)| sample).collect();
    assert_eq!(track.samples.len(), kept.len());
    let begin = track.late as f64 / 90_000.0 + zero;
    for (sample, stored) in track.samples.iter().zip(kept) {
        assert!(&file[sample.offset..sample.offset + sample.size] == stored.data);
        let at = (sample.pts - track.edit.1) as f64 / hertz + begin;
        let wall = stored.time.grid_pts as f64 / hertz;
        assert!((at - wall).abs() < 1.5 / hertz + 1e-6, "{at} is not {wall}");
    }
    let end = begin + track.edit.0 as f64 / 90_000.0;
    assert!(end <= window.end.as_micros() as f64 / 1e6 + 1.6 / hertz + 2e-5);
}

fn check(memory: &Arc<Memory>, from: i64, to: i64, random: &mut Random) {
    let videos = stored(memory, TrackParams::is_video);
    let window = WallTime::from_micros(from)..WallTime::from_micros(to);
    let rates: Vec<u32> = vec![8000, 16_000, 44_100];
    let audios: Vec<Vec<Stored>> = rates
        .iter()
        .map(|rate| stored(memory, |p| !p.is_video() && p.timescale().hertz() == *rate))
        .collect();
    let any_video = videos.iter().any(|s| window.contains(&s.time.wall));
    let plan = match plan(memory, from, to) {
        Ok(plan) => Arc::new(plan),
        Err(PlanError::NoFootage(_)) => {
            assert!(!any_video);
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let file = read(memory, &plan, 0..plan.len());
    assert_eq!(file.len() as u64, plan.len());
    let tracks = mp4::tracks(&file);
    let mut zero = plan.shown().from.as_micros() as f64 / 1e6;
    if any_video {
        assert!(tracks[0].is_video);
        let ticks = check_video(&file, &tracks[0], &videos, &window);
        zero = ticks as f64 / 90_000.0;
        assert!(
            (Timescale::VIDEO.to_micros(Ticks(ticks)) - plan.shown().from.as_micros()).abs() <= 1
        );
    }
    for track in tracks.iter().filter(|track| !track.is_video) {
        let at = rates.iter().position(|rate| *rate == track.timescale).unwrap();
        check_audio(&file, track, &audios[at], &window, zero);
    }
    for _ in 0..3 {
        let a = random.below(file.len() as i64) as u64;
        let b = a + 1 + random.below(file.len() as i64 - a as i64) as u64;
        assert!(read(memory, &plan, a..b) == file[a as usize..b as usize], "bytes {a} to {b}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_clip_is_what_was_asked_for(recipe in recipe(), seed: u64) {
        let memory = Arc::new(archive(&recipe));
        let mut random = Random(seed);
        let end = memory.segments.last().unwrap().row.end.as_micros();
        let length = end - START + 2_000_000;
        for _ in 0..6 {
            let from = START - 1_000_000 + random.below(length);
            let to = from + 1 + random.below(length);
            check(&memory, from, to, &mut random);
        }
        check(&memory, START - 2_000_000, end + 2_000_000, &mut random);
    }

    #[test]
    fn whole_segments_need_no_index_and_give_the_same_bytes(recipe in recipe()) {
        let memory = Arc::new(archive(&recipe));
        let end = memory.segments.last().unwrap().row.end.as_micros();
        let (from, to) = (START - 3_000_000, end + 3_000_000);
        let lazy = Arc::new(plan(&memory, from, to).unwrap());
        let mut growing = archive(&recipe);
        for segment in &mut growing.segments {
            segment.row.state = catalog::SegmentState::Open;
        }
        let growing = Arc::new(growing);
        let eager = Arc::new(plan(&growing, from, to).unwrap());
        prop_assert_eq!(lazy.etag(), eager.etag());
        let whole = |memory, plan: &Arc<ClipPlan>| read(memory, plan, 0..plan.len());
        prop_assert!(whole(&memory, &lazy) == whole(&growing, &eager));
    }
}

#[test]
fn a_stream_of_sound_alone_begins_with_its_first_frame() {
    let params: Vec<Arc<TrackParams>> = vec![Arc::new(aac(16_000))];
    let samples = (0..100).map(|number| Raw {
        track: 0,
        dts: number * 1024,
        pts: number * 1024,
        key: true,
        data: vec![number as u8; 9],
        batch: number % 10 == 0,
    });
    let samples: Vec<Raw> = samples.collect();
    let scale = params[0].timescale();
    let made =
        segment(1, 1, &params, &samples, &[1024], |_, pts| START + scale.to_micros(Ticks(pts)));
    let memory = Arc::new(Memory { segments: vec![made], ..Memory::default() });
    let plan = Arc::new(plan(&memory, START + 1_000_000, START + 2_000_000).unwrap());
    let file = read(&memory, &plan, 0..plan.len());
    let track = &mp4::tracks(&file)[0];
    // Frames 16 (at 1.024 s) to 31 (at 1.984 s), which lasts until 2 s.
    assert_eq!(track.samples.len(), 16);
    assert_eq!((track.late, track.edit), (0, (87_840, 0)));
    assert_eq!(file[track.samples[0].offset], 16);
}
