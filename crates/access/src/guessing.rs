//! Slows the guessing of passwords down: pure state over a given `now`.

use std::collections::HashMap;
use std::time::Duration;

use base::MonoTime;

/// Wrong passwords that cost nothing: people mistype.
const FREE: u32 = 4;
/// The wait after the first wrong password that costs; doubled with each more.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// The longest wait. Longer ones would let a stranger lock a person out.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// A key is forgotten after this long without an attempt.
const MEMORY: Duration = Duration::from_secs(3600);
/// Keys remembered at most; beyond that, the one that was quiet for longest is forgotten.
const KEYS_MAX: usize = 10_000;

/// Failed attempts by key (a user's name, an address).
#[derive(Debug, Default)]
pub struct Guessing {
    attempts: HashMap<String, Attempts>,
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    failed: u32,
    last: MonoTime,
}

impl Guessing {
    /// Nobody has failed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long an attempt under any of `keys` must wait; `None`: it may be made now.
    pub fn wait(&self, keys: &[&str], now: MonoTime) -> Option<Duration> {
        let waits = keys.iter().filter_map(|key| self.attempts.get(*key)?.wait(now));
        waits.max()
    }

    /// Counts an attempt under each of `keys` as failed. Call it before the password is checked,
    /// and [`Guessing::succeeded`] when it was right: then attempts made at once count too.
    pub fn failed(&mut self, keys: &[&str], now: MonoTime) {
        for key in keys {
            if !self.attempts.contains_key(*key) {
                self.make_room(now);
            }
            let fresh = Attempts { failed: 0, last: now };
            let attempts = self.attempts.entry((*key).to_owned()).or_insert(fresh);
            if attempts.is_forgotten(now) {
                *attempts = fresh;
            }
            attempts.failed = attempts.failed.saturating_add(1);
            attempts.last = now;
        }
    }

    /// An attempt under `keys` was right: they are free again.
    pub fn succeeded(&mut self, keys: &[&str]) {
        for key in keys {
            self.attempts.remove(*key);
        }
    }

    fn make_room(&mut self, now: MonoTime) {
        if self.attempts.len() < KEYS_MAX {
            return;
        }
        self.attempts.retain(|_, attempts| !attempts.is_forgotten(now));
        if self.attempts.len() >= KEYS_MAX {
            let quietest = self.attempts.iter().min_by_key(|(_, attempts)| attempts.last);
            if let Some(key) = quietest.map(|(key, _)| key.clone()) {
                self.attempts.remove(&key);
            }
        }
    }
}

impl Attempts {
    fn wait(&self, now: MonoTime) -> Option<Duration> {
        let costly = self.failed.checked_sub(FREE + 1)?;
        let wait = WAIT_MIN.saturating_mul(2u32.saturating_pow(costly)).min(WAIT_MAX);
        let left = wait.saturating_sub(now.since(self.last));
        (left > Duration::ZERO).then_some(left)
    }

    fn is_forgotten(&self, now: MonoTime) -> bool {
        now.since(self.last) >= MEMORY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_few_mistakes_are_free_and_further_ones_cost_ever_more_up_to_a_minute() {
        let (mut guessing, mut now) = (Guessing::new(), MonoTime::default());
        let mut waits = Vec::new();
        for _ in 0..14 {
            guessing.failed(&["anna", "192.0.2.1"], now);
            let wait = guessing.wait(&["anna"], now);
            assert_eq!(wait, guessing.wait(&["192.0.2.1", "nobody"], now));
            waits.push(wait.map_or(0, |wait| wait.as_secs()));
            now = now + wait.unwrap_or_default();
            assert_eq!(guessing.wait(&["anna"], now), None);
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn the_right_password_frees_and_so_does_an_hour() {
        let (mut guessing, now) = (Guessing::new(), MonoTime::default());
        (0..8).for_each(|_| guessing.failed(&["anna"], now));
        assert!(guessing.wait(&["anna"], now + SECOND).is_some());
        assert_eq!(guessing.wait(&["berta"], now), None);
        guessing.succeeded(&["anna"]);
        assert_eq!(guessing.wait(&["anna"], now), None);
        (0..8).for_each(|_| guessing.failed(&["anna"], now));
        guessing.failed(&["anna"], now + MEMORY);
        assert_eq!(guessing.wait(&["anna"], now + MEMORY), None);
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let (mut guessing, mut now) = (Guessing::new(), MonoTime::default());
        for number in 0..KEYS_MAX + 100 {
            now = now + Duration::from_millis(1);
            guessing.failed(&[&number.to_string()], now);
        }
        assert_eq!(guessing.attempts.len(), KEYS_MAX);
        assert!(guessing.attempts.contains_key(&(KEYS_MAX + 99).to_string()));
    }
}
