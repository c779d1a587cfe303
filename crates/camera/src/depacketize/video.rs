//! H.264 (RFC 6184) and H.265 (RFC 7798): access units from single NAL units, aggregations and
//! fragments.
//!
//! Cameras end access units by the marker bit, by a new timestamp, or both, and some mark every
//! slice or their parameter sets. An access unit ends here when it has a slice and either comes; a
//! mark is believed until a slice follows it that continues the same picture.

mod payload;

use bytes::BytesMut;
use media::nal::{self, Kind};
use media::{VideoCodec, byte_stream};

use super::{Out, Unreadable};
use crate::rtp::Packet;
use payload::Payload;

/// Access units are put together in pieces of memory of this size, one behind another.
const PIECE: usize = 64 << 10;
const LENGTH: usize = 4;

/// Puts the access units of a video track together.
#[derive(Debug)]
pub(crate) struct Video {
    codec: VideoCodec,
    /// The access unit under way.
    buffer: BytesMut,
    state: State,
    /// What the last access unit took: the next may take as much.
    last_len: usize,
    /// The camera marks what is not the end of an access unit.
    marks_lie: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No access unit is under way; the timestamp of the last one, where it ended with a mark.
    Between(Option<u32>),
    /// An access unit is under way.
    Open(Open),
    /// The rest of the access unit with this timestamp is of no use.
    Skipping(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    timestamp: u32,
    has_picture: bool,
    /// Where in the buffer a NAL unit stands that comes in fragments.
    fragment: Option<usize>,
    /// The access unit before it ended with a mark and had the same timestamp.
    after_mark: bool,
}

impl Open {
    const fn new(timestamp: u32, after_mark: bool) -> Self {
        Self { timestamp, has_picture: false, fragment: None, after_mark }
    }
}

impl Video {
    pub(crate) fn new(codec: VideoCodec) -> Self {
        let (buffer, state) = (BytesMut::new(), State::Between(None));
        Self { codec, buffer, state, last_len: 0, marks_lie: false }
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
        let is_empty = packet.payload.is_empty();
        if is_empty && whole {
            return Ok(());
        }
        let begun = self.begin(packet, whole, give);
        if self.state == State::Skipping(packet.timestamp) {
            if packet.marker && !self.marks_lie {
                self.state = State::Between(None);
            }
            return begun;
        }
        if is_empty {
            return begun;
        }
        let taken = self.take(packet, whole, give);
        if let Err(why) = taken {
            self.skip(packet.timestamp, packet.marker);
            // What is missing was counted; that it shows in the next packet says nothing new.
            return if whole { Err(why) } else { begun };
        }
        if packet.marker {
            self.marked(give);
        }
        begun
    }

