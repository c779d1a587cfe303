//! Real power cuts: the real binary records test cameras in QEMU onto ext4, the log of what was
//! written to the disk is cut at many points, and every disk that this leaves is started on and
//! held against what the recorder had promised. See docs/design/power-cuts.md.

mod ask;
mod cameras;
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
mod removed;
mod work;
mod write_log;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::packages;
use crate::run::{root, run};
use work::{Wanted, Work};

/// What may be asked for.
#[derive(Args)]
pub struct Arguments {
    /// How many power cuts, all rounds together
    #[arg(long, default_value_t = 200)]
    cuts: usize,
    /// Decides where the log is cut and what is lost
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long to record, all rounds together
    #[arg(long, default_value_t = 4.0)]
    minutes: f64,
    /// From the second round on, a disk that a cut has left behind is recorded on
    #[arg(long, default_value_t = 2)]
    rounds: usize,
    /// Keep the recordings and the disks of cuts that fail in this folder; recordings that it
    /// holds already are cut again
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Test this binary, rather than building one for release
    #[arg(long, value_name = "FILE")]
    recorder: Option<PathBuf>,
    /// The disk lies about its last N flushes: shows that this test finds what is lost
    #[arg(long, value_name = "N", default_value_t = 0)]
    lie: usize,
}

/// `cargo xtask powercut`.
pub fn carry_out(arguments: &Arguments) -> Result<()> {
    let recorder = match &arguments.recorder {
        Some(given) => given.canonicalize().with_context(|| given.display().to_string())?,
        None => {
            run("", "cargo build --release --quiet --package holdfast")?;
            root().join("target/release/holdfast")
        }
    };
    let kernel = prepare()?;
    let work = Work::new(arguments.keep.as_deref())?;
    let rounds = arguments.rounds.max(1);
    let wanted = Wanted {
        kernel,
        recorder,
        seconds: (arguments.minutes * 60.0 / rounds as f64).max(10.0) as u64,
        cuts: arguments.cuts.div_ceil(rounds),
        rounds,
        seed: arguments.seed,
        lie: arguments.lie,
    };
    println!("{}", work.test(&wanted)?);
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
    let recorder = root().join("target/debug/holdfast");
    let seed = std::time::UNIX_EPOCH.elapsed()?.as_secs();
    let wanted = Wanted { kernel, recorder, seconds: 16, cuts: 7, rounds: 2, seed, lie: 0 };
    work.test(&wanted).map(Ok)
}

/// Gets what is needed, or says what cannot be had.
fn prepare() -> Result<kernel::Kernel> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("they need Linux on x86-64");
    }
    if !packages::is_root() {
        bail!("they need root, to mount disks");
    }
    packages::install_for_power_cuts()?;
    let kernel = kernel::find().context("no kernel for the guest")?;
    disk::can_mount(tempfile::tempdir()?.path())?;
    Ok(kernel)
}
