//! Slows the guessing of passwords down: pure state over a given `now`.
//!
//! Who guesses one account's password from one address waits long. A name alone, and an address
//! alone, wait shortly: otherwise a stranger could lock a person, or a household, out.

use std::collections::HashMap;
use std::time::Duration;

use base::MonoTime;

/// The wait after the first wrong password that costs; doubled with each more.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// A key is forgotten after this long without an attempt.
const MEMORY: Duration = Duration::from_secs(3600);
/// Keys remembered at most; beyond that, the one that was quiet for longest is forgotten.
const KEYS_MAX: usize = 10_000;

/// One attempt to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The account's name, as it was typed.
    pub name: &'a str,
    /// Where it comes from.
    pub from: &'a str,
    /// Many people may come from there (a proxy on this machine): only the name is counted.
    pub shared: bool,
}

/// Failed attempts by name, by address, and by both together.
#[derive(Debug, Default)]
pub struct Guessing {
    attempts: HashMap<Key, Attempts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, String),
    Name(String),
    From(String),
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    failed: u32,
    last: MonoTime,
}

impl Attempt<'_> {
    fn pair(&self) -> Option<Key> {
        (!self.shared).then(|| Key::Pair(self.name.to_lowercase(), self.from.to_owned()))
    }

    fn name(&self) -> Key {
        Key::Name(self.name.to_lowercase())
    }

    fn from(&self) -> Option<Key> {
        (!self.shared).then(|| Key::From(self.from.to_owned()))
    }

    fn keys(&self) -> impl Iterator<Item = Key> {
        [self.pair(), Some(self.name()), self.from()].into_iter().flatten()
    }
}

impl Key {
    /// Wrong passwords that cost nothing: people mistype.
    fn free(&self) -> u32 {
        match self {
            Self::Pair(..) | Self::Name(_) => 4,
            // A household mistypes more often than one person.
            Self::From(_) => 20,
        }
    }

    /// The longest wait.
    fn wait_max(&self) -> Duration {
        Duration::from_secs(match self {
            Self::Pair(..) => 60,
            Self::Name(_) => 2,
            Self::From(_) => 15,
        })
    }
}

impl Guessing {
    /// Nobody has failed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins an attempt, which counts as failed until [`Guessing::succeeded`] takes that back:
    /// so attempts made at once count too.
    ///
    /// # Errors
    ///
    /// How long it must wait. Who does not wait is counted as well, and waits longer.
    pub fn begin(&mut self, attempt: &Attempt<'_>, now: MonoTime) -> Result<(), Duration> {
        if self.wait(attempt, now).is_none() {
            attempt.keys().for_each(|key| self.count(key, now));
            return Ok(());
        }
        let pair = attempt.pair().and_then(|key| self.attempts.get_mut(&key));
        if let Some(pair) = pair.filter(|pair| !pair.is_forgotten(now)) {
            pair.failed = pair.failed.saturating_add(1);
        }
        self.wait(attempt, now).map_or(Ok(()), Err)
    }

    /// The attempt was right: name and address together are free again.
    pub fn succeeded(&mut self, attempt: &Attempt<'_>) {
        self.attempts.remove(&attempt.name());
        attempt.pair().and_then(|key| self.attempts.remove(&key));
        // One account of one's own does not make guessing at the others cheap.
        if let Some(from) = attempt.from().and_then(|key| self.attempts.get_mut(&key)) {
            from.failed = from.failed.saturating_sub(1);
        }
    }

    /// How long the attempt must wait; `None`: it may be made now.
    fn wait(&self, attempt: &Attempt<'_>, now: MonoTime) -> Option<Duration> {
        attempt.keys().filter_map(|key| self.attempts.get(&key)?.wait(&key, now)).max()
    }

