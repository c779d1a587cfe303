//! Files and folders of a simulated disk: what programs see, what is durable, and the changes in
//! between, any of which a power cut may lose, keep or tear.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::random::Random;

/// A disk writes this much or nothing.
const SECTOR: usize = 512;
/// Space is given out in blocks of this size.
const BLOCK: u64 = 4096;

pub(super) type Shared<T> = Arc<Mutex<T>>;

/// The node behind `shared`. The disk's own lock is always held, so this never waits.
pub(super) fn node<T>(shared: &Shared<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone)]
pub(super) enum Node {
    File(Shared<File>),
    Dir(Shared<Dir>),
}

/// A file. It stays readable through its handles after its last name is gone.
#[derive(Default)]
pub(super) struct File {
    pub live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<Change>,
    pub reserved: u64,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

impl File {
    pub fn allocated(&self) -> u64 {
        (self.live.len() as u64).max(self.reserved).next_multiple_of(BLOCK)
    }

    pub fn write(&mut self, offset: usize, bytes: Vec<u8>) {
        put(&mut self.live, offset, &bytes);
        self.pending.push(Change::Write { offset, bytes });
    }

    pub fn set_len(&mut self, len: usize) {
        self.live.resize(len, 0);
        self.reserved = self.reserved.min(len as u64);
        self.pending.push(Change::SetLen(len));
    }

    pub fn sync(&mut self) {
        for change in self.pending.drain(..) {
            match change {
                Change::Write { offset, bytes } => put(&mut self.durable, offset, &bytes),
                Change::SetLen(len) => self.durable.resize(len, 0),
            }
        }
    }

    /// A failed sync: what it was to write is seen until the power goes, and never becomes durable.
    pub fn sync_failed(&mut self) {
        self.pending.clear();
    }

    fn crash(&mut self, random: &mut Random) {
        for change in std::mem::take(&mut self.pending) {
            match change {
                Change::Write { offset, bytes } => self.tear(offset, &bytes, random),
                Change::SetLen(len) if random.chance(50) => self.durable.resize(len, 0),
                Change::SetLen(_) => {}
            }
        }
        self.live.clone_from(&self.durable);
        self.reserved = 0;
    }

    /// An un-synced write: lost, whole, or some of its sectors.
    fn tear(&mut self, offset: usize, bytes: &[u8], random: &mut Random) {
        match random.below(4) {
            0 => return,
            1 => return put(&mut self.durable, offset, bytes),
            _ => {}
        }
        let end = offset + bytes.len();
        if random.chance(50) && self.durable.len() < end {
            // The length reached the disk and the data did not.
            self.durable.resize(end, 0);
        }
        let mut at = offset;
        while at < end {
            let next = (at / SECTOR + 1).saturating_mul(SECTOR).min(end);
            if random.chance(50) {
                put(&mut self.durable, at, &bytes[at - offset..next - offset]);
            }
            at = next;
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

/// A folder.
#[derive(Default)]
pub(super) struct Dir {
    pub live: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    pending: Vec<DirChange>,
}

#[derive(Clone)]
enum DirChange {
    Add(String, Node),
    Remove(String),
    Rename(String, String, Node),
}

impl DirChange {
    fn apply(self, names: &mut BTreeMap<String, Node>) {
        match self {
            Self::Add(name, node) => {
                names.insert(name, node);
            }
            Self::Remove(name) => {
                names.remove(&name);
            }
            Self::Rename(from, to, node) => {
                names.remove(&from);
                names.insert(to, node);
            }
        }
    }
}

impl Dir {
    pub fn add(&mut self, name: &str, node: Node) {
        self.change(DirChange::Add(name.to_owned(), node));
    }

    pub fn remove(&mut self, name: &str) {
        self.change(DirChange::Remove(name.to_owned()));
    }

    pub fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let node = self.live.get(from).cloned().ok_or(io::ErrorKind::NotFound)?;
        self.change(DirChange::Rename(from.to_owned(), to.to_owned(), node));
        Ok(())
    }

    fn change(&mut self, change: DirChange) {
        change.clone().apply(&mut self.live);
        self.pending.push(change);
    }

    pub fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.durable);
        }
    }

    /// Loses some of the names that were not synced, and what was below them.
    pub fn crash(&mut self, random: &mut Random) {
        for change in std::mem::take(&mut self.pending) {
            if random.chance(50) {
                change.apply(&mut self.durable);
            }
        }
        for child in self.durable.values() {
            match child {
                Node::File(file) => node(file).crash(random),
                Node::Dir(dir) => node(dir).crash(random),
            }
        }
        self.live.clone_from(&self.durable);
    }

    pub fn allocated(&self) -> u64 {
        let of = |child: &Node| match child {
            Node::File(file) => node(file).allocated(),
            Node::Dir(dir) => node(dir).allocated(),
        };
        self.live.values().map(of).sum()
    }
}

/// The folder above `path`, and the last name of it.
pub(super) fn parent<'p>(root: &Shared<Dir>, path: &'p Path) -> io::Result<(Shared<Dir>, &'p str)> {
    let name =
        path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok((dir(root, path.parent().unwrap_or(Path::new("/")))?, name))
}

/// The folder at `path`.
pub(super) fn dir(root: &Shared<Dir>, path: &Path) -> io::Result<Shared<Dir>> {
    let mut at = root.clone();
    for name in names(path)? {
        let next = node(&at).live.get(name).cloned();
        at = match next {
            Some(Node::Dir(dir)) => dir,
            Some(Node::File(_)) => return Err(io::ErrorKind::NotADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        };
    }
    Ok(at)
}

/// The file at `path`.
pub(super) fn file(root: &Shared<Dir>, path: &Path) -> io::Result<Shared<File>> {
    let (dir, name) = parent(root, path)?;
    let found = node(&dir).live.get(name).cloned();
    match found {
        Some(Node::File(file)) => Ok(file),
        Some(Node::Dir(_)) => Err(io::ErrorKind::IsADirectory.into()),
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

/// The names that lead from the root to `path`, which must be absolute.
pub(super) fn names(path: &Path) -> io::Result<Vec<&str>> {
    if !path.is_absolute() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => {
                names.push(name.to_str().ok_or(io::ErrorKind::InvalidFilename)?);
            }
            Component::RootDir => {}
            _ => return Err(io::ErrorKind::InvalidInput.into()),
        }
    }
    Ok(names)
}
