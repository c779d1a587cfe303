//! A disk after a power cut: mounted, started on, and held against what was promised.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use base::WallTime;
use serde_json::Value;

use super::cut::Cut;
use super::disk::{self, Mount};
use super::files::{self, Files};
use super::promise::{Promise, Stream, streams, time};
use super::removed::{self, Span};
use super::{ask, cameras};

/// How long it may take to end.
const END: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);
/// Retention looks this often, and may take as much again as it had when the power went.
const RETENTION_MICROS: i64 = 12_000_000;

/// What cuts are judged with.
pub struct Judge<'a> {
    /// The recorder's binary.
    pub recorder: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// Where images are mounted.
    pub mounted_at: PathBuf,
    /// The recorder's socket, on the mounted image.
    pub socket: PathBuf,
    /// Where it keeps its log.
    pub log: PathBuf,
    /// Everything that was promised during the recording, in order.
    pub promises: Vec<Promise>,
    /// Files seen so far.
    pub files: &'a mut Files,
    /// How long a start may take until everything is recovered.
    pub patience: Duration,
}

/// What a cut came to.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What is wrong; empty when all is well.
    pub findings: Vec<String>,
    /// How many promises were held against it.
    pub promises: usize,
    /// From the start of the recorder until everything was recovered.
    pub recovery: Duration,
}

