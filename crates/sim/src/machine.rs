//! One simulated machine: two fake cameras, the real stream, recorder, archive and catalog, a
//! driver that does in one thread what the program does in several, and a power switch.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use archive::{ArchiveKey, Depth, Expect, Volume, VolumeIdentity};
use base::{ArchiveId, CameraId, MonoTime, StreamId, VolumeId, WallTime};
use catalog::{Catalog, Change, Options, Saved, Writer};
use recorder::{
    Alarm, CheckReport, InOrder, Now, Settings, Site, StreamJob, Unfinished, VolumeRecorder,
};
use recorder::{StepReport, check, recover};
use stream::EndCause;
use world::sim::{Effect, Fault, Operation, Random, SeededEntropy, SimClock, SimDisk};
use world::{Clock, Entropy};

use crate::camera::{CameraKind, FakeCamera};
use crate::model::Model;
use crate::rows::{Camera, describe, root, rows, slug};

/// What a sync takes.
const SYNC_TIME: Duration = Duration::from_millis(8);
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// Short, so that a run of seconds has rotations.
const SEGMENT_DURATION: Duration = Duration::from_secs(4);
/// The longest time that a change waits for the catalog.
const CATALOG_DELAY_MICROS: u64 = 1_500_000;
/// The longest time until recovery takes its next file.
const RECOVERY_DELAY_MICROS: u64 = 1_000_000;

/// Everything that survives a power cut, and the machine while it runs.
pub struct World {
    /// Simulated time.
    pub clock: SimClock,
    /// The simulated disk.
    pub disk: SimDisk,
    /// What happens when.
    pub random: Random,
    /// What must be found.
    pub model: Model,
    /// What happened.
    pub log: Vec<String>,
    /// The machine, while it has power.
    pub machine: Option<Machine>,
    /// Bytes that a stream may hold for a recorder that cannot write; set before a start.
    pub retain_bytes: usize,
    /// Frames that were said to be lost.
    pub lost: u64,
    /// Streams whose footage is dated later than it is, as of the last step.
    pub dated_late: Vec<(StreamId, Duration)>,
    cameras: Vec<Camera>,
    entropy: Arc<SeededEntropy>,
    key: Arc<ArchiveKey>,
    volume: VolumeIdentity,
    options: Options,
    saved: Saved,
}

/// The running process.
pub struct Machine {
    /// Its catalog.
    pub catalog: Catalog,
    /// Its volume.
    pub volume: Arc<Volume>,
    writer: Writer,
    recorder: VolumeRecorder,
    cameras: Vec<FakeCamera>,
    changes: VecDeque<(MonoTime, Vec<Change>)>,
    unfinished: VecDeque<Unfinished>,
    recovery_due: MonoTime,
}

/// How a span of simulated time ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It passed.
    Passed,
    /// The disk said that something is wrong before it had passed.
    DiskFailed,
}

impl World {
    /// A new archive on a new disk, and two cameras. Nothing runs yet.
    pub fn new(seed: u64) -> Self {
        let began: WallTime = "2026-11-22T22:00:00Z".parse().expect("it is RFC 3339");
        let (clock, disk) = (SimClock::new(began), SimDisk::new());
        disk.set_clock(clock.clone());
        let entropy = Arc::new(SeededEntropy::new(seed));
        let key = ArchiveKey::load_or_create(&disk, Path::new("/archive.key"), &*entropy);
        let key = key.expect("a new disk takes a key");
        let volume = VolumeIdentity {
            volume: VolumeId::new(began, entropy.id_bytes()),
            archive: ArchiveId::new(began, entropy.id_bytes()),
            public_key: key.public_key(),
        };
        Volume::init(&disk, &root(), &volume).expect("a new disk takes a volume");
        let kinds = [CameraKind::Plain, CameraKind::Rich];
        let cameras = kinds.into_iter().zip(0u8..).map(|(kind, number)| Camera {
            number,
            kind,
            camera: CameraId::new(began, entropy.id_bytes()),
            stream: StreamId::new(began, entropy.id_bytes()),
            session: 0,
        });
        let cameras: Vec<Camera> = cameras.collect();
        let options = Options {
            time_zone: jiff::tz::TimeZone::UTC,
            index_cache_bytes: 1 << 20,
            new_archive: volume.archive,
            note: "simulation".to_owned(),
        };
        let (_, mut writer) = Catalog::memory(&options).expect("memory takes a catalog");
        writer.apply(&rows(&volume, &cameras)).expect("a new catalog takes its first rows");
        let (model, key, saved) =
            (Model::default(), Arc::new(key), writer.save().expect("memory is copied"));
        let random = Random::new(seed ^ 0x51d);
        let (log, machine, lost, dated_late) = (Vec::new(), None, 0, Vec::new());
        let retain_bytes = base::limits::RETAIN_BYTES_DEFAULT;
        Self {
            clock,
            disk,
            random,
            model,
            log,
            machine,
            retain_bytes,
            lost,
            dated_late,
            cameras,
            entropy,
            key,
            volume,
            options,
            saved,
        }
    }

