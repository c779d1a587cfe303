//! The catalog without a server: opening it, applying and exporting configuration.

use anyhow::{Context, Result, bail};
use archive::ArchiveKey;
use catalog::{AuditRow, Catalog, Change, Writer};
use config::Settings;
use control::rows::{Origin, beyond_bounds, managed_elsewhere};

use super::machine::Machine;
use super::{KEY_FILE, audits, effect, options, upgrading};

/// Opens the catalog for writing; it must not be in use.
pub fn open_catalog(settings: &Settings, machine: &Machine) -> Result<(Catalog, Writer)> {
    let options = options(settings, machine);
    let dir = &settings.archive.catalog;
    let (catalog, mut writer) = Catalog::open(&*machine.disk, dir, &options)?;
    let owed = writer.take_owed();
    writer.apply(&owed.changes)?;
    if let Some(back_up) = owed.back_up {
        upgrading::make(back_up, machine);
    }
    Ok((catalog, writer))
}

/// Makes the catalog say what `applied` says; what that changed, in words.
pub fn apply_offline(settings: &Settings, applied: &config::Applied) -> Result<String> {
    let machine = Machine::real();
    let (catalog, mut writer) = open_catalog(settings, &machine)?;
    if let Some(camera) = managed_elsewhere(&effect::known(&catalog)?, &applied.cameras) {
        bail!("camera {:?} is managed by a configuration file: change it there", camera.name);
    }
    let key_path = settings.archive.catalog.join(KEY_FILE);
    let key = ArchiveKey::load_or_create(&*machine.disk, &key_path, &*machine.entropy)?;
    let volumes = [settings.archive.volumes.clone(), applied.volumes.clone()].concat();
    let public = key.public_key();
    let (changes, failed) =
        effect::volume_changes(&catalog, &volumes, Origin::Given, public, &machine)?;
    writer.apply(&changes).context("the volumes were not taken in")?;
    let known = effect::known(&catalog)?;
    let (mut changes, words) =
        effect::camera_changes(&catalog, &applied.cameras, Origin::Given, &machine)?;
    if let Some(why) = beyond_bounds(&known, &changes) {
        bail!("the cameras were not changed: {why}");
    }
    let mut detail = audits::of_cameras(&words, &audits::limits(&known, &changes));
    if !applied.volumes.is_empty() {
        detail = format!("{detail}; {}", audits::of_volumes(&applied.volumes));
    }
    let entry = audits::entry(machine.wall(), "the command line, while the server was down");
    changes.push(Change::Audit(AuditRow { detail, ..entry }));
    writer.apply(&changes).context("the cameras were not changed")?;
    match failed.into_iter().next() {
        Some((name, error)) => Err(error.context(format!("volume {name:?} cannot be used"))),
        None => Ok(serde_json::to_string_pretty(&words)?),
    }
}

/// Cameras, streams and retention as text.
pub fn export_offline(settings: &Settings) -> Result<String> {
    let catalog = Catalog::open_to_read(&settings.archive.catalog)?;
    effect::export(&catalog, settings.clone())
}
