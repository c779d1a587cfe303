//! The running process: the real stream, recorder, archive and catalog, and what stands between
//! them in the program's threads.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use archive::{DayFolder, Expect, Volume};
use base::{MonoTime, StreamId, VolumeId};
use catalog::{Catalog, Change, Writer};
use recorder::{Before, FinishReport, Now, Settings, Site, Standing, StepReport, StreamJob};
use recorder::{Unfinished, VolumeRecorder, recover};
use stream::StreamReader;
use world::sim::{Random, SimClock, SimDisk};

use crate::camera::FakeCamera;
use crate::rows::{Camera, root, slug};
use crate::scene::World;

/// How often a volume that is not there is looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The running process.
pub struct Machine {
    /// Its catalog.
    pub catalog: Catalog,
    /// Its volumes, in their order.
    pub places: Vec<Place>,
    pub(crate) writer: Writer,
    pub(crate) cameras: Vec<FakeCamera>,
    pub(crate) readers: Vec<StreamReader>,
    /// Where the recording of each stands.
    pub(crate) standings: Vec<Arc<Standing>>,
    /// What files that await recovery say of one another.
    pub(crate) claims: recover::Claims,
    pub(crate) changes: VecDeque<(MonoTime, Vec<Change>)>,
}

/// One volume, as the two threads of the program see it that work on it.
pub struct Place {
    /// What there is while it is open.
    pub at_work: Option<AtWork>,
    pub(crate) id: VolumeId,
    pub(crate) disk: SimDisk,
    /// The clocks of the thread that records and of the one that keeps: a call that takes long
    /// moves its thread's clock ahead of everybody's.
    pub(crate) clocks: [SimClock; 2],
    pub(crate) look_again: MonoTime,
    /// What the recording thread is doing until then.
    pub(crate) stepping: Option<(MonoTime, StepReport)>,
    /// The keeping thread is busy until then.
    pub(crate) keeping_until: MonoTime,
}

/// What there is while a volume is open.
pub struct AtWork {
    /// The volume.
    pub volume: Arc<Volume>,
    /// What records on it.
    pub recorder: VolumeRecorder,
    pub(crate) before: HashMap<StreamId, Before>,
    pub(crate) unfinished: VecDeque<Unfinished>,
    /// Files that could not be finished, for the next look at space.
    pub(crate) again: Vec<Unfinished>,
    pub(crate) older: Vec<DayFolder>,
    pub(crate) finish_due: MonoTime,
    pub(crate) look_due: MonoTime,
}

impl Machine {
    /// The first volume; panics while it is not open.
    pub fn volume(&self) -> Arc<Volume> {
        self.places[0].at_work.as_ref().expect("the volume is open").volume.clone()
    }

    /// The volume `id`, while it is open.
    pub fn volume_of(&self, id: VolumeId) -> Option<Arc<Volume>> {
        let place = self.places.iter().find(|place| place.id == id)?;
        Some(place.at_work.as_ref()?.volume.clone())
    }

    /// The volumes that are open.
    pub fn at_work(&self) -> impl Iterator<Item = &AtWork> {
        self.places.iter().filter_map(|place| place.at_work.as_ref())
    }

    /// The frames that the stream of camera `number` holds for its recorder.
    pub fn reader(&self, number: usize) -> &StreamReader {
        &self.readers[number]
    }
}

impl World {
    /// Starts the process: looks at what is there, and records at once. `Err` when no volume
    /// could be opened; they are looked for again while time passes.
    pub fn start(&mut self) -> Result<(), String> {
        let (catalog, writer) =
            Catalog::restore(&self.saved, &self.options).map_err(|e| e.to_string())?;
        let now = Now::of(&self.clock);
        let (mut cameras, mut readers) = (Vec::new(), Vec::new());
        for camera in &self.cameras {
            let random = Random::new(self.random.next_u64());
            let (mut fake, reader) =
                FakeCamera::new(camera.number, camera.kind, camera.session, random);
            fake.drifts(camera.ppm);
            reader.set_retain_bytes(self.retain_bytes);
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
            keeping_until: now.mono,
        });
        let (places, changes) = (places.collect(), VecDeque::new());
        let standings = readers.iter().map(|_| Arc::default()).collect();
        let claims = recover::Claims::default();
        let machine =
            Machine { catalog, places, writer, cameras, readers, standings, claims, changes };
        self.machine = Some(machine);
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
                let files = at_work.unfinished.len();
                place.at_work = Some(at_work);
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
        machine.claims.learn(&survey);
        for (camera, standing) in self.cameras.iter().zip(&machine.standings) {
            survey.before.get(&camera.stream).iter().for_each(|before| standing.found(**before));
        }
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
        let mut at_work = AtWork {
            volume,
            recorder: VolumeRecorder::new(site, settings, now),
            before: survey.before,
            unfinished: survey.unfinished.into(),
            again: Vec::new(),
            older: survey.older,
            finish_due: now.mono + Duration::from_millis(100),
            look_due: now.mono,
        };
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

impl AtWork {
    /// Records a camera here.
    pub(crate) fn add(&mut self, camera: &Camera, reader: StreamReader, standing: Arc<Standing>) {
        self.recorder.add(StreamJob {
            camera: camera.camera,
            camera_slug: slug(camera.number),
            camera_name: format!("Camera {}", camera.number),
            stream: camera.stream,
            stream_name: "main".to_owned(),
            reader,
            standing,
            before: self.before.remove(&camera.stream),
        });
    }
}

/// What ending a volume's recording came to.
pub(crate) fn finish(place: &mut Place, now: Now) -> Option<FinishReport> {
    place.disk.set_clock(place.clocks[0].clone());
    let at_work = place.at_work.as_mut()?;
    Some(at_work.recorder.finish(now, &recorder::InOrder))
}
