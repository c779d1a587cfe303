//! Airings of made-up cameras, judged as a player would.

mod judge;
mod kin;
mod peaks;

use std::sync::Arc;
use std::time::Duration;

use base::{AiringId, MonoTime, RunId, Ticks, WallTime, limits};
use bytes::Bytes;
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams, VideoCodec, VideoParams};
use proptest::prelude::*;
use stream::{ClockEstimate, EndCause, Epoch};

use self::judge::{Judged, read};
use super::{Airing, Awaited, Budget, Found, LiveFile};
use crate::channel::Channel;
use crate::encoder::Encoder;
use crate::message::LiveState;

const START: WallTime = WallTime::from_micros(1_795_377_600_000_000);
const ID: AiringId = AiringId::from_bytes([7; 16]);

/// A camera, its encoder, and the airing of what it sends.
struct Studio {
    channel: Channel,
    encoder: Encoder,
    epoch: Arc<Epoch>,
    /// Decode time of the next frame.
    ticks: i64,
    frame_ticks: i64,
    /// Frames until the next key frame.
    until_key: i64,
    gop: i64,
    bytes: usize,
    /// Frames that arrive at once.
    burst: i64,
}

fn airing(budget: &Arc<Budget>) -> Airing {
    Airing::new(ID, START, MonoTime::default(), budget.share(), None)
}

fn epoch(run: u8, number: u32) -> Arc<Epoch> {
    let config = [1, 0x42, 0xc0, 30, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 30, 1, 0, 2, 0x68, 1];
    let video = VideoParams {
        codec: VideoCodec::H264,
        width: 64,
        height: 48,
        pixel_aspect: (1, 1),
        config: config.to_vec().into(),
        reorder_depth: 0,
    };
    let (codec, config) = (AudioCodec::Aac, Bytes::from_static(&[0x15, 0x88]));
    let audio = AudioParams { codec, sample_rate: 8000, channels: 1, config };
    let tracks = vec![Arc::new(TrackParams::Video(video)), Arc::new(TrackParams::Audio(audio))];
    Arc::new(Epoch { run: RunId::from_bytes([run; 16]), number, tracks, begun: START })
}

impl Studio {
    /// So many frames a second, a key frame each so many.
    fn new(rate: i64, gop: i64) -> Self {
        Self::within(&Budget::new(limits::LIVE_HLS_BYTES_MAX), rate, gop)
    }

    /// One that shares memory with others.
    fn within(budget: &Arc<Budget>, rate: i64, gop: i64) -> Self {
        Self::airing(airing(budget), rate, gop)
    }

    fn airing(airing: Airing, rate: i64, gop: i64) -> Self {
        let channel = Channel::new(LiveState::WaitingForKeyFrame);
        channel.ring().air(airing);
        let (frame_ticks, epoch) = (90_000 / rate, epoch(1, 0));
        let encoder = Encoder::default();
        Self {
            channel,
            encoder,
            epoch,
            ticks: 0,
            frame_ticks,
            until_key: 0,
            gop,
            bytes: 20,
            burst: 1,
        }
    }

    fn with<T>(&self, call: impl FnOnce(&mut Airing) -> T) -> T {
        call(self.channel.ring().airing.as_mut().expect("it is on air"))
    }

    fn send(&mut self, frames: i64) {
        let clock = ClockEstimate { offsets: vec![Some(START.as_micros()); 2], settled: true };
        for n in 1..=frames {
            let is_key = self.until_key == 0;
            self.until_key = if is_key { self.gop } else { self.until_key } - 1;
            let sound = self.ticks * 8000 / 90_000;
            let access = if is_key { Access::Idr } else { Access::None };
            let video = self.frame(0, self.ticks, access);
            let audio = self.frame(1, sound, Access::Idr);
            self.ticks += self.frame_ticks;
            for frame in [video, audio] {
                let done = self.encoder.frame(&self.epoch, frame, Some(&clock));
                done.into_iter().for_each(|encoded| self.channel.push(encoded));
            }
            if n % self.burst == 0 {
                self.flush();
            }
        }
        self.flush();
        self.channel.set_state(LiveState::Live { since: START });
    }

    fn frame(&self, track: usize, ticks: i64, access: Access) -> Frame {
        let data = vec![0; if track == 0 { self.bytes } else { 20 }];
        Frame {
            track,
            pts: Ticks(ticks),
            dts: Ticks(ticks),
            duration: if track == 0 { self.frame_ticks as u32 } else { 320 },
            access,
            data: data.into(),
            received: MonoTime::default(),
            received_wall: START,
        }
    }

