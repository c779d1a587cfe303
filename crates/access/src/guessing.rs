//! Slows the guessing of passwords down: pure state over a given `now`.

use std::collections::HashMap;
use std::time::Duration;

use base::MonoTime;

/// Failed attempts by key (a user's name, an address).
#[derive(Debug, Default)]
pub struct Guessing {
    attempts: HashMap<String, Attempts>,
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    failed: u32,
    until: MonoTime,
}

impl Guessing {
    /// Nobody has failed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long an attempt under any of `keys` must wait; `None`: it may be made now.
    pub fn wait(&self, keys: &[&str], now: MonoTime) -> Option<Duration> {
        let _ = (keys, now, &self.attempts);
        todo!()
    }

    /// An attempt under each of `keys` failed. Call it before the password is checked, and
    /// [`Guessing::succeeded`] after it was right: then attempts made at once count too.
    pub fn failed(&mut self, keys: &[&str], now: MonoTime) {
        let _ = (keys, now);
        let _ = |attempts: Attempts| (attempts.failed, attempts.until);
        todo!()
    }

    /// An attempt under `keys` was right: they are free again.
    pub fn succeeded(&mut self, keys: &[&str]) {
        let _ = keys;
        todo!()
    }
}
