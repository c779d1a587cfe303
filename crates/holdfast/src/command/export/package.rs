//! A ZIP that proves itself, without a server: footage is read where it lies.

use std::path::Path;
use std::sync::Arc;

use ::export::{Exporter, Plan, Request};
use anyhow::{Context, Result};
use archive::ArchiveKey;
use base::ExportId;
use catalog::Catalog;
use config::Settings;
use playback::StoredFootage;

use super::shown::Shown;
use super::{Asked, Outcome, find, readable};
use crate::daemon::{KEY_FILE, Machine};
use crate::software;

pub fn write(
    settings: &Settings,
    machine: &Machine,
    asked: &Asked<'_>,
    (name, together): (&str, bool),
    part: &Path,
) -> Result<Outcome> {
    let catalog = Catalog::open_to_read(&settings.archive.catalog)?;
    let streams = find(&catalog, &asked.streams)?;
    let key = ArchiveKey::load(&*machine.disk, &settings.archive.catalog.join(KEY_FILE));
    let key = key.context("an export is signed with it: run this as the server's user")?;
    let made = machine.wall();
    let request = Request {
        id: ExportId::new(made, machine.entropy.id_bytes()),
        name: name.to_owned(),
        streams,
        from: asked.from,
        to: asked.to,
        together,
        timestamps: asked.timestamps,
        by: format!("user {} of the machine", rustix::process::getuid().as_raw()),
        made,
        archive: catalog.archive(),
        public_key: key.public_key(),
        software: software(),
        zone: catalog.time_zone(),
    };
    let volumes = Arc::new(readable(&catalog, machine)?);
    let plan = Plan::new(Arc::new(StoredFootage::new(catalog, volumes).patient()), request)?;
    let without_footage = plan.without_footage().to_vec();
    let paths = (part.to_owned(), asked.output.clone());
    let mut exporter = Exporter::begin(machine.disk.clone(), paths, plan, Arc::new(key))?;
    let mut shown = Shown::new();
    let written = loop {
        if let Some(written) = exporter.step()? {
            break written;
        }
        let progress = exporter.progress();
        shown.tell("", progress.written, Some(progress.total));
    };
    shown.end();
    Ok(Outcome { bytes: written.bytes, without_footage })
}
