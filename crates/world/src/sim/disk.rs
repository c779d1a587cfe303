//! A disk in memory that can lose power, fill up, fail and stall.

mod calls;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::MonoTime;

use super::clock::SimClock;
use super::fault::{Effect, Failure, Fault, Operation};
use super::random::Random;
use super::tree::{self, Dir, File, Node, Shared, node};
use crate::clock::Clock;

/// A simulated disk; clones share it. It starts with an empty root folder.
///
/// What was not synced when [`SimDisk::power_cut`] comes is lost, kept or torn, each write and
/// each name by itself. Handles and locks from before a cut fail ever after.
#[derive(Clone)]
pub struct SimDisk(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    root: Shared<Dir>,
    capacity: u64,
    others: u64,
    used: u64,
    /// After how long what was removed is free; `None`: at once.
    frees_after: Option<Duration>,
    /// Bytes that were removed and are free from then on.
    held: Vec<(MonoTime, u64)>,
    /// Counts starts: a handle of an earlier one is dead.
    boot: u64,
    off: bool,
    /// The disk is not there: unplugged, or its controller has given up.
    gone: bool,
    fuse: Option<u64>,
    changes: u64,
    calls: BTreeMap<Operation, u64>,
    read_only: bool,
    faults: Vec<Fault>,
    /// How many calls a rule has let fail.
    failed: u64,
    /// The last of them.
    failure: Option<Failure>,
    sync_time: Duration,
    clock: Option<SimClock>,
    locks: BTreeMap<PathBuf, (u64, String)>,
    locks_taken: u64,
}

impl SimDisk {
    /// A disk of 1 TiB.
    pub fn new() -> Self {
        Self::with_capacity(1 << 40)
    }

    /// A disk of `capacity` bytes.
    pub fn with_capacity(capacity: u64) -> Self {
        let state = State {
            root: Shared::default(),
            capacity,
            others: 0,
            used: 0,
            frees_after: None,
            held: Vec::new(),
            boot: 0,
            off: false,
            gone: false,
            fuse: None,
            changes: 0,
            calls: BTreeMap::new(),
            read_only: false,
            faults: Vec::new(),
            failed: 0,
            failure: None,
            sync_time: Duration::ZERO,
            clock: None,
            locks: BTreeMap::new(),
            locks_taken: 0,
        };
        Self(Arc::new(Inner { state: Mutex::new(state), changed: Condvar::new() }))
    }

    /// The clock that slow calls move.
    pub fn set_clock(&self, clock: SimClock) {
        self.0.state().clock = Some(clock);
    }

    /// What a sync of a file takes where no rule says otherwise, on the disk's clock.
    pub fn set_sync_time(&self, time: Duration) {
        self.0.state().sync_time = time;
    }

    /// Lets others fill `bytes` of the disk, as far as there is room: nobody can take more.
    pub fn set_others(&self, bytes: u64) {
        let mut state = self.0.state();
        state.others = bytes;
        state.leave_room();
    }

    /// Lets others fill the disk until `bytes` are left.
    pub fn leave_free(&self, bytes: u64) {
        let mut state = self.0.state();
        state.others = state.capacity.saturating_sub(state.used).saturating_sub(bytes);
    }

    /// Frees what is removed only `after` so long, on the disk's clock: as some file systems do,
    /// or, where that is very long, one with a snapshot. `None`: at once, with all that was held.
    pub fn set_frees_after(&self, after: Option<Duration>) {
        let mut state = self.0.state();
        state.frees_after = after;
        state.held.retain(|_| after.is_some());
    }

    /// Refuses every change, as a file system mounted read-only does.
    pub fn set_read_only(&self, read_only: bool) {
        self.0.state().read_only = read_only;
    }

    /// Adds a rule; the first that hits a call decides.
    pub fn add_fault(&self, fault: Fault) {
        self.0.state().faults.push(fault);
    }

    /// Drops all rules and lets hanging calls go on.
    pub fn clear_faults(&self) {
        self.0.state().faults.clear();
        self.0.changed.notify_all();
    }

    /// How many calls have changed the disk so far, or tried to.
    pub fn changes(&self) -> u64 {
        self.0.state().changes
    }

    /// How many calls of `operation` there were so far, failed ones too.
    pub fn calls(&self, operation: Operation) -> u64 {
        self.0.state().calls.get(&operation).copied().unwrap_or_default()
    }

    /// How many calls a rule has let fail so far.
    pub fn failed(&self) -> u64 {
        self.0.state().failed
    }

    /// The last call that a rule has let fail.
    pub fn failure(&self) -> Option<Failure> {
        self.0.state().failure.clone()
    }

    /// Whether the power has failed: see [`SimDisk::fail_power_after`].
    pub fn is_off(&self) -> bool {
        self.0.state().off
    }

    /// The disk is not there any more, as one that was unplugged: what was not synced is lost,
    /// kept or torn, open files fail ever after, and there is an empty folder where it was.
    pub fn vanish(&self, random: &mut Random) {
        let mut state = self.0.state();
        node(&state.root).crash(random);
        state.recount();
        // Files that were removed and are back take what others had not synced.
        state.leave_room();
        state.restart();
        state.gone = true;
        drop(state);
        self.0.changed.notify_all();
    }

