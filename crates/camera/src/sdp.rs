//! What a camera describes (RFC 8866): its media, their formats, and what controls them. Pure,
//! and takes anything.

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

/// More media than any camera offers; further ones are overlooked.
const MEDIA_MAX: usize = 32;
/// Characters of a name in a description that are kept: they are shown to people.
const NAME_MAX: usize = 64;

/// A session description, as far as it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    /// The software that made it, where it says so.
    pub(crate) tool: Option<String>,
    /// What the session as a whole is controlled by (RFC 2326 appendix C.1.1).
    pub(crate) control: Option<String>,
    pub(crate) media: Vec<Medium>,
}

/// One medium (RFC 8866 section 5.14), in the first format that it lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Medium {
    /// `video`, `audio`, `application`.
    pub(crate) media: String,
    /// The RTP payload type of the format.
    pub(crate) payload_type: String,
    /// The name of the encoding in lower case, as in `h264`; empty where it is not given.
    pub(crate) encoding: String,
    /// Of the RTP clock; 0 where it is not given.
    pub(crate) hertz: u32,
    /// Of audio.
    pub(crate) channels: u16,
    /// The value of `a=fmtp`.
    pub(crate) fmtp: Option<String>,
    /// The value of `a=framesize` or `a=x-dimensions`.
    pub(crate) frame_size: Option<String>,
    pub(crate) control: Option<String>,
}

/// Reads a description. What is not understood is overlooked: cameras put anything in there.
pub(crate) fn read(sdp: &[u8]) -> Description {
    let text = String::from_utf8_lossy(sdp);
    let mut description = Description::default();
    for line in text.lines().map(str::trim) {
        if let Some(fields) = line.strip_prefix("m=") {
            description.media.push(Medium::new(fields));
        } else if let Some(attribute) = line.strip_prefix("a=") {
            let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
            let value = value.trim();
            match (name.trim(), description.media.last_mut()) {
                ("tool", _) => description.tool = Some(name_of(value)),
                ("control", None) => description.control = Some(value.to_owned()),
                ("control", Some(medium)) => medium.control = Some(value.to_owned()),
                ("rtpmap", Some(medium)) => medium.map(value),
                ("fmtp", Some(medium)) => medium.format(value),
                ("framesize" | "x-dimensions", Some(medium)) => {
                    medium.frame_size = Some(value.to_owned());
                }
                _ => {}
            }
        }
    }
    description.media.truncate(MEDIA_MAX);
    description
}

fn name_of(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

impl Medium {
    /// From the fields of its `m=` line.
    fn new(fields: &str) -> Self {
        let mut fields = fields.split_ascii_whitespace();
        let media = name_of(fields.next().unwrap_or_default()).to_ascii_lowercase();
        let payload_type = fields.nth(2).unwrap_or_default().to_owned();
        // RFC 3551 section 6.
        let (encoding, hertz) = match payload_type.as_str() {
            "0" => ("pcmu", 8000),
            "8" => ("pcma", 8000),
            "26" => ("jpeg", 90_000),
            "33" => ("mp2t", 90_000),
            _ => ("", 0),
        };
        let encoding = encoding.to_owned();
        Self { media, payload_type, encoding, hertz, channels: 1, ..Self::default() }
    }

    /// `rtpmap`: payload type, encoding/clock rate/channels.
    fn map(&mut self, value: &str) {
        let Some((of, format)) = value.split_once(' ') else { return };
        if of != self.payload_type {
            return;
        }
        let mut fields = format.trim().split('/').map(str::trim);
        self.encoding = name_of(fields.next().unwrap_or_default()).to_ascii_lowercase();
        // What a payload type stands for by itself some leave out (RFC 3551 section 6).
        self.hertz = fields.next().and_then(|hertz| hertz.parse().ok()).unwrap_or(self.hertz);
        let channels = fields.next().and_then(|channels| channels.parse().ok());
        self.channels = channels.filter(|channels| *channels > 0).unwrap_or(1);
    }

    /// `fmtp`: payload type, parameters.
    fn format(&mut self, value: &str) {
        if let Some((of, parameters)) = value.split_once(' ')
            && of == self.payload_type
        {
            self.fmtp = Some(parameters.trim_start().to_owned());
        }
    }

    /// Width and height in pixels: `a=framesize:26 2592-1944` (RFC 6064 section 6.2), or, as
    /// others say it, `x-dimensions=2592,1944`, an attribute or a format parameter.
    pub(crate) fn size(&self) -> Option<(u16, u16)> {
        let fmtp = self.fmtp.as_deref().unwrap_or_default();
        let value = self.frame_size.as_deref().or_else(|| parameter(fmtp, "x-dimensions"))?;
        let value = match value.split_once(' ') {
            Some((of, size)) if of == self.payload_type => size,
            _ => value,
        };
        let (width, height) = value.split_once(['-', ',', 'x'])?;
        let pixels = |text: &str| text.trim().parse().ok().filter(|pixels| *pixels > 0);
        Some((pixels(width)?, pixels(height)?))
    }
}

/// The value of one format parameter; names are compared without case.
pub(crate) fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    let pairs = fmtp.split(';').filter_map(|pair| pair.trim().split_once('='));
    let named = pairs.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.trim().trim_matches('"'))
}

/// The parameter sets of `sprop-parameter-sets` (RFC 6184 section 8.1) or `sprop-vps`, `-sps`,
/// `-pps` (RFC 7798 section 7.1).
pub(crate) fn parameter_sets(fmtp: &str) -> Vec<Bytes> {
    let names = ["sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"];
    let lists = names.iter().filter_map(|name| parameter(fmtp, name));
    let units = lists.flat_map(|list| list.split(','));
    let decoded = units.filter_map(|unit| LENIENT.decode(unit.trim()).ok());
    // Some put them in the byte stream format (ITU-T H.264 annex B), start code and all.
    let bare = decoded.flat_map(|unit| nal_units(&unit));
    bare.filter(|unit| !unit.is_empty()).map(Bytes::from).collect()
}

