//! Exports: proven from their ZIP and a key, wherever that is known from.

use std::path::{Path, PathBuf};

use ::export::{Verdict, verify};
use anyhow::{Context, Result};
use archive::ArchiveKey;
use config::Settings;
use serde_json::json;
use world::Disk;

use super::keys_of;
use crate::command::export::Shown;
use crate::daemon::{KEY_FILE, Machine};
use crate::files;
use crate::printable::printable;

/// How every ZIP begins, and no segment does.
const ZIP: &[u8] = b"PK";
/// What names a volume's keys.
const VOLUME_FILE: &str = "holdfast-volume.json";

/// Keys that exports are held against, and where they are known from.
pub struct Keys {
    keys: Vec<[u8; 32]>,
    from: &'static str,
}

impl Keys {
    /// Those of the command line; else those of the archive that the configuration file means,
    /// which is an error where it gives none; only without any those that exports name.
    pub fn gathered(given: &[[u8; 32]], config: Option<&Path>, machine: &Machine) -> Result<Self> {
        if !given.is_empty() {
            return Ok(Self { keys: given.to_vec(), from: "command-line" });
        }
        let found = match files::find(config) {
            Ok(path) => path,
            // One that was named has to be there.
            Err(error) if config.is_some() => return Err(error),
            Err(_) => return Ok(Self { keys: Vec::new(), from: "export" }),
        };
        // Never the export's own instead, for which every forgery is whole.
        let words = || {
            format!(
                "{} gives no key to hold exports against: name the recorder's with --public-key",
                found.display()
            )
        };
        let settings = files::settings(&found).with_context(words)?;
        let keys = own_keys(&settings, machine).with_context(words)?;
        Ok(Self { keys, from: "archive" })
    }

    /// Whether they are known from elsewhere than from the export.
    pub fn are_known(&self) -> bool {
        self.from != "export"
    }
}

/// The key itself, and what volumes say of earlier ones; an error where there is none.
fn own_keys(settings: &Settings, machine: &Machine) -> Result<Vec<[u8; 32]>> {
    let path = settings.archive.catalog.join(KEY_FILE);
    let key = ArchiveKey::load(&*machine.disk, &path);
    let mut keys: Vec<[u8; 32]> = key.iter().map(ArchiveKey::public_key).collect();
    for volume in &settings.archive.volumes {
        let named = volume.path.join(VOLUME_FILE);
        // A disk that is not there names none.
        let named = keys_of(&named.to_string_lossy()).unwrap_or_default();
        keys.extend(named);
    }
    match key {
        Err(error) if keys.is_empty() => {
            Err(error).with_context(|| format!("cannot read {}", path.display()))
        }
        _ => Ok(keys),
    }
}

/// Whether a file is a ZIP: by its name, or by how it begins.
pub fn is_export(disk: &dyn Disk, path: &Path) -> bool {
    let mut first = [0; 2];
    let read = disk.open(path, false).and_then(|file| file.read_exact_at(&mut first, 0));
    path.extension().is_some_and(|it| it.eq_ignore_ascii_case("zip"))
        || (read.is_ok() && first == ZIP)
}

/// Proves exports and says what was found; how much is wrong.
pub fn prove(paths: &[PathBuf], keys: &Keys, machine: &Machine, json: bool) -> Result<u64> {
    let mut bad = 0;
    for path in paths {
        let words = || format!("cannot read {}", path.display());
        let file = machine.disk.open(path, false).with_context(words)?;
        let (total, mut read, mut shown) = (file.len().ok(), 0, Shown::new());
        let mut progress = |bytes| {
            read += bytes;
            shown.tell("read: ", read, total);
        };
        let verdict = verify(&*file, &keys.keys, &mut progress).with_context(words)?;
        shown.end();
        bad += verdict.findings.len() as u64;
        match json {
            true => as_json(path, &verdict, keys),
            false => in_words(path, &verdict, keys),
        }
    }
    Ok(bad)
}

fn as_json(path: &Path, verdict: &Verdict, keys: &Keys) {
    let file = path.display().to_string();
    for finding in &verdict.findings {
        let line = json!({
            "file": file,
            "member": finding.file.as_deref().map(printable),
            "problem": finding.what.name(),
            "detail": printable(&finding.what.to_string()),
            "alarm": true,
        });
        println!("{line}");
    }
    let manifest = verdict.signed_manifest();
    let whole = verdict.findings.is_empty();
    let line = json!({
        "file": file,
        "export": manifest.map(|it| printable(&it.id)),
        "name": manifest.map(|it| printable(&it.name)),
        "from": manifest.map(|it| it.asked.from),
        "to": manifest.map(|it| it.asked.to),
        "key": verdict.key.map(|key| hex(&key)),
        "key_from": keys.from,
        "whole": whole,
        "proven": whole && keys.are_known(),
        "alarm": false,
    });
    println!("{line}");
}

fn in_words(path: &Path, verdict: &Verdict, keys: &Keys) {
    let shown = path.display().to_string();
    let path = printable(&shown);
    for finding in &verdict.findings {
        let what = finding.what.to_string();
        let what = printable(&what);
        match &finding.file {
            Some(member) => println!("{path}: {}: {what}", printable(member)),
            None => println!("{path}: {what}"),
        }
    }
    // What nobody has signed may say anything.
    if let Some(manifest) = verdict.signed_manifest() {
        let (name, by, made) = (printable(&manifest.name), printable(&manifest.by), manifest.made);
        let (from, to) = (manifest.asked.from, manifest.asked.to);
        println!("{path}: \"{name}\" [{from} to {to}], exported by {by} at {made}");
        for clip in &manifest.clips {
            let streams = clip.streams.iter().map(|own| format!("{}/{}", own.camera, own.stream));
            let streams = streams.collect::<Vec<_>>().join(", ");
            let (file, from, to) = (printable(&clip.file), clip.shown.from, clip.shown.to);
            println!("{path}: {file}: {} [{from} to {to}]", printable(&streams));
        }
    }
    if let Some(key) = verdict.key {
        let key = hex(&key);
        match keys.from {
            "export" => println!(
                "held against the key that the export names itself, {key}: give the recorder's \
                 own with --public-key to prove who signed it"
            ),
            "archive" => println!("held against the key of this archive, {key}"),
            _ => println!("held against the key that was given, {key}"),
        }
    }
    match verdict.findings.len() {
        0 if keys.are_known() => println!("{path}: all is as it was exported"),
        0 => println!("{path}: it is whole, but who signed it is not known: it proves nothing yet"),
        bad => println!("{path}: {bad} problems: it is not as it was exported"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
