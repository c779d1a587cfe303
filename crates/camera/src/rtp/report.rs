//! RTCP (RFC 3550 section 6): what a camera's sender reports say, and the receiver reports that
//! some cameras want to hear. Pure, and takes anything.

use super::Sequence;

const VERSION: u8 = 0x80;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
const CNAME: u8 = 1;

/// Which media time is which time of day, by the camera's clocks (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderReport {
    /// Seconds since 1900 with 32 bits behind the point.
    pub(crate) ntp: u64,
    /// The same instant on the RTP clock.
    pub(crate) rtp: u32,
}

/// Whether this is RTCP, not RTP: no payload type of RTP with a marker reads like these.
pub(crate) fn is_report(bytes: &[u8]) -> bool {
    matches!(bytes, [_, SENDER_REPORT..=204, ..])
}

/// The first sender report of a compound packet.
pub(crate) fn sender_report(compound: &[u8]) -> Option<SenderReport> {
    let report = packets(compound).find(|packet| packet[1] == SENDER_REPORT)?;
    let (ntp, behind) = report.get(8..)?.split_first_chunk::<8>()?;
    let (rtp, _) = behind.split_first_chunk::<4>()?;
    Some(SenderReport { ntp: u64::from_be_bytes(*ntp), rtp: u32::from_be_bytes(*rtp) })
}

/// The sources that a compound packet says are gone (RFC 3550 section 6.6).
pub(crate) fn goodbyes(compound: &[u8]) -> impl Iterator<Item = u32> {
    let byes = packets(compound).filter(|packet| packet[1] == BYE);
    byes.flat_map(|bye| {
        let sources = bye[4..].chunks_exact(4).take(usize::from(bye[0] & 0x1f));
        sources.map(|source| u32::from_be_bytes([source[0], source[1], source[2], source[3]]))
    })
}

/// The packets of a compound, each at least a header of 4 bytes long, up to one that makes no
/// sense.
fn packets(compound: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = compound;
    std::iter::from_fn(move || {
        let (head, _) = rest.split_first_chunk::<4>()?;
        if head[0] & 0xc0 != VERSION {
            return None;
        }
        let len = (usize::from(u16::from_be_bytes([head[2], head[3]])) + 1) * 4;
        let (packet, after) = rest.split_at_checked(len)?;
        rest = after;
        Some(packet)
    })
}

/// A compound packet of `ours`: a receiver report of one track's packets, and a name. Jitter and
/// delays are left at 0: nobody reads them from us, what counts is that somebody listens.
pub(crate) fn receiver_report(ours: u32, of: &Sequence) -> Option<Vec<u8>> {
    let (source, highest) = (of.source()?, of.highest?);
    let mut packet = vec![VERSION | 1, RECEIVER_REPORT, 0, 7];
    packet.extend(ours.to_be_bytes());
    packet.extend(source.to_be_bytes());
    // 8 bits of the fraction lost since the last report, 24 of what was lost in all.
    packet.extend(of.lost.min(0x7f_ffff).to_be_bytes());
    packet.extend(highest.to_be_bytes());
    packet.extend([0; 12]);
    let name = b"holdfast";
    packet.extend([VERSION | 1, DESCRIPTION, 0, 4]);
    packet.extend(ours.to_be_bytes());
    packet.extend([CNAME, name.len() as u8]);
    packet.extend(name);
    // At least one zero ends the list, and the next packet begins at a multiple of 4.
    packet.extend([0; 2]);
    Some(packet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::Packet;
    use proptest::prelude::*;

    #[test]
    fn a_sender_report_is_found_in_its_compound() {
        let mut compound = vec![0x80, RECEIVER_REPORT, 0, 1, 0, 0, 0, 1];
        compound.extend([0x80, SENDER_REPORT, 0, 6, 0, 0, 0, 1]);
        compound.extend(0x1122_3344_5566_7788u64.to_be_bytes());
        compound.extend(99u32.to_be_bytes());
        compound.extend([0; 8]);
        let found = sender_report(&compound);
        assert_eq!(found, Some(SenderReport { ntp: 0x1122_3344_5566_7788, rtp: 99 }));
        assert_eq!(sender_report(&compound[..30]), None);
        assert_eq!(sender_report(&[]), None);
    }

    #[test]
    fn a_receiver_report_names_the_last_packet_and_what_is_missing() {
        let mut sequence = Sequence::default();
        assert_eq!(receiver_report(5, &sequence), None);
        for number in [10, 14] {
            let payload = &[][..];
            let (marker, payload_type, timestamp, source) = (false, 96, 0, 77);
            let packet =
                Packet { marker, payload_type, sequence: number, timestamp, source, payload };
            sequence.push(&packet);
        }
        let report = receiver_report(5, &sequence).expect("packets came");
        assert_eq!(report.len() % 4, 0);
        assert_eq!(report.len(), 32 + 20);
        assert_eq!(report[8..20], [0, 0, 0, 77, 0, 0, 0, 3, 0, 0, 0, 14]);
    }

    #[test]
    fn who_says_goodbye_is_found_in_its_compound() {
        let mut compound = vec![0x80, RECEIVER_REPORT, 0, 1, 0, 0, 0, 1];
        compound.extend([0x82, BYE, 0, 3, 0, 0, 0, 5, 0, 0, 0, 6, 1, b'x', 0, 0]);
        assert_eq!(goodbyes(&compound).collect::<Vec<_>>(), [5, 6]);
        assert_eq!(goodbyes(&compound[..20]).count(), 0);
        assert_eq!(goodbyes(&[0x9f, BYE, 0, 0]).count(), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            sender_report(&bytes);
            goodbyes(&bytes).for_each(drop);
        }
    }
}
