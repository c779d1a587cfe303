//! Cameras whose address or settings change while they are recorded, and streams that are paused
//! and resumed, as the program's control does it.

use recorder::Now;
use stream::{EndCause, stream_within};
use world::Clock;
use world::sim::Random;

use crate::camera::FakeCamera;
use crate::parting::Parting;
use crate::scene::World;

/// So long a session may send after it was told to end.
const HEARS_WITHIN_MICROS: u64 = 300_000;
/// So long it may take its leave after that.
const LEAVES_WITHIN_MICROS: u64 = 1_000_000;
/// It takes so long to connect a camera, or up to that much more.
const CONNECT_MICROS: u64 = 100_000;
const CONNECT_MORE_MICROS: u64 = 900_000;

impl World {
    /// A camera's address or settings change: its session ends, and another one begins.
    pub fn reconfigure(&mut self, number: usize) {
        self.end_session(number, EndCause::Reconfigured);
        self.begin_session(number);
    }

    /// A stream is paused.
    pub fn pause(&mut self, number: usize) {
        self.end_session(number, EndCause::Paused);
    }

    /// A stream that was paused comes back.
    pub fn resume(&mut self, number: usize) {
        self.begin_session(number);
    }

    /// A stream is not recorded any more, while its camera goes on sending.
    pub fn rest(&mut self, number: usize, cause: EndCause) {
        let now = self.clock.mono();
        if let Some(machine) = &self.machine {
            machine.readers[number].rest(cause, now);
        }
        self.say(format!("camera {number} rests: {cause}"));
    }

    /// A stream that rests is recorded again.
    pub fn wake(&mut self, number: usize) {
        if let Some(machine) = &self.machine {
            machine.readers[number].retain();
        }
        self.say(format!("camera {number} is recorded again"));
    }

    /// Whether a camera's stream is paused.
    pub fn is_paused(&self, number: usize) -> bool {
        let fake = self.machine.as_ref().map(|machine| &machine.cameras[number]);
        fake.is_none_or(|fake| fake.due().is_none())
    }

    /// A stream wants to be on a volume from now on.
    pub fn wish(&mut self, number: usize, volume: usize) {
        let (stream, volume) = (self.cameras[number].stream, self.volumes[volume].volume);
        if let Some(placing) = self.machine.as_mut().and_then(|machine| machine.placing.as_mut()) {
            placing.guests.wants(stream, Some(volume));
            self.say(format!("camera {number} wants to be on {volume}"));
        }
    }

    fn end_session(&mut self, number: usize, cause: EndCause) {
        let now = self.clock.mono();
        let Some(machine) = &mut self.machine else { return };
        let (stream, kind) = (self.cameras[number].stream, self.cameras[number].kind);
        let session = machine.cameras[number].next_session();
        let (unheard, random) = (stream::stream().0, Random::new(0));
        let idle = FakeCamera::new(self.cameras[number].number, kind, session, random, unheard);
        let fake = std::mem::replace(&mut machine.cameras[number], idle);
        self.ends.extend(fake.run().map(|run| (run, cause)));
        let ends = now.plus_micros(self.random.below(HEARS_WITHIN_MICROS) as i64);
        let leaves = ends.plus_micros(self.random.below(LEAVES_WITHIN_MICROS) as i64);
        machine.parting.push(Parting { fake, stream, cause, ends, leaves });
        if let Some(placing) = &mut machine.placing {
            placing.guests.forget(stream, cause);
        }
        self.say(format!("camera {number} is to end: {cause}"));
        self.place(now);
    }

    fn begin_session(&mut self, number: usize) {
        let now = self.clock.mono();
        let Some(machine) = &mut self.machine else { return };
        let reader = &machine.readers[number];
        let writer = if reader.is_idle() {
            let (writer, reader) = stream_within(&machine.memory);
            machine.readers[number] = reader;
            writer
        } else {
            let stream = self.cameras[number].stream;
            let last = machine.parting.iter().rev().find(|parting| parting.stream == stream);
            reader.writer(last.map_or(EndCause::Reconfigured, |parting| parting.cause))
        };
        machine.readers[number].retain();
        let camera = &self.cameras[number];
        let random = Random::new(self.random.next_u64());
        let session = machine.cameras[number].next_session();
        let mut fake = FakeCamera::new(camera.number, camera.kind, session, random, writer);
        fake.drifts(camera.ppm);
        let wait = CONNECT_MICROS + self.random.below(CONNECT_MORE_MICROS);
        fake.connect_at(now.plus_micros(wait as i64));
        machine.cameras[number] = fake;
        self.record_placed(number);
        self.say(format!("camera {number} begins anew"));
        self.place(now);
    }

    /// What sessions do that were told to end.
    pub(crate) fn part(&mut self, now: Now) {
        let Some(machine) = &mut self.machine else { return };
        for parting in &mut machine.parting {
            if parting.fake.run().is_none() {
                continue;
            }
            let sent = parting.fake.send(now.wall, now.mono);
            self.model.sent(parting.stream, &sent);
            if parting.ends <= now.mono {
                parting.fake.disconnect(parting.cause, now.wall, now.mono);
            }
        }
        machine.parting.retain(|parting| parting.fake.run().is_some() || parting.leaves > now.mono);
    }

    /// All of them end now.
    pub(crate) fn end_partings(&mut self, now: Now) {
        let Some(machine) = &mut self.machine else { return };
        for mut parting in std::mem::take(&mut machine.parting) {
            parting.fake.disconnect(parting.cause, now.wall, now.mono);
        }
    }
}
