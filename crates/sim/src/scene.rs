//! What survives a power cut: disks, clock, rows, and the model of what must be found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use archive::{ArchiveKey, Volume, VolumeIdentity};
use base::{ArchiveId, CameraId, RunId, StreamId, VolumeId, WallTime};
use catalog::{Catalog, Options, Saved};
use stream::EndCause;
use world::sim::{Random, SeededEntropy, SimClock, SimDisk};
use world::{Clock, Entropy};

use crate::machine::Machine;
use crate::model::Model;
use crate::rows::{Camera, root, rows};
use crate::setup::Setup;

/// Everything that survives a power cut, and the machine while it runs.
pub struct World {
    /// Simulated time.
    pub clock: SimClock,
    /// The first volume's disk.
    pub disk: SimDisk,
    /// Every volume's disk.
    pub disks: Vec<SimDisk>,
    /// What happens when.
    pub random: Random,
    /// What must be found.
    pub model: Model,
    /// What happened.
    pub log: Vec<String>,
    /// The machine, while it has power.
    pub machine: Option<Machine>,
    /// Bytes that all streams together may hold for recorders that cannot write; set before a
    /// start.
    pub memory_max: usize,
    /// Frames that were said to be lost.
    pub lost: u64,
    /// Frames that were not committed when the process ended.
    pub uncommitted: u64,
    /// Streams whose footage is dated later than it is, as of the last step.
    pub dated_late: Vec<(StreamId, Duration)>,
    /// What somebody was told, and when: alarms of recording, and errors of the other threads.
    pub alarms: Vec<(WallTime, String)>,
    /// How often the power was cut.
    pub cuts: u64,
    /// What retention keeps, every few seconds on each volume; while this is not set, nothing is
    /// removed.
    pub keep: Option<recorder::retain::Rules>,
    /// What a decision of retention broke of its own rules.
    pub broken: Vec<String>,
    pub(crate) setup: Setup,
    pub(crate) cameras: Vec<Camera>,
    pub(crate) entropy: Arc<SeededEntropy>,
    pub(crate) key: Arc<ArchiveKey>,
    pub(crate) volumes: Vec<VolumeIdentity>,
    pub(crate) options: Options,
    pub(crate) saved: Saved,
    pub(crate) began: WallTime,
    /// Why runs ended that were told to.
    pub(crate) ends: BTreeMap<RunId, EndCause>,
}

