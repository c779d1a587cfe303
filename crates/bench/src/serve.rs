//! What clips cost over HTTP: the real binary serves a made week of one camera, and nginx beside it
//! a plain file of the same bytes, both from the page cache, without TLS, over loopback.

mod client;
mod nginx;
mod week;

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use world::sim::Random;

use crate::ms;
use crate::old::{START, start};
use crate::process::Sample;
use crate::record::{median, two_digits};
use crate::server::{Binary, Server};
use client::{Client, Until};
use nginx::Nginx;

/// What readers of parts read, each: many rounds of slices.
const PART: u64 = 192 << 20;
const MIB: u64 = 1 << 20;

/// What is asked for, and how often.
#[derive(clap::Args, Clone)]
pub struct Serving {
    /// Times that each is asked; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Ranges of 1 MiB of the week
    #[arg(long, default_value_t = 200)]
    ranges: u32,
    /// Clients that stop reading
    #[arg(long, default_value_t = 1000)]
    idle: usize,
    #[command(flatten)]
    binary: Binary,
}

/// Makes the week where it is not there yet, and asks for it.
pub fn measure(dir: &Path, serving: &Serving) -> Result<Vec<Value>> {
    let dir = dir.join("serve");
    week::make(&dir)?;
    let port = nginx::free_port()?;
    let mut server = Server::with_config(&dir, &serving.binary, &week::config(&dir, port))?;
    server.when("/cameras", |answer| answer["cameras"].is_array())?;
    let ours = Client::new(port);
    let bench = Bench { server: &server, ours, serving };
    let mut results = Vec::new();
    // Memory first: nothing was served before.
    results.extend(bench.starts()?);
    results.push(bench.ranges()?);
    let plain = dir.join("www");
    std::fs::create_dir_all(&plain)?;
    ours.save(&clip(1), &plain.join("hour.mp4"))?;
    let nginx = Nginx::start(&dir.join("nginx"), &plain)?;
    results.push(bench.whole(&nginx)?);
    for readers in [1, 4, 16] {
        results.push(bench.readers(&nginx, readers)?);
    }
    results.push(bench.idle()?);
    Ok(results)
}

struct Bench<'a> {
    server: &'a Server,
    ours: Client,
    serving: &'a Serving,
}

/// The clip of so many hours from the first on, less ten seconds at both ends.
fn clip(hours: i64) -> String {
    let from = START / 1000 + 10_000;
    let to = start(0).as_millis() + hours * 3_600_000 - 10_000;
    format!("/api/v1/cameras/old/streams/main/clip.mp4?from={from}&to={to}")
}

