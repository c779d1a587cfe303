//! A disk in memory that can lose power, fill up, fail and stall.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::clock::SimClock;
use super::fault::{Effect, Fault, Operation};
use super::random::Random;
use super::tree::{self, Dir, File, Node, Shared, node};
use crate::disk::{Disk, DiskFile, Entry, LockHeld, Space, Usage};

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
    /// Counts starts: a handle of an earlier one is dead.
    boot: u64,
    off: bool,
    fuse: Option<u64>,
    changes: u64,
    read_only: bool,
    faults: Vec<Fault>,
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
            boot: 0,
            off: false,
            fuse: None,
            changes: 0,
            read_only: false,
            faults: Vec::new(),
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

    /// Lets others fill `bytes` of the disk.
    pub fn set_others(&self, bytes: u64) {
        self.0.state().others = bytes;
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
        state.restart();
        drop(state);
        self.0.changed.notify_all();
    }

    /// Ends the process that used the disk: handles and locks are gone, nothing else is.
    pub fn kill(&self) {
        self.0.state().restart();
        self.0.changed.notify_all();
    }

    fn boot(&self) -> u64 {
        self.0.state().boot
    }

    fn handle(&self, path: &Path, file: Shared<File>, write: bool) -> Arc<dyn DiskFile> {
        let (disk, path) = (self.clone(), path.to_owned());
        Arc::new(SimFile { boot: self.boot(), disk, path, file, write })
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
                if !matches!(operation, Operation::SyncData | Operation::SyncDir) {
                    let _ = body(&mut state);
                }
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
        state.check(boot)?;
        let text = path.to_string_lossy();
        let effect = state.faults.iter_mut().find_map(|fault| fault.hit(operation, &text));
        match effect {
            Some(Effect::Fail(kind)) => Err(io::Error::new(kind, "simulated fault")),
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
        Ok(())
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

    fn free(&self) -> u64 {
        self.capacity.saturating_sub(self.used).saturating_sub(self.others)
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
    io::Error::other("the power was cut")
}

impl Disk for SimDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.call(Operation::Create, path, None, |state| state.create(path))?;
        Ok(self.handle(path, file, true))
    }

    fn create_private(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.create(path)
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.call(Operation::Open, path, None, |state| {
            if write && state.read_only {
                return Err(io::ErrorKind::ReadOnlyFilesystem.into());
            }
            tree::file(&state.root, path)
        })?;
        Ok(self.handle(path, file, write))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.call(Operation::CreateDir, path, None, |state| {
            let mut at = state.root.clone();
            for name in tree::names(path)? {
                let next = node(&at).live.get(name).cloned();
                at = match next {
                    Some(Node::Dir(dir)) => dir,
                    Some(Node::File(_)) => return Err(io::ErrorKind::AlreadyExists.into()),
                    None => {
                        let dir = Shared::<Dir>::default();
                        node(&at).add(name, Node::Dir(dir.clone()));
                        dir
                    }
                };
            }
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.call(Operation::SyncDir, path, None, |state| {
            node(&tree::dir(&state.root, path)?).sync();
            Ok(())
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.call(Operation::List, path, None, |state| {
            let dir = tree::dir(&state.root, path)?;
            let entry = |(name, child): (&String, &Node)| Entry {
                name: name.clone(),
                is_dir: matches!(child, Node::Dir(_)),
            };
            let entries = node(&dir).live.iter().map(entry).collect();
            Ok(entries)
        })
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.call(Operation::RemoveFile, path, None, |state| {
            let file = tree::file(&state.root, path)?;
            let (dir, name) = tree::parent(&state.root, path)?;
            node(&dir).remove(name);
            state.used = state.used.saturating_sub(node(&file).allocated());
            Ok(())
        })
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.call(Operation::RemoveDir, path, None, |state| {
            if !node(&tree::dir(&state.root, path)?).live.is_empty() {
                return Err(io::ErrorKind::DirectoryNotEmpty.into());
            }
            let (dir, name) = tree::parent(&state.root, path)?;
            node(&dir).remove(name);
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(Operation::Rename, from, None, |state| {
            if from.parent() != to.parent() {
                return Err(io::ErrorKind::CrossesDevices.into());
            }
            let (dir, name) = tree::parent(&state.root, from)?;
            let (_, new) = tree::parent(&state.root, to)?;
            node(&dir).rename(name, new)?;
            state.recount();
            Ok(())
        })
    }

    fn usage(&self, path: &Path) -> io::Result<Usage> {
        self.call(Operation::Space, path, None, |state| {
            let file = tree::file(&state.root, path)?;
            let file = node(&file);
            Ok(Usage { len: file.live.len() as u64, allocated: file.allocated() })
        })
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        self.call(Operation::Space, path, None, |state| {
            tree::dir(&state.root, path)?;
            Ok(Space { total: state.capacity, available: state.free() })
        })
    }

    fn lock(&self, path: &Path, note: &str) -> io::Result<Box<dyn Send + Sync>> {
        self.call(Operation::Lock, path, None, |state| {
            if let Some((_, by)) = state.locks.get(path) {
                let by = by.clone();
                return Err(io::Error::new(io::ErrorKind::WouldBlock, LockHeld { by }));
            }
            match state.create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            state.locks_taken += 1;
            let id = state.locks_taken;
            state.locks.insert(path.to_owned(), (id, format!("process 0 ({note})")));
            let guard = SimLock { disk: self.clone(), path: path.to_owned(), id };
            Ok(Box::new(guard) as Box<dyn Send + Sync>)
        })
    }
}

struct SimLock {
    disk: SimDisk,
    path: PathBuf,
    id: u64,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.disk.0.state();
        if state.locks.get(&self.path).is_some_and(|(id, _)| *id == self.id) {
            state.locks.remove(&self.path);
        }
    }
}

struct SimFile {
    disk: SimDisk,
    path: PathBuf,
    file: Shared<File>,
    write: bool,
    boot: u64,
}

impl SimFile {
    fn call<T>(
        &self,
        operation: Operation,
        body: impl FnOnce(&mut State, &mut File) -> io::Result<T>,
    ) -> io::Result<T> {
        if operation.changes() && !self.write && operation != Operation::SyncData {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let body = |state: &mut State| body(state, &mut node(&self.file));
        self.disk.call(operation, &self.path, Some(self.boot), body)
    }

    /// Writes as much of `bytes` as there is space for.
    fn put(state: &mut State, file: &mut File, offset: u64, mut bytes: Vec<u8>) -> io::Result<()> {
        let room = (file.allocated() + state.free()).saturating_sub(offset);
        let fits = bytes.len() as u64 <= room;
        bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        state.resize(file, |file| file.write(offset, bytes));
        if fits { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }
}

impl DiskFile for SimFile {
    fn write_all_at(&self, pieces: &[&[u8]], offset: u64) -> io::Result<()> {
        let bytes = pieces.concat();
        let half = bytes[..bytes.len() / 2].to_vec();
        let call =
            self.call(Operation::Write, |state, file| Ok(Self::put(state, file, offset, bytes)));
        match call {
            Ok(written) => written,
            Err(error) => {
                let mut state = self.disk.0.state();
                if state.check(Some(self.boot)).is_ok() && self.write && !state.read_only {
                    Self::put(&mut state, &mut node(&self.file), offset, half)?;
                }
                Err(error)
            }
        }
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.call(Operation::Read, |_, file| {
            let start = usize::try_from(offset).map_err(io::Error::other)?;
            let end = start.saturating_add(buffer.len());
            let bytes = file.live.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?;
            buffer.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.call(Operation::Read, |_, file| Ok(file.live.len() as u64))
    }

    fn sync_data(&self) -> io::Result<()> {
        let synced = self.call(Operation::SyncData, |_, file| {
            file.sync();
            Ok(())
        });
        if synced.is_err() && self.disk.0.state().check(Some(self.boot)).is_ok() {
            node(&self.file).sync_failed();
        }
        synced
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.call(Operation::SetLen, |state, file| {
            let len = usize::try_from(len).map_err(io::Error::other)?;
            state.resize(file, |file| file.set_len(len));
            Ok(())
        })
    }

    fn reserve(&self, len: u64) -> io::Result<()> {
        self.call(Operation::Reserve, |state, file| {
            let more = len.saturating_sub(file.allocated());
            if more > state.free() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.resize(file, |file| file.reserved = file.reserved.max(len));
            Ok(())
        })
    }
}
