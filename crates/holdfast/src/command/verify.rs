//! `holdfast verify`: proves footage from its files and a public key, with no archive at hand.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use archive::{Link, Proof, Wound, prove, prove_links};
use base::WallTime;
use serde_json::json;

use crate::cli;
use crate::daemon::Machine;
use crate::exit::Exit;

pub fn carry_out(asked: &cli::Verify) -> Result<ExitCode> {
    let key = match asked.public_key.as_deref().map(key_of).transpose() {
        Ok(key) => key,
        Err(error) => {
            eprintln!("holdfast: --public-key: {error:#}");
            return Ok(Exit::Usage.into());
        }
    };
    let machine = Machine::real();
    let mut files = Vec::new();
    for path in &asked.files {
        gather(path, &mut files)?;
    }
    let mut report = Report { json: asked.json, bad: 0 };
    let mut proofs = Vec::with_capacity(files.len());
    for path in files {
        match prove(&*machine.disk, &path, key) {
            Ok(proof) => {
                report.file(&proof);
                // Links need no more than this, and a year of footage is many files.
                proofs.push(proof);
            }
            Err(error) => report.say(&path, "unreadable", &error.to_string(), None, true),
        }
    }
    for (number, link) in prove_links(&*machine.disk, &proofs) {
        report.link(&proofs[number], &link);
    }
    if !asked.json {
        report.conclude(&proofs, key);
    }
    Ok(if report.bad == 0 { Exit::Done } else { Exit::Problems }.into())
}

/// A public key: 64 hexadecimal digits, or a file that holds them, such as `holdfast-volume.json`.
fn key_of(text: &str) -> Result<[u8; 32]> {
    let digits = match text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit()) {
        true => text.to_owned(),
        false => {
            let file = std::fs::read_to_string(text)
                .with_context(|| format!("{text:?} is neither 64 hexadecimal digits nor a file"))?;
            let volume: Option<serde_json::Value> = serde_json::from_str(&file).ok();
            let named = volume.and_then(|v| Some(v["public_key"].as_str()?.to_owned()));
            named.unwrap_or_else(|| file.trim().to_owned())
        }
    };
    let mut key = [0; 32];
    anyhow::ensure!(digits.len() == 64 && digits.is_ascii(), "{text:?} holds no public key");
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16)
            .with_context(|| format!("{text:?} holds no public key"))?;
    }
    Ok(key)
}

/// The files that `path` means: itself, or all segments below a folder.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let words = || format!("cannot read {}", path.display());
    if !std::fs::metadata(path).with_context(words)?.is_dir() {
        // Paths that come from a shell may be relative; notes are looked for beside the file.
        files.push(std::path::absolute(path).with_context(words)?);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).with_context(words)? {
        entries.push(entry.with_context(words)?.path());
    }
    entries.sort();
    for entry in entries {
        let is_segment = entry.extension().is_some_and(|it| it == "mp4");
        if entry.is_dir() || is_segment {
            gather(&entry, files)?;
        }
    }
    Ok(())
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
        println!("{}: {words}{when}", path.display());
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
                     commit {} of segment {}",
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

    fn conclude(&self, proofs: &[Proof], key: Option<[u8; 32]>) {
        let known: std::collections::BTreeSet<[u8; 32]> =
            proofs.iter().filter_map(|proof| proof.key).collect();
        if key.is_none() {
            for key in &known {
                let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                println!(
                    "held against the key that the files name themselves, {digits}: give the \
                     recorder's own with --public-key to prove who signed them"
                );
            }
        }
        let words = match self.bad {
            0 => "all is as it was recorded".to_owned(),
            bad => format!("{bad} problems"),
        };
        println!("{} files: {words}", proofs.len());
    }
}
