//! Who repairs: the server that runs, or this process under its locks.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use archive::{ArchiveKey, Expect, Volume};
use base::{VolumeId, WallTime};
use catalog::{Catalog, Change, Writer};
use config::Settings;
use hyper::Method;
use recorder::recover::{self, Claims};
use recorder::{Repaired, Repairer, Suspect};
use serde_json::{Value, json};

use super::Done;
use crate::client::Client;
use crate::daemon::{KEY_FILE, Machine, open_catalog};

/// Who repairs.
pub enum Workshop {
    /// The server.
    Server(Client, tokio::runtime::Runtime),
    /// This process.
    Own(Box<Own>),
}

/// What this process repairs with.
pub struct Own {
    catalog: Catalog,
    writer: Writer,
    key: ArchiveKey,
    machine: Machine,
    volumes: BTreeMap<VolumeId, Arc<Volume>>,
    /// What files that were cut off say of one another.
    claims: Claims,
}

impl Workshop {
    pub fn open(settings: &Settings, machine: &Machine) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        if let Some(server) = runtime.block_on(Client::find(settings)) {
            return Ok(Self::Server(server, runtime));
        }
        let (catalog, writer) = open_catalog(settings, machine)?;
        let key = ArchiveKey::load(&*machine.disk, &settings.archive.catalog.join(KEY_FILE))?;
        let mut volumes = BTreeMap::new();
        for row in catalog.volumes()? {
            let expect = Expect { volume: Some(row.id), archive: catalog.archive() };
            let disk = machine.disk.clone();
            // What is missing is said when it is to be read.
            if let Ok(volume) = Volume::open(disk, &row.path, expect, &crate::note()) {
                volumes.insert(row.id, Arc::new(volume));
            }
        }
        let claims = claims(&catalog, &volumes, machine.wall())?;
        let machine = machine.clone();
        Ok(Self::Own(Box::new(Own { catalog, writer, key, machine, volumes, claims })))
    }

    /// The catalog, where this process has it.
    pub fn catalog(&self) -> Option<Catalog> {
        match self {
            Self::Server(..) => None,
            Self::Own(own) => Some(own.catalog.clone()),
        }
    }

    pub fn repair(&mut self, volume: VolumeId, suspect: &Suspect) -> Result<Done> {
        match self {
            Self::Server(server, runtime) => {
                let path = format!("/api/v1/volumes/{volume}/repair");
                let body = json!({
                    "segment": suspect.segment.map(|id| id.to_string()),
                    "file": suspect.file,
                });
                let body = Some(("application/json", body.to_string()));
                let answer = runtime.block_on(server.text(Method::POST, &path, body))?;
                let answer: Value = serde_json::from_str(&answer)?;
                let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
                Ok(Done { name: text("done"), words: text("detail") })
            }
            Self::Own(own) => own.repair(volume, suspect),
        }
    }

    /// Sums are of no volume: any may do it.
    pub fn recount(&mut self, suspect: &Suspect) -> Result<Done> {
        let volume = match self {
            Self::Server(server, runtime) => {
                let answer = runtime.block_on(server.text(Method::GET, "/api/v1/volumes", None))?;
                let answer: Value = serde_json::from_str(&answer)?;
                let all = answer["volumes"].as_array().into_iter().flatten();
                all.filter_map(|volume| volume["id"].as_str()?.parse().ok()).next()
            }
            Self::Own(own) => own.volumes.keys().next().copied(),
        };
        self.repair(volume.context("no volume is there")?, suspect)
    }
}

impl Own {
    fn repair(&mut self, volume: VolumeId, suspect: &Suspect) -> Result<Done> {
        let Some(volume) = self.volumes.get(&volume) else {
            let why = "its volume cannot be locked".to_owned();
            return Ok(done(&Repaired::Left(why)));
        };
        let all: Vec<Arc<Volume>> = self.volumes.values().cloned().collect();
        let writer = &mut self.writer;
        let mut repairer = Repairer {
            volume,
            all: &all,
            catalog: &self.catalog,
            key: Some(&self.key),
            now: self.machine.wall(),
            apply: &mut |changes: Vec<Change>| writer.apply(&changes),
            settle: &|job| self.claims.settle(job),
        };
        Ok(done(&repairer.repair(suspect)?))
    }
}

/// What is on the volumes, as a start would look at them. One that cannot be looked through may
/// hold what follows a file on another one.
fn claims(
    catalog: &Catalog,
    volumes: &BTreeMap<VolumeId, Arc<Volume>>,
    now: WallTime,
) -> Result<Claims> {
    let claims = Claims::default();
    catalog.volumes_at_work()?.into_iter().for_each(|volume| claims.await_volume(volume));
    for (id, volume) in volumes {
        if let Ok(survey) = recover::survey(volume, catalog, now) {
            claims.learn(*id, &survey, &|_| None);
        }
    }
    Ok(claims)
}

fn done(repaired: &Repaired) -> Done {
    Done { name: repaired.name().to_owned(), words: repaired.to_string() }
}
