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
///
/// What is durable follows from what is seen: [`File::crash`] takes back the changes that were not
/// synced, and then lets some of them through.
#[derive(Default)]
pub(super) struct File {
    pub live: Vec<u8>,
    /// What changed since the last sync, in order; longer where a sync has failed.
    changes: Vec<Change>,
    pub reserved: u64,
}

/// One change, and how to take it back.
struct Change {
    what: What,
    fate: Fate,
    len_before: usize,
    /// The bytes that it replaced or cut off.
    before: Vec<u8>,
}

#[derive(Clone, Copy)]
enum What {
    Write { offset: usize, len: usize },
    SetLen(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Not synced: a power cut decides.
    Open,
    /// Its sync has failed: it is seen until the power goes, and never becomes durable.
    Doomed,
    /// Durable, beside others that are doomed.
    Durable,
}

impl File {
    pub fn allocated(&self) -> u64 {
        (self.live.len() as u64).max(self.reserved).next_multiple_of(BLOCK)
    }

    pub fn write(&mut self, offset: usize, bytes: &[u8]) {
        let (len, end) = (self.live.len(), offset + bytes.len());
        let before = self.live[offset.min(len)..end.min(len)].to_vec();
        self.changed(What::Write { offset, len: bytes.len() }, before);
        put(&mut self.live, offset, bytes);
    }

    pub fn set_len(&mut self, len: usize) {
        let before = self.live[len.min(self.live.len())..].to_vec();
        self.changed(What::SetLen(len), before);
        self.live.resize(len, 0);
        self.live.shrink_to_fit();
        self.reserved = self.reserved.min(len as u64);
    }

    fn changed(&mut self, what: What, before: Vec<u8>) {
        self.changes.push(Change { what, fate: Fate::Open, len_before: self.live.len(), before });
    }

    pub fn sync(&mut self) {
        let open = self.changes.iter_mut().filter(|change| change.fate == Fate::Open);
        open.for_each(|change| change.fate = Fate::Durable);
        if self.changes.iter().all(|change| change.fate == Fate::Durable) {
            self.changes.clear();
        }
    }

    pub fn sync_failed(&mut self) {
        let open = self.changes.iter_mut().filter(|change| change.fate == Fate::Open);
        open.for_each(|change| change.fate = Fate::Doomed);
    }

    fn crash(&mut self, random: &mut Random) {
        let mut undone = Vec::with_capacity(self.changes.len());
        for change in std::mem::take(&mut self.changes).into_iter().rev() {
            let (at, bytes) = match change.what {
                What::Write { offset, len } => (offset, self.live[offset..offset + len].to_vec()),
                What::SetLen(len) => (len, Vec::new()),
            };
            self.live.resize(change.len_before, 0);
            let at = at.min(change.len_before);
            self.live[at..at + change.before.len()].copy_from_slice(&change.before);
            undone.push((change.what, change.fate, bytes));
        }
        for (what, fate, bytes) in undone.into_iter().rev() {
            match (what, fate) {
                (_, Fate::Doomed) => {}
                (What::Write { offset, .. }, Fate::Open) => self.tear(offset, &bytes, random),
                (What::Write { offset, .. }, Fate::Durable) => put(&mut self.live, offset, &bytes),
                (What::SetLen(_), Fate::Open) if random.chance(50) => {}
                (What::SetLen(len), _) => self.live.resize(len, 0),
            }
        }
        self.reserved = 0;
    }

    /// An un-synced write: lost, whole, or some of its sectors.
    fn tear(&mut self, offset: usize, bytes: &[u8], random: &mut Random) {
        match random.below(4) {
            0 => return,
            1 => return put(&mut self.live, offset, bytes),
            _ => {}
        }
        let end = offset + bytes.len();
        if random.chance(50) && self.live.len() < end {
            // The length reached the disk and the data did not.
            self.live.resize(end, 0);
        }
        let mut at = offset;
        while at < end {
            let next = (at / SECTOR + 1).saturating_mul(SECTOR).min(end);
            if random.chance(50) {
                put(&mut self.live, at, &bytes[at - offset..next - offset]);
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