impl World {
    /// A new archive on a new disk, and two cameras. Nothing runs yet.
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Setup::default())
    }

    /// A new archive as `setup` says. Nothing runs yet.
    pub fn with(seed: u64, setup: Setup) -> Self {
        let began: WallTime = "2026-11-22T22:00:00Z".parse().expect("it is RFC 3339");
        let clock = SimClock::new(began);
        let disk = |_| {
            let disk = SimDisk::with_capacity(setup.capacity);
            disk.set_sync_time(setup.sync_time);
            disk
        };
        let disks: Vec<SimDisk> = (0..setup.volumes).map(disk).collect();
        let entropy = Arc::new(SeededEntropy::new(seed));
        let key = ArchiveKey::load_or_create(&disks[0], Path::new("/archive.key"), &*entropy);
        let key = key.expect("a new disk takes a key");
        let first = VolumeId::new(began, entropy.id_bytes());
        let archive = ArchiveId::new(began, entropy.id_bytes());
        let others = (1..setup.volumes).map(|_| VolumeId::new(began, entropy.id_bytes()));
        let identity = |volume| VolumeIdentity { volume, archive, public_key: key.public_key() };
        let volumes: Vec<_> = [first].into_iter().chain(others).map(identity).collect();
        for (disk, volume) in disks.iter().zip(&volumes) {
            Volume::init(disk, &root(), volume).expect("a new disk takes a volume");
        }
        let cameras = setup.cameras.iter().zip(0u8..).map(|(kind, number)| Camera {
            number,
            kind: *kind,
            camera: CameraId::new(began, entropy.id_bytes()),
            stream: StreamId::new(began, entropy.id_bytes()),
            session: 0,
            home: usize::from(number) % setup.volumes,
            ppm: 0,
        });
        let cameras: Vec<Camera> = cameras.collect();
        let options = Options {
            time_zone: jiff::tz::TimeZone::UTC,
            index_cache_bytes: 1 << 20,
            new_archive: archive,
            note: "simulation".to_owned(),
        };
        let (_, mut writer) = Catalog::memory(&options).expect("memory takes a catalog");
        writer.apply(&rows(&volumes, &cameras)).expect("a new catalog takes its first rows");
        Self {
            clock,
            disk: disks[0].clone(),
            disks,
            random: Random::new(seed ^ 0x51d),
            model: Model::new(setup.tolerance),
            log: Vec::new(),
            machine: None,
            memory_max: setup.memory_max,
            lost: 0,
            uncommitted: 0,
            dated_late: Vec::new(),
            alarms: Vec::new(),
            cuts: 0,
            keep: None,
            broken: Vec::new(),
            setup,
            cameras,
            entropy,
            key: Arc::new(key),
            volumes,
            options,
            saved: writer.save().expect("memory is copied"),
            began,
            ends: BTreeMap::new(),
        }
    }

    /// The power goes and comes back: the process is gone, and with it what was not durable.
    pub fn cut_power(&mut self) {
        self.forget_process();
        self.model.cut();
        for disk in &self.disks {
            disk.power_cut(&mut self.random);
            disk.clear_faults();
        }
        self.cuts += 1;
        self.clock.advance(Duration::from_millis(300 + self.random.below(3000)));
        self.say("power cut".to_owned());
    }

    /// The process is killed, as by `kill -9`: what it wrote stays, synced or not.
    pub fn kill(&mut self) {
        self.forget_process();
        self.model.cut();
        self.clock.advance(Duration::from_millis(300 + self.random.below(3000)));
        self.say("killed".to_owned());
    }

    /// Ends the process without the machine.
    pub fn forget_process(&mut self) {
        let Some(machine) = self.machine.take() else { return };
        for (camera, fake) in self.cameras.iter_mut().zip(&machine.cameras) {
            camera.session = fake.next_session();
        }
        self.saved = machine.writer.save().expect("memory is copied");
        drop(machine);
        self.disks.iter().for_each(SimDisk::kill);
    }

    /// What is durable in the catalog, for [`World::put_catalog`]; nothing may run.
    pub fn copy_catalog(&self) -> Saved {
        assert!(self.machine.is_none(), "a running catalog has its own copy");
        let (_, writer) =
            Catalog::restore(&self.saved, &self.options).expect("what was saved is whole");
        writer.save().expect("memory is copied")
    }

    /// The next start finds this catalog; nothing may run.
    pub fn put_catalog(&mut self, saved: Saved) {
        assert!(self.machine.is_none(), "a running catalog is not exchanged");
        self.saved = saved;
        self.say("the catalog is another".to_owned());
    }

    /// The next start finds a new catalog that knows volumes, cameras and streams, as a restored
    /// configuration gives them, and no footage; nothing may run.
    pub fn lose_catalog(&mut self) {
        let (_, mut writer) = Catalog::memory(&self.options).expect("memory takes a catalog");
        let rows = rows(&self.volumes, &self.cameras);
        writer.apply(&rows).expect("a new catalog takes its first rows");
        self.put_catalog(writer.save().expect("memory is copied"));
    }

    /// The camera's streams go to volume number `home` from the next start on.
    pub fn set_home(&mut self, camera: usize, home: usize) {
        self.cameras[camera].home = home;
    }

    /// The number of the volume that the camera's streams are recorded on, or are to be.
    pub fn home(&self, camera: usize) -> usize {
        self.cameras[camera].home
    }

    /// The camera's clock is fast by so many parts in a million, from the next start on.
    pub fn set_drift(&mut self, camera: usize, ppm: i64) {
        self.cameras[camera].ppm = ppm;
    }

    /// The stream of each camera, with its number.
    pub fn streams(&self) -> Vec<(u8, StreamId)> {
        self.cameras.iter().map(|camera| (camera.number, camera.stream)).collect()
    }

    /// The folder of every volume, each on its own disk.
    pub fn volume_root(&self) -> PathBuf {
        root()
    }

    /// The time that was simulated so far, for all cameras together.
    pub fn camera_time(&self) -> Duration {
        let mono = self.clock.mono().micros_since(base::MonoTime::default());
        let count = self.cameras.len() as u32;
        Duration::from_micros(mono.unsigned_abs()) * count
    }

    /// When the simulation began.
    pub fn began(&self) -> WallTime {
        self.began
    }

    /// Writes a line into the log.
    pub fn say(&mut self, what: String) {
        self.log.push(format!("{} {what}", self.clock.mono().as_micros()));
    }

    /// Somebody is told that something is wrong.
    pub(crate) fn warn(&mut self, what: String) {
        self.say(format!("alarm: {what}"));
        self.alarms.push((self.clock.wall(), what));
    }
}
