//! What there is to verify where somebody says so.

use std::fs::{metadata, read_dir, symlink_metadata};
use std::io;
use std::path::{Path, PathBuf};

use archive::REMOVED_FILE;

use super::Report;

/// What the paths mean that were given.
#[derive(Default)]
pub(super) struct Gathered {
    pub files: Vec<PathBuf>,
    /// Exports: ZIPs.
    pub exports: Vec<PathBuf>,
    /// Notes of what was removed, in folders of whole streams.
    pub notes: Vec<PathBuf>,
}

impl Gathered {
    /// How much there is to look at.
    fn found(&self) -> usize {
        self.files.len() + self.exports.len() + self.notes.len()
    }

    /// What was named: a file itself, or a folder; one in which there is nothing is no proof.
    pub fn look_into(&mut self, path: &Path, report: &mut Report) {
        let (before, bad) = (self.found(), report.bad);
        match metadata(path) {
            Ok(found) if found.is_dir() => self.add_folder(path, report),
            Ok(_) => self.files.push(path.to_owned()),
            Err(error) => cannot_be_read(path, &error, report),
        }
        if self.found() == before && report.bad == bad {
            report.say(path, "nothing", "there is nothing to verify in it", None, true);
        }
    }

    /// All segments, notes and exports below a folder. What cannot be looked into is reported, and
    /// keeps nothing else from being verified.
    fn add_folder(&mut self, folder: &Path, report: &mut Report) {
        for path in entries(folder, report) {
            match kind(&path) {
                Ok(Kind::Folder) => self.add_folder(&path, report),
                Ok(Kind::File) => self.add_file(path),
                // It may lead round in a circle, or to all of the machine.
                Ok(Kind::LinkToFolder) => {
                    let words = "a link to a folder is not followed: name that to verify it";
                    report.say(&path, "link", words, None, false);
                }
                Err(error) => cannot_be_read(&path, &error, report),
            }
        }
    }

    fn add_file(&mut self, path: PathBuf) {
        let ending = path.extension();
        if ending.is_some_and(|it| it == "mp4") {
            self.files.push(path);
        } else if path.file_name().is_some_and(|it| it == REMOVED_FILE) {
            self.notes.push(path);
        } else if ending.is_some_and(|it| it.eq_ignore_ascii_case("zip")) {
            self.exports.push(path);
        }
    }
}

/// What lies in a folder, by name.
fn entries(folder: &Path, report: &mut Report) -> Vec<PathBuf> {
    let mut entries = Vec::new();
    match read_dir(folder) {
        Err(error) => cannot_be_read(folder, &error, report),
        Ok(found) => {
            for entry in found {
                match entry {
                    Ok(entry) => entries.push(entry.path()),
                    Err(error) => cannot_be_read(folder, &error, report),
                }
            }
        }
    }
    entries.sort();
    entries
}

fn cannot_be_read(path: &Path, error: &io::Error, report: &mut Report) {
    report.unreadable(path, &format!("cannot be read: {error}"));
}

enum Kind {
    Folder,
    File,
    LinkToFolder,
}

fn kind(path: &Path) -> io::Result<Kind> {
    let found = symlink_metadata(path)?;
    Ok(match found.is_symlink() {
        true if metadata(path)?.is_dir() => Kind::LinkToFolder,
        false if found.is_dir() => Kind::Folder,
        _ => Kind::File,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::symlink;

    use super::*;

    fn gathered(path: &Path) -> (Gathered, u64) {
        let (mut gathered, mut report) = (Gathered::default(), Report { json: false, bad: 0 });
        gathered.look_into(path, &mut report);
        (gathered, report.bad)
    }

    #[test]
    fn links_to_folders_are_not_followed_and_what_leads_nowhere_is_told() {
        let (given, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (given, other) = (given.path(), other.path());
        std::fs::create_dir(given.join("day")).unwrap();
        for file in [given.join("day/1.mp4"), other.join("2.mp4")] {
            std::fs::write(file, []).unwrap();
        }
        symlink(given, given.join("day/circle")).unwrap();
        symlink(other, given.join("elsewhere")).unwrap();
        symlink(other.join("2.mp4"), given.join("2.mp4")).unwrap();
        let (found, bad) = gathered(given);
        assert_eq!(found.files, [given.join("2.mp4"), given.join("day/1.mp4")]);
        assert_eq!(bad, 0);
        // What was named itself is looked into.
        assert_eq!(gathered(&given.join("elsewhere")).0.files.len(), 1);
        symlink("nowhere", given.join("0")).unwrap();
        let (found, bad) = gathered(given);
        assert_eq!((found.files.len(), bad), (2, 1), "the rest is verified all the same");
    }
}
