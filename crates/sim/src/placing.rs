//! Placement as the program has it: the same guests and rosters, with queues where the program has
//! channels between threads.

use std::time::Duration;

use base::{MonoTime, VolumeId, WallTime};
use camera::StreamSource;
use config::VolumeUse;
use control::guests::{self, STEADY_AFTER, TROUBLE_MIN};
use control::placement::{Fitness, Place as Offer};
use control::roster::HandedOn;
use control::{RecordedStream, Wanted};
use recorder::{Alarm, Now, StepReport};

use crate::machine::{Machine, Place};
use crate::orders::{Command, Watch};
use crate::rows::{Camera, slug};
use crate::scene::World;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);
/// A round that takes longer than this is stuck.
const ROUND_MAX: Duration = Duration::from_secs(5);
/// What each volume can hold, as far as placement is concerned.
const ROOM: u64 = 1 << 40;

impl World {
    /// A stream is to be recorded, where placement says.
    pub(crate) fn record_placed(&mut self, number: usize) {
        let Some(machine) = &mut self.machine else { return };
        let wanted = wanted(&self.cameras[number]);
        let rows = machine.catalog.segments_before(wanted.stream, WallTime::MAX, 1);
        let last = rows.unwrap_or_default().first().map(|row| row.volume);
        let (reader, standing) = (&machine.readers[number], &machine.standings[number]);
        let stream = RecordedStream { wanted, reader: reader.clone() };
        if let Some(placing) = &mut machine.placing {
            placing.guests.record(stream, standing.clone(), last);
        }
    }

    /// The look at all volumes, where it is due.
    pub(crate) fn place_when_due(&mut self, now: Now) {
        let machine = self.machine.as_ref();
        let placing = machine.and_then(|machine| machine.placing.as_ref());
        if placing.is_some_and(|placing| placing.due <= now.mono) {
            self.place(now.mono);
        }
    }

    /// Looks whether streams have to be moved.
    pub(crate) fn place(&mut self, now: MonoTime) {
        let Some(machine) = &mut self.machine else { return };
        let Some(placing) = &mut machine.placing else { return };
        placing.due = now + LOOK;
        if placing.ending.is_some() {
            return;
        }
        let volumes: Vec<_> = machine.places.iter_mut().map(|place| place.look(now)).collect();
        let orders = placing.guests.look(&volumes, now);
        for (volume, command) in orders.told {
            machine.tell(volume, Command::Stream(command));
        }
        for moved in orders.moved {
            self.say(format!("{} goes on on {}", moved.label, moved.to));
        }
    }

    /// The recording thread of a volume reads what it was told; whether it is busy with that, or
    /// does nothing else any more.
    pub(crate) fn obey(&mut self, number: usize, now: Now) -> bool {
        loop {
            let Some(machine) = &mut self.machine else { return true };
            let place = &mut machine.places[number];
            let writes = match place.commands.pop_front() {
                None => return place.watch.finishing,
                Some(Command::Finish) => {
                    place.watch.finishing = true;
                    true
                }
                Some(Command::Stream(command)) => {
                    let records = command.records();
                    let opened = place.at_work.as_mut().map(|at_work| &mut at_work.recorder);
                    let handed_on = place.roster.obey(command, opened);
                    let writes = records && place.watch.finishing;
                    machine.hand_on(handed_on);
                    writes
                }
            };
            if writes {
                self.finish_placed(number, now);
                return true;
            }
        }
    }
}

impl Machine {
    /// Takes in what a round says of its streams, and hands on those that go elsewhere.
    pub(crate) fn take_for_placing(&mut self, number: usize, report: &StepReport) {
        if self.placing.is_none() {
            return;
        }
        let Place { watch, roster, at_work, .. } = &mut self.places[number];
        let failing = report.alarms.iter().filter_map(|alarm| match alarm {
            Alarm::Disk { stream, .. } => Some(*stream),
            _ => None,
        });
        watch.failing.extend(failing);
        for (stream, _) in &report.durable {
            watch.failing.remove(stream);
        }
        let Some(at_work) = at_work else { return };
        let handed_on = roster.took_in(report, &at_work.recorder);
        watch.failing.retain(|stream| roster.has(*stream));
        self.hand_on(handed_on);
    }

    fn hand_on(&mut self, handed_on: impl IntoIterator<Item = HandedOn>) {
        for (to, command) in handed_on {
            self.tell(to, Command::Stream(command));
        }
    }

    /// The recording thread of a volume reads that when it can.
    pub(crate) fn tell(&mut self, volume: VolumeId, command: Command) {
        if let Some(place) = self.places.iter_mut().find(|place| place.id == volume) {
            place.commands.push_back(command);
        }
    }
}

impl Place {
    /// Notes how the volume is.
    fn look(&mut self, now: MonoTime) -> guests::Volume {
        let busy_since = self.watch.held_since.or(self.stepping.as_ref().map(|s| s.since));
        let stuck = busy_since.is_some_and(|since| now.since(since) > ROUND_MAX);
        let open = self.at_work.is_some() || self.watch.held_since.is_some();
        let failing = &self.watch.failing;
        let all_fail = !failing.is_empty() && failing.len() >= self.roster.len();
        if !open || stuck || all_fail {
            let since = *self.watch.bad_since.get_or_insert(now);
            self.watch.bad_last = Some(now);
            // Only the disk itself can say that it is well again.
            self.watch.suspect |= open && now.since(since) >= TROUBLE_MIN;
        } else if self.watch.suspect {
            self.watch.bad_last = Some(now);
            self.watch.suspect = busy_since.is_some() || !self.probe(now);
        } else {
            self.watch.bad_since = None;
        }
        let Watch { bad_since, bad_last, suspect, .. } = self.watch;
        let bad = bad_since.is_some_and(|since| now.since(since) >= TROUBLE_MIN);
        let steady = bad_last.is_none_or(|bad| now.since(bad) >= STEADY_AFTER);
        let fitness = match !open || suspect || bad {
            true => Fitness::Sick,
            false => Fitness::Well { steady },
        };
        let place = Offer { id: self.id, r#use: VolumeUse::Record, fitness, room: ROOM };
        guests::Volume { place, failing: self.watch.failing.clone() }
    }

    fn probe(&mut self, now: MonoTime) -> bool {
        let Some(at_work) = &self.at_work else { return false };
        self.disk.set_clock(self.clocks[1].clone());
        let well = at_work.volume.probe().is_ok();
        self.keeping_until = self.keeping_until.max(now + self.clocks[1].take_ahead());
        well
    }
}

fn wanted(camera: &Camera) -> Wanted {
    let label = format!("{}/main", slug(camera.number));
    let source = StreamSource::new(label, "rtsp://192.0.2.1/main").expect("it is a URL");
    Wanted {
        stream: camera.stream,
        stream_name: "main".to_owned(),
        camera: camera.camera,
        camera_slug: slug(camera.number),
        camera_name: format!("Camera {}", camera.number),
        source,
        rules: control::switch::Rules { record: true, ..Default::default() },
        volume: None,
    }
}
