//! How far a check has come: on a terminal for who waits, in a file for who goes on.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use archive::Depth;
use base::{MonoTime, SegmentId, VolumeId};
use recorder::CheckReport;

/// What an interrupted check was to do about what it found.
const REPAIRS: &str = "repairs";
const READS: &str = "reads";
/// How often a terminal is told.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Where it is noted how far the check of a volume has come.
pub struct Place(PathBuf);

/// How far a check had come that was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The last row that was compared.
    pub after: SegmentId,
    /// Findings up to there that stay.
    pub left: u64,
    /// Whether what was found was to be repaired.
    pub repairs: bool,
}

impl Place {
    /// Beside the catalog; a check of the ends alone and one of all bytes are two.
    pub fn of(catalog: &Path, volume: VolumeId, depth: Depth) -> Self {
        let depth = if depth == Depth::Everything { "hashes" } else { "ends" };
        Self(catalog.join(format!("check-{volume}-{depth}")))
    }

    /// How far the last check had come, where it was not over.
    pub fn read(&self) -> Option<Begun> {
        let text = std::fs::read_to_string(&self.0).ok()?;
        let mut words = text.split_whitespace();
        let after = words.next()?.parse().ok()?;
        let left = words.next()?.parse().ok()?;
        Some(Begun { after, left, repairs: words.next()? == REPAIRS })
    }

    /// Whoever may not write there begins from the start the next time.
    pub fn write(&self, begun: Begun) {
        let Begun { after, left, repairs } = begun;
        let how = if repairs { REPAIRS } else { READS };
        let _ = std::fs::write(&self.0, format!("{after} {left} {how}\n"));
    }

    /// The check is over.
    pub fn forget(&self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Shows how far it is, on a terminal; nothing in a pipe.
pub struct Shown {
    terminal: bool,
    last: MonoTime,
}

impl Shown {
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), last: MonoTime::default() }
    }

    pub fn tell(&mut self, report: &CheckReport, now: MonoTime) {
        if self.terminal && now.since(self.last) >= SHOW_EVERY {
            self.last = now;
            let CheckReport { rows, files, bytes, .. } = report;
            eprint!("\r{rows} segments, {} MB read, {files} files seen ", bytes / 1_000_000);
        }
    }

    pub fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_interrupted_check_left_is_remembered() {
        let folder = tempfile::tempdir().expect("the machine has a temporary folder");
        let volume = VolumeId::from_bytes([7; 16]);
        let place = Place::of(folder.path(), volume, Depth::Ends);
        assert_eq!(place.read(), None);
        let begun = Begun { after: SegmentId::from_bytes([9; 16]), left: 3, repairs: true };
        for begun in [begun, Begun { repairs: false, ..begun }] {
            place.write(begun);
            assert_eq!(place.read(), Some(begun));
        }
        assert_eq!(Place::of(folder.path(), volume, Depth::Everything).read(), None);
        // What an earlier version noted did not say what it had found: that is looked at again.
        std::fs::write(&place.0, format!("{}\n", begun.after)).expect("it can be written");
        assert_eq!(place.read(), None);
        place.forget();
        assert_eq!(place.read(), None);
    }
}
