//! From a camera's parameter sets to track parameters, and to names that browsers know.

use bytes::Bytes;

use crate::nal::ParameterSets;
use crate::params::{AudioParams, TrackParams, VideoCodec, VideoParams};

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
pub fn read_sps(_codec: VideoCodec, _sps: &[u8]) -> Result<SpsInfo, ParamsError> {
    todo!()
}

impl VideoParams {
    /// From the body of `avcC` or `hvcC`; a reorder depth that the stream does not say is 0.
    pub fn from_config(_codec: VideoCodec, _config: &[u8]) -> Result<Self, ParamsError> {
        todo!()
    }

    /// From parameter sets, of which at least one SPS and one PPS must be there.
    pub fn from_parameter_sets(
        _codec: VideoCodec,
        _sets: &ParameterSets,
    ) -> Result<Self, ParamsError> {
        todo!()
    }

    /// The parameter sets that stand in `config`.
    pub fn parameter_sets(&self) -> Result<ParameterSets, ParamsError> {
        todo!()
    }

    /// Usual distance of two frames in ticks of 90 kHz, where the stream says.
    pub fn frame_ticks(&self) -> Option<u32> {
        todo!()
    }
}

impl AudioParams {
    /// AAC from its AudioSpecificConfig.
    pub fn aac(_config: &[u8]) -> Result<Self, ParamsError> {
        todo!()
    }
}

impl TrackParams {
    /// RFC 6381 codec name (`avc1.64001f`, `hvc1.1.6.L93.B0`, `mp4a.40.2`); `None` for codecs that
    /// no browser's MSE plays (G.711).
    pub fn rfc6381(&self) -> Option<String> {
        todo!()
    }

    /// The parameters in bytes, for the catalog.
    pub fn pack(&self) -> Vec<u8> {
        todo!()
    }

    /// Reads what [`TrackParams::pack`] wrote.
    pub fn unpack(_bytes: &[u8]) -> Option<Self> {
        let _: Bytes;
        todo!()
    }
}
