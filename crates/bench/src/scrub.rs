//! Scrubbing: key frames from a disk that turns while cameras are recorded to it and others read
//! clips from it, and what that does to its syncs.

mod turning;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base::{Shutdown, WallTime};
use serde_json::{Value, json};
use world::{Clock, SystemClock};

use crate::disk::mount::{FileSystem, Mounted};
use crate::disk::values;
use crate::record::two_digits;
use crate::server::{Binary, Cameras, Server, instant};
use turning::Turning;

/// Sessions are read on arrival at first; the first commits wait for a second of data.
const SETTLE: Duration = Duration::from_secs(12);
/// How often is looked whether a round of syncs is over.
const LOOK: Duration = Duration::from_millis(25);
/// So often the kernel forgets what it has read, where it is to be cold.
const FORGET: Duration = Duration::from_millis(100);
/// Jumps that are made once before those that are to be warm.
const WARMED: u64 = 600;
/// Room for some minutes; the image is sparse.
const SIZE: u64 = 8 << 30;
/// One key frame in so many seconds: what the clips have.
const GOP_MICROS: i64 = 2_000_000;

/// What is recorded, and read beside it.
#[derive(clap::Args, Clone)]
pub struct Scrubbing {
    /// Cameras, each with 1080p30 at 4 Mbit/s and a sub-stream
    #[arg(long, default_value_t = 6)]
    cameras: u32,
    /// Seconds of old footage that is made first
    #[arg(long, default_value_t = 90)]
    old: u64,
    /// Readers of clips
    #[arg(long, default_value_t = 16)]
    readers: usize,
    /// Seconds of a window
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    #[command(flatten)]
    binary: Binary,
}

/// Records, then scrubs over what was recorded; one result for each window.
pub fn measure(dir: &Path, scrubbing: &Scrubbing) -> Result<Vec<Value>> {
    if !rustix::process::geteuid().is_root() {
        bail!("a disk is made and mounted here: run it as root");
    }
    let clips = [("main", crate::clips::LARGE.made(dir)?), ("sub", crate::clips::SMALL.made(dir)?)];
    let cameras = Cameras::stamped(&clips)?;
    let scratch = dir.join("bench-scrub");
    let _ = std::fs::remove_dir_all(scratch.join("catalog"));
    std::fs::create_dir_all(&scratch)?;
    let turning = Turning::make(&scratch, SIZE)?;
    let mounted = Mounted::of_image(FileSystem::Ext4, turning.image(), &scratch)?;
    // As a disk that turns has it.
    mounted.schedule("mq-deadline")?;
    std::fs::create_dir(mounted.at.join("media"))?;
    let config = config_text(&scratch, &mounted.at.join("media"), &cameras, scrubbing.cameras);
    record_old(&scratch, &config, scrubbing)?;
    let mut server = Server::with_config(&scratch, &scrubbing.binary, &config)?;
    server.when("/cameras", |answer| answer["cameras"].is_array())?;
    let old = old_footage(&server)?;
    let files = Arc::new(files_below(&mounted.at)?);
    let bench = Bench { server: &server, turning: &turning, scrubbing, old, files };
    let results = bench.windows();
    drop(bench);
    turning.set_slow(false);
    server.stop()?;
    drop(mounted);
    results
}

/// Footage that is over: the server stops behind it.
fn record_old(scratch: &Path, config: &str, scrubbing: &Scrubbing) -> Result<()> {
    let mut server = Server::with_config(scratch, &scrubbing.binary, config)?;
    server.when("/cameras", |answer| answer["cameras"].is_array())?;
    server.wait(Duration::from_secs(scrubbing.old));
    server.stop().map(drop)
}

/// From and to: of the first camera, which stands for all.
fn old_footage(server: &Server) -> Result<(WallTime, WallTime)> {
    let answer = server.get("/cameras/cam-0/streams/main/recordings?limit=500")?;
    let recordings = answer["recordings"].as_array().context("no recordings are listed")?;
    let oldest = recordings
        .iter()
        .filter_map(|recording| Some((instant(&recording["from"])?, instant(&recording["to"])?)));
    oldest.min().context("nothing was recorded")
}

/// How a window differs from others.
#[derive(Clone, Copy, Default)]
struct Load {
    slow: bool,
    cold: bool,
    scrubs: bool,
    readers: usize,
}

struct Bench<'a> {
    server: &'a Server,
    turning: &'a Turning,
    scrubbing: &'a Scrubbing,
    old: (WallTime, WallTime),
    /// Those of old footage.
    files: Arc<Vec<File>>,
}

