//! The log that QEMU's `blklogwrites` driver keeps of a disk: every write and every flush, in
//! order, with its data. The same format as the kernel's dm-log-writes; little-endian.
//!
//! Sector 0 holds magic, version 1, the number of entries and the sector size. Each entry is one
//! sector (disk sector, count of sectors, flags, length of a mark), followed by its data.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

const MAGIC: u64 = 0x006a_7366_7773_6872;
const VERSION: u64 = 1;
const FLUSH: u64 = 1;
const FUA: u64 = 2;
const DISCARD: u64 = 4;

/// Bytes of a sector: what a disk writes whole or not at all.
pub const SECTOR: u64 = 512;

/// One request to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// First sector on the disk.
    pub sector: u64,
    /// Sectors written; 0 for a flush alone.
    pub sectors: u64,
    flags: u64,
    /// Where its data stands in the log, in bytes.
    data_at: u64,
}

impl Entry {
    /// Whether everything that was written before it is on the platter after it.
    pub fn is_flush(&self) -> bool {
        self.flags & FLUSH != 0
    }

    /// Whether it is on the platter itself once it is done.
    pub fn is_durable(&self) -> bool {
        self.flags & FUA != 0
    }

    /// Whether it changes the disk.
    pub fn is_write(&self) -> bool {
        self.sectors > 0 && self.flags & DISCARD == 0
    }
}

/// An open log.
pub struct WriteLog {
    file: File,
    /// All requests, in the order in which the disk took them.
    pub entries: Vec<Entry>,
}

impl WriteLog {
    /// Reads the headers of all entries up to the last flush.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut sector = [0; SECTOR as usize];
        file.read_exact_at(&mut sector, 0).context("the write log is cut short")?;
        let (magic, version, count) = (word(&sector, 0), word(&sector, 1), word(&sector, 2));
        let size = word(&sector, 3) & 0xffff_ffff;
        if (magic, version, size) != (MAGIC, VERSION, SECTOR) {
            bail!("{} is no write log of version 1 with sectors of 512 bytes", path.display());
        }
        let mut entries = Vec::new();
        let mut at = SECTOR;
        for number in 0..count {
            let cut = || format!("the write log is cut short at entry {number} of {count}");
            file.read_exact_at(&mut sector, at).with_context(cut)?;
            let [first, sectors, flags] = [0, 1, 2].map(|index| word(&sector, index));
            at += SECTOR;
            let entry = Entry { sector: first, sectors, flags, data_at: at };
            if entry.is_write() {
                at += sectors * SECTOR;
            }
            entries.push(entry);
        }
        Ok(Self { file, entries })
    }

    /// What an entry wrote.
    pub fn data(&self, entry: &Entry) -> Result<Vec<u8>> {
        if !entry.is_write() {
            return Ok(Vec::new());
        }
        let mut data = vec![0; usize::try_from(entry.sectors * SECTOR)?];
        self.file.read_exact_at(&mut data, entry.data_at).context("the write log is cut short")?;
        Ok(data)
    }
}

fn word(sector: &[u8], index: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&sector[index * 8..index * 8 + 8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
pub mod testing {
    //! Logs made by hand.
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A header of four words, as a sector.
    pub fn header(words: [u64; 4]) -> Vec<u8> {
        let mut sector: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        sector.resize(SECTOR as usize, 0);
        sector
    }

    /// One sector full of `byte`.
    pub fn write(sector: u64, byte: u8) -> Vec<u8> {
        [header([sector, 1, 0, 0]), vec![byte; SECTOR as usize]].concat()
    }

    /// A flush.
    pub fn flush() -> Vec<u8> {
        header([0, 0, FLUSH, 0])
    }

    /// A log of these requests in a folder.
    pub fn log(folder: &Path, requests: &[Vec<u8>]) -> WriteLog {
        let path = folder.join("log");
        let mut bytes = header([MAGIC, VERSION, requests.len() as u64, SECTOR]);
        bytes.extend(requests.concat());
        std::fs::write(&path, bytes).unwrap();
        WriteLog::open(&path).unwrap()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::testing::{flush, header, log};
    use super::*;

    #[test]
    fn writes_are_read_with_their_data_and_flushes_without() {
        let dir = tempfile::tempdir().unwrap();
        let two = [header([8, 2, 0, 0]), vec![7; 1024]].concat();
        let durable = [header([9, 1, FUA, 0]), vec![8; 512]].concat();
        let log = log(dir.path(), &[two, flush(), header([100, 64, DISCARD, 0]), durable]);
        let shape = log.entries.iter().map(|e| (e.sector, e.is_write(), e.is_flush()));
        let shape: Vec<_> = shape.collect();
        let expected = [(8, true, false), (0, false, true), (100, false, false), (9, true, false)];
        assert_eq!(shape, expected);
        assert_eq!(log.data(&log.entries[0]).unwrap(), vec![7; 1024]);
        assert_eq!(log.data(&log.entries[3]).unwrap(), vec![8; 512]);
        assert!(log.entries[3].is_durable() && log.data(&log.entries[1]).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_log_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, header([MAGIC, 2, 0, SECTOR])).unwrap();
        assert!(WriteLog::open(&path).is_err());
        std::fs::write(&path, header([MAGIC, VERSION, 1, SECTOR])).unwrap();
        assert!(WriteLog::open(&path).is_err(), "an entry is missing");
    }
}
