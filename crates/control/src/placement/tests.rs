//! Where streams go, case by case, and what holds in every case.

#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

const WELL: Fitness = Fitness::Well { steady: true };
const BACK: Fitness = Fitness::Well { steady: false };
const SLOW: Fitness = Fitness::Slow { relief: true };

fn volume(n: u8) -> VolumeId {
    VolumeId::from_bytes([n; 16])
}

fn stream(n: u8) -> StreamId {
    StreamId::from_bytes([n; 16])
}

fn disk(n: u8, fitness: Fitness, room: u64) -> Place {
    Place { id: volume(n), r#use: VolumeUse::Record, fitness, room }
}

fn guest(n: u8, wanted: Option<u8>, current: Option<u8>) -> Guest {
    let (wanted, current) = (wanted.map(volume), current.map(volume));
    Guest { stream: stream(n), wanted, current, refused: None, rate: 500_000 }
}

/// Where one stream goes.
fn goes(places: &[Place], wanted: Option<u8>, current: Option<u8>) -> Option<u8> {
    let placed = place(places, &[guest(1, wanted, current)]);
    placed[&stream(1)].map(|id| id.as_bytes()[0])
}

#[test]
fn a_stream_stays_while_its_volume_works_and_leaves_it_when_it_does_not() {
    for (first, expected) in [
        (WELL, 1),
        (BACK, 1),
        (Fitness::Slow { relief: false }, 1),
        (SLOW, 2),
        (Fitness::Opening, 1),
        (Fitness::Full, 2),
        (Fitness::Sick, 2),
    ] {
        let places = [disk(1, first, 10), disk(2, WELL, 1000)];
        assert_eq!(goes(&places, None, Some(1)), Some(expected), "{first:?}");
    }
    let keeps = Place { r#use: VolumeUse::Keep, ..disk(1, WELL, 10) };
    assert_eq!(goes(&[keeps, disk(2, WELL, 10)], None, Some(1)), Some(2));
}

#[test]
fn the_wanted_volume_is_gone_back_to_only_once_it_was_well_for_a_while() {
    let places = |first| [disk(1, first, 10), disk(2, WELL, 1000)];
    assert_eq!(goes(&places(WELL), Some(1), Some(2)), Some(1));
    assert_eq!(goes(&places(BACK), Some(1), Some(2)), Some(2));
    assert_eq!(goes(&places(BACK), Some(1), None), Some(1));
    assert_eq!(goes(&places(Fitness::Opening), Some(1), None), Some(1));
    assert_eq!(goes(&places(SLOW), Some(1), Some(1)), Some(1), "whoever wants it, bears it");
    assert_eq!(goes(&places(Fitness::Sick), Some(1), Some(1)), Some(2));
}

#[test]
fn where_nothing_else_works_a_stream_stays_and_its_frames_wait() {
    let sick = [disk(1, Fitness::Sick, 10), disk(2, Fitness::Full, 10)];
    assert_eq!(goes(&sick, None, Some(1)), Some(1));
    assert_eq!(goes(&sick, None, None), None);
    assert_eq!(goes(&sick[..1], None, None), Some(1), "it is waited for");
    assert_eq!(goes(&[disk(1, SLOW, 10)], None, None), Some(1));
    assert_eq!(goes(&[], None, None), None);
}

#[test]
fn new_streams_wait_until_all_volumes_are_open_and_then_spread_by_room() {
    let opening = [disk(1, Fitness::Opening, 0), disk(2, WELL, 10)];
    assert_eq!(goes(&opening, None, None), None);
    let open = [disk(1, WELL, 3000), disk(2, WELL, 1000)];
    let guests: Vec<_> = (0..8).map(|n| guest(n, None, None)).collect();
    let placed = place(&open, &guests);
    let first = placed.values().filter(|to| **to == Some(volume(1))).count();
    assert_eq!(first, 6);
}

#[test]
fn a_slow_volume_is_relieved_of_one_stream_at_a_time() {
    let places = [disk(1, SLOW, 10), disk(2, WELL, 10)];
    let mut guests: Vec<_> = (0..4).map(|n| guest(n, None, Some(1))).collect();
    guests[2].rate = 900_000;
    let placed = place(&places, &guests);
    let moved: Vec<_> = placed.iter().filter(|(_, to)| **to == Some(volume(2))).collect();
    assert_eq!(moved, [(&stream(2), &Some(volume(2)))]);
}

#[test]
fn a_stream_that_its_volume_fails_for_goes_elsewhere_and_back_later() {
    let places = [disk(1, WELL, 1000), disk(2, WELL, 10)];
    let failing = Guest { refused: Some(volume(1)), ..guest(1, Some(1), Some(1)) };
    assert_eq!(place(&places, &[failing])[&stream(1)], Some(volume(2)));
    assert_eq!(place(&places[..1], &[failing])[&stream(1)], Some(volume(1)), "it is tried again");
    let moved = Guest { current: Some(volume(2)), ..failing };
    assert_eq!(place(&places, &[moved])[&stream(1)], Some(volume(2)));
    assert_eq!(goes(&places, Some(1), Some(2)), Some(1));
}

fn fitness() -> impl Strategy<Value = Fitness> {
    prop_oneof![
        Just(Fitness::Opening),
        any::<bool>().prop_map(|steady| Fitness::Well { steady }),
        any::<bool>().prop_map(|relief| Fitness::Slow { relief }),
        Just(Fitness::Full),
        Just(Fitness::Sick),
    ]
}

fn places() -> impl Strategy<Value = Vec<Place>> {
    let uses = prop_oneof![
        4 => Just(VolumeUse::Record),
        1 => Just(VolumeUse::Keep),
        1 => Just(VolumeUse::Drain),
    ];
    prop::collection::vec((uses, fitness(), 0u64..1 << 45), 0..5).prop_map(|all| {
        let place = |(n, (r#use, fitness, room))| Place { id: volume(n), r#use, fitness, room };
        (0u8..).zip(all).map(place).collect()
    })
}

fn guests() -> impl Strategy<Value = Vec<Guest>> {
    let at = || prop::option::of((0u8..5).prop_map(volume));
    prop::collection::vec((at(), at(), 0u64..5_000_000), 0..12).prop_map(|all| {
        let guest =
            |(n, (wanted, current, rate))| Guest { wanted, current, rate, ..guest(n, None, None) };
        (0u8..).zip(all).map(guest).collect()
    })
}

proptest! {
    #[test]
    fn everyone_is_somewhere_that_works_where_anything_does(
        places in places(),
        guests in guests(),
    ) {
        let placed = place(&places, &guests);
        prop_assert_eq!(placed.len(), guests.len());
        for guest in &guests {
            let to = placed[&guest.stream].and_then(|id| places.iter().find(|p| p.id == id));
            let any = places.iter().any(Place::takes);
            let waits = places.iter().any(|place| place.fitness == Fitness::Opening);
            if any && !waits {
                prop_assert!(to.is_some_and(Place::serves), "{guest:?} at {to:?}");
            }
        }
    }

    #[test]
    fn once_placed_all_stay_while_nothing_changes(places in places(), guests in guests()) {
        // Relief is given once in a while only.
        let calm = |place: &Place| match place.fitness {
            Fitness::Slow { .. } => Place { fitness: Fitness::Slow { relief: false }, ..*place },
            _ => *place,
        };
        let places: Vec<_> = places.iter().map(calm).collect();
        let placed = place(&places, &guests);
        let settled: Vec<_> =
            guests.iter().map(|g| Guest { current: placed[&g.stream], ..*g }).collect();
        prop_assert_eq!(place(&places, &settled), placed);
    }

    #[test]
    fn nobody_moves_off_a_volume_that_works_without_being_called(
        places in places(),
        guests in guests(),
    ) {
        let placed = place(&places, &guests);
        for guest in &guests {
            let current = guest.current.and_then(|id| places.iter().find(|p| p.id == id));
            let to = placed[&guest.stream];
            let slow = current.is_some_and(|p| p.fitness == SLOW);
            if current.is_some_and(Place::serves) && !slow && to != guest.current {
                prop_assert_eq!(to, guest.wanted);
            }
        }
    }
}
