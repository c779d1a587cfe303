//! How far a check has come: on a terminal for who waits, in a file for who goes on.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use archive::Depth;
use base::{MonoTime, SegmentId, VolumeId};
use recorder::CheckReport;

/// How often a terminal is told.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Where it is noted how far the check of a volume has come.
pub struct Place(PathBuf);

impl Place {
    /// Beside the catalog; a check of the ends alone and one of all bytes are two.
    pub fn of(catalog: &Path, volume: VolumeId, depth: Depth) -> Self {
        let depth = if depth == Depth::Everything { "hashes" } else { "ends" };
        Self(catalog.join(format!("check-{volume}-{depth}")))
    }

    /// The last row that was compared.
    pub fn read(&self) -> Option<SegmentId> {
        std::fs::read_to_string(&self.0).ok()?.trim().parse().ok()
    }

    /// Whoever may not write there begins from the start the next time.
    pub fn write(&self, after: Option<SegmentId>) {
        if let Some(after) = after {
            let _ = std::fs::write(&self.0, format!("{after}\n"));
        }
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
