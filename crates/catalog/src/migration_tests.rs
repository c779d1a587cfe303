//! Older catalogs: what they are while they are migrated and copied, wherever that is cut short.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite_migration::M;
use world::{Disk, DiskFile, Entry, Space, SystemDisk, Usage};

use crate::error::OpenError;
use crate::folder::file_in;
use crate::migration::backup_path;
use crate::testing::{STREAM, at, camera, ground, id, index, options, segment, video};
use crate::{BackUpError, Catalog, Change, OwedBackUp, SegmentRow, SegmentTrack, Writer, schema};

fn known() -> u32 {
    u32::try_from(schema::versions().len()).unwrap()
}

/// What a program has that is newer by so many versions.
fn newer(by: usize) -> Vec<M<'static>> {
    let more = [
        "ALTER TABLE camera ADD COLUMN note TEXT NOT NULL DEFAULT 'none';",
        "CREATE TABLE more (a INTEGER) STRICT;",
    ];
    schema::versions().into_iter().chain(more.into_iter().take(by).map(M::up)).collect()
}

fn row(number: u32) -> SegmentRow {
    let start = at("2026-11-22T10:00:00Z").plus_micros(i64::from(number) * 300_000_000);
    let track = SegmentTrack { params: video(), totals: index(start).tracks[0].totals() };
    SegmentRow { tracks: vec![track], ..segment(number, start, start.plus_micros(300_000_000)) }
}

fn rows(numbers: std::ops::Range<u32>) -> Vec<Change> {
    let sealed = |row: SegmentRow| {
        let index = Some(index(row.start).pack());
        Change::SegmentSealed { row, index, activity: None }
    };
    numbers.map(|number| sealed(row(number))).collect()
}

/// A catalog of today's version with 300 segments, of a process that was killed.
fn today(dir: &Path) {
    let (scratch, dir) = (tempfile::tempdir().unwrap(), dir.to_owned());
    let (_catalog, mut writer) = Catalog::open(&SystemDisk, scratch.path(), &options()).unwrap();
    writer.apply(&ground()).unwrap();
    writer.apply(&rows(0..300)).unwrap();
    as_killed(scratch.path(), &dir);
}

/// What a kill would leave just now.
fn as_killed(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        // The log's index is made anew.
        if !entry.file_name().to_str().unwrap().ends_with("-shm") {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Opens it as a newer program does; what is owed then.
fn open(dir: &Path, by: usize) -> (Catalog, Writer, Option<OwedBackUp>) {
    open_on(&SystemDisk, dir, by).unwrap()
}

fn open_on(
    disk: &dyn Disk,
    dir: &Path,
    by: usize,
) -> Result<(Catalog, Writer, Option<OwedBackUp>), OpenError> {
    let (catalog, mut writer) = Catalog::open_with(disk, dir, &options(), newer(by))?;
    let owed = writer.take_owed().back_up;
    Ok((catalog, writer, owed))
}

/// The version of the database file, without its log.
fn version_of_file(dir: &Path) -> u32 {
    let uri = format!("file:{}?immutable=1", file_in(dir).display());
    schema::version(&Connection::open(uri).unwrap()).unwrap()
}

fn part(dir: &Path) -> PathBuf {
    dir.join(format!("catalog-v{}.part", known()))
}

/// The copy is what `today` has made, and the program of today takes it.
fn check_copy(dir: &Path) {
    let path = backup_path(dir, known());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let scratch = tempfile::tempdir().unwrap();
    fs::copy(&path, file_in(scratch.path())).unwrap();
    let (catalog, mut writer) = Catalog::open(&SystemDisk, scratch.path(), &options()).unwrap();
    assert!(writer.take_owed().back_up.is_none());
    assert_eq!(catalog.integrity().unwrap(), [""; 0]);
    assert_eq!(catalog.cameras().unwrap(), [camera()]);
    assert_eq!(catalog.totals(STREAM).unwrap().segments, 300);
    assert_eq!(catalog.segment(id(123)).unwrap(), Some(row(123)));
    assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
    // The cache is left out, and fills again.
    assert_eq!(catalog.index(id(299)).unwrap(), None);
    writer.apply(&rows(300..301)).unwrap();
    assert!(catalog.index(id(300)).unwrap().is_some());
    assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
}

#[test]
fn a_catalog_of_today_owes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    today(dir.path());
    assert!(open(dir.path(), 0).2.is_none());
    assert!(!backup_path(dir.path(), known()).exists() && !part(dir.path()).exists());
}

#[test]
fn an_older_catalog_is_migrated_at_once_and_copied_while_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    today(dir.path());
    let (catalog, mut writer, owed) = open(dir.path(), 1);
    let owed = owed.unwrap();
    assert_eq!((owed.version(), version_of_file(dir.path())), (known(), known()));
    let file = fs::read(file_in(dir.path())).unwrap();
    // More than a log may hold otherwise.
    (300..900).for_each(|number| writer.apply(&rows(number..number + 1)).unwrap());
    assert!(file == fs::read(file_in(dir.path())).unwrap(), "the file stays as it was");
    assert_eq!(catalog.totals(STREAM).unwrap().segments, 900);
    assert_eq!(owed.make(&SystemDisk).unwrap(), backup_path(dir.path(), known()));
    check_copy(dir.path());
    assert!(!part(dir.path()).exists());
    writer.apply(&rows(900..901)).unwrap();
    drop((catalog, writer));
    assert_eq!(version_of_file(dir.path()), known() + 1, "the log went into the file");
    let (catalog, _writer, owed) = open(dir.path(), 1);
    assert!(owed.is_none());
    assert_eq!(catalog.totals(STREAM).unwrap().segments, 901);
}

