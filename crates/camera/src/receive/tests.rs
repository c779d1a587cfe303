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
