//! The simulation: one scenario replayed from its seed, or a search over other and other seeds.

use std::process::Child;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::run::{command, run};

const SEARCHER: &str = "target/release/sim";

/// What is to be simulated.
#[derive(Args)]
#[command(after_help = "\
A failure is printed with the words that replay it. The exit code is 0 when nothing failed, 1 when
something did, and 2 when there is no such scenario.")]
pub struct Arguments {
    /// List the scenarios
    #[arg(long)]
    list: bool,
    /// The scenario to replay, or the only one to search
    #[arg(long)]
    scenario: Option<String>,
    /// The seed to replay; its log is printed
    #[arg(long)]
    seed: Option<u64>,
    /// Search over random seeds of all scenarios for this many hours
    #[arg(long, conflicts_with = "seed")]
    hours: Option<f64>,
    /// Let each single call to the disk fail once, all of them
    #[arg(long, conflicts_with_all = ["seed", "hours", "scenario"])]
    every_call: bool,
    /// How many searches run side by side; by default as many as there are processors
    #[arg(long)]
    jobs: Option<usize>,
}

/// Does what `arguments` say.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or(processors).max(1);
    if arguments.every_call {
        return side_by_side(jobs, |job| format!("{SEARCHER} --every-call {job}/{jobs}"));
    }
    let scenario = arguments.scenario.as_ref().map(|name| format!(" --scenario {name}"));
    let scenario = scenario.unwrap_or_default();
    if let Some(hours) = arguments.hours {
        let seconds = Duration::try_from_secs_f64(hours * 3600.0).context("not so many hours")?;
        let seconds = seconds.as_secs();
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
        return side_by_side(jobs, |job| {
            let first = since * 1000 + job as u64;
            format!("{SEARCHER} --search {seconds} --seed {first}{scenario}")
        });
    }
    let what = match (arguments.list, arguments.seed, scenario.is_empty()) {
        (true, ..) => "--list".to_owned(),
        (false, Some(seed), false) => format!("--seed {seed}{scenario}"),
        (false, Some(_), true) => bail!("a seed is of a scenario: give --scenario, see --list"),
        (false, None, _) => bail!("say --list, --scenario with --seed, --hours or --every-call"),
    };
    let words = format!("cargo run --quiet --package sim -- {what}");
    let mut replay = command("", &words);
    let status = replay.status().with_context(|| format!("cannot start `{words}`"))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => std::process::exit(code),
        None => bail!("`{words}` was ended: {status}"),
    }
}

/// Builds the simulation for speed, runs it in processes side by side, and fails when one fails.
fn side_by_side(jobs: usize, words: impl Fn(usize) -> String) -> Result<()> {
    run("", "cargo build --release --quiet --package sim")?;
    let mut running: Vec<(String, Child)> = Vec::new();
    for job in 0..jobs {
        let words = words(job);
        println!("── {words}");
        let child = command("", &words).spawn().with_context(|| format!("cannot start {words}"))?;
        running.push((words, child));
    }
    let mut failed = 0;
    for (words, mut child) in running {
        let status = child.wait().with_context(|| format!("waiting for {words}"))?;
        failed += usize::from(!status.success());
    }
    match failed {
        0 => Ok(()),
        _ => bail!(
            "{failed} of {jobs} searches found a failure: \
             `cargo xtask sim --scenario … --seed …` replays it"
        ),
    }
}
