//! Real power cuts: the real binary records test cameras in QEMU onto ext4, the log of what was
//! written to the disk is cut at many points, and every disk that this leaves is started on and
//! held against what the recorder had promised. See docs/design/power-cuts.md.

mod ask;
mod cut;
mod disk;
mod files;
pub mod guest;
mod initramfs;
mod judge;
mod kernel;
mod machine;
mod promise;
mod random;
mod write_log;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::packages;
use crate::run::{root, run};
use cut::Platter;
use judge::{Judge, Verdict};
use write_log::WriteLog;

/// What may be asked for.
#[derive(Args)]
pub struct Arguments {
    /// How many power cuts
    #[arg(long, default_value_t = 200)]
    cuts: usize,
    /// Decides where the log is cut and what is lost
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long to record
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
    /// Keep the recording and the disks of cuts that fail in this folder; a recording that it
    /// holds already is cut again
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Test this binary, rather than building one for release
    #[arg(long, value_name = "FILE")]
    recorder: Option<PathBuf>,
}

/// Cameras: slug, clip, number in its stamps, bytes kept. They differ in codec and in rate, and
/// each has about twelve seconds of footage before retention takes some.
const CAMERAS: [(&str, &str, u32, &str); 3] = [
    ("sound", "door-main", 1, "800 kB"),
    ("reordered", "drive-main", 2, "600 kB"),
    ("slow", "garden-sub", 3, "400 kB"),
];
/// The recorder is killed, or stopped, and started again so often.
const RESTART_SECONDS: u64 = 11;

/// `cargo xtask powercut`.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    let recorder = match &arguments.recorder {
        Some(given) => given.canonicalize().with_context(|| given.display().to_string())?,
        None => {
            run("", "cargo build --release --quiet --package holdfast")?;
            root().join("target/release/holdfast")
        }
    };
    let seconds = (arguments.minutes * 60.0).max(10.0) as u64;
    let kernel = prepare()?;
    let work = Work::new(arguments.keep.as_deref())?;
    println!("{}", work.test(&kernel, &recorder, seconds, arguments.cuts, arguments.seed)?);
    Ok(())
}

/// The short form, with the binary that the other tests have used: what it came to, or why it was
/// left out.
pub fn short() -> Result<Result<String, String>> {
    println!("\n── power cuts");
    let ready = prepare().and_then(|kernel| Ok((kernel, Work::new(None)?)));
    let (kernel, work) = match ready {
        Ok(ready) => ready,
        Err(why) => return Ok(Err(format!("{why:#}"))),
    };
    let seed = std::time::UNIX_EPOCH.elapsed()?.as_secs();
    work.test(&kernel, &root().join("target/debug/holdfast"), 25, 12, seed).map(Ok)
}

/// Gets what is needed, or says what cannot be had.
fn prepare() -> Result<kernel::Kernel> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("it needs Linux on x86-64");
    }
    if !packages::is_root() {
        bail!("it needs root, to mount disks");
    }
    packages::install_for_power_cuts()?;
    let kernel = kernel::find().context("no kernel for the guest")?;
    disk::can_mount(tempfile::tempdir()?.path())?;
    Ok(kernel)
}

/// The folder in which it happens.
struct Work {
    folder: PathBuf,
    keep: bool,
    /// Removes the folder in the end.
    _scratch: Option<tempfile::TempDir>,
}

