//! Fake cameras: frames that look like H.264 and AAC, each with a stamp of its own in its bytes,
//! from which all of them can be made again.

use std::sync::Arc;
use std::time::Duration;

use base::{MonoTime, RunId, Ticks, Timescale, WallTime};
use bytes::{BufMut, Bytes, BytesMut};
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams, VideoCodec, VideoParams};
use stream::{ClockEstimate, EndCause, Epoch, StreamWriter};
use world::sim::Random;

/// Ticks of the video timescale in a millisecond.
const TICKS_PER_MILLI: i64 = 90;
const AUDIO_HERTZ: u32 = 16_000;
const AUDIO_TICKS: i64 = 1024;
const AUDIO_MICROS: i64 = 64_000;
/// How long after the first picture the first sound was.
const AUDIO_LATER_MICROS: i64 = 30_000;
/// How long a camera for weeks is not looked at.
const TINY_TICK: Duration = Duration::from_secs(5);
/// What the estimate of the clock may be wrong by.
const CLOCK_NOISE_MICROS: i64 = 200;
const JITTER_MICROS: u64 = 8_000;

/// What a fake camera sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraKind {
    /// Pictures in the order of presentation, an IDR picture every second.
    Plain,
    /// Two B-frames between any two others, an IDR picture every 13, and sound.
    Rich,
    /// Two very small pictures a second, an IDR picture every 10: for weeks of footage.
    Tiny,
}

/// What makes a frame unlike any other: it stands in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Number of the camera.
    pub camera: u8,
    /// Counts the camera's sessions.
    pub session: u16,
    /// 0 video, 1 audio.
    pub track: u8,
    /// Number of the frame in its session and track, in decode order.
    pub number: u32,
    /// Whether decoding can start at it.
    pub key: bool,
    /// Bytes that follow the stamp in the frame.
    pub filler: u16,
}

const STAMP_BYTES: usize = 5 + 4 + 9;

impl Stamp {
    /// All bytes of the frame.
    pub fn frame(self) -> Bytes {
        let mut seed = Random::new(u64::from(self.number) << 32 | u64::from(self.session));
        let len = STAMP_BYTES + usize::from(self.filler);
        let mut bytes = BytesMut::with_capacity(len);
        // Video: one NAL unit after its length; a slice of an IDR picture, or another one.
        bytes.put_u32(len as u32 - 4);
        bytes.put_u8(if self.key { 0x65 } else { 0x41 });
        bytes.put_slice(b"HFS1");
        bytes.put_u8(self.camera);
        bytes.put_u16(self.session);
        bytes.put_u8(self.track);
        bytes.put_u32(self.number);
        bytes.put_u8(u8::from(self.key));
        while bytes.len() < len {
            bytes.put_u8(seed.next_u64() as u8);
        }
        bytes.freeze()
    }

    /// The stamp in a frame's bytes, if they are exactly the frame that it stands for.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let field = bytes.get(9..STAMP_BYTES)?;
        let stamp = Self {
            camera: field[0],
            session: u16::from_be_bytes([field[1], field[2]]),
            track: field[3],
            number: u32::from_be_bytes([field[4], field[5], field[6], field[7]]),
            key: field[8] != 0,
            filler: u16::try_from(bytes.len() - STAMP_BYTES).ok()?,
        };
        (stamp.frame() == bytes).then_some(stamp)
    }
}

/// A frame that a camera has sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Which.
    pub stamp: Stamp,
    /// When it was presented, in truth.
    pub wall: WallTime,
}

/// One fake camera with its end of the stream. It sends what is due when it is asked to.
pub struct FakeCamera {
    number: u8,
    kind: CameraKind,
    writer: StreamWriter,
    random: Random,
    session: u16,
    run: Option<Session>,
    /// By how many parts in a million its clock is fast.
    ppm: i64,
    /// When it comes back after the recorder asked for a new run.
    back_at: Option<MonoTime>,
    /// Its next sound has the time of the one before.
    stutters: bool,
}