#[test]
fn a_copy_that_was_cut_short_is_made_by_the_next_process_or_the_one_after() {
    let first = tempfile::tempdir().unwrap();
    today(first.path());
    // Before the migration.
    drop(SystemDisk.create_private(&part(first.path())).unwrap());
    let (_catalog, mut writer, owed) = open(first.path(), 1);
    assert!(owed.is_some());
    writer.apply(&rows(300..320)).unwrap();
    // While it was copied.
    fs::write(part(first.path()), [7; 5000]).unwrap();
    let second = tempfile::tempdir().unwrap();
    as_killed(first.path(), second.path());
    let (catalog, mut writer, owed) = open(second.path(), 1);
    assert!(owed.is_some() && !backup_path(second.path(), known()).exists());
    writer.apply(&rows(320..340)).unwrap();
    // An orderly end, before it was made: not even that touches the file.
    drop((catalog, writer, owed));
    assert_eq!(version_of_file(second.path()), known());
    // A reader beside, or without a server, neither.
    let reader = Catalog::open_to_read(second.path()).map(|_| ());
    assert!(matches!(reader, Err(OpenError::Newer { .. })));
    assert_eq!(version_of_file(second.path()), known());
    // Meanwhile there is a newer program still.
    let (catalog, _writer, owed) = open(second.path(), 2);
    assert_eq!(catalog.totals(STREAM).unwrap().segments, 340);
    let owed = owed.unwrap();
    assert_eq!(owed.version(), known());
    owed.make(&SystemDisk).unwrap();
    check_copy(second.path());
}

#[test]
fn where_another_program_has_touched_the_file_it_goes_on_without_a_copy() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    today(dir.path());
    let opened = open(dir.path(), 1);
    as_killed(dir.path(), other.path());
    let folding = Connection::open(file_in(other.path())).unwrap();
    assert!(schema::fold(&folding).unwrap());
    drop((opened, folding));
    let (catalog, _writer, owed) = open(other.path(), 1);
    assert!(owed.is_none() && !part(other.path()).exists());
    assert_eq!(catalog.totals(STREAM).unwrap().segments, 300);
    assert!(!backup_path(other.path(), known()).exists(), "not one of something else");
}

