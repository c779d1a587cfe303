//! Everything that runs, in one value: what configuration is put into, and what is asked.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result};
use api::operations::{Applied, ApplyError, OperationError, VolumeState};
use archive::{ArchiveKey, OpenVolumeError};
use base::{StreamId, VolumeId, WallTime, limits};
use catalog::{AuditRow, Catalog, Change, VolumeRow};
use config::Settings;
use control::lives::Lives;
use control::rows::{self, Origin};
use control::wanted::Passwords;
use control::{CameraTask, Control, Known, Machinery, RecordedStream, wanted};
use stream::EndCause;

use super::alarms::AlarmDesk;
use super::audits;
use super::cameras::Cameras;
use super::effect;
use super::exporting::ExportDesk;
use super::health::Health;
use super::machine::Machine;
use super::record::{self, Recording};
use super::scheduling::Bell;
use super::today::Today;
use super::turns::Turns;
use super::volumes::{OpenVolumes, Volumes};
use crate::files;
use crate::rows::Rows;

/// The files that a server was started with.
#[derive(Clone, Debug)]
pub struct Files {
    /// `--config`.
    pub config: PathBuf,
    /// `--apply`.
    pub apply: Option<PathBuf>,
}

/// Everything that runs.
pub struct House {
    /// The real world.
    pub machine: Machine,
    /// Questions about rows, and the tail.
    pub catalog: Catalog,
    /// The catalog's writer.
    pub rows: Rows,
    /// Where changes of configuration wait for each other.
    pub turns: Turns,
    /// The list of what is wrong.
    pub alarms: AlarmDesk,
    /// How the process ended before.
    pub lives: Arc<Lives>,
    /// What ages of footage count to.
    pub today: Today,
    /// What signs footage.
    pub key: Arc<ArchiveKey>,
    /// The files it was started with.
    pub files: Files,
    /// Camera threads.
    pub cameras: Arc<Cameras>,
    /// Volumes and their threads.
    pub volumes: Arc<Volumes>,
    /// Volumes open for readers.
    pub open: OpenVolumes,
    /// Where exports are asked for.
    pub exports: ExportDesk,
    /// What should run, and what does.
    pub control: Control,
    /// Wakes the thread that turns recording on and off by the clock.
    pub bell: Bell,
    /// When it started.
    pub started: WallTime,
    /// The settings in effect.
    pub settings: Mutex<Settings>,
    /// Where the API takes settings over.
    pub app: OnceLock<api::App>,
}

/// Carries out what control decides.
pub struct Carrier {
    pub cameras: Arc<Cameras>,
    pub volumes: Arc<Volumes>,
    pub catalog: Catalog,
    pub machine: Machine,
}

impl Machinery for Carrier {
    fn connect(&self, task: CameraTask) {
        self.cameras.connect(task);
    }

    fn record(&self, stream: RecordedStream) {
        // A catalog that gives no answer has other troubles.
        let id = stream.wanted.stream;
        let newest = self.catalog.segments_before(id, WallTime::MAX, 1).unwrap_or_default();
        let last = newest.first().map(|row| row.volume);
        self.volumes.record(stream, last, self.machine.mono());
    }

    fn wants(&self, stream: StreamId, volume: Option<VolumeId>) {
        self.volumes.wants(stream, volume, self.machine.mono());
    }

    fn volume_of(&self, stream: StreamId) -> Option<VolumeId> {
        self.volumes.volume_of(stream)
    }

    fn forget(&self, stream: StreamId, cause: EndCause) {
        self.volumes.forget(stream, cause, self.machine.mono());
        self.cameras.wake();
    }
}

/// Where readers find open volumes.
impl playback::Volumes for OpenVolumes {
    fn volume(&self, id: VolumeId) -> Option<Arc<archive::Volume>> {
        self.get(id)
    }
}

