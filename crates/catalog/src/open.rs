//! Opening a catalog: lock, version, backup, migration; or one in memory for the simulation.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::ArchiveId;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension};
use rusqlite_migration::M;
use world::Disk;

use crate::catalog::{Catalog, Revision};
use crate::change::Change;
use crate::copy::{Saved, copy};
use crate::counting::{self, SharedZone, Zone};
use crate::error::OpenError;
use crate::folder::{Failing, check_version, file_in, keep_private, lock};
use crate::migration::{self, Hold, OwedBackUp};
use crate::readers::{Location, Readers};
use crate::schema;
use crate::settled::left_open;
use crate::tail::Tail;
use crate::writer::{Owed, Writer};

/// How a catalog is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where days are to be cut. After a change they are cut anew by what [`Writer::take_owed`]
    /// gives.
    pub time_zone: TimeZone,
    /// Cap of the cache of segment indexes, in bytes.
    pub index_cache_bytes: u64,
    /// The identity of the archive, where this makes a new one.
    pub new_archive: ArchiveId,
    /// What this process writes about itself into the lock, such as its command.
    pub note: String,
}

impl Catalog {
    /// Opens the catalog in the folder `dir` (made where it is missing) for reading and writing,
    /// under an exclusive lock. An older one is migrated; what may wait is left to whoever asks
    /// [`Writer::take_owed`]. `disk` must be the real one, for SQLite knows no other.
    pub fn open(
        disk: &dyn Disk,
        dir: &Path,
        options: &Options,
    ) -> Result<(Self, Writer), OpenError> {
        Self::open_with(disk, dir, options, schema::versions())
    }

    pub(crate) fn open_with(
        disk: &dyn Disk,
        dir: &Path,
        options: &Options,
        versions: Vec<M<'static>>,
    ) -> Result<(Self, Writer), OpenError> {
        let folder = |why| OpenError::Folder { dir: dir.to_owned(), why };
        disk.create_dir_all(dir).map_err(folder)?;
        let lock = lock(disk, dir, &options.note)?;
        let file = file_in(dir);
        keep_private(disk, &file).map_err(folder)?;
        let failed = Failing(dir);
        let location = Location::File(file);
        let mut connection = location.connect(true).map_err(|why| failed.database("open", &why))?;
        schema::prepare_writer(&connection).map_err(|why| failed.database("set up", &why))?;
        let owed = migration::bring_up(disk, dir, &mut connection, versions)?;
        disk.sync_dir(dir).map_err(folder)?;
        // The folder's own name, where it is new. Not every parent can be opened, and one that was
        // there before needs it not.
        let _ = dir.parent().map(|parent| disk.sync_dir(parent));
        Self::assemble(connection, location, owed, Some(lock), options)
            .map_err(|why| failed.database("read", &why))
    }

    /// Opens the catalog in the folder `dir` for reading only, beside a server that runs or
    /// without one: nothing of segments that grow is seen.
    pub fn open_to_read(dir: &Path) -> Result<Self, OpenError> {
        let location = Location::File(file_in(dir));
        let failed = Failing(dir);
        if !file_in(dir).exists() {
            return Err(OpenError::Missing { dir: dir.to_owned() });
        }
        let connection = location.connect(false).map_err(|why| failed.database("open", &why))?;
        schema::prepare_reader(&connection).map_err(|why| failed.database("set up", &why))?;
        let known = schema::versions().len();
        let found = check_version(&connection, dir, known)?;
        if (found as usize) < known {
            return Err(OpenError::Older { dir: dir.to_owned(), found });
        }
        let (archive, zone) =
            archive_row(&connection).map_err(|why| failed.database("read", &why))?;
        let zone = SharedZone::new(TimeZone::get(&zone).unwrap_or(TimeZone::UTC));
        let readers = Arc::new(Readers::new(location));
        let (tail, revision) = (Tail::default(), Revision::default());
        Ok(Self { readers, tail, archive, zone, revision })
    }

