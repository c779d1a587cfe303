//! `holdfast export`: any range of some cameras as one file, through the server that runs, or
//! without one: a plain clip, or a ZIP that proves itself.

mod clip;
mod job;
mod package;
mod readable;
mod shown;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use base::WallTime;
use catalog::Catalog;
use config::Settings;
use serde_json::json;

use crate::cli;
use crate::client::Client;
use crate::daemon::Machine;
use crate::exit::Exit;
use crate::when;

pub use readable::readable;
pub use shown::Shown;

/// What the command line asks for, understood.
struct Asked<'a> {
    streams: Vec<Named<'a>>,
    from: WallTime,
    to: WallTime,
    form: Form,
    timestamps: bool,
    /// The file to write.
    output: PathBuf,
}

/// A stream as the command line names it.
struct Named<'a> {
    camera: &'a str,
    stream: &'a str,
}

/// What kind of file is asked for.
enum Form {
    /// One clip, and nothing else.
    Clip,
    /// Clips with a manifest and a page.
    Package { name: String, together: bool },
}

/// What was written.
struct Outcome {
    bytes: u64,
    without_footage: Vec<String>,
}

pub async fn carry_out(export: cli::Export, settings: &Settings) -> Result<Exit> {
    let machine = Machine::real();
    let zone = settings.archive.time_zone.clone().unwrap_or_else(jiff::tz::TimeZone::system);
    let asked = match understood(&export, machine.wall(), &zone) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("holdfast: {error:#}");
            return Ok(Exit::Usage);
        }
    };
    let part = part_of(&asked.output);
    let written = match (&asked.form, Client::find(settings).await) {
        (Form::Clip, Some(server)) => clip::from_server(&server, &asked, &part).await,
        (Form::Clip, None) => clip::without_server(settings, &machine, &asked, &part),
        (Form::Package { name, together }, Some(server)) => {
            job::carry_out(&server, &machine, &asked, (name, *together), &part).await
        }
        (Form::Package { name, together }, None) => {
            package::write(settings, &machine, &asked, (name, *together), &part)
        }
    };
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            // What is there is not a whole file: nobody should take it for one.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    // A package has its name already.
    if part.exists() {
        named(&part, &asked.output)?;
    }
    say(&export, &asked, &written);
    Ok(Exit::Done)
}

fn say(export: &cli::Export, asked: &Asked<'_>, written: &Outcome) {
    let Outcome { bytes, without_footage } = written;
    let (from, to) = (asked.from, asked.to);
    if export.json {
        let line = json!({
            "file": asked.output.display().to_string(),
            "bytes": bytes,
            "from": from,
            "to": to,
            "without_footage": without_footage,
        });
        println!("{line}");
        return;
    }
    println!("{}: {bytes} bytes, {from} to {to}", export.output.display());
    if !without_footage.is_empty() {
        println!("nothing was recorded then of: {}", without_footage.join(", "));
    }
}

fn understood<'a>(
    export: &'a cli::Export,
    now: WallTime,
    zone: &jiff::tz::TimeZone,
) -> Result<Asked<'a>> {
    let from = when::parse(&export.from, now, zone).context("--from")?;
    let to = when::parse(&export.to, now, zone).context("--to")?;
    if to <= from {
        bail!("--to ({to}) is not after --from ({from})");
    }
    let mut streams: Vec<Named<'a>> = Vec::new();
    for text in &export.camera {
        let (camera, stream) = text.split_once('/').unwrap_or((text, &export.stream));
        let twice = streams.iter().any(|known| (known.camera, known.stream) == (camera, stream));
        ensure!(!twice, "--camera {text} is there twice");
        streams.push(Named { camera, stream });
    }
    let output = std::path::absolute(&export.output).context("--output")?;
    let extension = output.extension().and_then(|it| it.to_str()).unwrap_or_default();
    let form = match extension.to_ascii_lowercase().as_str() {
        "zip" => {
            let stem = output.file_stem().unwrap_or_default().to_string_lossy();
            let name = export.name.clone().unwrap_or_else(|| stem.into_owned());
            Form::Package { name, together: export.together }
        }
        _ => {
            let only = export.name.is_some() || export.together;
            ensure!(
                !only,
                "--name and --together are for a ZIP: write to a FILE that ends in .zip"
            );
            Form::Clip
        }
    };
    Ok(Asked { streams, from, to, form, timestamps: export.timestamps, output })
}

/// Where the file is written until it is whole.
fn part_of(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    output.with_file_name(name)
}

/// Gives what is whole and durable its name, durably.
fn named(part: &Path, output: &Path) -> Result<()> {
    let folder = output.parent().unwrap_or(Path::new("/"));
    let renamed = std::fs::rename(part, output)
        .and_then(|()| std::fs::File::open(folder).and_then(|folder| folder.sync_all()));
    renamed.with_context(|| format!("cannot write {}", output.display()))
}

fn create(path: &Path) -> Result<std::fs::File> {
    std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// The streams that are named, as the catalog knows them.
fn find(catalog: &Catalog, named: &[Named<'_>]) -> Result<Vec<::export::WantedStream>> {
    let (cameras, streams) = (catalog.cameras()?, catalog.streams()?);
    let mut found: Vec<::export::WantedStream> = Vec::new();
    for Named { camera, stream } in named {
        let row = cameras.iter().find(|row| row.slug == *camera || row.id.to_string() == *camera);
        let Some(row) = row else {
            let slugs: Vec<&str> = cameras.iter().map(|row| row.slug.as_str()).collect();
            bail!("there is no camera {camera:?}; there are: {}", slugs.join(", "));
        };
        let own = streams.iter().find(|own| own.camera == row.id && own.name == *stream);
        let own = own.with_context(|| format!("camera {camera} has no stream {stream:?}"))?;
        let twice = found.iter().any(|known| known.stream == own.id);
        ensure!(!twice, "{}/{stream} is named twice", row.slug);
        found.push(::export::WantedStream {
            camera: row.id,
            camera_slug: row.slug.clone(),
            camera_name: row.name.clone(),
            stream: own.id,
            stream_name: own.name.clone(),
        });
    }
    Ok(found)
}
