//! `sim`: plays scenarios of the simulation from seeds. `cargo xtask sim` builds and starts it.

use std::process::ExitCode;

use clap::Parser;
use sim::scenario::{self, Scenario, every_call};
use sim::{Failure, Report};
use world::sim::Random;
use world::{Clock, SystemClock};

const DAY_SECONDS: f64 = 86_400.0;

#[derive(Parser)]
#[command(name = "sim", about = "Play scenarios of the simulation from seeds")]
struct Arguments {
    /// List the scenarios
    #[arg(long)]
    list: bool,
    /// The scenario; all of them in turn when searching
    #[arg(long)]
    scenario: Option<String>,
    /// Play this seed and print its log
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Search over other and other seeds for this long
    #[arg(long, value_name = "SECONDS")]
    search: Option<u64>,
    /// Search this part only of the calls that fail one by one, such as 0/2
    #[arg(long, value_name = "PART/PARTS")]
    every_call: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for Scenario { name, about, .. } in scenario::ALL {
            println!("{name:<28} {about}");
        }
        return ExitCode::SUCCESS;
    }
    let chosen = match &arguments.scenario {
        None => None,
        Some(name) => match scenario::find(name) {
            Some(scenario) => Some(scenario),
            None => {
                eprintln!("no scenario is called {name}: see --list");
                return ExitCode::from(2);
            }
        },
    };
    // What a scenario panics with stands in its report.
    std::panic::set_hook(Box::new(|_| {}));
    let clean = match (&arguments.every_call, arguments.search, chosen) {
        (Some(part), _, _) => all_calls(part),
        (None, Some(seconds), chosen) => search(arguments.seed, seconds, chosen),
        (None, None, Some(scenario)) => replay(scenario, arguments.seed),
        (None, None, None) => {
            eprintln!("say what to do: --list, --scenario with --seed, --search or --every-call");
            return ExitCode::from(2);
        }
    };
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays one seed twice, for a scenario whose log differs is a failure too.
fn replay(scenario: &Scenario, seed: u64) -> bool {
    let played = (scenario.run)(seed);
    let log = match &played {
        Ok(report) => &report.log,
        Err(failure) => &failure.log,
    };
    log.iter().for_each(|line| println!("{line}"));
    match &played {
        Ok(report) => {
            let days = report.camera_time.as_secs_f64() / DAY_SECONDS;
            let (frames, cuts, hash) = (report.frames, report.cuts, report.log_hash());
            println!(
                "passed: {frames} frames, {cuts} power cuts, {days:.3} camera-days, log {hash}"
            );
        }
        Err(failure) => println!("FAILED: {}", failure.what),
    }
    if (scenario.run)(seed) != played {
        println!("FAILED: the second run of seed {seed} has another log");
        return false;
    }
    played.is_ok()
}

/// Counts of a search.
#[derive(Default)]
struct Totals {
    runs: u64,
    failures: u64,
    cuts: u64,
    camera_days: f64,
}

impl Totals {
    fn add(&mut self, what: &str, played: Result<Report, Failure>) {
        self.runs += 1;
        match played {
            Ok(report) => {
                self.cuts += report.cuts;
                self.camera_days += report.camera_time.as_secs_f64() / DAY_SECONDS;
            }
            Err(failure) => {
                self.failures += 1;
                println!("FAILED {what}: {}", failure.what);
            }
        }
    }

    fn say(&self) -> bool {
        let Self { runs, failures, cuts, camera_days } = self;
        println!(
            "{runs} runs, {cuts} power cuts, {camera_days:.1} camera-days, {failures} failures"
        );
        *failures == 0
    }
}

/// Plays seeds from `first` on until the time is over; whether none failed.
fn search(first: u64, seconds: u64, chosen: Option<&Scenario>) -> bool {
    let (clock, mut random, mut totals) =
        (SystemClock::new(), Random::new(first), Totals::default());
    let end = clock.mono() + std::time::Duration::from_secs(seconds);
    while clock.mono() < end {
        let seed = random.next_u64() >> 16;
        let any = &scenario::ALL[random.below(scenario::ALL.len() as u64) as usize];
        let scenario = chosen.unwrap_or(any);
        totals.add(&format!("--scenario {} --seed {seed}", scenario.name), (scenario.run)(seed));
    }
    totals.say()
}

/// Lets each call of the story fail once, this part of all.
fn all_calls(part: &str) -> bool {
    let parsed = part.split_once('/').and_then(|(part, parts)| {
        Some((part.parse::<u64>().ok()?, parts.parse::<u64>().ok().filter(|parts| *parts > 0)?))
    });
    let Some((part, parts)) = parsed else {
        eprintln!("{part} is no part such as 0/2");
        return false;
    };
    let mut totals = Totals::default();
    for number in (part..every_call::cases()).step_by(parts as usize) {
        let case = every_call::case_of(number);
        totals.add(&format!("{case:?}"), every_call::play(case));
    }
    totals.say()
}
