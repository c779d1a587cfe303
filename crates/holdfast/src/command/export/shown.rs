//! How far an export is, on a terminal for who waits; nothing in a pipe.

use std::io::IsTerminal;

/// Bytes after which a terminal is told again.
const SHOW_EVERY: u64 = 4_000_000;

pub struct Shown {
    terminal: bool,
    last: Option<u64>,
}

impl Shown {
    pub fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal(), last: None }
    }

    /// `what` comes before the numbers.
    pub fn tell(&mut self, what: &str, bytes: u64, total: Option<u64>) {
        let is_due = self.last.is_none_or(|last| bytes.abs_diff(last) >= SHOW_EVERY);
        if !self.terminal || !is_due {
            return;
        }
        self.last = Some(bytes);
        let of = total.map_or(String::new(), |total| format!(" of {}", total / 1_000_000));
        eprint!("\r\x1b[K{what}{}{of} MB ", bytes / 1_000_000);
    }

    pub fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
