//! The instructions that recording one stream costs in a second, held against the number that is
//! kept. They are counted, not timed: whatever else runs does not change them.

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::packages;
use crate::run::{command, root, run};

const KEPT: &str = "bench/instructions.json";
const FIELD: &str = "instructions_per_stream_second";
/// Seconds of two recordings: what both have in common, the start and the end, does not count.
const RECORDED: [u32; 2] = [20, 80];
/// By how much it may differ.
const TOLERANCE: f64 = 0.03;

/// What is done with the number.
#[derive(Args)]
pub struct Arguments {
    /// Keep the number, instead of comparing it
    #[arg(long)]
    write: bool,
}

/// Counts, and compares or keeps the number.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    if arguments.write {
        let text = serde_json::to_string(&json!({ FIELD: counted()? }))? + "\n";
        std::fs::write(root().join(KEPT), text).with_context(|| format!("cannot write {KEPT}"))?;
        println!("{KEPT} is written");
        return Ok(());
    }
    match check()? {
        Ok(summary) => println!("{summary}"),
        Err(why) => bail!("instructions cannot be counted here: {why}"),
    }
    Ok(())
}

/// Fails where the number differs; gives words, or why nothing could be counted.
pub fn check() -> Result<Result<String, String>> {
    if let Some(why) = unlike() {
        return Ok(Err(why));
    }
    let counted = counted()?;
    let text = std::fs::read_to_string(root().join(KEPT));
    let text = text.with_context(|| format!("cannot read {KEPT}"))?;
    let kept: Value = serde_json::from_str(&text).with_context(|| format!("{KEPT} is no JSON"))?;
    let kept = kept[FIELD].as_u64().with_context(|| format!("{KEPT} has no {FIELD}"))?;
    let change = counted as f64 / kept as f64 - 1.0;
    let summary = format!(
        "{counted} instructions per stream-second, {:+.1} % against the {kept} that are kept",
        change * 100.0
    );
    if change.abs() > TOLERANCE {
        bail!(
            "{summary} in {KEPT}: find out why (`valgrind --tool=callgrind target/release/bench \
             --dir /tmp count`); where it is meant, keep it with `cargo xtask count --write`"
        );
    }
    Ok(Ok(summary))
}

/// Why a number that was counted here could not be compared: the code that runs is chosen by what
/// the processor can do.
fn unlike() -> Option<String> {
    #[cfg(target_arch = "x86_64")]
    let is_like = std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let is_like = false;
    (!is_like).then(|| "the number is of x86-64 with AVX2".to_owned())
}

fn counted() -> Result<u64> {
    packages::install_for_counting()?;
    run("", "cargo build --quiet --release --package bench")?;
    let [short, long] = RECORDED;
    println!("\n── instructions of {} s of recording", long - short);
    // Side by side: what is counted is no time.
    let (less, more) = std::thread::scope(|scope| {
        let less = scope.spawn(|| instructions(short));
        let more = instructions(long);
        (less.join(), more)
    });
    let less = less.map_err(|_| anyhow!("counting panicked"))??;
    Ok(more?.saturating_sub(less) / u64::from(long - short))
}

/// Of a whole recording of that length.
fn instructions(seconds: u32) -> Result<u64> {
    let scratch = tempfile::tempdir()?;
    let mut counting = command("", "valgrind --tool=callgrind --callgrind-out-file=/dev/null --");
    counting.arg("target/release/bench").arg("--dir").arg(scratch.path());
    counting.args(["count", "--seconds", &seconds.to_string()]);
    // Copying by one instruction, which counts as one a byte, is what some processors prefer.
    counting.env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-ERMS,-FSRM");
    let output = counting.output().context("cannot start valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("the recording to be counted failed: {said}");
    }
    let counted = said.lines().find_map(|line| line.split_once("Collected : "));
    let counted = counted.and_then(|(_, number)| number.trim().parse().ok());
    counted.with_context(|| format!("valgrind did not say what it counted: {said}"))
}