    fn flush(&mut self) {
        if let Some(encoded) = self.encoder.flush() {
            self.channel.push(encoded);
        }
    }

    fn end_run(&mut self) {
        if let Some(encoded) = self.encoder.interrupt() {
            self.channel.push(encoded);
        }
        self.channel.set_state(LiveState::NoSignal { ended: Some((START, EndCause::CameraGone)) });
        let run = self.epoch.run.as_bytes()[0].wrapping_add(1);
        self.epoch = epoch(run, 0);
        self.until_key = 0;
    }

    fn change_parameters(&mut self) {
        self.epoch = epoch(self.epoch.run.as_bytes()[0], self.epoch.number + 1);
        self.until_key = 0;
    }

    fn look(&self, awaited: Option<Awaited>) -> Option<Judged> {
        match self.with(|airing| airing.playlist(awaited)) {
            Found::Bytes(text) => Some(read(std::str::from_utf8(&text).expect("text"))),
            Found::Later => None,
            other => panic!("{other:?}"),
        }
    }

    fn file(&self, address: &str) -> Option<Bytes> {
        let name = address.strip_prefix(&format!("live/{ID}/")).expect("it is of this airing");
        let number = |name: &str, end: &str| -> u64 {
            name.strip_suffix(end).and_then(|number| number.parse().ok()).expect("a number")
        };
        let file = match name.split_once('-').expect("kind and number") {
            ("init", name) => LiveFile::Init(number(name, ".mp4")),
            ("segment", name) => LiveFile::Segment(number(name, ".m4s")),
            (_, name) => LiveFile::Part(number(name, ".m4s")),
        };
        match self.with(|airing| airing.file(file)) {
            Found::Bytes(bytes) => Some(bytes),
            Found::Later => None,
            other => panic!("{address}: {other:?}"),
        }
    }
}

fn awaited(segment: u64, part: impl Into<Option<u64>>) -> Option<Awaited> {
    Some(Awaited { segment, part: part.into() })
}

#[test]
fn a_playlist_names_media_segments_their_parts_and_the_next_one() {
    let mut studio = Studio::new(25, 50);
    studio.send(50);
    assert!(studio.look(None).is_none(), "nobody knows yet that the first one is whole");
    studio.send(65);
    let seen = studio.look(None).expect("the first one is whole");
    let base = START.as_millis() as u64 / 1000;
    assert_eq!((seen.first, seen.segments.len(), seen.part_target), (base, 2, 572_000));
    let first = &seen.segments[0];
    assert_eq!((first.length, first.parts.len(), first.span), (2_000_000, 4, 0));
    assert_eq!(first.date, "2026-11-22T20:00:00.000000Z");
    let parts = |of: &judge::JudgedSegment| -> Vec<(i64, bool)> {
        of.parts.iter().map(|(length, _, key)| (length / 1000, *key)).collect()
    };
    assert_eq!(parts(&seen.segments[1]), [(520, true), (520, false), (520, false), (440, false)]);
    let open = seen.open.as_ref().expect("one has begun");
    assert_eq!(parts(open), [(520, true)]);
    // What is hinted at comes under its name.
    assert_eq!(studio.file(&seen.hint), None);
    studio.send(11);
    let later = studio.look(None).expect("as before");
    seen.becomes(&later);
    assert_eq!(later.open.expect("it goes on").parts[1].1, seen.hint);
    assert!(studio.file(&seen.hint).is_some());
}

#[test]
fn a_media_segment_is_its_parts_one_after_another() {
    let mut studio = Studio::new(25, 50);
    studio.send(50 * 8 + 20);
    let seen = studio.look(None).expect("there is much");
    for segment in seen.segments.iter().filter(|segment| !segment.parts.is_empty()) {
        let whole = studio.file(&segment.address).expect("it is whole");
        let parts =
            segment.parts.iter().map(|(_, address, _)| studio.file(address).expect("there"));
        assert_eq!(parts.collect::<Vec<_>>().concat(), whole);
        assert_eq!(whole.get(4..8), Some(&b"moof"[..]));
    }
    let init = studio.file(&seen.segments[0].map).expect("it is there");
    assert_eq!(init.get(4..8), Some(&b"ftyp"[..]));
}

