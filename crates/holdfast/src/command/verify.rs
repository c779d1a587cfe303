//! `holdfast verify`: proves footage and exports from their files and a public key, with no archive
//! at hand.

mod exports;
mod gathered;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use archive::{Doubt, Link, Proof, Wound, prove, prove_links};
use base::{StreamId, WallTime};
use serde_json::json;

use crate::cli;
use crate::daemon::Machine;
use crate::exit::Exit;
use base::printable;
use gathered::Gathered;

pub fn carry_out(asked: &cli::Verify, config: Option<&Path>) -> Result<ExitCode> {
    let mut keys = Vec::new();
    for text in &asked.public_key {
        match keys_of(text) {
            Ok(found) => keys.extend(found),
            Err(error) => {
                eprintln!("holdfast: --public-key: {error:#}");
                return Ok(Exit::Usage.into());
            }
        }
    }
    let machine = Machine::real();
    let mut report = Report { json: asked.json, bad: 0 };
    let mut gathered = Gathered::default();
    for path in &asked.files {
        // Paths that come from a shell may be relative; notes are looked for beside the file.
        let path = std::path::absolute(path).with_context(|| path.display().to_string())?;
        match exports::is_export(&*machine.disk, &path) {
            true => gathered.exports.push(path),
            false => gathered.look_into(&path, &mut report),
        }
    }
    let mut is_known = true;
    if !gathered.exports.is_empty() {
        let keys = exports::Keys::gathered(&keys, config, &machine);
        is_known = keys.are_known();
        exports::prove(&gathered.exports, &keys, &machine, &mut report);
    }
    let only_exports = gathered.files.is_empty() && !gathered.exports.is_empty();
    let mut proofs = Vec::with_capacity(gathered.files.len());
    for path in gathered.files {
        match prove(&*machine.disk, &path, &keys) {
            Ok(proof) => {
                report.file(&proof);
                // Links need no more than this, and a year of footage is many files.
                proofs.push(proof);
            }
            Err(error) => report.unreadable(&path, &error.to_string()),
        }
    }
    let found = prove_links(&*machine.disk, &proofs, &gathered.notes, &keys);
    for doubt in &found.doubts {
        report.doubt(doubt);
    }
    for (number, link) in &found.links {
        report.link(&proofs[*number], link);
    }
    if !asked.json && !only_exports {
        report.conclude(&proofs, keys.is_empty());
    }
    let exit = match report.bad {
        0 if is_known => Exit::Done,
        0 => Exit::Unproven,
        _ => Exit::Problems,
    };
    Ok(exit.into())
}

/// Public keys: 64 hexadecimal digits, or a file that holds them, such as `holdfast-volume.json`.
fn keys_of(text: &str) -> Result<Vec<[u8; 32]>> {
    if text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(vec![key_of(text, text)?]);
    }
    let file = std::fs::read_to_string(text)
        .with_context(|| format!("{text:?} is neither 64 hexadecimal digits nor a file"))?;
    let volume: Option<serde_json::Value> = serde_json::from_str(&file).ok();
    let named = volume.and_then(|volume| {
        let later = volume["later_keys"].as_array().cloned().unwrap_or_default();
        let all = [volume["public_key"].clone()].into_iter().chain(later);
        all.map(|key| Some(key.as_str()?.to_owned())).collect::<Option<Vec<String>>>()
    });
    let named = named.unwrap_or_else(|| vec![file.trim().to_owned()]);
    named.iter().map(|digits| key_of(digits, text)).collect()
}

fn key_of(digits: &str, text: &str) -> Result<[u8; 32]> {
    let mut key = [0; 32];
    anyhow::ensure!(digits.len() == 64 && digits.is_ascii(), "{text:?} holds no public key");
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16)
            .with_context(|| format!("{text:?} holds no public key"))?;
    }
    Ok(key)
}

struct Report {
    json: bool,
    bad: u64,
}