/// What those who read have got.
#[derive(Default)]
struct Got {
    over: AtomicBool,
    key_frames: AtomicU64,
    /// Microseconds of all of them, and of the slowest one.
    waited: AtomicU64,
    slowest: AtomicU64,
    clip_bytes: AtomicU64,
    failed: AtomicU64,
}

impl Bench<'_> {
    fn windows(&self) -> Result<Vec<Value>> {
        let readers = self.scrubbing.readers;
        let slow = Load { slow: true, ..Load::default() };
        let loads = [
            ("recording alone", slow),
            ("scrubbing, cold", Load { cold: true, scrubs: true, ..slow }),
            ("scrubbing, warm", Load { scrubs: true, ..slow }),
            ("readers", Load { cold: true, readers, ..slow }),
            ("scrubbing, cold, and readers", Load { cold: true, scrubs: true, readers, ..slow }),
            ("scrubbing, cold, from flash", Load { cold: true, scrubs: true, ..Load::default() }),
        ];
        loads.into_iter().map(|(name, load)| self.window(name, load)).collect()
    }

    fn window(&self, name: &str, load: Load) -> Result<Value> {
        self.turning.set_slow(false);
        if load.scrubs && !load.cold {
            let path = |turn| key_frame(self.scrubbing.cameras, self.old, turn);
            let whole = AtomicBool::new(false);
            (0..WARMED).try_for_each(|turn| {
                Server::fetch(self.server.socket(), &path(turn), &whole, |_| {})
            })?;
        }
        self.turning.set_slow(load.slow);
        self.server.wait(SETTLE);
        let got = Arc::new(Got::default());
        let mut threads = Vec::new();
        for number in 0..load.readers {
            let path = self.clip(number);
            let part = |got: &Got, len| {
                got.clip_bytes.fetch_add(len, Relaxed);
            };
            threads.push(self.reader(got.clone(), move |_| path.clone(), part, |_, _| {})?);
        }
        if load.scrubs {
            let (cameras, old, files) = (self.scrubbing.cameras, self.old, self.files.clone());
            let path = move |turn| {
                // Neighbours may have come along.
                if load.cold {
                    forget(&files);
                }
                key_frame(cameras, old, turn)
            };
            let whole = |got: &Got, took: Duration| {
                got.key_frames.fetch_add(1, Relaxed);
                got.waited.fetch_add(took.as_micros() as u64, Relaxed);
                got.slowest.fetch_max(took.as_micros() as u64, Relaxed);
            };
            threads.push(self.reader(got.clone(), path, |_, _| {}, whole)?);
        }
        let seen = self.look(load, self.scrubbing.seconds);
        got.over.store(true, Relaxed);
        // The last requests end at full speed.
        self.turning.set_slow(false);
        threads.into_iter().for_each(|thread| drop(thread.join()));
        let Seen { seconds, seeks, syncs, lags, lost } = seen?;
        let count = |count: &AtomicU64| count.load(Relaxed) as f64;
        let (key_frames, bytes) = (count(&got.key_frames), count(&got.clip_bytes));
        // Without what it takes to forget between them.
        let waited = count(&got.waited) / 1e6;
        Ok(json!({
            "what": "scrubbing",
            "window": name,
            "cameras": self.scrubbing.cameras,
            "readers": load.readers,
            "key_frames_per_second": load.scrubs.then(|| two_digits(key_frames / waited)),
            "slowest_key_frame_ms": got.slowest.load(Relaxed) / 1000,
            "clips_mb_per_second": two_digits(bytes / seconds / 1e6),
            "failed": got.failed.load(Relaxed),
            "sync_ms": spread(syncs),
            "durable_lag_ms": spread(lags),
            "seeks_per_second": two_digits(seeks as f64 / seconds),
            "lost_frames": lost,
        }))
    }

    /// One client that asks again and again.
    fn reader(
        &self,
        got: Arc<Got>,
        path: impl Fn(u64) -> String + Send + 'static,
        part: impl Fn(&Got, u64) + Send + 'static,
        whole: impl Fn(&Got, Duration) + Send + 'static,
    ) -> Result<std::thread::JoinHandle<()>> {
        let socket: PathBuf = self.server.socket().to_owned();
        let work = move || {
            for turn in 0.. {
                if got.over.load(Relaxed) {
                    return;
                }
                let clock = SystemClock::new();
                let path = path(turn);
                let began = clock.mono();
                let fetched = Server::fetch(&socket, &path, &got.over, |len| part(&got, len));
                match fetched {
                    Ok(()) => whole(&got, clock.mono().since(began)),
                    Err(error) => {
                        eprintln!("{error:#}");
                        got.failed.fetch_add(1, Relaxed);
                        clock.wait(&Shutdown::new(), clock.mono() + FORGET);
                    }
                }
            }
        };
        Ok(std::thread::Builder::new().spawn(work)?)
    }

    /// Each reader has a place of its own.
    fn clip(&self, number: usize) -> String {
        let (from, to) = self.old;
        let (camera, part) = (number % self.scrubbing.cameras as usize, number % 3);
        let from = from.plus_micros(to.micros_since(from) / 4 * part as i64);
        format!("/cameras/cam-{camera}/streams/main/clip.mp4?from={from}&to={to}")
    }

    /// Looks at the syncs for a while, and lets the kernel forget what it has read.
    fn look(&self, load: Load, seconds: u64) -> Result<Seen> {
        let (server, clock) = (self.server, &self.server.clock);
        if load.cold {
            crate::forget_pages();
        }
        let lost = |now: &str| values(now, "holdfast_stream_lost_frames_total").sum::<f64>();
        let rounds = |now: &str| values(now, "holdfast_volume_syncs_total").sum::<f64>();
        let mut before = server.metrics()?;
        let (lost_before, seeks, began) = (lost(&before), self.turning.seeks(), clock.mono());
        let (mut syncs, mut lags, mut forgotten) = (Vec::new(), Vec::new(), began);
        while clock.mono().since(began) < Duration::from_secs(seconds) {
            server.wait(LOOK);
            let now = server.metrics()?;
            if rounds(&now) > rounds(&before) {
                syncs.push(values(&now, "holdfast_volume_sync_seconds").fold(0.0, f64::max));
            }
            lags.push(values(&now, "holdfast_stream_durable_lag_seconds").fold(0.0, f64::max));
            if load.cold && clock.mono().since(forgotten) > FORGET {
                forgotten = clock.mono();
                forget(&self.files);
            }
            before = now;
        }
        let seconds = clock.mono().since(began).as_secs_f64();
        let (seeks, lost) = (self.turning.seeks() - seeks, lost(&before) - lost_before);
        Ok(Seen { seconds, seeks, syncs, lags, lost })
    }
}

