//! A camera that writes into a stream that can be watched.

use std::sync::Arc;

use base::{CameraId, MonoTime, RunId, StreamId, Ticks, WallTime};
use bytes::Bytes;
use live::LiveHub;
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams, VideoCodec, VideoParams};
use stream::{ClockEstimate, Epoch, StreamWriter};
use world::sim::{SeededEntropy, SimClock};

pub const STREAM: StreamId = StreamId::from_bytes([1; 16]);
pub const CAMERA: CameraId = CameraId::from_bytes([2; 16]);
pub const START: i64 = 1_795_377_600_000_000;
pub const GOP: i64 = 10;

pub fn video(level: u8) -> TrackParams {
    let config =
        [1, 0x42, 0xc0, level, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, level, 1, 0, 2, 0x68, 1];
    TrackParams::Video(VideoParams {
        codec: VideoCodec::H264,
        width: 64,
        height: 48,
        pixel_aspect: (1, 1),
        config: config.to_vec().into(),
        reorder_depth: 0,
    })
}

pub fn audio(codec: AudioCodec) -> TrackParams {
    let config = match codec {
        AudioCodec::Aac => Bytes::from_static(&[0x15, 0x88]),
        _ => Bytes::new(),
    };
    TrackParams::Audio(AudioParams { codec, sample_rate: 8000, channels: 1, config })
}

pub fn hub() -> LiveHub {
    let clock = Arc::new(SimClock::new(WallTime::from_micros(START)));
    LiveHub::new(clock, Arc::new(SeededEntropy::new(1)))
}

/// A camera that writes 25 frames a second.
pub struct Camera {
    pub writer: StreamWriter,
    pub epoch: Arc<Epoch>,
    pub sent: i64,
    /// A key frame each so many frames.
    pub gop: i64,
}

impl Camera {
    pub fn new(hub: &LiveHub, tracks: Vec<TrackParams>) -> Self {
        Self::of(hub, (CAMERA, STREAM), tracks)
    }

    /// One that writes into a stream of its own.
    pub fn of(
        hub: &LiveHub,
        (camera, stream): (CameraId, StreamId),
        tracks: Vec<TrackParams>,
    ) -> Self {
        let (mut writer, reader) = stream::stream();
        hub.add(camera, stream, reader);
        let epoch = Self::begin(&mut writer, 1, 0, tracks);
        Self { writer, epoch, sent: 0, gop: GOP }
    }

    pub fn begin(
        writer: &mut StreamWriter,
        run: u8,
        number: u32,
        tracks: Vec<TrackParams>,
    ) -> Arc<Epoch> {
        let offsets = vec![Some(START); tracks.len()];
        let tracks = tracks.into_iter().map(Arc::new).collect();
        let run = RunId::from_bytes([run; 16]);
        let begun = WallTime::from_micros(START);
        let epoch = Arc::new(Epoch { run, number, tracks, begun });
        writer.begin_epoch(epoch.clone());
        writer.set_clock(ClockEstimate { offsets, settled: true });
        epoch
    }

    /// Its clock is found to be so much slower than it was taken for.
    pub fn drift(&mut self, micros: i64) {
        let offsets = vec![Some(START + micros); self.epoch.tracks.len()];
        self.writer.set_clock(ClockEstimate { offsets, settled: true });
    }

    pub fn send(&mut self, frames: i64) {
        for n in self.sent..self.sent + frames {
            let micros = n * 40_000;
            self.writer.push(Frame {
                track: 0,
                pts: Ticks(n * 3600),
                dts: Ticks(n * 3600),
                duration: 3600,
                access: if n % self.gop == 0 { Access::Idr } else { Access::None },
                data: Bytes::from(vec![0, 0, 0, 2, 0x65, n as u8]),
                received: MonoTime::from_micros(micros),
                received_wall: WallTime::from_micros(START + micros),
            });
        }
        self.sent += frames;
    }
}