#[test]
fn what_is_awaited_is_there_or_comes_or_is_too_far() {
    let mut studio = Studio::new(25, 50);
    studio.send(2 * 50 + 15);
    let seen = studio.look(None).expect("two are whole");
    let next = seen.first + 2;
    let ask = |awaited| match studio.with(|airing| airing.playlist(awaited)) {
        Found::Bytes(_) => "now",
        Found::Later => "later",
        Found::TooFar => "never",
        Found::Missing => "missing",
    };
    for (awaited, expected) in [
        (awaited(0, None), "now"),
        (awaited(next - 1, None), "now"),
        (awaited(next - 1, 3), "now"),
        // The first part of the next one.
        (awaited(next - 1, 4), "now"),
        (awaited(next, 0), "now"),
        (awaited(next, 1), "later"),
        (awaited(next, 3), "later"),
        (awaited(next, 4), "never"),
        (awaited(next, None), "later"),
        (awaited(next + 1, None), "later"),
        (awaited(next + 1, 2), "later"),
        (awaited(next + 1, 3), "never"),
        (awaited(next + 2, None), "never"),
        (awaited(u64::MAX, u64::MAX), "never"),
    ] {
        assert_eq!(ask(awaited), expected, "{awaited:?}");
    }
    studio.send(11);
    assert!(studio.look(awaited(next, 1)).is_some());
    studio.send(25);
    assert!(studio.look(awaited(next, None)).is_some());
}

#[test]
fn a_break_has_a_discontinuity_a_map_and_a_number() {
    let mut studio = Studio::new(25, 50);
    studio.send(50 * 3 + 20);
    let before = studio.look(None).expect("it is on air");
    studio.end_run();
    let ended = studio.look(None).expect("what there is stays");
    before.becomes(&ended);
    assert_eq!((ended.segments.len(), ended.open.is_none()), (4, true));
    assert_eq!(ended.segments[3].length, 800_000);
    studio.send(30);
    let again = studio.look(None).expect("it goes on");
    ended.becomes(&again);
    let open = again.open.as_ref().expect("a new one has begun");
    assert_eq!(open.span, again.segments[3].span + 1);
    assert_ne!(open.map, again.segments[3].map);
    assert!(open.parts[0].2, "it begins with a key frame");
    studio.change_parameters();
    studio.send(50 * 20);
    let last = studio.look(None).expect("it goes on");
    assert_eq!(last.segments[0].span, open.span + 1, "breaks that are listed no more count");
}

#[test]
fn what_was_shown_before_a_long_silence_is_not_shown_after_it() {
    let mut studio = Studio::new(25, 50);
    studio.send(50 * 3 + 20);
    let before = studio.look(None).expect("it is on air");
    studio.end_run();
    studio.with(Airing::forget);
    assert!(studio.look(None).is_none());
    studio.send(10);
    assert!(studio.look(None).is_none(), "a key frame of now, and nothing else");
    studio.send(50 * 4);
    let again = studio.look(None).expect("it goes on");
    let (last, first) = (before.open.expect("it had begun"), &again.segments[0]);
    assert_eq!(first.span, last.span + 1, "the break counts");
}

#[test]
fn who_comes_first_in_a_silence_is_shown_nothing_of_before() {
    let mut studio = Studio::new(25, 250);
    studio.send(200);
    studio.end_run();
    studio.channel.ring().air(airing(&Budget::new(0)));
    assert_eq!(studio.with(|airing| airing.bytes()), 0);
    studio.send(10);
    studio.channel.ring().air(airing(&Budget::new(0)));
    assert!(studio.with(|airing| airing.bytes()) > 0);
}

#[test]
fn memory_has_a_bound_however_much_cameras_send() {
    let budget = Budget::new(96 << 20);
    let mut studios: Vec<Studio> = [700_000, 600_000, 20_000]
        .map(|bytes| (bytes, Studio::within(&budget, 25, 50)))
        .into_iter()
        .map(|(bytes, studio)| Studio { bytes, ..studio })
        .collect();
    for _ in 0..500 {
        for studio in &mut studios {
            studio.send(1);
            assert!(budget.bytes() <= (96 << 20) + 2 * 700_000, "{}", budget.bytes());
        }
        let all: usize = studios.iter().map(|studio| studio.with(|airing| airing.bytes())).sum();
        assert_eq!(all, budget.bytes());
    }
    for studio in &studios {
        assert!(studio.look(None).is_some());
    }
    // Who has little keeps all that a playlist needs.
    let small = studios.pop().and_then(|studio| studio.look(None)).expect("it is on air");
    assert!(small.length() >= 12_000_000, "{small:?}");
    studios.clear();
    assert_eq!(budget.bytes(), 0);
}

#[test]
fn what_a_playlist_needs_is_kept_of_fat_streams_too() {
    let mut studio = Studio::new(25, 25);
    // 20 Mbit/s
    studio.bytes = 100_000;
    studio.send(25 * 60);
    let seen = studio.look(None).expect("it is on air");
    assert!(seen.length() >= 12_000_000, "{seen:?}");
    let kept = studio.with(|airing| airing.bytes());
    assert!((80_000_000..100_000_000).contains(&kept), "32 s and a bit: {kept}");
}

