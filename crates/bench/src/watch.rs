//! What viewers cost: the real binary records, some watch one stream of it over WebSockets, and
//! beside each window one in which a plain loop writes the same bytes to as many sockets.

mod aside;
mod floor;
mod view;

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::clips::{LARGE, SMALL};
use crate::process::{Cost, Sample};
use crate::record::{SETTLE, median, range, two_digits};
use crate::server::{Binary, Cameras, Server};
pub use aside::Aside;
pub use floor::write as write_floor;
pub use view::view;

/// Viewers begin with what has come of the newest GOP; that is over after this time.
const BEGUN: Duration = Duration::from_secs(1);

/// What is watched, by how many, and how long.
#[derive(clap::Args, Clone)]
pub struct Watching {
    /// How many watch at once, one number after the other
    #[arg(long, value_delimiter = ',', default_value = "1,10,100")]
    viewers: Vec<u32>,
    /// Cameras of 1080p30 at 4 Mbit/s that are recorded
    #[arg(long, default_value_t = 1)]
    cameras: u32,
    /// Watch a sub stream of 360p15 at 400 kbit/s, which is recorded as well
    #[arg(long)]
    sub: bool,
    /// How often each number is measured; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Seconds of a window: whole GOPs of two
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    #[command(flatten)]
    binary: Binary,
}

/// One round of one number of viewers.
struct Round {
    /// What the binary spent with nobody watching, in a window before.
    alone: Cost,
    ours: Cost,
    floor: Cost,
    report: Value,
}

/// Records, is watched, and gives one result for each number of viewers.
pub fn measure(dir: &Path, watching: &Watching) -> Result<Vec<Value>> {
    let cameras = Cameras::stamped(&[("main", LARGE.made(dir)?), ("sub", SMALL.made(dir)?)])?;
    let scratch = dir.join("bench-watch");
    // What an earlier measurement left is of no use.
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(scratch.join("media"))?;
    let address = free_address()?;
    let config = config_text(&scratch, &cameras, watching, &address);
    let mut server = Server::with_config(&scratch, &watching.binary, &config)?;
    server.when("/cameras", |answer| answer["cameras"].is_array())?;
    let account = server.make_account()?;
    let token = server.make_token(&account, 0)?;
    let stream = if watching.sub { "sub" } else { "main" };
    let job = json!({
        "address": address,
        "path": format!("/api/v1/cameras/cam-0/streams/{stream}/live"),
        "token": token,
    });
    server.wait(SETTLE);
    let mut rounds: Vec<Vec<Round>> = watching.viewers.iter().map(|_| Vec::new()).collect();
    let window = Duration::from_secs(watching.seconds);
    for _ in 0..watching.rounds {
        server.wait(BEGUN);
        let alone = spent(&server, server.pid(), window)?;
        for (viewers, rounds) in watching.viewers.iter().zip(&mut rounds) {
            let (ours, floor, report) = round(dir, &server, window, &job, *viewers)?;
            rounds.push(Round { alone, ours, floor, report });
        }
    }
    server.stop()?;
    let results = watching.viewers.iter().zip(&rounds);
    Ok(results.map(|(viewers, rounds)| result(watching, *viewers, rounds)).collect())
}

fn spent(server: &Server, pid: u32, window: Duration) -> Result<Cost> {
    let before = Sample::of(&server.clock, &[pid])?;
    server.wait(window);
    Ok(Sample::of(&server.clock, &[pid])?.since(&before, 1))
}

/// What the binary spends on viewers and recording, what the loop spends, what the viewers tell.
fn round(
    dir: &Path,
    server: &Server,
    window: Duration,
    job: &Value,
    viewers: u32,
) -> Result<(Cost, Cost, Value)> {
    let mut watchers = Aside::start(dir, "view")?;
    let mut job = job.clone();
    job["viewers"] = json!(viewers);
    watchers.ask(&job).context("nobody can watch")?;
    server.wait(BEGUN);
    watchers.ask(&Value::Null)?;
    let ours = spent(server, server.pid(), window)?;
    let report = watchers.ask(&Value::Null)?;
    drop(watchers);
    let mut floor = Aside::start(dir, "loop")?;
    let (sizes, seconds) = (&report["sizes"], window.as_secs());
    let address = floor.ask(&json!({ "viewers": viewers, "sizes": sizes, "seconds": seconds }))?;
    let mut readers = Aside::start(dir, "view")?;
    readers.ask(&json!({ "address": address, "viewers": viewers }))?;
    server.wait(BEGUN);
    let floor = spent(server, floor.pid(), window)?;
    Ok((ours, floor, report))
}

fn result(watching: &Watching, viewers: u32, rounds: &[Round]) -> Value {
    let each = f64::from(viewers);
    let of = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value));
    let cost = |round: &Round| (round.ours.cpu_ms - round.alone.cpu_ms) / each;
    let switches = |round: &Round| (round.ours.switches - round.alone.switches) / each;
    let (least, most) = range(rounds.iter().map(cost));
    let count = |field: &str| {
        let seconds = watching.seconds as f64 * each;
        of(&|round| round.report[field].as_f64().unwrap_or(f64::NAN) / seconds)
    };
    let delays = rounds.iter().filter_map(|round| round.report["delays_us"].as_array()).flatten();
    let mut delays: Vec<f64> = delays.filter_map(Value::as_f64).map(|us| us / 1000.0).collect();
    delays.sort_by(f64::total_cmp);
    let late = rounds.iter().filter_map(|round| round.report["late"].as_u64()).sum::<u64>();
    json!({
        "what": "watching",
        "cameras": watching.cameras,
        "stream": if watching.sub { "sub" } else { "main" },
        "viewers": viewers,
        "cpu_ms_per_viewer_second": two_digits(of(&cost)),
        "cpu_ms_range": [two_digits(least), two_digits(most)],
        "floor_cpu_ms": two_digits(of(&|round| round.floor.cpu_ms / each)),
        "of_floor": two_digits(of(&|round| cost(round) * each / round.floor.cpu_ms)),
        "switches_per_viewer_second": two_digits(of(&switches)),
        "floor_switches": two_digits(of(&|round| round.floor.switches / each)),
        "recording_cpu_ms_per_second": two_digits(of(&|round| round.alone.cpu_ms)),
        "bytes_per_viewer_second": count("bytes").round(),
        "messages_per_viewer_second": two_digits(count("messages")),
        "frames_timed": delays.len(),
        "delay_ms": two_digits(part(&delays, 0.5)),
        "delay_p99_ms": two_digits(part(&delays, 0.99)),
        "skips": late,
    })
}

/// The value below which `part` of all lie.
fn part(sorted: &[f64], part: f64) -> f64 {
    let at = (sorted.len() as f64 * part) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// An address of this machine that nobody listens on.
fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn config_text(dir: &Path, cameras: &Cameras, watching: &Watching, address: &str) -> String {
    let urls: Vec<String> = (0..watching.cameras).map(|_| cameras.url_of("main")).collect();
    let text = crate::record::config_text(dir, &dir.join("media"), &urls, "1s")
        .replace("127.0.0.1:0", address);
    if !watching.sub {
        return text;
    }
    let main = format!("[camera.stream.main]\nurl = {:?}\n", cameras.url_of("main"));
    let sub = format!("[camera.stream.sub]\nurl = {:?}\n", cameras.url_of("sub"));
    text.replacen(&main, &(main.clone() + &sub), 1)
}
