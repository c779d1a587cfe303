//! How work that blocks is done side by side: on threads in the program, in order in simulation.

use std::sync::{Arc, Mutex, PoisonError};

/// One piece of blocking work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Runs pieces of blocking work, best side by side.
pub trait Parallel {
    /// Runs all `jobs` and returns when every one has ended.
    fn run(&self, jobs: Vec<Job>);
}

/// Runs jobs one after another on the caller's thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct InOrder;

impl Parallel for InOrder {
    fn run(&self, jobs: Vec<Job>) {
        jobs.into_iter().for_each(|job| job());
    }
}

/// Runs all `works` and gives their results in the same order; `None` for one that panicked.
pub(crate) fn gather<T, W>(parallel: &dyn Parallel, works: Vec<W>) -> Vec<Option<T>>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let slots: Vec<Arc<Mutex<Option<T>>>> = works.iter().map(|_| Arc::default()).collect();
    let jobs = works.into_iter().zip(&slots).map(|(work, slot)| {
        let slot = slot.clone();
        let job: Job = Box::new(move || {
            let result = work();
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        job
    });
    parallel.run(jobs.collect());
    slots.iter().map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Threads;

    impl Parallel for Threads {
        fn run(&self, jobs: Vec<Job>) {
            let threads: Vec<_> = jobs.into_iter().map(std::thread::spawn).collect();
            threads.into_iter().for_each(|thread| {
                // A job that panics leaves its slot empty; that is what the caller sees.
                let _ = thread.join();
            });
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_work() {
        for parallel in [&InOrder as &dyn Parallel, &Threads] {
            let works: Vec<_> = (0..20).map(|n| move || n * n).collect();
            let expected: Vec<_> = (0..20).map(|n| Some(n * n)).collect();
            assert_eq!(gather(parallel, works), expected);
        }
    }
}
