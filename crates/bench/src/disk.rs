//! What recording does to a disk: writes, flushes and bytes at the device, for file systems of
//! their own on loop devices. The catalog lies elsewhere.

pub mod mount;
mod trace;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::process::{Cost, Sample};
use crate::record::{config_text, every_frame_is_there, two_digits};
use crate::server::{Binary, Cameras, Server};
use mount::{Done, FileSystem, Mounted};
use trace::Trace;

/// Sessions are read on arrival at first; the first commits wait for a second of data.
const SETTLE: Duration = Duration::from_secs(15);
/// How often is looked how far behind the present the durable footage is.
const LOOK: Duration = Duration::from_millis(100);
const CLOSE_LOOK: Duration = Duration::from_millis(10);
/// How long a round may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Rounds of syncs, as the binary counts them.
const ROUNDS: &str = "holdfast_volume_syncs_total";
/// With fewer, what came while the first and the last were written counts for too much.
const ROUNDS_MIN: f64 = 8.0;
/// What a disk that turns does in a second.
const SLOW_DISK: u32 = 100;

/// What is recorded, on what.
#[derive(clap::Args, Clone)]
pub struct Disks {
    /// File systems that are made for it
    #[arg(long, value_delimiter = ',', default_value = "ext4,xfs,btrfs")]
    file_system: Vec<FileSystem>,
    /// Cameras of 1080p30 at 4 Mbit/s
    #[arg(long, default_value_t = 24)]
    cameras: u32,
    /// `sync_interval`
    #[arg(long, default_value = "1s")]
    sync: String,
    /// Seconds of a window
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Records the same on the same file system afterwards, for the processor time
    #[arg(long, default_value = "none")]
    peer: Peer,
    /// Also with a disk that takes no more than 100 writes a second
    #[arg(long)]
    slow: bool,
    #[command(flatten)]
    binary: Binary,
}

/// Records on each file system; one result for each, and one more for each slow disk.
pub fn measure(dir: &Path, disks: &Disks) -> Result<Vec<Value>> {
    if !rustix::process::geteuid().is_root() {
        bail!("file systems are made and mounted here: run it as root");
    }
    let clip = crate::clips::LARGE.made(dir)?;
    let cameras = Cameras::of(&clip)?;
    let mut results = Vec::new();
    for kind in &disks.file_system {
        if !kind.can_be_made() {
            eprintln!("LEFT OUT: mkfs.{} is not installed", kind.name());
            continue;
        }
        let scratch = dir.join("bench-disk");
        let _ = std::fs::remove_dir_all(scratch.join("catalog"));
        std::fs::create_dir_all(&scratch)?;
        let mounted = Mounted::make(*kind, &scratch)?;
        results.extend(on(mounted, *kind, &scratch, disks, &cameras)?);
    }
    Ok(results)
}

fn on(
    mut mounted: Mounted,
    kind: FileSystem,
    scratch: &Path,
    disks: &Disks,
    cameras: &Cameras,
) -> Result<Vec<Value>> {
    let media = mounted.at.join("media");
    std::fs::create_dir(&media)?;
    let urls: Vec<String> = (0..disks.cameras).map(|_| cameras.url()).collect();
    let config = config_text(scratch, &media, &urls, &disks.sync);
    let mut server = Server::with_config(scratch, &disks.binary, &config)?;
    server.when("/cameras", |answer| answer["cameras"].is_array())?;
    server.wait(SETTLE);
    let mut results = vec![describe(&Window::of(&server, &mounted, disks)?, kind, disks, None)];
    if disks.peer != Peer::None {
        let (ours, theirs) = beside(&server, &mounted.at, disks, &urls)?;
        put(&mut results[0], "cpu_ms_per_stream_second", two_digits(ours.cpu_ms));
        put(&mut results[0], "peer", disks.peer.to_string());
        put(&mut results[0], "peer_cpu_ms", two_digits(theirs.cpu_ms));
        put(&mut results[0], "of_peer", two_digits(ours.cpu_ms / theirs.cpu_ms));
    }
    if disks.slow {
        if mounted.throttle(SLOW_DISK)? {
            server.wait(SETTLE);
            let window = Window::of(&server, &mounted, disks)?;
            results.push(describe(&window, kind, disks, Some(SLOW_DISK)));
        } else {
            eprintln!("LEFT OUT: a slow disk, for control groups of version 1 are not mounted");
        }
    }
    let whole = every_frame_is_there(&server, disks.cameras)?;
    results.iter_mut().for_each(|result| put(result, "every_frame", whole));
    mounted.throttle(0)?;
    server.stop()?;
    Ok(results)
}

/// Processor time of the binary, and of a peer that writes the same to the same file system.
fn beside(server: &Server, at: &Path, disks: &Disks, urls: &[String]) -> Result<(Cost, Cost)> {
    let peers = disks.peer.start(&at.join("peer"), urls)?;
    server.wait(SETTLE);
    let sample = |pids: &[u32]| Sample::of(&server.clock, pids);
    let (ours, theirs) = (sample(&[server.pid()])?, sample(&peers.pids())?);
    server.wait(Duration::from_secs(disks.seconds));
    let ours = sample(&[server.pid()])?.since(&ours, disks.cameras);
    let theirs = sample(&peers.pids())?.since(&theirs, disks.cameras);
    Ok((ours, theirs))
}