struct Session {
    run: RunId,
    /// When the first picture was taken.
    began_wall: WallTime,
    began: MonoTime,
    sent: [u32; 2],
    due: [MonoTime; 2],
    clock_told: MonoTime,
}

impl FakeCamera {
    /// Camera `number`, which sends into `writer`. `session` is the number of its next session.
    pub fn new(
        number: u8,
        kind: CameraKind,
        session: u16,
        random: Random,
        writer: StreamWriter,
    ) -> Self {
        let (run, ppm, back_at, stutters) = (None, 0, None, false);
        Self { number, kind, writer, random, session, run, ppm, back_at, stutters }
    }

    /// Its clock is fast by so many parts in a million.
    pub fn drifts(&mut self, ppm: i64) {
        self.ppm = ppm;
    }

    /// Its next sound has the time of the one before, which no track of a file can hold.
    pub fn stutter(&mut self) {
        self.stutters = true;
    }

    /// Begins a session.
    pub fn connect(&mut self, wall: WallTime, mono: MonoTime) {
        let mut id = [0; 10];
        id.fill_with(|| self.random.next_u64() as u8);
        let run = RunId::new(wall, id);
        let tracks = self.tracks();
        self.writer.begin_epoch(Arc::new(Epoch { run, number: 0, tracks, begun: wall }));
        self.back_at = None;
        let sound = mono.plus_micros(AUDIO_LATER_MICROS + AUDIO_MICROS);
        self.run = Some(Session {
            run,
            began_wall: wall,
            began: mono,
            sent: [0; 2],
            due: [mono.plus_micros(self.kind.latency()), sound],
            clock_told: mono.plus_micros(-1_000_000),
        });
    }

    /// Ends the session.
    pub fn disconnect(&mut self, cause: EndCause, wall: WallTime, mono: MonoTime) {
        if self.run.take().is_some() {
            self.session += 1;
            self.writer.end_run(cause, wall, mono);
        }
    }

    /// Ends the session, and begins no other one.
    pub fn switch_off(&mut self, cause: EndCause, wall: WallTime, mono: MonoTime) {
        self.disconnect(cause, wall, mono);
        self.back_at = None;
    }

    /// It is connected at that time.
    pub fn connect_at(&mut self, mono: MonoTime) {
        self.back_at = Some(mono);
    }

    /// The run that is under way.
    pub fn run(&self) -> Option<RunId> {
        self.run.as_ref().map(|session| session.run)
    }

    /// The number of its next session.
    pub fn next_session(&self) -> u16 {
        self.session + u16::from(self.run.is_some())
    }

    /// When it has something to send next.
    pub fn due(&self) -> Option<MonoTime> {
        let Some(Session { due, .. }) = self.run.as_ref() else { return self.back_at };
        match self.kind {
            // Looked at now and then only: it knows what came when.
            CameraKind::Tiny => Some(due[0] + TINY_TICK),
            CameraKind::Plain => Some(due[0]),
            CameraKind::Rich => Some(due[0].min(due[1])),
        }
    }

    /// Sends what is due by `mono`; what that was.
    pub fn send(&mut self, wall: WallTime, mono: MonoTime) -> Vec<Sent> {
        if let Some(cause) = self.writer.end_requested() {
            self.disconnect(cause, wall, mono);
            self.back_at = Some(mono + base::limits::BACK_OFF_MIN);
        }
        if self.back_at.is_some_and(|at| at <= mono) {
            self.connect(wall, mono);
        }
        let mut all = Vec::new();
        let has_sound = self.has_sound();
        while let Some(session) = &self.run {
            let track = usize::from(has_sound && session.due[1] < session.due[0]);
            if session.due[track] > mono {
                break;
            }
            all.push(if track == 0 { self.picture(wall, mono) } else { self.sound(wall, mono) });
        }
        if !all.is_empty() {
            self.tell_clock(mono);
        }
        all.into_iter().flatten().collect()
    }