impl Report {
    fn say(
        &mut self,
        path: &Path,
        name: &str,
        words: &str,
        span: Option<(WallTime, WallTime)>,
        bad: bool,
    ) {
        self.bad += u64::from(bad);
        if self.json {
            let line = json!({
                "file": path.display().to_string(),
                "problem": name,
                "detail": words,
                "from": span.map(|(from, _)| from.to_string()),
                "to": span.map(|(_, to)| to.to_string()),
                "alarm": bad,
            });
            println!("{line}");
            return;
        }
        let when = span.map_or(String::new(), |(from, to)| format!(" [{from} to {to}]"));
        println!("{}: {}{when}", printable(&path.display().to_string()), printable(words));
    }

    fn unreadable(&mut self, path: &Path, words: &str) {
        self.say(path, "unreadable", words, None, true);
    }

    fn file(&mut self, proof: &Proof) {
        for Wound { what, span } in &proof.wounds {
            self.say(&proof.path, what.name(), &what.to_string(), *span, true);
        }
    }

    fn link(&mut self, proof: &Proof, link: &Link) {
        let path = &proof.path;
        match link {
            Link::Wound(wound) => {
                let words = wound.what.to_string();
                self.say(path, wound.what.name(), &words, wound.span, true);
            }
            Link::Removed(span) => {
                let reasons: Vec<&str> = span.reasons.iter().map(|it| it.as_str()).collect();
                let words = format!(
                    "what it follows was removed by the recorder ({}): {} segments, signed",
                    reasons.join(", "),
                    span.segments
                );
                self.say(path, "removed", &words, Some((span.from, span.to)), false);
            }
            Link::Missing(named, hole) => {
                let words = format!(
                    "footage before it is missing, and no signed note explains why: it follows \
                     commit {} of segment {} (if that lies on another volume, give that too)",
                    named.commit.number, named.segment
                );
                self.say(path, "missing", &words, *hole, true);
            }
            Link::Begins(named) => {
                let words = format!("it follows segment {}, which was not given", named.segment);
                self.say(path, "begins", &words, None, false);
            }
        }
    }

    fn doubt(&mut self, doubt: &Doubt) {
        let words = match &doubt.why {
            None => {
                "this note of what was removed does not bear the recorder's signature: it was \
                     changed or made by somebody else, and explains nothing"
            }
            Some(why) => why,
        };
        self.say(&doubt.path, "doubted-note", words, None, true);
    }

    /// What was looked at: of each stream from when to when, and who signed it.
    fn conclude(&self, proofs: &[Proof], unasked: bool) {
        let mut streams: BTreeMap<StreamId, Summary<'_>> = BTreeMap::new();
        let mut keys: BTreeMap<[u8; 32], usize> = BTreeMap::new();
        for proof in proofs {
            if let Some(key) = proof.key {
                *keys.entry(key).or_default() += 1;
            }
            if let Some(identity) = &proof.identity {
                let summary = streams.entry(identity.stream).or_default();
                (summary.camera, summary.name) = (&identity.camera_slug, &identity.stream_name);
                summary.files += 1;
                let (from, to) = proof.span.unzip();
                summary.from = summary.from.into_iter().chain(from).min();
                summary.to = summary.to.max(to);
            }
        }
        for Summary { camera, name, files, from, to } in streams.values() {
            let when =
                from.zip(*to).map_or(String::new(), |(from, to)| format!(" [{from} to {to}]"));
            let (camera, name) = (printable(camera), printable(name));
            println!("{camera}/{name}: {files} files{when}");
        }
        let several = keys.len() > 1;
        for (key, files) in keys.iter().filter(|_| unasked || several) {
            let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            match unasked {
                true => println!(
                    "held against the key that the files name themselves, {digits}: give the \
                     recorder's own with --public-key to prove who signed them"
                ),
                false => println!("{files} files are signed with {digits}"),
            }
        }
        if several && !unasked {
            println!(
                "an archive has a new key only after the old one was lost: believe one only where \
                 you know it from elsewhere than these disks"
            );
        }
        let words = match self.bad {
            0 => "all is as it was recorded".to_owned(),
            bad => format!("{bad} problems"),
        };
        println!("{} files: {words}", proofs.len());
    }
}

/// What was given of one stream.
#[derive(Default)]
struct Summary<'a> {
    camera: &'a str,
    name: &'a str,
    files: usize,
    from: Option<WallTime>,
    to: Option<WallTime>,
}
