//! One test of power cuts from beginning to end: rounds of recording, cutting and judging.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::cut::{self, Cut, Platter};
use super::files::Files;
use super::judge::{Judge, Verdict};
use super::kernel::Kernel;
use super::promise::{self, Promise};
use super::write_log::WriteLog;
use super::{cameras, disk, machine};

/// The recorder is killed, or stopped, and started again so often.
const RESTART_SECONDS: u64 = 11;

/// What is to be tested, and how much.
pub struct Wanted {
    /// What the guest boots.
    pub kernel: Kernel,
    /// The recorder's binary.
    pub recorder: PathBuf,
    /// How long each round records.
    pub seconds: u64,
    /// Power cuts of each round.
    pub cuts: usize,
    /// Rounds; from the second on, a disk that a cut has left behind is recorded on.
    pub rounds: usize,
    /// Decides where the logs are cut and what is lost.
    pub seed: u64,
    /// How many of its last flushes the disk has not carried out.
    pub lie: usize,
}

/// The folder in which it happens.
pub struct Work {
    folder: PathBuf,
    /// Removes the folder in the end.
    scratch: Option<tempfile::TempDir>,
}

/// What all cuts came to.
#[derive(Default)]
struct Sum {
    cuts: usize,
    broken: usize,
    promises: usize,
    slowest: Duration,
    judging: Duration,
}

/// The files of one round.
struct Round {
    number: usize,
    folder: PathBuf,
}

impl Round {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Work {
    /// In `keep`, which is then left there with what it holds, or in memory.
    pub fn new(keep: Option<&Path>) -> Result<Self> {
        if let Some(folder) = keep {
            std::fs::create_dir_all(folder)?;
            let folder = folder.canonicalize()?;
            return Ok(Self { folder, scratch: None });
        }
        let memory = Path::new("/dev/shm");
        let above = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let scratch = tempfile::Builder::new().prefix("hf-powercut-").tempdir_in(above)?;
        Ok(Self { folder: scratch.path().to_owned(), scratch: Some(scratch) })
    }

    /// Records, cuts and judges; a summary, or an error when a cut broke something: then
    /// everything is kept. A disk that lies has to break something.
    pub fn test(mut self, wanted: &Wanted) -> Result<String> {
        let tested = self.test_rounds(wanted);
        if tested.is_err() && wanted.lie == 0 {
            self.scratch.take().map(tempfile::TempDir::keep);
            let Wanted { seed, rounds, cuts, .. } = wanted;
            eprintln!(
                "\nkept for another look: cargo xtask powercut --keep {} --seed {seed} --rounds \
                 {rounds} --cuts {} --recorder {}",
                self.folder.display(),
                cuts * rounds,
                wanted.recorder.display()
            );
        }
        tested
    }

