//! Who is told what, step by step, with rosters and recorders left out.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::wanted::Wanted;
use base::{CameraId, RunId, Ticks, WallTime};
use bytes::Bytes;
use camera::StreamSource;
use config::VolumeUse;
use media::{Access, AudioCodec, AudioParams, Frame, TrackParams};
use stream::{Epoch, StreamReader, StreamWriter};

use crate::roster::Roster;

const SICK: Fitness = Fitness::Sick;
const WELL: Fitness = Fitness::Well { steady: true };

fn id(n: u8) -> VolumeId {
    VolumeId::from_bytes([n; 16])
}

fn at(millis: i64) -> MonoTime {
    MonoTime::from_micros(millis * 1000)
}

fn volumes(fitness: [Fitness; 2]) -> Vec<Volume> {
    let place = |(n, fitness)| Place { id: id(n), r#use: VolumeUse::Record, fitness, room: 1000 };
    let volume = |place| Volume { place, failing: BTreeSet::new() };
    (1..).zip(fitness).map(place).map(volume).collect()
}

/// One stream, and how it is recorded.
struct House {
    guests: Guests,
    standing: Arc<Standing>,
    reader: StreamReader,
    writer: Option<StreamWriter>,
}

pub(crate) fn wanted() -> Wanted {
    Wanted {
        stream: StreamId::from_bytes([9; 16]),
        stream_name: "main".to_owned(),
        camera: CameraId::from_bytes([8; 16]),
        camera_slug: "door".to_owned(),
        camera_name: "Door".to_owned(),
        source: StreamSource::new("door/main", "rtsp://192.0.2.1/").unwrap(),
        rules: crate::switch::Rules { record: true, ..Default::default() },
        volume: None,
    }
}

impl House {
    fn new() -> Self {
        let (writer, reader) = stream::stream();
        reader.retain();
        let (guests, standing) = (Guests::default(), Arc::default());
        let mut house = Self { guests, standing, reader, writer: Some(writer) };
        house.record();
        house
    }

    fn record(&mut self) {
        let stream = RecordedStream { wanted: wanted(), reader: self.reader.clone() };
        self.guests.record(stream, self.standing.clone(), None);
    }

    /// A frame comes.
    fn send(&mut self) {
        let params = AudioParams {
            codec: AudioCodec::Alaw,
            sample_rate: 8000,
            channels: 1,
            config: Bytes::new(),
        };
        let epoch = Epoch {
            run: RunId::from_bytes([7; 16]),
            number: 0,
            tracks: vec![Arc::new(TrackParams::Audio(params))],
            begun: WallTime::EPOCH,
        };
        let writer = self.writer.as_mut().unwrap();
        writer.begin_epoch(Arc::new(epoch));
        assert!(writer.push(Frame {
            track: 0,
            pts: Ticks(0),
            dts: Ticks(0),
            duration: 1600,
            access: Access::Idr,
            data: Bytes::from_static(&[0; 16]),
            received: MonoTime::default(),
            received_wall: WallTime::EPOCH,
        }));
    }

    /// Everything that waits is written.
    fn write(&self) {
        let mut cursor = self.reader.recorder_cursor();
        let count = cursor.take(usize::MAX).entries.len();
        assert!(cursor.acknowledge(count));
        cursor.end();
    }

    /// What volumes are told, in short.
    fn look(&mut self, fitness: [Fitness; 2], millis: i64) -> Vec<String> {
        let orders = self.guests.look(&volumes(fitness), at(millis));
        orders.told.iter().map(short).collect()
    }
}

fn short((volume, command): &(VolumeId, Command)) -> String {
    let number = volume.as_bytes()[0];
    match command {
        Command::Record(..) | Command::HandOn(..) => format!("{number}: record"),
        Command::Release(_, to) => format!("{number}: release to {}", to.as_bytes()[0]),
        Command::Cut(_) => format!("{number}: cut"),
        Command::Forget(_, cause) => format!("{number}: forget, {cause}"),
    }
}

#[test]
fn a_stream_is_sent_elsewhere_where_nobody_takes_it_and_an_old_order_counts_no_more() {
    let mut house = House::new();
    let first = house.guests.look(&volumes([WELL, SICK]), at(0)).told;
    assert_eq!(first.iter().map(short).collect::<Vec<_>>(), ["1: record"]);
    assert!(house.look([WELL, SICK], 500).is_empty(), "it was told");
    assert_eq!(house.look([SICK, WELL], 1000), ["2: record", "1: cut"]);
    assert_eq!(house.guests.volume_of(wanted().stream), Some(id(2)));
    // The first one hears of it only now.
    let mut roster = Roster::new(id(1));
    let (_, late) = first.into_iter().next().unwrap();
    assert!(roster.obey(late, None).is_none() && roster.is_empty());
}

#[test]
fn one_that_leaves_is_a_guest_until_what_waits_is_written() {
    let mut house = House::new();
    house.send();
    house.look([WELL, WELL], 0);
    house.guests.forget(wanted().stream, EndCause::Paused);
    house.writer = None;
    assert_eq!(house.look([SICK, SICK], 500), ["1: record", "1: forget, paused"]);
    assert!(house.look([SICK, SICK], 1000).is_empty());
    let elsewhere = ["2: record", "1: cut", "2: forget, paused"];
    assert_eq!(house.look([SICK, WELL], 1500), elsewhere, "it need not wait for the first one");
    assert_eq!(house.guests.labels_on(id(2)), ["door/main"]);
    house.write();
    assert!(house.look([SICK, WELL], 2000).is_empty());
    assert!(house.guests.labels_on(id(2)).is_empty());
    // It comes back where its footage was last.
    let (writer, reader) = stream::stream();
    (house.writer, house.reader) = (Some(writer), reader);
    house.record();
    assert_eq!(house.look([WELL, WELL], 2500), ["2: record"]);
}

#[test]
fn an_order_that_is_read_once_its_stream_has_left_counts_no_more() {
    let mut house = House::new();
    house.send();
    let first = house.guests.look(&volumes([WELL, SICK]), at(0)).told;
    let (_, late) = first.into_iter().next().unwrap();
    assert_eq!(short(&(id(1), late.clone())), "1: record");
    house.guests.forget(wanted().stream, EndCause::Paused);
    house.writer = None;
    house.write();
    house.look([WELL, SICK], 500);
    assert!(house.guests.labels_on(id(1)).is_empty(), "it has left");
    let mut roster = Roster::new(id(1));
    roster.obey(late.clone(), None);
    assert!(roster.is_empty(), "nobody would ever tell it to forget the stream");
    // Nor once the stream is back, with a memory of its own.
    let (writer, reader) = stream::stream();
    (house.writer, house.reader) = (Some(writer), reader);
    house.record();
    let again = house.guests.look(&volumes([WELL, SICK]), at(1000)).told;
    assert_eq!(again.iter().map(short).collect::<Vec<_>>(), ["1: record"]);
    roster.obey(late, None);
    assert!(roster.is_empty(), "what would come of it is not what its camera sends now");
    roster.obey(again.into_iter().next().unwrap().1, None);
    assert!(roster.has(wanted().stream));
}

#[test]
fn one_that_comes_back_before_it_has_left_stays() {
    let mut house = House::new();
    house.send();
    house.look([WELL, WELL], 0);
    house.guests.forget(wanted().stream, EndCause::Reconfigured);
    house.record();
    assert_eq!(house.look([WELL, WELL], 100), ["1: record"]);
    house.write();
    assert!(house.look([WELL, WELL], 200).is_empty());
    assert_eq!(house.guests.labels_on(id(1)), ["door/main"]);
}

#[test]
fn in_the_end_another_volume_writes_what_one_has_not() {
    let mut house = House::new();
    house.send();
    house.look([WELL, SICK], 0);
    let mut ending = Ending::new([id(1), id(2)], at(1000));
    let mut look = |ending: &mut Ending, millis| {
        let outcome = ending.look(&mut house.guests, at(millis));
        (outcome.told.iter().map(short).collect::<Vec<_>>(), outcome.written)
    };
    ending.ended(id(2), true);
    assert_eq!(look(&mut ending, 5900), (vec![], None), "the first one is waited for");
    assert_eq!(look(&mut ending, 6100), (vec!["2: record".to_owned()], None));
    assert_eq!(look(&mut ending, 6200), (vec![], None));
    ending.ended(id(2), true);
    assert_eq!(look(&mut ending, 6300), (vec![], None), "the first one may come back still");
    ending.ended(id(1), false);
    assert_eq!(look(&mut ending, 6400), (vec![], Some(false)), "there is nobody else to try");
    house.write();
    assert_eq!(ending.look(&mut house.guests, at(6500)).written, Some(true));
    assert!(house.guests.waiting().is_empty());
}

#[test]
fn in_the_end_a_thread_that_only_seals_is_waited_for_a_while() {
    let mut house = House::new();
    let mut ending = Ending::new([id(1)], at(0));
    assert_eq!(ending.look(&mut house.guests, at(9900)).written, None);
    assert_eq!(ending.look(&mut house.guests, at(10_000)).written, Some(true));
}
