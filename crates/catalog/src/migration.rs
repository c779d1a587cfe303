//! An older catalog becomes one of today, while recording begins.
//!
//! A migration is one transaction, and its cost does not grow with the archive. What grows is the
//! copy of what stood there before; so that nobody waits for it, it is made afterwards, of the
//! database file itself: the migration is in the log beside it (SQLite's WAL), which is not moved
//! into the file before the copy is made.
//!
//! ```text
//! log folded into the file → empty `catalog-v<n>.part`, durable → migration, in the log
//!   → recording → the file, as it was, copied → `catalog-v<n>.db` → the log may be folded again
//! ```
//!
//! Whoever finds the `.part` of an older version at a start, the file still being of that version,
//! goes on with the copy.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite_migration::M;
use world::Disk;

use crate::copy::copy_what_lasts;
use crate::error::{BackUpError, OpenError, ReadError, advised};
use crate::folder::{Failing, check_version, file_in, keep_private};
use crate::schema;

/// Space that is left to others, beside what a copy takes.
const ROOM_LEFT: u64 = 64 << 20;
/// Pages of the log after which SQLite moves it into the database file: its own default.
const FOLD_PAGES: u32 = 1000;

/// The copy of a catalog as it was before a migration, which is still to be made. Until it is made
/// or given up, changes stay in the log beside the database file. Dropping it leaves it to the next
/// start.
#[must_use = "until the copy is made, the log beside the database grows"]
pub struct OwedBackUp {
    dir: PathBuf,
    version: u32,
    over: Arc<AtomicBool>,
}

impl OwedBackUp {
    /// The schema version of what is to be copied.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Makes the copy, durably, while others read and write on; where it is then. It is readable by
    /// this user alone, and leaves the cache of indexes out. When it fails, it is given up.
    pub fn make(self, disk: &dyn Disk) -> Result<PathBuf, BackUpError> {
        // Without its log the file is what it was before.
        let made = copy_to(disk, &without_log(&self.dir), &self.dir, self.version);
        self.over.store(true, Ordering::Release);
        made
    }
}

/// Keeps the log from being folded into the database file, as long as the copy is owed.
pub(crate) struct Hold(Arc<AtomicBool>);

impl Hold {
    fn take(connection: &Connection) -> rusqlite::Result<Self> {
        fold_by_itself(connection, false)?;
        Ok(Self(Arc::default()))
    }

    /// Whether the copy is made or given up.
    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Lets the log be folded again.
    pub(crate) fn end(connection: &Connection) -> rusqlite::Result<()> {
        fold_by_itself(connection, true)
    }
}

fn fold_by_itself(connection: &Connection, does: bool) -> rusqlite::Result<()> {
    let pages = if does { FOLD_PAGES } else { 0 };
    connection.pragma_update_and_check(None, "wal_autocheckpoint", pages, |_| Ok(()))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !does)?;
    Ok(())
}

/// Brings the catalog in `dir` up to the last of `versions`; what is owed for it.
pub(crate) fn bring_up(
    disk: &dyn Disk,
    dir: &Path,
    connection: &mut Connection,
    versions: Vec<M<'static>>,
) -> Result<Option<(OwedBackUp, Hold)>, OpenError> {
    let found = check_version(connection, dir, versions.len())?;
    let mut owed = owed_before(disk, dir, connection, found)?;
    if owed.is_none() && found > 0 && (found as usize) < versions.len() {
        owed = begin(disk, dir, connection, found)?;
    }
    let failed = |why: rusqlite_migration::Error| Failing(dir).database("migrate", &why);
    schema::migrate(connection, versions).map_err(failed)?;
    Ok(owed)
}

/// What an earlier process owed when it ended, after it had migrated the catalog to `now`.
fn owed_before(
    disk: &dyn Disk,
    dir: &Path,
    connection: &Connection,
    now: u32,
) -> Result<Option<(OwedBackUp, Hold)>, OpenError> {
    let folder = |why| OpenError::Folder { dir: dir.to_owned(), why };
    let mut owed = None;
    for version in (1..now).filter(|version| part_of(dir, *version).exists()) {
        if version_of_file(dir).is_ok_and(|still| still == version) {
            owed = Some(owe(dir, connection, version)?);
        } else {
            without_copy(version, &"another program has changed the database meanwhile");
            remove(disk, &part_of(dir, version)).map_err(folder)?;
        }
    }
    Ok(owed)
}

