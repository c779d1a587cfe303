//! RTP packets (RFC 3550) inside RTSP's interleaved frames (RFC 2326 section 10.12).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::clip::Codec;
use crate::jpeg::Jpeg;

/// Largest RTP payload.
const PAYLOAD_MAX: usize = 1400;
/// Seconds from NTP's epoch (1900) to Unix's.
const NTP_EPOCH: u64 = 2_208_988_800;

/// The sending side of one track.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) channel: u8,
    pub(crate) payload_type: u8,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    packets: u32,
    octets: u32,
    /// Every so many packets one is left out.
    lose: Option<u64>,
}

impl Sender {
    pub(crate) fn new(channel: u8, payload_type: u8, random: u64, lose: Option<u64>) -> Self {
        let (ssrc, sequence) = ((random >> 32) as u32, random as u16);
        Self { channel, payload_type, ssrc, sequence, packets: 0, octets: 0, lose }
    }

    /// Appends one packet to `out`.
    fn packet(&mut self, rtp: u32, mark: bool, payload: &[&[u8]], out: &mut Vec<u8>) {
        let length: usize = payload.iter().map(|part| part.len()).sum();
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(length as u32);
        if self.lose.is_some_and(|lose| u64::from(self.packets) % lose == 0) {
            return;
        }
        out.extend_from_slice(&[b'$', self.channel]);
        out.extend_from_slice(&((length + 12) as u16).to_be_bytes());
        out.extend_from_slice(&[0x80, self.payload_type | if mark { 0x80 } else { 0 }]);
        out.extend_from_slice(&sequence.to_be_bytes());
        out.extend_from_slice(&rtp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        payload.iter().for_each(|part| out.extend_from_slice(part));
    }

    /// Appends a NAL unit, whole or in fragments (RFC 6184 section 5.8, RFC 7798 section 4.4.3).
    pub(crate) fn unit(
        &mut self,
        codec: &Codec,
        rtp: u32,
        last: bool,
        unit: &[u8],
        out: &mut Vec<u8>,
    ) {
        if unit.len() <= PAYLOAD_MAX {
            return self.packet(rtp, last, &[unit], out);
        }
        let (mut header, body) = fragment_header(codec, unit);
        let room = PAYLOAD_MAX - header.len();
        let (at, count) = (header.len() - 1, body.len().div_ceil(room));
        let kind = header[at];
        for (i, part) in body.chunks(room).enumerate() {
            let (start, end) = (i == 0, i + 1 == count);
            header[at] = kind | if start { 0x80 } else { 0 } | if end { 0x40 } else { 0 };
            self.packet(rtp, last && end, &[&header, part], out);
        }
    }

    /// Appends a JPEG picture in fragments (RFC 2435), `trailer` behind it. One that RTP cannot
    /// carry is left out.
    pub(crate) fn picture(&mut self, rtp: u32, picture: &[u8], trailer: &[u8], out: &mut Vec<u8>) {
        let Some(jpeg) = Jpeg::read(picture) else {
            tracing::warn!("a picture is no JPEG that RTP can carry, and is left out");
            return;
        };
        let whole = [jpeg.scan, trailer].concat();
        let mut at = 0;
        while at < whole.len() {
            let header = jpeg.header(at);
            let end = whole.len().min(at + PAYLOAD_MAX - header.len());
            self.packet(rtp, end == whole.len(), &[&header, &whole[at..end]], out);
            at = end;
        }
    }

    /// Appends one fragment of an access unit that never ends.
    pub(crate) fn endless(&mut self, codec: &Codec, rtp: u32, start: bool, out: &mut Vec<u8>) {
        let first: &[u8] = match codec {
            Codec::H265 { .. } => &[1 << 1, 1],
            _ => &[0x61],
        };
        let (mut header, _) = fragment_header(codec, first);
        if let (true, Some(last)) = (start, header.last_mut()) {
            *last |= 0x80;
        }
        self.packet(rtp, false, &[&header, &[0x5a; PAYLOAD_MAX - 3]], out);
    }

    /// Appends one frame of audio.
    pub(crate) fn audio(&mut self, codec: &Codec, rtp: u32, frame: &[u8], out: &mut Vec<u8>) {
        if let Codec::Aac { .. } = codec {
            // RFC 3640 section 3.3.6, AAC-hbr: one access unit with its header.
            let size = frame.len();
            let header = [0, 16, (size >> 5) as u8, (size << 3) as u8];
            self.packet(rtp, true, &[&header, frame], out);
        } else {
            self.packet(rtp, false, &[frame], out);
        }
    }

    /// Appends a packet of a codec that nobody knows.
    pub(crate) fn unknown(&mut self, rtp: u32, out: &mut Vec<u8>) {
        self.packet(rtp, true, &[&[0xfc, 1, 2, 3, 4, 5, 6, 7]], out);
    }

    /// Appends a sender report (RFC 3550 section 6.4.1) that says that it is `rtp` now.
    pub(crate) fn report(&self, rtp: u32, out: &mut Vec<u8>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
        let ntp = ((now.as_secs() + NTP_EPOCH) << 32) | fraction;
        out.extend_from_slice(&[b'$', self.channel + 1, 0, 28, 0x80, 200, 0, 6]);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&ntp.to_be_bytes());
        for value in [rtp, self.packets, self.octets] {
            out.extend_from_slice(&value.to_be_bytes());
        }
    }

    /// Appends a packet that says that no more will come (RFC 3550 section 6.6).
    pub(crate) fn goodbye(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[b'$', self.channel + 1, 0, 8, 0x81, 203, 0, 1]);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// What stands before each fragment of a NAL unit, and what is left of the unit to be cut up.
fn fragment_header<'a>(codec: &Codec, unit: &'a [u8]) -> (Vec<u8>, &'a [u8]) {
    match codec {
        Codec::H265 { .. } => {
            let kind = (unit[0] >> 1) & 0x3f;
            (vec![(unit[0] & 0x81) | (49 << 1), unit[1], kind], &unit[2..])
        }
        _ => (vec![(unit[0] & 0xe0) | 28, unit[0] & 0x1f], &unit[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_unit_is_cut_into_fragments_that_make_it_whole_again() {
        let unit: Vec<u8> = std::iter::once(0x65).chain((0..5000).map(|i| i as u8)).collect();
        let (mut sender, mut out) = (Sender::new(0, 96, 7, None), Vec::new());
        sender.unit(&Codec::H264 { sets: Vec::new() }, 1, true, &unit, &mut out);
        let (mut rest, mut whole, mut marks) = (&out[..], Vec::new(), Vec::new());
        while let Some(header) = rest.first_chunk::<4>() {
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let packet = &rest[4..4 + length];
            marks.push(packet[1] & 0x80 != 0);
            if packet[13] & 0x80 != 0 {
                whole.push((packet[12] & 0xe0) | (packet[13] & 0x1f));
            }
            whole.extend_from_slice(&packet[14..]);
            rest = &rest[4 + length..];
        }
        assert_eq!(whole, unit);
        assert_eq!(marks, [false, false, false, true]);
    }
}
