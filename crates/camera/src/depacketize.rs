//! From RTP packets to access units and audio frames: one track each. Pure, and takes anything.
//!
//! Payloads are copied once, from the buffer that the socket was read into to the place where the
//! frame stays until it is durable.

mod aac;
mod jpeg;
mod video;

use bytes::Bytes;

use crate::rtp::Packet;

pub(crate) use aac::{Aac, AacFormat};
pub(crate) use jpeg::{Jpeg, NO_SIZE};
pub(crate) use video::Video;

/// What comes out of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Out<'a> {
    /// A parameter set NAL unit. It belongs to the access unit that comes out next.
    ParameterSet(&'a [u8]),
    /// An access unit, its NAL units after their lengths in 4 bytes, without parameter sets; a JPEG
    /// picture from SOI to EOI; or a frame of audio.
    Frame {
        /// On the RTP clock.
        timestamp: u32,
        data: Bytes,
        /// Audio: how long it lasts on the RTP clock. 0 for video.
        ticks: u32,
    },
}

/// Why a packet, and the frame that it belongs to, cannot be read.
pub(crate) type Unreadable = &'static str;

/// Puts the frames of one track together.
#[derive(Debug)]
pub(crate) enum Depacketizer {
    Video(Video),
    Jpeg(Jpeg),
    Aac(Aac),
    /// G.711 (RFC 3551 section 4.5.14): a byte a sample and channel, any number in a packet.
    G711 {
        channels: u16,
    },
}

impl Depacketizer {
    /// Takes the next packet; `whole` says that none is missing before it. What is unreadable costs
    /// its own frame only.
    pub(crate) fn push(
        &mut self,
        packet: &Packet<'_>,
        whole: bool,
        give: &mut dyn FnMut(Out<'_>),
    ) -> Result<(), Unreadable> {
        match self {
            Self::Video(video) => video.push(packet, whole, give),
            Self::Jpeg(jpeg) => jpeg.push(packet, whole, give),
            Self::Aac(aac) => aac.push(packet, whole, give),
            // Nothing is no frame.
            Self::G711 { .. } if packet.payload.is_empty() => Ok(()),
            Self::G711 { channels } => {
                let samples = packet.payload.len() / usize::from((*channels).max(1));
                give(Out::Frame {
                    timestamp: packet.timestamp,
                    data: Bytes::copy_from_slice(packet.payload),
                    ticks: u32::try_from(samples).unwrap_or(u32::MAX),
                });
                Ok(())
            }
        }
    }

    /// Bytes of what has begun and is not complete.
    pub(crate) fn waiting(&self) -> usize {
        match self {
            Self::Video(video) => video.waiting(),
            Self::Jpeg(jpeg) => jpeg.waiting(),
            Self::Aac(aac) => aac.waiting(),
            Self::G711 { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_of_g711_is_a_frame_and_an_empty_one_is_none() {
        let mut g711 = Depacketizer::G711 { channels: 2 };
        for (payload, expected) in [(&[1, 2, 3, 4][..], vec![(7, 4, 2)]), (&[], vec![])] {
            let (marker, payload_type, sequence, timestamp, source) = (false, 8, 0, 7, 0);
            let packet = Packet { marker, payload_type, sequence, timestamp, source, payload };
            let mut frames = Vec::new();
            let pushed = g711.push(&packet, true, &mut |out| {
                if let Out::Frame { timestamp, data, ticks } = out {
                    frames.push((timestamp, data.len(), ticks));
                }
            });
            assert_eq!((pushed, frames), (Ok(()), expected));
        }
    }
}