    /// Starts the process: looks at what is there, and records at once. `Err` when the power went
    /// before that.
    pub fn start(&mut self) -> Result<(), String> {
        // A lasting rule, for faults are dropped with the power.
        self.disk.add_fault(Fault::new(Operation::SyncData, Effect::Slow(SYNC_TIME)));
        let disk = Arc::new(self.disk.clone());
        let expect = Expect { volume: Some(self.volume.volume), archive: self.volume.archive };
        let volume = Volume::open(disk, &root(), expect, "sim").map_err(|e| e.to_string())?;
        let volume = Arc::new(volume);
        let (catalog, writer) =
            Catalog::restore(&self.saved, &self.options).map_err(|e| e.to_string())?;
        let now = Now::of(&self.clock);
        let survey = recover::survey(&volume, &catalog, now.wall).map_err(|e| e.to_string())?;
        if !survey.unreadable.is_empty() {
            return Err(survey.unreadable.join("; "));
        }
        let site = Site {
            volume: volume.clone(),
            key: Some(self.key.clone()),
            catalog: catalog.clone(),
            clock: Arc::new(self.clock.clone()),
            entropy: self.entropy.clone(),
        };
        let settings =
            Settings { sync_interval: SYNC_INTERVAL, segment_duration: SEGMENT_DURATION };
        let mut recorder = VolumeRecorder::new(site, settings, now);
        let mut cameras = Vec::new();
        for camera in &self.cameras {
            let random = Random::new(self.random.next_u64());
            let (mut fake, reader) =
                FakeCamera::new(camera.number, camera.kind, camera.session, random);
            reader.set_retain_bytes(self.retain_bytes);
            fake.connect(now.wall, now.mono);
            recorder.add(StreamJob {
                camera: camera.camera,
                camera_slug: slug(camera.number),
                camera_name: format!("Camera {}", camera.number),
                stream: camera.stream,
                stream_name: "main".to_owned(),
                reader,
                before: survey.before.get(&camera.stream).copied(),
            });
            cameras.push(fake);
        }
        self.say(format!("started, {} files to finish", survey.unfinished.len()));
        self.machine = Some(Machine {
            catalog,
            volume,
            writer,
            recorder,
            cameras,
            changes: VecDeque::new(),
            unfinished: survey.unfinished.into(),
            recovery_due: now.mono + Duration::from_millis(100),
        });
        Ok(())
    }

    /// Lets `time` pass.
    pub fn run(&mut self, time: Duration) -> Ended {
        let until = self.clock.mono() + time;
        while self.machine.is_some() {
            let next = self.next_due().min(until);
            self.clock.advance(next.since(self.clock.mono()));
            let failed = self.do_what_is_due();
            if failed {
                return Ended::DiskFailed;
            }
            if next >= until {
                break;
            }
        }
        Ended::Passed
    }

    /// The power goes and comes back: the process is gone, and with it what was not durable.
    pub fn cut_power(&mut self) {
        self.forget_process();
        self.model.cut();
        self.disk.power_cut(&mut self.random);
        self.disk.clear_faults();
        self.clock.advance(Duration::from_millis(300 + self.random.below(3000)));
        self.say("power cut".to_owned());
    }

