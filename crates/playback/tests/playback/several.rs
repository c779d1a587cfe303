//! Several cameras in one clip: each as it is alone, all of them on one clock.

use std::ops::Range;
use std::sync::Arc;

use base::{StreamId, Ticks, Timescale, WallTime};
use catalog::{SegmentRow, TimelineSpans};
use media::SegmentIndex;
use playback::{
    ClipPlan, ClipReader, ClipRequest, ClipStream, PlanError, SegmentFile, Source, SourceError,
};
use proptest::prelude::*;

use crate::archive::Memory;
use crate::mp4::{self, Track};
use crate::names::probe;
use crate::random::{Random, START, apart, archive, plain, recipe};

/// The footage of several streams.
pub struct Cameras(Vec<Memory>);

fn id(number: usize) -> StreamId {
    StreamId::from_bytes([40 + number as u8; 16])
}

impl Cameras {
    pub fn new(footage: impl IntoIterator<Item = Memory>) -> Arc<Self> {
        let cameras = footage.into_iter().enumerate().map(|(number, mut memory)| {
            for segment in &mut memory.segments {
                segment.row.stream = id(number);
            }
            memory
        });
        Arc::new(Self(cameras.collect()))
    }

    fn of(&self, stream: StreamId) -> &Memory {
        let number = (0..self.0.len()).find(|number| id(*number) == stream);
        &self.0[number.expect("it is known")]
    }
}

impl Source for Cameras {
    fn segment(&self, id: base::SegmentId) -> Result<Option<SegmentRow>, SourceError> {
        self.0.iter().find_map(|camera| camera.segment(id).transpose()).transpose()
    }

    fn segments(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        self.of(stream).segments(stream, from, to)
    }

    fn segments_before(
        &self,
        stream: StreamId,
        before: WallTime,
        limit: usize,
    ) -> Result<Vec<SegmentRow>, SourceError> {
        self.of(stream).segments_before(stream, before, limit)
    }

    fn segment_after(
        &self,
        stream: StreamId,
        at: WallTime,
    ) -> Result<Option<SegmentRow>, SourceError> {
        self.of(stream).segment_after(stream, at)
    }

    fn timeline(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
        resolution_micros: i64,
    ) -> Result<TimelineSpans, SourceError> {
        self.of(stream).timeline(stream, from, to, resolution_micros)
    }

    fn hidden(
        &self,
        stream: StreamId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<(WallTime, WallTime)>, SourceError> {
        self.of(stream).hidden(stream, from, to)
    }

    fn index(&self, row: &SegmentRow) -> Result<Arc<SegmentIndex>, SourceError> {
        self.of(row.stream).index(row)
    }

    fn open(&self, row: &SegmentRow) -> Result<Arc<dyn SegmentFile>, SourceError> {
        self.of(row.stream).open(row)
    }
}

/// All of these streams in [from, to), with timestamps.
pub fn request(streams: &[usize], from: i64, to: i64) -> ClipRequest {
    let named = |number: &usize| ClipStream { id: id(*number), name: format!("camera {number}") };
    let at = WallTime::from_micros;
    let request = ClipRequest::new(id(0), at(from), at(to));
    ClipRequest { streams: streams.iter().map(named).collect(), timestamps: true, ..request }
}

/// The bytes of a range of a clip.
pub fn read(cameras: &Arc<Cameras>, plan: &Arc<ClipPlan>, range: Range<u64>) -> Vec<u8> {
    let reader = ClipReader::new(plan.clone(), cameras.clone(), range);
    reader.flat_map(|slice| slice.unwrap()).collect()
}

/// Whether a time is that of so many seconds: clocks are slewed a little.
fn is_near(ticks: u64, seconds: u64) -> bool {
    ticks.abs_diff(seconds * 90_000) < 100
}

struct Clip {
    plan: Arc<ClipPlan>,
    file: Vec<u8>,
}

fn clip(cameras: &Arc<Cameras>, request: ClipRequest) -> Result<Clip, PlanError> {
    let plan = Arc::new(ClipPlan::new(&**cameras, request)?);
    let file = read(cameras, &plan, 0..plan.len());
    Ok(Clip { plan, file })
}

impl Clip {
    /// Samples of a track: their bytes, and when they are shown, in microseconds since 1970.
    fn samples(&self, track: &Track) -> Vec<(&[u8], i64)> {
        let scale = Timescale::new(track.timescale).unwrap();
        let zero = self.plan.shown().from.as_micros();
        let late = zero + Timescale::VIDEO.to_micros(Ticks(track.late as i64));
        let samples = track.samples.iter().map(|s| {
            let at = late + scale.to_micros(Ticks(s.pts - track.edit.1));
            (&self.file[s.offset..s.offset + s.size], at)
        });
        samples.collect()
    }

