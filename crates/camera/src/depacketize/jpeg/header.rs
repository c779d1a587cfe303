//! The header of an RTP payload of JPEG (RFC 2435 section 3.1), and the header of a picture that
//! follows from it (ITU-T T.81 annex B).

use bytes::{BufMut, BytesMut};

use super::tables::{HUFFMAN, Quantization};
use crate::depacketize::Unreadable;

/// Types from here on have restart markers.
const RESTARTS: u8 = 64;
/// And from here on they are agreed upon elsewhere.
const DYNAMIC: u8 = 128;

/// What stands before the data of each packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Where in the scan the data begins, in bytes.
    pub(super) offset: usize,
    /// Lines of a chroma sample: 1 (4:2:2) or 2 (4:2:0).
    chroma_lines: u8,
    /// Which quantization tables: 1 to 99 the standard's, scaled, from 128 on those in the stream.
    pub(super) q: u8,
    /// In pixels; 0 where it is too large to be said here.
    pub(super) size: (u16, u16),
    /// Blocks between two restart markers, 0 for none.
    restart_interval: u16,
}

/// The header of a payload, and what follows it.
pub(super) fn read(payload: &[u8]) -> Result<(Header, &[u8]), Unreadable> {
    const SHORT: &str = "a JPEG packet is shorter than its header";
    let (&[_, a, b, c, kind, q, width, height], rest) =
        payload.split_first_chunk::<8>().ok_or(SHORT)?;
    if kind >= DYNAMIC || kind % RESTARTS > 1 {
        return Err("JPEG packets are of a type that is not standard");
    }
    let (restart_interval, rest) = match kind >= RESTARTS {
        true => {
            let (&[high, low, ..], rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
            (u16::from_be_bytes([high, low]), rest)
        }
        false => (0, rest),
    };
    let header = Header {
        offset: u32::from_be_bytes([0, a, b, c]) as usize,
        chroma_lines: kind % RESTARTS + 1,
        q,
        size: (u16::from(width) * 8, u16::from(height) * 8),
        restart_interval,
    };
    Ok((header, rest))
}

impl Header {
    /// Appends all that stands before the data of the scan.
    pub(super) fn put(
        &self,
        out: &mut BytesMut,
        (width, height): (u16, u16),
        tables: &Quantization,
    ) {
        out.put_slice(&[0xff, 0xd8]);
        tables.put(out);
        // Other tables than of 8 bits are no baseline's (clause B.2.4.1).
        let start = if tables.is_wide() { 0xc1 } else { 0xc0 };
        let chroma_table = tables.chroma();
        put_segment(out, start, |out| {
            out.put_u8(8);
            out.put_u16(height);
            out.put_u16(width);
            // Each component: its id, samples across and down, quantization table.
            out.put_slice(&[3, 1, 0x20 | self.chroma_lines, 0]);
            out.put_slice(&[2, 0x11, chroma_table, 3, 0x11, chroma_table]);
        });
        for (place, lengths, symbols) in HUFFMAN {
            put_segment(out, 0xc4, |out| {
                out.put_u8(place);
                out.put_slice(&lengths);
                out.put_slice(symbols);
            });
        }
        if self.restart_interval > 0 {
            put_segment(out, 0xdd, |out| out.put_u16(self.restart_interval));
        }
        // All coefficients of three components, each with its Huffman tables.
        put_segment(out, 0xda, |out| out.put_slice(&[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]));
    }
}

/// Appends a marker segment (clause B.1.1.4): its length counts itself.
pub(super) fn put_segment(out: &mut BytesMut, marker: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_slice(&[0xff, marker, 0, 0]);
    let at = out.len();
    body(out);
    // Bounded by what tables there are.
    let len = (out.len() - at + 2) as u16;
    out[at - 2..at].copy_from_slice(&len.to_be_bytes());
}
