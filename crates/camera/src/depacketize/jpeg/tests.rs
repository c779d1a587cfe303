//! Packets as cameras send them, and as they should not.

use proptest::prelude::*;

use super::*;

/// The scan of a picture, which no depacketizer looks into.
const SCAN: [u8; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xd9];

/// What came out, and why packets could not be read.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    pictures: Vec<(u32, Vec<u8>)>,
    unreadable: Vec<&'static str>,
}

impl Seen {
    fn push(&mut self, jpeg: &mut Jpeg, at: u32, marker: bool, whole: bool, payload: &[u8]) {
        let packet =
            Packet { marker, payload_type: 26, sequence: 0, timestamp: at, source: 0, payload };
        let pushed = jpeg.push(&packet, whole, &mut |out| match out {
            Out::Frame { timestamp, data, ticks: 0 } => {
                assert!(data.starts_with(&[0xff, 0xd8]) && data.ends_with(&EOI));
                self.pictures.push((timestamp, data.to_vec()));
            }
            other => panic!("{other:?} is no picture"),
        });
        self.unreadable.extend(pushed.err());
    }
}

/// A payload of a picture of 160×120: type, Q, what follows the header in every packet, and what
/// follows that.
fn payload(offset: usize, kind: u8, q: u8, rest: &[&[u8]]) -> Vec<u8> {
    let mut payload = (offset as u32).to_be_bytes().to_vec();
    payload.extend([kind, q, 20, 15]);
    payload.extend(rest.concat());
    payload
}

/// All packets without loss: timestamp, marker, payload.
fn seen(packets: &[(u32, bool, Vec<u8>)]) -> Seen {
    let (mut jpeg, mut seen) = (Jpeg::new(None), Seen::default());
    for (at, marker, payload) in packets {
        seen.push(&mut jpeg, *at, *marker, true, payload);
    }
    seen
}

/// The body of a picture's first segment of a kind.
fn segment(picture: &[u8], marker: u8) -> Option<&[u8]> {
    let at = picture.windows(2).position(|two| two == [0xff, marker])?;
    let len = u16::from_be_bytes([picture[at + 2], picture[at + 3]]);
    Some(&picture[at + 4..at + 2 + usize::from(len)])
}

#[test]
fn fragments_become_a_picture_behind_a_header_made_anew() {
    let packets = [
        (7, false, payload(0, 1, 50, &[&SCAN[..4]])),
        (7, false, payload(4, 1, 50, &[&SCAN[4..7]])),
        (7, true, payload(7, 1, 50, &[&SCAN[7..]])),
        // Without EOI, and without a mark.
        (8, false, payload(0, 0, 99, &[&SCAN[..8]])),
        (9, true, payload(0, 64, 1, &[&[0, 12, 0xff, 0xff], &SCAN])),
    ];
    let seen = seen(&packets);
    assert_eq!(seen.unreadable, [""; 0]);
    let pictures: Vec<&[u8]> = seen.pictures.iter().map(|(_, picture)| &**picture).collect();
    assert_eq!(seen.pictures.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [7, 8, 9]);
    for (picture, (sampling, luma, restarts)) in pictures.iter().zip([
        (0x22, [16, 11, 12, 14], None),
        (0x21, [1, 1, 1, 1], None),
        (0x21, [255, 255, 255, 255], Some(&[0, 12][..])),
    ]) {
        assert_eq!(media::jpeg::size(picture), Some((160, 120)));
        assert!(picture.ends_with(&SCAN));
        assert_eq!(segment(picture, 0xc0).map(|start| start[7]), Some(sampling));
        assert_eq!(segment(picture, 0xdb).map(|table| &table[1..5]), Some(&luma[..]));
        assert_eq!(segment(picture, 0xdd), restarts);
    }
}

#[test]
fn tables_in_the_stream_are_kept_by_their_number() {
    let tables = |first: u8| [&[0, 0, 0, 128][..], &[first; 64], &[first + 1; 64]].concat();
    let none = [0, 0, 0, 0];
    let packets = [
        (1, true, payload(0, 1, 200, &[&none, &SCAN])),
        (2, true, payload(0, 1, 200, &[&tables(3), &SCAN])),
        (3, true, payload(0, 1, 201, &[&tables(5), &SCAN])),
        (4, true, payload(0, 1, 200, &[&none, &SCAN])),
        (5, true, payload(0, 1, 255, &[&tables(7), &SCAN])),
        (6, true, payload(0, 1, 255, &[&none, &SCAN])),
        // One table for all, with values of two bytes.
        (7, true, payload(0, 1, 200, &[&[0, 1, 0, 128], &[9; 128], &SCAN])),
        (8, true, payload(0, 1, 0, &[&SCAN])),
        (9, true, payload(0, 1, 128, &[&[0, 0, 0, 100], &SCAN])),
    ];
    let seen = seen(&packets);
    let of = |(at, picture): &(u32, Vec<u8>)| {
        let table = segment(picture, 0xdb).expect("is there");
        (*at, table[0], table[1], table.len())
    };
    let expected = [(2, 0, 3, 65), (3, 0, 5, 65), (4, 0, 3, 65), (5, 0, 7, 65), (7, 0x10, 9, 129)];
    assert_eq!(seen.pictures.iter().map(of).collect::<Vec<_>>(), expected);
    assert_eq!(seen.unreadable.len(), 4, "{:?}", seen.unreadable);
}

