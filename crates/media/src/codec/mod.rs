//! From a camera's parameter sets to track parameters, and to names that browsers know.

mod aac;
mod h264;
mod h265;
mod sets;
mod vui;

pub use sets::ParameterSets;
pub use vui::Colour;

use bytes::Bytes;

use crate::jpeg;
use crate::mp4::boxes::Boxes;
use crate::mp4::reader::Reader;

use crate::params::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};

/// Why codec parameters are of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the {codec} parameters of a stream: {problem}")]
pub struct ParamsError {
    /// The codec by name.
    pub codec: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// What a sequence parameter set says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SpsInfo {
    /// Width of the shown picture.
    pub width: u16,
    /// Height of the shown picture.
    pub height: u16,
    /// Sample aspect ratio, (1, 1) when unknown.
    pub pixel_aspect: (u16, u16),
    /// Reorder depth; `None` when the stream does not say.
    pub reorder_depth: Option<u8>,
    /// Usual distance of two frames in ticks of 90 kHz; `None` when the stream does not say.
    pub frame_ticks: Option<u32>,
}

/// Reads one SPS NAL unit, with its header.
pub fn read_sps(codec: VideoCodec, sps: &[u8]) -> Result<SpsInfo, ParamsError> {
    let info = match codec {
        VideoCodec::H264 => h264::read_sps(sps).map(|sps| sps.info),
        VideoCodec::H265 => h265::read_sps(sps).map(|sps| sps.info),
        VideoCodec::Jpeg => None,
    };
    info.ok_or_else(|| fault(codec, "a sequence parameter set is cut off or out of range"))
}

fn fault(codec: VideoCodec, problem: &str) -> ParamsError {
    ParamsError { codec: codec.name(), problem: problem.to_owned() }
}

impl VideoCodec {
    /// The codec's name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "H.264",
            Self::H265 => "H.265",
            Self::Jpeg => "MJPEG",
        }
    }
}

impl AudioCodec {
    /// The codec's name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::Alaw => "G.711 A-law",
            Self::Ulaw => "G.711 µ-law",
        }
    }
}

impl VideoParams {
    /// From the body of `avcC` or `hvcC`; a reorder depth that the stream does not say is 0.
    pub fn from_config(codec: VideoCodec, config: &[u8]) -> Result<Self, ParamsError> {
        Self::from_parameter_sets(codec, &read_config(codec, config)?)
    }

    /// From parameter sets, of which at least one SPS and one PPS must be there.
    pub fn from_parameter_sets(
        codec: VideoCodec,
        sets: &ParameterSets,
    ) -> Result<Self, ParamsError> {
        let missing = |what| fault(codec, &format!("the stream has sent no {what} parameter set"));
        let first = sets.sps.first().ok_or_else(|| missing("sequence"))?;
        sets.pps.first().ok_or_else(|| missing("picture"))?;
        let info = read_sps(codec, first)?;
        let config = match codec {
            VideoCodec::H264 => {
                h264::read_sps(first).and_then(|sps| h264::build_config(sets, &sps))
            }
            VideoCodec::H265 => {
                h265::read_sps(first).and_then(|sps| h265::build_config(sets, &sps))
            }
            VideoCodec::Jpeg => None,
        };
        let config = config.ok_or_else(|| fault(codec, "too many or too large parameter sets"))?;
        Ok(Self {
            codec,
            width: info.width,
            height: info.height,
            pixel_aspect: info.pixel_aspect,
            config: config.into(),
            reorder_depth: info.reorder_depth.unwrap_or(0),
        })
    }

    /// Of a JPEG picture, which has no parameters but its size; `None` where it does not say that.
    pub fn of_jpeg(picture: &[u8]) -> Option<Self> {
        let (width, height) = jpeg::size(picture)?;
        Some(Self {
            codec: VideoCodec::Jpeg,
            width,
            height,
            pixel_aspect: (1, 1),
            config: Bytes::new(),
            reorder_depth: 0,
        })
    }

    /// The parameter sets that stand in `config`; of JPEG there are none to be had.
    pub fn parameter_sets(&self) -> Result<ParameterSets, ParamsError> {
        read_config(self.codec, &self.config)
    }

    /// How samples stand for colours, as far as the stream says.
    pub fn colour(&self) -> Colour {
        if self.codec == VideoCodec::Jpeg {
            return Colour::JFIF;
        }
        let sets = self.parameter_sets().ok();
        let first = sets.as_ref().and_then(|sets| sets.sps.first());
        let colour = first.and_then(|sps| match self.codec {
            VideoCodec::H264 => h264::read_sps(sps).map(|sps| sps.colour),
            VideoCodec::H265 => h265::read_sps(sps).map(|sps| sps.colour),
            VideoCodec::Jpeg => None,
        });
        colour.unwrap_or_default()
    }