impl Work {
    fn new(keep: Option<&Path>) -> Result<Self> {
        if let Some(folder) = keep {
            std::fs::create_dir_all(folder)?;
            let folder = folder.canonicalize()?;
            return Ok(Self { folder, keep: true, _scratch: None });
        }
        let memory = Path::new("/dev/shm");
        let above = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let scratch = tempfile::Builder::new().prefix("hf-powercut-").tempdir_in(above)?;
        Ok(Self { folder: scratch.path().to_owned(), keep: false, _scratch: Some(scratch) })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Records, cuts and judges; a summary, or an error when a cut broke something.
    fn test(
        &self,
        kernel: &kernel::Kernel,
        recorder: &Path,
        seconds: u64,
        cuts: usize,
        seed: u64,
    ) -> Result<String> {
        let began = Instant::now();
        if !self.path("log").exists() {
            self.record(kernel, recorder, seconds)?;
        }
        let recorded = began.elapsed();
        let log = WriteLog::open(&self.path("log"))?;
        let promises = promise::all(&log)?;
        let flushes = log.entries.iter().filter(|entry| entry.is_flush()).count();
        println!(
            "recorded in {recorded:.0?}: {} requests to the disk, {flushes} flushes, {} promises",
            log.entries.len(),
            promises.len()
        );
        if promises.last().is_none_or(|last| last.streams.iter().any(|s| s.durable_until.is_none()))
        {
            bail!("a camera was not recorded; the guest said:\n{}", self.console());
        }
        let config = self.path("holdfast.toml");
        std::fs::write(&config, self.config())?;
        let mut judge = Judge {
            recorder: recorder.to_owned(),
            config,
            mounted_at: self.path("disk"),
            socket: self.socket(),
            log: self.path("recorder.log"),
            promises,
            files: files::Files::default(),
        };
        self.cut(&log, cuts, seed, &mut judge)
    }

    fn record(&self, kernel: &kernel::Kernel, recorder: &Path, seconds: u64) -> Result<()> {
        disk::make(&self.path("before"))?;
        cut::copy(&self.path("before"), &self.path("after"))?;
        let plan = machine::Plan {
            kernel,
            recorder,
            config: &self.config(),
            mounted_at: &self.path("disk"),
            socket: &self.socket(),
            seconds,
            restart_every: RESTART_SECONDS,
        };
        let log = self.path("log.draft");
        let (disk, console) = (self.path("after"), self.path("console"));
        machine::record(&plan, &machine::Files { disk, log: log.clone(), console })?;
        // A recording that is there is whole.
        Ok(std::fs::rename(log, self.path("log"))?)
    }

    fn cut(&self, log: &WriteLog, count: usize, seed: u64, judge: &mut Judge) -> Result<String> {
        let image = self.path("image");
        let mut platter = Platter::new(log, &self.path("before"), &self.path("platter"))?;
        let (mut broken, mut held, mut slowest) = (0, 0, Duration::ZERO);
        let began = Instant::now();
        for cut in cut::choose(log, 0, count, seed) {
            platter.image(&cut, &image)?;
            let before = self.keep.then(|| self.path(&format!("cut-{seed}-{}", cut.number)));
            if let Some(before) = &before {
                cut::copy(&image, before)?;
            }
            let verdict = judge.judge(&image, &cut)?;
            held += verdict.promises;
            slowest = slowest.max(verdict.recovery);
            match verdict.findings.is_empty() {
                true => before.map(std::fs::remove_file).transpose()?.unwrap_or_default(),
                false => broken += 1,
            }
            say(&cut, &verdict);
        }
        let each = began.elapsed() / u32::try_from(count.max(1))?;
        let summary = format!(
            "power cuts: {count} with seed {seed}, {broken} of them broke something; {held} \
             promises held against them, {} files decoded, slowest recovery {slowest:.1?}, \
             {each:.1?} each",
            judge.files.count()
        );
        match broken {
            0 => Ok(summary),
            _ => bail!("{summary}"),
        }
    }

    fn socket(&self) -> PathBuf {
        self.path("disk/catalog/holdfast.sock")
    }

    fn console(&self) -> String {
        std::fs::read_to_string(self.path("console")).unwrap_or_default()
    }

    /// The same inside and outside: the disk is mounted at the same place.
    fn config(&self) -> String {
        let disk = self.path("disk").display().to_string();
        let mut text = format!(
            "[server]\nlisten = []\n[archive]\ncatalog = \"{disk}/catalog\"\n\
             segment_duration = \"2s\"\n\
             [[archive.volume]]\nname = \"disk\"\npath = \"{disk}/media\"\n\
             keep_free = \"10 MB\"\n"
        );
        let at = std::net::SocketAddr::from(guest::CAMERAS);
        for (slug, clip, number, bytes) in CAMERAS {
            text += &format!(
                "[[camera]]\nname = \"{slug}\"\nslug = \"{slug}\"\n[camera.stream.main]\n\
                 url = \"rtsp://{at}/{clip};c={number}\"\nkeep = {{ max_bytes = \"{bytes}\" }}\n"
            );
        }
        text
    }
}

fn say(cut: &cut::Cut, verdict: &Verdict) {
    let (unflushed, kept) = cut.unflushed();
    println!(
        "cut {} before request {}: {kept} of {unflushed} writes kept, {} promises, recovered in \
         {:.1?}: {}",
        cut.number,
        cut.end,
        verdict.promises,
        verdict.recovery,
        if verdict.findings.is_empty() { "all is well" } else { "BROKEN" }
    );
    verdict.findings.iter().for_each(|finding| println!("  {finding}"));
}
