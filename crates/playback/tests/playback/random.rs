//! Random archives from a recipe.

use std::sync::Arc;

use base::{Ticks, Timescale};
use media::TrackParams;
use proptest::prelude::*;

use crate::archive::{Memory, Raw, Segment, aac, segment, video};

/// When the first run begins.
pub const START: i64 = 1_795_378_500_123_457;
/// How long a picture usually lasts, in ticks.
pub const FRAME: i64 = 3000;

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Time without footage before it.
    gap_millis: i64,
    /// Pictures between two that others need.
    b_frames: usize,
    /// Whether B-frames before a key frame need it (and what is before it).
    open_gop: bool,
    /// Sample rate, samples a frame, how far it leads video in milliseconds.
    audio: Option<(u32, i64, i64)>,
    gops: usize,
    /// Groups of B-frames with the picture after them, in a GOP.
    groups: usize,
    gops_per_segment: usize,
    /// A width for every segment in turn.
    widths: Vec<u16>,
    jitter: i64,
    batch: usize,
}

/// An archive.
#[derive(Clone, Debug)]
pub struct Recipe {
    seed: u64,
    runs: Vec<Run>,
    growing: bool,
}

impl Recipe {
    /// The same, so many milliseconds later.
    pub fn later(&self, millis: i64) -> Self {
        let mut later = self.clone();
        later.runs[0].gap_millis += millis;
        later
    }
}

prop_compose! {
    fn run()(
        gap_millis in prop_oneof![
            Just(1), Just(40), Just(300), Just(1500), Just(2500), 4000i64..60_000
        ],
        b_frames in 0usize..3,
        open_gop: bool,
        audio in proptest::option::of((
            prop_oneof![Just((16_000, 1024)), Just((8000, 160)), Just((44_100, 1024))],
            -400i64..400,
        )),
        gops in 1usize..10,
        groups in 1usize..12,
        gops_per_segment in 1usize..4,
        widths in prop_oneof![Just(vec![16]), Just(vec![16, 32]), Just(vec![32])],
        jitter in prop_oneof![Just(0), Just(40), Just(2000)],
        batch in 1usize..40,
    ) -> Run {
        let audio = audio.map(|((rate, frame), lead)| (rate, frame, lead));
        Run {
            gap_millis,
            b_frames,
            open_gop,
            audio,
            gops,
            groups,
            gops_per_segment,
            widths,
            jitter,
            batch,
        }
    }
}

/// Any archive.
pub fn recipe() -> impl Strategy<Value = Recipe> {
    (any::<u64>(), proptest::collection::vec(run(), 1..4), any::<bool>())
        .prop_map(|(seed, runs, growing)| Recipe { seed, runs, growing })
}

/// One run of plain pictures, a key frame each second, in segments of two seconds.
pub fn plain(seconds: usize) -> Recipe {
    steady(seconds, 1, 2)
}

/// One run of plain pictures, a key frame every so many seconds, in segments of so many GOPs.
pub fn steady(gops: usize, seconds: usize, gops_per_segment: usize) -> Recipe {
    let run = Run {
        gap_millis: 0,
        b_frames: 0,
        open_gop: false,
        audio: None,
        gops,
        groups: 30 * seconds,
        gops_per_segment,
        widths: vec![16],
        jitter: 0,
        batch: 15,
    };
    Recipe { seed: 1, runs: vec![run], growing: false }
}

/// Runs of plain pictures of so many seconds, each so many milliseconds after the one before.
pub fn apart(gaps_millis: &[i64], seconds: usize) -> Recipe {
    let one = plain(seconds).runs.remove(0);
    let runs = gaps_millis.iter().map(|gap| Run { gap_millis: *gap, ..one.clone() });
    Recipe { seed: 1, runs: runs.collect(), growing: false }
}

/// A few random numbers, the same ones each time.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % bound.max(1)
    }

    fn bytes(&mut self, max: i64) -> Vec<u8> {
        // The first bytes are like no other sample's.
        let len = 8 + self.below(max);
        let unique = self.0.to_be_bytes();
        (0..len).map(|at| *unique.get(at as usize).unwrap_or(&(self.below(256) as u8))).collect()
    }
}

/// Makes the archive.
pub fn archive(recipe: &Recipe) -> Memory {
    let mut random = Random(recipe.seed);
    let (mut segments, mut at) = (Vec::new(), START);
    for (number, run) in recipe.runs.iter().enumerate() {
        at += run.gap_millis * 1000;
        let made = make_run(run, number as u8, at, segments.len() as u8, &mut random);
        let last: &Segment = made.last().unwrap();
        at = last.row.end.as_micros();
        segments.extend(made);
    }
    if recipe.growing {
        segments.last_mut().unwrap().row.state = catalog::SegmentState::Open;
    }
    Memory { segments, ..Memory::default() }
}

