//! Threads without which nothing is recorded or found again.

use std::process::exit;

/// Held by such a thread. When it panics, which only a bug of ours makes it do, the process ends
/// with the exit code that tells of footage not committed: whoever supervises it starts it again,
/// and that loses about a second. Going on without the thread would lose everything in silence.
pub struct Vital(&'static str);

impl Vital {
    /// For the thread that does `what`.
    pub fn new(what: &'static str) -> Self {
        Self(what)
    }
}

impl Drop for Vital {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the thread that {} has failed; ending, to be started again", self.0);
            exit(crate::exit::UNCOMMITTED);
        }
    }
}
