//! What recording and live viewers cost, measured, written down, and compared with what was
//! measured before.

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
    /// Only what recording does to disks
    #[arg(long)]
    only_disks: bool,
    /// Leave recording out, and measure only what viewers cost
    #[arg(long)]
    watching: bool,
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
    let records = !arguments.only_disks && !arguments.watching;
    if records {
        page.head(&RECORDED_HEAD);
    }
    let all = RECORDED.into_iter().chain(more).filter(|_| records);
    for (streams, sync, peer) in all {
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
        lines += &page.measure(arguments, &before, &options, Page::recorded)?;
    }
    let watched = if arguments.only_disks { &[][..] } else { &WATCHED[..] };
    if !watched.is_empty() {
        page.head(&WATCHED_HEAD);
    }
    for options in watched {
        println!("\n── watching {}", options.join(" "));
        let options = [&["watch"], *options].concat();
        lines += &page.measure(arguments, &before, &options, Page::watched)?;
    }
    if !arguments.watching {
        lines += &disk::measure(arguments, &mut page.text)?;
    }
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
    let told = ["what", "cameras", "sync_interval", "peer", "stream", "viewers"];
    told.into_iter().all(|field| one[field] == other[field])
}

const RECORDED_HEAD: [&str; 11] = [
    "streams",
    "sync",
    "ms per stream-second",
    "least, most",
    "of",
    "that takes",
    "before",
    "switches",
    "MiB",
    "every frame",
    "stop, ms",
];
const WATCHED_HEAD: [&str; 11] = [
    "recorded",
    "watched",
    "viewers",
    "ms per viewer-second",
    "least, most",
    "of a plain loop",
    "that takes",
    "before",
    "switches",
    "delay, ms: median, 99 %",
    "skips",
];

/// The results as tables.
struct Page {
    text: String,
}

impl Page {
    fn new(machine: &str) -> Self {
        Self { text: format!("{machine}\n") }
    }

    /// Begins a table.
    fn head(&mut self, columns: &[&str]) {
        let (head, line) = (columns.join(" | "), "---|".repeat(columns.len()));
        // Writing to a text cannot fail.
        let _ = write!(self.text, "\n| {head} |\n|{line}\n");
    }

    /// Adds a line for each result of a measurement, as `render` puts it; what was printed.
    fn measure(
        &mut self,
        arguments: &Arguments,
        before: &[Value],
        options: &[&str],
        render: fn(&Value, &Value) -> String,
    ) -> Result<String> {
        let printed = measured(arguments, &arguments.dir, options)?;
        for line in printed.lines() {
            let result: Value = serde_json::from_str(line).context("a result is no JSON")?;
            let earlier = before.iter().rfind(|earlier| is_like(earlier, &result));
            let line = render(&result, earlier.unwrap_or(&Value::Null));
            println!("{line}");
            let _ = writeln!(self.text, "{line}");
        }
        Ok(printed)
    }

    fn recorded(result: &Value, before: &Value) -> String {
        let peer = result["peer"].as_str();
        let beside = peer.map_or(String::new(), |peer| format!("{peer}: {}", result["of_peer"]));
        let earlier = if peer.is_some() { "of_peer" } else { "cpu_ms_per_stream_second" };
        let earlier = number(&before[earlier]);
        let theirs = peer.map_or(String::new(), |_| result["peer_cpu_ms"].to_string());
        let (least, most) = (&result["cpu_ms_range"][0], &result["cpu_ms_range"][1]);
        let sync = result["sync_interval"].as_str().unwrap_or_default();
        format!(
            "| {} | {sync} | {} | {least}, {most} | {beside} | {theirs} | {earlier} \
             | {} | {} | {} | {} |",
            result["cameras"],
            result["cpu_ms_per_stream_second"],
            result["switches_per_stream_second"],
            result["resident_mib"],
            if result["every_frame"] == true { "yes" } else { "NO" },
            result["stop_ms"],
        )
    }

    fn watched(result: &Value, before: &Value) -> String {
        let (least, most) = (&result["cpu_ms_range"][0], &result["cpu_ms_range"][1]);
        format!(
            "| {} | {} | {} | {} | {least}, {most} | {} | {} | {} | {} | {}, {} | {} |",
            result["cameras"],
            result["stream"].as_str().unwrap_or_default(),
            result["viewers"],
            result["cpu_ms_per_viewer_second"],
            result["of_floor"],
            result["floor_cpu_ms"],
            number(&before["of_floor"]),
            result["switches_per_viewer_second"],
            result["delay_ms"],
            result["delay_p99_ms"],
            result["skips"],
        )
    }
}

/// Nothing where there is none.
fn number(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}
