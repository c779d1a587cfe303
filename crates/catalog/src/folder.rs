//! The catalog's folder: what lies where in it, whose it is, and what is said when it is of no use.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use world::{Disk, LockHeld};

use crate::error::{OpenError, is_damage};
use crate::schema;

/// The database file.
const FILE: &str = "catalog.db";

/// The database file of the catalog in the folder `dir`.
pub(crate) fn file_in(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

pub(crate) fn lock(
    disk: &dyn Disk,
    dir: &Path,
    note: &str,
) -> Result<Box<dyn Send + Sync>, OpenError> {
    disk.lock(&dir.join("lock"), note).map_err(|why| match LockHeld::of(&why) {
        Some(held) => OpenError::Locked { dir: dir.to_owned(), by: held.by.clone() },
        None => OpenError::Folder { dir: dir.to_owned(), why },
    })
}

/// Makes the database file where there is none, readable for this user only: it holds the
/// passwords of cameras.
pub(crate) fn keep_private(disk: &dyn Disk, file: &Path) -> io::Result<()> {
    match disk.create_private(file) {
        Err(why) if why.kind() != io::ErrorKind::AlreadyExists => Err(why),
        _ => Ok(()),
    }
}

/// The version of a database that is no newer than the `known` ones.
pub(crate) fn check_version(
    connection: &Connection,
    dir: &Path,
    known: usize,
) -> Result<u32, OpenError> {
    let found = schema::version(connection).map_err(|why| Failing(dir).database("read", &why))?;
    let known = u32::try_from(known).expect("versions are written by hand");
    match found > known {
        true => Err(OpenError::Newer { dir: dir.to_owned(), found, known }),
        false => Ok(found),
    }
}

/// Words errors of opening what is in a folder.
pub(crate) struct Failing<'a>(pub(crate) &'a Path);

impl Failing<'_> {
    pub(crate) fn database(&self, what: &'static str, why: &dyn std::fmt::Display) -> OpenError {
        let (dir, why) = (self.0.to_owned(), why.to_string());
        match is_damage(&why) {
            true => OpenError::Damaged { dir, why },
            false => OpenError::Database { dir, what, why },
        }
    }
}
