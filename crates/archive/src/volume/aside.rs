//! What a repair moves: a file to where it belongs, or out of the way into
//! `holdfast-lost+found`, never away. And what lies on a volume and is not Holdfast's.

use std::io;
use std::path::{Path, PathBuf};

use world::DiskFile;

use super::{IGNORED, Volume, is_absent};
use crate::place::{DayFolder, SegmentPlace, day_of, is_name};

/// Files that a repair has moved out of the way. No name of a camera has a `+`.
pub const LOST_FOUND: &str = "holdfast-lost+found";
/// What begins with this is Holdfast's.
const OWN_PREFIX: &str = "holdfast-";
/// Names that are tried before giving up.
const TRIES_MAX: u32 = 1000;

/// Bytes that are copied at once …
const PIECE: u64 = 1 << 20;
/// … and where the disk does not give them.
const SECTOR: u64 = 4096;

impl Volume {
    /// Moves the file of `place` into [`LOST_FOUND`], durably; where it is now, below the volume.
    pub fn set_aside(&self, place: &SegmentPlace) -> io::Result<String> {
        let (to, name) = self.free_aside(place)?;
        self.rename(&place.path(&self.root)?, &to)?;
        Ok(name)
    }

    /// Copies the file of `place` into [`LOST_FOUND`], durably; where the copy is, below the
    /// volume. What the disk does not give of it is zeros in the copy.
    pub fn copy_aside(&self, place: &SegmentPlace) -> io::Result<String> {
        let (to, name) = self.free_aside(place)?;
        let from = self.disk.open(&place.path(&self.root)?, false)?;
        let copy = self.disk.create(&to)?;
        let copied = copy_readable(&*from, &*copy).and_then(|()| copy.sync_data());
        if let Err(error) = copied {
            // Half a copy is none.
            let _ = self.disk.remove_file(&to);
            return Err(error);
        }
        self.folders.sync_name(&*self.disk, &self.root, &to)?;
        Ok(name)
    }

    /// A name in [`LOST_FOUND`] that nothing has: its path, and the same below the volume.
    fn free_aside(&self, place: &SegmentPlace) -> io::Result<(PathBuf, String)> {
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        let folder = self.root.join(LOST_FOUND);
        self.disk.create_dir_all(&folder)?;
        let flat = place.relative().replace('/', "_");
        for number in 0..TRIES_MAX {
            let name = match number {
                0 => flat.clone(),
                _ => format!("{number}_{flat}"),
            };
            let to = folder.join(&name);
            match self.disk.usage(&to) {
                Ok(_) => continue,
                Err(error) if !is_absent(&error) => return Err(error),
                Err(_) => {}
            }
            return Ok((to, format!("{LOST_FOUND}/{name}")));
        }
        Err(io::Error::other(format!("{LOST_FOUND} is full of files of that name")))
    }

    /// Moves the file `name` of [`LOST_FOUND`] to `to`, where there is none, durably.
    pub fn restore(&self, name: &str, to: &SegmentPlace) -> io::Result<()> {
        self.move_to(&self.root.join(LOST_FOUND).join(name), to)
    }

    /// Moves the file of `from` to `to`, where there is none, durably.
    pub fn relocate(&self, from: &SegmentPlace, to: &SegmentPlace) -> io::Result<()> {
        self.move_to(&from.path(&self.root)?, to)
    }

    fn move_to(&self, from: &Path, to: &SegmentPlace) -> io::Result<()> {
        self.writable()?;
        self.is_there().map_err(io::Error::other)?;
        let path = to.path(&self.root)?;
        match self.disk.usage(&path) {
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if !is_absent(&error) => return Err(error),
            Err(_) => {}
        }
        self.disk.create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        self.rename(from, &path)
    }

    /// The new folder's name is durable before anything is moved into it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.folders.sync_name(&*self.disk, &self.root, to)?;
        self.disk.rename(from, to)?;
        self.folders.sync_name(&*self.disk, &self.root, to)?;
        self.disk.sync_dir(from.parent().unwrap_or(Path::new("/")))
    }

    /// What lies above the days' folders and is not Holdfast's, below the volume.
    pub fn strangers(&self) -> io::Result<Vec<String>> {
        let mut strangers = Vec::new();
        for entry in self.disk.list(&self.root)? {
            if IGNORED.contains(&entry.name.as_str()) || entry.name.starts_with(OWN_PREFIX) {
                continue;
            }
            if !entry.is_dir || !is_name(&entry.name) {
                strangers.push(entry.name);
            }
        }
        for camera_slug in self.folders_in(&self.root)? {
            let camera = self.root.join(&camera_slug);
            let own = |name: &str, is_dir| is_dir && is_name(name);
            self.strangers_in(&camera, &camera_slug, own, &mut strangers)?;
            for stream in self.folders_in(&camera)? {
                let own = |name: &str, is_dir| is_dir && day_of(name).is_some();
                let below = format!("{camera_slug}/{stream}");
                self.strangers_in(&camera.join(&stream), &below, own, &mut strangers)?;
            }
        }
        strangers.sort();
        Ok(strangers)
    }

    /// What lies in a day's folder and is no segment by its name, below the volume.
    pub fn strangers_of(&self, day: &DayFolder) -> io::Result<Vec<String>> {
        let mut strangers = Vec::new();
        let own = |name: &str, is_dir: bool| !is_dir && day.segment(name).is_some();
        self.strangers_in(&day.path(&self.root)?, &day.relative(), own, &mut strangers)?;
        strangers.sort();
        Ok(strangers)
    }

    fn strangers_in(
        &self,
        folder: &Path,
        below: &str,
        own: impl Fn(&str, bool) -> bool,
        strangers: &mut Vec<String>,
    ) -> io::Result<()> {
        let entries = match self.disk.list(folder) {
            Err(error) if is_absent(&error) => return Ok(()),
            entries => entries?,
        };
        let foreign = entries
            .into_iter()
            .filter(|entry| !own(&entry.name, entry.is_dir) && !entry.name.starts_with(OWN_PREFIX));
        strangers.extend(foreign.map(|entry| format!("{below}/{}", entry.name)));
        Ok(())
    }
}

fn copy_readable(from: &dyn DiskFile, to: &dyn DiskFile) -> io::Result<()> {
    let len = from.len()?;
    let mut at = 0;
    while at < len {
        let end = (at + PIECE).min(len);
        if !copy_piece(from, to, at, end)? {
            while at < end {
                copy_piece(from, to, at, (at + SECTOR).min(end))?;
                at += SECTOR;
            }
        }
        at = end;
    }
    to.set_len(len)
}

/// Whether the disk gave the bytes.
fn copy_piece(from: &dyn DiskFile, to: &dyn DiskFile, at: u64, end: u64) -> io::Result<bool> {
    let mut piece = vec![0; usize::try_from(end - at).map_err(io::Error::other)?];
    if from.read_exact_at(&mut piece, at).is_err() {
        return Ok(false);
    }
    to.write_all_at(&[&piece], at).map(|()| true)
}
