//! Reading sockets in ticks instead of on arrival: what keeps the machine idle.
//!
//! Waking for every frame of every camera costs more than all the work done then. The thread that
//! drives all cameras therefore sleeps for a tick before it waits for its sockets; whatever came
//! meanwhile lies in the kernel's buffers and is read in one go. Where a buffer was filling up,
//! or is new, the next sleeps are half as long: a camera that finds it full would have to drop
//! frames. The sockets of streams with live viewers end the sleep; while there are young sessions
//! (their arrival times tell the clock offset), there is none.

use std::future::Future;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};

/// Sleeps that are half as long where a buffer was filling up: of 0.1 s, three seconds, in which
/// most cameras send a key frame.
const HALVED: u32 = 30;

/// Paces the one thread that reads all cameras. Clones share it.
#[derive(Clone)]
pub struct Pace(Arc<Inner>);

struct Inner {
    /// In microseconds.
    tick: AtomicU64,
    /// So many more sleeps are half as long.
    halved: AtomicU32,
    /// Guards alive: while there are any, the thread does not sleep.
    hurried: AtomicUsize,
    /// Written by a wake; read by the next sleep, which it makes void.
    woken: OwnedFd,
    /// What comes here ends a sleep.
    attended: Mutex<Vec<Arc<OwnedFd>>>,
}

impl Pace {
    /// A pacer whose thread sleeps up to `tick` before it waits for its sockets
    /// ([`read_tick`](base::limits::read_tick)).
    pub fn new(tick: Duration) -> io::Result<Self> {
        let woken = rustix::event::eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        let (hurried, attended) = (AtomicUsize::new(0), Mutex::default());
        let (tick, halved) = (AtomicU64::new(micros(tick)), AtomicU32::new(0));
        Ok(Self(Arc::new(Inner { tick, halved, hurried, woken, attended })))
    }

    /// What it sleeps at most.
    pub fn tick(&self) -> Duration {
        Duration::from_micros(self.0.tick.load(Ordering::Relaxed))
    }

    /// From the next sleep on it sleeps up to `tick`.
    pub fn set_tick(&self, tick: Duration) {
        self.0.tick.store(micros(tick), Ordering::Relaxed);
    }

    /// Halves the sleeps of the next seconds: what lay in a buffer of the kernel was much of what
    /// it holds, or a buffer is still as small as systems begin. It comes to hold what is read at
    /// once.
    pub(crate) fn hasten(&self) {
        self.0.halved.store(HALVED, Ordering::Relaxed);
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

    /// Reads all sockets on arrival for as long as the guard lives: for young sessions.
    pub fn hurry(&self) -> Hurry {
        if self.0.hurried.fetch_add(1, Ordering::AcqRel) == 0 {
            self.wake();
        }
        Hurry(self.clone())
    }

    /// Reads all sockets on arrival for `lasts` of each `every`, for ever: arrival times tell the
    /// clocks of cameras. To be spawned on the runtime, once for all sessions: each by itself
    /// would have its own moment, and the thread all of them.
    pub async fn check_clocks(self, every: Duration, lasts: Duration) {
        loop {
            tokio::time::sleep(every.saturating_sub(lasts)).await;
            let hurry = self.hurry();
            tokio::time::sleep(lasts).await;
            drop(hurry);
        }
    }

    /// Reads on arrival what comes on `socket`, for as long as the guard lives: for live viewers.
    /// What came on others by then is read with it.
    pub fn attend(&self, socket: BorrowedFd<'_>) -> Attention {
        match socket.try_clone_to_owned() {
            Ok(socket) => {
                let socket = Arc::new(socket);
                self.0.attended().push(socket.clone());
                Attention::Socket(self.clone(), socket)
            }
            // Nothing is late for want of a file descriptor.
            Err(_) => Attention::All(self.hurry()),
        }
    }

    /// Ends the sleep under way at once, or the next one if there is none.
    pub fn wake(&self) {
        // It fails only where so many wakes are waiting that one more makes no difference.
        let _ = rustix::io::write(&self.0.woken, &1_u64.to_ne_bytes());
    }

    /// The same future, but whatever wakes it ends the sleep under way at once.
    pub fn urgent<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        Urgent { future: Box::pin(future), pace: self.clone(), waker: None }
    }