/// Has the files read again, after the changes that wait already.
pub fn reload_soon(house: &Arc<House>) {
    let carried_out_by = house.clone();
    let told = house.turns.tell("reading the configuration again", move || {
        match carried_out_by.reload() {
            Ok(words) => tracing::info!(?words, "read the configuration again"),
            Err(error) => tracing::error!("{error:#}"),
        }
    });
    if let Err(why) = told {
        tracing::error!("the configuration was not read again: {why}");
    }
}

/// What changes the configuration is called by one thread at a time: in a turn, once the server has
/// started.
impl House {
    /// Reads the files again and makes what they say run; nothing changes when they are wrong.
    pub fn reload(&self) -> Result<Applied> {
        let settings = files::settings(&self.files.config)?;
        let applied = self.files.apply.as_deref().map(files::applied).transpose()?;
        let applied = applied.unwrap_or_default();
        // Not at a start: then as much is recorded as there is.
        let cameras = merged(&settings.cameras, &applied.cameras);
        let known = effect::known(&self.catalog)?;
        if let Some(why) = rows::beyond_bounds(&known, &self.to_be(&known, &cameras, Origin::Files))
        {
            anyhow::bail!("the configuration was not read again: {why}");
        }
        self.put_into_effect(settings, applied)
    }

    /// What makes the rows say what `cameras` say.
    fn to_be(&self, known: &Known, cameras: &[config::Camera], origin: Origin) -> Vec<Change> {
        let (now, entropy) = (self.machine.wall(), &*self.machine.entropy);
        rows::by_difference(known, cameras, origin, now, entropy)
    }

    /// Makes `settings`, and what `applied` adds to them, run.
    pub fn put_into_effect(&self, settings: Settings, applied: config::Applied) -> Result<Applied> {
        let volumes = [settings.archive.volumes.clone(), applied.volumes].concat();
        let failed = self.make_volumes(&volumes, Origin::Files, None)?;
        self.volumes
            .set_unmade(failed.iter().map(|(name, error)| unmade(name, error, &volumes)).collect());
        let cameras = merged(&settings.cameras, &applied.cameras);
        let words = self.take_cameras(&cameras, Origin::Files, None)?;
        self.volumes.set(record_settings(&settings));
        self.cameras.set_tick(limits::read_tick(settings.archive.sync_interval));
        if let Some(app) = self.app.get() {
            app.set_settings(api_settings(&settings));
        }
        {
            let mut now = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
            let later = later(&now, &settings);
            if !later.is_empty() {
                tracing::warn!("{} counts from the next start on", later.join(", "));
            }
            *now = settings;
        }
        self.reconcile(Passwords::Anew)?;
        Ok(words)
    }

    /// Makes what runs what the rows say.
    pub fn reconcile(&self, passwords: Passwords) -> Result<()> {
        let known = effect::known(&self.catalog)?;
        let unchanged = self.control.unchanged(&known);
        let (wanted, unusable) = wanted::wanted(&known, &effect::resolve, &unchanged, passwords);
        for stream in &unusable {
            tracing::error!(stream = stream.label, "not connected: {}", stream.problem);
        }
        let (stopped, started) = self.control.reconcile(known, wanted, unusable);
        self.cameras.wake();
        self.bell.ring();
        tracing::info!(stopped, started, "cameras are as configured");
        Ok(())
    }

