//! Stills and sheets on their way: who waits, who draws, what was drawn before.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::limits;
use still::{DrawError, Drawn, Program};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// How stills are drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// What is started for each.
    pub program: Program,
    /// How many at once; at least one is.
    pub workers: usize,
}

/// The state of it.
pub(crate) struct Stills {
    program: Program,
    places: Arc<Semaphore>,
    line: Mutex<Line>,
    cache: Mutex<Cache>,
    counts: Counts,
}

/// Those who wait or are drawn, and the bytes of key frames that they hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Line {
    pub jobs: usize,
    pub bytes: u64,
}

/// What has happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Drawn by a worker.
    pub drawn: AtomicU64,
    /// Drawn before.
    pub repeated: AtomicU64,
    /// The footage could not be decoded.
    pub undecodable: AtomicU64,
    /// The worker died or took too long.
    pub failed: AtomicU64,
    /// Turned away, for too many waited.
    pub refused: AtomicU64,
}

/// A place in the line, given back when it is dropped.
pub(crate) struct Ticket {
    stills: Arc<Stills>,
    bytes: u64,
}

impl Stills {
    pub fn new(drawing: &Drawing) -> Self {
        Self {
            program: drawing.program.clone(),
            places: Arc::new(Semaphore::new(drawing.workers.max(1))),
            line: Mutex::default(),
            cache: Mutex::default(),
            counts: Counts::default(),
        }
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Who is in the line now.
    pub fn line(&self) -> Line {
        *lock(&self.line)
    }

    /// A place in the line for a job with so many bytes of key frames, where there is one. It
    /// comes before they are read.
    pub fn enter(self: &Arc<Self>, bytes: u64) -> Result<Ticket, Problem> {
        let mut line = lock(&self.line);
        let is_full = line.jobs >= limits::STILLS_WAITING_MAX
            || line.bytes + bytes > limits::STILLS_WAITING_BYTES_MAX;
        if is_full {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Problem::Busy("too many pictures are waiting to be decoded".into()));
        }
        line.jobs += 1;
        line.bytes += bytes;
        drop(line);
        Ok(Ticket { stills: self.clone(), bytes })
    }

    /// What is started for each.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// One permit for each worker.
    pub fn places(&self) -> &Arc<Semaphore> {
        &self.places
    }

    /// What was drawn of the same job before.
    pub fn known(&self, key: &[u8; 32]) -> Option<Drawn> {
        let known = lock(&self.cache).get(key)?;
        self.counts.repeated.fetch_add(1, Ordering::Relaxed);
        Some(known)
    }

    /// Keeps what was drawn.
    pub fn keep(&self, key: [u8; 32], drawn: Drawn) {
        lock(&self.cache).put(key, drawn);
    }

    /// Counts what came of a job.
    pub fn count(&self, drawn: &Result<Drawn, DrawError>) {
        let counter = match drawn {
            Ok(_) => &self.counts.drawn,
            Err(DrawError::Undecodable(_)) => &self.counts.undecodable,
            Err(_) => &self.counts.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut line = lock(&self.stills.line);
        line.jobs -= 1;
        line.bytes -= self.bytes;
    }
}

/// What one picture takes beside its bytes, about.
const BESIDE: usize = 256;

/// What was drawn, by a hash over all that it follows from; bounded in bytes, the least recently
/// used goes first.
#[derive(Default)]
struct Cache {
    drawn: HashMap<[u8; 32], Drawn>,
    /// The least recently used first.
    order: VecDeque<[u8; 32]>,
    bytes: usize,
}

impl Cache {
    fn get(&mut self, key: &[u8; 32]) -> Option<Drawn> {
        let found = self.drawn.get(key)?.clone();
        self.order.retain(|other| other != key);
        self.order.push_back(*key);
        Some(found)
    }

    fn put(&mut self, key: [u8; 32], drawn: Drawn) {
        if drawn.jpeg.len() > limits::STILL_CACHE_BYTES_MAX || self.drawn.contains_key(&key) {
            return;
        }
        self.bytes += drawn.jpeg.len() + BESIDE;
        self.drawn.insert(key, drawn);
        self.order.push_back(key);
        while self.bytes > limits::STILL_CACHE_BYTES_MAX {
            let oldest = self.order.pop_front().and_then(|oldest| self.drawn.remove(&oldest));
            let Some(oldest) = oldest else { return };
            self.bytes -= oldest.jpeg.len() + BESIDE;
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_asked_for() {
        let mut cache = Cache::default();
        let len = limits::STILL_CACHE_BYTES_MAX / 4 - BESIDE;
        let drawn = |n: u8| Drawn { jpeg: vec![n; len].into(), missing: vec![] };
        for n in 0..4 {
            cache.put([n; 32], drawn(n));
        }
        assert!(cache.get(&[0; 32]).is_some());
        cache.put([4; 32], drawn(4));
        assert!(cache.get(&[1; 32]).is_none(), "the least recently used goes");
        assert_eq!(cache.get(&[0; 32]), Some(drawn(0)));
        assert_eq!(
            (cache.bytes, cache.drawn.len(), cache.order.len()),
            (limits::STILL_CACHE_BYTES_MAX, 4, 4)
        );
        let large = vec![0; limits::STILL_CACHE_BYTES_MAX + 1];
        cache.put([9; 32], Drawn { jpeg: large.into(), missing: vec![] });
        assert!(cache.get(&[9; 32]).is_none());
    }

    #[test]
    fn the_line_is_bounded_in_jobs_and_bytes_and_places_come_back() {
        let program = Program { file: "/bin/false".into(), arguments: vec![] };
        let stills = Arc::new(Stills::new(&Drawing { program, workers: 1 }));
        let held: Vec<_> = std::iter::from_fn(|| stills.enter(1).ok()).collect();
        assert_eq!(held.len(), limits::STILLS_WAITING_MAX);
        drop(held);
        let large = stills.enter(limits::STILLS_WAITING_BYTES_MAX).unwrap();
        assert!(stills.enter(1).is_err());
        drop(large);
        assert!(stills.enter(1).is_ok());
        assert_eq!((stills.line().jobs, stills.line().bytes), (0, 0));
        assert_eq!(stills.counts().refused.load(Ordering::Relaxed), 2);
    }
}
