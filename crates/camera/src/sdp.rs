//! The few things of a session description (RFC 8866) that retina keeps to itself: the format
//! parameters of each medium. Pure, and takes anything.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

/// Cameras leave padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One medium (RFC 8866 section 5.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Medium {
    /// `video`, `audio`, `application`.
    pub(crate) media: String,
    /// The payload type that it lists first.
    pub(crate) payload_type: String,
    /// The value of `a=fmtp` for that payload type.
    pub(crate) fmtp: Option<String>,
}

/// All media, in order.
pub(crate) fn media(sdp: &[u8]) -> Vec<Medium> {
    let text = String::from_utf8_lossy(sdp);
    let mut media: Vec<Medium> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if let Some(fields) = line.strip_prefix("m=") {
            let mut fields = fields.split_ascii_whitespace();
            let kind = fields.next().unwrap_or_default().to_owned();
            let payload_type = fields.nth(2).unwrap_or_default().to_owned();
            media.push(Medium { media: kind, payload_type, fmtp: None });
        } else if let (Some(value), Some(last)) = (line.strip_prefix("a=fmtp:"), media.last_mut())
            && let Some((payload_type, value)) = value.split_once(' ')
            && payload_type == last.payload_type
        {
            last.fmtp = Some(value.trim_start().to_owned());
        }
    }
    media
}

/// The value of one format parameter; names are compared without case.
pub(crate) fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    let pairs = fmtp.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, v)| v.trim())
}

/// The parameter sets of `sprop-parameter-sets` (RFC 6184 section 8.1) or `sprop-vps`, `-sps`,
/// `-pps` (RFC 7798 section 7.1).
pub(crate) fn parameter_sets(fmtp: &str) -> Vec<Bytes> {
    let names = ["sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"];
    let lists = names.iter().filter_map(|name| parameter(fmtp, name));
    let units = lists.flat_map(|list| list.split(','));
    let decoded = units.filter_map(|unit| LENIENT.decode(unit.trim()).ok());
    decoded.filter(|unit| !unit.is_empty()).map(Bytes::from).collect()
}

/// The bytes of `config` (RFC 3640 section 4.1), an AudioSpecificConfig in hexadecimal digits.
pub(crate) fn audio_config(fmtp: &str) -> Option<Bytes> {
    let digits = parameter(fmtp, "config")?.trim_matches('"').as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.filter(|bytes| !bytes.is_empty()).map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SDP: &str = "v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
        a=fmtp:96 packetization-mode=1; profile-level-id=42001E;\
        sprop-parameter-sets=Z0IAHg==,aM4\r\n\
        m=audio 0 RTP/AVP 97 98\r\na=fmtp:98 config=FF\r\na=fmtp:97 mode=AAC-hbr; Config=1408\r\n\
        m=application 0 RTP/AVP 107\r\n";

    #[test]
    fn format_parameters_are_found_by_medium_and_payload_type() {
        let found = media(SDP.as_bytes());
        assert_eq!(found.len(), 3);
        let fmtp = found[0].fmtp.as_deref().expect("is there");
        assert_eq!(parameter_sets(fmtp), [&[0x67, 0x42, 0, 0x1e][..], &[0x68, 0xce][..]]);
        let fmtp = found[1].fmtp.as_deref().expect("is there");
        assert_eq!(audio_config(fmtp).as_deref(), Some(&[0x14, 0x08][..]));
        assert_eq!(found[2].fmtp, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            text in "(m=|a=fmtp:|96 |config=|sprop-sps=|;|,|=|\r\n|[a-zA-Z0-9]|é){0,60}",
        ) {
            for medium in media(&bytes).into_iter().chain(media(text.as_bytes())) {
                if let Some(fmtp) = medium.fmtp {
                    parameter_sets(&fmtp);
                    audio_config(&fmtp);
                }
            }
        }
    }
}
