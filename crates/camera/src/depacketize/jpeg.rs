//! JPEG (RFC 2435): pictures from their fragments, with the header made anew that cameras leave
//! out.
//!
//! A picture ends with the marker bit, or where another timestamp follows and nothing is missing.

mod header;
mod tables;

use bytes::{BufMut, Bytes, BytesMut};

use super::{Out, Unreadable};
use crate::rtp::Packet;
use header::Header;
use tables::Quantization;

/// Why pictures cannot be read whose size nobody says (RFC 2435 section 3.1.5).
pub(crate) const NO_SIZE: Unreadable = "the camera does not say how large its JPEG pictures are, \
    as they are over 2040 pixels: set them smaller, or to H.264";
/// Room for what stands before and behind the data of a scan.
const AROUND: usize = 1 << 10;
/// End of image (ITU-T T.81 table B.1).
const EOI: [u8; 2] = [0xff, 0xd9];

/// Puts the pictures of a video track together.
#[derive(Debug)]
pub(crate) struct Jpeg {
    /// What the description says of the size, for pictures that are too large for the header of a
    /// payload.
    described: Option<(u16, u16)>,
    /// Tables that came in the stream, by their Q: later pictures name them only. As many as there
    /// are values of Q.
    known: Vec<(u8, Quantization)>,
    /// Which source they are of (SSRC).
    source: Option<u32>,
    /// Whether something is missing before the packet that comes next.
    lost: bool,
    /// The picture under way.
    buffer: BytesMut,
    state: State,
    /// What the last picture took: the next may take as much.
    last_len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No picture is under way.
    Between,
    /// A picture is, of which `next` bytes of the scan are there.
    Open { timestamp: u32, next: usize },
    /// The rest of the picture with this timestamp is of no use.
    Skipping(u32),
}

impl Jpeg {
    /// `described` is the size in pixels that the description gives, if any.
    pub(crate) fn new(described: Option<(u16, u16)>) -> Self {
        let (known, buffer, state) = (Vec::new(), BytesMut::new(), State::Between);
        Self { described, known, source: None, lost: false, buffer, state, last_len: 0 }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    pub(crate) fn push(
        &mut self,
        packet: &Packet<'_>,
        whole: bool,
        give: &mut dyn FnMut(Out<'_>),
    ) -> Result<(), Unreadable> {
        // Another source may mean other tables by the same number.
        if self.source.replace(packet.source) != Some(packet.source) {
            self.known.clear();
        }
        let whole = whole && !self.lost;
        // An empty packet belongs to no picture; what is missing before it may be of the next.
        self.lost = !whole && packet.payload.is_empty();
        if packet.payload.is_empty() {
            return Ok(());
        }
        self.begin(packet.timestamp, whole, give);
        let is_skipped = self.state == State::Skipping(packet.timestamp);
        let taken = if is_skipped { Ok(()) } else { self.take(packet) };
        if taken.is_err() {
            self.drop_picture(packet.timestamp);
        }
        if packet.marker {
            self.finish(give);
        }
        // What is missing was counted; that it shows in the next packet says nothing new.
        taken.or_else(|why| if whole { Err(why) } else { Ok(()) })
    }

    /// Ends the picture that a packet does not belong to, and drops one of which something is
    /// missing.
    fn begin(&mut self, at: u32, whole: bool, give: &mut dyn FnMut(Out<'_>)) {
        match self.state {
            State::Open { timestamp, .. } if !whole => {
                self.drop_picture(timestamp);
                if timestamp != at {
                    self.state = State::Between;
                }
            }
            State::Open { timestamp, .. } if timestamp != at => self.finish(give),
            State::Skipping(timestamp) if timestamp != at => self.state = State::Between,
            _ => {}
        }
    }

    /// Copies the fragment of a payload behind those that came before.
    fn take(&mut self, packet: &Packet<'_>) -> Result<(), Unreadable> {
        let (header, rest) = header::read(packet.payload)?;
        let (next, data) = match self.state {
            State::Open { next, .. } => (next, rest),
            _ if header.offset == 0 => (0, self.open(&header, rest)?),
            _ => return Err("a JPEG picture has no beginning"),
        };
        if header.offset != next {
            return Err("a fragment of a JPEG picture is not where it belongs");
        }
        self.buffer.extend_from_slice(data);
        self.state = State::Open { timestamp: packet.timestamp, next: next + data.len() };
        Ok(())
    }

    /// Writes what a decoder must know before the scan; gives back what of the first payload
    /// belongs to that.
    fn open<'a>(&mut self, header: &Header, rest: &'a [u8]) -> Result<&'a [u8], Unreadable> {
        let (tables, data) = self.quantization(header.q, rest)?;
        let (width, height) = match (header.size, self.described) {
            (size @ (1.., 1..), _) | (_, Some(size)) => size,
            _ => return Err(NO_SIZE),
        };
        self.buffer.reserve(self.last_len.max(data.len()) + AROUND);
        header.put(&mut self.buffer, (width, height), &tables);
        Ok(data)
    }

    /// The quantization tables of a picture (RFC 2435 section 3.1.8), and what follows them in its
    /// first payload.
    fn quantization<'a>(
        &mut self,
        q: u8,
        rest: &'a [u8],
    ) -> Result<(Quantization, &'a [u8]), Unreadable> {
        if q < 128 {
            let tables =
                Quantization::standard(q).ok_or("a JPEG picture has a reserved quality")?;
            return Ok((tables, rest));
        }
        let (tables, rest) = Quantization::read(rest)?;
        let place = self.known.iter().position(|(of, _)| *of == q);
        let tables = match (tables, place) {
            (Some(tables), place) => {
                // Those of 255 are of one picture only.
                match place {
                    _ if q == 255 => {}
                    Some(place) => self.known[place].1 = tables.clone(),
                    None => self.known.push((q, tables.clone())),
                }
                tables
            }
            (None, Some(place)) => self.known[place].1.clone(),
            (None, None) => return Err("a JPEG picture names quantization tables that never came"),
        };
        Ok((tables, rest))
    }

    /// Hands over the picture under way, if any: what comes next begins another.
    fn finish(&mut self, give: &mut dyn FnMut(Out<'_>)) {
        if let State::Open { timestamp, .. } = self.state {
            if !self.buffer.ends_with(&EOI) {
                self.buffer.put_slice(&EOI);
            }
            self.last_len = self.buffer.len();
            // Room that was doubled is as much again, and kept as long as the picture.
            let (len, room) = (self.buffer.len(), self.buffer.capacity() - self.buffer.len());
            let data = match room > len / 4 + AROUND {
                true => Bytes::copy_from_slice(&self.buffer),
                false => self.buffer.split().freeze(),
            };
            self.buffer.clear();
            give(Out::Frame { timestamp, data, ticks: 0 });
        }
        self.state = State::Between;
    }

    fn drop_picture(&mut self, timestamp: u32) {
        self.buffer.clear();
        self.state = State::Skipping(timestamp);
    }
}

#[cfg(test)]
mod tests;