    fn count(&mut self, key: Key, now: MonoTime) {
        if !self.attempts.contains_key(&key) {
            self.make_room(now);
        }
        let fresh = Attempts { failed: 0, last: now };
        let attempts = self.attempts.entry(key).or_insert(fresh);
        if attempts.is_forgotten(now) {
            *attempts = fresh;
        }
        attempts.failed = attempts.failed.saturating_add(1);
        attempts.last = now;
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
    fn wait(&self, key: &Key, now: MonoTime) -> Option<Duration> {
        let costly = self.failed.checked_sub(key.free() + 1)?;
        let wait = WAIT_MIN.saturating_mul(2u32.saturating_pow(costly)).min(key.wait_max());
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
    const ANNA: Attempt<'_> = Attempt { name: "Anna", from: "192.0.2.1", shared: false };
    const THIEF: Attempt<'_> = Attempt { name: "anna", from: "198.51.100.9", shared: false };

    /// The waits in seconds that somebody meets who always waits as long as told.
    fn waits(attempts: impl Iterator<Item = (String, String, bool)>) -> Vec<u64> {
        let (mut guessing, mut now) = (Guessing::new(), MonoTime::default());
        let mut waits = Vec::new();
        for (name, from, shared) in attempts {
            let attempt = Attempt { name: &name, from: &from, shared };
            let wait = guessing.wait(&attempt, now).unwrap_or_default();
            waits.push(wait.as_secs());
            now = now + wait;
            assert_eq!(guessing.begin(&attempt, now), Ok(()));
        }
        waits
    }

    #[test]
    fn a_few_mistakes_are_free_and_further_ones_cost_ever_more_up_to_a_minute() {
        let same = std::iter::repeat_n(("anna".to_owned(), "192.0.2.1".to_owned(), false), 14);
        assert_eq!(waits(same), [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn many_addresses_slow_a_name_down_only_shortly() {
        let many = (0..20).map(|number| ("anna".to_owned(), number.to_string(), false));
        assert_eq!(waits(many).split_off(5), [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn one_address_at_many_names_waits_moderately_and_a_proxy_does_not() {
        let names = |shared| (0..28).map(move |n| (n.to_string(), "one".to_owned(), shared));
        assert_eq!(waits(names(false)).split_off(20), [0, 1, 2, 4, 8, 15, 15, 15]);
        assert_eq!(waits(names(true)), [0; 28]);
    }

    #[test]
    fn a_stranger_who_hammers_waits_a_minute_and_the_person_two_seconds_at_most() {
        let (mut guessing, now) = (Guessing::new(), MonoTime::default());
        let refused = (0..100).filter(|_| guessing.begin(&THIEF, now).is_err()).count();
        assert_eq!(refused, 95);
        assert_eq!(guessing.wait(&THIEF, now), Some(60 * SECOND));
        assert!(guessing.wait(&ANNA, now).is_some_and(|wait| wait <= 2 * SECOND));
        assert_eq!(guessing.begin(&ANNA, now + 2 * SECOND), Ok(()));
        guessing.succeeded(&ANNA);
        assert_eq!(guessing.wait(&ANNA, now + 2 * SECOND), None);
        assert_eq!(guessing.wait(&THIEF, now + 2 * SECOND), Some(58 * SECOND));
    }

    #[test]
    fn an_hour_frees() {
        let (mut guessing, now) = (Guessing::new(), MonoTime::default());
        (0..8).for_each(|_| _ = guessing.begin(&THIEF, now));
        assert!(guessing.wait(&THIEF, now + SECOND).is_some());
        assert_eq!(guessing.begin(&THIEF, now + MEMORY), Ok(()));
        assert_eq!(guessing.wait(&THIEF, now + MEMORY), None);
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let (mut guessing, mut now) = (Guessing::new(), MonoTime::default());
        for number in 0..KEYS_MAX + 100 {
            now = now + Duration::from_millis(1);
            let name = number.to_string();
            let _ = guessing.begin(&Attempt { name: &name, from: "", shared: true }, now);
        }
        assert_eq!(guessing.attempts.len(), KEYS_MAX);
        assert!(guessing.attempts.contains_key(&Key::Name((KEYS_MAX + 99).to_string())));
    }
}
