//! What waits until the tracks are set to one another.

use super::*;
use crate::sink::ClockEstimate;

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// Takes anything.
struct Any;

/// Counts epochs and frames.
#[derive(Default)]
struct Counts(usize, usize);

impl FrameSink for Counts {
    fn begin_epoch(&mut self, _: Epoch) {
        self.0 += 1;
    }
    fn frame(&mut self, _: Frame) {
        self.1 += 1;
    }
    fn clock(&mut self, _: ClockEstimate) {}
    fn end_run(&mut self, _: EndCause, _: WallTime) {}
}

/// The head of a JPEG picture of this width: no more is looked at.
fn picture(width: u8) -> Bytes {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0, 64, 0, width, 3];
    bytes.extend([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    bytes.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0, 7, 7, 0xff, 0xd9]);
    bytes.into()
}

/// Frames whose timestamps step back by half a second in the middle: how far the instants of the
/// first and the last are apart, in seconds.
fn spanned(codec: VideoCodec, frame: impl Fn(u32) -> Bytes, params: Option<VideoParams>) -> f64 {
    let setups = vec![Setup { kind: Kind::Video(codec), hertz: 90_000 }];
    let described = Described { setups, ..Described::default() };
    let mut receiver = Receiver::new(&described, Arc::new(Zeros), StatusHandle::new());
    receiver.tracks[0].params = params.map(|params| Arc::new(TrackParams::Video(params)));
    let mut times = Times::default();
    for number in 0..50_u32 {
        let micros = i64::from(number) * 40_000;
        let now = Now { mono: MonoTime::from_micros(micros), wall: WallTime::from_micros(micros) };
        let rtp = 900_000 + number * 3600 - if number >= 25 { 45_000 } else { 0 };
        receiver.frame(Incoming { track: 0, rtp, data: frame(number), ticks: 0 }, now, &mut times);
    }
    let (first, last) = (times.0.first().expect("is there"), times.0.last().expect("is there"));
    (last.0 - first.0) as f64 / 90_000.0
}

/// The presentation times of frames.
#[derive(Default)]
struct Times(Vec<Ticks>);

impl FrameSink for Times {
    fn begin_epoch(&mut self, _: Epoch) {}
    fn frame(&mut self, frame: Frame) {
        self.0.push(frame.pts);
    }
    fn clock(&mut self, _: ClockEstimate) {}
    fn end_run(&mut self, _: EndCause, _: WallTime) {}
}

#[test]
fn a_clock_that_steps_back_a_little_is_told_from_b_frames_where_there_can_be_none() {
    let h264 = |profile: u8| VideoParams {
        codec: VideoCodec::H264,
        width: 64,
        height: 48,
        pixel_aspect: (1, 1),
        config: vec![1, profile, 0, 30].into(),
        reorder_depth: 0,
    };
    let slice =
        |number: u32| Bytes::from(vec![0, 0, 0, 2, if number == 0 { 0x65 } else { 0x41 }, 1]);
    let whole = 49.0 * 0.04;
    let jpeg = spanned(VideoCodec::Jpeg, |_| picture(32), None);
    assert!((jpeg - whole).abs() < 0.01, "{jpeg}");
    let baseline = spanned(VideoCodec::H264, slice, Some(h264(66)));
    assert!((baseline - whole).abs() < 0.01, "{baseline}");
    let main = spanned(VideoCodec::H264, slice, Some(h264(77)));
    assert!((main - (whole - 0.5)).abs() < 0.01, "it may have B-frames: {main}");
}

/// Sends pictures of two sizes in turn, so many a second.
fn alternate(seconds: u64, a_second: u64) -> (Receiver, Counts) {
    let setups = vec![Setup { kind: Kind::Video(VideoCodec::Jpeg), hertz: 90_000 }];
    let described = Described { setups, ..Described::default() };
    let mut receiver = Receiver::new(&described, Arc::new(Zeros), StatusHandle::new());
    let mut counts = Counts::default();
    for number in 0..seconds * a_second {
        let micros = i64::try_from(number * 1_000_000 / a_second).unwrap_or(0);
        let now = Now { mono: MonoTime::from_micros(micros), wall: WallTime::from_micros(micros) };
        let rtp = u32::try_from(number * 90_000 / a_second).unwrap_or(0);
        let data = picture(if number % 2 == 0 { 32 } else { 64 });
        receiver.frame(Incoming { track: 0, rtp, data, ticks: 0 }, now, &mut counts);
    }
    (receiver, counts)
}

#[test]
fn what_changes_with_every_picture_is_taken_no_more_after_a_while() {
    let (receiver, counts) = alternate(120, 1);
    assert_eq!((receiver.is_erratic(), counts.0, counts.1), (false, 120, 120));
    let (receiver, counts) = alternate(20, 25);
    let most = limits::EPOCHS_PER_MINUTE_MAX;
    assert_eq!((receiver.is_erratic(), counts.0, counts.1), (true, most, most));
}

impl FrameSink for Any {
    fn begin_epoch(&mut self, _: Epoch) {}
    fn frame(&mut self, _: Frame) {}
    fn clock(&mut self, _: ClockEstimate) {}
    fn end_run(&mut self, _: EndCause, _: WallTime) {}
}

#[test]
fn many_tiny_frames_do_not_wait_beyond_the_bound() {
    let (codec, sample_rate, channels) = (media::AudioCodec::Alaw, 8000, 1);
    let params = AudioParams { codec, sample_rate, channels, config: Bytes::new() };
    let audio = Kind::Audio(Arc::new(TrackParams::Audio(params)));
    let kinds = [Kind::Video(VideoCodec::H264), audio];
    let setups = kinds.map(|kind| Setup { kind, hertz: 8000 }).to_vec();
    let described = Described { setups, ..Described::default() };
    let mut receiver = Receiver::new(&described, Arc::new(Zeros), StatusHandle::new());
    let now = Now { mono: MonoTime::from_micros(0), wall: WallTime::from_micros(0) };
    for rtp in 0..600_000 {
        let data = Bytes::from_static(&[7]);
        receiver.frame(Incoming { track: 1, rtp, data, ticks: 1 }, now, &mut Any);
        let takes = receiver.run.held.len() * size_of::<Placed>();
        assert!(takes <= limits::SESSION_BUFFER_BYTES_MAX, "{takes} bytes wait");
    }
}
