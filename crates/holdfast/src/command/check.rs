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
use recorder::check::CheckError;
use recorder::{CheckReport, Checking, Finding, Repaired, Suspect, check_sums};
use serde_json::json;

use super::export::readable;
use crate::cli;
use crate::daemon::Machine;
use crate::exit::Exit;
use progress::{Begun, Place, Shown};
use workshop::Workshop;

/// How often it is noted how far the check has come.
const NOTE_EVERY: Duration = Duration::from_secs(10);
/// The name of [`Repaired::Left`].
const LEFT: &str = "left";

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
    let all: Vec<Arc<Volume>> = volumes.all().cloned().collect();
    for row in &chosen {
        let volume = all.iter().find(|volume| volume.identity().volume == row.id);
        match volume {
            Some(volume) => run.volume(volume, &all, settings)?,
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

    /// Checks one volume. Where it cannot be read to its end, the others still are.
    fn volume(
        &mut self,
        volume: &Arc<Volume>,
        all: &[Arc<Volume>],
        settings: &Settings,
    ) -> Result<()> {
        let depth = if self.asked.hashes { Depth::Everything } else { Depth::Ends };
        let place = Place::of(&settings.archive.catalog, volume.identity().volume, depth);
        let root = volume.root().display();
        let begun = self.begun(&place, &root);
        let earlier = begun.map_or(0, |begun| begun.left);
        let before = (self.found, self.left);
        self.left += earlier;
        let catalog = self.catalog.clone();
        let after = begun.map(|begun| begun.after);
        let mut checking = Checking::begin(volume, all, &catalog, depth, after)?;
        if let Err(error) = self.compare(volume, &mut checking, (&place, before.1)) {
            // Whoever reads what this says is gone: so is everybody whom it is for.
            if error.downcast_ref::<CheckError>().is_none() {
                return Err(error);
            }
            self.left += 1;
            eprintln!("holdfast: {error:#}");
            return Ok(());
        }
        place.forget();
        let report = checking.report();
        if !self.asked.json {
            let words = match (self.found - before.0, self.left - before.1) {
                (_, left) if earlier > 0 => format!(
                    "{left} findings stay, {earlier} of them from before it was interrupted \
                     (--anew tells of those again)"
                ),
                (0, _) => "all is well".to_owned(),
                (_, 0) => "nothing is left to do".to_owned(),
                _ => "see above".to_owned(),
            };
            let CheckReport { files, bytes, rows, .. } = report;
            println!("{root}: {files} files, {bytes} bytes, {rows} rows: {words}");
        }
        Ok(())
    }

    /// Where an earlier check of the volume stopped, if this one is to go on there.
    fn begun(&self, place: &Place, root: &dyn std::fmt::Display) -> Option<Begun> {
        let begun = place.read().filter(|_| !self.asked.anew)?;
        if self.asked.repair && !begun.repairs && begun.left > 0 {
            eprintln!("holdfast: {root}: beginning again, to repair what the last check found");
            return None;
        }
        eprintln!(
            "holdfast: {root}: going on where the last check stopped, which had left {} findings \
             (--anew begins again)",
            begun.left
        );
        Some(begun)
    }

    /// Reads all of a volume, and notes how far it is; `left` findings stayed before it.
    fn compare(
        &mut self,
        volume: &Volume,
        checking: &mut Checking<'_>,
        (place, left): (&Place, u64),
    ) -> Result<()> {
        let pause = Shutdown::new();
        let (mut shown, mut noted) = (Shown::new(), self.machine.mono());
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
                let (left, repairs) = (self.left - left, self.asked.repair);
                if let Some(after) = checking.progress() {
                    place.write(Begun { after, left, repairs });
                }
            }
        }
        shown.end();
        Ok(())
    }

    fn sums(&mut self) -> Result<()> {
        let findings = check_sums(&self.catalog)?;
        for finding in findings {
            self.found += 1;
            let done = self
                .workshop
                .as_mut()
                .map(|workshop| settled(workshop.recount(&Suspect::from(&finding))));
            self.left += u64::from(done.as_ref().is_none_or(|done| done.name == LEFT));
            self.say(&finding, done)?;
        }
        Ok(())
    }

    /// Tells of a finding, and repairs it where that is wanted.
    fn take(&mut self, volume: &Volume, finding: &Finding) -> Result<()> {
        self.found += 1;
        let id = volume.identity().volume;
        let workshop = self.workshop.as_mut().filter(|_| finding.may_be_repaired());
        let repair = |workshop: &mut Workshop| workshop.repair(id, &Suspect::from(finding));
        let done = workshop.map(|workshop| settled(repair(workshop)));
        let repaired = done.as_ref().is_some_and(|done| done.name != LEFT);
        self.left += u64::from(!finding.is_settled() && !repaired);
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

/// What was done. What could not be repaired is left, and said: one file that is beyond help keeps
/// nobody from the next.
fn settled(done: Result<Done>) -> Done {
    done.unwrap_or_else(|error| {
        let left = Repaired::Left(format!("{error:#}"));
        Done { name: left.name().to_owned(), words: left.to_string() }
    })
}

/// What was done about a finding.
pub struct Done {
    /// Its stable name.
    pub name: String,
    /// In words.
    pub words: String,
}