    /// Finds the access unit that `packet` belongs to, and ends the one before it.
    fn begin(
        &mut self,
        packet: &Packet<'_>,
        whole: bool,
        give: &mut dyn FnMut(Out<'_>),
    ) -> Result<(), Unreadable> {
        let new = |after_mark| State::Open(Open::new(packet.timestamp, after_mark));
        match &mut self.state {
            State::Between(last) => self.state = new(whole && *last == Some(packet.timestamp)),
            State::Skipping(timestamp) if *timestamp == packet.timestamp => {}
            State::Skipping(_) => self.state = new(false),
            State::Open(open) if !whole => {
                // Its end may be missing, or something in it is.
                let same = open.timestamp == packet.timestamp;
                self.buffer.clear();
                self.state = if same { State::Skipping(packet.timestamp) } else { new(false) };
            }
            State::Open(open) if open.timestamp == packet.timestamp => {}
            State::Open(open) if open.fragment.is_some() => {
                self.buffer.clear();
                self.state = new(false);
                return Err("the timestamp changes in the middle of a NAL unit");
            }
            State::Open(open) if open.has_picture => {
                self.finish(give);
                self.state = new(false);
            }
            // What came so far belongs to the picture that follows.
            State::Open(open) => open.timestamp = packet.timestamp,
        }
        Ok(())
    }

    /// Copies the NAL units of a payload behind those that came before.
    fn take(
        &mut self,
        packet: &Packet<'_>,
        whole: bool,
        give: &mut dyn FnMut(Out<'_>),
    ) -> Result<(), Unreadable> {
        self.reserve(packet.payload.len() + LENGTH);
        match payload::read(self.codec, packet.payload)? {
            Payload::Unit(unit) => {
                self.no_fragment()?;
                self.unit(unit, give);
            }
            Payload::Units(units) => {
                self.no_fragment()?;
                for unit in units {
                    self.unit(unit?, give);
                }
            }
            Payload::Fragment { header, start, end, piece } => {
                let State::Open(open) = &mut self.state else { return Ok(()) };
                let at = match (start, open.fragment.take()) {
                    (true, Some(_)) => return Err("a NAL unit begins inside another one"),
                    (true, None) => {
                        let at = self.buffer.len();
                        self.buffer.extend_from_slice(&[0; LENGTH]);
                        self.buffer.extend_from_slice(header.as_slice());
                        at
                    }
                    (false, Some(at)) => at,
                    (false, None) if whole => return Err("a NAL unit has no beginning"),
                    (false, None) => return Err("the beginning of a NAL unit is missing"),
                };
                self.buffer.extend_from_slice(piece);
                // Some cameras forget to say that a fragment is the last one.
                if end || packet.marker {
                    self.unit_ends(at, give);
                } else if let State::Open(open) = &mut self.state {
                    open.fragment = Some(at);
                }
            }
        }
        Ok(())
    }

    fn no_fragment(&self) -> Result<(), Unreadable> {
        match self.state {
            State::Open(Open { fragment: Some(_), .. }) => Err("a NAL unit has no end"),
            _ => Ok(()),
        }
    }

    /// Takes a NAL unit that stands whole in a packet.
    fn unit(&mut self, unit: &[u8], give: &mut dyn FnMut(Out<'_>)) {
        let at = self.buffer.len();
        self.buffer.extend_from_slice(&[0; LENGTH]);
        self.buffer.extend_from_slice(unit);
        self.unit_ends(at, give);
    }

    /// What stands behind `at` is a NAL unit, after room for its length; or several, from cameras
    /// that send the byte stream format (ITU-T H.264 annex B) where one belongs.
    fn unit_ends(&mut self, at: usize, give: &mut dyn FnMut(Out<'_>)) {
        if byte_stream::split(&self.buffer[at + LENGTH..]).is_none() {
            // Whatever zeros stand at its end are the camera's: signatures may cover them.
            return self.whole_unit(at, give);
        }
        let stream = self.buffer[at + LENGTH..].to_vec();
        self.buffer.truncate(at);
        for unit in byte_stream::split(&stream).into_iter().flatten() {
            self.reserve(unit.len() + LENGTH);
            let at = self.buffer.len();
            self.buffer.extend_from_slice(&[0; LENGTH]);
            self.buffer.extend_from_slice(unit);
            self.whole_unit(at, give);
        }
    }

    /// Writes the length of the NAL unit behind `at`, or hands a parameter set over, out of the
    /// access unit.
    fn whole_unit(&mut self, at: usize, give: &mut dyn FnMut(Out<'_>)) {
        let unit = &self.buffer[at + LENGTH..];
        let Ok(len) = u32::try_from(unit.len()) else { return };
        let kind = nal::kind(self.codec, unit);
        match kind {
            _ if len == 0 => self.buffer.truncate(at),
            Kind::Vps | Kind::Sps | Kind::Pps => {
                give(Out::ParameterSet(unit));
                self.buffer.truncate(at);
            }
            Kind::Slice(_) => {
                let first = nal::begins_picture(self.codec, unit);
                self.buffer[at..at + LENGTH].copy_from_slice(&len.to_be_bytes());
                self.slice(at, first, give);
            }
            Kind::Supplement | Kind::Other => {
                self.buffer[at..at + LENGTH].copy_from_slice(&len.to_be_bytes());
            }
        }
    }

    /// A slice stands behind `at`; `first` says that a picture begins with it.
    fn slice(&mut self, at: usize, first: bool, give: &mut dyn FnMut(Out<'_>)) {
        let State::Open(open) = self.state else { return };
        if !open.has_picture && open.after_mark && !first {
            // The mark before it stood in the middle of this picture.
            self.marks_lie = true;
        }
        if self.marks_lie && open.has_picture && first {
            let next = self.buffer.split_off(at);
            self.finish(give);
            self.buffer = next;
        }
        self.state = State::Open(Open { has_picture: true, ..open });
    }

    fn marked(&mut self, give: &mut dyn FnMut(Out<'_>)) {
        if let State::Open(open) = self.state
            && open.has_picture
            && !self.marks_lie
        {
            self.finish(give);
            self.state = State::Between(Some(open.timestamp));
        }
    }

    /// Hands over the access unit under way.
    fn finish(&mut self, give: &mut dyn FnMut(Out<'_>)) {
        let State::Open(open) = self.state else { return };
        self.last_len = self.buffer.len();
        let data = self.buffer.split().freeze();
        give(Out::Frame { timestamp: open.timestamp, data, ticks: 0 });
    }

    fn skip(&mut self, timestamp: u32, marked: bool) {
        self.buffer.clear();
        let ended = marked && !self.marks_lie;
        self.state = if ended { State::Between(None) } else { State::Skipping(timestamp) };
    }

    /// Makes room for `more` bytes. An access unit that does not fit into what is left of its piece
    /// of memory begins a new one, so that it is seldom moved.
    fn reserve(&mut self, more: usize) {
        let (len, room) = (self.buffer.len(), self.buffer.capacity() - self.buffer.len());
        let likely = if len == 0 { more.max(self.last_len.min(PIECE)) } else { more };
        if room >= likely {
            return;
        }
        let mut piece = BytesMut::with_capacity(PIECE.max((len + more) * 2));
        piece.extend_from_slice(&self.buffer);
        self.buffer = piece;
    }
}

#[cfg(test)]
mod tests;
