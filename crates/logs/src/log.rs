//! The log that everybody shares: lines go in by a bounded queue, and into what is kept when
//! nobody reads that.
//!
//! Readers hold the lock for as long as it takes to copy references to lines. Whoever logs only
//! tries it: while somebody reads, the line stays in the queue until the next one logs or reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use base::{WallTime, limits};

use crate::kept::Kept;
use crate::line::{Level, Line};

/// The newest lines of the program's log; clones share them.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    door: SyncSender<Arc<Line>>,
    /// Lines that found the queue full.
    left_out: AtomicU64,
    inside: Mutex<Inside>,
}

struct Inside {
    door: Receiver<Arc<Line>>,
    kept: Kept,
}

/// Which lines are asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where in the log.
    pub from: From,
    /// Only those that matter so much.
    pub level: Level,
    /// Only those about the camera of this slug.
    pub camera: Option<String>,
    /// Only those in which this text stands, large and small letters alike.
    pub text: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The newest lines.
    End,
    /// The lines that follow the one of this number.
    After(u64),
    /// The newest of those before the one of this number.
    Before(u64),
}

/// Lines of the log, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Each with its number.
    pub lines: Vec<(u64, Arc<Line>)>,
    /// What comes next comes after this number.
    pub next: u64,
    /// There is more of that at once.
    pub more: bool,
    /// There may be older ones that are wanted, before this number.
    pub earlier: Option<u64>,
    /// Lines after the number that was asked for which are not kept any more.
    pub lost: u64,
    /// That number was of another life of the process: these are the first lines of this one.
    pub restarted: bool,
}

impl Log {
    /// A log that begins `now`. Numbers begin with the microsecond of that: those of a later life
    /// of the process are greater, as long as the clock goes on.
    pub fn new(now: WallTime) -> Self {
        let (door, inside) = sync_channel(limits::LOG_WAITING_MAX);
        let kept = Kept::new(u64::try_from(now.as_micros()).unwrap_or_default().max(1));
        let inside = Mutex::new(Inside { door: inside, kept });
        Self(Arc::new(Shared { door, left_out: AtomicU64::new(0), inside }))
    }

    /// Keeps a line. Never waits: what finds the queue full is left out, counted, and told.
    pub fn say(&self, line: Line) {
        if self.0.door.try_send(Arc::new(line)).is_err() {
            self.0.left_out.fetch_add(1, Ordering::Relaxed);
        }
        match self.0.inside.try_lock() {
            Ok(mut inside) => inside.take_in(&self.0.left_out),
            Err(TryLockError::Poisoned(inside)) => inside.into_inner().take_in(&self.0.left_out),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// The lines that are asked for.
    pub fn page(&self, asked: &Asked) -> Page {
        let mut page = Page::default();
        let mut lines = {
            let mut inside = self.inside();
            inside.take_in(&self.0.left_out);
            let kept = &inside.kept;
            page.next = kept.next - 1;
            match asked.from {
                From::End => kept.range(0, u64::MAX),
                From::Before(number) => kept.range(0, number),
                From::After(number) => {
                    page.restarted = number.saturating_add(1) < kept.first || number >= kept.next;
                    let from = if page.restarted { kept.first } else { number + 1 };
                    page.lost = kept.oldest().saturating_sub(from);
                    kept.range(from, u64::MAX)
                }
            }
        };
        let text = asked.text.as_ref().map(|text| text.to_lowercase());
        lines.retain(|(_, line)| asked.wants(line, text.as_deref()));
        if lines.len() > asked.limit {
            match asked.from {
                From::After(_) => {
                    lines.truncate(asked.limit);
                    page.more = true;
                    page.next = lines.last().map_or(page.next, |(number, _)| *number);
                }
                From::End | From::Before(_) => {
                    lines.drain(..lines.len() - asked.limit);
                    page.earlier = lines.first().map(|(number, _)| *number);
                }
            }
        }
        Page { lines, ..page }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    fn wants(&self, line: &Line, text: Option<&str>) -> bool {
        line.level >= self.level
            && self.camera.as_deref().is_none_or(|camera| line.camera() == Some(camera))
            && text.is_none_or(|text| line.has(text))
    }
}

impl Inside {
    fn take_in(&mut self, left_out: &AtomicU64) {
        let mut last = None;
        // Whoever fills the queue meanwhile keeps nobody here for ever.
        for line in self.door.try_iter().take(limits::LOG_WAITING_MAX) {
            last = Some(line.at);
            self.kept.push(line);
        }
        // It waits for a line that has come since, and with it a time.
        let Some(at) = last else { return };
        let left_out = left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            self.kept.push(Arc::new(Line {
                at,
                level: Level::Warn,
                target: "logs".into(),
                message: format!(
                    "{left_out} lines are not shown here: more came than could be kept at that \
                     moment; the log that the system keeps has them"
                ),
                fields: vec![("left_out", left_out.to_string())],
            }));
        }
    }
}

#[cfg(test)]
mod tests;
