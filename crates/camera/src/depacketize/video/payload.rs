//! What an RTP payload of H.264 (RFC 6184 section 5.2) or H.265 (RFC 7798 section 4.4) holds.

use media::VideoCodec;

use crate::depacketize::Unreadable;

/// The payload of one packet.
#[derive(Debug)]
pub(super) enum Payload<'a> {
    /// One NAL unit.
    Unit(&'a [u8]),
    /// Several, each after its length in 2 bytes.
    Units(Units<'a>),
    /// A part of one.
    Fragment { header: Header, start: bool, end: bool, piece: &'a [u8] },
}

/// The header of a NAL unit: one byte in H.264, two in H.265.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    bytes: [u8; 2],
    len: usize,
}

impl Header {
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Reads what `payload`, which is not empty, is.
pub(super) fn read(codec: VideoCodec, payload: &[u8]) -> Result<Payload<'_>, Unreadable> {
    if payload[0] & 0x80 != 0 {
        return Err("a NAL unit is marked as damaged");
    }
    // The byte stream format (ITU-T H.264 annex B): the first byte is no header.
    if payload.starts_with(&[0, 0, 1]) || payload.starts_with(&[0, 0, 0, 1]) {
        return Ok(Payload::Unit(payload));
    }
    match codec {
        VideoCodec::H264 => h264(payload),
        VideoCodec::H265 => h265(payload),
        VideoCodec::Jpeg => Err("JPEG pictures have no NAL units"),
    }
}

fn h264(payload: &[u8]) -> Result<Payload<'_>, Unreadable> {
    match payload[0] & 0x1f {
        // 0, 30 and 31 nobody specified: they are the camera's own, and decoders overlook them.
        0..=23 | 30.. => Ok(Payload::Unit(payload)),
        24 => Ok(Payload::Units(Units(&payload[1..]))),
        28 => {
            let [indicator, how, piece @ ..] = payload else { return Err(SHORT) };
            let bytes = [indicator & 0xe0 | how & 0x1f, 0];
            Ok(fragment(Header { bytes, len: 1 }, *how, piece))
        }
        25..=27 | 29 => Err("packets are interleaved, which no camera was known to do"),
    }
}

fn h265(payload: &[u8]) -> Result<Payload<'_>, Unreadable> {
    let [first, second, rest @ ..] = payload else { return Err(SHORT) };
    match first >> 1 & 0x3f {
        // From 51 on nobody specified them: they are the camera's own, and decoders overlook them.
        0..=47 | 51.. => Ok(Payload::Unit(payload)),
        48 => Ok(Payload::Units(Units(rest))),
        49 => {
            let [how, piece @ ..] = rest else { return Err(SHORT) };
            let bytes = [first & 0x81 | (how & 0x3f) << 1, *second];
            Ok(fragment(Header { bytes, len: 2 }, *how, piece))
        }
        50 => Err("packets have an extension that no camera was known to use"),
    }
}

const SHORT: Unreadable = "a packet is too short for what it says it is";

const fn fragment(header: Header, how: u8, piece: &[u8]) -> Payload<'_> {
    Payload::Fragment { header, start: how & 0x80 != 0, end: how & 0x40 != 0, piece }
}

/// The NAL units of an aggregation (RFC 6184 section 5.7.1, RFC 7798 section 4.4.2).
#[derive(Debug)]
pub(super) struct Units<'a>(&'a [u8]);

impl<'a> Iterator for Units<'a> {
    type Item = Result<&'a [u8], Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        // Some cameras leave a byte or two behind the last unit.
        if self.0.len() <= 2 {
            return None;
        }
        let read = self
            .0
            .split_first_chunk()
            .and_then(|(len, rest)| rest.split_at_checked(usize::from(u16::from_be_bytes(*len))));
        match read {
            Some((unit, rest)) => {
                self.0 = rest;
                Some(Ok(unit))
            }
            None => {
                self.0 = &[];
                Some(Err("an aggregation of NAL units is cut short"))
            }
        }
    }
}
