//! How the volumes are, for others to read. Locks guard memory only.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::operations::VolumeState;
use archive::OpenVolumeError;
use base::{MonoTime, StreamId, VolumeId};
use recorder::DiskFault;
use recorder::retain::Outlook;
use world::Space;

/// How one volume is; clones share it.
#[derive(Clone, Debug)]
pub struct Health(Arc<Mutex<VolumeHealth>>);

/// How one volume is, at one moment.
#[derive(Clone, Debug)]
pub struct VolumeHealth {
    /// Its id, once it was opened or known.
    pub id: Option<VolumeId>,
    /// Its name.
    pub name: String,
    /// The folder that it is.
    pub path: PathBuf,
    /// Whether it was opened: what is wrong then is told by stream.
    pub open: bool,
    /// Whether it was tried to open it.
    pub tried: bool,
    /// What it is for.
    pub r#use: config::VolumeUse,
    /// Whether a configuration file names it.
    pub managed_by_file: bool,
    /// It was in trouble, and the disk has not shown since that it is well.
    pub suspect: bool,
    /// Whether it can be written.
    pub state: VolumeState,
    /// What is wrong with it, in words.
    pub problem: Option<String>,
    /// Space of its file system.
    pub space: Option<Space>,
    /// Space that retention leaves free.
    pub keep_free: config::KeepFree,
    /// The last round of writes and syncs.
    pub last_round: Option<Duration>,
    /// When the round under way began; none is, otherwise.
    pub round_began: Option<MonoTime>,
    /// Rounds of syncs so far.
    pub rounds: u64,
    /// Bytes that the background check has read.
    pub scrubbed: u64,
    /// Rounds in which something failed.
    pub failures: u64,
    /// The last of them, in words.
    pub last_failure: Option<String>,
    /// Why what fails fails.
    pub fault: DiskFault,
    /// Bytes a second that are written.
    pub bytes_per_second: u64,
    /// Bytes that miss on the disk although everything that may go is gone.
    pub short: u64,
    /// Whether removing footage frees nothing.
    pub futile: bool,
    /// Bytes of protected footage on it.
    pub protected: u64,
    /// Bytes that others have put on the disk, while that makes footage go earlier.
    pub others: Option<u64>,
    /// Whether footage went before its `min_days` were over, not long ago.
    pub min_days_broken: bool,
    /// Segments on it that checks have found damaged, and that are kept.
    pub damaged: usize,
    /// How far its streams will reach.
    pub outlook: BTreeMap<StreamId, Outlook>,
    /// Frames not recorded, by stream.
    pub lost: BTreeMap<StreamId, u64>,
    /// By how much footage is dated later than it is, by stream, where it is.
    pub dated_late: BTreeMap<StreamId, Duration>,
    /// Streams that are recorded here.
    pub streams: usize,
    /// What is wrong with the recording of a stream, in words.
    pub trouble: BTreeMap<StreamId, String>,
}

impl Health {
    /// Of a volume that is not open yet.
    pub fn new(id: Option<VolumeId>, name: &str, keep_free: config::KeepFree) -> Self {
        Self(Arc::new(Mutex::new(VolumeHealth {
            id,
            name: name.to_owned(),
            path: PathBuf::new(),
            open: false,
            tried: false,
            r#use: config::VolumeUse::Record,
            managed_by_file: false,
            suspect: false,
            state: VolumeState::Missing,
            problem: Some("it is being opened".to_owned()),
            space: None,
            keep_free,
            last_round: None,
            round_began: None,
            rounds: 0,
            scrubbed: 0,
            failures: 0,
            last_failure: None,
            fault: DiskFault::Other,
            bytes_per_second: 0,
            short: 0,
            futile: false,
            protected: 0,
            others: None,
            min_days_broken: false,
            damaged: 0,
            outlook: BTreeMap::new(),
            lost: BTreeMap::new(),
            dated_late: BTreeMap::new(),
            streams: 0,
            trouble: BTreeMap::new(),
        })))
    }

    /// A copy of what is known now.
    pub fn snapshot(&self) -> VolumeHealth {
        self.lock().clone()
    }

    /// Changes what is known.
    pub fn update(&self, change: impl FnOnce(&mut VolumeHealth)) {
        change(&mut self.lock());
    }

    /// It cannot be opened.
    pub fn refused(&self, error: &OpenVolumeError) {
        self.update(|health| {
            health.tried = true;
            health.state = state_of(error);
            health.problem = Some(error.to_string());
        });
    }

    fn lock(&self) -> MutexGuard<'_, VolumeHealth> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A round that takes longer than this is stuck.
const ROUND_MAX_MICROS: i64 = 5_000_000;

impl VolumeHealth {
    /// How it stands at `now`, and what is wrong with it in words: the one answer for all who ask.
    pub fn judge(&self, now: MonoTime) -> (VolumeState, Option<String>) {
        if self.state != VolumeState::Ok && self.state != VolumeState::Degraded {
            return (self.state, self.problem.clone());
        }
        if let Some(words) = self.stuck(now) {
            return (VolumeState::Failing, Some(words));
        }
        if let Some(words) = self.space_trouble() {
            return (VolumeState::Degraded, Some(words));
        }
        if self.suspect {
            let why = self.last_failure.as_deref().unwrap_or("it did not answer");
            let words = format!("it failed, and was not written since ({why})");
            return (state_in(self.fault), Some(words));
        }
        let slow = self.state == VolumeState::Degraded;
        (self.state, if slow { self.problem.clone() } else { None })
    }

