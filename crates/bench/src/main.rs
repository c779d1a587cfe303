//! What recording costs, and what a large archive does: makes one from a seed, and measures what
//! its size must not slow. Each measurement is one line of JSON on standard output, for
//! `bench/results.jsonl`; `bench/README.md` says how all of it is repeated.

mod ask;
mod clip;
mod clips;
mod conversation;
mod count;
mod disk;
mod floor;
mod growth;
mod made;
mod minutes;
mod old;
mod peer;
mod process;
mod record;
mod removal;
mod scrub;
mod serve;
mod server;
mod start;
mod upgrade;
mod watch;
mod writes;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use serde_json::{Value, json};
use world::{Clock, SystemClock};

#[derive(Parser)]
struct Arguments {
    /// The folder of the made archive
    #[arg(long)]
    dir: PathBuf,
    /// What the results say of the machine, and of what else ran
    #[arg(long, default_value = "not said")]
    machine: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make the archive: rows through the real writer, and where asked for empty files
    Make(made::Making),
    /// Timelines, pages and counts
    Ask,
    /// The same of archives of a day, a month, a year and ten, each made for it
    Growth(growth::Growing),
    /// Start the binary: until it answers, and until frames are kept
    Start(server::Binary),
    /// Start the binary on a catalog of schema version 1: see `bench/to-v1.sql`
    Upgrade(server::Binary),
    /// Let the binary remove 10,000 segments while it records
    Remove(server::Binary),
    /// What recording costs, beside another recorder
    Record(record::Recording),
    /// What recording does to a disk, on file systems of their own: as root
    Disk(disk::Disks),
    /// What live viewers cost, and how late they see a frame
    Watch(watch::Watching),
    /// The viewers of `watch`, in a process of their own
    #[command(hide = true)]
    View,
    /// What `watch` is held against, in a process of its own
    #[command(hide = true)]
    Loop,
    /// Record one stream from memory, for an instruction counter to look at
    Count {
        /// Of the camera's time
        #[arg(long, default_value_t = 20)]
        seconds: u32,
    },
    /// Receive cameras at the least cost that there is, and write what comes: to be compared with
    Floor {
        /// Where the cameras are
        urls: Vec<String>,
    },
    /// Clips over HTTP, beside nginx with a plain file
    Serve(serve::Serving),
    /// Key frames from a disk that turns, beside recording and readers: as root
    Scrub(scrub::Scrubbing),
    /// What a day of recording writes to the catalog's disk
    Writes,
    /// A clip of real files whose indexes are in no cache
    Clip {
        /// Segments of five minutes
        #[arg(long, default_value_t = 100)]
        segments: u32,
    },
}

fn main() -> Result<()> {
    let Arguments { dir, machine, what } = Arguments::parse();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let dir = dir.canonicalize()?;
    let results = match what {
        What::Make(making) => made::make(&dir, &making)?,
        What::Ask => ask::measure(&dir)?,
        What::Growth(growing) => growth::measure(&dir, &growing)?,
        What::Start(binary) => start::measure(&dir, &binary)?,
        What::Upgrade(binary) => upgrade::measure(&dir, &binary)?,
        What::Remove(binary) => removal::measure(&dir, &binary)?,
        What::Record(recording) => record::measure(&dir, &recording)?,
        What::Disk(disks) => disk::measure(&dir, &disks)?,
        What::Watch(watching) => watch::measure(&dir, &watching)?,
        What::View => return watch::view(),
        What::Loop => return watch::write_floor(),
        What::Count { seconds } => {
            count::record(&dir, seconds)?;
            Vec::new()
        }
        What::Floor { urls } => floor::receive(&dir, &urls)?,
        What::Serve(serving) => serve::measure(&dir, &serving)?,
        What::Scrub(scrubbing) => scrub::measure(&dir, &scrubbing)?,
        What::Writes => writes::measure(&dir)?,
        What::Clip { segments } => clip::measure(&dir, segments)?,
    };
    let date = SystemClock::new().wall().to_string();
    for mut result in results {
        if let Value::Object(fields) = &mut result {
            fields.insert("date".to_owned(), json!(date.get(..10)));
            fields.insert("machine".to_owned(), json!(machine));
        }
        println!("{result}");
    }
    Ok(())
}

/// Milliseconds with two digits.
fn ms(took: Duration) -> f64 {
    (took.as_secs_f64() * 100_000.0).round() / 100.0
}

/// The result of `work` and how long it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let clock = SystemClock::new();
    let began = clock.mono();
    let done = work();
    (done, clock.mono().since(began))
}

/// Median and longest of some times, in milliseconds.
fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let at = |part: usize| times.get(part).copied().unwrap_or_default();
    (ms(at(times.len() / 2)), ms(at(times.len().saturating_sub(1))))
}

/// Makes the kernel forget what it has read, where this is root; whether it could.
fn forget_pages() -> bool {
    let synced = std::process::Command::new("sync").status().is_ok_and(|status| status.success());
    synced && std::fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}
