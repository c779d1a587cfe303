//! NAL units in length-prefixed access units (ISO/IEC 14496-15): iteration, key detection,
//! parameter sets.

use bytes::Bytes;

use crate::frame::Access;
use crate::params::VideoCodec;

/// The NAL units of an access unit, without their 4-byte lengths. Ends early where a length does
/// not fit.
pub fn units(access_unit: &[u8]) -> impl Iterator<Item = &[u8]> {
    let _ = access_unit;
    std::iter::empty()
}

/// How decoding may start at an access unit.
pub fn access(_codec: VideoCodec, _access_unit: &[u8]) -> Access {
    todo!()
}

/// VPS (H.265), SPS and PPS NAL units, each kind in order of appearance, one for each id.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ParameterSets {
    /// Video parameter sets: H.265 only.
    pub vps: Vec<Bytes>,
    /// Sequence parameter sets.
    pub sps: Vec<Bytes>,
    /// Picture parameter sets.
    pub pps: Vec<Bytes>,
}

impl ParameterSets {
    /// Takes the parameter sets out of an access unit: what is left of it, and whether one of
    /// them was new or changed. One that equals a known one is dropped.
    pub fn take(&mut self, _codec: VideoCodec, _access_unit: Bytes) -> (Bytes, bool) {
        todo!()
    }

    /// Takes one NAL unit, where it is a parameter set: whether it was new or changed.
    pub fn absorb(&mut self, _codec: VideoCodec, _nal: &[u8]) -> bool {
        todo!()
    }
}
