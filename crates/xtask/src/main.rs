//! `cargo xtask …`: the commands that build, show, test and check the project.

mod bench;
mod build;
mod contract;
mod count;
mod narrow;
mod packages;
mod powercut;
mod run;
mod sim;
mod source;
mod test;
mod tidy;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, show, test and check Holdfast")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build target/release/holdfast with the web page inside
    Build {
        /// The smallest one instead, target/lean/holdfast, without the demo: takes minutes longer
        #[arg(long)]
        lean: bool,
    },
    /// Build everything, start three test cameras and a recorder, print the address of the page
    Demo {
        /// Where the page is served
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
    },
    /// Install what the tests need and run all of them
    Test {
        /// Leave out the browser tests
        #[arg(long)]
        no_browser: bool,
    },
    /// Cut the power of a recording machine many times, and look at each disk that is left
    Powercut(powercut::Arguments),
    /// What runs inside the machine whose power is cut
    #[command(hide = true)]
    PowercutGuest(powercut::guest::Arguments),
    /// Play the seeded simulation: replay one seed, or search for one that fails
    Sim(sim::Arguments),
    /// Measure what recording costs, and compare it with what was measured before
    Bench(bench::Arguments),
    /// Count the instructions that recording costs, and compare them with the number that is kept
    Count(count::Arguments),
    /// Hold a running API against its document, with schemathesis
    Contract(contract::Arguments),
    /// Look for casts that a board of 32 bits would cut numbers off with
    Narrow,
    /// Check floors, sizes, module docs and banned calls
    Tidy,
}

fn main() -> std::process::ExitCode {
    match carry_out() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn carry_out() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Build { lean: false } => build::release(),
        Command::Build { lean: true } => build::lean(),
        Command::Demo { listen } => build::demo(&listen),
        Command::Test { no_browser } => test::all(!no_browser),
        Command::Powercut(arguments) => powercut::carry_out(&arguments),
        Command::PowercutGuest(arguments) => powercut::guest::carry_out(&arguments),
        Command::Sim(arguments) => sim::carry_out(&arguments),
        Command::Bench(arguments) => bench::carry_out(&arguments),
        Command::Count(arguments) => count::carry_out(&arguments),
        Command::Contract(arguments) => contract::carry_out(&arguments),
        Command::Narrow => narrow::check(),
        Command::Tidy => tidy::check(),
    }
}
