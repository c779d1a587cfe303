//! Packets as cameras send them, and as they should not.

use proptest::prelude::*;

use super::*;

const H264: VideoCodec = VideoCodec::H264;
const H265: VideoCodec = VideoCodec::H265;

/// What came out: parameter sets, and access units as their timestamps and NAL units.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    sets: Vec<Vec<u8>>,
    units: Vec<(u32, Vec<Vec<u8>>)>,
    unreadable: usize,
}

fn push(video: &mut Video, seen: &mut Seen, at: u32, marker: bool, whole: bool, payload: &[u8]) {
    let packet =
        Packet { marker, payload_type: 96, sequence: 0, timestamp: at, source: 0, payload };
    let pushed = video.push(&packet, whole, &mut |out| match out {
        Out::ParameterSet(unit) => seen.sets.push(unit.to_vec()),
        Out::Frame { timestamp, data, ticks } => {
            assert_eq!(ticks, 0);
            let units: Vec<_> = nal::units(&data).map(<[u8]>::to_vec).collect();
            assert_eq!(units.iter().map(|unit| unit.len() + LENGTH).sum::<usize>(), data.len());
            seen.units.push((timestamp, units));
        }
    });
    seen.unreadable += usize::from(pushed.is_err());
}

/// Packets without loss: timestamp, marker, payload.
fn seen(codec: VideoCodec, packets: &[(u32, bool, &[u8])]) -> Seen {
    let (mut video, mut seen) = (Video::new(codec), Seen::default());
    for (at, marker, payload) in packets {
        push(&mut video, &mut seen, *at, *marker, true, payload);
    }
    seen
}

/// A slice with which a picture begins, and one with which it goes on.
const FIRST: [u8; 3] = [0x65, 0x88, 1];
const MORE: [u8; 3] = [0x65, 0x48, 2];
const LATER: [u8; 3] = [0x41, 0x9a, 3];

#[test]
fn units_of_every_kind_of_packet_come_out_as_they_went_in() {
    let aggregate = [0x78, 0, 2, 0x67, 9, 0, 2, 0x68, 8, 0, 3, 0x06, 5, 4];
    let packets: [(u32, bool, &[u8]); 5] = [
        (7, false, &aggregate),
        (7, false, &[0x7c, 0x85, 0x88, 1]),
        (7, false, &[0x7c, 0x05, 2, 3]),
        (7, true, &[0x7c, 0x45, 4]),
        (8, true, &LATER),
    ];
    let seen = seen(H264, &packets);
    assert_eq!(seen.sets, [vec![0x67, 9], vec![0x68, 8]]);
    let first = vec![vec![0x06, 5, 4], vec![0x65, 0x88, 1, 2, 3, 4]];
    assert_eq!(seen.units, [(7, first), (8, vec![LATER.to_vec()])]);
    assert_eq!(seen.unreadable, 0);
}

#[test]
fn h265_has_headers_of_two_bytes() {
    let packets: [(u32, bool, &[u8]); 3] = [
        (7, false, &[0x60, 1, 0, 3, 0x40, 1, 7, 0, 3, 0x42, 1, 8, 0, 3, 0x44, 1, 9]),
        (7, false, &[0x62, 1, 0x93, 0x80, 5]),
        (7, true, &[0x62, 1, 0x53, 6]),
    ];
    let seen = seen(H265, &packets);
    assert_eq!(seen.sets, [vec![0x40, 1, 7], vec![0x42, 1, 8], vec![0x44, 1, 9]]);
    assert_eq!(seen.units, [(7, vec![vec![0x26, 1, 0x80, 5, 6]])]);
}

#[test]
fn an_access_unit_without_a_mark_ends_with_the_next_timestamp() {
    let packets: [(u32, bool, &[u8]); 3] =
        [(7, false, &FIRST), (8, false, &LATER), (9, false, &LATER)];
    let seen = seen(H264, &packets);
    assert_eq!(seen.units, [(7, vec![FIRST.to_vec()]), (8, vec![LATER.to_vec()])]);
}

#[test]
fn parameter_sets_that_are_marked_or_stamped_apart_go_with_their_picture() {
    let sei = [0x06, 5, 4];
    let packets: [(u32, bool, &[u8]); 4] =
        [(5, true, &[0x67, 9]), (6, true, &[0x68, 8]), (6, true, &sei), (7, true, &FIRST)];
    let seen = seen(H264, &packets);
    assert_eq!(seen.sets.len(), 2);
    assert_eq!(seen.units, [(7, vec![sei.to_vec(), FIRST.to_vec()])]);
}