    fn picture(&mut self, wall: WallTime, mono: MonoTime) -> Option<Sent> {
        let (kind, ppm, jitter) = (self.kind, self.ppm, self.random.below(JITTER_MICROS) as i64);
        let (camera, number_of_session) = (self.number, self.session);
        let session = self.run.as_mut()?;
        let (number, received) = (session.sent[0], session.due[0]);
        session.sent[0] += 1;
        let next = truth(i64::from(session.sent[0]) * kind.frame_micros(), ppm);
        let next = session.began.plus_micros(kind.latency() + next + jitter);
        session.due[0] = next.max(received.plus_micros(1));
        let (shown, key) = kind.picture(number);
        let delay = i64::from(kind == CameraKind::Rich);
        let filler = kind.filler(number, key);
        let stamp = Stamp { camera, session: number_of_session, track: 0, number, key, filler };
        let ticks = kind.frame_micros() / 1000 * TICKS_PER_MILLI;
        let frame = Frame {
            track: 0,
            pts: Ticks(shown * ticks),
            dts: Ticks((i64::from(number) - delay) * ticks),
            duration: ticks as u32,
            access: if key { Access::Idr } else { Access::None },
            data: stamp.frame(),
            received,
            received_wall: wall.plus_micros(-mono.micros_since(received)),
        };
        let after = truth(shown * kind.frame_micros(), ppm);
        let sent = Sent { stamp, wall: session.began_wall.plus_micros(after) };
        self.writer.push(frame).then_some(sent)
    }

    fn sound(&mut self, wall: WallTime, mono: MonoTime) -> Option<Sent> {
        let (camera, number_of_session, ppm) = (self.number, self.session, self.ppm);
        let session = self.run.as_mut()?;
        let (number, received) = (session.sent[1], session.due[1]);
        session.sent[1] += 1;
        let next = truth(i64::from(session.sent[1] + 1) * AUDIO_MICROS, ppm);
        session.due[1] = session.began.plus_micros(AUDIO_LATER_MICROS + next);
        let repeats = i64::from(std::mem::take(&mut self.stutters));
        let ticks = Ticks((i64::from(number) - repeats) * AUDIO_TICKS);
        let (key, filler) = (true, filler(number, 20, 40));
        let stamp = Stamp { camera, session: number_of_session, track: 1, number, key, filler };
        let frame = Frame {
            track: 1,
            pts: ticks,
            dts: ticks,
            duration: AUDIO_TICKS as u32,
            access: Access::Idr,
            data: stamp.frame(),
            received,
            received_wall: wall.plus_micros(-mono.micros_since(received)),
        };
        let after = AUDIO_LATER_MICROS + truth(i64::from(number) * AUDIO_MICROS, ppm);
        let sent = Sent { stamp, wall: session.began_wall.plus_micros(after) };
        self.writer.push(frame).then_some(sent)
    }

    fn tell_clock(&mut self, mono: MonoTime) {
        let noise = self.random.below(2 * CLOCK_NOISE_MICROS as u64) as i64 - CLOCK_NOISE_MICROS;
        let (has_sound, ppm) = (self.has_sound(), self.ppm);
        let Some(session) = self.run.as_mut() else { return };
        if mono.since(session.clock_told) < Duration::from_millis(500) {
            return;
        }
        session.clock_told = mono;
        // What its clock counts less than the truth since the session began.
        let passed = mono.micros_since(session.began);
        let late = passed - media(passed, ppm);
        let zero = session.began_wall.as_micros() + noise + late;
        let mut offsets = vec![Some(zero)];
        if has_sound {
            offsets.push(Some(zero + AUDIO_LATER_MICROS));
        }
        let settled = mono.since(session.began) >= Duration::from_secs(1);
        self.writer.set_clock(ClockEstimate { offsets, settled });
    }

    fn has_sound(&self) -> bool {
        self.kind == CameraKind::Rich
    }