    /// What is wrong with its space, in words; the worst first.
    pub fn space_trouble(&self) -> Option<String> {
        self.shortage().or_else(|| {
            let others = self.others.map(|bytes| {
                format!(
                    "others have put {bytes} bytes on this disk: footage goes earlier to make room"
                )
            });
            let too_small = "footage goes before its min_days are over: the disk is too small for \
                             them";
            others.or_else(|| self.min_days_broken.then(|| too_small.to_owned()))
        })
    }

    /// That less is free than should be and nothing may go, in words.
    pub fn shortage(&self) -> Option<String> {
        let short = self.short;
        match (short, self.protected) {
            (0, _) => None,
            _ if self.futile => Some(format!(
                "{short} bytes are missing of what is to stay free, and removing footage frees \
                 nothing, so it stays: does the disk have snapshots that hold what was removed? \
                 Delete them, or lower keep_free"
            )),
            (_, 0) => Some(format!(
                "{short} bytes are missing of what is to stay free, and nothing that may go is \
                 left: free space on the disk, or lower keep_free"
            )),
            _ => Some(format!(
                "only protected footage is left: recording goes on into what is to stay free, of \
                 which {short} bytes are missing, and stops when that is used up: take \
                 protection away, free space on the disk, or add a volume"
            )),
        }
    }

    /// Whether it fails for some streams while others go on: the disk itself works.
    pub fn is_single_trouble(&self, now: MonoTime) -> bool {
        self.answers(now) && self.trouble.len() < self.streams
    }

    /// Whether it is open, and its disk holds nothing up, so that whoever serves other volumes too
    /// may ask it. One that fails answers: what lies there is to be moved as far as that goes.
    pub fn answers(&self, now: MonoTime) -> bool {
        self.open && self.stuck(now).is_none()
    }

    /// That the disk holds a round up, in words, while it does.
    pub fn stuck(&self, now: MonoTime) -> Option<String> {
        let micros = now.micros_since(self.round_began?);
        let seconds = micros / 1_000_000;
        (micros > ROUND_MAX_MICROS).then(|| format!("the disk has not answered for {seconds} s"))
    }
}

/// The state of a volume that fails so.
pub fn state_in(fault: DiskFault) -> VolumeState {
    match fault {
        DiskFault::ReadOnly => VolumeState::ReadOnly,
        DiskFault::NoSpace | DiskFault::Other => VolumeState::Failing,
    }
}

fn state_of(error: &OpenVolumeError) -> VolumeState {
    match error {
        OpenVolumeError::Missing { .. } => VolumeState::Missing,
        OpenVolumeError::OfAnotherArchive { .. }
        | OpenVolumeError::AnotherVolume { .. }
        | OpenVolumeError::NotEmpty { .. } => VolumeState::Foreign,
        OpenVolumeError::ReadOnly { .. } => VolumeState::ReadOnly,
        _ => VolumeState::Failing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_does_not_answer_is_failing_though_nothing_was_reported() {
        let health = Health::new(None, "disk1", config::KeepFree::Bytes(0));
        health.update(|health| {
            health.state = VolumeState::Ok;
            health.problem = None;
            health.open = true;
            health.round_began = Some(MonoTime::from_micros(1_000_000));
        });
        let answers =
            |second: i64| health.snapshot().answers(MonoTime::from_micros(second * 1_000_000));
        assert!(answers(3) && !answers(60));
        let at = |second: i64| health.snapshot().judge(MonoTime::from_micros(second * 1_000_000));
        assert_eq!(at(3), (VolumeState::Ok, None));
        let (state, words) = at(60);
        assert_eq!(state, VolumeState::Failing);
        assert!(words.expect("says why").contains("59 s"));
    }

    #[test]
    fn a_disk_that_became_read_only_is_called_so_until_it_has_shown_that_it_is_well() {
        let health = Health::new(None, "disk1", config::KeepFree::Bytes(0));
        health.update(|health| {
            (health.state, health.problem) = (VolumeState::Ok, None);
            (health.suspect, health.fault, health.open) = (true, DiskFault::ReadOnly, true);
        });
        let state = || health.snapshot().judge(MonoTime::default()).0;
        assert_eq!(state(), VolumeState::ReadOnly);
        health.update(|health| health.fault = DiskFault::Other);
        assert_eq!(state(), VolumeState::Failing);
        assert!(health.snapshot().answers(MonoTime::default()), "footage can leave it");
        health.update(|health| health.suspect = false);
        assert_eq!(state(), VolumeState::Ok);
    }
}