    fn tracks(&self, name: &str) -> Vec<Track> {
        mp4::tracks(&self.file).into_iter().filter(|track| track.name == name).collect()
    }
}

/// What a stream shows alone it shows among others, at the same times.
fn check_same(alone: &Clip, all: &Clip, name: &str) {
    let all_tracks = all.tracks(name);
    for own in alone.tracks(name) {
        let same =
            |track: &&Track| (track.is_video, track.timescale) == (own.is_video, own.timescale);
        let other = all_tracks.iter().find(same).expect("its track is there");
        let (own, other) = (alone.samples(&own), all.samples(other));
        assert_eq!(own.len(), other.len());
        for ((bytes, at), (other, elsewhere)) in own.iter().zip(&other) {
            assert!(bytes == other, "another sample of {name}");
            // Two roundings of clip time 0 and of the track's scale.
            assert!((at - elsewhere).abs() <= 260, "{name}: {at} and {elsewhere}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_stream_is_as_it_is_alone(
        recipes in proptest::collection::vec((recipe(), -20_000i64..20_000), 2..4),
        seed: u64,
    ) {
        let streams: Vec<usize> = (0..recipes.len()).collect();
        let cameras = Cameras::new(recipes.iter().map(|(recipe, later)| {
            archive(&recipe.later(*later))
        }));
        let mut random = Random(seed);
        for _ in 0..4 {
            let from = START - 21_000_000 + random.below(60_000_000);
            let to = from + 1 + random.below(60_000_000);
            let all = clip(&cameras, request(&streams, from, to));
            let alone: Vec<_> =
                streams.iter().map(|s| clip(&cameras, request(&[*s], from, to)).ok()).collect();
            let without: Vec<usize> =
                streams.iter().copied().filter(|stream| alone[*stream].is_none()).collect();
            let Ok(all) = all else {
                prop_assert!(without == streams);
                continue;
            };
            // Sound that ends before the first picture is part of a longer clip only.
            prop_assert!(all.plan.without_footage().iter().all(|left| without.contains(left)));
            for stream in &streams {
                if let Some(alone) = &alone[*stream] {
                    check_same(alone, &all, &format!("camera {stream}"));
                }
            }
            let first = mp4::tracks(&all.file).iter().map(|track| track.late).min();
            prop_assert_eq!(first, Some(0));
            for _ in 0..3 {
                let a = random.below(all.file.len() as i64);
                let b = a + 1 + random.below(all.file.len() as i64 - a);
                let own = &all.file[a as usize..b as usize];
                prop_assert!(read(&cameras, &all.plan, a as u64..b as u64) == own);
            }
        }
    }
}

#[test]
fn a_camera_that_begins_later_comes_later() {
    let cameras = Cameras::new([archive(&plain(10)), archive(&plain(10).later(4_000))]);
    let all = clip(&cameras, request(&[1, 0], START + 1_000_000, START + 30_000_000)).unwrap();
    let [second, first] = &mp4::tracks(&all.file)[..] else { panic!("two tracks") };
    assert_eq!((&*second.name, &*first.name), ("camera 1", "camera 0"));
    // The first picture of any of them is clip time 0.
    assert_eq!(first.late, 0);
    assert!(is_near(second.late, 3));
    assert!(is_near(first.edit.0, 9) && is_near(second.edit.0, 10));
    assert!(all.plan.without_footage().is_empty());
    let Some(text) = probe(&all.file, &["-show_streams", "-of", "default"]) else { return };
    for line in ["start_time=0.000000", "start_time=3.000", "TAG:handler_name=camera 1"] {
        assert!(text.lines().any(|own| own.starts_with(line)), "{line} is not in {text}");
    }
}

#[test]
fn a_stream_without_footage_is_left_out() {
    let cameras = Cameras::new([archive(&plain(10)), archive(&plain(10).later(60_000))]);
    let all = clip(&cameras, request(&[1, 0], START, START + 30_000_000)).unwrap();
    assert_eq!(all.plan.without_footage(), [0]);
    let names: Vec<String> = mp4::tracks(&all.file).into_iter().map(|track| track.name).collect();
    assert_eq!(names, ["camera 0"]);
    let none = clip(&cameras, request(&[1, 0], START + 20_000_000, START + 30_000_000));
    let Err(PlanError::NoFootage(found)) = none else { panic!("there is none") };
    let (before, after) = (found.before.unwrap().to, found.after.unwrap().from);
    assert!((before.as_micros() - START - 10_000_000).abs() < 400);
    assert!((after.as_micros() - START - 60_000_000).abs() < 400);
}

#[test]
fn only_a_gap_of_all_of_them_is_squeezed() {
    // 0..2, 62..64 s; and 50..52, 112..114 s.
    let recipe = apart(&[0, 60_000], 2);
    let cameras = Cameras::new([archive(&recipe), archive(&recipe.later(50_000))]);
    let wanted = request(&[0, 1], START, START + 200_000_000);
    let all = clip(&cameras, ClipRequest { squeeze: true, ..wanted }).unwrap();
    let [first, second] = &mp4::tracks(&all.file)[..] else { panic!("two tracks") };
    // Four pieces of two seconds, of which each camera has every other one.
    assert!(is_near(second.late, 2));
    assert!(is_near(first.edit.0, 6) && is_near(second.edit.0, 6));
    let texts = mp4::texts(&all.file).unwrap();
    assert!(texts.iter().all(|text| !text.text.is_empty()));
}