#[test]
fn slices_that_are_all_marked_are_one_picture_from_the_second_on() {
    let (mut video, mut seen) = (Video::new(H264), Seen::default());
    for at in 0..4 {
        push(&mut video, &mut seen, at, true, true, &FIRST);
        push(&mut video, &mut seen, at, true, true, &MORE);
    }
    let whole = vec![FIRST.to_vec(), MORE.to_vec()];
    let first = [(0, vec![FIRST.to_vec()]), (0, vec![MORE.to_vec()])];
    assert_eq!(seen.units[..2], first, "that the mark lies is seen in the second slice");
    assert_eq!(seen.units[2..], [(1, whole.clone()), (2, whole)]);
}

#[test]
fn units_in_the_byte_stream_format_are_taken_apart() {
    let stream = [0x67, 9, 0, 0, 0, 1, 0x68, 8, 0, 0, 1, 0x65, 0x88, 1, 0, 0];
    let packets: [(u32, bool, &[u8]); 3] = [
        (7, true, &stream),
        (8, false, &[0x7c, 0x87, 9, 0]),
        (8, true, &[0x7c, 0x47, 0, 1, 0x65, 0x88]),
    ];
    let seen = seen(H264, &packets);
    assert_eq!(seen.sets, [vec![0x67, 9], vec![0x68, 8], vec![0x67, 9]]);
    assert_eq!(seen.units, [(7, vec![FIRST.to_vec()]), (8, vec![vec![0x65, 0x88]])]);
}