impl Judge<'_> {
    /// Judges the disk in `image`, which is changed by it.
    pub fn judge(&mut self, image: &Path, cut: &Cut) -> Result<Verdict> {
        let mut verdict = Verdict::default();
        let made = self.promises.partition_point(|promise| promise.entry < cut.end);
        verdict.promises = made;
        {
            let _mount = match Mount::new(image, &self.mounted_at) {
                Ok(mount) => mount,
                Err(error) => {
                    verdict.findings.push(error.to_string());
                    return Ok(verdict);
                }
            };
            self.start_and_stop(made, &mut verdict)?;
            self.check(&mut verdict.findings)?;
            let media = self.mounted_at.join("media");
            let frames = self.files.look(&media, &mut verdict.findings)?;
            let removed = |camera: u32| {
                let slug = cameras::slug(camera).unwrap_or_default();
                removed::spans(&self.folder_of(slug, "main")).unwrap_or_default()
            };
            verdict.findings.extend(files::holes(&frames, removed));
        }
        if let Some(complaints) = disk::complaints(image)? {
            verdict.findings.push(format!("the file system is damaged: {complaints}"));
        }
        Ok(verdict)
    }

    /// Starts the recorder on it, waits until it has recovered, asks, and stops it.
    fn start_and_stop(&self, made: usize, verdict: &mut Verdict) -> Result<()> {
        let log = File::create(&self.log)?;
        let mut command = Command::new(&self.recorder);
        command.arg("run").arg("--config").arg(&self.config).stderr(log);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let mut running = Running(child.context("cannot start the recorder")?);
        let began = Instant::now();
        let wrong = loop {
            std::thread::sleep(POLL);
            if let Some(status) = running.0.try_wait()? {
                verdict.findings.push(format!("it ended at the start: {status}"));
                break Vec::new();
            }
            let wrong = self.wrong(made);
            if wrong.is_empty() || began.elapsed() > self.patience {
                break wrong;
            }
        };
        verdict.recovery = began.elapsed();
        verdict.findings.extend(wrong);
        running.stop(&mut verdict.findings)?;
        let said = std::fs::read_to_string(&self.log).unwrap_or_default();
        if said.contains("panicked at") {
            verdict.findings.push("it panicked".to_owned());
        }
        if !verdict.findings.is_empty() {
            verdict.findings.push(format!("it said: {said}"));
        }
        Ok(())
    }

    /// What is not as it should be now; right after the start, not yet.
    fn wrong(&self, made: usize) -> Vec<String> {
        let asked = || -> Result<Vec<String>> {
            let mut wrong = Vec::new();
            let volumes = ask::json(&self.socket, "/volumes")?;
            let volume = &volumes["volumes"][0];
            if volume["state"] != "ok" {
                wrong.push(format!("the volume is not well: {volume}"));
            }
            if !files::all_sealed(&self.mounted_at.join("media"))? {
                wrong.push("not every file is sealed".to_owned());
            }
            let now = streams(&ask::json(&self.socket, "/cameras")?)?;
            for stream in &now {
                wrong.extend(self.broken(made, stream)?);
            }
            Ok(wrong)
        };
        asked().unwrap_or_else(|error| vec![format!("{error:#}")])
    }

    /// Promises to a stream that do not hold.
    fn broken(&self, made: usize, stream: &Stream) -> Result<Vec<String>> {
        let of =
            |promise: &Promise| promise.streams.iter().find(|s| s.camera == stream.camera).cloned();
        let made_before = self.promises[..made].iter().filter_map(of);
        let promised: BTreeSet<WallTime> = made_before.filter_map(|s| s.durable_until).collect();
        let Some(newest) = promised.last().copied() else { return Ok(Vec::new()) };
        let what = format!("{}/{}", stream.camera, stream.name);
        let Some(from) = stream.from else {
            return Ok(vec![format!("{what}: no footage, though it was durable until {newest}")]);
        };
        let mut wrong = Vec::new();
        if let Some(least) = self.least(made, of).filter(|least| from > *least) {
            wrong.push(format!("{what}: begins at {from}; it has to at {least} or before"));
        }
        let mut there = self.footage(stream, from, newest.max(from).plus_micros(1_000_000))?;
        there.extend(removed::spans(&self.folder_of(&stream.camera, &stream.name))?);
        for until in promised {
            let last = until.plus_micros(-1);
            if !there.iter().any(|(from, to)| *from <= last && until <= *to) {
                let what = format!("{what}: was durable until {until}");
                wrong.push(format!("{what}, and is neither there nor noted as removed"));
            }
        }
        Ok(wrong)
    }

    /// Where a stream's footage has to begin, or before: what retention would have taken soon after
    /// the cut may be gone, and nothing else. `None` where the guest ended before that.
    fn least(&self, made: usize, of: impl Fn(&Promise) -> Option<Stream>) -> Option<WallTime> {
        let soon = self.promises.get(made)?.at.plus_micros(RETENTION_MICROS);
        let later = self.promises.iter().find(|promise| promise.at >= soon)?;
        of(later)?.from
    }

    fn folder_of(&self, camera: &str, stream: &str) -> PathBuf {
        self.mounted_at.join("media").join(camera).join(stream)
    }

    /// Where there is footage, by the recorder's timeline.
    fn footage(&self, of: &Stream, from: WallTime, to: WallTime) -> Result<Vec<Span>> {
        let path = format!("/cameras/{}/streams/{}/timeline", of.camera, of.name);
        let path = format!("{path}?from={from}&to={to}&resolution=0");
        let timeline = ask::json(&self.socket, &path)?;
        let spans = timeline["footage"].as_array().context("the timeline has no footage")?;
        let span = |span: &Value| {
            let (from, to) = (time(&span["from"])?, time(&span["to"])?);
            Ok((from.context("a span has no beginning")?, to.context("a span has no end")?))
        };
        spans.iter().map(span).collect()
    }

    /// The recorder's own judges: files against rows and hashes, files against the public key.
    fn check(&self, findings: &mut Vec<String>) -> Result<()> {
        let mut check = Command::new(&self.recorder);
        check.args(["check", "--hashes", "--config"]).arg(&self.config);
        self.ask("check", check, findings)?;
        let media = self.mounted_at.join("media");
        let volume = media.join("holdfast-volume.json");
        // A cut before the first file leaves nothing to verify, which would be an error.
        if volume.exists() && has_footage(&media) {
            let mut verify = Command::new(&self.recorder);
            verify.args(["verify", "--public-key"]).arg(volume).arg(media);
            self.ask("verify", verify, findings)?;
        }
        Ok(())
    }

    fn ask(&self, name: &str, mut judge: Command, findings: &mut Vec<String>) -> Result<()> {
        let output = judge.stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot start {name}"))?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            findings.push(format!("{name}: {}: {text}", output.status));
        }
        Ok(())
    }
}

/// The recorder at work; it ends with this value.
struct Running(Child);

impl Running {
    fn stop(&mut self, findings: &mut Vec<String>) -> Result<()> {
        if self.0.try_wait()?.is_some() {
            return Ok(());
        }
        Command::new("kill").arg(self.0.id().to_string()).status()?;
        let began = Instant::now();
        while began.elapsed() < END {
            if let Some(status) = self.0.try_wait()? {
                if !status.success() {
                    findings.push(format!("it did not end well: {status}"));
                }
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
        findings.push("it does not end".to_owned());
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether there is a file of footage anywhere below a folder.
fn has_footage(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            has_footage(&path)
        } else {
            path.extension().is_some_and(|e| e == "mp4")
        }
    })
}
