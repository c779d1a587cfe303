//! Reading sockets in ticks instead of on arrival: what keeps the machine idle.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// Paces the one thread that reads all cameras. Clones share it.
#[derive(Clone)]
pub struct Pace(Arc<Inner>);

struct Inner {
    tick: Duration,
    hurried: AtomicUsize,
}

impl Pace {
    /// A pacer whose thread sleeps up to `tick` before it waits for its sockets
    /// ([`READ_TICK`](base::limits::READ_TICK)).
    pub fn new(tick: Duration) -> Self {
        Self(Arc::new(Inner { tick, hurried: AtomicUsize::new(0) }))
    }

    /// A current-thread runtime that is paced: whoever drives it (`block_on`) is the thread that
    /// sleeps. Spawn camera tasks on it, and nothing else.
    pub fn runtime(&self) -> io::Result<tokio::runtime::Runtime> {
        todo!()
    }

    /// Reads on arrival for as long as the guard lives: for live viewers and young sessions.
    pub fn hurry(&self) -> Hurry {
        todo!()
    }

    /// Ends the sleep under way at once.
    pub fn wake(&self) {
        todo!()
    }

    /// The same future, but whatever wakes it ends the sleep under way at once.
    pub fn urgent<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let _ = (self.0.tick, &self.0.hurried);
        future
    }
}

/// While it lives, sockets are read on arrival.
pub struct Hurry(#[expect(dead_code)] Pace);