fn nal_units(bytes: &[u8]) -> Vec<Vec<u8>> {
    match media::byte_stream::split(bytes) {
        Some(units) => units.map(<[u8]>::to_vec).collect(),
        None => vec![bytes.to_vec()],
    }
}

/// The bytes of `config` (RFC 3640 section 4.1), an AudioSpecificConfig in hexadecimal digits.
pub(crate) fn audio_config(fmtp: &str) -> Option<Bytes> {
    let digits = parameter(fmtp, "config")?.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    bytes.filter(|bytes| !bytes.is_empty()).map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SDP: &str = "v=0\r\ns=x\r\na=tool:GStreamer\r\na=control:*\r\n\
        m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
        a=fmtp:96 packetization-mode=1; profile-level-id=42001E;\
        sprop-parameter-sets=Z0IAHg==,aM4\r\na=control:trackID=1\r\n\
        m=audio 0 RTP/AVP 97 98\r\na=rtpmap:97 MPEG4-GENERIC/16000/2\r\na=fmtp:98 config=FF\r\n\
        a=fmtp:97 mode=AAC-hbr; Config=1408\r\nm=audio 0 RTP/AVP 8\n\
        m=application 0 RTP/AVP 107\r\n";

    #[test]
    fn media_have_their_encoding_format_and_control() {
        let Description { tool, control, media } = read(SDP.as_bytes());
        assert_eq!((tool.as_deref(), control.as_deref()), (Some("GStreamer"), Some("*")));
        let of = |m: &Medium| (m.media.clone(), m.encoding.clone(), m.hertz, m.channels);
        let found: Vec<_> = media.iter().map(of).collect();
        let medium = |media: &str, encoding: &str, hertz, channels| {
            (media.to_owned(), encoding.to_owned(), hertz, channels)
        };
        let expected = [
            medium("video", "h264", 90_000, 1),
            medium("audio", "mpeg4-generic", 16_000, 2),
            medium("audio", "pcma", 8000, 1),
            medium("application", "", 0, 1),
        ];
        assert_eq!(found, expected);
        assert_eq!(media[0].control.as_deref(), Some("trackID=1"));
    }

    #[test]
    fn format_parameters_are_those_of_the_first_format() {
        let found = read(SDP.as_bytes()).media;
        let fmtp = found[0].fmtp.as_deref().expect("is there");
        assert_eq!(parameter_sets(fmtp), [&[0x67, 0x42, 0, 0x1e][..], &[0x68, 0xce][..]]);
        let fmtp = found[1].fmtp.as_deref().expect("is there");
        assert_eq!(audio_config(fmtp).as_deref(), Some(&[0x14, 0x08][..]));
        assert_eq!(found[3].fmtp, None);
    }

    #[test]
    fn the_size_of_pictures_is_read_in_every_way_it_is_told() {
        for line in [
            "a=framesize:26 2592-1944",
            "a=x-dimensions:2592,1944",
            "a=x-dimensions: 2592, 1944",
            "a=fmtp:26 x-dimensions=2592,1944;sampling=YCbCr-4:2:0",
        ] {
            let medium = &read(format!("m=video 0 RTP/AVP 26\r\n{line}\r\n").as_bytes()).media[0];
            assert_eq!(medium.size(), Some((2592, 1944)), "{line}");
        }
        for line in ["a=framesize:26 0-1944", "a=framesize:26", "a=x-dimensions:2592", "a=x"] {
            let medium = &read(format!("m=video 0 RTP/AVP 26\r\n{line}\r\n").as_bytes()).media[0];
            assert_eq!(medium.size(), None, "{line}");
        }
    }

    #[test]
    fn what_people_are_shown_is_bounded() {
        let long = "x".repeat(500);
        let text = format!("a=tool:{long}\r\n") + &format!("m={long} 0 RTP/AVP 8\r\n").repeat(99);
        let Description { tool, media, .. } = read(text.as_bytes());
        assert_eq!((media.len(), media[0].media.len()), (MEDIA_MAX, NAME_MAX));
        assert_eq!(tool.map(|tool| tool.len()), Some(NAME_MAX));
    }

    #[test]
    fn what_is_left_out_or_quoted_is_read() {
        let sloppy = "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA\r\n\
            m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000/0\r\n";
        let found = read(sloppy.as_bytes()).media;
        assert_eq!((found[0].hertz, found[1].hertz, found[1].channels), (8000, 8000, 1));
        assert_eq!(parameter_sets("sprop-parameter-sets=\"aM4\";").len(), 1);
    }

    #[test]
    fn parameter_sets_with_start_codes_are_taken_out_of_them() {
        // 00 00 00 01 67 42 00 1e 00 00 01 68 ce
        let found = parameter_sets("sprop-parameter-sets=AAAAAWdCAB4AAAFozg==");
        assert_eq!(found, [&[0x67, 0x42, 0, 0x1e][..], &[0x68, 0xce][..]]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            text in "(m=|a=fmtp:|a=rtpmap:|96 |config=|sprop-sps=|;|,|=|\r\n|[a-zA-Z0-9]|é){0,60}",
        ) {
            for medium in read(&bytes).media.into_iter().chain(read(text.as_bytes()).media) {
                medium.size();
                if let Some(fmtp) = medium.fmtp {
                    parameter_sets(&fmtp);
                    audio_config(&fmtp);
                }
            }
        }
    }
}
