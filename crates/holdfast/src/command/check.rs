//! `holdfast check`: compares catalog and files, and repairs where it is told to.
//!
//! Beside a server that runs, this process reads, and the server repairs, each finding on the
//! thread that seals and removes on that volume: so nothing else changes the file meanwhile.
//! Without a server it takes the locks and repairs itself.

mod progress;
mod workshop;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use archive::{Depth, Volume};
use base::Shutdown;
use catalog::Catalog;
use config::Settings;
use recorder::{Checking, Finding, Suspect, check_sums};
use serde_json::json;

use super::export::readable;
use crate::cli;
use crate::daemon::Machine;
use crate::exit::Exit;
use progress::{Place, Shown};
use workshop::Workshop;

/// How often it is noted how far the check has come.
const NOTE_EVERY: Duration = Duration::from_secs(10);

pub fn carry_out(asked: &cli::Check, settings: &Settings) -> Result<ExitCode> {
    let machine = Machine::real();
    let limit = asked.limit.as_deref().map(config::parse_bytes).transpose();
    let limit = match limit {
        Ok(limit) => limit.filter(|limit| *limit > 0),
        Err(why) => {
            eprintln!("holdfast: --limit: {why}");
            return Ok(Exit::Usage.into());
        }
    };
    let workshop = match asked.repair {
        true => Some(Workshop::open(settings, &machine)?),
        false => None,
    };
    let catalog = match workshop.as_ref().and_then(Workshop::catalog) {
        Some(catalog) => catalog,
        None => Catalog::open_to_read(&settings.archive.catalog)?,
    };
    let mut run = Run { asked, machine, limit, workshop, catalog, found: 0, left: 0 };
    run.structure()?;
    let volumes = readable(&run.catalog, &run.machine)?;
    let rows = run.catalog.volumes()?;
    let wanted =
        |id: &str, name: &str| asked.volume.as_deref().is_none_or(|it| it == id || it == name);
    let chosen: Vec<_> = rows.iter().filter(|row| wanted(&row.id.to_string(), &row.name)).collect();
    if chosen.is_empty() && asked.volume.is_some() {
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        bail!("there is no such volume; there are: {}", names.join(", "));
    }
    for row in &chosen {
        let volume = volumes.all().find(|volume| volume.identity().volume == row.id);
        match volume {
            Some(volume) => run.volume(volume, settings)?,
            // It was said why.
            None => run.left += 1,
        }
    }
    run.sums()?;
    Ok(if run.left == 0 { Exit::Done } else { Exit::Problems }.into())
}

struct Run<'a> {
    asked: &'a cli::Check,
    machine: Machine,
    /// Bytes a second.
    limit: Option<u64>,
    workshop: Option<Workshop>,
    catalog: Catalog,
    found: u64,
    /// Findings that stay.
    left: u64,
}

impl Run<'_> {
    /// Whether the database is whole: what else would be compared with it?
    fn structure(&self) -> Result<()> {
        let damage = self.catalog.integrity()?;
        let Some(first) = damage.first() else { return Ok(()) };
        bail!(
            "the catalog is damaged ({first}): stop the server, then restore a backup of it, or \
             let `holdfast rebuild` make a new one from the footage; no footage is lost"
        );
    }

    fn volume(&mut self, volume: &Arc<Volume>, settings: &Settings) -> Result<()> {
        let depth = if self.asked.hashes { Depth::Everything } else { Depth::Ends };
        let place = Place::of(&settings.archive.catalog, volume.identity().volume, depth);
        let after = if self.asked.anew { None } else { place.read() };
        if after.is_some() {
            eprintln!(
                "holdfast: {}: going on where the last check stopped (--anew begins again)",
                volume.root().display()
            );
        }
        let catalog = self.catalog.clone();
        let mut checking = Checking::begin(volume, &catalog, depth, after)?;
        let pause = Shutdown::new();
        let (mut shown, mut noted) = (Shown::new(), self.machine.mono());
        let before = (self.found, self.left);
        while !checking.is_done() {
            let read = checking.step(self.machine.wall())?;
            for finding in checking.take_findings() {
                self.take(volume, &finding)?;
            }
            let now = self.machine.mono();
            shown.tell(checking.report(), now);
            if let Some(limit) = self.limit.filter(|_| read > 0) {
                pause.wait_timeout(Duration::from_secs_f64(read as f64 / limit as f64));
            }
            if now.since(noted) >= NOTE_EVERY {
                noted = now;
                place.write(checking.progress());
            }
        }
        shown.end();
        place.forget();
        let report = checking.report();
        if !self.asked.json {
            let words = match (self.found - before.0, self.left - before.1) {
                (0, _) => "all is well",
                (_, 0) => "nothing is left to do",
                _ => "see above",
            };
            println!(
                "{}: {} files, {} bytes, {} rows: {words}",
                volume.root().display(),
                report.files,
                report.bytes,
                report.rows
            );
        }
        Ok(())
    }

    fn sums(&mut self) -> Result<()> {
        let findings = check_sums(&self.catalog)?;
        for finding in findings {
            self.found += 1;
            let done = match &mut self.workshop {
                Some(workshop) => Some(workshop.recount(&Suspect::from(&finding))?),
                None => None,
            };
            self.left += u64::from(done.is_none());
            self.say(&finding, done)?;
        }
        Ok(())
    }

    /// Tells of a finding, and repairs it where that is wanted.
    fn take(&mut self, volume: &Volume, finding: &Finding) -> Result<()> {
        self.found += 1;
        let id = volume.identity().volume;
        let done = match &mut self.workshop {
            Some(workshop) => Some(workshop.repair(id, &Suspect::from(finding))?),
            None => None,
        };
        let settled = done
            .as_ref()
            .map_or(finding.is_settled(), |done| finding.is_settled() || done.name != "left");
        self.left += u64::from(!settled);
        self.say(finding, done)
    }

    fn say(&self, finding: &Finding, done: Option<Done>) -> Result<()> {
        let mut out = std::io::stdout().lock();
        if self.asked.json {
            let line = json!({
                "segment": finding.segment.map(|id| id.to_string()),
                "file": finding.file,
                "problem": finding.damage.name(),
                "detail": finding.damage.to_string(),
                "known_since": finding.known.map(|at| at.to_string()),
                "repair": done.as_ref().map(|done| done.name.clone()),
                "repair_detail": done.map(|done| done.words),
            });
            return writeln!(out, "{line}").context("cannot write to standard output");
        }
        let known = match finding.known {
            Some(since) => format!(" (known since {since})"),
            None => String::new(),
        };
        let done = done.map_or(String::new(), |done| format!(": {}", done.words));
        writeln!(out, "{}: {}{known}{done}", finding.file, finding.damage)?;
        Ok(())
    }
}

/// What was done about a finding.
pub struct Done {
    /// Its stable name.
    pub name: String,
    /// In words.
    pub words: String,
}
