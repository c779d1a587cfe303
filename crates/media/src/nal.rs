//! NAL units in length-prefixed access units (ISO/IEC 14496-15): iteration, key detection,
//! parameter sets.

use bytes::Bytes;

use crate::bits::unescaped;
use crate::codec::{h264, h265};
use crate::frame::Access;
use crate::params::VideoCodec;

/// The NAL units of an access unit, without their 4-byte lengths. Ends early where a length does
/// not fit.
pub fn units(access_unit: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = access_unit;
    std::iter::from_fn(move || {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let (unit, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        rest = after;
        Some(unit)
    })
}

/// What a NAL unit is, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Slice(Access),
    Supplement,
    Vps,
    Sps,
    Pps,
    Other,
}

/// ITU-T H.264 table 7-1, ITU-T H.265 table 7-1.
fn kind(codec: VideoCodec, nal: &[u8]) -> Kind {
    let Some(&first) = nal.first() else { return Kind::Other };
    match codec {
        VideoCodec::H264 => match first & 31 {
            1..=4 => Kind::Slice(Access::None),
            5 => Kind::Slice(Access::Idr),
            6 => Kind::Supplement,
            7 => Kind::Sps,
            8 => Kind::Pps,
            _ => Kind::Other,
        },
        VideoCodec::H265 => match first >> 1 & 63 {
            19 | 20 => Kind::Slice(Access::Idr),
            16..=18 | 21 => Kind::Slice(Access::Recovery),
            0..=31 => Kind::Slice(Access::None),
            h265::VPS => Kind::Vps,
            h265::SPS => Kind::Sps,
            h265::PPS => Kind::Pps,
            39 => Kind::Supplement,
            _ => Kind::Other,
        },
    }
}

/// How decoding may start at an access unit.
pub fn access(codec: VideoCodec, access_unit: &[u8]) -> Access {
    let slice = units(access_unit).find_map(|nal| match kind(codec, nal) {
        Kind::Slice(access) => Some(access),
        _ => None,
    });
    match slice {
        Some(Access::None) => {}
        Some(access) => return access,
        None => return Access::None,
    }
    let header = header_len(codec);
    let recovers = units(access_unit)
        .filter(|nal| kind(codec, nal) == Kind::Supplement)
        .any(|nal| has_recovery_point(nal.get(header..).unwrap_or_default()));
    if recovers { Access::Recovery } else { Access::None }
}

const fn header_len(codec: VideoCodec) -> usize {
    match codec {
        VideoCodec::H264 => 1,
        VideoCodec::H265 => 2,
    }
}

/// Whether an SEI payload has a recovery point message (H.264 clause D.1.8, H.265 clause D.2.8:
/// payload type 6 in both).
fn has_recovery_point(payload: &[u8]) -> bool {
    const RECOVERY_POINT: usize = 6;
    // Each message is type, size, payload; the trailing bits after the last read as a type without
    // a size.
    let mut bytes = unescaped(payload);
    while let Some(kind) = sei_number(&mut bytes) {
        let Some(size) = sei_number(&mut bytes) else { return false };
        if kind == RECOVERY_POINT {
            return true;
        }
        if size > 0 && bytes.nth(size - 1).is_none() {
            return false;
        }
    }
    false
}

/// A number that is the sum of bytes up to and including the first that is not 0xff.
fn sei_number(bytes: &mut impl Iterator<Item = u8>) -> Option<usize> {
    let mut sum = 0;
    loop {
        let byte = bytes.next()?;
        sum += usize::from(byte);
        if byte != 0xff {
            return Some(sum);
        }
    }
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
        let nal = Bytes::copy_from_slice(nal);
        match known.iter().position(|other| set_id(codec, kind, other) == Some(id)) {
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
    fn key_frames_are_told() {
        let cases: [(VideoCodec, &[&[u8]], Access); 9] = [
            (H264, &[&[9, 0x10], &[0x65, 0x88]], Access::Idr),
            (H264, &[&[0x41, 0x9a]], Access::None),
            (H264, &[&[6, 6, 1, 0xc4, 0x80], &[0x41, 0x9a]], Access::Recovery),
            // A user message of 3 bytes (one of them escaped) stands before the recovery point.
            (H264, &[&[6, 5, 3, 0, 0, 3, 1, 6, 1, 0xc4, 0x80], &[0x41]], Access::Recovery),
            (H264, &[&[6, 5, 2, 6, 6, 0x80], &[0x41]], Access::None),
            (H264, &[&[6, 6, 1, 0xc4, 0x80]], Access::None),
            (H265, &[&[0x46, 1], &[0x28, 1]], Access::Idr),
            (H265, &[&[0x2a, 1]], Access::Recovery),
            (H265, &[&[0x4e, 1, 6, 1, 0x80], &[0x02, 1]], Access::Recovery),
        ];
        for (codec, nals, expected) in cases {
            assert_eq!(access(codec, &access_unit(nals)), expected, "{nals:x?}");
        }
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
        fn any_bytes_are_an_access_unit(bytes: Vec<u8>, kinds: Vec<(u8, u8)>) {
            let mut sets = ParameterSets::default();
            for codec in [H264, H265] {
                access(codec, &bytes);
                sets.take(codec, bytes.clone().into());
                for (first, second) in &kinds {
                    let nal = [&[*first, *second][..], &bytes].concat();
                    access(codec, &access_unit(&[&nal]));
                    sets.take(codec, access_unit(&[&nal]));
                }
            }
        }
    }
}
