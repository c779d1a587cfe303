//! `holdfast backup`: catalog, key and configuration in one file, while the server runs or not.
//!
//! The file is a plain tar archive, for restoring must need nothing but what every system has.

mod tar;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use catalog::Catalog;
use config::Settings;

use crate::daemon::{KEY_FILE, Machine};
use crate::exit::Exit;

/// What the configuration is called in a backup.
const CONFIG: &str = "holdfast.toml";

pub fn carry_out(file: &Path, config: &Path, settings: &Settings) -> Result<ExitCode> {
    let machine = Machine::real();
    let part = beside(file, ".part");
    let copy = beside(file, ".catalog");
    let _removed = (Scratch(part.clone()), Scratch(copy.clone()));
    let _ = std::fs::remove_file(&part);
    let _ = std::fs::remove_file(&copy);
    let dir = &settings.archive.catalog;
    Catalog::open_to_read(dir)?.back_up(&*machine.disk, &copy)?;
    let out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part);
    let out = out.with_context(|| format!("cannot write {}", part.display()))?;
    let now = u64::try_from(machine.wall().as_millis() / 1000).unwrap_or(0);
    let mut tar = tar::Writer::new(BufWriter::new(out), now);
    let mut bytes = 0;
    for (name, path) in
        [("catalog.db", copy), (KEY_FILE, dir.join(KEY_FILE)), (CONFIG, config.to_owned())]
    {
        bytes += add(&mut tar, name, &path)?;
    }
    let words = || format!("cannot write {}", file.display());
    let out = tar.finish().with_context(words)?;
    out.into_inner().map_err(|error| error.into_error()).with_context(words)?.sync_all()?;
    std::fs::rename(&part, file).with_context(words)?;
    println!("{}: {bytes} bytes; it holds passwords and the archive's key", file.display());
    Ok(Exit::Done.into())
}

fn add<W: Write>(tar: &mut tar::Writer<W>, name: &str, path: &Path) -> Result<u64> {
    let words = || format!("cannot take {} into the backup", path.display());
    let mut file = File::open(path).with_context(words)?;
    let len = file.metadata().with_context(words)?.len();
    tar.add(name, len, &mut file).with_context(words)?;
    Ok(len)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    file.with_file_name(name)
}

/// A file that goes with whoever made it.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