    /// Takes what a text says that was sent to the running server: it makes and changes cameras and
    /// volumes, which the catalog then keeps. Each transaction notes `audit` with what it changes.
    /// Limits become tighter only where that `may_delete` footage.
    pub fn apply(
        &self,
        applied: &config::Applied,
        may_delete: bool,
        audit: AuditRow,
    ) -> Result<Applied, ApplyError> {
        let failed = |error| ApplyError::Failed(OperationError(format!("{error:#}")));
        let known = effect::known(&self.catalog).map_err(failed)?;
        if let Some(camera) = rows::managed_elsewhere(&known, &applied.cameras) {
            return Err(ApplyError::ManagedByFile(format!("camera {:?}", camera.name)));
        }
        let to_be = self.to_be(&known, &applied.cameras, Origin::Given);
        if let Some(why) = rows::beyond_bounds(&known, &to_be) {
            return Err(ApplyError::Invalid(why));
        }
        if let Some(tighter) = rows::tightened(&known, &to_be).filter(|_| !may_delete) {
            return Err(ApplyError::Tightens(tighter.to_string()));
        }
        let change = || {
            let volumes = &applied.volumes;
            let noted = (!volumes.is_empty()).then(|| audit.clone());
            let failed = self.make_volumes(volumes, Origin::Given, noted)?;
            if let Some((name, error)) = failed.into_iter().next() {
                return Err(error.context(format!("volume {name:?} cannot be used")));
            }
            let words = self.take_cameras(&applied.cameras, Origin::Given, Some(audit))?;
            self.reconcile(Passwords::OfWhatChanges)?;
            Ok(words)
        };
        change().map_err(failed)
    }

    /// Makes the rows say what `cameras` say. Files that change what was there are noted too: what
    /// they say may be all that makes footage go.
    fn take_cameras(
        &self,
        cameras: &[config::Camera],
        origin: Origin,
        audit: Option<AuditRow>,
    ) -> Result<Applied> {
        let known = effect::known(&self.catalog)?;
        let (mut changes, words) =
            effect::camera_changes(&self.catalog, cameras, origin, &self.machine)?;
        let changed = !words.changed.is_empty() || !words.paused.is_empty();
        let by_file = || audits::entry(self.machine.wall(), "a configuration file");
        if let Some(audit) = audit.or_else(|| changed.then(by_file)) {
            let detail = audits::of_cameras(&words, &audits::limits(&known, &changes));
            changes.push(Change::Audit(AuditRow { detail, ..audit }));
        }
        self.rows.apply(changes).context("the cameras were not changed")?;
        Ok(words)
    }

    /// Cameras, streams and retention as text.
    pub fn export_text(&self) -> Result<String> {
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone();
        effect::export(&self.catalog, settings)
    }

    /// Makes and starts the volumes that are named; those that cannot be used, and why.
    fn make_volumes(
        &self,
        volumes: &[config::Volume],
        origin: Origin,
        audit: Option<AuditRow>,
    ) -> Result<Vec<effect::Unmade>> {
        let public = self.key.public_key();
        let (mut changes, failed) =
            effect::volume_changes(&self.catalog, volumes, origin, public, &self.machine)?;
        if let Some(audit) = audit {
            let detail = audits::of_volumes(volumes);
            changes.push(Change::Audit(AuditRow { detail, ..audit }));
        }
        self.rows.apply(changes).context("the volumes were not taken in")?;
        let (rows, at_work) = (self.catalog.volumes()?, self.catalog.volumes_at_work()?);
        // All of them are awaited before the first may find that it is complete.
        for row in rows.iter().filter(|row| !self.volumes.has(row.id)) {
            self.volumes.standings().await_volume(row.id);
            if at_work.contains(&row.id) {
                self.volumes.standings().has_to_hear(row.id);
            }
        }
        for row in rows {
            match self.volumes.has(row.id) {
                true => self.volumes.renew(&row),
                false => self.start_volume(row)?,
            }
        }
        Ok(failed)
    }

