//! What recording, live viewers, clips and a large archive cost: measured, written down, and
//! compared with what was measured before.

mod disk;
mod hot;
mod page;
mod told;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::run::{command, exists, root, run};
use page::{Page, RECORDED_HEAD, WATCHED_HEAD};

/// Results that are kept, newest last.
const KEPT: &str = "bench/results.jsonl";
const MEASURE: &str = "target/release/bench";

/// Streams, `sync_interval`, and the recorder beside, in the order in which they are measured.
const RECORDED: [(u32, &str, &str); 9] = [
    (1, "1s", "ffmpeg"),
    (6, "1s", "ffmpeg"),
    (6, "1s", "gstreamer"),
    (6, "10s", "ffmpeg"),
    (6, "10s", "floor"),
    (24, "1s", "ffmpeg"),
    (24, "1s", "floor"),
    (24, "10s", "floor"),
    (100, "1s", "none"),
];

/// What is watched while so many cameras are recorded, and how many watch it.
const WATCHED: [&[&str]; 2] =
    [&["--viewers", "1,10,100"], &["--cameras", "24", "--sub", "--viewers", "1,10"]];

/// What is measured.
#[derive(Args)]
pub struct Arguments {
    /// What the results say of the machine, and of what else runs
    #[arg(long)]
    machine: String,
    /// Where cameras' clips and footage go, and the page: on the disk that is to be measured
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// Also so many streams at once
    #[arg(long)]
    streams: Vec<u32>,
    /// Measure this only; may be said several times
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Add the results to bench/results.jsonl
    #[arg(long)]
    keep: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Recording, beside other recorders
    Recording,
    /// Live viewers, beside a plain loop
    Watching,
    /// What recording does to disks
    Disks,
    /// The pure code by itself
    Code,
    /// Clips over HTTP, beside nginx
    Serving,
    /// Key frames from a disk that turns, beside recording and readers: as root
    Scrubbing,
    /// An archive of a year: only where it is named, for it takes 3 GB and 1.7 million files
    Archive,
}

/// Measures each part that is wanted, one after the other; what was measured is written down before
/// the next one begins.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    run("", "cargo build --quiet --release --package holdfast --package bench")?;
    let dir = root().join(&arguments.dir);
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let path = dir.join("results.md");
    let before = kept()?;
    let mut page = Page::new(&arguments.machine);
    let named = |part| arguments.only.contains(&part);
    let wants = |part| named(part) || (arguments.only.is_empty() && part != Part::Archive);
    for part in Part::value_variants().iter().copied().filter(|part| wants(*part)) {
        let lines = match part {
            Part::Recording => record(arguments, &before, &mut page)?,
            Part::Watching => watch(arguments, &before, &mut page)?,
            Part::Disks => disk::measure(arguments, &mut page.text)?,
            Part::Code => hot::measure(&arguments.machine, &before, &mut page)?,
            Part::Serving | Part::Scrubbing | Part::Archive => {
                told::measure(part, arguments, &before, &mut page)?
            }
        };
        std::fs::write(&path, &page.text)
            .with_context(|| format!("cannot write {}", path.display()))?;
        if arguments.keep {
            let text = std::fs::read_to_string(root().join(KEPT))? + &lines;
            std::fs::write(root().join(KEPT), text)
                .with_context(|| format!("cannot write {KEPT}"))?;
        }
    }
    println!("\n{}\nalso in {}", page.text, path.display());
    Ok(())
}

fn record(arguments: &Arguments, before: &[Value], page: &mut Page) -> Result<String> {
    let mut lines = String::new();
    page.head(&RECORDED_HEAD);
    let more = arguments.streams.iter().map(|streams| (*streams, "1s", "none"));
    for (streams, sync, peer) in RECORDED.into_iter().chain(more) {
        if !is_installed(peer) {
            println!("LEFT OUT: {streams} streams beside {peer}, which is not installed");
            continue;
        }
        println!("\n── {streams} streams, a sync each {sync}, beside {peer}");
        let streams = streams.to_string();
        // Long enough for five beats of seven seconds, all of which write.
        let seconds = if sync == "10s" { "35" } else { "20" };
        let options = ["record", "--cameras", &streams, "--sync", sync, "--peer", peer];
        let options = [&options[..], &["--seconds", seconds]].concat();
        lines += &page.measure(arguments, &arguments.dir, before, &options, Page::recorded)?;
    }
    Ok(lines)
}

fn watch(arguments: &Arguments, before: &[Value], page: &mut Page) -> Result<String> {
    let mut lines = String::new();
    page.head(&WATCHED_HEAD);
    for options in WATCHED {
        println!("\n── watching {}", options.join(" "));
        let options = [&["watch"], options].concat();
        lines += &page.measure(arguments, &arguments.dir, before, &options, Page::watched)?;
    }
    Ok(lines)
}

fn is_installed(peer: &str) -> bool {
    match peer {
        "ffmpeg" => exists("ffmpeg", "-version"),
        "gstreamer" => exists("gst-launch-1.0", "--version"),
        "nginx" => exists("nginx", "-v"),
        _ => true,
    }
}

/// What a measurement below `dir` prints.
fn measured(arguments: &Arguments, dir: &Path, args: &[&str]) -> Result<String> {
    let mut measuring = command("", MEASURE);
    measuring.arg("--dir").arg(dir).args(["--machine", &arguments.machine]).args(args);
    let output = measuring.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {MEASURE}"))?;
    if !output.status.success() {
        bail!("the measurement failed: {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn kept() -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(root().join(KEPT));
    let text = text.with_context(|| format!("cannot read {KEPT}"))?;
    text.lines()
        .map(|line| serde_json::from_str(line).context("a kept result is no JSON"))
        .collect()
}
