//! AAC (RFC 3640): frames from packets that hold several, or a part of one.

use bytes::{Bytes, BytesMut};

use super::{Out, Unreadable};
use crate::rtp::Packet;
use crate::sdp;

/// No frame of AAC is longer: 6144 bits a channel (ISO/IEC 14496-3), and 48 of those.
const FRAME_BYTES_MAX: usize = 48 * 768;

/// How the headers of frames are laid out in a packet (RFC 3640 section 4.1), in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AacFormat {
    size: u32,
    index: u32,
    index_delta: u32,
}

impl AacFormat {
    /// From the format parameters of the description; says what is not supported.
    pub(crate) fn of(fmtp: &str) -> Result<Self, String> {
        let bits = |name| {
            let value = sdp::parameter(fmtp, name).map_or(Ok(0), str::parse::<u32>);
            value.ok().filter(|bits| *bits <= 16).ok_or_else(|| format!("{name} is no number"))
        };
        let format = Self {
            size: bits("sizelength")?,
            index: bits("indexlength")?,
            index_delta: bits("indexdeltalength")?,
        };
        let mode = sdp::parameter(fmtp, "mode").unwrap_or("AAC-hbr");
        match (format.size, mode.to_ascii_lowercase().as_str()) {
            // Cameras that leave the sizes out mean those of the mode (sections 3.3.5 and 3.3.6).
            (0, "aac-lbr") => Ok(Self { size: 6, index: 2, index_delta: 2 }),
            (0, "aac-hbr") => Ok(Self { size: 13, index: 3, index_delta: 3 }),
            (0, other) => Err(format!("its packets are in the mode {other}")),
            _ => Ok(format),
        }
    }
}

/// Puts the frames of an AAC track together.
#[derive(Debug)]
pub(crate) struct Aac {
    format: AacFormat,
    /// Of one frame, on the RTP clock.
    ticks: u32,
    /// A frame that comes in parts: its timestamp, its length, what there is of it.
    parts: Option<(u32, usize, BytesMut)>,
}

impl Aac {
    pub(crate) const fn new(format: AacFormat, ticks: u32) -> Self {
        Self { format, ticks, parts: None }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.parts.as_ref().map_or(0, |(_, _, data)| data.len())
    }

    pub(crate) fn push(
        &mut self,
        packet: &Packet<'_>,
        whole: bool,
        give: &mut dyn FnMut(Out<'_>),
    ) -> Result<(), Unreadable> {
        if packet.payload.is_empty() {
            self.parts.take_if(|_| !whole);
            return Ok(());
        }
        let mut parts = self.parts.take().filter(|(at, ..)| whole && *at == packet.timestamp);
        let (sizes, mut data) = self.headers(packet.payload)?;
        let ticks = self.ticks;
        if let [size] = sizes[..]
            && (parts.is_some() || size > data.len())
        {
            if size > FRAME_BYTES_MAX {
                return Err("a frame of sound is longer than any can be");
            }
            let (timestamp, size, mut all) =
                parts.take().unwrap_or_else(|| (packet.timestamp, size, BytesMut::new()));
            all.extend_from_slice(data);
            if all.len() > size {
                return Err("the parts of a frame of sound are longer than the frame");
            }
            if all.len() == size {
                give(Out::Frame { timestamp, data: all.freeze(), ticks });
            } else if !packet.marker {
                self.parts = Some((timestamp, size, all));
            } else {
                // Without its beginning, which was counted as lost.
                return if whole { Err("a frame of sound is cut short") } else { Ok(()) };
            }
            return Ok(());
        }
        let mut timestamp = packet.timestamp;
        for size in sizes {
            let (frame, rest) =
                data.split_at_checked(size).ok_or("a frame of sound is cut short")?;
            // Nothing is no frame, though its time passes.
            if !frame.is_empty() {
                give(Out::Frame { timestamp, data: Bytes::copy_from_slice(frame), ticks });
            }
            (timestamp, data) = (timestamp.wrapping_add(ticks), rest);
        }
        Ok(())
    }

    /// The sizes of the frames in a payload, and what stands behind the headers.
    fn headers<'a>(&self, payload: &'a [u8]) -> Result<(Vec<usize>, &'a [u8]), Unreadable> {
        const SHORT: Unreadable = "the headers of a packet of sound are cut short";
        let (bits, rest) = payload.split_first_chunk().ok_or(SHORT)?;
        let bits = u32::from(u16::from_be_bytes(*bits));
        let (headers, data) = rest.split_at_checked(bits.div_ceil(8) as usize).ok_or(SHORT)?;
        let AacFormat { size, index, index_delta } = self.format;
        let (mut sizes, mut at) = (Vec::new(), 0);
        while at + size + index_delta.min(index) <= bits {
            sizes.push(field(headers, at, size));
            let behind = if sizes.len() == 1 { index } else { index_delta };
            if field(headers, at + size, behind) != 0 {
                return Err("frames of sound are interleaved");
            }
            at += size + behind;
        }
        if sizes.is_empty() {
            return Err("a packet of sound holds no frame");
        }
        Ok((sizes, data))
    }
}