/// Pictures of a run in decode order: which one in presentation order, and whether it is a key.
fn decode_order(run: &Run) -> Vec<(usize, bool)> {
    let (mut order, mut next) = (Vec::new(), 0);
    for gop in 0..run.gops {
        let leading = if run.open_gop && gop > 0 { run.b_frames } else { 0 };
        order.push((next + leading, true));
        order.extend((next..next + leading).map(|picture| (picture, false)));
        next += leading + 1;
        for _ in 1..run.groups {
            order.push((next + run.b_frames, false));
            order.extend((next..next + run.b_frames).map(|picture| (picture, false)));
            next += run.b_frames + 1;
        }
    }
    order
}

fn make_run(run: &Run, number: u8, at: i64, first_id: u8, random: &mut Random) -> Vec<Segment> {
    let order = decode_order(run);
    let mut times = vec![0];
    while times.len() < order.len() {
        let step = FRAME + random.below(run.jitter * 2 + 1) - run.jitter;
        times.push(times[times.len() - 1] + step);
    }
    let delay = if run.b_frames > 0 { 1 } else { 0 };
    let decode = |at: usize| match at.checked_sub(delay) {
        Some(at) => times[at],
        None => -FRAME * (delay - at) as i64,
    };
    let micros = |scale: Timescale, ticks: i64| scale.to_micros(Ticks(ticks));
    // (when it is written, which segment may begin here, the sample)
    let mut samples: Vec<(i64, bool, Raw)> = Vec::new();
    let mut keys = 0;
    for (position, (picture, key)) in order.iter().enumerate() {
        let (dts, pts) = (decode(position), times[*picture]);
        let cut = *key && keys % run.gops_per_segment == 0;
        keys += usize::from(*key);
        let data = random.bytes(900);
        let raw = Raw { track: 0, dts, pts, key: *key, data, batch: false };
        samples.push((micros(Timescale::VIDEO, dts), cut, raw));
    }
    let mut params: Vec<Arc<TrackParams>> = vec![Arc::new(video(16))];
    if let Some((rate, frame, lead)) = run.audio {
        let scale = Timescale::new(rate).unwrap();
        params.push(Arc::new(aac(rate)));
        let begin = scale.from_micros(lead * 1000).0;
        let end = scale.from_micros(micros(Timescale::VIDEO, *times.last().unwrap())).0;
        let mut pts = begin;
        while pts < end {
            let data = random.bytes(90);
            let raw = Raw { track: 1, dts: pts, pts, key: true, data, batch: false };
            let written = micros(scale, pts).max(samples[0].0 + 1) + lead.abs() * 500;
            samples.push((written, false, raw));
            pts += frame;
        }
    }
    samples.sort_by_key(|(written, ..)| *written);
    for (at, (_, cut, raw)) in samples.iter_mut().enumerate() {
        raw.batch = *cut || at % run.batch == 0;
    }
    let drift: Vec<i64> = (0..64).map(|_| random.below(600) - 300).collect();
    let wall = |params: &[Arc<TrackParams>], track: usize, pts: i64| {
        let own = micros(params[track].timescale(), pts);
        // Slewed: not more than the least distance of two frames.
        at + own + drift[(own.div_euclid(700_000)).rem_euclid(64) as usize]
    };
    let mut segments = Vec::new();
    for (position, own) in samples.chunk_by(|_, next| !next.1).enumerate() {
        params[0] = Arc::new(video(run.widths[position % run.widths.len()]));
        let own: Vec<Raw> = own.iter().map(|(.., raw)| raw.clone()).collect();
        let usual = [FRAME as u32, run.audio.map_or(0, |(_, frame, _)| frame as u32)];
        let id = first_id + position as u8 + 1;
        let made =
            segment(id, number, &params, &own, &usual, |track, pts| wall(&params, track, pts));
        segments.push(made);
    }
    segments
}

/// One run, a group of pictures a segment, of which every second is presented before the one that
/// precedes it.
pub fn short_segments(
    open_gop: bool,
    gops: usize,
    groups: usize,
    jitter: i64,
    seed: u64,
) -> Recipe {
    let run = Run {
        gap_millis: 1,
        b_frames: 1,
        open_gop,
        audio: None,
        gops,
        groups,
        gops_per_segment: 1,
        widths: vec![16],
        jitter,
        batch: 1,
    };
    Recipe { seed, runs: vec![run], growing: false }
}
