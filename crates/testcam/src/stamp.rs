//! A stamp in every access unit, so that a test can tell which frames a recorder kept: a
//! user-data-unregistered SEI (ITU-T H.264 D.1.7) with a UUID of our own and plain text.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::clip::Codec;

const UUID: &[u8; 16] = b"holdfast-testcam";

/// What a stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The camera's number (`;c=7` in its URL).
    pub camera: u32,
    /// The server's session.
    pub session: u32,
    /// Number of the frame in its session, from 0.
    pub frame: u64,
    /// When it was sent, µs since 1970.
    pub sent_micros: i64,
}

/// The SEI NAL unit for a frame that is sent now; behind a JPEG picture stands the same.
pub(crate) fn unit(codec: &Codec, camera: u32, session: u32, frame: u64) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = format!("c={camera} s={session} n={frame} t={}", now.as_micros());
    let mut unit = match codec {
        Codec::H265 { .. } => vec![39 << 1, 1],
        _ => vec![6],
    };
    unit.extend_from_slice(&[5, (UUID.len() + text.len()) as u8]);
    unit.extend_from_slice(UUID);
    unit.extend_from_slice(text.as_bytes());
    unit.push(0x80);
    unit
}

/// All stamps that stand in `bytes`, in order: in one access unit, or in a whole file.
pub fn stamps(bytes: &[u8]) -> Vec<Stamp> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(UUID.len()).position(|window| window == UUID) {
        rest = &rest[at + UUID.len()..];
        let end = rest.iter().position(|byte| *byte == 0x80).unwrap_or(0).min(120);
        found.extend(parse(&rest[..end]));
    }
    found
}

fn parse(text: &[u8]) -> Option<Stamp> {
    let mut fields = std::str::from_utf8(text).ok()?.split(' ');
    let mut field = |key: &str| fields.next()?.strip_prefix(key)?.parse::<i64>().ok();
    Some(Stamp {
        camera: u32::try_from(field("c=")?).ok()?,
        session: u32::try_from(field("s=")?).ok()?,
        frame: u64::try_from(field("n=")?).ok()?,
        sent_micros: field("t=")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_found_again() {
        let mut bytes = b"noise".to_vec();
        bytes.extend(unit(&Codec::H264 { sets: Vec::new() }, 3, 8, 77));
        bytes.extend(b"more");
        bytes.extend(unit(&Codec::H265 { sets: Vec::new() }, 3, 8, 78));
        let frames: Vec<_> =
            stamps(&bytes).iter().map(|s| (s.camera, s.session, s.frame)).collect();
        assert_eq!(frames, [(3, 8, 77), (3, 8, 78)]);
    }
}