    /// Usual distance of two frames in ticks of 90 kHz, where the stream says.
    pub fn frame_ticks(&self) -> Option<u32> {
        let sets = self.parameter_sets().ok()?;
        read_sps(self.codec, sets.sps.first()?).ok()?.frame_ticks
    }
}

fn read_config(codec: VideoCodec, config: &[u8]) -> Result<ParameterSets, ParamsError> {
    let sets = match codec {
        VideoCodec::H264 => h264::read_config(config),
        VideoCodec::H265 => h265::read_config(config),
        VideoCodec::Jpeg => None,
    };
    sets.ok_or_else(|| fault(codec, "the decoder configuration is cut off or of another version"))
}

impl AudioParams {
    /// AAC from its AudioSpecificConfig.
    pub fn aac(config: &[u8]) -> Result<Self, ParamsError> {
        let info = aac::read(config).ok_or_else(|| ParamsError {
            codec: AudioCodec::Aac.name(),
            problem: "the AudioSpecificConfig is cut off or out of range".to_owned(),
        })?;
        Ok(Self {
            codec: AudioCodec::Aac,
            sample_rate: info.sample_rate,
            channels: info.channels,
            config: Bytes::copy_from_slice(config),
        })
    }

    /// G.711 at its usual 8,000 samples a second or another rate.
    pub fn g711(codec: AudioCodec, sample_rate: u32, channels: u16) -> Self {
        Self { codec, sample_rate, channels, config: Bytes::new() }
    }

    /// How long a frame of `len` bytes lasts, in ticks of the sample rate.
    pub fn frame_ticks(&self, len: usize) -> u32 {
        match self.codec {
            AudioCodec::Aac => aac::read(&self.config).map_or(1024, |info| info.frame_samples),
            AudioCodec::Alaw | AudioCodec::Ulaw => {
                u32::try_from(len / usize::from(self.channels.max(1))).unwrap_or(u32::MAX)
            }
        }
    }
}

/// Version of the packed parameters.
const PACKED_VERSION: u8 = 1;

impl TrackParams {
    /// The codec's name as people write it.
    pub const fn codec_name(&self) -> &'static str {
        match self {
            Self::Video(video) => video.codec.name(),
            Self::Audio(audio) => audio.codec.name(),
        }
    }

    /// RFC 6381 codec name (`avc1.64001f`, `hvc1.1.6.L93.B0`, `mp4a.40.2`); `None` for codecs that
    /// no browser's MSE plays (JPEG, G.711).
    pub fn rfc6381(&self) -> Option<String> {
        match self {
            Self::Video(VideoParams { codec: VideoCodec::H264, config, .. }) => {
                let [profile, constraints, level] = *config.get(1..)?.first_chunk()?;
                Some(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
            }
            Self::Video(VideoParams { codec: VideoCodec::H265, config, .. }) => {
                Some(format!("hvc1.{}", h265::rfc6381(config)?))
            }
            Self::Audio(audio @ AudioParams { codec: AudioCodec::Aac, .. }) => {
                Some(format!("mp4a.40.{}", aac::read(&audio.config)?.object_type))
            }
            Self::Video(_) | Self::Audio(_) => None,
        }
    }

    /// The parameters in bytes, for the catalog.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Boxes::new();
        out.u8(PACKED_VERSION);
        match self {
            Self::Video(video) => {
                out.u8(video.codec as u8).u16(video.width).u16(video.height);
                out.u16(video.pixel_aspect.0).u16(video.pixel_aspect.1);
                out.u8(video.reorder_depth).bytes(&video.config);
            }
            Self::Audio(audio) => {
                out.u8(0x80 | audio.codec as u8).u32(audio.sample_rate).u16(audio.channels);
                out.bytes(&audio.config);
            }
        }
        out.into_bytes()
    }

    /// Reads what [`TrackParams::pack`] wrote; `None` when damaged or of another version.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != PACKED_VERSION {
            return None;
        }
        let codec = reader.u8()?;
        let video = [VideoCodec::H264, VideoCodec::H265, VideoCodec::Jpeg];
        let audio = [AudioCodec::Aac, AudioCodec::Alaw, AudioCodec::Ulaw];
        if let Some(codec) = video.into_iter().find(|known| *known as u8 == codec) {
            return Some(Self::Video(VideoParams {
                codec,
                width: reader.u16()?,
                height: reader.u16()?,
                pixel_aspect: (reader.u16()?, reader.u16()?),
                reorder_depth: reader.u8()?,
                config: Bytes::copy_from_slice(reader.rest()),
            }));
        }
        let codec = audio.into_iter().find(|known| 0x80 | *known as u8 == codec)?;
        Some(Self::Audio(AudioParams {
            codec,
            sample_rate: reader.u32()?,
            channels: reader.u16()?,
            config: Bytes::copy_from_slice(reader.rest()),
        }))
    }
}

#[cfg(test)]
mod tests;
