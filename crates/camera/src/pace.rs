//! Reading sockets in ticks instead of on arrival: what keeps the machine idle.
//!
//! Waking for every frame of every camera costs more than all the work done then. The thread that
//! drives all cameras therefore sleeps for a tick before it waits for its sockets; whatever came
//! meanwhile lies in the kernel's buffers and is read in one go. Sessions that are young (their
//! arrival times tell the clock offset) and streams with live viewers are read on arrival.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Paces the one thread that reads all cameras. Clones share it.
#[derive(Clone)]
pub struct Pace(Arc<Inner>);

struct Inner {
    tick: Duration,
    /// Guards alive: while there are any, the thread does not sleep.
    hurried: AtomicUsize,
    /// Set by a wake; taken by the next sleep, which it makes void.
    woken: Mutex<bool>,
    wakes: Condvar,
}

impl Pace {
    /// A pacer whose thread sleeps up to `tick` before it waits for its sockets
    /// ([`READ_TICK`](base::limits::READ_TICK)).
    pub fn new(tick: Duration) -> Self {
        let (hurried, woken) = (AtomicUsize::new(0), Mutex::new(false));
        Self(Arc::new(Inner { tick, hurried, woken, wakes: Condvar::new() }))
    }

    /// A current-thread runtime that is paced: whoever drives it (`block_on`) is the thread that
    /// sleeps. Spawn camera tasks on it, and nothing else. Work handed to it from other threads
    /// waits for the end of the tick, unless [`Pace::wake`] is called after it.
    pub fn runtime(&self) -> io::Result<tokio::runtime::Runtime> {
        let pace = self.clone();
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_park(move || pace.sleep())
            .build()
    }

    /// Reads on arrival for as long as the guard lives: for live viewers and young sessions.
    pub fn hurry(&self) -> Hurry {
        if self.0.hurried.fetch_add(1, Ordering::AcqRel) == 0 {
            self.wake();
        }
        Hurry(self.clone())
    }

    /// Ends the sleep under way at once, or the next one if there is none.
    pub fn wake(&self) {
        *self.0.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.wakes.notify_all();
    }

    /// The same future, but whatever wakes it ends the sleep under way at once.
    pub fn urgent<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        Urgent { future: Box::pin(future), pace: self.clone(), waker: None }
    }

    /// What the thread does before it waits for its sockets.
    fn sleep(&self) {
        let mut woken = self.0.woken.lock().unwrap_or_else(PoisonError::into_inner);
        if self.0.hurried.load(Ordering::Acquire) == 0 {
            let waited = self.0.wakes.wait_timeout_while(woken, self.0.tick, |woken| !*woken);
            woken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *woken = false;
    }
}

/// While it lives, sockets are read on arrival.
pub struct Hurry(Pace);

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.0.hurried.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The future of [`Pace::urgent`].
struct Urgent<F> {
    future: Pin<Box<F>>,
    pace: Pace,
    /// The waker that was given last, and ours around it.
    waker: Option<(Waker, Waker)>,
}

impl<F: Future> Future for Urgent<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if !this.waker.as_ref().is_some_and(|(given, _)| given.will_wake(cx.waker())) {
            let around = WakeBoth { pace: this.pace.clone(), task: cx.waker().clone() };
            this.waker = Some((cx.waker().clone(), Waker::from(Arc::new(around))));
        }
        let waker = this.waker.as_ref().map_or(cx.waker(), |(_, around)| around);
        this.future.as_mut().poll(&mut Context::from_waker(waker))
    }
}

struct WakeBoth {
    pace: Pace,
    task: Waker,
}

impl Wake for WakeBoth {
    fn wake(self: Arc<Self>) {
        self.task.wake_by_ref();
        self.pace.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Shutdown;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const TICK: Duration = Duration::from_millis(100);

    /// How often a paced thread reads a socket that gets a byte every 5 ms, 120 of them, and how
    /// many ticks that takes: more on a machine that has much else to do.
    fn reads(pace: &Pace) -> (u32, u32) {
        let runtime = pace.runtime().expect("a runtime can be built");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let sender = std::thread::spawn(move || {
            use std::io::Write;
            let (mut socket, _) = listener.accept().expect("the reader connects");
            for _ in 0..120 {
                std::thread::sleep(Duration::from_millis(5));
                socket.write_all(b"x").expect("the reader reads to the end");
            }
        });
        let began = Instant::now();
        let count = runtime.block_on(async move {
            let mut socket = tokio::net::TcpStream::connect(address).await.expect("it listens");
            let mut buffer = [0; 4096];
            let mut count = 0;
            while socket.read(&mut buffer).await.expect("reads") > 0 {
                count += 1;
            }
            socket.shutdown().await.ok();
            count
        });
        sender.join().expect("the sender does not panic");
        (count, (began.elapsed().as_millis() / TICK.as_millis()) as u32)
    }

    #[test]
    fn sockets_are_read_once_a_tick() {
        let (reads, ticks) = reads(&Pace::new(TICK));
        assert!(reads <= ticks + 2, "{reads} reads in {ticks} ticks");
    }

    #[test]
    fn sockets_are_read_on_arrival_while_anybody_is_in_a_hurry() {
        let pace = Pace::new(TICK);
        let guard = pace.hurry();
        let (hurried, ticks) = reads(&pace);
        assert!(hurried > 2 * ticks, "{hurried} reads in {ticks} ticks");
        drop(guard);
        let (reads, ticks) = reads(&pace);
        assert!(reads <= ticks + 2, "{reads} reads in {ticks} ticks");
    }

    #[test]
    fn an_urgent_future_is_woken_in_the_middle_of_a_sleep() {
        let pace = Pace::new(Duration::from_secs(20));
        let (shutdown, asked) = (Shutdown::new(), Instant::now());
        let runtime = pace.runtime().expect("a runtime can be built");
        let other = shutdown.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            other.request();
        });
        runtime.block_on(pace.urgent(shutdown.requested()));
        assert!(asked.elapsed() < Duration::from_secs(5));
        thread.join().expect("does not panic");
    }
}
