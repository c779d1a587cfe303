//! The pure code that everything goes through, each by itself: what a second of 1080p30 at
//! 4 Mbit/s costs on its way from packets to what is written, and what a clip's plan costs.

#[path = "../../src/conversation.rs"]
mod conversation;
mod hour;
#[path = "../../src/minutes.rs"]
mod minutes;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use base::{Ticks, WallTime};
use camera::{FrameSink, StreamSource};
use conversation::Conversation;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use media::{LiveMuxer, SegmentBuilder, SegmentIndex, SegmentScale};
use playback::{ClipPlan, ClipRequest};
use world::sim::SimClock;

const SECOND: Duration = Duration::from_secs(1);
const START: WallTime = WallTime::from_micros(1_795_378_500_000_000);

criterion_group!(hot, depacketize, batch, live, index, plan);
criterion_main!(hot);

/// A second of packets to frames on the run's time line.
fn depacketize(criterion: &mut Criterion) {
    let (opening, pieces) = second();
    let mut group = criterion.benchmark_group("depacketize");
    group.throughput(Throughput::Bytes(pieces.iter().map(|piece| piece.len() as u64).sum()));
    let conversation = || opening.iter().chain(&pieces).cloned().collect::<Vec<_>>();
    group.bench_function("a second", |bencher| {
        bencher.iter_batched(conversation, receive, BatchSize::LargeInput);
    });
}

/// Frames to the bytes that are written, with their hash.
fn batch(criterion: &mut Criterion) {
    let batch = minutes::batches(START, 15_000, 1).next().expect("five minutes have a batch");
    let identity = hour::identity();
    let builder = SegmentBuilder::new(identity, minutes::tracks());
    let len = builder.encode(&batch).expect("a made batch keeps the rules").len;
    let mut group = criterion.benchmark_group("moof");
    group.throughput(Throughput::Bytes(len));
    group.bench_function("a batch of 0.7 s, hashed", |bencher| {
        // Without the disk: what would be written is thrown away.
        bencher.iter(|| written(&builder.encode(black_box(&batch)).expect("it keeps the rules")));
    });
}

/// One picture to a fragment for viewers.
fn live(criterion: &mut Criterion) {
    let (opening, pieces) = second();
    let frames = receive(opening.into_iter().chain(pieces).collect());
    let Frames { tracks, frames } = frames;
    let mut muxer = LiveMuxer::new(&tracks, SegmentScale::identity(tracks.len()));
    let picture = frames.get(1..2).expect("a second has frames");
    let mut group = criterion.benchmark_group("live");
    group.throughput(Throughput::Bytes(picture[0].data.len() as u64));
    group.bench_function("a fragment of one picture", |bencher| {
        bencher.iter(|| muxer.fragment(black_box(picture)));
    });
}

/// Hashes a batch; the commit that closes it.
fn written(encoded: &media::EncodedBatch) -> media::CommitRef {
    let Ok(commit) = encoded.write(|pieces, _| {
        black_box(pieces);
        Ok::<_, std::convert::Infallible>(())
    });
    commit
}

/// The index of five minutes, packed for the cache, and back; and the tables that seal them.
fn index(criterion: &mut Criterion) {
    let index = minutes::index(1);
    let packed = index.pack();
    let tracks = minutes::tracks();
    let samples: u64 = index.tracks.iter().map(|track| track.samples.len() as u64).sum();
    let mut group = criterion.benchmark_group("index");
    group.throughput(Throughput::Elements(samples));
    group.bench_function("pack five minutes", |bencher| bencher.iter(|| index.pack()));
    group.bench_function("unpack five minutes", |bencher| {
        bencher.iter(|| SegmentIndex::unpack(black_box(&packed), &tracks));
    });
    let mut builder = SegmentBuilder::new(hour::identity(), tracks.clone());
    for batch in minutes::batches(START, 15_000, 1) {
        let encoded = builder.encode(&batch).expect("a made batch keeps the rules");
        builder.commit(&encoded, written(&encoded));
    }
    group.bench_function("final moov of five minutes", |bencher| {
        bencher.iter(|| builder.seal(None));
    });
    group.bench_function("times of all samples", |bencher| {
        let lead = index.lead().expect("it has pictures");
        bencher.iter(|| lead.times().filter(|at| at.dts > black_box(Ticks(450_000))).count());
    });
}

/// Everything of an hour's clip but its bytes.
fn plan(criterion: &mut Criterion) {
    let hour = hour::Hour::new();
    let (from, to) = (START.plus_micros(7_000_000), START.plus_micros(3_607_000_000));
    let request = ClipRequest::new(hour::STREAM, from, to);
    criterion.benchmark_group("plan").bench_function("a clip of an hour", |bencher| {
        bencher
            .iter(|| ClipPlan::new(&hour, black_box(request.clone())).expect("there is footage"));
    });
}

/// A session's answers, and its first second in ten reads.
fn second() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut conversation = Conversation::new();
    let opening = conversation.opening();
    (opening, (0..10).map(|_| conversation.media(SECOND / 10)).collect())
}

/// What came out of a conversation.
#[derive(Default)]
struct Frames {
    tracks: Vec<Arc<media::TrackParams>>,
    frames: Vec<media::Frame>,
}

fn receive(conversation: Vec<Vec<u8>>) -> Frames {
    let clock = SimClock::held(START);
    let context = conversation::context(&clock);
    let source = StreamSource::new("measured", "rtsp://192.0.2.1/main").expect("it is one");
    let mut sink = Frames::default();
    let pieces = conversation.into_iter().inspect(|_| clock.advance(SECOND / 10));
    camera::replay(&source, &mut sink, &context, pieces).expect("the conversation is a good one");
    sink
}

impl FrameSink for Frames {
    fn begin_epoch(&mut self, epoch: camera::Epoch) {
        self.tracks = epoch.tracks;
    }

    fn frame(&mut self, frame: media::Frame) {
        self.frames.push(frame);
    }

    fn clock(&mut self, _estimate: camera::ClockEstimate) {}

    fn end_run(&mut self, _cause: camera::EndCause, _at: WallTime) {}

    fn end_requested(&mut self) -> Option<camera::EndCause> {
        None
    }
}
