//! The server: what is started, in which order, and how it ends.

mod alarms;
mod audits;
mod bringing;
mod camera_changes;
mod cameras;
mod draining;
mod effect;
mod ending;
mod exporting;
mod finishing;
mod forecasting;
mod health;
mod house;
mod keep;
mod lasting;
mod machine;
mod noting;
mod offline;
mod operations;
mod placing;
mod probing;
mod process;
mod readiness;
mod record;
mod repairing;
mod retaining;
mod scheduling;
mod serving;
mod settling;
mod sights;
mod standings;
mod today;
mod turns;
mod upgrading;
mod volume_changes;
mod volumes;
pub mod welcome;

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use archive::ArchiveKey;
use base::{ArchiveId, Shutdown, limits};
use catalog::{Catalog, Change, Options, Writer};
use config::Settings;
use control::{Control, lives};
use live::LiveHub;
use logs::Log;
use recorder::Now;

pub use machine::Machine;
pub use offline::{apply_offline, export_offline, open_catalog};

use alarms::AlarmDesk;
use cameras::Cameras;
pub use ending::Teller;
pub use house::Files;

use ending::Told;
use exporting::ExportDesk;
use house::{Carrier, House};
use serving::{Doors, Serving};
use today::Today;
use turns::Turns;
use volumes::{OpenVolumes, Volumes};

use crate::exit::Exit;
use crate::files;
use crate::rows::{Rows, nobody_waits};
use crate::shutdown::Part;

/// The archive's key, beside the catalog.
pub const KEY_FILE: &str = "archive.key";
/// How often rates are measured.
const MEASURE: Duration = Duration::from_secs(2);

/// Records and serves as the files say, until a signal ends it.
pub fn run(config: &Path, apply: Option<&Path>, log: Log) -> Result<ExitCode> {
    let files = Files { config: config.to_owned(), apply: apply.map(Path::to_owned) };
    let settings = files::settings(&files.config)?;
    let applied = files.apply.as_deref().map(files::applied).transpose()?;
    let (teller, heard) = Teller::new();
    let server = Server::start(files, settings, applied.unwrap_or_default(), &teller, log)?;
    welcome::say_where_to_begin(server.house(), server.addresses())?;
    Ok(server.run_until_told(&heard, &teller).into())
}

/// A server at work.
pub(crate) struct Server {
    house: Arc<House>,
    serving: Serving,
    shutdown: Shutdown,
    given_up: Shutdown,
}

impl Server {
    /// Starts everything: catalog, volumes, cameras. The doors to the outside are opened first, for
    /// that may fail, and answered last: nobody is told that there are no cameras.
    pub fn start(
        files: Files,
        settings: Settings,
        applied: config::Applied,
        teller: &Teller,
        log: Log,
    ) -> Result<Self> {
        let (shutdown, given_up) = (Shutdown::new(), Shutdown::new());
        let machine = Machine::real();
        let (catalog, mut writer) = Catalog::open(
            &*machine.disk,
            &settings.archive.catalog,
            &options(&settings, &machine),
        )?;
        let owed = writer.take_owed();
        let (lives, today) = begin_life(&catalog, &mut writer, &machine)?;
        let key_path = settings.archive.catalog.join(KEY_FILE);
        let key = ArchiveKey::load_or_create(&*machine.disk, &key_path, &*machine.entropy)?;
        let alarms = AlarmDesk::open(&catalog, &machine)?;
        let rows = Rows::start(writer, given_up.clone())?;
        let turns = Turns::start(machine.clock.clone())?;
        let live = LiveHub::new(machine.clock.clone(), machine.entropy.clone());
        let tick = limits::read_tick(settings.archive.sync_interval);
        let cameras = Arc::new(Cameras::new(machine.clone(), tick, shutdown.clone()));
        let volumes = Arc::new(Volumes::default());
        placing::start(&volumes, machine.clock.clone(), shutdown.clone())?;
        let carrier = Carrier {
            cameras: cameras.clone(),
            volumes: volumes.clone(),
            catalog: catalog.clone(),
            machine: machine.clone(),
        };
        let memory_max = usize::try_from(settings.archive.memory_max).unwrap_or(usize::MAX);
        let (clock, zone) = (machine.clock.clone(), options(&settings, &machine).time_zone);
        let control = Control::new(Arc::new(carrier), live.clone(), clock, zone, memory_max);
        let house = Arc::new(House {
            started: machine.wall(),
            machine,
            catalog,
            rows,
            turns,
            alarms,
            lives,
            today,
            key: Arc::new(key),
            files,
            cameras,
            volumes,
            open: OpenVolumes::default(),
            exports: ExportDesk::new(settings.exports_folder()),
            control,
            bell: scheduling::Bell::default(),
            settings: Mutex::new(settings.clone()),
            app: OnceLock::new(),
        });
        let doors = Doors::open(&house, &settings, live, log)?;
        house.put_into_effect(settings, applied)?;
        upgrading::start(owed, &house, shutdown.clone())?;
        draining::start(&house, shutdown.clone())?;
        scheduling::start(&house, shutdown.clone())?;
        exporting::start(&house)?;
        let serving = doors.serve(teller);
        Ok(Self { house, serving, shutdown, given_up })
    }

