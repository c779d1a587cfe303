//! The thread that looks at the clock, whenever something may turn.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{Shutdown, StreamId};
use control::{Control, Owed};

use crate::daemon::house::House;
use crate::rows::Rows;
use crate::vital::Vital;

/// The clock is looked at so often at least: it may be set, of which the alarms tell sooner.
const LOOK_LEAST: Duration = Duration::from_secs(60);
/// And so often at most. Recording begins with the newest key frame at hand, so that nothing is
/// missing for that.
const LOOK_MOST: Duration = Duration::from_millis(50);
/// What the catalog has not taken is tried again so often.
const RETRY: Duration = Duration::from_secs(10);

/// Wakes the thread: other things are wanted, or the clock was set.
#[derive(Default)]
pub struct Bell {
    /// Guards memory only.
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    /// Ends the wait of now, or else the next one.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }

    /// Waits until somebody rings, for so long at most.
    fn wait(&self, most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(rung, most, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// Looks at the clock until `shutdown` is requested and the bell rung. Nothing that it does waits
/// for a disk.
pub fn start(house: &Arc<House>, shutdown: Shutdown) -> std::io::Result<()> {
    let house = house.clone();
    std::thread::Builder::new().name("schedule".to_owned()).spawn(move || {
        let _vital = Vital::new("turns recording on and off by the clock");
        let mut ledger = Ledger::default();
        while !shutdown.is_requested() {
            ledger.look(&house.control, &house.rows).iter().for_each(say);
            house.bell.wait(patience(house.control.rest(), ledger.is_clear()));
        }
    })?;
    Ok(())
}

/// How long nothing need be looked at. `is_clear`: the catalog has taken all that it has to hear.
fn patience(rest: Option<Duration>, is_clear: bool) -> Duration {
    let most = if is_clear { LOOK_LEAST } else { RETRY };
    rest.unwrap_or(most).clamp(LOOK_MOST, most)
}

/// What the catalog has to hear, until it has.
#[derive(Default)]
struct Ledger {
    answers: Arc<Mutex<Answers>>,
    /// What the catalog did not take, and the log has it.
    said: BTreeSet<StreamId>,
}

/// What the catalog said; guards memory only. There is no more than one for each stream, and one
/// for each time that it turned while the catalog did not answer, which its queue bounds.
#[derive(Default)]
struct Answers {
    awaited: usize,
    taken: Vec<Owed>,
    not_taken: Vec<(Owed, String)>,
}

/// What came of what the catalog has to hear, for the log.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// It did not take it, for the first time: the stream, and why.
    NotTaken(String, String),
    /// In the end it did.
    Taken(StreamId),
}

impl Ledger {
    /// Turns what has come due, and tells the catalog, again where that did not take it.
    fn look(&mut self, control: &Control, rows: &Rows) -> Vec<Said> {
        let said = self.hear(control);
        let all = control.look();
        if self.answers().awaited == 0 {
            // Somebody may have asked for something else meanwhile.
            self.said.retain(|stream| all.iter().any(|owed| owed.stream == *stream));
        }
        for owed in all {
            self.answers().awaited += 1;
            let (change, answers) = (owed.change(), self.answers.clone());
            let done = move |result: Result<(), catalog::ApplyError>| {
                answered(&answers, owed, result.map_err(|error| error.to_string()));
            };
            if let Err((_, done)) = rows.offer(vec![change], Box::new(done)) {
                done(Err(catalog::ApplyError::Database("it does not keep up".to_owned())));
            }
        }
        said
    }

    /// What the catalog has said since the last look.
    fn hear(&mut self, control: &Control) -> Vec<Said> {
        let (taken, not_taken) = {
            let mut answers = self.answers();
            (std::mem::take(&mut answers.taken), std::mem::take(&mut answers.not_taken))
        };
        taken.iter().for_each(|owed| control.taken(owed));
        let taken = taken.into_iter().filter(|owed| self.said.remove(&owed.stream));
        let mut said: Vec<_> = taken.map(|owed| Said::Taken(owed.stream)).collect();
        for (owed, why) in not_taken {
            if self.said.insert(owed.stream) {
                said.push(Said::NotTaken(owed.label.clone(), why));
            }
            control.not_taken(owed);
        }
        said
    }

    /// Whether the catalog has taken all.
    fn is_clear(&self) -> bool {
        let answers = self.answers();
        answers.awaited == 0 && answers.not_taken.is_empty()
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answered(answers: &Mutex<Answers>, owed: Owed, result: Result<(), String>) {
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    answers.awaited -= 1;
    match result {
        Ok(()) => answers.taken.push(owed),
        Err(why) => answers.not_taken.push((owed, why)),
    }
}

fn say(said: &Said) {
    match said {
        Said::NotTaken(stream, why) => tracing::error!(
            stream,
            "when its recording on demand ends was not written down: {why}; it is tried again, and \
             a restart before that goes by the end that was written last"
        ),
        Said::Taken(stream) => {
            tracing::info!(%stream, "when its recording on demand ends is written down again");
        }
    }
}

#[cfg(test)]
mod tests;
