//! Power cuts: what is on the platter when the power goes at some point of a write log.
//!
//! Everything before the last flush is there. Of what was written after it, a disk may have kept
//! any part, in any order, down to single sectors.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::random::Random;
use super::write_log::{SECTOR, WriteLog};

/// One power cut.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Its number, from 0: with the seed it names the cut.
    pub number: usize,
    /// Entries before this one were flushed: all of them are on the platter.
    pub flushed: usize,
    /// Entries from this one on never reached the disk. Whatever was promised in an entry
    /// before it has to hold.
    pub end: usize,
    /// What the disk kept of each entry between the two.
    kept: Vec<Kept>,
}

/// What a disk kept of a write that was not flushed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    Nothing,
    Whole,
    /// Every sector by itself, as these bits say in turns.
    Torn(u64),
}

impl Cut {
    /// How many writes were not flushed, and how many of them are there in part or whole.
    pub fn unflushed(&self) -> (usize, usize) {
        (self.kept.len(), self.kept.iter().filter(|kept| **kept != Kept::Nothing).count())
    }
}

/// Chooses `count` cuts at or after entry `first`, in the order of the log.
pub fn choose(log: &WriteLog, first: usize, count: usize, seed: u64) -> Vec<Cut> {
    let last = log.entries.len();
    let mut cuts: Vec<Cut> = (0..count)
        .map(|number| {
            let mut random = Random::new(seed ^ (number as u64) << 32);
            random.next();
            cut(log, first + random.below(last - first) + 1, number, &mut random)
        })
        .collect();
    cuts.sort_by_key(|cut| (cut.flushed, cut.end));
    cuts
}

/// The power goes before entry `end`, or, half the time, when the flush after it was on its way:
/// then most is at stake.
fn cut(log: &WriteLog, end: usize, number: usize, random: &mut Random) -> Cut {
    let entries = &log.entries;
    let next_flush = entries[end..].iter().position(|entry| entry.is_flush());
    let end = match next_flush {
        Some(further) if random.once_in(2) => end + further,
        _ => end,
    };
    let flush = entries[..end].iter().rposition(|entry| entry.is_flush());
    let flushed = flush.map_or(0, |flush| flush + 1);
    // A disk that loses nearly all of it, about half, or nearly nothing.
    let odds = [1, 4, 4, 7][random.below(4)];
    let kept = entries[flushed..end].iter().map(|entry| match random.below(8) < odds {
        _ if entry.is_durable() => Kept::Whole,
        false => Kept::Nothing,
        true if random.once_in(6) => Kept::Torn(random.next()),
        true => Kept::Whole,
    });
    Cut { number, flushed, end, kept: kept.collect() }
}

/// Makes the disks that cuts leave behind, one after the other in the order of the log.
pub struct Platter<'a> {
    log: &'a WriteLog,
    /// The disk with every entry before `applied`.
    path: PathBuf,
    disk: File,
    applied: usize,
}

impl<'a> Platter<'a> {
    /// Begins with a copy of `before`, the disk as it was when the log began, at `path`.
    pub fn new(log: &'a WriteLog, before: &Path, path: &Path) -> Result<Self> {
        copy(before, path)?;
        let disk = File::options().write(true).open(path)?;
        Ok(Self { log, path: path.to_owned(), disk, applied: 0 })
    }

    /// Writes the disk that `cut` leaves behind to `to`. Cuts come in the order of the log.
    pub fn image(&mut self, cut: &Cut, to: &Path) -> Result<()> {
        while self.applied < cut.flushed {
            write(self.log, self.applied, &Kept::Whole, &self.disk)?;
            self.applied += 1;
        }
        copy(&self.path, to)?;
        let disk = File::options().write(true).open(to)?;
        for (entry, kept) in (cut.flushed..cut.end).zip(&cut.kept) {
            write(self.log, entry, kept, &disk)?;
        }
        Ok(())
    }
}

fn write(log: &WriteLog, entry: usize, kept: &Kept, disk: &File) -> Result<()> {
    let entry = &log.entries[entry];
    if *kept == Kept::Nothing || !entry.is_write() {
        return Ok(());
    }
    let data = log.data(entry)?;
    if *kept == Kept::Whole {
        return Ok(disk.write_all_at(&data, entry.sector * SECTOR)?);
    }
    for (index, sector) in data.chunks(SECTOR as usize).enumerate() {
        if let Kept::Torn(bits) = kept
            && bits >> (index % 64) & 1 == 0
        {
            continue;
        }
        disk.write_all_at(sector, (entry.sector + index as u64) * SECTOR)?;
    }
    Ok(())
}

/// Copies a disk; what was never written stays a hole.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut cp = Command::new("cp");
    let status = cp.args(["--sparse=auto", "--reflink=auto"]).arg(from).arg(to).status();
    if !status.context("cannot start cp")?.success() {
        bail!("cannot copy {} to {}", from.display(), to.display());
    }
    Ok(())
}