    fn tracks(&self) -> Vec<Arc<TrackParams>> {
        let mut tracks = vec![Arc::new(TrackParams::Video(VideoParams {
            codec: VideoCodec::H264,
            width: 640,
            height: 360,
            pixel_aspect: (1, 1),
            config: Bytes::from_static(AVCC),
            reorder_depth: u8::from(self.kind == CameraKind::Rich),
        }))];
        if self.has_sound() {
            tracks.push(Arc::new(TrackParams::Audio(AudioParams {
                codec: AudioCodec::Aac,
                sample_rate: AUDIO_HERTZ,
                channels: 1,
                // AAC-LC, 16 kHz, mono (ISO/IEC 14496-3 1.6.2.1).
                config: Bytes::from_static(&[0x14, 0x08]),
            })));
        }
        debug_assert_eq!(Timescale::VIDEO.hertz(), 90_000);
        tracks
    }
}

/// High profile, level 3.0, an SPS and a PPS.
const AVCC: &[u8] = &[
    0x01, 0x64, 0x00, 0x1e, 0xff, 0xe1, 0x00, 0x08, 0x67, 0x64, 0x00, 0x1e, 0xac, 0xb2, 0x02, 0x80,
    0x01, 0x00, 0x04, 0x68, 0xeb, 0xe3, 0xcb,
];

/// The true microseconds in which a clock that is fast by `ppm` counts `micros`.
fn truth(micros: i64, ppm: i64) -> i64 {
    (i128::from(micros) * 1_000_000 / i128::from(1_000_000 + ppm)) as i64
}

/// The microseconds that a clock that is fast by `ppm` counts in `micros` true ones.
fn media(micros: i64, ppm: i64) -> i64 {
    (i128::from(micros) * i128::from(1_000_000 + ppm) / 1_000_000) as i64
}

/// A frame's length beside its stamp: at least `least`, below `least + spread`.
fn filler(number: u32, least: u16, spread: u64) -> u16 {
    least + Random::new(u64::from(number)).below(spread) as u16
}

impl CameraKind {
    fn frame_micros(self) -> i64 {
        match self {
            Self::Plain | Self::Rich => 40_000,
            Self::Tiny => 500_000,
        }
    }

    fn filler(self, number: u32, key: bool) -> u16 {
        match (self, key) {
            (Self::Tiny, _) => filler(number, 0, 16),
            (_, true) => filler(number, 900, 400),
            (_, false) => filler(number, 60, 200),
        }
    }

    /// How long a camera holds pictures back: no picture is sent before it is taken.
    fn latency(self) -> i64 {
        match self {
            Self::Plain | Self::Tiny => 0,
            Self::Rich => 2 * self.frame_micros(),
        }
    }

    /// Of the picture `number` in decode order, its number in the order of presentation, and
    /// whether decoding can start at it.
    fn picture(self, number: u32) -> (i64, bool) {
        let number = i64::from(number);
        match self {
            Self::Plain => (number, number % 25 == 0),
            Self::Tiny => (number, number % 10 == 0),
            // I0 P3 B1 B2 P6 B4 B5 P9 B7 B8 P12 B10 B11, then the next IDR picture.
            Self::Rich => match number % 13 {
                0 => (number, true),
                within if within % 3 == 1 => (number + 2, false),
                _ => (number - 1, false),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn pictures_are_shown_once_each_and_never_before_they_are_decoded() {
        for kind in [CameraKind::Plain, CameraKind::Rich, CameraKind::Tiny] {
            let mut shown: Vec<_> = (0..130).map(|n| kind.picture(n).0).collect();
            let delay = i64::from(kind == CameraKind::Rich);
            assert!(shown.iter().enumerate().all(|(n, shown)| *shown >= n as i64 - delay));
            shown.sort_unstable();
            assert!(shown.into_iter().eq(0..130), "{kind:?}");
        }
    }

    #[test]
    fn a_frame_tells_its_stamp_and_a_changed_one_does_not() {
        let stamp = Stamp { camera: 3, session: 9, track: 0, number: 77, key: true, filler: 5 };
        let mut bytes = stamp.frame().to_vec();
        assert_eq!(Stamp::of(&bytes), Some(stamp));
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(Stamp::of(&bytes), None);
        assert_eq!(Stamp::of(b"short"), None);
    }
}
