//! Writing a tar archive (POSIX.1-1988 `ustar`) of a few private files.

use std::io::{self, Read, Write};

const BLOCK: usize = 512;

/// An archive on its way into `to`.
pub struct Writer<W> {
    to: W,
    /// Seconds since 1970 that the files are dated.
    now: u64,
}

impl<W: Write> Writer<W> {
    pub const fn new(to: W, now: u64) -> Self {
        Self { to, now }
    }

    /// Adds `len` bytes of `from` as the file `name`, which only its owner may read.
    pub fn add(&mut self, name: &str, len: u64, from: &mut dyn Read) -> io::Result<()> {
        self.to.write_all(&header(name, len, self.now))?;
        let copied = io::copy(&mut from.take(len), &mut self.to)?;
        if copied != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let rest = len.next_multiple_of(BLOCK as u64) - len;
        io::copy(&mut io::repeat(0).take(rest), &mut self.to).map(drop)
    }

    /// Ends the archive.
    pub fn finish(mut self) -> io::Result<W> {
        self.to.write_all(&[0; 2 * BLOCK])?;
        Ok(self.to)
    }
}

fn header(name: &str, len: u64, now: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, size(len).as_slice());
    put(136, format!("{now:011o}\0").as_bytes());
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Octal digits; beyond 8 GiB the binary form that GNU, BSD and POSIX tars all read.
fn size(len: u64) -> [u8; 12] {
    let mut field = [0; 12];
    if len < 1 << 33 {
        field.copy_from_slice(format!("{len:011o}\0").as_bytes());
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&len.to_be_bytes());
    }
    field
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_systems_tar_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tar");
        let mut tar = Writer::new(std::fs::File::create(&path).unwrap(), 1_795_378_500);
        for (name, len) in [("one", 0usize), ("two", 511), ("three", 512), ("four", 100_000)] {
            tar.add(name, len as u64, &mut &vec![7; len][..]).unwrap();
        }
        tar.finish().unwrap();
        let unpacked = std::process::Command::new("tar")
            .arg("-xf")
            .arg(&path)
            .arg("-C")
            .arg(folder.path())
            .status();
        assert!(unpacked.unwrap().success());
        assert_eq!(std::fs::read(folder.path().join("four")).unwrap(), vec![7; 100_000]);
        assert_eq!(std::fs::read(folder.path().join("one")).unwrap(), b"");
        assert_eq!(size(1 << 33)[0], 0x80);
    }
}
