//! `holdfast rebuild`: a new catalog from the files of all volumes.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use archive::{Expect, Volume};
use base::ArchiveId;
use catalog::{Catalog, Change, Options, Rebuilding, Standing, VolumeRow};
use config::Settings;
use recorder::rebuild;

use crate::cli;
use crate::daemon::{self, KEY_FILE, Machine};
use crate::exit::Exit;
use crate::files;

pub fn carry_out(asked: &cli::Rebuild, settings: &Settings) -> Result<ExitCode> {
    let machine = Machine::real();
    let dir = &settings.archive.catalog;
    match Catalog::standing(dir) {
        Standing::Whole if !asked.replace => bail!(
            "there is a catalog in {}, and it is whole: `holdfast check` compares it with the \
             footage; --replace makes a new one and keeps this one under another name",
            dir.display()
        ),
        Standing::Damaged(why) => eprintln!("holdfast: the catalog is damaged ({why})"),
        Standing::Whole | Standing::Absent => {}
    }
    let applied = asked.apply.as_deref().map(files::applied).transpose()?.unwrap_or_default();
    let named = [settings.archive.volumes.clone(), applied.volumes].concat();
    if named.is_empty() {
        bail!("the configuration names no volume: write each as [[archive.volume]]");
    }
    let (archive, rows) = find_volumes(&named, &machine)?;
    if !dir.join(KEY_FILE).exists() {
        eprintln!(
            "holdfast: the archive's key ({}) is gone: footage that is there still verifies with \
             the public key; the next start makes a new key for what comes",
            dir.join(KEY_FILE).display()
        );
    }
    let options = Options { new_archive: archive, ..daemon::options(settings, &machine) };
    let mut new = Rebuilding::begin(&*machine.disk, dir, &options)?;
    let puts: Vec<Change> = rows.iter().cloned().map(Change::PutVolume).collect();
    new.writer.apply(&puts).context("the volumes were not taken in")?;
    let mut left = 0;
    for row in &rows {
        left += take_in(row, archive, &mut new, &machine)?;
    }
    let stamp = machine.wall().as_millis().to_string();
    let kept = new.finish(&*machine.disk, &stamp)?;
    if let Some(kept) = kept {
        println!("the old catalog is kept as {}", kept.display());
    }
    println!("{} was made; start the server, or run `holdfast check`", dir.display());
    Ok(if left == 0 { Exit::Done } else { Exit::Problems }.into())
}

/// The volumes that the configuration names, all of one archive.
fn find_volumes(
    named: &[config::Volume],
    machine: &Machine,
) -> Result<(ArchiveId, Vec<VolumeRow>)> {
    let mut archive = None;
    let mut rows = Vec::new();
    for volume in named {
        let identity = Volume::peek(&*machine.disk, &volume.path)?;
        let first = *archive.get_or_insert(identity.archive);
        if first != identity.archive {
            bail!(
                "volume {:?} belongs to archive {}, the others to {first}: name those of one \
                 archive",
                volume.name,
                identity.archive
            );
        }
        rows.push(VolumeRow {
            id: identity.volume,
            name: volume.name.clone(),
            path: volume.path.clone(),
            keep_free: volume.keep_free,
            r#use: volume.r#use,
            managed_by_file: true,
        });
    }
    Ok((archive.context("the configuration names no volume")?, rows))
}

/// Takes one volume in; how many files were left.
fn take_in(
    row: &VolumeRow,
    archive: ArchiveId,
    new: &mut Rebuilding,
    machine: &Machine,
) -> Result<u64> {
    let expect = Expect { volume: Some(row.id), archive };
    let volume = Volume::open(machine.disk.clone(), &row.path, expect, &crate::note())?;
    let volume = Arc::new(volume);
    let shown = std::io::stderr().is_terminal();
    let writer = &mut new.writer;
    let mut apply = |changes: Vec<Change>| writer.apply(&changes);
    let done = rebuild(&volume, &new.catalog, &mut apply, &mut |done| {
        if shown {
            eprint!("\r{} segments ", done.segments);
        }
    })?;
    if shown {
        eprint!("\r\x1b[K");
    }
    for file in &done.left {
        eprintln!("holdfast: left as it is: {file}");
    }
    println!(
        "{}: {} segments, {} bytes, {} protected spans; {} files for the next start to finish",
        row.path.display(),
        done.segments,
        done.bytes,
        done.protected,
        done.unfinished
    );
    Ok(done.left_count)
}
