//! What recording costs, measured, written down, and compared with what was measured before.

mod disk;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::run::{command, exists, root, run};

/// Results that are kept, newest last.
const KEPT: &str = "bench/results.jsonl";
const MEASURE: &str = "target/release/bench";

/// Streams, `sync_interval`, and the recorder beside, in the order in which they are measured.
const RECORDED: [(u32, &str, &str); 6] = [
    (1, "1s", "ffmpeg"),
    (6, "1s", "ffmpeg"),
    (6, "1s", "gstreamer"),
    (6, "10s", "ffmpeg"),
    (24, "1s", "ffmpeg"),
    (100, "1s", "none"),
];

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
    /// Only what recording does to disks
    #[arg(long)]
    only_disks: bool,
    /// Add the results to bench/results.jsonl
    #[arg(long)]
    keep: bool,
}

/// Measures everything, one after the other.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    run("", "cargo build --quiet --release --package holdfast --package bench")?;
    let dir = root().join(&arguments.dir);
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let before = kept()?;
    let more = arguments.streams.iter().map(|streams| (*streams, "1s", "none"));
    let mut page = Page::new(&arguments.machine);
    let mut lines = String::new();
    let all = RECORDED.into_iter().chain(more).filter(|_| !arguments.only_disks);
    for (streams, sync, peer) in all {
        if !is_installed(peer) {
            println!("LEFT OUT: {streams} streams beside {peer}, which is not installed");
            continue;
        }
        println!("\n── {streams} streams, a sync each {sync}, beside {peer}");
        let cameras = streams.to_string();
        let args = ["record", "--cameras", &cameras, "--sync", sync, "--peer", peer];
        let line = measured(arguments, &arguments.dir, &args)?;
        let result: Value = serde_json::from_str(&line).context("a result is no JSON")?;
        let earlier = before.iter().rfind(|earlier| is_like(earlier, &result));
        println!("{}", page.add(&result, earlier));
        lines += &line;
    }
    lines += &disk::measure(arguments, &mut page.text)?;
    let path = dir.join("results.md");
    std::fs::write(&path, &page.text)
        .with_context(|| format!("cannot write {}", path.display()))?;
    if arguments.keep {
        let text = std::fs::read_to_string(root().join(KEPT))? + &lines;
        std::fs::write(root().join(KEPT), text).with_context(|| format!("cannot write {KEPT}"))?;
    }
    println!("\n{}\nalso in {}", page.text, path.display());
    Ok(())
}

fn is_installed(peer: &str) -> bool {
    match peer {
        "ffmpeg" => exists("ffmpeg", "-version"),
        "gstreamer" => exists("gst-launch-1.0", "--version"),
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

/// Whether both are of the same measurement.
fn is_like(one: &Value, other: &Value) -> bool {
    ["what", "cameras", "sync_interval", "peer"].into_iter().all(|field| one[field] == other[field])
}

/// The results as a table.
struct Page {
    text: String,
}

impl Page {
    fn new(machine: &str) -> Self {
        let head = "streams | sync | ms per stream-second | least, most | of | that takes \
                    | before | switches | MiB | every frame | stop, ms";
        let line = "---|".repeat(11);
        Self { text: format!("{machine}\n\n| {head} |\n|{line}\n") }
    }

    /// Adds a line, and gives it.
    fn add(&mut self, result: &Value, before: Option<&Value>) -> String {
        let was = |field: &str| before.map_or(Value::Null, |before| before[field].clone());
        let peer = result["peer"].as_str();
        let beside = peer.map_or(String::new(), |peer| format!("{peer}: {}", result["of_peer"]));
        let earlier = if peer.is_some() { was("of_peer") } else { was("cpu_ms_per_stream_second") };
        let earlier = if earlier.is_null() { String::new() } else { earlier.to_string() };
        let theirs = peer.map_or(String::new(), |_| result["peer_cpu_ms"].to_string());
        let (least, most) = (&result["cpu_ms_range"][0], &result["cpu_ms_range"][1]);
        let sync = result["sync_interval"].as_str().unwrap_or_default();
        let line = format!(
            "| {} | {sync} | {} | {least}, {most} | {beside} | {theirs} | {earlier} \
             | {} | {} | {} | {} |",
            result["cameras"],
            result["cpu_ms_per_stream_second"],
            result["switches_per_stream_second"],
            result["resident_mib"],
            if result["every_frame"] == true { "yes" } else { "NO" },
            result["stop_ms"],
        );
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{line}");
        line
    }
}