#[test]
fn while_somebody_reads_it_the_copy_is_made_before_the_migration() {
    let dir = tempfile::tempdir().unwrap();
    today(dir.path());
    let reader = Connection::open(file_in(dir.path())).unwrap();
    let reading = reader.unchecked_transaction().unwrap();
    schema::version(&reading).unwrap();
    let count: i64 =
        reading.query_row("SELECT count(*) FROM segment", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 300);
    let (_catalog, writer, owed) = open(dir.path(), 1);
    assert!(owed.is_none() && !part(dir.path()).exists());
    check_copy(dir.path());
    drop((reading, writer));
}

#[test]
fn a_disk_without_room_for_a_copy_keeps_nobody_from_recording() {
    let dir = tempfile::tempdir().unwrap();
    today(dir.path());
    let full = Sick { available: 1 << 20, ..Sick::default() };
    let (catalog, _writer, owed) = open_on(&full, dir.path(), 1).unwrap();
    assert!(owed.is_none() && !part(dir.path()).exists());
    assert_eq!(catalog.totals(STREAM).unwrap().segments, 300);
}

#[test]
fn a_copy_that_fails_is_given_up_and_the_log_folded() {
    let dir = tempfile::tempdir().unwrap();
    today(dir.path());
    let sick = Sick { renames: false, ..Sick::default() };
    let (catalog, mut writer, owed) = open_on(&sick, dir.path(), 1).unwrap();
    let failed = owed.unwrap().make(&sick);
    assert!(matches!(failed, Err(BackUpError::File { .. })), "{failed:?}");
    assert!(!backup_path(dir.path(), known()).exists() && !part(dir.path()).exists());
    writer.apply(&rows(300..301)).unwrap();
    drop((catalog, writer));
    assert_eq!(version_of_file(dir.path()), known() + 1);
}

#[test]
fn a_newer_catalog_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), 1));
    let error = Catalog::open(&SystemDisk, dir.path(), &options()).map(|_| ()).unwrap_err();
    let by_one = matches!(error, OpenError::Newer { found, .. } if found == known() + 1);
    assert!(by_one, "{error}");
    assert!(error.to_string().contains("use the newer program"), "{error}");
    assert!(Catalog::open_to_read(dir.path()).is_err());
    assert!(open_on(&SystemDisk, dir.path(), 1).is_ok());
}

#[test]
fn a_migration_that_fails_leaves_the_old_catalog_and_is_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    today(dir.path());
    let mut versions = schema::versions();
    versions.push(M::up("CREATE TABLE half (a INTEGER) STRICT; CREATE TABLE camera (a);"));
    let failed = Catalog::open_with(&SystemDisk, dir.path(), &options(), versions);
    assert!(matches!(failed, Err(OpenError::Database { what: "migrate", .. })));
    let reader = Catalog::open_to_read(dir.path()).unwrap();
    assert_eq!(reader.totals(STREAM).unwrap().segments, 300);
    drop(reader);
    open(dir.path(), 1).2.unwrap().make(&SystemDisk).unwrap();
    check_copy(dir.path());
}

/// The real disk, but for what it refuses.
struct Sick {
    available: u64,
    renames: bool,
}

impl Default for Sick {
    fn default() -> Self {
        Self { available: 1 << 40, renames: true }
    }
}

impl Disk for Sick {
    fn space(&self, _: &Path) -> io::Result<Space> {
        Ok(Space { total: 1 << 40, available: self.available, free: self.available })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.renames { SystemDisk.rename(from, to) } else { Err(io::Error::other("no")) }
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        SystemDisk.create(path)
    }

    fn create_private(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        SystemDisk.create_private(path)
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Arc<dyn DiskFile>> {
        SystemDisk.open(path, write)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        SystemDisk.create_dir_all(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        SystemDisk.sync_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        SystemDisk.list(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove_dir(path)
    }

    fn usage(&self, path: &Path) -> io::Result<Usage> {
        SystemDisk.usage(path)
    }

    fn lock(&self, path: &Path, note: &str) -> io::Result<Box<dyn Send + Sync>> {
        SystemDisk.lock(path, note)
    }
}
