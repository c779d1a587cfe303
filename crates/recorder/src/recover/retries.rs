//! Files that could not be finished: tried again ever later where that may help, and known as
//! damaged from when it does not.

use std::collections::BTreeMap;
use std::time::Duration;

use base::{MonoTime, SegmentId};
use catalog::{Change, DamageRow};

use super::{FinishError, Unfinished};
use crate::Now;
use crate::check::NOT_RECOVERED;

/// The first wait; doubled each time. Each try may read all of the file.
const WAIT_MIN: Duration = Duration::from_secs(5);
/// The longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_secs(600);
/// A disk may fail for a moment: only what fails so often counts as damaged.
const TRIES_TOLD: u32 = 3;
/// Files that are tried again; more are left to the next start.
const FILES_MAX: usize = 65_536;

/// Files of one volume that could not be finished.
#[derive(Debug, Default)]
pub struct Retries(BTreeMap<SegmentId, Retry>);

#[derive(Debug)]
struct Retry {
    /// Not here while it is being tried.
    file: Option<Unfinished>,
    tries: u32,
    due: MonoTime,
}

impl Retries {
    /// A file could not be finished. Where that is no passing trouble, what makes it known as
    /// damaged, for the catalog's writer; a file without a row cannot be.
    pub fn failed(&mut self, file: Unfinished, error: &FinishError, now: Now) -> Option<Change> {
        let id = file.place.id;
        let mut tries = 0;
        if error.may_pass() && (self.0.len() < FILES_MAX || self.0.contains_key(&id)) {
            let new = Retry { file: None, tries: 0, due: now.mono };
            let retry = self.0.entry(id).or_insert(new);
            let doubled = WAIT_MIN * 2u32.saturating_pow(retry.tries.min(16));
            retry.tries = retry.tries.saturating_add(1);
            (retry.file, retry.due) = (Some(file), now.mono + doubled.min(WAIT_MAX));
            tries = retry.tries;
        } else {
            self.0.remove(&id);
        }
        let (name, words) = (NOT_RECOVERED.to_owned(), error.to_string());
        let damage = DamageRow { segment: id, name, words, found: now.wall };
        // A disk that takes nothing says so elsewhere, and says nothing of the file.
        let told = tries == TRIES_TOLD && !error.is_of_disk();
        (!error.may_pass() || told).then_some(Change::PutDamage(damage))
    }

    /// A file is finished.
    pub fn finished(&mut self, file: &Unfinished) {
        self.0.remove(&file.place.id);
    }

    /// Takes the files that are to be tried again now.
    pub fn due(&mut self, now: MonoTime) -> Vec<Unfinished> {
        let due = self.0.values_mut().filter(|retry| retry.due <= now);
        due.filter_map(|retry| retry.file.take()).collect()
    }

    /// The files that wait to be tried again.
    pub fn waiting(&self) -> impl Iterator<Item = &Unfinished> {
        self.0.values().filter_map(|retry| retry.file.as_ref())
    }
}