    /// A new catalog in memory, for the simulation and tests. What its writer has applied is
    /// durable: [`Writer::save`] keeps it, [`Catalog::restore`] starts from it.
    pub fn memory(options: &Options) -> Result<(Self, Writer), OpenError> {
        Self::in_memory(options, |_| Ok(()))
    }

    /// A catalog in memory that starts from what was durable in another, with an empty tail.
    pub fn restore(saved: &Saved, options: &Options) -> Result<(Self, Writer), OpenError> {
        Self::in_memory(options, |connection| copy(&saved.0, connection))
    }

    fn in_memory(
        options: &Options,
        fill: impl FnOnce(&mut Connection) -> rusqlite::Result<()>,
    ) -> Result<(Self, Writer), OpenError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("/holdfast-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let failed = Failing(Path::new("memory"));
        let location = Location::Memory(format!("file:{name}?vfs=memdb"));
        let mut connection = location.connect(true).map_err(|why| failed.database("open", &why))?;
        fill(&mut connection).map_err(|why| failed.database("restore", &why))?;
        schema::prepare_writer(&connection).map_err(|why| failed.database("set up", &why))?;
        schema::migrate(&mut connection, schema::versions())
            .map_err(|why| failed.database("migrate", &why))?;
        Self::assemble(connection, location, None, None, options)
            .map_err(|why| failed.database("read", &why))
    }

    fn assemble(
        mut connection: Connection,
        location: Location,
        owed: Option<(OwedBackUp, Hold)>,
        lock: Option<Box<dyn Send + Sync>>,
        options: &Options,
    ) -> rusqlite::Result<(Self, Writer)> {
        let wanted = Zone(options.time_zone.clone());
        let (archive, cut_in) = settle_archive(&mut connection, &wanted, options.new_archive)?;
        let recut = cut_in.name() != wanted.name();
        let changes = recut.then_some(Change::CutDays(wanted.0)).into_iter().collect();
        let (back_up, hold) = owed.unzip();
        let owed = Owed { back_up, changes };
        let (tail, zone) = (Tail::default(), SharedZone::new(cut_in.0));
        left_open(&connection)?.into_iter().for_each(|segment| tail.left(segment));
        let readers = Arc::new(Readers::new(location));
        let (shared_tail, shared_zone) = (tail.clone(), zone.clone());
        let writer =
            Writer::new(connection, zone, tail, options.index_cache_bytes, owed, hold, lock);
        let revision = writer.revision();
        let catalog = Self { readers, tail: shared_tail, archive, zone: shared_zone, revision };
        Ok((catalog, writer))
    }
}

/// The archive's id, made where there is none, and where its days are cut.
fn settle_archive(
    connection: &mut Connection,
    wanted: &Zone,
    new: ArchiveId,
) -> rusqlite::Result<(ArchiveId, Zone)> {
    let transaction = connection.transaction()?;
    let known = archive_row(&transaction).optional()?;
    if known.is_none() {
        transaction.execute(
            "INSERT INTO archive (only_row, id, time_zone) VALUES (1, ?1, ?2)",
            (new.as_bytes(), wanted.name()),
        )?;
    }
    let (archive, cut_in) = known.unwrap_or_else(|| (new, wanted.name()));
    let mut zone = wanted.0.clone();
    if cut_in != wanted.name() {
        match TimeZone::get(&cut_in) {
            Ok(still) => zone = still,
            // Nobody can say any more what that zone was: nothing could be counted in it.
            Err(_) => counting::cut_days(&transaction, wanted)?,
        }
    }
    transaction.commit()?;
    Ok((archive, Zone(zone)))
}