#[test]
fn many_units_in_the_byte_stream_format_cost_no_more_than_their_bytes() {
    let (mut video, mut seen) = (Video::new(H264), Seen::default());
    let began = std::time::Instant::now();
    for _ in 0..200_000 {
        push(&mut video, &mut seen, 7, false, true, &[6, 5, 4, 0, 0, 1, 6, 5, 4]);
    }
    assert_eq!(video.waiting(), 200_000 * 2 * (LENGTH + 3));
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn payloads_that_begin_with_a_start_code_are_read() {
    let set = [0, 0, 0, 1, 0x67, 9, 0, 0, 0, 1, 0x68, 8];
    let packets: [(u32, bool, &[u8]); 2] = [(7, false, &set), (7, true, &[0, 0, 1, 0x65, 0x88, 1])];
    let seen = seen(H264, &packets);
    assert_eq!(seen.sets, [vec![0x67, 9], vec![0x68, 8]]);
    assert_eq!((seen.units, seen.unreadable), (vec![(7, vec![FIRST.to_vec()])], 0));
}

#[test]
fn what_is_odd_beside_a_picture_does_not_cost_it() {
    let own = [0x1e, 5, 5];
    let aggregate = [0x78, 0, 2, 0x67, 9, 0, 2, 0x68, 8, 0, 0];
    let packets: [(u32, bool, &[u8]); 4] =
        [(7, false, &aggregate), (7, false, &own), (7, false, &[0, 5]), (7, true, &FIRST)];
    let seen = seen(H264, &packets);
    assert_eq!((seen.sets.len(), seen.unreadable), (2, 0));
    assert_eq!(seen.units, [(7, vec![own.to_vec(), vec![0, 5], FIRST.to_vec()])]);
    let packets: [(u32, bool, &[u8]); 2] = [(7, false, &[0x7e, 1, 5]), (7, true, &[0x26, 1, 0x80])];
    let h265 = super::tests::seen(H265, &packets);
    assert_eq!((h265.units.len(), h265.unreadable), (1, 0));
}

#[test]
fn a_loss_before_a_packet_of_nothing_is_a_loss() {
    let (mut video, mut seen) = (Video::new(H264), Seen::default());
    push(&mut video, &mut seen, 7, false, true, &[0x7c, 0x85, 0x88]);
    push(&mut video, &mut seen, 7, false, false, &[]);
    push(&mut video, &mut seen, 7, true, true, &[0x7c, 0x45, 4]);
    push(&mut video, &mut seen, 8, true, true, &LATER);
    assert_eq!(seen.units, [(8, vec![LATER.to_vec()])], "no picture has a hole");
}

#[test]
fn of_a_picture_whose_slices_are_all_marked_no_rest_is_left_by_a_loss() {
    let (mut video, mut seen) = (Video::new(H264), Seen::default());
    for at in 0..4 {
        push(&mut video, &mut seen, at, true, true, &FIRST);
        // One of the slices of the third picture is missing.
        for whole in [at != 2, true] {
            push(&mut video, &mut seen, at, true, whole, &MORE);
        }
    }
    let count = |seen: &Seen, at| seen.units.iter().filter(|(of, _)| *of == at).count();
    assert_eq!((count(&seen, 1), count(&seen, 2)), (1, 0));
}

#[test]
fn a_slice_that_is_missing_is_no_sign_that_marks_lie() {
    let (mut video, mut seen) = (Video::new(H264), Seen::default());
    push(&mut video, &mut seen, 0, true, true, &FIRST);
    // The same time, and the first slice was lost.
    push(&mut video, &mut seen, 0, true, false, &MORE);
    push(&mut video, &mut seen, 1, true, true, &LATER);
    assert_eq!(seen.units.last(), Some(&(1, vec![LATER.to_vec()])), "it does not wait");
}

#[test]
fn a_packet_that_is_missing_costs_its_access_unit_only() {
    for (lost, units) in [(0, [9]), (1, [9]), (2, [9])] {
        let packets: [(u32, bool, &[u8]); 4] = [
            (7, false, &[0x7c, 0x85, 0x88]),
            (7, false, &[0x7c, 0x05, 2]),
            (7, true, &[0x7c, 0x45, 4]),
            (9, true, &LATER),
        ];
        let (mut video, mut seen) = (Video::new(H264), Seen::default());
        let mut whole = true;
        for (number, (at, marker, payload)) in packets.into_iter().enumerate() {
            if number == lost {
                whole = false;
                continue;
            }
            push(&mut video, &mut seen, at, marker, whole, payload);
            whole = true;
        }
        let found: Vec<u32> = seen.units.iter().map(|(at, _)| *at).collect();
        assert_eq!((found, seen.unreadable), (units.to_vec(), 0), "without packet {lost}");
    }
}

#[test]
fn what_makes_no_sense_costs_its_access_unit_and_is_told_once() {
    let packets: [(u32, bool, &[u8]); 6] = [
        (7, false, &[0x7c, 0x05, 2]),
        (7, false, &[0x7c, 0x05, 3]),
        (7, true, &[0x7c, 0x45, 4]),
        (8, true, &LATER),
        (9, true, &[0x80 | 0x65, 1]),
        (10, true, &LATER),
    ];
    let seen = seen(H264, &packets);
    let found: Vec<u32> = seen.units.iter().map(|(at, _)| *at).collect();
    assert_eq!((found, seen.unreadable), (vec![8, 10], 2));
}

#[test]
fn long_access_units_are_whole_and_memory_is_shared_by_short_ones() {
    let (mut video, mut seen) = (Video::new(H264), Seen::default());
    let mut expected = Vec::new();
    for at in 0..200u32 {
        let mut unit = vec![0x41, 0x9a];
        unit.extend((0..at * 53 % 9000).map(|byte| byte as u8 | 1));
        for _ in 0..at % 30 {
            push(&mut video, &mut seen, at, false, true, &unit);
        }
        push(&mut video, &mut seen, at, true, true, &unit);
        expected.push((at, vec![unit; at as usize % 30 + 1]));
    }
    assert_eq!(seen.units, expected);
}

proptest! {
    #[test]
    fn any_packets_are_read_without_panic(
        h265: bool,
        packets in prop::collection::vec(
            (0u32..3, any::<bool>(), any::<bool>(), prop::collection::vec(
                prop_oneof![Just(0u8), Just(1), Just(0x7c), Just(0x62), Just(0x65), any::<u8>()],
                0..30,
            )), 0..40,
        ),
    ) {
        let mut video = Video::new(if h265 { H265 } else { H264 });
        let (mut seen, mut sent) = (Seen::default(), 0);
        for (at, marker, whole, payload) in &packets {
            push(&mut video, &mut seen, *at, *marker, *whole, payload);
            sent += payload.len();
        }
        let came: usize = seen.units.iter().flat_map(|(_, units)| units).map(Vec::len).sum();
        prop_assert!(came <= sent + packets.len());
    }

    /// However units are cut into packets, they come out as they went in.
    #[test]
    fn access_units_come_out_as_they_went_in(
        units in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(1u8..=255, 1..60), 1..4), 1..12,
        ),
        cuts in 1usize..20,
        marks: bool,
    ) {
        let (mut video, mut seen) = (Video::new(H264), Seen::default());
        let mut expected = Vec::new();
        for (at, bodies) in units.iter().enumerate() {
            let mut whole = Vec::new();
            for (number, body) in bodies.iter().enumerate() {
                let mut unit = vec![0x41, if number == 0 { 0x80 } else { 0x40 }];
                unit.extend(body);
                let pieces: Vec<_> = unit[1..].chunks(cuts).collect();
                for (i, piece) in pieces.iter().enumerate() {
                    let (first, last) = (i == 0, i + 1 == pieces.len());
                    let how = u8::from(first) << 7 | u8::from(last) << 6 | 1;
                    let mut payload = vec![0x5c, how];
                    payload.extend(*piece);
                    let marker = marks && last && number + 1 == bodies.len();
                    push(&mut video, &mut seen, at as u32, marker, true, &payload);
                }
                whole.push(unit);
            }
            expected.push((at as u32, whole));
        }
        if !marks {
            expected.pop();
        }
        prop_assert_eq!(seen.units, expected);
        prop_assert_eq!(seen.unreadable, 0);
    }
}
