//! Threads that do blocking work side by side: one sync each, all at one moment.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use recorder::{Job, Parallel};

/// Up to a fixed number of threads of one volume, started as they are needed.
pub struct Pool {
    name: String,
    most: usize,
    /// Each holds one worker's door; a worker that is free is taken from here.
    idle: Mutex<Vec<SyncSender<Task>>>,
    started: Mutex<usize>,
}

/// A job, and who waits for it: until it is dropped, however it ends.
struct Task {
    job: Option<Job>,
    under_way: Arc<UnderWay>,
}

/// Jobs of one run that have not ended. The last one wakes who waits, once for all of them.
#[derive(Default)]
struct UnderWay {
    count: Mutex<usize>,
    ended: Condvar,
}

impl Pool {
    /// A pool of at most `most` threads that are called `name`.
    pub fn new(name: &str, most: usize) -> Self {
        Self { name: name.to_owned(), most, idle: Mutex::default(), started: Mutex::default() }
    }

    fn worker(&self) -> Option<SyncSender<Task>> {
        if let Some(worker) = lock(&self.idle).pop() {
            return Some(worker);
        }
        let mut started = lock(&self.started);
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
    while let Ok(mut task) = tasks.recv() {
        if let Some(job) = task.job.take() {
            carry_out(job);
        }
    }
}

/// The result of a job that panicked is missing, which tells; the panic was printed.
fn carry_out(job: Job) {
    let _ = catch_unwind(AssertUnwindSafe(job));
}

impl Drop for Task {
    fn drop(&mut self) {
        self.under_way.end();
    }
}

impl UnderWay {
    fn begin(&self) {
        *lock(&self.count) += 1;
    }

    fn end(&self) {
        let mut count = lock(&self.count);
        *count -= 1;
        if *count == 0 {
            self.ended.notify_one();
        }
    }

    fn wait(&self) {
        let count = lock(&self.count);
        drop(self.ended.wait_while(count, |count| *count > 0));
    }
}

impl Parallel for Pool {
    fn run(&self, jobs: Vec<Job>) {
        let mut jobs = jobs.into_iter();
        // One job is the caller's own: a single stream never leaves its thread.
        let own = jobs.next_back();
        let (mut busy, mut left) = (Vec::new(), Vec::new());
        let under_way = Arc::new(UnderWay::default());
        for job in jobs {
            let Some(worker) = self.worker() else {
                left.push(job);
                continue;
            };
            under_way.begin();
            match worker.send(Task { job: Some(job), under_way: under_way.clone() }) {
                Ok(()) => busy.push(worker),
                Err(mut refused) => left.extend(refused.0.job.take()),
            }
        }
        own.into_iter().chain(left).for_each(carry_out);
        under_way.wait();
        lock(&self.idle).append(&mut busy);
    }
}

/// Guards memory only.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn a_job_that_panics_holds_nobody_up_and_costs_no_thread() {
        let (pool, done) = (Pool::new("test", 2), Arc::new(AtomicUsize::new(0)));
        let count = || -> Job {
            let counted = done.clone();
            Box::new(move || {
                counted.fetch_add(1, Ordering::SeqCst);
            })
        };
        let panics = || -> Job { Box::new(|| panic!("a sync panicked")) };
        for _ in 0..3 {
            pool.run(vec![panics(), count()]);
            // On the caller's own thread, too.
            pool.run(vec![count(), panics()]);
        }
        assert_eq!(done.load(Ordering::SeqCst), 6);
        assert_eq!(*pool.started.lock().expect("is not poisoned"), 1);
        Pool::new("test", 0).run(vec![panics(), count(), panics()]);
        assert_eq!(done.load(Ordering::SeqCst), 7);
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