/// What happened in some seconds.
struct Window {
    seconds: f64,
    done: Done,
    /// By a trace; otherwise by counts that take empty writes for writes.
    traced: bool,
    received: f64,
    rounds: f64,
    lost: f64,
    /// Seconds that the stream that is furthest behind is behind, as often as was looked.
    lags: Vec<f64>,
    /// Seconds that rounds of syncs took.
    syncs: Vec<f64>,
}

impl Window {
    fn of(server: &Server, mounted: &Mounted, disks: &Disks) -> Result<Self> {
        use world::Clock;
        let before = after_a_round(server)?;
        let (began, counted) = (server.clock.mono(), mounted.done()?);
        let trace = Trace::start(mounted.numbers()?);
        let until = began + Duration::from_secs(disks.seconds);
        let (mut lags, mut syncs) = (Vec::new(), Vec::new());
        while server.clock.mono() < until {
            server.wait(LOOK);
            let now = server.metrics()?;
            lags.push(values(&now, "holdfast_stream_durable_lag_seconds").fold(0.0, f64::max));
            syncs.push(values(&now, "holdfast_volume_sync_seconds").fold(0.0, f64::max));
        }
        let after = after_a_round(server)?;
        let (traced, counted) = (trace.is_some(), mounted.done()?.since(counted));
        let done = trace.map_or(Ok(counted), Trace::finish)?;
        let seconds = server.clock.mono().since(began).as_secs_f64();
        let grown = |name| values(&after, name).sum::<f64>() - values(&before, name).sum::<f64>();
        let rounds = grown(ROUNDS);
        Ok(Self {
            seconds,
            done,
            traced,
            received: grown("holdfast_stream_bytes_total"),
            rounds,
            lost: grown("holdfast_stream_lost_frames_total"),
            lags,
            syncs,
        })
    }
}

/// What the binary measures just after a round of syncs: what came until then is on the disk.
fn after_a_round(server: &Server) -> Result<String> {
    let rounds = |now: &str| values(now, ROUNDS).sum::<f64>();
    let before = rounds(&server.metrics()?);
    for _ in 0..PATIENCE.as_millis() / CLOSE_LOOK.as_millis() {
        server.wait(CLOSE_LOOK);
        let now = server.metrics()?;
        if rounds(&now) > before {
            return Ok(now);
        }
    }
    bail!("nothing was synced within {} s", PATIENCE.as_secs())
}

fn describe(window: &Window, kind: FileSystem, disks: &Disks, writes_max: Option<u32>) -> Value {
    let Window { seconds, done, traced, received, rounds, lost, lags, syncs } = window;
    let (lag, lag_most) = spread(lags);
    let (sync, sync_most) = spread(syncs);
    let per_byte = (done.bytes as f64 / received * 1000.0).round() / 1000.0;
    let per_sync = |count: u64| count as f64 / rounds / f64::from(disks.cameras);
    let mut result = json!({
        "what": "disk",
        "file_system": kind.name(),
        "cameras": disks.cameras,
        "sync_interval": disks.sync,
        "rounds_per_second": two_digits(rounds / seconds),
        "writes_per_second": two_digits(done.writes as f64 / seconds),
        "flushes_per_second": two_digits(done.flushes as f64 / seconds),
        "writes_per_stream_sync": two_digits(per_sync(done.writes)),
        "flushes_per_stream_sync": two_digits(per_sync(done.flushes)),
        "bytes_per_byte": (*rounds >= ROUNDS_MIN).then_some(per_byte),
        "counted_by": if *traced { "trace" } else { "/sys/block" },
        "lost_frames": lost,
        "durable_lag_ms": [ms(lag), ms(lag_most)],
        "sync_ms": [ms(sync), ms(sync_most)],
    });
    if let Some(most) = writes_max {
        put(&mut result, "writes_per_second_max", most);
    }
    result
}

fn put(result: &mut Value, field: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = result {
        fields.insert(field.to_owned(), value.into());
    }
}

/// Median and greatest.
fn spread(values: &[f64]) -> (f64, f64) {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    (at(values.len() / 2), at(values.len().saturating_sub(1)))
}

fn ms(seconds: f64) -> f64 {
    (seconds * 1000.0).round()
}

/// The values of one family in Prometheus' text form.
pub fn values<'a>(text: &'a str, family: &'a str) -> impl Iterator<Item = f64> + 'a {
    let lines = text.lines().filter_map(move |line| line.strip_prefix(family));
    // Otherwise it is a longer name.
    let lines = lines.filter(|rest| rest.starts_with(['{', ' ']));
    lines.filter_map(|rest| rest.rsplit(' ').next()?.parse().ok())
}
