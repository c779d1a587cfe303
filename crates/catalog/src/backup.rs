//! Copies of a catalog while it is at work, its own word on whether it is whole, and a new one that
//! takes the place of a lost or damaged one.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use world::Disk;

use crate::catalog::Catalog;
use crate::copy::copy;
use crate::error::{BackUpError, OpenError, ReadError};
use crate::folder;
use crate::open::Options;
use crate::writer::Writer;

/// Below the catalog's folder, where a new catalog is made.
const REBUILD: &str = "rebuild";
/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];
/// Damage that is told at most.
const DAMAGE_MAX: u32 = 20;

/// What stands in a catalog's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No catalog.
    Absent,
    /// One that is whole.
    Whole,
    /// One that cannot be used, and why.
    Damaged(String),
}

impl Catalog {
    /// Copies all that is durable at one instant into the new file `to`, durably and readable by
    /// this user alone, while others read and write on.
    pub fn back_up(&self, disk: &dyn Disk, to: &Path) -> Result<(), BackUpError> {
        let file = |why| BackUpError::File { path: to.to_owned(), why };
        disk.create_private(to).map_err(file)?;
        self.readers.read("everything", |snapshot| {
            let mut target = Connection::open(to)?;
            copy(snapshot.db, &mut target)
        })?;
        disk.open(to, true).and_then(|file| file.sync_data()).map_err(file)
    }

    /// What the database finds wrong with itself; nothing: it is whole. Reads all of it.
    pub fn integrity(&self) -> Result<Vec<String>, ReadError> {
        self.readers.read("its own structure", |snapshot| integrity(snapshot.db))
    }

    /// What stands in the folder `dir`. Reads all of it.
    pub fn standing(dir: &Path) -> Standing {
        if !folder::file_in(dir).exists() {
            return Standing::Absent;
        }
        let found = match Self::open_to_read(dir) {
            Ok(catalog) => catalog.integrity().map_err(|error| error.to_string()),
            // Only an older program's; it is whole as far as anybody knows.
            Err(OpenError::Older { .. } | OpenError::Newer { .. }) => Ok(Vec::new()),
            Err(error) => Err(error.to_string()),
        };
        match found {
            Ok(found) => match found.into_iter().next() {
                None => Standing::Whole,
                Some(first) => Standing::Damaged(first),
            },
            Err(words) => Standing::Damaged(words),
        }
    }
}

fn integrity(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = db.prepare(&format!("PRAGMA quick_check({DAMAGE_MAX})"))?;
    let found: Vec<String> = check.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter(|word| word != "ok").collect())
}

/// A new catalog on its way. It is made beside the one there is, under its lock, and takes its
/// place at the end; until then that one stays as it is.
pub struct Rebuilding {
    /// Questions.
    pub catalog: Catalog,
    /// Changes.
    pub writer: Writer,
    dir: PathBuf,
    _lock: Box<dyn Send + Sync>,
}

impl Rebuilding {
    /// Begins a new catalog for the folder `dir`; what an earlier attempt left is dropped.
    pub fn begin(disk: &dyn Disk, dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let folder = |why| OpenError::Folder { dir: dir.to_owned(), why };
        disk.create_dir_all(dir).map_err(folder)?;
        let lock = folder::lock(disk, dir, &options.note)?;
        let part = dir.join(REBUILD);
        disk.create_dir_all(&part).map_err(folder)?;
        for beside in BESIDE {
            match disk.remove_file(&beside_of(&folder::file_in(&part), beside)) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(folder(why)),
                _ => {}
            }
        }
        let (catalog, writer) = Catalog::open(disk, &part, options)?;
        Ok(Self { catalog, writer, dir: dir.to_owned(), _lock: lock })
    }

    /// Puts it in its place. What stood there is kept as `catalog-<stamp>.db`; its path, where
    /// there was one.
    pub fn finish(self, disk: &dyn Disk, stamp: &str) -> Result<Option<PathBuf>, OpenError> {
        let Self { catalog, writer, dir, _lock } = self;
        let folder = |why| OpenError::Folder { dir: dir.clone(), why };
        let (part, whole) = (folder::file_in(&dir.join(REBUILD)), folder::file_in(&dir));
        let aside = dir.join(format!("catalog-{stamp}.db"));
        writer.fold().map_err(|why| OpenError::Database {
            dir: dir.clone(),
            what: "finish",
            why: why.to_string(),
        })?;
        drop((catalog, writer));
        disk.open(&part, true).and_then(|file| file.sync_data()).map_err(folder)?;
        let had_one = whole.exists();
        for beside in BESIDE {
            match disk.rename(&beside_of(&whole, beside), &beside_of(&aside, beside)) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(folder(why)),
                _ => {}
            }
        }
        disk.rename(&part, &whole).map_err(folder)?;
        disk.sync_dir(&dir).map_err(folder)?;
        // What is left there is a lock file and nothing else.
        let _ = disk.remove_file(&dir.join(REBUILD).join("lock"));
        let _ = disk.remove_dir(&dir.join(REBUILD));
        Ok(had_one.then_some(aside))
    }
}