/// Readies a catalog of an older version for its migration.
fn begin(
    disk: &dyn Disk,
    dir: &Path,
    connection: &Connection,
    version: u32,
) -> Result<Option<(OwedBackUp, Hold)>, OpenError> {
    let folder = |why| OpenError::Folder { dir: dir.to_owned(), why };
    let failed = |why: rusqlite::Error| Failing(dir).database("back up", &why);
    let cache = schema::cache_bytes(connection).map_err(failed)?;
    if let Err(why) = room(disk, dir, cache) {
        without_copy(version, &why);
        return Ok(None);
    }
    if !schema::fold(connection).map_err(failed)? {
        // Somebody reads it just now, so that the file alone is not all: the copy comes first.
        if let Err(why) = copy_to(disk, &uri(&file_in(dir)), dir, version) {
            without_copy(version, &why);
        }
        return Ok(None);
    }
    emptied(disk, &part_of(dir, version)).map_err(folder)?;
    disk.sync_dir(dir).map_err(folder)?;
    tracing::info!(version, "the catalog is of an older version: it is migrated");
    owe(dir, connection, version).map(Some)
}

fn owe(dir: &Path, connection: &Connection, version: u32) -> Result<(OwedBackUp, Hold), OpenError> {
    let hold = Hold::take(connection).map_err(|why| Failing(dir).database("set up", &why))?;
    Ok((OwedBackUp { dir: dir.to_owned(), version, over: hold.0.clone() }, hold))
}

fn without_copy(version: u32, why: &dyn std::fmt::Display) {
    tracing::error!(
        version,
        "there is no copy of the catalog as it was before its migration ({why}): to go back to an \
         older program, let that one's `holdfast rebuild` make a catalog from the footage"
    );
}

/// Whether there is room for a copy, which leaves `cache` bytes out.
fn room(disk: &dyn Disk, dir: &Path, cache: u64) -> io::Result<()> {
    let bytes = disk.usage(&file_in(dir))?.len.saturating_sub(cache);
    let free = disk.space(dir)?.available;
    match free.checked_sub(ROOM_LEFT).is_some_and(|free| free >= bytes) {
        true => Ok(()),
        false => Err(io::Error::other(format!("it takes {bytes} bytes, and {free} are free"))),
    }
}

/// Copies the database that `old` names to `catalog-v<version>.db`.
fn copy_to(disk: &dyn Disk, old: &str, dir: &Path, version: u32) -> Result<PathBuf, BackUpError> {
    let (part, whole) = (part_of(dir, version), backup_path(dir, version));
    let made = (|| {
        let file = |why| BackUpError::File { path: part.clone(), why };
        emptied(disk, &part).map_err(file)?;
        let copied = copy_what_lasts(old, &part)
            .map_err(|why| ReadError { what: "everything", why: advised(&why) })?;
        if copied != version {
            let other = format!("the database is of version {copied} already");
            return Err(file(io::Error::other(other)));
        }
        disk.open(&part, true).and_then(|file| file.sync_data()).map_err(file)?;
        disk.rename(&part, &whole).map_err(file)?;
        disk.sync_dir(dir).map_err(file)
    })();
    if made.is_err() {
        // It would be taken for one that is still to be made. Where even this fails, the next
        // start finds that the file has changed, and says so.
        let _ = remove(disk, &part);
    }
    made.map(|()| whole)
}

/// Makes a file empty that may be there already: at no moment is it missing.
fn emptied(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    keep_private(disk, path)?;
    disk.open(path, true)?.set_len(0)
}

fn remove(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
        _ => Ok(()),
    }
}

/// Where the copy of a version is.
pub(crate) fn backup_path(dir: &Path, version: u32) -> PathBuf {
    dir.join(format!("catalog-v{version}.db"))
}

/// Where it is while it is owed.
fn part_of(dir: &Path, version: u32) -> PathBuf {
    dir.join(format!("catalog-v{version}.part"))
}

/// The version of the database file by itself, without the log beside it.
fn version_of_file(dir: &Path) -> rusqlite::Result<u32> {
    schema::version(&Connection::open(without_log(dir))?)
}

/// The database file by itself, without the log beside it.
fn without_log(dir: &Path) -> String {
    uri(&file_in(dir)) + "&immutable=1"
}

/// A database file as SQLite wants to be told of it, for further parameters.
fn uri(file: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in file.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            other => uri += &format!("%{other:02x}"),
        }
    }
    uri + "?mode=ro"
}
