//! RTP packets (RFC 3550 section 5.1) and what is missing between them. Pure, and takes anything.

pub(crate) mod report;
pub(crate) mod source;

/// So many packets back in the order is a repetition; further back, the camera began anew.
const REPEATED_MAX: u16 = 16;

/// One packet, as it stands in the buffer that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    /// The marker bit: for video, the last packet of an access unit.
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    /// On the RTP clock of its track.
    pub(crate) timestamp: u32,
    /// The source that the camera drew for this stream.
    pub(crate) source: u32,
    pub(crate) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads the header; says what is wrong with it otherwise.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, &'static str> {
        const SHORT: &str = "an RTP packet is shorter than its header says";
        let (head, mut rest) = bytes.split_first_chunk::<12>().ok_or(SHORT)?;
        if head[0] >> 6 != 2 {
            return Err("an RTP packet is not of version 2");
        }
        rest = rest.get(usize::from(head[0] & 0x0f) * 4..).ok_or(SHORT)?;
        if head[0] & 0x10 != 0 {
            let (extension, after) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
            let words = u16::from_be_bytes([extension[2], extension[3]]);
            rest = after.get(usize::from(words) * 4..).ok_or(SHORT)?;
        }
        if head[0] & 0x20 != 0 {
            let padding = usize::from(*rest.last().ok_or(SHORT)?);
            let len = rest.len().checked_sub(padding).filter(|_| padding > 0).ok_or(SHORT)?;
            rest = &rest[..len];
        }
        Ok(Self {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            source: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload: rest,
        })
    }
}

/// The numbers of one track's packets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sequence {
    source: u32,
    /// The number of the last packet, with the times it wrapped in the upper bits (RFC 3550
    /// section 6.4.1, extended highest sequence number).
    highest: Option<u32>,
    lost: u32,
}

/// How a packet follows those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing is missing before it.
    Next,
    /// So many are missing before it.
    After(u16),
    /// It came before, or too late.
    Repeated,
    /// It is the first, or has nothing to do with those before it: the camera's stream began anew.
    Anew,
}

impl Sequence {
    /// Takes the number of the next packet.
    pub(crate) fn push(&mut self, packet: &Packet<'_>) -> Order {
        let anew = Self { source: packet.source, highest: Some(packet.sequence.into()), lost: 0 };
        let Some(highest) = self.highest.filter(|_| self.source == packet.source) else {
            *self = anew;
            return Order::Anew;
        };
        let ahead = packet.sequence.wrapping_sub(highest as u16);
        match ahead {
            1..0x8000 => {
                self.highest = Some(highest.wrapping_add(ahead.into()));
                self.lost = self.lost.saturating_add(u32::from(ahead) - 1);
                if ahead == 1 { Order::Next } else { Order::After(ahead - 1) }
            }
            0 => Order::Repeated,
            back if back.wrapping_neg() <= REPEATED_MAX => Order::Repeated,
            _ => {
                *self = anew;
                Order::Anew
            }
        }
    }

    /// The source whose packets these are, once there is one.
    pub(crate) fn source(&self) -> Option<u32> {
        self.highest.map(|_| self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(source: u32, sequence: u16) -> Packet<'static> {
        Packet { marker: false, payload_type: 96, sequence, timestamp: 0, source, payload: &[] }
    }

    #[test]
    fn header_extension_and_padding_are_taken_off() {
        let mut bytes = vec![0xb1, 0xe0, 0x12, 0x34, 0, 0, 0, 7, 0, 0, 0, 9];
        bytes.extend([1, 2, 3, 4]);
        bytes.extend([0xbe, 0xde, 0, 1, 5, 5, 5, 5]);
        bytes.extend([0x65, 0x88, 0, 2]);
        let read = Packet::read(&bytes).expect("is a packet");
        let (marker, payload_type, sequence) = (true, 96, 0x1234);
        let (timestamp, source, payload) = (7, 9, &[0x65, 0x88][..]);
        let expected = Packet { marker, payload_type, sequence, timestamp, source, payload };
        assert_eq!(read, expected);
        for len in 0..bytes.len() - 4 {
            assert!(Packet::read(&bytes[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn what_is_missing_is_counted_through_the_wrap() {
        let mut sequence = Sequence::default();
        let mut push = |source, number| sequence.push(&packet(source, number));
        assert_eq!(push(1, 65_534), Order::Anew);
        assert_eq!(push(1, 65_535), Order::Next);
        assert_eq!(push(1, 65_535), Order::Repeated);
        assert_eq!(push(1, 2), Order::After(2));
        assert_eq!(push(1, 65_530), Order::Repeated);
        assert_eq!(push(1, 40_000), Order::Anew);
        assert_eq!(push(1, 40_001), Order::Next);
        assert_eq!(push(2, 40_002), Order::Anew);
        assert_eq!(push(2, 40_003), Order::Next);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Packet::read(&bytes);
        }
    }
}
