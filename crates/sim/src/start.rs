//! A process starts: cameras connect, volumes are opened, looked through, and recorded on at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use archive::{Expect, Volume};
use catalog::{Catalog, Change};
use control::Roster;
use recorder::{Now, Retention, Settings, Site, VolumeRecorder, recover};
use stream::Budget;
use world::sim::Random;

use crate::camera::FakeCamera;
use crate::machine::{AtWork, Machine, Place};
use crate::orders::{Placing, Watch};
use crate::rows::root;
use crate::scene::World;

/// How often a volume that is not there is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

impl World {
    /// Starts the process: looks at what is there, and records at once. `Err` when no volume
    /// could be opened; they are looked for again while time passes.
    pub fn start(&mut self) -> Result<(), String> {
        let (catalog, writer) =
            Catalog::restore(&self.saved, &self.options).map_err(|e| e.to_string())?;
        let now = Now::of(&self.clock);
        let (mut cameras, mut readers) = (Vec::new(), Vec::new());
        let memory = Budget::new(self.memory_max);
        for camera in &self.cameras {
            let random = Random::new(self.random.next_u64());
            let (writer, reader) = stream::stream_within(&memory);
            let mut fake =
                FakeCamera::new(camera.number, camera.kind, camera.session, random, writer);
            fake.drifts(camera.ppm);
            // However late its disk is opened, nothing that comes is lost.
            reader.retain();
            fake.connect(now.wall, now.mono);
            cameras.push(fake);
            readers.push(reader);
        }
        let places = self.disks.iter().zip(&self.volumes).map(|(disk, volume)| Place {
            at_work: None,
            id: volume.volume,
            disk: disk.clone(),
            clocks: [self.clock.fork(), self.clock.fork()],
            look_again: now.mono,
            stepping: None,
            commands: VecDeque::new(),
            roster: Roster::new(volume.volume),
            watch: Watch::default(),
            keeping_until: now.mono,
        });
        let (places, changes) = (places.collect(), VecDeque::new());
        let placing = self.setup.placed.then(|| Placing::new(now.mono));
        let standings = readers.iter().map(|_| Arc::default()).collect();
        let claims = recover::Claims::default();
        let at_work = catalog.volumes_at_work().map_err(|e| e.to_string())?;
        at_work.into_iter().for_each(|volume| claims.await_volume(volume));
        self.machine = Some(Machine {
            catalog,
            places,
            writer,
            cameras,
            parting: Vec::new(),
            memory,
            readers,
            standings,
            claims,
            changes,
            placing,
        });
        if self.setup.placed {
            (0..self.cameras.len()).for_each(|number| self.record_placed(number));
        }
        let opened: Vec<_> = (0..self.disks.len()).map(|number| self.try_open(number)).collect();
        match opened.into_iter().find_map(Result::err) {
            Some(error) if self.machine.as_ref().is_some_and(|m| m.at_work().next().is_none()) => {
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Opens a volume, if that can be done now; why not, where it cannot.
    pub(crate) fn try_open(&mut self, number: usize) -> Result<(), String> {
        let now = Now::of(&self.clock);
        let opened = self.open(number, now);
        let machine = self.machine.as_mut().expect("a process opens volumes");
        let place = &mut machine.places[number];
        place.look_again = now.mono + LOOK_AGAIN;
        let lag = place.clocks[0].take_ahead();
        place.look_again = place.look_again + lag;
        match opened {
            Ok(at_work) => {
                let (files, volume) = (at_work.unfinished.len(), place.id);
                place.at_work = Some(at_work);
                self.take_changes(&[Change::VolumeAtWork { volume, at_work: true }]);
                self.say(format!("started, {files} files to finish"));
                Ok(())
            }
            Err(error) => {
                self.warn(format!("not recording on volume {number}: {error}"));
                Err(error)
            }
        }
    }

    fn open(&mut self, number: usize, now: Now) -> Result<AtWork, String> {
        let machine = self.machine.as_mut().expect("a process opens volumes");
        let place = &machine.places[number];
        let identity = &self.volumes[number];
        place.disk.set_clock(place.clocks[0].clone());
        let expect = Expect { volume: Some(identity.volume), archive: identity.archive };
        let disk = Arc::new(place.disk.clone());
        let volume = Volume::open(disk, &root(), expect, "sim").map_err(|e| e.to_string())?;
        let volume = Arc::new(volume);
        let survey = recover::survey(&volume, &machine.catalog, now.wall);
        let survey = survey.map_err(|e| e.to_string())?;
        let standing = |stream| {
            let number = self.cameras.iter().position(|camera| camera.stream == stream)?;
            machine.standings.get(number).cloned()
        };
        machine.claims.learn(identity.volume, &survey, &standing);
        let site = Site {
            volume: volume.clone(),
            key: Some(self.key.clone()),
            catalog: machine.catalog.clone(),
            clock: Arc::new(place.clocks[0].clone()),
            entropy: self.entropy.clone(),
        };
        let settings = Settings {
            sync_interval: self.setup.sync_interval,
            segment_duration: self.setup.segment_duration,
        };
        let retention = Retention::new(volume.clone(), machine.catalog.clone());
        let mut at_work = AtWork {
            volume,
            retention: retention.signed_with(Some(self.key.clone())),
            recorder: VolumeRecorder::new(site, settings, now),
            unfinished: survey.unfinished.into(),
            retries: recover::Retries::default(),
            held: Vec::new(),
            older: survey.older,
            finish_due: now.mono + Duration::from_millis(100),
            look_due: now.mono,
        };
        if machine.placing.is_some() {
            machine.places[number].roster.open(&mut at_work.recorder);
            survey.unreadable.into_iter().for_each(|file| self.warn(file));
            return Ok(at_work);
        }
        let streams = machine.readers.iter().zip(&machine.standings);
        for (camera, (reader, standing)) in self.cameras.iter().zip(streams) {
            if camera.home == number {
                at_work.add(camera, reader.clone(), standing.clone());
            }
        }
        survey.unreadable.into_iter().for_each(|file| self.warn(file));
        Ok(at_work)
    }
}
