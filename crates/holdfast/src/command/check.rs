//! `holdfast check`: compares catalog and files, and changes nothing.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use archive::Depth;
use catalog::Catalog;
use config::Settings;
use recorder::{CheckReport, Finding};
use serde_json::json;

use super::export::readable;
use crate::daemon::Machine;
use crate::exit::Exit;

pub fn carry_out(settings: &Settings, hashes: bool, as_json: bool) -> Result<ExitCode> {
    let machine = Machine::real();
    let catalog = Catalog::open_to_read(&settings.archive.catalog)?;
    let volumes = readable(&catalog, &machine)?;
    let missing = catalog.volumes()?.len() - volumes.all().count();
    let depth = if hashes { Depth::Everything } else { Depth::Ends };
    let mut clean = missing == 0;
    let mut out = std::io::stdout().lock();
    for volume in volumes.all() {
        let mut progress = progress();
        let report = recorder::check(volume, &catalog, depth, machine.wall(), &mut progress)?;
        clean &= report.is_clean();
        for finding in &report.findings {
            match as_json {
                true => writeln!(out, "{}", json_of(finding))?,
                false => writeln!(out, "{}: {}", finding.file, finding.damage)?,
            }
        }
        if !as_json {
            writeln!(
                out,
                "{}: {} files, {} bytes, {} rows: {}",
                volume.root().display(),
                report.files,
                report.bytes,
                report.rows,
                if report.is_clean() { "all is well" } else { "see above" }
            )?;
        }
    }
    Ok(if clean { Exit::Done } else { Exit::Problems }.into())
}

fn json_of(finding: &Finding) -> serde_json::Value {
    json!({
        "segment": finding.segment.map(|id| id.to_string()),
        "file": finding.file,
        "problem": finding.damage.name(),
        "detail": finding.damage.to_string(),
    })
}

/// Shows how far it is, on a terminal; nothing in a pipe.
fn progress() -> impl FnMut(&CheckReport) {
    let shown = std::io::stderr().is_terminal();
    move |report| {
        if shown && report.files % 100 == 0 {
            eprint!("\r{} files, {} bytes ", report.files, report.bytes);
        }
    }
}
