//! NAL units in length-prefixed access units (ISO/IEC 14496-15): iteration and key detection.

use crate::bits::unescaped;
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

/// NAL unit types of H.265's parameter sets (table 7-1).
pub(crate) const H265_VPS: u8 = 32;
pub(crate) const H265_SPS: u8 = 33;
pub(crate) const H265_PPS: u8 = 34;

/// What a NAL unit is, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A part of a picture, and how decoding may start there.
    Slice(Access),
    /// Supplemental enhancement information that goes before the picture.
    Supplement,
    /// A video parameter set (H.265).
    Vps,
    /// A sequence parameter set.
    Sps,
    /// A picture parameter set.
    Pps,
    /// Anything else, such as an access unit delimiter.
    Other,
}

/// What `nal` is (ITU-T H.264 table 7-1, ITU-T H.265 table 7-1).
pub fn kind(codec: VideoCodec, nal: &[u8]) -> Kind {
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
            H265_VPS => Kind::Vps,
            H265_SPS => Kind::Sps,
            H265_PPS => Kind::Pps,
            39 => Kind::Supplement,
            _ => Kind::Other,
        },
        // Has none.
        VideoCodec::Jpeg => Kind::Other,
    }
}

/// How decoding may start at an access unit.
pub fn access(codec: VideoCodec, access_unit: &[u8]) -> Access {
    if codec == VideoCodec::Jpeg {
        return Access::Idr;
    }
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

/// Whether a picture, or a field, begins with this slice: `first_mb_in_slice` is 0 (ITU-T H.264
/// section 7.4.3), `first_slice_segment_in_pic_flag` is set (ITU-T H.265 section 7.4.7.1).
pub fn begins_picture(codec: VideoCodec, slice: &[u8]) -> bool {
    slice.get(header_len(codec)).is_none_or(|first| first & 0x80 != 0)
}

const fn header_len(codec: VideoCodec) -> usize {
    match codec {
        VideoCodec::H264 => 1,
        VideoCodec::H265 => 2,
        VideoCodec::Jpeg => 0,
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

#[cfg(test)]
mod tests {
    use super::*;
    use VideoCodec::{H264, H265};

    fn access_unit(nals: &[&[u8]]) -> Vec<u8> {
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

    proptest::proptest! {
        #[test]
        fn any_bytes_are_an_access_unit(bytes: Vec<u8>, kinds: Vec<(u8, u8)>) {
            for codec in [H264, H265] {
                access(codec, &bytes);
                for (first, second) in &kinds {
                    let nal = [&[*first, *second][..], &bytes].concat();
                    access(codec, &access_unit(&[&nal]));
                }
            }
        }
    }
}