    /// Stops as the program does: cameras first, then everything is written, synced and sealed.
    /// Whether all footage is committed.
    pub fn stop(&mut self) -> bool {
        let now = Now::of(&self.clock);
        let Some(machine) = &mut self.machine else { return false };
        for fake in &mut machine.cameras {
            fake.disconnect(EndCause::Shutdown, now.wall, now.mono);
        }
        let report = machine.recorder.finish(now, &InOrder);
        let complete = report.all_committed();
        self.take_report(report.step);
        if complete {
            self.model.promised_all();
        }
        while self.machine.as_ref().is_some_and(|m| !m.unfinished.is_empty()) {
            self.finish_one();
        }
        let machine = self.machine.as_mut().expect("it runs until here");
        for (_, changes) in std::mem::take(&mut machine.changes) {
            machine.writer.apply(&changes).expect("the catalog takes what the recorder says");
        }
        self.say(format!("stopped, all committed: {complete}"));
        complete
    }

    /// Ends the process without the machine.
    pub fn forget_process(&mut self) {
        let Some(machine) = self.machine.take() else { return };
        for (camera, fake) in self.cameras.iter_mut().zip(&machine.cameras) {
            camera.session = fake.next_session();
        }
        self.saved = machine.writer.save().expect("memory is copied");
        drop(machine);
        self.disk.kill();
    }

    /// Finishes all files that recovery has left, and applies all changes. `Err` when the disk
    /// fails.
    pub fn finish_recovery(&mut self) -> Result<(), String> {
        while self.machine.as_ref().is_some_and(|m| !m.unfinished.is_empty()) {
            if !self.finish_one() {
                return Err("recovery failed".to_owned());
            }
        }
        Ok(())
    }

    /// A camera goes away and comes back, after the least back-off.
    pub fn reconnect(&mut self, number: usize) {
        let now = Now::of(&self.clock);
        let Some(machine) = &mut self.machine else { return };
        machine.cameras[number].disconnect(EndCause::CameraGone, now.wall, now.mono);
        self.say(format!("camera {number} is gone"));
        let until = self.clock.mono() + base::limits::BACK_OFF_MIN;
        while self.clock.mono() < until {
            self.run(until.since(self.clock.mono()));
        }
        let now = Now::of(&self.clock);
        if let Some(machine) = &mut self.machine {
            machine.cameras[number].connect(now.wall, now.mono);
            self.say(format!("camera {number} is back"));
        }
    }

    /// A camera's next sound has the time of the one before.
    pub fn stutter(&mut self, number: usize) {
        if let Some(machine) = &mut self.machine {
            machine.cameras[number].stutter();
        }
    }

    /// A stream is no longer to be recorded; its camera sends on for `linger`.
    pub fn take_away(&mut self, number: usize, linger: Duration) {
        let (cause, stream) = (EndCause::Reconfigured, self.cameras[number].stream);
        let Some(machine) = &mut self.machine else { return };
        machine.recorder.remove(stream, cause);
        self.run(linger);
        let now = Now::of(&self.clock);
        if let Some(machine) = &mut self.machine {
            machine.cameras[number].disconnect(cause, now.wall, now.mono);
            self.say(format!("camera {number} is taken away"));
        }
    }

