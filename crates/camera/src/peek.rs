//! Parameter sets inside RTP payloads, found before depacketizing: retina keeps one SPS and one PPS
//! and drops the others from its frames. Pure, and takes anything.

use media::VideoCodec;

/// Calls `found` with each parameter set NAL unit that stands whole in `payload` (RFC 6184
/// sections 5.6 and 5.7.1, RFC 7798 sections 4.4.1 and 4.4.2).
pub(crate) fn parameter_sets(codec: VideoCodec, payload: &[u8], mut found: impl FnMut(&[u8])) {
    let Some(kind) = kind(codec, payload) else { return };
    match (codec, kind) {
        (VideoCodec::H264, 7 | 8) | (VideoCodec::H265, 32..=34) => found(payload),
        (VideoCodec::H264, 24) => aggregated(codec, &payload[1..], &mut found),
        (VideoCodec::H265, 48) => aggregated(codec, payload.get(2..).unwrap_or(&[]), &mut found),
        _ => {}
    }
}

/// Aggregation: NAL units, each after its length in 2 bytes.
fn aggregated(codec: VideoCodec, mut rest: &[u8], found: &mut impl FnMut(&[u8])) {
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((unit, after)) = after.split_at_checked(length) else { return };
        match (codec, kind(codec, unit)) {
            (VideoCodec::H264, Some(7 | 8)) | (VideoCodec::H265, Some(32..=34)) => found(unit),
            _ => {}
        }
        rest = after;
    }
}

fn kind(codec: VideoCodec, unit: &[u8]) -> Option<u8> {
    let first = *unit.first()?;
    Some(match codec {
        VideoCodec::H264 => first & 0x1f,
        VideoCodec::H265 => (first >> 1) & 0x3f,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(codec: VideoCodec, payload: &[u8]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        parameter_sets(codec, payload, |unit| all.push(unit.to_vec()));
        all
    }

    #[test]
    fn single_and_aggregated_parameter_sets_are_found() {
        use VideoCodec::{H264, H265};
        assert_eq!(found(H264, &[0x67, 1, 2]), [[0x67, 1, 2]]);
        assert_eq!(found(H264, &[0x65, 1, 2]), Vec::<Vec<u8>>::new());
        let aggregate = [0x78, 0, 2, 0x67, 1, 0, 1, 0x68, 0, 2, 0x65, 9, 0, 9];
        assert_eq!(found(H264, &aggregate), [vec![0x67, 1], vec![0x68]]);
        assert_eq!(found(H265, &[0x60, 1, 0, 3, 0x42, 1, 7, 0, 1, 0x26]), [[0x42, 1, 7]]);
    }

    proptest! {
        #[test]
        fn any_payload_is_read_without_panic(payload in prop::collection::vec(any::<u8>(), 0..90)) {
            found(VideoCodec::H264, &payload);
            found(VideoCodec::H265, &payload);
        }
    }
}