    /// The greatest age that a frame may reach before it is durable, as it is set.
    pub fn sync_interval(&self) -> std::time::Duration {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).archive.sync_interval
    }

    /// Where the catalog lies, as it is set.
    pub fn catalog_folder(&self) -> PathBuf {
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        settings.archive.catalog.clone()
    }

    /// Bytes that exports may take, as it is set.
    pub fn export_bytes_max(&self) -> u64 {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).exports.max_bytes
    }

    /// Starts the thread of a volume.
    pub(super) fn start_volume(&self, row: VolumeRow) -> Result<()> {
        let health = Health::new(Some(row.id), &row.name, row.keep_free);
        health.update(|health| {
            (health.r#use, health.managed_by_file) = (row.r#use, row.managed_by_file);
            health.path.clone_from(&row.path);
        });
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.volumes.standings().await_volume(row.id);
        self.catalog.tail().await_volume(row.id);
        let door = record::start(Recording {
            row: row.clone(),
            catalog: self.catalog.clone(),
            rows: self.rows.clone(),
            key: self.key.clone(),
            machine: self.machine.clone(),
            settings: record_settings(&settings),
            health: health.clone(),
            open: self.open.clone(),
            board: self.alarms.board.clone(),
            standings: self.volumes.standings(),
            lives: self.lives.clone(),
            today: self.today.clone(),
            scrub_rate: settings.archive.scrub_rate,
        });
        let door = door.with_context(|| format!("cannot start volume {:?}", row.name))?;
        self.volumes.add(row, health, door, self.machine.mono());
        Ok(())
    }
}

/// How a volume stands that could not be made.
fn unmade(name: &str, error: &anyhow::Error, volumes: &[config::Volume]) -> Health {
    let wanted = volumes.iter().find(|volume| volume.name == name);
    let keep_free = wanted.map_or_else(config::KeepFree::default, |it| it.keep_free);
    let health = Health::new(None, name, keep_free);
    let known = error.downcast_ref::<OpenVolumeError>();
    // It says its own cause.
    let words = known.map_or_else(|| format!("{error:#}"), ToString::to_string);
    tracing::error!(volume = name, "not recording here: {words}");
    let path = wanted.map(|it| it.path.clone());
    health.update(|health| {
        health.path = path.unwrap_or_default();
        (health.state, health.problem) = (VolumeState::Failing, Some(words));
    });
    if let Some(error) = known {
        health.refused(error);
    }
    health
}

/// What changed in the settings and counts from the next start on only.
fn later(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let (a, b) = (&old.archive, &new.archive);
    let changed = [
        (old.server.listen != new.server.listen, "server.listen"),
        (a.catalog != b.catalog, "archive.catalog"),
        (a.time_zone != b.time_zone, "archive.time_zone"),
        (a.memory_max != b.memory_max, "archive.memory_max"),
        (a.index_cache != b.index_cache, "archive.index_cache"),
        (a.scrub_rate != b.scrub_rate, "archive.scrub_rate"),
        (old.exports.path != new.exports.path, "exports.path"),
    ];
    changed.into_iter().filter_map(|(changed, key)| changed.then_some(key)).collect()
}

/// The cameras of both files; the second says it better where both name one.
fn merged(first: &[config::Camera], second: &[config::Camera]) -> Vec<config::Camera> {
    let again = |camera: &&config::Camera| !second.iter().any(|other| other.name == camera.name);
    first.iter().filter(again).chain(second).cloned().collect()
}

/// How segments are cut and synced.
pub fn record_settings(settings: &Settings) -> recorder::Settings {
    recorder::Settings {
        sync_interval: settings.archive.sync_interval,
        segment_duration: settings.archive.segment_duration,
    }
}

/// What the API takes of the settings.
pub fn api_settings(settings: &Settings) -> api::Settings {
    api::Settings {
        hosts: settings.server.hosts.clone(),
        allow_unauthenticated: settings.server.allow_unauthenticated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_that_could_not_be_made_is_shown_as_it_was_to_be() {
        let volume = |name: &str| config::Volume {
            name: name.to_owned(),
            path: format!("/srv/{name}").into(),
            keep_free: config::KeepFree::Permille(80),
            r#use: config::VolumeUse::Record,
        };
        let error = anyhow::anyhow!("the folder belongs to somebody else");
        let health = unmade("disk2", &error, &[volume("disk1"), volume("disk2")]).snapshot();
        assert_eq!(health.path, PathBuf::from("/srv/disk2"));
        assert_eq!(health.keep_free.to_string(), "8%");
        assert_eq!(health.problem.as_deref(), Some("the folder belongs to somebody else"));
    }
}