fn beside_of(file: &Path, beside: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(beside);
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::PermissionsExt as _;

    use world::SystemDisk;

    use super::*;
    use crate::testing::{STREAM, at, camera, ground, options, sealed, segment};
    use crate::{Change, SegmentRow};

    fn row(number: u32) -> SegmentRow {
        let start = at("2026-11-22T10:00:00Z").plus_micros(i64::from(number) * 300_000_000);
        segment(number, start, start.plus_micros(300_000_000))
    }

    /// A catalog with many segments.
    fn filled(dir: &Path) -> (Catalog, Writer) {
        let (catalog, mut writer) = Catalog::open(&SystemDisk, dir, &options()).unwrap();
        writer.apply(&ground()).unwrap();
        let rows: Vec<Change> = (1..400).map(|number| sealed(row(number))).collect();
        writer.apply(&rows).unwrap();
        (catalog, writer)
    }

    #[test]
    fn a_backup_made_while_it_is_written_is_whole_and_restored_by_copying() {
        let dir = tempfile::tempdir().unwrap();
        let (catalog, mut writer) = filled(&dir.path().join("one"));
        let copy = dir.path().join("copy.db");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                (400..500).for_each(|number| writer.apply(&[sealed(row(number))]).unwrap())
            });
            catalog.back_up(&SystemDisk, &copy).unwrap();
        });
        assert!(catalog.back_up(&SystemDisk, &copy).is_err(), "nothing is overwritten");
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let other = dir.path().join("other");
        std::fs::create_dir(&other).unwrap();
        std::fs::rename(&copy, folder::file_in(&other)).unwrap();
        assert_eq!(Catalog::standing(&other), Standing::Whole);
        let (restored, _writer) = Catalog::open(&SystemDisk, &other, &options()).unwrap();
        assert_eq!(restored.cameras().unwrap(), [camera()]);
        let segments = restored.totals(STREAM).unwrap().segments;
        assert!((399..500).contains(&segments), "{segments}");
        assert_eq!(restored.wrong_sums(STREAM).unwrap(), [""; 0], "one instant, not several");
    }

    #[test]
    fn a_damaged_database_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let (catalog, writer) = filled(dir.path());
        writer.fold().unwrap();
        drop((catalog, writer));
        assert_eq!(Catalog::standing(dir.path()), Standing::Whole);
        let file = folder::file_in(dir.path());
        let whole = std::fs::read(&file).unwrap();
        let mut said = 0;
        for page in 0..whole.len() / 4096 {
            let mut spoiled = whole.clone();
            spoiled[page * 4096..page * 4096 + 512].fill(0xa5);
            std::fs::write(&file, &spoiled).unwrap();
            let Standing::Damaged(words) = Catalog::standing(dir.path()) else {
                // A page of an index's leaves may read as rows that are there.
                continue;
            };
            said += 1;
            let opened = Catalog::open(&SystemDisk, dir.path(), &options()).map(|_| ());
            if let Err(error) = opened {
                let advice = error.to_string();
                assert!(advice.contains("holdfast rebuild"), "page {page}: {advice}; {words}");
            }
        }
        assert!(said > 10, "{said} of {} pages", whole.len() / 4096);
    }

    #[test]
    fn a_new_catalog_takes_the_place_of_the_old_one_which_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (catalog, writer) = filled(dir.path());
        let busy = Rebuilding::begin(&SystemDisk, dir.path(), &options()).map(|_| ());
        assert!(matches!(busy, Err(OpenError::Locked { .. })), "a server uses it");
        drop((catalog, writer));
        let abandoned = Rebuilding::begin(&SystemDisk, dir.path(), &options()).unwrap();
        drop(abandoned);
        let mut rebuilding = Rebuilding::begin(&SystemDisk, dir.path(), &options()).unwrap();
        rebuilding.writer.apply(&ground()).unwrap();
        let kept = rebuilding.finish(&SystemDisk, "2026").unwrap().unwrap();
        let (new, _writer) = Catalog::open(&SystemDisk, dir.path(), &options()).unwrap();
        assert_eq!(new.totals(STREAM).unwrap().segments, 0);
        let old = Connection::open(kept).unwrap();
        let count: i64 =
            old.query_row("SELECT count(*) FROM segment", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 399);
        assert!(!dir.path().join(REBUILD).exists());
    }
}