#[test]
fn a_camera_that_slows_down_breaks_no_promise() {
    let mut studio = Studio::new(25, 50);
    studio.send(50 * 3 + 20);
    let fast = studio.look(None).expect("it is on air");
    (studio.frame_ticks, studio.gop) = (90_000, 3);
    let mut last = fast.clone();
    for _ in 0..20 {
        studio.send(1);
        let seen = studio.look(None).expect("it goes on");
        last.becomes(&seen);
        let all = seen.segments.iter().chain(&seen.open).flat_map(|segment| &segment.parts);
        assert!(all.clone().all(|(length, ..)| *length <= seen.part_target), "{seen:?}");
        last = seen;
    }
    assert!(last.hint.is_empty() && last.open.is_none(), "{last:?}");
    assert!(studio.look(awaited(last.first + last.segments.len() as u64, 0)).is_none());
    let slow = last.segments.last().expect("there are some");
    assert!(slow.parts.is_empty() && slow.length >= 2_000_000, "{slow:?}");
    // Who asked for its next part gets it whole.
    let number = slow.number;
    assert!(studio.look(awaited(number, 0)).is_some() && studio.look(awaited(number, 1)).is_some());
    (studio.frame_ticks, studio.gop) = (3600, 50);
    studio.send(50 * 3);
    let again = studio.look(None).expect("it goes on");
    last.becomes(&again);
    assert!(!again.hint.is_empty() && again.segments.last().is_some_and(|it| it.parts.len() > 2));
}

#[test]
fn an_airing_is_over_a_while_after_the_last_request() {
    let mut airing = airing(&Budget::new(0));
    let at = |seconds: u64| MonoTime::default() + Duration::from_secs(seconds);
    assert!(!airing.is_over(at(11)));
    airing.touch(at(11));
    assert!(!airing.is_over(at(22)) && airing.is_over(at(23)));
    airing.end();
    assert!(!airing.is_stale(at(100)), "nobody has asked since");
    airing.touch(at(100));
    assert!(!airing.is_stale(at(111)) && airing.is_stale(at(112)));
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Send(i64),
    Gop(i64),
    Burst(i64),
    Miss(i64),
    EndRun,
    Change,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (1_i64..200).prop_map(Event::Send),
        1 => (1_i64..300).prop_map(Event::Gop),
        1 => (1_i64..40).prop_map(Event::Burst),
        1 => (1_i64..60).prop_map(Event::Miss),
        1 => Just(Event::EndRun),
        1 => Just(Event::Change),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_a_camera_does_a_player_may_read(
        rate in prop_oneof![Just(2_i64), Just(5), Just(8), Just(15), Just(25), Just(30), Just(50)],
        gop in 1_i64..250,
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let mut studio = Studio::new(rate, gop);
        let mut files = std::collections::HashMap::new();
        let mut missed = 0;
        let mut last: Option<Judged> = None;
        for event in events {
            match event {
                Event::Send(frames) => (0..frames).for_each(|_| {
                    studio.send(1);
                    let Some(seen) = studio.look(None) else { return };
                    if let Some(last) = &last {
                        last.becomes(&seen);
                    }
                    assert!(seen.odd <= 2 * missed, "{seen:?}");
                    last = Some(seen);
                }),
                Event::Gop(gop) => studio.gop = gop,
                Event::Burst(frames) => {
                    studio.burst = frames;
                    studio.send(frames);
                }
                // Frames that never came; the next one is a key frame.
                Event::Miss(frames) => {
                    missed += 1;
                    studio.ticks += frames * studio.frame_ticks;
                    studio.until_key = 0;
                }
                Event::EndRun => studio.end_run(),
                Event::Change => studio.change_parameters(),
            }
            let Some(seen) = studio.look(None) else { continue };
            let parts = |of: &judge::JudgedSegment| -> Vec<String> {
                of.parts.iter().map(|(_, address, _)| address.clone()).collect()
            };
            let named = seen.segments.iter().flat_map(|it| [it.map.clone(), it.address.clone()]);
            let parts = seen.segments.iter().chain(&seen.open).flat_map(parts);
            for address in named.chain(parts) {
                let bytes = studio.file(&address).expect("what is named is there");
                let known = files.entry(address).or_insert_with(|| bytes.clone());
                prop_assert_eq!(&*known, &bytes, "an address means the same for ever");
            }
        }
    }
}
