//! What a camera of 1080p30 at 4 Mbit/s says, from DESCRIBE's answer on: without a socket.

use std::sync::Arc;
use std::time::Duration;

use base::Shutdown;
use camera::{Bounds, Context, StatusHandle};
use world::Entropy;
use world::sim::{SeededEntropy, SimClock};

const SDP: &str = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
    a=fmtp:96 packetization-mode=1;\
    sprop-parameter-sets=Z0LAKNoB4AiflwEQAAADABAAAAMDyPGDKg==,aM4PyA==\r\n\
    a=control:trackID=1\r\n";
const GOP: u32 = 60;
const FRAME_TICKS: u32 = 3000;
const FRAMES_A_SECOND: u32 = 30;
/// Of the payload of a packet.
const PACKET_BYTES: usize = 1400;
const KEY_BYTES: usize = 100_000;
/// So that a GOP has a million bytes, and a second half of that.
const OTHER_BYTES: usize = (1_000_000 - KEY_BYTES) / (GOP as usize - 1);

/// A camera that sends on and on.
pub struct Conversation {
    picture: Vec<u8>,
    frames: u32,
    passed: Duration,
    sequence: u16,
}

impl Conversation {
    pub fn new() -> Self {
        let mut picture = vec![0; KEY_BYTES];
        SeededEntropy::new(3).fill(&mut picture);
        // A slice that begins a picture (first_mb_in_slice is 0).
        picture[0] |= 0x80;
        Self { picture, frames: 0, passed: Duration::ZERO, sequence: 0 }
    }

    /// The answers to DESCRIBE, SETUP and PLAY.
    pub fn opening(&self) -> Vec<Vec<u8>> {
        let answer = |cseq: u32, more: &str, body: &str| {
            let len = body.len();
            let head = format!("RTSP/1.0 200 OK\r\nCSeq: {cseq}\r\n{more}Content-Length: {len}");
            format!("{head}\r\n\r\n{body}").into_bytes()
        };
        let session = "Session: 1;timeout=60\r\n";
        vec![answer(1, "", SDP), answer(2, session, ""), answer(3, session, "")]
    }

    /// What comes in the next `time`.
    pub fn media(&mut self, time: Duration) -> Vec<u8> {
        self.passed += time;
        let due = self.passed.as_millis() * u128::from(FRAMES_A_SECOND) / 1000;
        let mut bytes = Vec::with_capacity(4 * KEY_BYTES);
        while u128::from(self.frames) < due {
            self.picture(&mut bytes);
            self.frames += 1;
        }
        bytes
    }

    /// One access unit in fragments (RFC 6184 section 5.8).
    fn picture(&mut self, bytes: &mut Vec<u8>) {
        let key = self.frames.is_multiple_of(GOP);
        let (kind, len) = if key { (5, KEY_BYTES) } else { (1, OTHER_BYTES) };
        let timestamp = self.frames.wrapping_mul(FRAME_TICKS);
        let pieces = len.div_ceil(PACKET_BYTES);
        for (number, piece) in self.picture[..len].chunks(PACKET_BYTES).enumerate() {
            let (first, last) = (number == 0, number + 1 == pieces);
            bytes.extend([b'$', 0]);
            bytes.extend((14 + piece.len() as u16).to_be_bytes());
            bytes.extend([0x80, u8::from(last) << 7 | 96]);
            bytes.extend(self.sequence.to_be_bytes());
            bytes.extend(timestamp.to_be_bytes());
            bytes.extend([0, 0, 0, 5, 0x7c, u8::from(first) << 7 | u8::from(last) << 6 | kind]);
            bytes.extend_from_slice(piece);
            self.sequence = self.sequence.wrapping_add(1);
        }
    }
}

/// What whoever receives it is given of the world: nothing but this clock.
pub fn context(clock: &SimClock) -> Context {
    Context {
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(SeededEntropy::new(1)),
        shutdown: Shutdown::new(),
        status: StatusHandle::new(),
        pace: None,
        bounds: Bounds::default(),
    }
}
