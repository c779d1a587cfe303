//! One access unit of video or one frame of audio, as a camera sent it.

use base::{MonoTime, Ticks, WallTime};
use bytes::Bytes;

/// How decoding may start at a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Access {
    /// It needs earlier frames.
    None,
    /// An IDR picture, or any audio frame: nothing after it needs anything before it.
    Idr,
    /// A CRA picture or a recovery point: decoding may start here, but pictures that follow in
    /// decode order and precede it in presentation may be lost.
    Recovery,
}

impl Access {
    /// Whether a decoder can start here.
    pub const fn is_key(self) -> bool {
        !matches!(self, Self::None)
    }
}

/// One access unit of video, or one frame of audio; immutable, cheap to clone (the bytes are
/// shared).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Index into the tracks of the stream's current epoch.
    pub track: usize,
    /// Presentation time since the run's first frame, in the track's timescale.
    pub pts: Ticks,
    /// Decode time on the same scale: strictly rising within a track of one run.
    pub dts: Ticks,
    /// How long it usually lasts, in ticks: exact for audio, for video the distance of the last
    /// two frames (0 when unknown).
    pub duration: u32,
    /// Whether decoding can start here.
    pub access: Access,
    /// Video: NAL units, each after its length in 4 bytes (ISO/IEC 14496-15), without parameter
    /// sets that stand in the sample entry; of JPEG the whole picture, from SOI to EOI. Audio: the
    /// raw frame.
    pub data: Bytes,
    /// When its last byte was read from the socket.
    pub received: MonoTime,
    /// The same instant on the system's wall clock.
    pub received_wall: WallTime,
}