#[test]
fn tables_are_of_one_source() {
    let tables = [&[0, 0, 0, 128][..], &[3; 64], &[4; 64]].concat();
    let (with, without) =
        (payload(0, 1, 200, &[&tables, &SCAN]), payload(0, 1, 200, &[&[0; 4], &SCAN]));
    let mut jpeg = Jpeg::new(None);
    let mut push = |source: u32, timestamp: u32, payload: &[u8]| {
        let packet =
            Packet { marker: true, payload_type: 26, sequence: 0, timestamp, source, payload };
        let mut pictures = 0;
        let pushed = jpeg.push(&packet, true, &mut |_| pictures += 1);
        (pictures, pushed.is_ok())
    };
    assert_eq!(push(1, 1, &with), (1, true));
    assert_eq!(push(1, 2, &without), (1, true));
    assert_eq!(push(2, 3, &without), (0, false), "another source has other tables");
}

#[test]
fn an_empty_packet_after_a_loss_costs_no_picture() {
    let (mut jpeg, mut seen) = (Jpeg::new(None), Seen::default());
    let piece = |offset: usize| payload(offset, 1, 50, &[&SCAN[offset..offset + 5]]);
    seen.push(&mut jpeg, 1, false, true, &piece(0));
    seen.push(&mut jpeg, 2, false, false, &[]);
    seen.push(&mut jpeg, 2, false, true, &piece(0));
    seen.push(&mut jpeg, 2, true, true, &piece(5));
    let times: Vec<u32> = seen.pictures.iter().map(|(at, _)| *at).collect();
    assert_eq!((times, seen.unreadable.len()), (vec![2], 0));
    // What was lost may have been its beginning.
    seen.push(&mut jpeg, 3, false, false, &[]);
    seen.push(&mut jpeg, 3, true, true, &piece(5));
    assert_eq!((seen.pictures.len(), seen.unreadable.len()), (1, 0));
}

#[test]
fn a_picture_keeps_no_more_memory_than_it_needs() {
    let mut jpeg = Jpeg::new(None);
    let mut frames = Vec::new();
    let mut give = |out: Out<'_>| match out {
        Out::Frame { data, .. } => frames.push(data),
        other => panic!("{other:?} is no picture"),
    };
    // The first is put together in a buffer that is doubled; the last in one that is far too large.
    for (timestamp, pieces) in [(1, 1100), (2, 1100), (3, 1)] {
        for number in 0..pieces {
            let payload = payload(number * 1000, 1, 50, &[&[7; 1000]]);
            let (marker, payload_type, sequence, source) = (number + 1 == pieces, 26, 0, 0);
            let payload = &*payload;
            let packet = Packet { marker, payload_type, sequence, timestamp, source, payload };
            jpeg.push(&packet, true, &mut give).expect("it is a fragment");
        }
    }
    for frame in frames {
        let len = frame.len();
        let takes = frame.try_into_mut().expect("nobody else has it").capacity();
        assert!(takes <= len + len / 4 + 2 * AROUND, "{takes} for {len}");
    }
}

#[test]
fn a_picture_of_which_something_is_missing_is_dropped_and_no_other() {
    let piece = |offset: usize| payload(offset, 1, 50, &[&SCAN[offset..offset + 5]]);
    // Of two pictures before a whole one: which packets come.
    for (lost, expected) in [(0, [2, 3]), (1, [2, 3]), (2, [1, 3]), (3, [1, 3])] {
        let (mut jpeg, mut seen) = (Jpeg::new(None), Seen::default());
        let packets = [(1, 0), (1, 5), (2, 0), (2, 5), (3, 0), (3, 5)];
        for (number, (at, offset)) in packets.into_iter().enumerate() {
            if number != lost {
                seen.push(&mut jpeg, at, offset == 5, number != lost + 1, &piece(offset));
            }
        }
        let times: Vec<u32> = seen.pictures.iter().map(|(at, _)| *at).collect();
        assert_eq!((times, seen.unreadable.len()), (expected.to_vec(), 0), "without {lost}");
        assert_eq!(jpeg.waiting(), 0);
    }
}

