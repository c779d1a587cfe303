//! Power cuts: what is on the platter when the power goes at some point of a write log.
//!
//! Everything before the last flush is there. Of what was written after it, a disk may have kept
//! any part, in any order, down to single sectors.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::promise::is_promise;
use super::random::Random;
use super::write_log::{Entry, SECTOR, WriteLog};

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

/// Chooses `count` cuts, in the order of the log. Every fourth falls into its first tenth, where
/// an archive is made, or found again. The disk has not carried out its last `lie` flushes.
pub fn choose(log: &WriteLog, count: usize, seed: u64, lie: usize) -> Vec<Cut> {
    let all = log.entries.len();
    let mut cuts: Vec<Cut> = (0..count)
        .map(|number| {
            let mut random = Random::new(seed ^ (number as u64 + 1) << 32);
            random.next();
            let range = if number % 4 == 0 { all / 10 } else { all };
            cut(&log.entries, random.below(range) + 1, number, lie, &mut random)
        })
        .collect();
    cuts.sort_by_key(|cut| (cut.flushed, cut.end));
    cuts
}

/// A cut in the last quarter of the log.
pub fn near_the_end(log: &WriteLog, seed: u64) -> Cut {
    let (all, mut random) = (log.entries.len(), Random::new(seed));
    let end = all - random.below(all / 4);
    cut(&log.entries, end, 0, 0, &mut random)
}

/// The power goes before entry `end`, or when the flush after it was on its way, or as soon as
/// the promise after it was made: then most is at stake.
fn cut(entries: &[Entry], end: usize, number: usize, lie: usize, random: &mut Random) -> Cut {
    let further = match random.below(4) {
        0 => Some(0),
        1 => entries[end..].iter().position(Entry::is_flush),
        _ => entries[end..].iter().position(is_promise).map(|promise| promise + 1),
    };
    let end = end + further.unwrap_or(0);
    let mut flushes = (0..end).rev().filter(|index| entries[*index].is_flush());
    let flushed = flushes.nth(lie).map_or(0, |flush| flush + 1);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::write_log::testing::{flush, log, write};
    use super::*;

    #[test]
    fn what_was_flushed_is_there_and_the_rest_in_any_part() {
        let dir = tempfile::tempdir().unwrap();
        let requests = [write(0, 1), write(1, 2), flush(), write(2, 3), write(3, 4), flush()];
        let log = log(dir.path(), &requests);
        let before = dir.path().join("before");
        std::fs::write(&before, vec![0; 4 * SECTOR as usize]).unwrap();
        let mut platter = Platter::new(&log, &before, &dir.path().join("platter")).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for cut in choose(&log, 200, 7, 0) {
            let image = dir.path().join("image");
            platter.image(&cut, &image).unwrap();
            let disk = std::fs::read(&image).unwrap();
            let sectors: Vec<u8> = disk.chunks(SECTOR as usize).map(|sector| sector[0]).collect();
            if cut.flushed >= 3 {
                assert_eq!(sectors[..2], [1, 2], "{cut:?}");
            }
            assert!(cut.end > 4 || sectors[3] == 0, "not written yet: {cut:?}");
            seen.insert(sectors);
        }
        for ends in [[0, 0], [3, 0], [0, 4], [3, 4]] {
            assert!(seen.contains(&[[1, 2], ends].concat()), "{ends:?} is missing: {seen:?}");
        }
        assert!(seen.contains(&vec![0, 2, 0, 0]), "out of order: {seen:?}");
    }

    #[test]
    fn one_seed_cuts_one_log_in_one_way_and_a_lie_forgets_a_flush() {
        let dir = tempfile::tempdir().unwrap();
        let log = log(dir.path(), &[write(0, 1), flush(), write(1, 2), flush(), write(2, 3)]);
        let text = |seed, lie| format!("{:?}", choose(&log, 20, seed, lie));
        assert_eq!(text(1, 0), text(1, 0));
        assert_ne!(text(1, 0), text(2, 0));
        let mut random = Random::new(1);
        assert_eq!(cut(&log.entries, 5, 0, 0, &mut random).flushed, 4);
        assert_eq!(cut(&log.entries, 5, 0, 1, &mut random).flushed, 2);
        assert_eq!(cut(&log.entries, 5, 0, 2, &mut random).flushed, 0);
    }

    #[test]
    fn half_of_the_cuts_come_right_after_a_promise() {
        let dir = tempfile::tempdir().unwrap();
        let promise = write(super::super::promise::FILE_SYSTEM_BYTES / SECTOR, 9);
        let log = log(dir.path(), &[write(0, 1), flush(), write(1, 2), promise, write(2, 3)]);
        let mut random = Random::new(1);
        let ends = (0..100).map(|_| cut(&log.entries, 1, 0, 0, &mut random).end);
        let after = ends.filter(|end| *end == 4).count();
        assert!((30..70).contains(&after), "{after}");
    }
}