/// `len` bits of `bytes` from bit `at` on; bits past the end are 0.
fn field(bytes: &[u8], at: u32, len: u32) -> usize {
    (at..at + len).fold(0, |value, bit| {
        let byte = bytes.get(bit as usize / 8).copied().unwrap_or(0);
        value << 1 | usize::from(byte >> (7 - bit % 8) & 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packet(timestamp: u32, marker: bool, payload: &[u8]) -> Packet<'_> {
        Packet { marker, payload_type: 96, sequence: 0, timestamp, source: 0, payload }
    }

    fn aac() -> Aac {
        let format = AacFormat::of("mode=AAC-hbr;sizeLength=13;indexLength=3;indexDeltaLength=3");
        Aac::new(format.expect("is supported"), 1024)
    }

    fn frames(aac: &mut Aac, packets: &[Packet<'_>]) -> Vec<(u32, Vec<u8>)> {
        let mut all = Vec::new();
        for packet in packets {
            let pushed = aac.push(packet, true, &mut |out| match out {
                Out::Frame { timestamp, data, ticks: 1024 } => all.push((timestamp, data.to_vec())),
                other => panic!("{other:?}"),
            });
            pushed.expect("is readable");
        }
        all
    }

    #[test]
    fn several_frames_of_one_packet_follow_one_another() {
        let payload = [0, 32, 0, 2 << 3, 0, 3 << 3, 1, 2, 3, 4, 5];
        let found = frames(&mut aac(), &[packet(u32::MAX, true, &payload)]);
        assert_eq!(found, [(u32::MAX, vec![1, 2]), (1023, vec![3, 4, 5])]);
    }

    #[test]
    fn a_frame_of_nothing_is_none() {
        let payload = [0, 48, 0, 2 << 3, 0, 0, 0, 3 << 3, 1, 2, 3, 4, 5];
        let found = frames(&mut aac(), &[packet(0, true, &payload)]);
        assert_eq!(found, [(0, vec![1, 2]), (2048, vec![3, 4, 5])]);
        assert_eq!(frames(&mut aac(), &[packet(0, true, &[0, 16, 0, 0])]), []);
    }

    #[test]
    fn a_frame_in_parts_is_put_together() {
        let (first, second) = ([0, 16, 0, 5 << 3, 1, 2, 3], [0, 16, 0, 5 << 3, 4, 5]);
        let packets = [packet(7, false, &first), packet(7, true, &second)];
        assert_eq!(frames(&mut aac(), &packets), [(7, vec![1, 2, 3, 4, 5])]);
    }

    #[test]
    fn a_part_that_is_lost_costs_its_frame_only() {
        let (first, second) = ([0, 16, 0, 5 << 3, 1, 2, 3], [0, 16, 0, 5 << 3, 4, 5]);
        let mut aac = aac();
        let none = &mut |out: Out<'_>| panic!("{out:?}");
        assert_eq!(aac.push(&packet(7, false, &first), true, none), Ok(()));
        assert_eq!(aac.push(&packet(9, true, &second), false, none), Ok(()));
        assert_eq!(aac.push(&packet(9, false, &first), true, none), Ok(()));
        assert_eq!(aac.push(&packet(9, false, &[]), false, none), Ok(()));
        assert_eq!(aac.waiting(), 0);
        let whole = [0, 16, 0, 1 << 3, 6];
        assert_eq!(frames(&mut aac, &[packet(11, true, &whole)]), [(11, vec![6])]);
    }

    #[test]
    fn sizes_that_are_left_out_are_those_of_the_mode() {
        let format = AacFormat { size: 6, index: 2, index_delta: 2 };
        assert_eq!(AacFormat::of("mode=AAC-lbr"), Ok(format));
        assert!(AacFormat::of("mode=CELP-cbr").is_err());
        assert!(AacFormat::of("mode=AAC-hbr;SizeLength=many").is_err());
    }

    proptest! {
        #[test]
        fn any_packets_are_read_without_panic(
            packets in prop::collection::vec(
                (any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..6,
            ),
        ) {
            let mut aac = aac();
            for (marker, whole, payload) in &packets {
                let _ = aac.push(&packet(0, *marker, payload), *whole, &mut |_| {});
                prop_assert!(aac.waiting() <= FRAME_BYTES_MAX + 40);
            }
        }
    }
}
