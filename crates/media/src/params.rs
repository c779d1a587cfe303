//! What a decoder must know before the first frame of a track.

use base::Timescale;
use bytes::Bytes;

/// Video codecs that can be recorded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VideoCodec {
    /// ITU-T H.264 | ISO/IEC 14496-10.
    H264,
    /// ITU-T H.265 | ISO/IEC 23008-2.
    H265,
    /// JPEG pictures (ITU-T T.81 | ISO/IEC 10918-1), each by itself: Motion JPEG.
    Jpeg,
}

/// Audio codecs that can be recorded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AudioCodec {
    /// AAC (ISO/IEC 14496-3), raw frames.
    Aac,
    /// G.711 A-law, one byte a sample.
    Alaw,
    /// G.711 µ-law, one byte a sample.
    Ulaw,
}

/// Parameters of a video track.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct VideoParams {
    /// The codec.
    pub codec: VideoCodec,
    /// Width of the shown picture in pixels (after cropping).
    pub width: u16,
    /// Height of the shown picture in pixels (after cropping).
    pub height: u16,
    /// Sample aspect ratio, (1, 1) when square or unknown.
    pub pixel_aspect: (u16, u16),
    /// The body of `avcC` or `hvcC` (ISO/IEC 14496-15 5.3.3.1, 8.3.3.1), with all parameter sets;
    /// empty for JPEG, whose pictures hold all that a decoder must know.
    pub config: Bytes,
    /// How many pictures may precede a picture in decode order and follow it in presentation:
    /// 0 without B-frames.
    pub reorder_depth: u8,
}

/// Parameters of an audio track.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AudioParams {
    /// The codec.
    pub codec: AudioCodec,
    /// Samples a second; also the track's timescale.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
    /// AAC: the AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1); otherwise empty.
    pub config: Bytes,
}

/// Parameters of one track.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TrackParams {
    /// A video track.
    Video(VideoParams),
    /// An audio track.
    Audio(AudioParams),
}

impl TrackParams {
    /// Ticks a second: 90,000 for video, the sample rate for audio (8,000 where it says 0).
    pub fn timescale(&self) -> Timescale {
        const TELEPHONE: Timescale = Timescale::new(8000).expect("is not zero");
        match self {
            Self::Video(_) => Timescale::VIDEO,
            Self::Audio(audio) => Timescale::new(audio.sample_rate).unwrap_or(TELEPHONE),
        }
    }

    /// Whether this is a video track.
    pub const fn is_video(&self) -> bool {
        matches!(self, Self::Video(_))
    }

    /// Whether this is video of which every picture stands by itself.
    pub const fn is_intra_only(&self) -> bool {
        matches!(self, Self::Video(VideoParams { codec: VideoCodec::Jpeg, .. }))
    }
}

/// The track that leads a stream: its first video track, or its first track where there is no
/// video. `None` without tracks.
pub fn lead_track<P: std::borrow::Borrow<TrackParams>>(tracks: &[P]) -> Option<usize> {
    let video = tracks.iter().position(|track| track.borrow().is_video());
    video.or(if tracks.is_empty() { None } else { Some(0) })
}