/// What was seen of a window.
struct Seen {
    seconds: f64,
    seeks: u64,
    syncs: Vec<f64>,
    lags: Vec<f64>,
    lost: f64,
}

/// The key frame of one jump: anywhere, as a finger on the timeline goes from camera to camera.
fn key_frame(cameras: u32, (from, to): (WallTime, WallTime), turn: u64) -> String {
    let camera = turn % u64::from(cameras);
    let slots = (to.micros_since(from) / GOP_MICROS).max(1) as u64;
    // Jumps that come to each slot once before they come to one again, as far as they have no
    // factor in common.
    let slot = (turn.wrapping_mul(7919) + turn / slots) % slots;
    let from = from.plus_micros(slot as i64 * GOP_MICROS);
    let to = from.plus_micros(2 * GOP_MICROS);
    format!("/cameras/cam-{camera}/keyframes?from={from}&to={to}&max=1")
}

/// The files of segments below a folder.
fn files_below(folder: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "mp4") {
            files.push(File::open(path)?);
        }
    }
    Ok(files)
}

/// Lets the kernel forget what it has read of these.
fn forget(files: &[File]) {
    for file in files {
        // What it keeps makes a figure better than it is; the seeks that are counted show it.
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    }
}

/// Median, 95 % and greatest, in milliseconds.
fn spread(mut seconds: Vec<f64>) -> [f64; 3] {
    seconds.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = (seconds.len() as f64 * part) as usize;
        let value = seconds.get(place.min(seconds.len().saturating_sub(1)));
        value.map_or(f64::NAN, |value| (value * 1000.0).round())
    };
    [at(0.5), at(0.95), at(1.0)]
}

fn config_text(dir: &Path, media: &Path, cameras: &Cameras, count: u32) -> String {
    let mut text = format!(
        "[server]\nlisten = [\"127.0.0.1:0\"]\n[archive]\ncatalog = {:?}\n\
         segment_duration = \"30s\"\n[[archive.volume]]\nname = \"disk1\"\npath = {:?}\n\
         keep_free = \"100 MB\"\n",
        dir.join("catalog").display(),
        media.display(),
    );
    for number in 0..count {
        text += &format!("[[camera]]\nname = \"cam-{number}\"\nslug = \"cam-{number}\"\n");
        for stream in ["main", "sub"] {
            let url = cameras.url_of(stream);
            text += &format!("[camera.stream.{stream}]\nurl = {url:?}\n");
        }
    }
    text
}
