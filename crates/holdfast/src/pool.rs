//! Threads that do blocking work side by side: one sync each, all at one moment.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use recorder::{Job, Parallel};

/// Up to a fixed number of threads of one volume, started as they are needed.
pub struct Pool {
    name: String,
    most: usize,
    /// Each holds one worker's door; a worker that is free is taken from here.
    idle: Mutex<Vec<SyncSender<Task>>>,
    started: Mutex<usize>,
}

/// A job, and who waits for it.
struct Task {
    job: Job,
    done: SyncSender<()>,
}

impl Pool {
    /// A pool of at most `most` threads that are called `name`.
    pub fn new(name: &str, most: usize) -> Self {
        Self { name: name.to_owned(), most, idle: Mutex::default(), started: Mutex::default() }
    }

    fn worker(&self) -> Option<SyncSender<Task>> {
        if let Some(worker) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Some(worker);
        }
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if *started >= self.most {
            return None;
        }
        let (door, tasks) = sync_channel::<Task>(1);
        let thread = std::thread::Builder::new().name(self.name.clone()).stack_size(256 << 10);
        thread.spawn(move || work(&tasks)).ok()?;
        *started += 1;
        Some(door)
    }
}

fn work(tasks: &Receiver<Task>) {
    while let Ok(Task { job, done }) = tasks.recv() {
        job();
        // Whoever waited may have given up: then nobody needs to know.
        let _ = done.send(());
    }
}

impl Parallel for Pool {
    fn run(&self, jobs: Vec<Job>) {
        let mut jobs = jobs.into_iter();
        // One job is the caller's own: a single stream never leaves its thread.
        let own = jobs.next_back();
        let (mut busy, mut left) = (Vec::new(), Vec::new());
        for job in jobs {
            let Some(worker) = self.worker() else {
                left.push(job);
                continue;
            };
            let (done, waits) = sync_channel(1);
            match worker.send(Task { job, done }) {
                Ok(()) => busy.push((worker, waits)),
                Err(refused) => left.push(refused.0.job),
            }
        }
        own.into_iter().chain(left).for_each(|job| job());
        for (worker, waits) in busy {
            // A worker whose job panicked is gone; the job's result is missing, which tells.
            if waits.recv().is_ok() {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
            } else {
                *self.started.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    #[test]
    fn jobs_run_at_the_same_time_and_all_are_done_when_it_returns() {
        let (pool, barrier) = (Pool::new("test", 8), Arc::new(Barrier::new(8)));
        for _ in 0..3 {
            let done = Arc::new(AtomicUsize::new(0));
            let jobs = (0..8).map(|_| {
                let (done, barrier) = (done.clone(), barrier.clone());
                let job: Job = Box::new(move || {
                    barrier.wait();
                    done.fetch_add(1, Ordering::SeqCst);
                });
                job
            });
            pool.run(jobs.collect());
            assert_eq!(done.load(Ordering::SeqCst), 8);
        }
        assert!(*pool.started.lock().expect("is not poisoned") <= 7);
    }

    #[test]
    fn more_jobs_than_threads_are_done_all_the_same() {
        let (pool, done) = (Pool::new("test", 2), Arc::new(AtomicUsize::new(0)));
        let jobs = (0..20).map(|_| {
            let done = done.clone();
            let job: Job = Box::new(move || {
                done.fetch_add(1, Ordering::SeqCst);
            });
            job
        });
        pool.run(jobs.collect());
        assert_eq!(done.load(Ordering::SeqCst), 20);
    }
}
