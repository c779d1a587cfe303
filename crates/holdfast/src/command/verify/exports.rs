//! Exports: proven from their ZIP and a key, wherever that is known from.

use std::path::{Path, PathBuf};

use ::export::{Verdict, verify};
use anyhow::{Context, Result};
use archive::ArchiveKey;
use config::Settings;
use serde_json::json;
use world::Disk;

use super::{Report, keys_of};
use crate::command::export::Shown;
use crate::daemon::{KEY_FILE, Machine};
use crate::files;
use base::printable;

/// How every ZIP begins, and no segment does.
const ZIP: &[u8] = b"PK";
/// What names a volume's keys.
const VOLUME_FILE: &str = "holdfast-volume.json";

/// Keys that exports are held against, and where each is known from.
#[derive(Default)]
pub struct Keys {
    keys: Vec<[u8; 32]>,
    origins: Vec<Origin>,
    /// Why those of this archive are not among them, though a configuration was found.
    lacking: Option<String>,
}

/// Where a key is known from.
enum Origin {
    CommandLine,
    /// The archive's key itself.
    Archive,
    /// A volume's file, and why the archive's key was not read where it was not.
    Volume(PathBuf, Option<String>),
}

impl Keys {
    /// Those of the command line; else those of the archive that the configuration file means;
    /// without any those that exports name, which prove nothing.
    pub fn gathered(given: &[[u8; 32]], config: Option<&Path>, machine: &Machine) -> Self {
        if !given.is_empty() {
            let mut keys = Self::default();
            given.iter().for_each(|key| keys.add(*key, Origin::CommandLine));
            return keys;
        }
        let found = match files::find(config) {
            Ok(path) => path,
            // One that was named has to be there.
            Err(error) if config.is_some() => return Self::lacking(format!("{error:#}")),
            Err(_) => return Self::default(),
        };
        let own = files::settings(&found).and_then(|settings| own_keys(&settings, machine));
        own.unwrap_or_else(|error| {
            let found = found.display();
            Self::lacking(format!(
                "{found} gives no key to hold exports against: name the recorder's with \
                 --public-key ({error:#})"
            ))
        })
    }

    fn lacking(words: String) -> Self {
        Self { lacking: Some(words), ..Self::default() }
    }

    fn add(&mut self, key: [u8; 32], origin: Origin) {
        self.keys.push(key);
        self.origins.push(origin);
    }

    /// Whether they are known from elsewhere than from the export.
    pub const fn are_known(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Where this one is known from; `None`: from the export itself.
    fn origin(&self, key: &[u8; 32]) -> Option<&Origin> {
        self.origins.get(self.keys.iter().position(|own| own == key)?)
    }
}

impl Origin {
    const fn name(origin: Option<&Self>) -> &'static str {
        match origin {
            None => "export",
            Some(Self::CommandLine) => "command-line",
            Some(Self::Archive) => "archive",
            Some(Self::Volume(..)) => "volume",
        }
    }
}

/// The key itself, and what volumes say of earlier ones; an error where there is none.
fn own_keys(settings: &Settings, machine: &Machine) -> Result<Keys> {
    let path = settings.archive.catalog.join(KEY_FILE);
    let mut keys = Keys::default();
    let read = ArchiveKey::load(&*machine.disk, &path);
    let read = read.with_context(|| format!("cannot read {}", path.display()));
    if let Ok(key) = &read {
        keys.add(key.public_key(), Origin::Archive);
    }
    let unread = read.as_ref().err().map(|error| format!("{error:#}"));
    for volume in &settings.archive.volumes {
        let file = volume.path.join(VOLUME_FILE);
        // A disk that is not there names none.
        for key in keys_of(&file.to_string_lossy()).unwrap_or_default() {
            keys.add(key, Origin::Volume(file.clone(), unread.clone()));
        }
    }
    match read {
        Err(error) if !keys.are_known() => Err(error),
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

/// Proves exports and says what was found. One that cannot be read keeps no other from it.
pub fn prove(paths: &[PathBuf], keys: &Keys, machine: &Machine, report: &mut Report) {
    for path in paths {
        if let Some(words) = &keys.lacking {
            report.say(path, "no-key", words, None, true);
        }
        match read(path, keys, machine) {
            Err(error) => report.say(path, "unreadable", &format!("{error:#}"), None, true),
            Ok(verdict) => {
                report.bad += verdict.findings.len() as u64;
                match report.json {
                    true => as_json(path, &verdict, keys),
                    false => in_words(path, &verdict, keys),
                }
            }
        }
    }
}

fn read(path: &Path, keys: &Keys, machine: &Machine) -> Result<Verdict> {
    let file = machine.disk.open(path, false).context("cannot be read")?;
    let (total, mut read, mut shown) = (file.len().ok(), 0, Shown::new());
    let mut progress = |bytes| {
        read += bytes;
        shown.tell("read: ", read, total);
    };
    let verdict = verify(&*file, &keys.keys, &mut progress).context("cannot be read");
    shown.end();
    verdict
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
        "key_from": Origin::name(verdict.key.as_ref().and_then(|key| keys.origin(key))),
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
        println!("{}", held_against(&key, keys.origin(&key)));
    }
    match verdict.findings.len() {
        0 if keys.are_known() => println!("{path}: all is as it was exported"),
        0 => println!("{path}: it is whole, but who signed it is not known: it proves nothing yet"),
        bad => println!("{path}: {bad} problems: it is not as it was exported"),
    }
}

/// Which key it was held against, and where that is known from.
fn held_against(key: &[u8; 32], origin: Option<&Origin>) -> String {
    let key = hex(key);
    match origin {
        None => format!(
            "held against the key that the export names itself, {key}: give the recorder's own \
             with --public-key to prove who signed it"
        ),
        Some(Origin::CommandLine) => format!("held against the key that was given, {key}"),
        Some(Origin::Archive) => format!("held against the key of this archive, {key}"),
        Some(Origin::Volume(file, unread)) => {
            let file = file.display().to_string();
            let file = printable(&file);
            match unread {
                None => format!("held against an earlier key of this archive, {key}, from {file}"),
                Some(why) => format!(
                    "held against the key {key} that {file} names, for that of the archive was \
                     not read: {}",
                    printable(why)
                ),
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