impl Bench<'_> {
    fn sample(&self, pid: u32) -> Result<Sample> {
        Sample::of(&self.server.clock, &[pid])
    }

    /// First byte and whole `moov` of clips of an hour, a day and a week, warm.
    fn starts(&self) -> Result<Vec<Value>> {
        let mut results = Vec::new();
        for hours in [1, 24, 168] {
            let path = clip(hours);
            let cold = self.ours.get(&path, None, Until::FirstByte)?;
            let before = self.sample(self.server.pid())?;
            let (mut firsts, mut tables, mut len) = (Vec::new(), Vec::new(), 0);
            for _ in 0..self.serving.rounds.max(5) {
                firsts.push(self.ours.get(&path, None, Until::FirstByte)?.first);
                let whole = self.ours.get(&path, None, Until::Moov)?;
                (len, _) = (whole.moov, tables.push(whole.all));
            }
            let after = self.sample(self.server.pid())?;
            let ((first, longest), (moov, longest_moov)) =
                (crate::spread(firsts), crate::spread(tables));
            results.push(json!({
                "what": "start of a clip over HTTP, warm",
                "hours": hours,
                "first_request_ms": ms(cold.first),
                "first_byte_ms": first,
                "first_byte_ms_longest": longest,
                "moov_ms": moov,
                "moov_ms_longest": longest_moov,
                "moov_mb": two_digits(len as f64 / 1e6),
                "resident_mib": two_digits(after.resident_mib()),
                "grown_mib": two_digits(after.resident_mib() - before.resident_mib()),
            }));
        }
        Ok(results)
    }

    /// 1 MiB anywhere in the clip of a week.
    fn ranges(&self) -> Result<Value> {
        let path = clip(168);
        let len = self.ours.get(&path, None, Until::FirstByte)?.len;
        let mut random = Random::new(1);
        let mut places = (0..self.serving.ranges).map(|_| random.below(len - MIB));
        let places: Vec<u64> = places.by_ref().collect();
        let mut times = Vec::new();
        // Read once, so that what is measured is not the disk.
        for round in 0..2 {
            for from in &places {
                let answer = self.ours.get(&path, Some(*from..from + MIB), Until::All)?;
                ensure!(answer.body == MIB, "{} bytes came of a MiB", answer.body);
                times.extend((round == 1).then_some(answer.all));
            }
        }
        times.sort();
        let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
        Ok(json!({
            "what": "1 MiB of a clip of a week, warm",
            "gb": two_digits(len as f64 / 1e9),
            "median_ms": ms(at(50)),
            "p95_ms": ms(at(95)),
        }))
    }

    /// The whole clip of an hour, in turns with nginx.
    fn whole(&self, nginx: &Nginx) -> Result<Value> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..self.serving.rounds {
            ours.push(self.load(self.server.pid(), self.ours, &clip(1), &[None])?);
            theirs.push(self.load(nginx.pid(), nginx.client(), "/hour.mp4", &[None])?);
        }
        let mut result = compared(&ours, &theirs);
        result["what"] = json!("a clip of an hour over HTTP, warm, beside nginx");
        Ok(result)
    }

    /// Several read parts of it at once.
    fn readers(&self, nginx: &Nginx, readers: u64) -> Result<Value> {
        let part = |number: u64| Some(number * (PART / 2)..number * (PART / 2) + PART);
        let parts: Vec<_> = (0..readers).map(part).collect();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..self.serving.rounds {
            ours.push(self.load(self.server.pid(), self.ours, &clip(1), &parts)?);
            theirs.push(self.load(nginx.pid(), nginx.client(), "/hour.mp4", &parts)?);
        }
        let mut result = compared(&ours, &theirs);
        result["what"] = json!("parts of a clip of an hour, warm, beside nginx");
        result["readers"] = json!(readers);
        Ok(result)
    }

    /// Reads all `parts` at once; what that took of process `pid`.
    fn load(
        &self,
        pid: u32,
        client: Client,
        path: &str,
        parts: &[Option<Range<u64>>],
    ) -> Result<Load> {
        let (before, began) = (self.sample(pid)?, self.server.age());
        let bytes = std::thread::scope(|scope| {
            let readers: Vec<_> = parts
                .iter()
                .map(|part| scope.spawn(|| client.get(path, part.clone(), Until::All)))
                .collect();
            let bytes = readers.into_iter().map(|reader| {
                let answer = reader.join().ok().context("a reader has failed")??;
                ensure!(answer.body == answer.len, "{path} was broken off");
                Ok(answer.body)
            });
            bytes.sum::<Result<u64>>()
        })?;
        let took = self.server.age() - began;
        Ok(Load { bytes, took, cpu: self.sample(pid)?.cpu_since(&before) })
    }

    /// What clients cost that ask for an hour and then stop reading.
    fn idle(&self) -> Result<Value> {
        let before = self.sample(self.server.pid())?;
        let mut held = Vec::new();
        for number in 0..self.serving.idle {
            held.push(self.ours.stall(&clip(1)).with_context(|| format!("client {number}"))?);
        }
        // What is held ahead goes after seconds, and memory back to the system after some more.
        self.server.wait(Duration::from_secs(25));
        let then = self.sample(self.server.pid())?;
        let rest = Duration::from_secs(5);
        self.server.wait(rest);
        let after = self.sample(self.server.pid())?;
        let answered = held.iter().filter(|held| held.answered).count();
        Ok(json!({
            "what": "clients that stop reading",
            "clients": held.len(),
            "answered": answered,
            "mib": two_digits(after.resident_mib() - before.resident_mib()),
            "cpu_ms_per_s": two_digits(after.cpu_since(&then).as_secs_f64() * 1e3
                / rest.as_secs_f64()),
        }))
    }
}

/// What was sent, and what it cost.
struct Load {
    bytes: u64,
    took: Duration,
    cpu: Duration,
}

fn compared(ours: &[Load], theirs: &[Load]) -> Value {
    let rate = |load: &Load| load.bytes as f64 / 1e6 / load.took.as_secs_f64();
    let cost = |load: &Load| load.cpu.as_secs_f64() / (load.bytes as f64 / 1e9);
    let of = |loads: &[Load], what: &dyn Fn(&Load) -> f64| median(loads.iter().map(what));
    let (fast, fast_peer) = (of(ours, &rate), of(theirs, &rate));
    let (cheap, cheap_peer) = (of(ours, &cost), of(theirs, &cost));
    json!({
        "mb": ours.first().map(|load| load.bytes / 1_000_000),
        "mb_per_s": two_digits(fast),
        "peer_mb_per_s": two_digits(fast_peer),
        "rate_of_peer": two_digits(fast / fast_peer),
        "cpu_s_per_gb": two_digits(cheap),
        "peer_cpu_s_per_gb": two_digits(cheap_peer),
        "cpu_of_peer": two_digits(cheap / cheap_peer),
    })
}
