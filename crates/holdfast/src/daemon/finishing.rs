//! The end of all volumes: each writes what it has, and what one cannot write another one does.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::VolumeId;
use control::guests::Ending;
use world::Clock;

use super::record::Command;
use super::volumes::Volumes;

/// How often it is looked whether something has changed that nobody tells.
const LOOK: Duration = Duration::from_millis(50);

/// How far the threads of all volumes are with ending; clones share it. Guards memory only.
#[derive(Clone)]
pub struct Finishing(Arc<(Mutex<Ending>, Condvar)>);

impl Finishing {
    /// A volume's thread has done what it could; `well`: it has written everything it had.
    pub fn ended(&self, volume: VolumeId, well: bool) {
        self.state().ended(volume, well);
        self.0.1.notify_all();
    }

    /// Waits until a thread says something, but not for long.
    fn wait(&self) {
        let state = self.state();
        drop(self.0.1.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner));
    }

    fn state(&self) -> MutexGuard<'_, Ending> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Volumes {
    /// Tells all volumes' threads to write everything, and blocks until it is written; whether it
    /// is. What a thread that fails or does not answer has in memory is given to another one.
    /// Whoever has a deadline calls it on a thread.
    pub fn finish(&self, clock: &dyn Clock) -> bool {
        let finishing = self.begin_to_finish(clock);
        loop {
            if let Some(written) = self.look_how_it_ends(&finishing, clock) {
                return written;
            }
            finishing.wait();
        }
    }

    fn begin_to_finish(&self, clock: &dyn Clock) -> Finishing {
        let mut state = self.state();
        // From now on nothing is moved.
        state.ended = true;
        let ids: Vec<VolumeId> = state.volumes.iter().map(|kept| kept.row.id).collect();
        let ending = Ending::new(ids.iter().copied(), clock.mono());
        let finishing = Finishing(Arc::new((Mutex::new(ending), Condvar::new())));
        for id in ids {
            if !state.tell(id, Command::Finish(finishing.clone())) {
                finishing.ended(id, false);
            }
        }
        finishing
    }

    /// Whether everything is written, once it has ended.
    fn look_how_it_ends(&self, finishing: &Finishing, clock: &dyn Clock) -> Option<bool> {
        let mut state = self.state();
        let outcome = finishing.state().look(&mut state.guests, clock.mono());
        for (to, command) in outcome.told {
            let volume = state.kept(to).map_or("", |kept| kept.row.name.as_str());
            tracing::warn!(volume, "writes what another volume has not written");
            if !state.tell_of_stream(to, command) {
                finishing.ended(to, false);
            }
        }
        if outcome.written == Some(false) {
            for (stream, lost) in state.guests.waiting() {
                tracing::error!(stream, "{} frames could not be committed", lost.frames);
            }
        }
        outcome.written
    }
}
