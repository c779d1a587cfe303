//! The one signal that ends things: polled, awaited (without any runtime's help), or waited for
//! from a plain thread.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A shutdown signal; clones share it. Once requested it stays so.
#[derive(Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    requested: bool,
    next_waiter: u64,
    /// By waiter: there may be hundreds, each polled for every frame that it sends.
    wakers: BTreeMap<u64, Waker>,
}

impl Shutdown {
    /// A signal that nobody has requested yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything that holds this signal to end. Asking again changes nothing.
    pub fn request(&self) {
        let wakers = {
            let mut state = self.state();
            state.requested = true;
            std::mem::take(&mut state.wakers)
        };
        self.0.changed.notify_all();
        wakers.into_values().for_each(Waker::wake);
    }

    /// Whether an end has been requested.
    pub fn is_requested(&self) -> bool {
        self.state().requested
    }

    /// Blocks this thread until an end is requested, at most for `timeout` of real time; whether
    /// it was requested.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let waited = self.0.changed.wait_timeout_while(self.state(), timeout, |s| !s.requested);
        waited.unwrap_or_else(PoisonError::into_inner).0.requested
    }

    /// A future that is ready once an end is requested. It needs no runtime and may be dropped at
    /// any time.
    pub fn requested(&self) -> Requested {
        Requested { signal: self.clone(), waiter: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shutdown").field("requested", &self.is_requested()).finish()
    }
}

/// The future of [`Shutdown::requested`].
pub struct Requested {
    signal: Shutdown,
    waiter: Option<u64>,
}

impl Future for Requested {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let signal = self.signal.clone();
        let mut state = signal.state();
        if state.requested {
            return Poll::Ready(());
        }
        let id = *self.waiter.get_or_insert_with(|| {
            state.next_waiter += 1;
            state.next_waiter
        });
        match state.wakers.entry(id) {
            Entry::Occupied(mut waker) => waker.get_mut().clone_from(cx.waker()),
            Entry::Vacant(place) => {
                place.insert(cx.waker().clone());
            }
        }
        Poll::Pending
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            self.signal.state().wakers.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_waiting_future_is_woken_once_and_then_ready() {
        let (signal, count) = (Shutdown::new(), Arc::new(Count(AtomicUsize::new(0))));
        let waker = Waker::from(count.clone());
        let mut cx = Context::from_waker(&waker);
        let mut waiting = Box::pin(signal.requested());
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        assert!(waiting.as_mut().poll(&mut cx).is_pending());
        signal.request();
        signal.request();
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        assert!(waiting.as_mut().poll(&mut cx).is_ready());
    }

    #[test]
    fn a_dropped_future_leaves_nothing_behind() {
        let signal = Shutdown::new();
        let mut waiting = Box::pin(signal.requested());
        assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(waiting);
        assert!(signal.state().wakers.is_empty());
    }

    #[test]
    fn a_thread_wakes_when_another_requests() {
        let signal = Shutdown::new();
        assert!(!signal.wait_timeout(Duration::ZERO));
        let other = signal.clone();
        let thread = std::thread::spawn(move || other.wait_timeout(Duration::from_secs(60)));
        signal.request();
        assert!(thread.join().expect("the waiter does not panic"));
        assert!(signal.is_requested());
    }
}