    /// What runs.
    pub fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Where the page is served.
    pub fn addresses(&self) -> &[std::net::SocketAddr] {
        self.serving.addresses()
    }

    /// Works until it is told to stop, then ends everything in order.
    pub fn run_until_told(self, heard: &Receiver<Told>, teller: &Teller) -> Exit {
        let mut memory = process::Memory::default();
        loop {
            match heard.recv_timeout(MEASURE) {
                Ok(Told::Stop) => break,
                Ok(Told::Reload) => house::reload_soon(&self.house),
                Ok(Told::Ended(..)) => {}
                Err(_) => {
                    self.house.control.measure(self.house.machine.mono());
                    self.house.alarms.look(&self.house);
                    memory.look(self.house.machine.mono());
                    if let Some(words) = self.house.turns.complaint() {
                        tracing::error!("{words}");
                    }
                }
            }
        }
        self.end(heard, teller)
    }

    fn end(self, heard: &Receiver<Told>, teller: &Teller) -> Exit {
        let began = self.house.machine.mono();
        tracing::info!("stopping");
        self.house.turns.close();
        self.house.exports.close();
        // Whatever cuts this short from here on: it was told to stop.
        let (at, cause) = (self.house.machine.wall(), stream::EndCause::Shutdown.to_string());
        let _ = self.house.rows.submit(vec![Change::EndLife { at, cause }], nobody_waits());
        let clock = self.house.machine.clock.clone();
        let outcome = ending::carry_out(&*clock, heard, |part| self.begin(part, teller));
        self.given_up.request();
        self.shutdown.request();
        self.house.cameras.wake();
        self.house.bell.ring();
        self.serving.leave();
        let took = clock.mono().since(began).as_millis() as u64;
        match outcome.committed {
            true => tracing::info!(took_ms = took, "stopped; all footage is committed"),
            false => tracing::error!(took_ms = took, "stopped; some footage was not committed"),
        }
        if outcome.committed { Exit::Done } else { Exit::Uncommitted }
    }

    /// Begins a part of the end; it tells when it is over.
    fn begin(&self, part: Part, teller: &Teller) {
        match part {
            Part::Receiving => {
                self.house.control.stop_receiving();
                self.house.cameras.wake();
                self.on_a_thread(teller, part, |house| {
                    house.control.open_runs().wait_empty(limits::SHUTDOWN_RECEIVE_TIMEOUT)
                });
            }
            Part::Footage => {
                self.on_a_thread(teller, part, |house| house.volumes.finish(&*house.machine.clock))
            }
            Part::Commit => self.on_a_thread(teller, part, |house| house.rows.flush()),
            Part::Teardown => self.on_a_thread(teller, part, |house| {
                house.cameras.wait_ended(base::limits::TEARDOWN_TIMEOUT)
            }),
            Part::Drain => self.serving.drain(teller),
        }
    }

    fn on_a_thread(
        &self,
        teller: &Teller,
        part: Part,
        work: impl FnOnce(&House) -> bool + Send + 'static,
    ) {
        let (house, told) = (self.house.clone(), teller.clone());
        let thread = std::thread::Builder::new().name(format!("end-{part:?}"));
        let started = thread.spawn(move || {
            let well = work(&house);
            told.tell(Told::Ended(part, well));
        });
        if let Err(error) = started.context("cannot start a thread") {
            tracing::error!("{error:#}");
            teller.tell(Told::Ended(part, false));
        }
    }
}

/// Writes down that this life begins, and how the one before ended.
fn begin_life(
    catalog: &Catalog,
    writer: &mut Writer,
    machine: &Machine,
) -> Result<(Arc<lives::Lives>, Today)> {
    let boot = machine.host.boot();
    let before = lives::cause_of_end(catalog.lives(1)?.first(), boot).to_string();
    let (boot, at) = (boot.unwrap_or(lives::UNKNOWN_BOOT), machine.wall());
    let (today, note) = Today::resume(catalog, Now::of(&*machine.clock))?;
    let changes = [Change::BeginLife { boot, at, before }].into_iter().chain(note);
    let begun = writer.apply(&changes.collect::<Vec<_>>());
    begun.context("the catalog cannot be written")?;
    let rows = catalog.lives(base::limits::LIVES_KEPT_MAX)?;
    if let Some(ended) = rows.get(1).and_then(|life| life.ended.as_deref()) {
        tracing::info!(ended, "how the process ended before");
    }
    Ok((Arc::new(lives::Lives::new(rows)), today))
}

/// How a catalog is opened with these settings.
pub fn options(settings: &Settings, machine: &Machine) -> Options {
    let zone = settings.archive.time_zone.clone();
    Options {
        time_zone: zone.unwrap_or_else(jiff::tz::TimeZone::system),
        index_cache_bytes: settings.archive.index_cache,
        new_archive: ArchiveId::new(machine.wall(), machine.entropy.id_bytes()),
        note: crate::note(),
    }
}
