//! `holdfast export`: any range as one file, through the server that runs, or without one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use archive::{Expect, Volume};
use base::{VolumeId, WallTime};
use catalog::Catalog;
use config::Settings;
use http_body_util::BodyExt;
use hyper::Method;
use playback::{ClipPlan, ClipReader, ClipRequest, ClipStream, StoredFootage};

use crate::cli;
use crate::client::Client;
use crate::daemon::Machine;
use crate::exit::Exit;
use crate::when;

pub async fn carry_out(export: cli::Export, settings: &Settings) -> Result<Exit> {
    let machine = Machine::real();
    let zone = settings.archive.time_zone.clone().unwrap_or_else(jiff::tz::TimeZone::system);
    let now = machine.wall();
    let (from, to) = match range(&export, now, &zone) {
        Ok(range) => range,
        Err(error) => {
            eprintln!("holdfast: {error:#}");
            return Ok(Exit::Usage);
        }
    };
    let part = part_of(&export.output);
    let written = match Client::find(settings).await {
        Some(server) => from_server(&server, &export, from, to, &part).await,
        None => without_server(settings, &machine, &export, from, to, &part),
    };
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(error) => {
            // What is there is not a whole file: nobody should take it for one.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    std::fs::rename(&part, &export.output)
        .with_context(|| format!("cannot write {}", export.output.display()))?;
    println!("{}: {bytes} bytes, {from} to {to}", export.output.display());
    Ok(Exit::Done)
}

fn range(
    export: &cli::Export,
    now: WallTime,
    zone: &jiff::tz::TimeZone,
) -> Result<(WallTime, WallTime)> {
    let from = when::parse(&export.from, now, zone).context("--from")?;
    let to = when::parse(&export.to, now, zone).context("--to")?;
    if to <= from {
        bail!("--to ({to}) is not after --from ({from})");
    }
    Ok((from, to))
}

/// Where the file is written until it is whole.
fn part_of(output: &Path) -> std::path::PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    output.with_file_name(name)
}

async fn from_server(
    server: &Client,
    export: &cli::Export,
    from: WallTime,
    to: WallTime,
    part: &Path,
) -> Result<u64> {
    let (camera, stream) = (&export.camera, &export.stream);
    let path = format!("/api/v1/cameras/{camera}/streams/{stream}/clip.mp4?from={from}&to={to}");
    let mut body = server.send(Method::GET, &path, None).await?.into_body();
    let mut file = create(part)?;
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the server broke off; the export is not complete")?;
        if let Some(data) = frame.data_ref() {
            file.write_all(data)?;
            bytes += data.len() as u64;
        }
    }
    file.sync_all()?;
    Ok(bytes)
}

fn without_server(
    settings: &Settings,
    machine: &Machine,
    export: &cli::Export,
    from: WallTime,
    to: WallTime,
    part: &Path,
) -> Result<u64> {
    let catalog = Catalog::open_to_read(&settings.archive.catalog)?;
    let stream = find(&catalog, &export.camera, &export.stream)?;
    let request = ClipRequest::new(stream.id, from, to);
    let request = ClipRequest { streams: vec![stream], zone: catalog.time_zone(), ..request };
    let volumes = Arc::new(readable(&catalog, machine)?);
    let source = Arc::new(StoredFootage::new(catalog, volumes));
    let plan = Arc::new(ClipPlan::new(&*source, request)?);
    let mut file = create(part)?;
    for slice in ClipReader::new(plan.clone(), source, 0..plan.len()) {
        file.write_all(&slice?)?;
    }
    file.sync_all()?;
    Ok(plan.len())
}

fn create(path: &Path) -> Result<std::fs::File> {
    std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn find(catalog: &Catalog, camera: &str, stream: &str) -> Result<ClipStream> {
    let cameras = catalog.cameras()?;
    let row = cameras.iter().find(|row| row.slug == camera || row.id.to_string() == camera);
    let Some(row) = row else {
        let slugs: Vec<&str> = cameras.iter().map(|row| row.slug.as_str()).collect();
        bail!("there is no camera {camera:?}; there are: {}", slugs.join(", "));
    };
    let streams = catalog.streams()?;
    let found = streams.iter().find(|row2| row2.camera == row.id && row2.name == stream);
    let found = found
        .map(|found| ClipStream { id: found.id, name: format!("{} {}", row.name, found.name) });
    found.with_context(|| format!("camera {camera} has no stream {stream:?}"))
}

/// Volumes opened for reading alone.
pub struct Readable(BTreeMap<VolumeId, Arc<Volume>>);

impl playback::Volumes for Readable {
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>> {
        self.0.get(&id).cloned()
    }
}

impl Readable {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Volume>> {
        self.0.values()
    }
}

/// The archive's volumes that are there; what is missing is said.
pub fn readable(catalog: &Catalog, machine: &Machine) -> Result<Readable> {
    let mut volumes = BTreeMap::new();
    for row in catalog.volumes()? {
        let expect = Expect { volume: Some(row.id), archive: catalog.archive() };
        match Volume::open_to_read(machine.disk.clone(), &row.path, expect) {
            Ok(volume) => {
                volumes.insert(row.id, Arc::new(volume));
            }
            Err(error) => eprintln!("holdfast: volume {:?}: {error}", row.name),
        }
    }
    Ok(Readable(volumes))
}
