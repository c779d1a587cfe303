//! Putting configuration into effect: files → rows → what runs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use api::operations::Applied;
use archive::{OpenVolumeError, Volume, VolumeIdentity};
use base::VolumeId;
use catalog::{Catalog, Change, VolumeRow};
use config::{Password, PasswordError, Secret};
use control::Known;
use control::rows::{Origin, by_difference};

use super::machine::Machine;

/// What the catalog knows of cameras and their streams.
pub fn known(catalog: &Catalog) -> Result<Known> {
    Ok(Known {
        cameras: catalog.cameras()?,
        streams: catalog.streams()?,
        volumes: catalog.volumes()?,
        demands: catalog.demands()?,
    })
}

/// A password's text, from wherever it stands.
pub fn resolve(password: &Password) -> Result<Secret, PasswordError> {
    password.resolve(|path: &Path| std::fs::read_to_string(path))
}

/// The rows that make the catalog say what `cameras` of files say, and what that changes in words.
pub fn camera_changes(
    catalog: &Catalog,
    cameras: &[config::Camera],
    origin: Origin,
    machine: &Machine,
) -> Result<(Vec<Change>, Applied)> {
    let known = known(catalog)?;
    let changes = by_difference(&known, cameras, origin, machine.wall(), &*machine.entropy);
    let applied = in_words(&known, &changes);
    let slugs = cameras.iter().filter_map(|camera| camera.slug.as_deref());
    for slug in slugs.filter(|slug| config::is_reserved(slug)) {
        tracing::warn!(
            slug,
            "the camera's slug is a word of addresses: what asks for the camera by it may be \
             answered by another page; ask by its id, or make it a new camera with another slug"
        );
    }
    Ok((changes, applied))
}

fn in_words(known: &Known, changes: &[Change]) -> Applied {
    let mut applied = Applied::default();
    let new = changes.iter().filter_map(|change| match change {
        Change::PutCamera(row) => Some(row),
        _ => None,
    });
    let slugs: BTreeMap<_, _> =
        known.cameras.iter().chain(new).map(|row| (row.id, row.slug.as_str())).collect();
    for change in changes {
        let (name, existed, paused) = match change {
            Change::PutCamera(row) => {
                let existed = known.cameras.iter().any(|old| old.id == row.id);
                (format!("camera {}", row.slug), existed, row.paused)
            }
            Change::PutStream(row) => {
                let existed = known.streams.iter().any(|old| old.id == row.id);
                let camera = slugs.get(&row.camera).copied().unwrap_or_default();
                (format!("stream {camera}/{}", row.name), existed, row.paused)
            }
            _ => continue,
        };
        match (existed, paused) {
            (_, true) => applied.paused.push(name),
            (true, false) => applied.changed.push(name),
            (false, false) => applied.added.push(name),
        }
    }
    applied
}

/// A volume that cannot be made, by name, and why.
pub type Unmade = (String, anyhow::Error);

/// The rows of the volumes that the files name. A folder that no row knows becomes a volume here,
/// and only here; one that a row knows is never made again. One that files name no more is managed
/// by none from then on.
pub fn volume_changes(
    catalog: &Catalog,
    volumes: &[config::Volume],
    origin: Origin,
    public_key: [u8; 32],
    machine: &Machine,
) -> Result<(Vec<Change>, Vec<Unmade>)> {
    let rows = catalog.volumes()?;
    let by_files = origin == Origin::Files;
    let (mut changes, mut failed) = (Vec::new(), Vec::new());
    for volume in volumes {
        let found = rows.iter().find(|row| row.name == volume.name || row.path == volume.path);
        let id = match found {
            Some(row) => Ok(row.id),
            None => make(catalog, volume, public_key, machine),
        };
        match id {
            Ok(id) => {
                let row = VolumeRow {
                    id,
                    name: volume.name.clone(),
                    path: volume.path.clone(),
                    keep_free: volume.keep_free,
                    r#use: volume.r#use,
                    managed_by_file: by_files || found.is_some_and(|row| row.managed_by_file),
                };
                if found != Some(&row) {
                    changes.push(Change::PutVolume(row));
                }
            }
            Err(error) => failed.push((volume.name.clone(), error)),
        }
    }
    let named = |row: &&VolumeRow| {
        volumes.iter().any(|volume| volume.name == row.name || volume.path == row.path)
    };
    let left = rows.iter().filter(|row| by_files && row.managed_by_file && !named(row));
    let alone = |row: &VolumeRow| VolumeRow { managed_by_file: false, ..row.clone() };
    changes.extend(left.map(|row| Change::PutVolume(alone(row))));
    Ok((changes, failed))
}

/// Makes a folder a volume of this archive. One that is already a volume of it, say because the
/// catalog was lost, is taken in as it is.
fn make(
    catalog: &Catalog,
    volume: &config::Volume,
    public_key: [u8; 32],
    machine: &Machine,
) -> Result<VolumeId> {
    let archive = catalog.archive();
    match Volume::peek(&*machine.disk, &volume.path) {
        Ok(found) if found.archive == archive => return Ok(found.volume),
        Ok(found) => {
            let (path, found) = (volume.path.clone(), found.archive);
            return Err(OpenVolumeError::OfAnotherArchive { path, found, expected: archive }.into());
        }
        Err(OpenVolumeError::Missing { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let id = VolumeId::new(machine.wall(), machine.entropy.id_bytes());
    let identity = VolumeIdentity { volume: id, archive, public_key };
    Volume::init(&*machine.disk, &volume.path, &identity)
        .with_context(|| format!("cannot make volume {:?}", volume.name))?;
    tracing::info!(volume = volume.name, path = %volume.path.display(), "made a new volume");
    Ok(id)
}

/// Cameras, streams and retention as text, of rows and files alike.
pub fn export(catalog: &Catalog, mut settings: config::Settings) -> Result<String> {
    let known = known(catalog)?;
    let cameras = known.cameras.iter().filter(|camera| !camera.removed);
    let cameras = cameras.map(|camera| as_text(camera, &known));
    // One of which all streams were taken out is no camera that a text could make.
    settings.cameras = cameras.filter(|camera| !camera.streams.is_empty()).collect();
    settings.archive.volumes = catalog
        .volumes()?
        .into_iter()
        .map(|row| config::Volume {
            name: row.name,
            path: row.path,
            keep_free: row.keep_free,
            r#use: row.r#use,
        })
        .collect();
    Ok(config::export(&settings))
}

/// A camera as a text says it.
pub fn as_text(camera: &catalog::CameraRow, known: &Known) -> config::Camera {
    let streams = known.streams.iter().filter(|row| row.camera == camera.id);
    let streams = streams.filter(|row| !row.is_taken_out());
    let stream = |row: &catalog::StreamRow| config::Stream {
        url: row.url.clone(),
        transport: row.transport,
        record: row.record,
        schedule: row.schedule.clone(),
        paused: row.paused,
        volume: row.volume.and_then(|id| name_of(id, known)),
        keep: row.keep,
    };
    config::Camera {
        name: camera.name.clone(),
        slug: Some(camera.slug.clone()),
        username: camera.username.clone(),
        password: camera.password.clone(),
        paused: camera.paused,
        streams: streams.map(|row| (row.name.clone(), stream(row))).collect(),
    }
}

fn name_of(volume: VolumeId, known: &Known) -> Option<String> {
    known.volumes.iter().find(|row| row.id == volume).map(|row| row.name.clone())
}