    /// The disk is there again, with what was durable on it.
    pub fn come_back(&self) {
        self.0.state().gone = false;
    }

    /// After `changes` more changing calls the power fails: the next one is left un-synced and
    /// returns an error, as does everything until [`SimDisk::power_cut`] brings the power back.
    pub fn fail_power_after(&self, changes: u64) {
        self.0.state().fuse = Some(changes);
    }

    /// Cuts the power and brings it back: what was not synced is lost, kept or torn.
    pub fn power_cut(&self, random: &mut Random) {
        let mut state = self.0.state();
        node(&state.root).crash(random);
        state.recount();
        // Files that were removed and are back take what others had not synced.
        state.leave_room();
        state.restart();
        drop(state);
        self.0.changed.notify_all();
    }

    /// Ends the process that used the disk: handles and locks are gone, nothing else is.
    pub fn kill(&self) {
        self.0.state().restart();
        self.0.changed.notify_all();
    }

    /// One call: faults, power and permissions first, then `body`.
    fn call<T>(
        &self,
        operation: Operation,
        path: &Path,
        boot: Option<u64>,
        body: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.0.enter(operation, path, boot)?;
        if !operation.changes() {
            return body(&mut state);
        }
        if state.read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        state.changes += 1;
        match state.fuse {
            Some(0) => {
                state.off = true;
                let is_sync = matches!(operation, Operation::SyncData | Operation::SyncDir);
                let done = (!is_sync).then(|| body(&mut state));
                // The guard of a lock that was just taken wants the state when it goes.
                drop(state);
                drop(done);
                Err(power_off())
            }
            fuse => {
                state.fuse = fuse.map(|left| left - 1);
                body(&mut state)
            }
        }
    }
}

impl Default for SimDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(
        &self,
        operation: Operation,
        path: &Path,
        boot: Option<u64>,
    ) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        *state.calls.entry(operation).or_default() += 1;
        state.check(boot)?;
        let text = path.to_string_lossy();
        let effect = state.faults.iter_mut().find_map(|fault| fault.hit(operation, &text));
        let now = state.clock.as_ref().map(Clock::wall).unwrap_or_default();
        if let (None, Some(failure)) = (effect, &mut state.failure)
            && (failure.operation, &*failure.path) == (operation, path)
        {
            failure.mended.get_or_insert(now);
        }
        let usual = (operation == Operation::SyncData).then_some(Effect::Slow(state.sync_time));
        match effect.or(usual) {
            Some(Effect::Fail(kind)) => {
                state.failed += 1;
                state.failure =
                    Some(Failure { operation, path: path.to_owned(), at: now, mended: None });
                Err(io::Error::new(kind, "simulated fault"))
            }
            Some(Effect::Slow(time)) => {
                if let Some(clock) = &state.clock {
                    clock.advance(time);
                }
                Ok(state)
            }
            Some(Effect::Hang) => {
                let since = state.boot;
                let hangs = |s: &mut State| !s.faults.is_empty() && s.boot == since;
                let waited = self.changed.wait_while(state, hangs);
                let state = waited.unwrap_or_else(PoisonError::into_inner);
                state.check(boot.or(Some(since)))?;
                Ok(state)
            }
            None => Ok(state),
        }
    }
}

impl State {
    fn check(&self, boot: Option<u64>) -> io::Result<()> {
        if self.off || boot.is_some_and(|boot| boot != self.boot) {
            return Err(power_off());
        }
        // The folder that the disk was mounted on is empty.
        if self.gone { Err(io::ErrorKind::NotFound.into()) } else { Ok(()) }
    }

    fn restart(&mut self) {
        self.boot += 1;
        self.off = false;
        self.fuse = None;
        self.locks.clear();
    }

    fn recount(&mut self) {
        let used = node(&self.root).allocated();
        self.used = used;
    }

    /// Others hold no more than there is beside what is used.
    fn leave_room(&mut self) {
        self.others = self.others.min(self.capacity.saturating_sub(self.used));
    }

    fn free(&self) -> u64 {
        self.free_with_reserve().saturating_sub(self.capacity)
    }

    /// The same, with as much as the whole disk that is kept back, which others may fill.
    fn free_with_reserve(&self) -> u64 {
        let now = self.clock.as_ref().map(|clock| clock.mono());
        let held = self.held.iter().filter(|(until, _)| now.is_some_and(|now| now < *until));
        let held: u64 = held.map(|(_, bytes)| bytes).sum();
        let taken = self.used.saturating_add(self.others).saturating_add(held);
        self.capacity.saturating_mul(2).saturating_sub(taken)
    }

    /// Changes a file by `change`, and the count of used bytes by what that takes.
    fn resize(&mut self, file: &mut File, change: impl FnOnce(&mut File)) {
        let before = file.allocated();
        change(file);
        self.used = (self.used + file.allocated()).saturating_sub(before);
    }

    fn create(&mut self, path: &Path) -> io::Result<Shared<File>> {
        let (dir, name) = tree::parent(&self.root, path)?;
        let mut dir = node(&dir);
        if dir.live.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = Shared::<File>::default();
        dir.add(name, Node::File(file.clone()));
        Ok(file)
    }
}

fn power_off() -> io::Error {
    io::Error::other("the power was cut, or the disk is gone")
}