#[test]
fn what_cannot_be_a_picture_is_unreadable_and_costs_itself_only() {
    let whole = (9, true, payload(0, 1, 50, &[&SCAN]));
    for bad in [
        vec![(1, true, payload(0, 2, 50, &[&SCAN]))],
        vec![(1, true, payload(0, 200, 50, &[&SCAN]))],
        vec![(1, true, payload(0, 65, 50, &[&[0, 1]]))],
        vec![(1, true, vec![0; 7])],
        vec![(1, false, payload(4, 1, 50, &[&SCAN])), (1, true, payload(14, 1, 50, &[&SCAN]))],
        vec![(1, false, payload(0, 1, 50, &[&SCAN])), (1, true, payload(0, 1, 50, &[&SCAN]))],
        vec![(1, false, payload(0, 1, 50, &[&SCAN])), (1, true, payload(9, 1, 50, &[&SCAN]))],
    ] {
        let seen = seen(&[bad.clone(), vec![whole.clone()]].concat());
        let times: Vec<u32> = seen.pictures.iter().map(|(at, _)| *at).collect();
        assert_eq!((times, seen.unreadable.len()), (vec![9], 1), "{bad:?}");
    }
}

#[test]
fn pictures_too_large_for_their_header_have_the_size_that_is_described() {
    let mut large = payload(0, 1, 50, &[&SCAN]);
    large[6] = 0;
    for (described, expected) in [(Some((2592, 1944)), 1), (None, 0)] {
        let (mut jpeg, mut seen) = (Jpeg::new(described), Seen::default());
        seen.push(&mut jpeg, 1, true, true, &large);
        seen.push(&mut jpeg, 2, true, true, &payload(0, 1, 50, &[&SCAN]));
        let sizes: Vec<_> = seen.pictures.iter().map(|(_, it)| media::jpeg::size(it)).collect();
        let all = [described, Some((160, 120))];
        assert_eq!(sizes, all[1 - expected..]);
        assert_eq!(seen.unreadable.len(), 1 - expected);
    }
}

proptest! {
    #[test]
    fn what_comes_out_was_sent_whatever_is_lost(
        sizes in prop::collection::vec((1..5000usize, 1..1400usize), 1..12),
        lost in prop::collection::vec(prop::bool::weighted(0.1), 60),
    ) {
        let (mut jpeg, mut seen) = (Jpeg::new(None), Seen::default());
        let (mut lost, mut whole, mut sent) = (lost.into_iter().cycle(), true, Vec::new());
        for (at, (size, step)) in (0..).zip(&sizes) {
            let scan: Vec<u8> = (0..*size).map(|n| (n as u32 * 7 + at * 31) as u8 & 0x7f).collect();
            let mut all_came = true;
            for (number, piece) in scan.chunks(*step).enumerate() {
                let marker = (number + 1) * step >= *size;
                let payload = payload(number * step, 1, 50, &[piece]);
                if lost.next() == Some(true) {
                    (whole, all_came) = (false, false);
                } else {
                    seen.push(&mut jpeg, at, marker, whole, &payload);
                    whole = true;
                }
            }
            if all_came {
                sent.push((at, scan));
            }
        }
        prop_assert_eq!(&seen.unreadable, &[""; 0]);
        prop_assert_eq!(seen.pictures.len(), sent.len());
        for ((at, picture), (sent_at, scan)) in seen.pictures.iter().zip(&sent) {
            prop_assert_eq!(at, sent_at);
            prop_assert!(picture[..picture.len() - 2].ends_with(scan));
        }
    }

    #[test]
    fn any_bytes_are_survived(
        packets in prop::collection::vec(
            (0..3u32, any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..200)),
            0..20,
        ),
        kind in prop_oneof![Just(0u8), Just(1), Just(64), any::<u8>()],
    ) {
        let (mut jpeg, mut seen) = (Jpeg::new(Some((8, 8))), Seen::default());
        for (at, marker, whole, mut bytes) in packets {
            if let Some(byte) = bytes.get_mut(4) {
                *byte = kind;
            }
            seen.push(&mut jpeg, at, marker, whole, &bytes);
        }
        for (_, picture) in &seen.pictures {
            prop_assert!(media::jpeg::size(picture).is_some());
        }
    }
}
