//! The threads that read cameras: a few paced runtimes, each with its share of the streams.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::{Shutdown, limits};
use camera::{Bounds, Context, Pace};
use control::CameraTask;
use tokio::runtime::Handle;

use super::machine::Machine;
use crate::vital::Vital;

/// Streams that one thread reads before another is started.
const STREAMS_PER_THREAD: usize = 24;

/// All camera threads.
pub struct Cameras {
    machine: Machine,
    shutdown: Shutdown,
    threads: Mutex<Threads>,
    /// Each task holds a clone; when all are gone, receiving hears of it.
    alive: Mutex<Option<SyncSender<()>>>,
    all_ended: Mutex<Option<Receiver<()>>>,
}

struct Threads {
    started: Vec<Thread>,
    streams: usize,
    /// How often they read.
    tick: Duration,
}

struct Thread {
    handle: Handle,
    pace: Pace,
}

impl Cameras {
    /// Waits, but no longer than cameras are wanted; whether they are wanted no more.
    pub fn wait(&self, timeout: std::time::Duration) -> bool {
        self.shutdown.wait_timeout(timeout)
    }

    /// No thread yet; those that are started read once a `tick`. `shutdown` ends them all.
    pub fn new(machine: Machine, tick: Duration, shutdown: Shutdown) -> Self {
        let (alive, all_ended) = sync_channel(1);
        Self {
            machine,
            shutdown,
            threads: Mutex::new(Threads { started: Vec::new(), streams: 0, tick }),
            alive: Mutex::new(Some(alive)),
            all_ended: Mutex::new(Some(all_ended)),
        }
    }

    /// Keeps a camera connected on the thread with the fewest streams.
    pub fn connect(&self, task: CameraTask) {
        let alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(alive) = alive else { return };
        let label = task.source.label.clone();
        let Some((handle, pace)) = self.place() else {
            tracing::error!(stream = label, "no thread can be started to read this camera");
            return;
        };
        let context = Context {
            clock: self.machine.clock.clone(),
            entropy: self.machine.entropy.clone(),
            shutdown: task.shutdown.clone(),
            status: task.status,
            pace: Some(pace.clone()),
            bounds: Bounds::default(),
        };
        let woken = pace.clone();
        handle.spawn(async move {
            tokio::select! {
                () = woken.urgent(task.turn.comes()) => {}
                () = task.shutdown.requested() => {}
                () = tokio::time::sleep(limits::SESSION_TURN_TIMEOUT) => {}
            }
            camera::run(task.source, task.sink, context).await;
            drop((alive, task.turn));
        });
        pace.wake();
    }

    fn place(&self) -> Option<(Handle, Pace)> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let most = std::thread::available_parallelism().map_or(1, usize::from);
        let needed = (threads.streams / STREAMS_PER_THREAD + 1).min(most);
        if threads.started.len() < needed {
            match start(threads.started.len(), threads.tick, self.shutdown.clone()) {
                Ok(thread) => threads.started.push(thread),
                Err(error) => tracing::error!(%error, "cannot start a thread for cameras"),
            }
        }
        let next = threads.streams % threads.started.len().max(1);
        threads.streams += 1;
        threads.started.get(next).map(|thread| (thread.handle.clone(), thread.pace.clone()))
    }

    /// How often the threads read from now on ([`limits::read_tick`]).
    pub fn set_tick(&self, tick: Duration) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.tick = tick;
        threads.started.iter().for_each(|thread| thread.pace.set_tick(tick));
    }

    /// Ends the sleep of all threads: something was requested.
    pub fn wake(&self) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.started.iter().for_each(|thread| thread.pace.wake());
    }

    /// Takes no more tasks and blocks until all have ended, at most for `timeout`; whether they
    /// have.
    pub fn wait_ended(&self, timeout: Duration) -> bool {
        *self.alive.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let ended = self.all_ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(ended) = ended else { return true };
        // Nobody ever sends: what comes is the end of the last sender, or of our patience.
        let waited = ended.recv_timeout(timeout);
        waited == Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
    }
}

fn start(number: usize, tick: Duration, shutdown: Shutdown) -> std::io::Result<Thread> {
    let pace = Pace::new(tick)?;
    let runtime = pace.runtime()?;
    let handle = runtime.handle().clone();
    runtime.spawn(pace.clone().check_clocks(limits::CLOCK_CHECK_EVERY, limits::CLOCK_CHECK_LASTS));
    let thread = std::thread::Builder::new().name(format!("cameras-{number}"));
    thread.spawn(move || {
        let _vital = Vital::new("reads cameras");
        runtime.block_on(shutdown.requested());
    })?;
    Ok(Thread { handle, pace })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_read_as_often_as_they_were_told_last() {
        let (millis, shutdown) = (Duration::from_millis, Shutdown::new());
        let cameras = Cameras::new(Machine::real(), millis(200), shutdown.clone());
        let (_, first) = cameras.place().expect("a thread can be started");
        assert_eq!(first.tick(), millis(200));
        cameras.set_tick(millis(40));
        assert_eq!(first.tick(), millis(40));
        if std::thread::available_parallelism().is_ok_and(|all| all.get() > 1) {
            let places = std::iter::repeat_with(|| cameras.place()).take(STREAMS_PER_THREAD);
            let (_, second) = places.last().flatten().expect("a thread can be started");
            assert_eq!(
                (cameras.threads.lock().expect("is whole").started.len(), second.tick()),
                (2, millis(40))
            );
        }
        shutdown.request();
    }
}
