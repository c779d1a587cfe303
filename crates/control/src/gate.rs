//! Counts runs that are open, so that shutdown can wait until the last one is closed.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many runs are open. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<(Mutex<usize>, Condvar)>);

/// One open run; dropping it closes it.
#[derive(Debug)]
pub struct Pass(Gate);

impl Gate {
    /// A run begins.
    pub fn enter(&self) -> Pass {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Pass(self.clone())
    }

    /// Blocks until no run is open, at most for `timeout`; whether none is.
    pub fn wait_empty(&self, timeout: Duration) -> bool {
        let open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(open, timeout, |open| *open > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let (open, emptied) = &*self.0.0;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        *open -= 1;
        if *open == 0 {
            emptied.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_empty_once_the_last_run_is_closed() {
        let gate = Gate::default();
        assert!(gate.wait_empty(Duration::ZERO));
        let (first, second) = (gate.enter(), gate.enter());
        drop(first);
        assert!(!gate.wait_empty(Duration::ZERO));
        let waiting = {
            let gate = gate.clone();
            std::thread::spawn(move || gate.wait_empty(Duration::from_secs(60)))
        };
        drop(second);
        assert!(waiting.join().expect("the waiter does not panic"));
    }
}
