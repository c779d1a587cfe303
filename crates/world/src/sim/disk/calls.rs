//! The calls of a simulated disk: the same as the real one's.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{SimDisk, State};
use crate::clock::Clock;
use crate::disk::{Disk, DiskFile, Entry, LockHeld, Space, Usage};
use crate::sim::fault::Operation;
use crate::sim::tree::{self, Dir, File, Node, Shared, node};

impl SimDisk {
    fn handle(&self, path: &Path, file: Shared<File>, write: bool) -> Arc<dyn DiskFile> {
        let (disk, path) = (self.clone(), path.to_owned());
        Arc::new(SimFile { boot: self.0.state().boot, disk, path, file, write })
    }
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
            let freed = node(&file).allocated();
            state.used = state.used.saturating_sub(freed);
            if let (Some(after), Some(clock)) = (state.frees_after, &state.clock) {
                let until = clock.mono() + after;
                state.held.push((until, freed));
            }
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
            let (dir, name) = tree::parent(&state.root, from)?;
            let (other, new) = tree::parent(&state.root, to)?;
            if from.parent() == to.parent() {
                node(&dir).rename(name, new)?;
            } else {
                // Journals keep both names or move the file, and never lose it between two folders.
                let file = tree::file(&state.root, from)?;
                node(&other).add(new, Node::File(file));
                node(&other).sync();
                node(&dir).remove(name);
            }
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
            let (total, available) = (state.capacity, state.free());
            Ok(Space { total, available, free: state.free_with_reserve() })
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

    /// The kernel drops what it could not write, and says so once.
    fn unless_dropped(&self, written: io::Result<()>) -> io::Result<()> {
        if written.is_err() && self.disk.0.state().check(Some(self.boot)).is_ok() {
            node(&self.file).sync_failed();
        }
        written
    }

    /// Writes as much of `bytes` as there is space for.
    fn put(state: &mut State, file: &mut File, offset: u64, mut bytes: Vec<u8>) -> io::Result<()> {
        let room = (file.allocated() + state.free()).saturating_sub(offset);
        let fits = bytes.len() as u64 <= room;
        bytes.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        state.resize(file, |file| file.write(offset, &bytes));
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

    fn start_write_out(&self) {}

    fn finish_write_out(&self) -> io::Result<()> {
        let out = self.call(Operation::WriteOut, |_, _| Ok(()));
        self.unless_dropped(out)
    }

    fn sync_data(&self) -> io::Result<()> {
        let synced = self.call(Operation::SyncData, |_, file| {
            file.sync();
            Ok(())
        });
        self.unless_dropped(synced)
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