    /// What the thread does before it waits for its sockets.
    fn sleep(&self) {
        if self.0.hurried.load(Ordering::Acquire) > 0 {
            return;
        }
        let attended = self.0.attended().clone();
        let mut awaited = vec![PollFd::new(&self.0.woken, PollFlags::IN)];
        awaited.extend(attended.iter().map(|socket| PollFd::new(socket, PollFlags::IN)));
        let tick = self.tick();
        // Only this thread takes from it: where another puts in at this instant, one is too many.
        let halved = self.0.halved.load(Ordering::Relaxed);
        self.0.halved.store(halved.saturating_sub(1), Ordering::Relaxed);
        let tick = Timespec::try_from(if halved > 0 { tick / 2 } else { tick }).ok();
        // A sleep that is broken off is a short one: then too it is the sockets' turn.
        let _ = rustix::event::poll(&mut awaited, tick.as_ref());
        if awaited.first().is_some_and(|woken| !woken.revents().is_empty()) {
            let _ = rustix::io::read(&self.0.woken, &mut [0; 8]);
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Inner {
    /// Guards memory only, for the length of one call.
    fn attended(&self) -> MutexGuard<'_, Vec<Arc<OwnedFd>>> {
        self.attended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it lives, a socket is read on arrival.
pub enum Attention {
    /// This one.
    Socket(Pace, Arc<OwnedFd>),
    /// All: see [`Pace::attend`].
    All(Hurry),
}

impl Drop for Attention {
    fn drop(&mut self) {
        if let Self::Socket(pace, socket) = self {
            pace.0.attended().retain(|other| !Arc::ptr_eq(other, socket));
        }
    }
}

/// While it lives, all sockets are read on arrival.
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
    use std::os::fd::AsFd;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const TICK: Duration = Duration::from_millis(100);

    /// How often a paced thread reads a socket that gets a byte every 5 ms, 120 of them, and how
    /// many ticks that takes: more on a machine that has much else to do.
    fn reads(pace: &Pace, attend: bool) -> (u32, u32) {
        reads_of(&pace.runtime().expect("a runtime can be built"), pace, attend)
    }

    fn reads_of(runtime: &tokio::runtime::Runtime, pace: &Pace, attend: bool) -> (u32, u32) {
        let pace = pace.clone();
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
            let _attention = attend.then(|| pace.attend(socket.as_fd()));
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

    fn pace(tick: Duration) -> Pace {
        Pace::new(tick).expect("there is a file descriptor")
    }

    #[test]
    fn sockets_are_read_once_a_tick() {
        let (reads, ticks) = reads(&pace(TICK), false);
        assert!(reads <= ticks + 2, "{reads} reads in {ticks} ticks");
    }

    #[test]
    fn the_next_sleeps_are_half_as_long_where_a_buffer_was_filling_up() {
        let pace = pace(Duration::from_secs(20));
        pace.set_tick(Duration::from_millis(40));
        let slept = || {
            let began = Instant::now();
            pace.sleep();
            began.elapsed()
        };
        pace.hasten();
        let halves: Vec<Duration> = (0..HALVED).map(|_| slept()).collect();
        assert!(halves.iter().all(|half| *half >= Duration::from_millis(20)), "{halves:?}");
        // A busy machine may wake it late, but not each time.
        assert!(halves.iter().any(|half| *half < Duration::from_millis(40)), "{halves:?}");
        assert!(slept() >= Duration::from_millis(40));
    }

    #[test]
    fn sockets_are_read_on_arrival_while_anybody_is_in_a_hurry() {
        let pace = pace(TICK);
        let guard = pace.hurry();
        let (hurried, ticks) = reads(&pace, false);
        assert!(hurried > 2 * ticks, "{hurried} reads in {ticks} ticks");
        drop(guard);
        let (reads, ticks) = reads(&pace, false);
        assert!(reads <= ticks + 2, "{reads} reads in {ticks} ticks");
    }

    #[test]
    fn sockets_are_read_on_arrival_for_a_moment_now_and_then() {
        let pace = pace(TICK);
        let (every, lasts) = (Duration::from_millis(500), Duration::from_millis(200));
        let runtime = pace.runtime().expect("a runtime can be built");
        let checks = pace.clone();
        runtime.spawn(async move { checks.check_clocks(every, lasts).await });
        let (reads, ticks) = reads_of(&runtime, &pace, false);
        assert!((ticks + 5..100).contains(&reads), "{reads} reads in {ticks} ticks");
    }

    #[test]
    fn a_socket_is_read_on_arrival_while_it_is_attended_to_and_others_are_not() {
        let pace = pace(TICK);
        let (attended, ticks) = reads(&pace, true);
        assert!(attended > 2 * ticks, "{attended} reads in {ticks} ticks");
        assert!(pace.0.attended().is_empty());
        let (quiet, _other_end) = std::os::unix::net::UnixStream::pair().expect("sockets");
        let _attention = pace.attend(quiet.as_fd());
        let (reads, ticks) = reads(&pace, false);
        assert!(reads <= ticks + 2, "{reads} reads in {ticks} ticks");
    }

    #[test]
    fn an_urgent_future_is_woken_in_the_middle_of_a_sleep() {
        let pace = pace(Duration::from_secs(20));
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