    /// Makes changes durable at once.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            self.say(describe(change));
        }
        if let Some(machine) = &mut self.machine {
            machine.writer.apply(changes).expect("the catalog takes what it is told");
        }
    }

    /// Bytes a second that are recorded.
    pub fn bytes_per_second(&self) -> u64 {
        self.machine.as_ref().map_or(0, |machine| machine.recorder.bytes_per_second())
    }

    /// Compares catalog and files as of `now`, reading every byte.
    pub fn check(&self, now: WallTime) -> Result<CheckReport, String> {
        let machine = self.machine.as_ref().ok_or("nothing runs that could be checked")?;
        let Machine { volume, catalog, .. } = machine;
        check(volume, catalog, Depth::Everything, now, &mut |_| {}).map_err(|e| e.to_string())
    }

    /// The stream of each camera, with its number.
    pub fn streams(&self) -> Vec<(u8, StreamId)> {
        self.cameras.iter().map(|camera| (camera.number, camera.stream)).collect()
    }

    /// The volume's folder.
    pub fn volume_root(&self) -> PathBuf {
        root()
    }

    fn next_due(&self) -> MonoTime {
        let Some(machine) = &self.machine else { return self.clock.mono() };
        let cameras = machine.cameras.iter().filter_map(FakeCamera::due);
        let changes = machine.changes.front().map(|(due, _)| *due);
        let recovery = (!machine.unfinished.is_empty()).then_some(machine.recovery_due);
        let all = cameras.chain(changes).chain(recovery).chain([machine.recorder.due()]);
        all.min().unwrap_or_default()
    }

    /// Everything that is due now; whether the disk failed.
    fn do_what_is_due(&mut self) -> bool {
        let now = Now::of(&self.clock);
        let Some(machine) = &mut self.machine else { return false };
        for (camera, fake) in self.cameras.iter().zip(&mut machine.cameras) {
            let sent = fake.send(now.wall, now.mono);
            self.model.sent(camera.stream, &sent);
        }
        while machine.changes.front().is_some_and(|(due, _)| *due <= now.mono) {
            let Some((_, changes)) = machine.changes.pop_front() else { break };
            machine.writer.apply(&changes).expect("the catalog takes what the recorder says");
        }
        if machine.recovery_due <= now.mono && !machine.unfinished.is_empty() {
            let delay = self.random.below(RECOVERY_DELAY_MICROS) as i64;
            machine.recovery_due = now.mono.plus_micros(delay);
            if !self.finish_one() {
                return true;
            }
        }
        let Some(machine) = &mut self.machine else { return false };
        if machine.recorder.due() > now.mono {
            return false;
        }
        let report = machine.recorder.step(now, &InOrder);
        self.take_report(report)
    }

    /// Does what the driver does with a report; whether the disk failed.
    fn take_report(&mut self, report: StepReport) -> bool {
        for (stream, until) in &report.durable {
            self.model.promised(*stream, *until);
        }
        for change in &report.changes {
            self.say(describe(change));
        }
        for alarm in &report.alarms {
            if let Alarm::Lost { lost, .. } = alarm {
                self.lost += lost.frames;
            }
            self.say(format!("alarm: {alarm}"));
        }
        self.dated_late = report.dated_late;
        let failed = report.alarms.iter().any(|alarm| matches!(alarm, Alarm::Disk { .. }));
        let Some(machine) = &mut self.machine else { return failed };
        machine.unfinished.extend(report.unfinished);
        self.queue(report.changes);
        failed
    }

    /// Changes wait for the catalog, in order.
    fn queue(&mut self, changes: Vec<Change>) {
        let now = self.clock.mono();
        let Some(machine) = self.machine.as_mut().filter(|_| !changes.is_empty()) else { return };
        let delay = self.random.below(CATALOG_DELAY_MICROS) as i64;
        let after = machine.changes.back().map_or(now, |(due, _)| *due);
        machine.changes.push_back((now.plus_micros(delay).max(after), changes));
    }

    /// Recovery's next file; whether that went well.
    fn finish_one(&mut self) -> bool {
        let now = self.clock.mono();
        let Some(machine) = &mut self.machine else { return true };
        let Some(job) = machine.unfinished.pop_front() else { return true };
        match recover::finish(&machine.volume, &machine.catalog, Some(&self.key), &job) {
            Ok(finished) => {
                if let Some((stream, end)) = finished.footage {
                    machine.recorder.footage_ends(stream, end);
                }
                for change in &finished.changes {
                    self.log.push(format!("{} finished: {}", now.as_micros(), describe(change)));
                }
                for note in &finished.notes {
                    self.log.push(format!("{} finished: {note}", now.as_micros()));
                }
                self.queue(finished.changes);
                true
            }
            Err(error) => {
                self.say(format!("not finished: {error}"));
                false
            }
        }
    }

    fn say(&mut self, what: String) {
        self.log.push(format!("{} {what}", self.clock.mono().as_micros()));
    }
}
