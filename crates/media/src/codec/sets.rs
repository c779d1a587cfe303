//! The parameter sets of a stream, taken out of its access units.

use bytes::Bytes;

use super::{h264, h265};
use crate::nal::{Kind, kind, units};
use crate::params::VideoCodec;

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
    /// All of them as they stand in an access unit: each after its length in 4 bytes.
    pub fn in_band(&self) -> Bytes {
        let mut units = Vec::new();
        for nal in self.vps.iter().chain(&self.sps).chain(&self.pps) {
            // A set is bounded in 16 bits where it is kept.
            units.extend_from_slice(&(nal.len() as u32).to_be_bytes());
            units.extend_from_slice(nal);
        }
        units.into()
    }

    /// Takes the parameter sets out of an access unit: what is left of it, and whether one of
    /// them was new or changed. One that equals a known one is dropped. One that makes no sense
    /// stays where it is.
    pub fn take(&mut self, codec: VideoCodec, access_unit: Bytes) -> (Bytes, bool) {
        let is_set = |nal: &[u8]| matches!(kind(codec, nal), Kind::Vps | Kind::Sps | Kind::Pps);
        if !units(&access_unit).any(is_set) {
            return (access_unit, false);
        }
        let mut changed = false;
        let mut left = Vec::with_capacity(access_unit.len());
        for nal in units(&access_unit) {
            match self.place(codec, nal) {
                Some(is_new) => changed |= is_new,
                None => {
                    // The length came out of 4 bytes and so fits them.
                    left.extend_from_slice(&(nal.len() as u32).to_be_bytes());
                    left.extend_from_slice(nal);
                }
            }
        }
        (left.into(), changed)
    }

    /// Takes one NAL unit, where it is a parameter set: whether it was new or changed.
    pub fn absorb(&mut self, codec: VideoCodec, nal: &[u8]) -> bool {
        self.place(codec, nal).unwrap_or(false)
    }

    /// Whether it was new or changed; `None` when it is no parameter set of use.
    fn place(&mut self, codec: VideoCodec, nal: &[u8]) -> Option<bool> {
        /// `avcC` counts sequence parameter sets in 5 bits, lengths in 16, and one picture
        /// parameter set more than this cannot be counted.
        const COUNT_MAX: usize = 255;
        /// Of each kind. Parameters are made anew of all sets whenever one changes: a camera that
        /// changes large ones with each frame would keep a thread busy.
        const BYTES_MAX: usize = 64 << 10;
        let kind = kind(codec, nal);
        let id = set_id(codec, kind, nal).filter(|_| nal.len() <= u16::MAX.into())?;
        let known = match kind {
            Kind::Vps => &mut self.vps,
            Kind::Sps => &mut self.sps,
            Kind::Pps => &mut self.pps,
            _ => return None,
        };
        if known.iter().any(|other| other == nal) {
            return Some(false);
        }
        let same_id = known.iter().position(|other| set_id(codec, kind, other) == Some(id));
        let others = known.iter().enumerate().filter(|(at, _)| Some(*at) != same_id);
        if others.map(|(_, other)| other.len()).sum::<usize>() + nal.len() > BYTES_MAX {
            return None;
        }
        let nal = Bytes::copy_from_slice(nal);
        match same_id {
            Some(same_id) => known[same_id] = nal,
            None if known.len() < COUNT_MAX => known.push(nal),
            None => return None,
        }
        Some(true)
    }
}

fn set_id(codec: VideoCodec, kind: Kind, nal: &[u8]) -> Option<u32> {
    match (codec, kind) {
        (VideoCodec::H264, Kind::Sps) => h264::read_sps(nal).map(|sps| sps.id),
        (VideoCodec::H264, Kind::Pps) => h264::pps_id(nal),
        (VideoCodec::H265, Kind::Vps) => h265::vps_id(nal),
        (VideoCodec::H265, Kind::Sps) => h265::read_sps(nal).map(|sps| sps.id),
        (VideoCodec::H265, Kind::Pps) => h265::pps_id(nal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use VideoCodec::{H264, H265};

    fn access_unit(nals: &[&[u8]]) -> Bytes {
        let with_length = |nal: &&[u8]| [&(nal.len() as u32).to_be_bytes()[..], nal].concat();
        nals.iter().flat_map(with_length).collect()
    }

    #[test]
    fn the_sets_of_a_kind_are_bounded() {
        let mut sets = ParameterSets::default();
        for id in 0..200u32 {
            // The id in the code ue(v) (ITU-T H.264 section 9.1), and a lot behind it.
            let bits = 32 - (id + 1).leading_zeros();
            let mut nal = vec![0x68];
            nal.extend(((id + 1) << (33 - 2 * bits)).to_be_bytes());
            nal.resize(5000, 0x55);
            sets.absorb(H264, &nal);
        }
        let bytes: usize = sets.pps.iter().map(Bytes::len).sum();
        assert!((50_000..=64 << 10).contains(&bytes), "{bytes}");
    }

    #[test]
    fn parameter_sets_leave_the_access_unit_and_are_kept_by_id() {
        let (a, b, b2): (&[u8], &[u8], &[u8]) = (&[0x68, 0xce], &[0x68, 0x4e], &[0x68, 0x4f]);
        let slice: &[u8] = &[0x65, 0x88, 0x84];
        let mut sets = ParameterSets::default();
        let (left, changed) = sets.take(H264, access_unit(&[&[9, 0x10], a, b, slice]));
        assert_eq!((left, changed), (access_unit(&[&[9, 0x10], slice]), true));
        assert_eq!(sets.take(H264, access_unit(&[b, a, slice])), (access_unit(&[slice]), false));
        assert!(sets.absorb(H264, b2), "same id, other bytes");
        assert_eq!(sets.pps, [a, b2]);
        let plain = access_unit(&[slice]);
        assert_eq!(sets.take(H264, plain.clone()), (plain, false));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, kinds: Vec<(u8, u8)>) {
            let mut sets = ParameterSets::default();
            for codec in [H264, H265] {
                sets.take(codec, bytes.clone().into());
                for (first, second) in &kinds {
                    let nal = [&[*first, *second][..], &bytes].concat();
                    sets.take(codec, access_unit(&[&nal]));
                }
            }
        }
    }
}
