//! What the thread that writes exports hears, and what others see of it. Guards memory only.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::ExportId;

/// Between those who ask for exports and the thread that writes them.
pub struct ExportDesk {
    /// Where they lie.
    pub folder: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What is being written, and how many bytes of it are.
    writing: Option<(ExportId, u64)>,
    /// Whether there is nothing new since the thread looked last.
    looked: bool,
    closed: bool,
}

impl ExportDesk {
    /// For exports in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, state: Mutex::default(), changed: Condvar::new() }
    }

    /// What is being written, and how many bytes of it are.
    pub fn writing(&self) -> Option<(ExportId, u64)> {
        self.state().writing
    }

    /// Something was asked for, or deleted.
    pub fn ring(&self) {
        self.state().looked = false;
        self.changed.notify_all();
    }

    /// The server stops.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Waits until there is something to do, which there is at the start and `at_latest` after
    /// that time; whether to go on.
    pub fn wait(&self, at_latest: Option<Duration>) -> bool {
        let idle = |state: &mut State| state.looked && !state.closed;
        let state = self.state();
        let mut state = match at_latest {
            Some(time) => {
                let waited = self.changed.wait_timeout_while(state, time, idle);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => {
                let waited = self.changed.wait_while(state, idle);
                waited.unwrap_or_else(PoisonError::into_inner)
            }
        };
        state.looked = true;
        !state.closed
    }

    /// Waits for that time, unless the server stops.
    pub fn pause(&self, time: Duration) {
        let waited = self.changed.wait_timeout_while(self.state(), time, |state| !state.closed);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether something was asked for or deleted since the last look.
    pub fn take_changed(&self) -> bool {
        let mut state = self.state();
        !std::mem::replace(&mut state.looked, true)
    }

    pub fn begin(&self, id: ExportId) {
        self.state().writing = Some((id, 0));
    }

    pub fn wrote(&self, bytes: u64) {
        if let Some((_, written)) = &mut self.state().writing {
            *written = bytes;
        }
    }

    pub fn end(&self) {
        self.state().writing = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn the_thread_looks_at_the_start_and_when_the_bell_rings_and_ends_when_it_is_closed() {
        let desk = Arc::new(ExportDesk::new(PathBuf::new()));
        assert!(desk.wait(None), "at the start");
        assert!(desk.wait(Some(Duration::from_millis(1))), "after that time");
        desk.ring();
        assert!(desk.take_changed() && !desk.take_changed());
        desk.ring();
        assert!(desk.wait(None));
        let theirs = desk.clone();
        let waiting = std::thread::spawn(move || theirs.wait(None));
        desk.close();
        assert!(!waiting.join().expect("it ends"));
        desk.pause(Duration::from_secs(3600));
    }
}
