//! The guest's file system in memory: busybox, the kernel's modules, the recorder, this program,
//! and the libraries of both; an archive in cpio's `newc` form.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// An archive that grows.
#[derive(Default)]
pub struct Initramfs {
    bytes: Vec<u8>,
    folders: BTreeSet<PathBuf>,
    files: u32,
}

const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;

impl Initramfs {
    /// Adds a file that may be executed, and the folders above it.
    pub fn add(&mut self, path: &Path, contents: &[u8]) {
        let above: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_owned).collect();
        for folder in above.into_iter().rev().filter(|folder| folder.parent().is_some()) {
            if self.folders.insert(folder.clone()) {
                self.entry(&folder, FOLDER, &[]);
            }
        }
        self.entry(path, PROGRAM, contents);
    }

    /// Adds a program without what only debuggers read, and the libraries that it is linked with.
    pub fn add_program(&mut self, path: &Path, program: &Path) -> Result<()> {
        let stripped = tempfile::NamedTempFile::new()?;
        let done = Command::new("strip").arg("-o").arg(stripped.path()).arg(program).status();
        let small = done.is_ok_and(|status| status.success());
        let from = if small { stripped.path() } else { program };
        self.add(path, &read(from)?);
        for library in libraries(program)? {
            if !self.folders.contains(&library) {
                self.add(&library, &read(&library)?);
                self.folders.insert(library);
            }
        }
        Ok(())
    }

    /// The whole archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry(Path::new("/TRAILER!!!"), 0, &[]);
        self.bytes
    }

    fn entry(&mut self, path: &Path, mode: u32, contents: &[u8]) {
        self.files += 1;
        let name = path.to_string_lossy();
        let name = name.trim_start_matches('/');
        let (length, name_length) = (contents.len() as u32, name.len() as u32 + 1);
        let fields = [self.files, mode, 0, 0, 1, 0, length, 0, 0, 0, 0, name_length, 0]
            .map(|field| format!("{field:08X}"));
        self.bytes.extend(format!("070701{}{name}\0", fields.concat()).into_bytes());
        self.pad();
        self.bytes.extend(contents);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The shared libraries of a program and its loader, where they lie here.
fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("ldd").arg(program).output().context("cannot start ldd")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("ldd {}: {text}", program.display());
    }
    let path =
        |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(PathBuf::from);
    Ok(text.lines().filter_map(path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_what_cpio_reads() {
        let mut archive = Initramfs::default();
        archive.add(Path::new("/a/b/init"), b"hello");
        archive.add(Path::new("/a/other"), b"");
        let bytes = archive.finish();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text.matches("070701").count(), 5, "two folders, two files, the end");
        assert!(text.contains("a/b/init\0") && bytes.len() % 4 == 0);
        assert!(text.ends_with("TRAILER!!!\0\0\0\0"), "{text:?}");
    }
}