/// The archive's id and time zone.
fn archive_row(connection: &Connection) -> rusqlite::Result<(ArchiveId, String)> {
    connection.query_row("SELECT id, time_zone FROM archive", [], |row| {
        Ok((ArchiveId::from_bytes(row.get(0)?), row.get(1)?))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::PermissionsExt as _;

    use world::SystemDisk;

    use super::*;
    use crate::testing::{STREAM, at, camera, ground, options, sealed, segment};

    #[test]
    fn what_was_applied_is_there_after_opening_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/catalog");
        let (catalog, mut writer) = Catalog::open(&SystemDisk, &path, &options()).unwrap();
        assert_eq!(catalog.archive(), options().new_archive);
        writer.apply(&ground()).unwrap();
        drop((catalog, writer));
        let other = Options { new_archive: ArchiveId::from_bytes([9; 16]), ..options() };
        let (catalog, _writer) = Catalog::open(&SystemDisk, &path, &other).unwrap();
        assert_eq!(catalog.archive(), options().new_archive, "it is made once");
        assert_eq!(catalog.cameras().unwrap(), [camera()]);
        let mode = std::fs::metadata(file_in(&path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_second_process_is_told_who_was_first_and_may_read() {
        let dir = tempfile::tempdir().unwrap();
        let (_catalog, mut writer) = Catalog::open(&SystemDisk, dir.path(), &options()).unwrap();
        writer.apply(&ground()).unwrap();
        match Catalog::open(&SystemDisk, dir.path(), &options()).map(|_| ()) {
            Err(OpenError::Locked { by, .. }) => assert!(by.contains("test"), "{by}"),
            other => panic!("{other:?}"),
        }
        let reader = Catalog::open_to_read(dir.path()).unwrap();
        assert_eq!(reader.cameras().unwrap(), [camera()]);
        drop(writer);
        assert!(Catalog::open(&SystemDisk, dir.path(), &options()).is_ok(), "the lock went too");
    }

    #[test]
    fn reading_needs_a_catalog() {
        let dir = tempfile::tempdir().unwrap();
        let error = Catalog::open_to_read(dir.path()).map(|_| ()).unwrap_err();
        assert!(matches!(error, OpenError::Missing { .. }), "{error}");
    }

    #[test]
    fn days_are_cut_anew_in_another_time_zone() {
        let dir = tempfile::tempdir().unwrap();
        let (catalog, mut writer) = Catalog::open(&SystemDisk, dir.path(), &options()).unwrap();
        writer.apply(&ground()).unwrap();
        let row = segment(1, at("2026-11-22T23:30:00Z"), at("2026-11-22T23:35:00Z"));
        writer.apply(&[sealed(row)]).unwrap();
        let days = |catalog: &Catalog| -> Vec<String> {
            let days = catalog.days(STREAM).unwrap();
            days.into_iter().map(|day| day.day.to_string()).collect()
        };
        assert_eq!(days(&catalog), ["2026-11-23"], "in Berlin");
        drop((catalog, writer));
        let new_york = TimeZone::get("America/New_York").unwrap();
        let options = Options { time_zone: new_york.clone(), ..options() };
        let (catalog, mut writer) = Catalog::open(&SystemDisk, dir.path(), &options).unwrap();
        let owed = writer.take_owed();
        assert_eq!(days(&catalog), ["2026-11-23"], "until somebody has the time for it");
        let early = segment(2, at("2026-11-22T22:00:00Z"), at("2026-11-22T22:05:00Z"));
        writer.apply(&[sealed(early)]).unwrap();
        assert_eq!(days(&catalog), ["2026-11-22", "2026-11-23"], "in Berlin, the new one too");
        writer.apply(&owed.changes).unwrap();
        assert_eq!((days(&catalog), catalog.time_zone()), (vec!["2026-11-22".into()], new_york));
        assert_eq!(catalog.wrong_sums(STREAM).unwrap(), [""; 0]);
        let next = segment(3, at("2026-11-23T04:30:00Z"), at("2026-11-23T04:35:00Z"));
        writer.apply(&[sealed(next)]).unwrap();
        assert_eq!(days(&catalog), ["2026-11-22"], "that is half past eleven");
        drop((catalog, writer));
        let (_, mut writer) = Catalog::open(&SystemDisk, dir.path(), &options).unwrap();
        assert!(writer.take_owed().changes.is_empty());
        assert_eq!(days(&Catalog::open_to_read(dir.path()).unwrap()), ["2026-11-22"]);
    }
}