    fn test_rounds(&self, wanted: &Wanted) -> Result<String> {
        let (mut sum, mut files, mut before) = (Sum::default(), Files::default(), Vec::new());
        for number in 0..wanted.rounds {
            let round = Round { number, folder: self.path(&format!("round-{number}")) };
            std::fs::create_dir_all(&round.folder)?;
            self.record(wanted, &round)?;
            let log = WriteLog::open(&round.path("log"))?;
            let promises = self.promises(&round, &log, before)?;
            before = self.cut(wanted, &round, &log, promises, &mut files, &mut sum)?;
        }
        let Sum { cuts, broken, promises, slowest, judging } = sum;
        let each = judging / u32::try_from(cuts.max(1))?;
        let summary = format!(
            "power cuts: {cuts} in {} rounds with seed {}, {broken} of them broke something; \
             {promises} promises held against them, {} different files decoded, slowest recovery \
             {slowest:.1?}, {each:.1?} each",
            wanted.rounds,
            wanted.seed,
            files.count()
        );
        match broken == 0 {
            well if well == (wanted.lie == 0) => Ok(summary),
            _ => bail!("{summary}"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Records a round, unless it was recorded before.
    fn record(&self, wanted: &Wanted, round: &Round) -> Result<()> {
        if round.path("log").exists() {
            return Ok(());
        }
        let (began, before) = (Instant::now(), round.path("before"));
        if round.number == 0 {
            disk::make(&before)?;
        }
        let disk = round.path("after");
        cut::copy(&before, &disk)?;
        let plan = machine::Plan {
            kernel: &wanted.kernel,
            recorder: &wanted.recorder,
            config: &self.config(round),
            mounted_at: &self.path("disk"),
            socket: &self.socket(),
            seconds: wanted.seconds,
            restart_every: RESTART_SECONDS,
        };
        let (log, console) = (round.path("log.draft"), round.path("console"));
        machine::record(&plan, &machine::Files { disk, log: log.clone(), console })?;
        println!("round {}: recorded in {:.0?}", round.number, began.elapsed());
        // A recording that is there is whole.
        Ok(std::fs::rename(log, round.path("log"))?)
    }

    /// Everything that was promised before a round, and in it.
    fn promises(
        &self,
        round: &Round,
        log: &WriteLog,
        before: Vec<Promise>,
    ) -> Result<Vec<Promise>> {
        let mut all = before;
        // They hold from this round's first request on.
        all.iter_mut().for_each(|promise| promise.entry = 0);
        let own = promise::all(log)?;
        let flushes = log.entries.iter().filter(|entry| entry.is_flush()).count();
        println!(
            "round {}: {} requests to the disk, {flushes} flushes, {} promises",
            round.number,
            log.entries.len(),
            own.len()
        );
        let recorded =
            |promise: &Promise| promise.streams.iter().all(|s| s.durable_until.is_some());
        if !own.iter().any(recorded) {
            let console = std::fs::read_to_string(round.path("console")).unwrap_or_default();
            bail!("not all cameras were recorded; the guest said:\n{console}");
        }
        all.extend(own);
        Ok(all)
    }

    /// Cuts the power of a round and looks at each disk that this leaves. The next round records
    /// on one of them: what had been promised until that cut.
    fn cut(
        &self,
        wanted: &Wanted,
        round: &Round,
        log: &WriteLog,
        promises: Vec<Promise>,
        files: &mut Files,
        sum: &mut Sum,
    ) -> Result<Vec<Promise>> {
        let config = self.path("holdfast.toml");
        std::fs::write(&config, self.config(round))?;
        let mut judge = Judge {
            recorder: wanted.recorder.clone(),
            config,
            mounted_at: self.path("disk"),
            socket: self.socket(),
            log: self.path("recorder.log"),
            promises,
            files,
            // A disk that lies breaks promises that waiting does not mend.
            patience: Duration::from_secs(if wanted.lie == 0 { 30 } else { 3 }),
        };
        let (began, image) = (Instant::now(), self.path("image"));
        let mut platter = Platter::new(log, &round.path("before"), &self.path("platter"))?;
        for cut in cut::choose(log, wanted.cuts, wanted.seed, wanted.lie) {
            platter.image(&cut, &image)?;
            let before = round.path(&format!("cut-{}-{}", wanted.seed, cut.number));
            cut::copy(&image, &before)?;
            let verdict = judge.judge(&image, &cut)?;
            sum.cuts += 1;
            sum.promises += verdict.promises;
            sum.slowest = sum.slowest.max(verdict.recovery);
            match verdict.findings.is_empty() {
                true => std::fs::remove_file(before)?,
                false => sum.broken += 1,
            }
            say(round, &cut, &verdict);
        }
        sum.judging += began.elapsed();
        self.hand_over(wanted, round, log, judge.promises)
    }

    /// Makes the disk that the next round records on, by one more cut: what had been promised.
    fn hand_over(
        &self,
        wanted: &Wanted,
        round: &Round,
        log: &WriteLog,
        mut promises: Vec<Promise>,
    ) -> Result<Vec<Promise>> {
        let folder = self.path(&format!("round-{}", round.number + 1));
        let note = folder.join("cut-at");
        if round.number + 1 < wanted.rounds && !note.exists() {
            std::fs::create_dir_all(&folder)?;
            let cut = cut::near_the_end(log, wanted.seed);
            let mut platter = Platter::new(log, &round.path("before"), &self.path("platter"))?;
            platter.image(&cut, &folder.join("before"))?;
            std::fs::write(&note, cut.end.to_string())?;
        }
        if let Ok(end) = std::fs::read_to_string(&note) {
            let end: usize = end.parse().context("the note of the cut is damaged")?;
            promises.retain(|promise| promise.entry < end);
        }
        Ok(promises)
    }

    fn socket(&self) -> PathBuf {
        self.path("disk/catalog/holdfast.sock")
    }

    /// The same inside and outside: the disk is mounted at the same place.
    fn config(&self, round: &Round) -> String {
        cameras::config(&self.path("disk"), round.number)
    }
}

fn say(round: &Round, cut: &Cut, verdict: &Verdict) {
    let (unflushed, kept) = cut.unflushed();
    println!(
        "round {}, cut {} before request {}: {kept} of {unflushed} unflushed writes kept, {} \
         promises, recovered in {:.1?}: {}",
        round.number,
        cut.number,
        cut.end,
        verdict.promises,
        verdict.recovery,
        if verdict.findings.is_empty() { "all is well" } else { "BROKEN" }
    );
    verdict.findings.iter().for_each(|finding| println!("  {finding}"));
}
